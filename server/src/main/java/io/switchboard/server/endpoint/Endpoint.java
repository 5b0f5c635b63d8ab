package io.switchboard.server.endpoint;

import io.switchboard.websocket.HandshakeRequest;
import java.util.List;

/// What a program does with the WebSocket clients that come to one path of the HTTP and TLS
/// listeners.
///
/// They come through the same handshake as STOMP clients: `Host` and `Origin` are checked, and the
/// limits of WebSocket messages, pings and time-outs hold. The broker's access rules are not asked:
/// who may come in, and whether from another machine, is for the endpoint to decide.
@FunctionalInterface
public interface Endpoint {
    /// A client has come. Called on its event loop, and must not block; the socket may be used at
    /// once. Who is not welcome is closed, say with 1008.
    ///
    /// @param request of the handshake, with the target as it came (path and query), and the
    ///   headers; not kept by the server
    /// @return who hears the client. If this throws, the client hears of an internal error
    WebSocketListener open(HandshakeRequest request, WebSocket socket);

    /// Of which the first that a client offers is chosen; if none is, the connection is opened all
    /// the same.
    default List<String> subprotocols() {
        return List.of();
    }

    /// Sends back every message as it comes, piece by piece. A client that does not take its own
    /// words is not read.
    static Endpoint echo() {
        return Echo.ENDPOINT;
    }
}
