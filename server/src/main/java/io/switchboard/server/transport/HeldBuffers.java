package io.switchboard.server.transport;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/// The buffers that came from a socket and are not used up, in order. It owns them, and gives each
/// back once. Owned by the connection's event loop.
final class HeldBuffers {
    /// Being used up.
    private @Nullable ByteBuf first;

    /// What came behind it; null unless something did.
    private @Nullable ArrayDeque<ByteBuf> behind;

    boolean isEmpty() {
        return first == null;
    }

    /// @param bytes given away
    void add(ByteBuf bytes) {
        if (first == null) {
            first = bytes;
            return;
        }
        if (behind == null) {
            behind = new ArrayDeque<>(2);
        }
        behind.add(bytes);
    }

    /// What is in the first one, until that is removed. The buffer is ours alone, so its one view
    /// may be used without a copy.
    ByteBuffer first() {
        if (first == null) {
            throw new IllegalStateException("expected a buffer but there is none");
        }
        return first.nioBufferCount() == 1
                ? first.internalNioBuffer(first.readerIndex(), first.readableBytes())
                : first.nioBuffer();
    }

    void removeFirst() {
        if (first != null) {
            first.release();
            first = behind == null ? null : behind.poll();
        }
    }

    void clear() {
        while (first != null) {
            removeFirst();
        }
    }

    /// The memory that they take, whatever is in them.
    int capacity() {
        int length = first == null ? 0 : first.capacity();
        if (behind != null) {
            for (ByteBuf each : behind) {
                length += each.capacity();
            }
        }
        return length;
    }
}
