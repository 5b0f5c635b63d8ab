/// Sockets. Station 1, where bytes come in, and the end of station 10, where they leave; what lies
/// between knows neither Netty nor its buffers. [io.switchboard.server.transport.Network] opens all
/// of it.
///
/// ```
/// accept ─> Entrance ─> [PlainTextGuard, SslHandler] ─> StrictRequestDecoder, HttpHandler
///              │                                          │ 101: both leave
///              └─ STOMP ─> TcpHandler                     └──> WebSocketHandler
///                              └───> StompConversation <────────────┘
///                                      StompSession
///                                          │
///                                    Shard, Session
///                                          │ at the end of the ShardLoop's turn
///          Channel.write, flush <── StompConversation, as the session's Wire
/// ```
///
/// Where HTTP/2 was agreed on in the TLS handshake (Negotiation), an Http2Connection stands behind
/// the SslHandler, and each of its streams is a channel with a StreamHandler, or with a
/// StreamSocket and behind it the same WebSocketHandler.
///
/// A connection belongs to one event loop for life, and that loop is a shard. Nothing here is
/// shared between loops but counters and each shard's inbox.
@NullMarked
package io.switchboard.server.transport;

import org.jspecify.annotations.NullMarked;
