package io.switchboard.gateway;

import java.nio.ByteBuffer;

/// What stands around each STOMP frame on the wire: nothing on TCP, a WebSocket frame header on a
/// WebSocket. Implementations hold no state, so that all connections share one and equal forms
/// share bytes.
public interface Framing {
    /// STOMP over plain TCP or TLS.
    Framing NONE =
            new Framing() {
                @Override
                public int headerLength(int payloadLength) {
                    return 0;
                }

                @Override
                public void putHeader(ByteBuffer out, boolean text, int payloadLength) {}
            };

    /// Bytes in front of a payload of that many bytes; never less for a longer payload.
    int headerLength(int payloadLength);

    /// Puts exactly [#headerLength] bytes.
    ///
    /// @param text whether the payload is valid UTF-8 and the client is to get it as text
    void putHeader(ByteBuffer out, boolean text, int payloadLength);
}
