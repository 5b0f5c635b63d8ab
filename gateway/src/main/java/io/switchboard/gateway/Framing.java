package io.switchboard.gateway;

import java.nio.ByteBuffer;

/// What stands around each STOMP frame on the wire: a line end behind it on TCP, a WebSocket frame
/// header on a WebSocket. Connections whose frames stand in the same framing, compressed or not,
/// have the same object, as subscriptions share bytes where their forms are equal.
public interface Framing {
    /// STOMP over plain TCP or TLS: behind each frame stands one line end, as STOMP 1.2 allows
    /// (Augmented BNF, `frame`) and as other brokers do. PHP's extension takes the octet behind a
    /// NUL for one, whatever it is, and would lose a frame that follows at once.
    Framing NONE =
            new Framing() {
                @Override
                public int headerLength(int payloadLength) {
                    return 0;
                }

                @Override
                public void putHeader(
                        ByteBuffer out, boolean text, boolean compressed, int payloadLength) {}

                @Override
                public int lengthMax(int payloadLength) {
                    return payloadLength + 1;
                }

                @Override
                public void putEnd(ByteBuffer out) {
                    out.put((byte) '\n');
                }
            };

    /// Bytes in front of a payload of that many bytes; never less for a longer payload.
    int headerLength(int payloadLength);

    /// Puts exactly [#headerLength] bytes.
    ///
    /// @param text whether the payload is valid UTF-8 and the client is to get it as text
    /// @param compressed what [#compress] answered for the payload
    void putHeader(ByteBuffer out, boolean text, boolean compressed, int payloadLength);

    /// Bytes of a frame with a payload of at most that many, and of all that stands around it.
    default int lengthMax(int payloadLength) {
        return headerLength(payloadLength) + payloadLength;
    }

    /// Puts what follows the payload.
    default void putEnd(ByteBuffer out) {}

    /// Whether messages to that destination may be compressed at all, by its canonical name.
    default boolean compresses(String destination) {
        return true;
    }

    /// Makes the payload from `start` to the buffer's position shorter, if this framing compresses
    /// and it pays; then the position is where it ends now.
    default boolean compress(ByteBuffer out, int start) {
        return false;
    }
}
