import org.jspecify.annotations.NullMarked;

/// A small blocking client for STOMP over WebSocket and TCP, with and without TLS.
@NullMarked
module io.switchboard.client {
    requires transitive io.switchboard.stomp;
    requires io.switchboard.websocket;
    requires static org.jspecify;

    exports io.switchboard.client;
}
