package io.switchboard.server.app;

import io.switchboard.broker.Disconnect;

/// Hears of clients that come and go. Called on virtual threads, in order with the client's own
/// messages: [#connected] before the first, [#disconnected] after the last. What it throws is
/// logged.
public interface SessionListener {
    /// The client's CONNECT was allowed.
    ///
    /// @param publisher the server's
    default void connected(ClientSession client, Publisher publisher) throws Exception {}

    /// It has ended, whoever wanted that.
    default void disconnected(ClientSession client, Disconnect reason, Publisher publisher)
            throws Exception {}
}
