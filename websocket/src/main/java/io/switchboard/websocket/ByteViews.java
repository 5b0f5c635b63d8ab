package io.switchboard.websocket;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/// Eight bytes of a buffer as one number, the first in the lowest bits whatever the buffer's own
/// order is. Unlike [ByteBuffer#getLong] this is one machine instruction for heap and direct
/// buffers alike, even where the same call site sees both.
final class ByteViews {
    private static final VarHandle LONGS =
            MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private static final VarHandle ARRAY_LONGS =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private ByteViews() {}

    static long getLong(ByteBuffer bytes, int index) {
        return (long) LONGS.get(bytes, index);
    }

    static void putLong(ByteBuffer bytes, int index, long value) {
        LONGS.set(bytes, index, value);
    }

    static long getLong(byte[] bytes, int index) {
        return (long) ARRAY_LONGS.get(bytes, index);
    }

    static void putLong(byte[] bytes, int index, long value) {
        ARRAY_LONGS.set(bytes, index, value);
    }
}
