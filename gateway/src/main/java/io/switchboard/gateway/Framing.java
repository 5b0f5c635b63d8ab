package io.switchboard.gateway;

import java.nio.ByteBuffer;

/// What stands around each STOMP frame on the wire: nothing on TCP, a WebSocket frame header on a
/// WebSocket. Connections whose frames stand in the same framing, compressed or not, have the same
/// object, as subscriptions share bytes where their forms are equal.
public interface Framing {
    /// STOMP over plain TCP or TLS.
    Framing NONE =
            new Framing() {
                @Override
                public int headerLength(int payloadLength) {
                    return 0;
                }

                @Override
                public void putHeader(
                        ByteBuffer out, boolean text, boolean compressed, int payloadLength) {}
            };

    /// Bytes in front of a payload of that many bytes; never less for a longer payload.
    int headerLength(int payloadLength);

    /// Puts exactly [#headerLength] bytes.
    ///
    /// @param text whether the payload is valid UTF-8 and the client is to get it as text
    /// @param compressed what [#compress] answered for the payload
    void putHeader(ByteBuffer out, boolean text, boolean compressed, int payloadLength);

    /// Makes the payload from `start` to the buffer's position shorter, if this framing compresses
    /// and it pays; then the position is where it ends now.
    default boolean compress(ByteBuffer out, int start) {
        return false;
    }
}
