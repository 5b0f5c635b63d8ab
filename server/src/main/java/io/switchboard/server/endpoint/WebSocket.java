package io.switchboard.server.endpoint;

import io.switchboard.broker.Principal;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/// One client of an [Endpoint], to talk to. May be used from any thread; what one thread offers
/// leaves in that order. Bytes that are offered are copied, and the positions of their buffers
/// stay.
public interface WebSocket {
    /// Where the client's socket is, for logs.
    String address();

    /// Whether it came through a listener on a loopback address, by no proxy.
    boolean local();

    /// Who it is, by what its handshake showed; without a name where that was nothing. When that
    /// ends (a token's end), the connection does, with 4015.
    Principal principal();

    /// The one of [Endpoint#subprotocols] that was settled, or null.
    @Nullable String subprotocol();

    /// Whether messages can be sent: until one side closes. Who sends to a client that has gone is
    /// told so by a false, as by a full one; this tells which it was.
    boolean open();

    // --- Out ---

    /// Sends a text message, compressed if that was agreed and it is long enough.
    ///
    /// @return false, and nothing was taken, if more than the limit would wait for the client
    ///   (`limits.outbound-bytes-per-session`; where nothing waits any message is taken), if the
    ///   memory for all clients is used up (`limits.outbound-bytes`; the slowest are being ended),
    ///   or if it is closed
    boolean offer(String text);

    /// Sends a binary message, else as [#offer(String)].
    boolean offer(ByteBuffer binary);

    /// Sends a part of a message, which leaves as a fragment without waiting for the others, and is
    /// never compressed. Parts of two messages cannot be mixed, so only one thread at a time sends
    /// a message in parts, and nobody a whole one meanwhile.
    ///
    /// @param text what the message is, said with its first part; then the whole must be UTF-8,
    ///   though characters may be cut
    /// @param last whether the message ends with this part
    /// @return as [#offer(String)]; a part that was not taken may be offered again
    boolean offer(ByteBuffer part, boolean text, boolean last);

    /// Whether less than half of the limit waits for the client. When it does not,
    /// [WebSocketListener#writable] is called as soon as it does again.
    boolean writable();

    /// Asks for a sign of life, beside those that the server asks for itself.
    ///
    /// @param payload at most 125 bytes, which come back in [WebSocketListener#pong]
    /// @return as [#offer(String)]
    boolean ping(ByteBuffer payload);

    // --- In ---

    /// Stops reading. A client whose socket is full and takes nothing for three times
    /// `limits.ping-after` is cut off, paused or not. Called by the listener from within
    /// [WebSocketListener#received], nothing more is received once that returns; from elsewhere
    /// what is just being received still comes. A client that is not read is not called silent.
    void pause();

    /// Reads on.
    void resume();

    // --- The end ---

    /// Closes, behind all that was offered before, for which the client has `limits.close-timeout`.
    /// [WebSocketListener#closed] follows. Idempotent.
    ///
    /// @param code 1000 to 1003, 1007 to 1014 or 3000 to 4999
    /// @param reason cut to what fits into a Close frame, 123 bytes
    void close(int code, String reason);
}
