package io.switchboard.server.endpoint;

import io.switchboard.websocket.CloseCode;
import java.nio.ByteBuffer;

/// Says what it hears.
final class Echo implements WebSocketListener {
    static final Endpoint ENDPOINT = (request, socket) -> new Echo(socket);

    private final WebSocket socket;

    private Echo(WebSocket socket) {
        this.socket = socket;
    }

    @Override
    public void received(ByteBuffer piece, boolean text, boolean last) {
        if (!socket.offer(piece, text, last)) {
            // Only where the limit is shorter than what is read at once.
            socket.close(CloseCode.TRY_AGAIN_LATER, "more waits than may");
        } else if (!socket.writable()) {
            socket.pause();
        }
    }

    @Override
    public void writable() {
        socket.resume();
    }
}
