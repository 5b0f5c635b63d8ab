package io.switchboard.websocket;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;

/// A whole message, which owns its bytes.
///
/// @param text whether it is text; then the payload is UTF-8
public record WebSocketMessage(ByteBuffer payload, boolean text) {

    public static WebSocketMessage text(String text) {
        return new WebSocketMessage(UTF_8.encode(text), true);
    }

    public static WebSocketMessage binary(ByteBuffer payload) {
        return new WebSocketMessage(payload, false);
    }

    /// The payload as text, which it should be.
    public String string() {
        return UTF_8.decode(payload.duplicate()).toString();
    }
}
