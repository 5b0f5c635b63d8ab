package io.switchboard.server.endpoint;

import io.switchboard.websocket.CloseCode;
import io.switchboard.websocket.MessageCollector;
import java.nio.ByteBuffer;

/// Puts messages together from their pieces. One that grows past the limit closes the connection
/// with 1009, so a client makes the server hold no more than that.
///
/// ```java
/// options.withEndpoint("/upper", (request, socket) ->
///     new WholeMessages(socket, 64 << 10, it -> socket.offer(it.string().toUpperCase(ROOT))));
/// ```
public final class WholeMessages implements WebSocketListener {
    private final WebSocket socket;
    private final MessageListener listener;
    private final MessageCollector collector;

    /// @param lengthMax bytes of a message
    public WholeMessages(WebSocket socket, int lengthMax, MessageListener listener) {
        this.socket = socket;
        this.listener = listener;
        collector = new MessageCollector(lengthMax);
    }

    @Override
    public void received(ByteBuffer piece, boolean text, boolean last) {
        if (!collector.add(piece)) {
            socket.close(
                    CloseCode.TOO_BIG, "a message has at most " + collector.lengthMax() + " bytes");
        } else if (last) {
            listener.received(collector.take(text));
        }
    }

    @Override
    public void writable() {
        listener.writable();
    }

    @Override
    public void pong(ByteBuffer payload) {
        listener.pong(payload);
    }

    @Override
    public void closed(int code, String reason) {
        listener.closed(code, reason);
    }
}
