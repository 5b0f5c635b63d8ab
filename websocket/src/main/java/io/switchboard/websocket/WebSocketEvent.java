package io.switchboard.websocket;

import java.nio.ByteBuffer;

/// What a [WebSocketConnection] tells its owner. Buffers inside are views of the bytes that were
/// received, of a small copy, or of what was inflated: good until the next call on that connection,
/// or on another one with the same [Zlib].
public sealed interface WebSocketEvent {
    NeedBytes NEED_BYTES = new NeedBytes();

    CloseTimedOut CLOSE_TIMED_OUT = new CloseTimedOut();

    /// A piece of a data message, as it arrived: boundaries between pieces mean nothing.
    ///
    /// @param text whether the message is text; then the pieces up to here are UTF-8, though the
    ///   last character may be cut
    /// @param last whether the message ends with this piece, which may be empty
    record Payload(ByteBuffer bytes, boolean text, boolean last) implements WebSocketEvent {}

    /// To be answered with [WebSocketConnection#pong] and the same payload. Several that have not
    /// been answered yet may share the answer to the latest (RFC 6455 section 5.5.3).
    record PingReceived(ByteBuffer payload) implements WebSocketEvent {}

    record PongReceived(ByteBuffer payload) implements WebSocketEvent {}

    /// To be answered with [WebSocketConnection#close], if that was not sent already.
    ///
    /// @param code [CloseCode#NO_CODE] when the peer gave none
    record CloseReceived(int code, String reason) implements WebSocketEvent {}

    /// The peer broke a rule or went past a limit. Nothing more is decoded; what is left to do is
    /// to send a Close with `closeCode` and end the transport (RFC 6455 section 7.1.7).
    ///
    /// @param rule what is expected; fit to be the reason of the Close
    /// @param found what came instead
    record Violation(int closeCode, String rule, String found) implements WebSocketEvent {}

    /// The received bytes are used up, and are the owner's again.
    record NeedBytes() implements WebSocketEvent {}

    /// The peer did not answer our Close in time: end the transport.
    record CloseTimedOut() implements WebSocketEvent {}
}
