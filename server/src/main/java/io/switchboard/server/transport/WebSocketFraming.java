package io.switchboard.server.transport;

import io.switchboard.gateway.Framing;
import io.switchboard.websocket.FrameHeader;
import io.switchboard.websocket.Opcode;
import io.switchboard.websocket.Zlib;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/// Each STOMP frame is one WebSocket message of one frame.
final class WebSocketFraming implements Framing {
    /// For clients with whom compression was not agreed.
    static final WebSocketFraming PLAIN = new WebSocketFraming(null, null, false);

    private final @Nullable Zlib zlib;
    private final @Nullable PlainDestinations plain;

    /// Frames only say that they are compressed, and become so on their way to the socket.
    final boolean later;

    private WebSocketFraming(
            @Nullable Zlib zlib, @Nullable PlainDestinations plain, boolean later) {
        this.zlib = zlib;
        this.plain = plain;
        this.later = later;
    }

    /// A message is compressed as if it were the first, so that all to whom an event loop sends it
    /// can have the same bytes. One for each event loop.
    static WebSocketFraming compressing(Zlib zlib, PlainDestinations plain) {
        return new WebSocketFraming(zlib, plain, false);
    }

    /// A message is compressed for each connection, by [SocketHandler#compressed]: because it may
    /// refer back to what that connection got before, or because it was not put here on the event
    /// loop. One for each event loop.
    static WebSocketFraming later(Zlib zlib, PlainDestinations plain) {
        return new WebSocketFraming(zlib, plain, true);
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
    public boolean compresses(String destination) {
        return plain == null || !plain.has(destination);
    }

    @Override
    public boolean compress(ByteBuffer out, int start) {
        if (zlib == null) {
            return false;
        }
        if (later) {
            return takes(out.position() - start);
        }
        ByteBuffer shorter = zlib.deflate(out.slice(start, out.position() - start));
        if (shorter == null) {
            return false;
        }
        out.position(start).put(shorter);
        return true;
    }

    /// Whether a message of that many bytes is to be compressed. From any thread.
    boolean takes(int payloadLength) {
        return zlib != null && zlib.takes(payloadLength);
    }
}
