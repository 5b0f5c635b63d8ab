package io.switchboard.server.endpoint;

import io.switchboard.websocket.HandshakeRequest;
import java.util.List;

/// What a program does with the WebSocket clients that come to one path of the HTTP and TLS
/// listeners.
///
/// They come through the same handshake as STOMP clients: `Host` and `Origin` are checked, and the
/// limits of WebSocket messages, pings and time-outs hold. Where the server knows its users they
/// show who they are with the handshake: a token in `Authorization` or in a cookie, a client
/// certificate; [#admission] says whether they must. The broker's access rules are not asked: what
/// they may do, and whether from another machine, is for the endpoint to decide.
@FunctionalInterface
public interface Endpoint {
    /// Who comes in.
    enum Admission {
        /// Nobody is asked who it is.
        ANYONE,
        /// Those whose handshake shows who they are. Others only from this machine, and with `auth`
        /// only where `anonymous` is on; from elsewhere too where the server has no `auth` and
        /// anonymous clients are allowed by [io.switchboard.server.Insecure#ANONYMOUS].
        AS_CONFIGURED,
        /// Only who has a name that was proved.
        NAMED
    }

    default Admission admission() {
        return Admission.AS_CONFIGURED;
    }

    /// The same endpoint for others.
    default Endpoint admitting(Admission whom) {
        return new AdmittingEndpoint(this, whom);
    }

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
