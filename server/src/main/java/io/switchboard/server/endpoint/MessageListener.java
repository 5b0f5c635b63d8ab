package io.switchboard.server.endpoint;

import io.switchboard.websocket.WebSocketMessage;
import java.nio.ByteBuffer;

/// Hears the whole messages of one client, out of [WholeMessages]; the other methods, and what
/// holds for all, are those of [WebSocketListener].
@FunctionalInterface
public interface MessageListener {
    /// @param message keeps its bytes
    void received(WebSocketMessage message);

    default void writable() {}

    default void pong(ByteBuffer payload) {}

    default void closed(int code, String reason) {}
}
