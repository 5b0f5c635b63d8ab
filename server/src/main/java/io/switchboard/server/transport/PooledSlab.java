package io.switchboard.server.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.switchboard.broker.Slab;
import java.nio.ByteBuffer;

/// A slab in Netty's pooled memory outside of the heap, from where the kernel takes the bytes
/// without a copy. The sockets that it is written to hold references of their own, so the memory
/// goes back to the pool when the last of them has sent it.
final class PooledSlab implements Slab {
    private final ByteBuf memory;
    private final ByteBuffer view;

    private PooledSlab(ByteBuf memory) {
        this.memory = memory;
        this.view = memory.nioBuffer(0, memory.capacity());
    }

    static Slab.Source source(ByteBufAllocator allocator) {
        return capacity -> new PooledSlab(allocator.directBuffer(capacity));
    }

    @Override
    public ByteBuffer bytes() {
        return view;
    }

    /// Some of the bytes, with a reference of their own.
    ByteBuf retained(int offset, int length) {
        return memory.retainedSlice(offset, length);
    }

    @Override
    public void release() {
        memory.release();
    }
}
