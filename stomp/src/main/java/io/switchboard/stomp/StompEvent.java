package io.switchboard.stomp;

import org.jspecify.annotations.Nullable;

/// What a [StompConnection] tells its owner. Sealed: a new event breaks every switch, on purpose.
public sealed interface StompEvent {

    NeedBytes NEED_BYTES = new NeedBytes();
    HeartbeatReceived HEARTBEAT_RECEIVED = new HeartbeatReceived();
    HeartbeatDue HEARTBEAT_DUE = new HeartbeatDue();
    NothingDue NOTHING_DUE = new NothingDue();
    PeerOverdue PEER_OVERDUE = new PeerOverdue();

    /// A whole frame. Its headers may be kept; its body is a view that is good until the next call.
    record FrameReceived(StompFrame frame) implements StompEvent {}

    /// One line end between frames. Before the version is settled they are skipped without a word.
    record HeartbeatReceived() implements StompEvent {}

    /// All that was received is used up, and the buffer belongs to its owner again.
    record NeedBytes() implements StompEvent {}

    /// The peer broke the protocol or passed a limit. The last event but `NeedBytes`: whatever
    /// comes after it is read and dropped, so that the ERROR can leave before the socket closes.
    ///
    /// @param rule what was expected; short and stable
    /// @param found what came instead, and what to do where we know
    /// @param receipt the `receipt` of the frame, when it was read before the violation
    record Violation(Kind kind, String rule, String found, @Nullable String receipt)
            implements StompEvent {

        public enum Kind {
            MALFORMED,
            HEADER_COUNT,
            HEADER_BYTES,
            BODY_LENGTH,
            BEFORE_CONNECTED;

            /// True for a limit of [StompLimits], false for what is wrong at any size.
            public boolean limit() {
                return this != MALFORMED;
            }
        }
    }

    /// It is time to send one LF, unless a frame is about to leave anyway.
    record HeartbeatDue() implements StompEvent {}

    /// The peer promised heart-beats and missed two in a row. Told once in each silence: where the
    /// transport can ask for a sign of life it is time to, as a browser's page in the background
    /// sends its heart-beats late and yet is there.
    record PeerOverdue() implements StompEvent {}

    /// The peer promised heart-beats and missed three in a row. Told once.
    record PeerSilent(long nanosSinceLastByte) implements StompEvent {}

    /// The deadline has moved since it was asked for.
    record NothingDue() implements StompEvent {}
}
