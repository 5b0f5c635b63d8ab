package io.switchboard.server.transport;

import io.switchboard.gateway.Framing;
import io.switchboard.websocket.FrameHeader;
import io.switchboard.websocket.Opcode;
import io.switchboard.websocket.Zlib;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/// Each STOMP frame is one WebSocket message of one frame. A message is compressed as if it were
/// the first, so that all to whom an event loop sends it can have the same bytes.
final class WebSocketFraming implements Framing {
    /// For clients with whom compression was not agreed.
    static final WebSocketFraming PLAIN = new WebSocketFraming(null);

    private final @Nullable Zlib zlib;

    private WebSocketFraming(@Nullable Zlib zlib) {
        this.zlib = zlib;
    }

    /// One for each event loop.
    static WebSocketFraming compressing(Zlib zlib) {
        return new WebSocketFraming(zlib);
    }

    @Override
    public int headerLength(int payloadLength) {
        return FrameHeader.length(payloadLength);
    }

    @Override
    public void putHeader(ByteBuffer out, boolean text, boolean compressed, int payloadLength) {
        Opcode opcode = text ? Opcode.TEXT : Opcode.BINARY;
        if (compressed) {
            FrameHeader.putCompressed(out, opcode, payloadLength);
        } else {
            FrameHeader.put(out, opcode, true, payloadLength);
        }
    }

    @Override
    public boolean compress(ByteBuffer out, int start) {
        if (zlib == null) {
            return false;
        }
        ByteBuffer shorter = zlib.deflate(out.slice(start, out.position() - start));
        if (shorter == null) {
            return false;
        }
        out.position(start).put(shorter);
        return true;
    }
}
