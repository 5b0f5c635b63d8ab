package io.switchboard.websocket;

import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Deflates the messages that one connection sends (RFC 7692 section 7.2.1). Holds no deflater: the
/// [Zlib] has them. Owned by its connection.
final class MessageDeflater {
    /// What is kept to refer back to when the deflater has gone to somebody else. More makes
    /// messages hardly shorter and costs 2 µs a KiB whenever that happens (bench/RESULTS.md).
    private static final int REMEMBERED_LENGTH = 4 << 10;

    private final Zlib zlib;

    /// What we may refer back to; null if each message stands alone.
    private final @Nullable SlidingWindow window;

    /// @param contextLength bytes that a message may refer back to. Less than zlib does is not
    ///   used: its window cannot be made smaller from Java
    MessageDeflater(Zlib zlib, int contextLength) {
        this.zlib = zlib;
        boolean whole = contextLength == SlidingWindow.LENGTH_MAX;
        window = whole ? new SlidingWindow(REMEMBERED_LENGTH) : null;
    }

    /// As [Zlib#deflate].
    @Nullable ByteBuffer deflate(ByteBuffer plain) {
        return window == null ? zlib.deflate(plain) : zlib.deflate(plain, window);
    }

    /// As [WebSocketConnection#compress].
    boolean compress(ByteBuffer frames, Consumer<ByteBuffer> out) {
        boolean any = false;
        int from = frames.position();
        while (frames.hasRemaining()) {
            int start = frames.position();
            int firstByte = frames.get();
            int length = FrameHeader.readLength(frames);
            int end = frames.position() + length;
            if ((firstByte & FrameHeader.COMPRESSED) != 0) {
                out.accept(frames.slice(from, start - from));
                Opcode opcode = Objects.requireNonNull(Opcode.of(firstByte & FrameHeader.OPCODE));
                compress(opcode, frames.slice(frames.position(), length), out);
                from = end;
                any = true;
            }
            frames.position(end);
        }
        if (any) {
            out.accept(frames.slice(from, frames.limit() - from));
        }
        return any;
    }

    private void compress(Opcode opcode, ByteBuffer plain, Consumer<ByteBuffer> out) {
        ByteBuffer compressed = deflate(plain);
        ByteBuffer header = ByteBuffer.allocate(FrameHeader.LENGTH_MAX);
        if (compressed == null) {
            FrameHeader.put(header, opcode, true, plain.remaining());
        } else {
            FrameHeader.putCompressed(header, opcode, compressed.remaining());
        }
        out.accept(header.flip());
        out.accept(compressed == null ? plain : compressed);
    }

    /// The connection has gone.
    void release() {
        if (window != null) {
            zlib.forget(window);
        }
    }
}
