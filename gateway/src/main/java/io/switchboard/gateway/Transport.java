package io.switchboard.gateway;

import io.switchboard.broker.Disconnect;
import io.switchboard.broker.Wire;

/// A session's connection, as the session sees it. Called on the connection's shard only.
public interface Transport extends Wire {
    /// [StompSession#parked] is false again: hand over what was held back, and read on. Called from
    /// within other calls to the session, so the bytes come in a later one.
    void resume();

    /// A whole frame has been read.
    default void frameRead() {}

    /// When the client last gave a sign of life, STOMP or not, such as the answer to a [#ping].
    long heardNanos();

    /// Asks the client for a sign of life, where the transport can.
    void ping();

    /// The session has ended, for this reason; what was to be said is being written. For the log.
    ///
    /// @param detail what was expected, what came; never a body or a credential
    void ending(Disconnect reason, String detail);

    /// All that was to be said has been written: end the connection. On a WebSocket with a Close of
    /// the reason's code; then [StompSession#closed] when it is gone. Idempotent.
    void close(Disconnect reason);
}
