package io.switchboard.server.transport;

import io.switchboard.broker.Disconnect;
import java.nio.ByteBuffer;

/// What is spoken over one connection; a [SocketHandler] carries it and says what becomes of the
/// socket. Called on the connection's event loop only.
interface Conversation {
    /// The connection is open, and may be written to from now on.
    default void opened() {}

    /// Takes a piece of what the peer says, wherever it was cut, and uses it up before it returns.
    /// Not called while [#parked].
    ///
    /// @param text whether the piece came in a WebSocket text message, whose UTF-8 is checked
    /// @param last whether a WebSocket message ends with it
    void receive(ByteBuffer payload, boolean text, boolean last, long nowNanos);

    /// All that was read at once has been received.
    default void readComplete() {}

    /// The peer answered a WebSocket ping.
    default void pong(ByteBuffer payload) {}

    /// While true nothing may be received, and the socket is not read.
    boolean parked();

    /// Whether it is parked because the peer does not take what it asked for: then the peer's
    /// silence is its own.
    boolean congested();

    /// The socket takes bytes again.
    void socketWritable();

    /// The peer has ended its direction; said again whenever it goes on after it was [#parked].
    ///
    /// @return false if there is nothing left to do for it
    boolean inputEnded(long nowNanos);

    /// The peer's WebSocket Close has come; [#closed] follows.
    default void closeReceived(int code, String reason) {}

    /// The socket has gone, or hears no more. Idempotent: the first reason counts, also one that
    /// the conversation had itself.
    void closed(Disconnect reason);

    /// The server stops: the peer is told, and the connection ends.
    void shutdown(long nowNanos);

    /// The server ends the connection, and the peer is told why.
    void disconnect(Disconnect reason, String detail, long nowNanos);

    /// Memory of what has come and is not complete.
    default int bytesHeld() {
        return 0;
    }

    /// When [#onDeadline] is due, or `Long.MAX_VALUE` for never. It may move with every call.
    long deadlineNanos();

    void onDeadline(long nowNanos);

    /// Who this is in a log line.
    String name();
}
