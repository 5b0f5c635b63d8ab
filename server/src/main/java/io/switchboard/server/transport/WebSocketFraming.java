package io.switchboard.server.transport;

import io.switchboard.gateway.Framing;
import io.switchboard.websocket.FrameHeader;
import io.switchboard.websocket.Opcode;
import java.nio.ByteBuffer;

/// Each STOMP frame is one WebSocket message of one frame.
final class WebSocketFraming implements Framing {
    static final WebSocketFraming INSTANCE = new WebSocketFraming();

    private WebSocketFraming() {}

    @Override
    public int headerLength(int payloadLength) {
        return FrameHeader.length(payloadLength);
    }

    @Override
    public void putHeader(ByteBuffer out, boolean text, int payloadLength) {
        FrameHeader.put(out, text ? Opcode.TEXT : Opcode.BINARY, true, payloadLength);
    }
}
