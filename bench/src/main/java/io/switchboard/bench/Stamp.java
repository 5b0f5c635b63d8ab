package io.switchboard.bench;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/// What a body of ours begins with: 24 ASCII characters that are read as three numbers.
///
/// ```
///   bytes 0-3    the run's mark: 'B' and three characters
///   bytes 4-7    publisher, 24 bits
///   bytes 8-15   sequence number, 48 bits
///   bytes 16-23  nanoseconds, 48 bits
/// ```
///
/// Numbers are written six bits a byte, lowest first, as 0x40 to 0x7f: never a NUL or a line end,
/// always UTF-8, and one instruction to take apart where the processor can gather bits.
final class Stamp {
    static final int LENGTH = 24;

    static final VarHandle LONGS =
            MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    static final VarHandle INTS =
            MethodHandles.byteBufferViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    static final VarHandle SHORTS =
            MethodHandles.byteBufferViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
    static final VarHandle ARRAY_LONGS =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private static final long SIX_OF_EIGHT = 0x3f3f_3f3f_3f3f_3f3fL;
    private static final long TOP = 0x4040_4040_4040_4040L;
    private static final int PUBLISHER_MAX = (1 << 24) - 1;

    private Stamp() {}

    /// The mark of a run, as the four bytes of it that stand in a little-endian number.
    static int mark(int chance) {
        return (int) (Long.expand(chance & 0x3ffffL, 0x3f3f3fL) | 0x404040L) << 8 | 'B';
    }

    static void put(byte[] body, int at, int mark, int publisher, long sequence, long nanos) {
        if (publisher < 0 || publisher > PUBLISHER_MAX) {
            throw new IllegalArgumentException("expected 24 bits but was " + publisher);
        }
        long who = Long.expand(publisher, SIX_OF_EIGHT >>> 32) | TOP >>> 32;
        ARRAY_LONGS.set(body, at, who << 32 | Integer.toUnsignedLong(mark));
        ARRAY_LONGS.set(body, at + 8, Long.expand(sequence, SIX_OF_EIGHT) | TOP);
        ARRAY_LONGS.set(body, at + 16, Long.expand(nanos, SIX_OF_EIGHT) | TOP);
    }

    static int publisher(ByteBuffer bytes, int at) {
        return (int) Long.compress((long) LONGS.get(bytes, at), SIX_OF_EIGHT << 32);
    }

    static long sequence(ByteBuffer bytes, int at) {
        return Long.compress((long) LONGS.get(bytes, at + 8), SIX_OF_EIGHT);
    }

    static long nanos(ByteBuffer bytes, int at) {
        return Long.compress((long) LONGS.get(bytes, at + 16), SIX_OF_EIGHT);
    }
}
