/// WebSockets without STOMP, for the program that embeds the server: it gives an [Endpoint] to a
/// path, and each client that comes there is a [WebSocket] to send to and a [WebSocketListener]
/// that hears what the client says.
///
/// ```java
/// ServerOptions.DEFAULT.withEndpoint("/clock", (request, socket) -> new Clock(socket));
/// ServerOptions.DEFAULT.withEndpoint("/quiz", BlockingWebSocket.endpoint(64 << 10, Quiz::play));
/// ```
///
/// **Threads.** Listeners are called on the event loop of their client, one call at a time and in
/// the order of the wire; that loop has many other clients, so **a listener must not block**. A
/// [WebSocket] may be used from any thread. Who would rather block takes a [BlockingWebSocket],
/// with a virtual thread for each client.
///
/// **Backpressure.** Inbound, [WebSocket#pause] stops reading until [WebSocket#resume]; then the
/// client's system, and the client, have to wait. Outbound, what a client has not taken is bounded:
/// [WebSocket#offer] takes nothing past the limit and says so, [WebSocket#writable] says when it is
/// better to wait, and [WebSocketListener#writable] when to go on. All clients together are bounded
/// too, and one that takes nothing for long is cut off.
@NullMarked
package io.switchboard.server.endpoint;

import org.jspecify.annotations.NullMarked;
