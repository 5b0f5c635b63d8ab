/// WebSocket (RFC 6455) as a state machine over bytes, for both sides of the wire.
///
/// ## How it works
///
/// Nothing here does I/O. An owner, which is one event loop, hands over the bytes that came from
/// its socket, asks for events until there are none, and writes the bytes that it is given:
///
/// ```
///   HTTP head ──> ServerHandshake.answer ──> 101, a refusal, or plain HTTP
///   bytes     ──> WebSocketConnection.receive
///                 WebSocketConnection.next   ──> Payload, PingReceived, Violation, …
///                                            ──> NeedBytes: the buffer is the owner's again
///   text, binary, ping, pong, close          ──> bytes to write
///   deadlineNanos, onDeadline                the time comes in as an argument
/// ```
///
/// A client puts [io.switchboard.websocket.ClientHandshake] in front. For a server that sends the
/// same bytes to many, [io.switchboard.websocket.FrameHeader] writes only the header.
///
/// ## A frame
///
/// ```
///   byte 0        byte 1         0, 2 or 8 bytes   0 or 4 bytes   as long as byte 1 and what
///   F RRR oooo    M lllllll      longer length     mask key       follows it say
///   │  │  opcode  │ length, or                     if M is 1:     the payload, in which byte i
///   │  reserved   │ 126: 2 bytes of it follow      client to      has been xor-ed with byte
///   last of its   masked  127: 8 bytes follow      server only    i mod 4 of the key
///   message
/// ```
///
/// The first of the reserved bits says that a message is compressed, if that was agreed.
///
/// A data message is a TEXT or BINARY frame and any number of CONTINUATION frames, the last with F
/// set. Control frames (CLOSE, PING, PONG) stand alone and may come in between.
///
/// ## Who keeps what
///
/// - Received bytes are borrowed until `next` answers NeedBytes. Payload is unmasked where it lies
///   and handed out as a view of those bytes, in pieces as it arrives: a message is never collected
///   here, so an idle connection, even one in the middle of a message, owns no buffer.
/// - A header that is cut waits in a few numbers. Only a control payload (125 bytes at most) that
///   is cut is copied.
/// - Text is checked as UTF-8 piece by piece. A bad byte fails the connection at once, not when its
///   message ends.
/// - Lengths are judged by the header, before a byte of payload has come.
///
/// ## Compression
///
/// permessage-deflate (RFC 7692), if both sides agree to a
/// [io.switchboard.websocket.PermessageDeflate]. A compressed message is inflated as it arrives, in
/// pieces that lie in one buffer of the event loop's [io.switchboard.websocket.Zlib], and the limit
/// of a message holds for what came out so far. Between messages a connection holds no inflater and
/// never a deflater: where messages may refer back to earlier ones it keeps the last plain text of
/// that direction (at most 32 KiB), and gives it to an inflater or deflater of the event loop when
/// the next message comes. A sender of the same message to many compresses it once, with
/// [io.switchboard.websocket.Zlib#deflate] and
/// [io.switchboard.websocket.FrameHeader#putCompressed], if no context was agreed.
///
/// A message must be whole when it is inflated, which few others check: what ends inside a block is
/// refused like other data that is no DEFLATE.
///
/// ## How it ends
///
/// [io.switchboard.websocket.WebSocketState] has the table. A peer's mistake is a `Violation` with
/// the code of the Close that answers it; then the peer is not listened to any more. Only misuse by
/// the owner throws.
///
/// ## Where it goes beyond the letter, and where it stays behind
///
/// - Lengths that are not in their shortest form are refused; few others do that.
/// - Close codes 1012 to 1014, registered after the RFC, are accepted; 1016 to 2999 are not.
/// - Extensions other than permessage-deflate are declined. Of that, an offer that demands a window
///   of the server smaller than 32 KiB is declined too: zlib's cannot be set from Java.
/// - Drafts before version 13 are not spoken.
/// - Subprotocols that are all unknown do not refuse the handshake; none is chosen then.
package io.switchboard.websocket;
