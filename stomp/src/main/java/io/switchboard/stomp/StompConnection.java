package io.switchboard.stomp;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/// One side of a STOMP connection: the decoder of what the peer sends, the version, and the clock
/// of the heart-beats. It does not know sessions or subscriptions, sends nothing, and reads no
/// clock. Owned by the connection's event loop.
///
/// The one rule of use: after [#receive], call [#next] until it answers `NeedBytes`; until then the
/// bytes are borrowed. An idle connection owns no buffer.
///
/// The grammar, and where we read more or less than it says, stand in `FrameDecoder`.
public final class StompConnection {

    private final FrameDecoder decoder;
    private @Nullable HeartbeatClock clock;

    private StompConnection(StompLimits limits, boolean server) {
        decoder = new FrameDecoder(limits, server);
    }

    /// The server's side: reads what a client sends.
    public static StompConnection server(StompLimits limits) {
        return new StompConnection(limits, true);
    }

    /// The client's side: reads what a server sends.
    public static StompConnection client(StompLimits limits) {
        return new StompConnection(limits, false);
    }

    /// Lends bytes, which are a life sign of the peer. The buffer's position moves as they are
    /// read. Bytes of an earlier call that are still unread come first.
    public void receive(ByteBuffer bytes, long nowNanos) {
        if (clock != null && bytes.hasRemaining()) {
            clock.received(nowNanos);
        }
        decoder.receive(bytes);
    }

    /// The next thing that the bytes say.
    public StompEvent next() {
        return decoder.next();
    }

    /// Copies what is still unread, so that its owner has the buffer back: for a session that must
    /// wait for a decision before it reads its next frame. Whoever waits does not read its socket.
    public void keepUnread() {
        decoder.keepUnread();
    }

    /// Memory of what has come of a frame that is not complete, and of what is unread.
    public int bytesHeld() {
        return decoder.bytesHeld();
    }

    /// Nothing is held of what has come, and what still comes is dropped.
    public void forget() {
        decoder.forget();
    }

    /// The version that CONNECT and CONNECTED settled, for the frames after them, those of the same
    /// buffer too. Ends the stricter bound on what comes before.
    public void version(StompVersion negotiated) {
        decoder.version(negotiated);
        if (!negotiated.heartbeats()) {
            clock = null;
        }
    }

    /// The settled version, or null before CONNECTED.
    public @Nullable StompVersion version() {
        return decoder.version();
    }

    /// Starts the clock, after [#version]. A 1.0 session has no heart-beats, whatever is asked.
    ///
    /// @param outgoingPeriodNanos what this side promised, 0 for nothing
    /// @param incomingPeriodNanos what the peer promised, 0 for nothing
    public void heartbeats(long outgoingPeriodNanos, long incomingPeriodNanos, long nowNanos) {
        if (outgoingPeriodNanos < 0 || incomingPeriodNanos < 0) {
            throw new IllegalArgumentException(
                    "expected periods of 0 or more but was "
                            + outgoingPeriodNanos
                            + " and "
                            + incomingPeriodNanos);
        }
        StompVersion settled = decoder.version();
        if (settled == null) {
            throw new IllegalStateException(
                    "cannot start heart-beats before the version is settled");
        }
        boolean none = outgoingPeriodNanos == 0 && incomingPeriodNanos == 0;
        clock =
                none || !settled.heartbeats()
                        ? null
                        : new HeartbeatClock(outgoingPeriodNanos, incomingPeriodNanos, nowNanos);
    }

    /// The owner wrote bytes, which are a life sign to the peer.
    public void sent(long nowNanos) {
        if (clock != null) {
            clock.sent(nowNanos);
        }
    }

    /// The peer gave a sign of life that is no STOMP, or was not listened to and so is not to be
    /// called silent.
    ///
    /// @param atNanos when; may be earlier than what is known already
    public void heard(long atNanos) {
        if (clock != null) {
            clock.received(atNanos);
        }
    }

    /// When [#onDeadline] has something to say, or `Long.MAX_VALUE` for never. Compare it to a now
    /// by subtraction only when it is not that.
    public long deadlineNanos() {
        return clock == null ? Long.MAX_VALUE : clock.deadlineNanos();
    }

    /// `HeartbeatDue`, `PeerOverdue`, `PeerSilent`, or `NothingDue` when bytes have moved the
    /// deadline on.
    public StompEvent onDeadline(long nowNanos) {
        return clock == null ? StompEvent.NOTHING_DUE : clock.onDeadline(nowNanos);
    }
}
