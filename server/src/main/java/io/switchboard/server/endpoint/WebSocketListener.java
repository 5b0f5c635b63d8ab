package io.switchboard.server.endpoint;

import java.nio.ByteBuffer;

/// Hears one client of an [Endpoint]. Called on the client's event loop, one call at a time, so
/// that no method may block. If one throws, the connection ends with an internal error.
public interface WebSocketListener {
    /// A piece of a message, as it arrived: the boundaries between pieces mean nothing, and small
    /// messages nearly always come in one. [WholeMessages] puts them together.
    ///
    /// @param piece the server's again when this returns; until then it may be read and changed
    /// @param text whether the message is text; then the pieces up to here are UTF-8, though the
    ///   last character may be cut
    /// @param last whether the message ends with this piece, which may be empty
    void received(ByteBuffer piece, boolean text, boolean last);

    /// [WebSocket#writable] is true again after it, or an offer, was false.
    default void writable() {}

    /// The answer to a ping, one of the server's own perhaps, whose payload is empty.
    default void pong(ByteBuffer payload) {}

    /// The end, whoever brought it about, told once and last.
    ///
    /// @param code of the client's Close, 1005 if that had none, 1006 if none came
    /// @param reason of the client's Close, or why none came
    default void closed(int code, String reason) {}
}
