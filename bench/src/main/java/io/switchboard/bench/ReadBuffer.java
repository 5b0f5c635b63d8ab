package io.switchboard.bench;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.DefaultMaxMessagesRecvByteBufAllocator;
import io.netty.channel.RecvByteBufAllocator;
import java.nio.ByteBuffer;

/// One buffer that all sockets of the loop are read into, since a [LoadConnection] is done with its
/// bytes before it returns. Not for TLS, whose handler keeps what it was given.
final class ReadBuffer extends DefaultMaxMessagesRecvByteBufAllocator {
    private static final int CAPACITY = 256 * 1024;

    private final ByteBuf buffer = Unpooled.directBuffer(CAPACITY, CAPACITY);
    private final ByteBuffer view = buffer.nioBuffer(0, CAPACITY);

    ReadBuffer() {
        // One read for each time the socket is ready: the loop comes back while there is more.
        super(1);
    }

    boolean is(ByteBuf read) {
        return read == buffer;
    }

    /// The same bytes at the same places; only its absolute methods are used.
    ByteBuffer view() {
        return view;
    }

    /// When the loop has ended.
    void release() {
        buffer.release();
    }

    @Override
    @SuppressWarnings("deprecation") // as in Netty's own: its replacement extends it
    public RecvByteBufAllocator.Handle newHandle() {
        return new MaxMessageHandle() {
            @Override
            public ByteBuf allocate(ByteBufAllocator allocator) {
                return buffer.clear().retain();
            }

            @Override
            public int guess() {
                return CAPACITY;
            }
        };
    }
}
