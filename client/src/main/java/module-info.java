import org.jspecify.annotations.NullMarked;

/// A small blocking client for STOMP over WebSocket and TCP, and for WebSockets without STOMP, with
/// and without TLS.
@NullMarked
module io.switchboard.client {
    requires transitive io.switchboard.stomp;
    requires transitive io.switchboard.websocket;
    requires static org.jspecify;

    exports io.switchboard.client;
}
