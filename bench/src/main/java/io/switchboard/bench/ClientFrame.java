package io.switchboard.bench;

import io.netty.buffer.ByteBuf;

/// Writes masked WebSocket frames from byte arrays.
final class ClientFrame {
    static final int TEXT = 1;
    static final int BINARY = 2;
    static final int CLOSE = 8;
    static final int PONG = 10;

    private static final int FIN = 0x80;
    private static final int MASKED = 0x80;
    private static final int HEAD_LENGTH_MAX = 14;

    private ClientFrame() {}

    /// @param maskKey xor-ed over the payload, lowest byte first
    static void write(ByteBuf out, int opcode, byte[] payload, int maskKey) {
        int length = payload.length;
        out.ensureWritable(HEAD_LENGTH_MAX + length);
        out.writeByte(FIN | opcode);
        if (length < 126) {
            out.writeByte(MASKED | length);
        } else if (length < 1 << 16) {
            out.writeByte(MASKED | 126).writeShort(length);
        } else {
            out.writeByte(MASKED | 127).writeLong(length);
        }
        out.writeIntLE(maskKey);
        long key = Integer.toUnsignedLong(maskKey);
        long keys = key << 32 | key;
        int at = out.writerIndex();
        int i = 0;
        for (; i + 8 <= length; i += 8) {
            out.setLongLE(at + i, (long) Stamp.ARRAY_LONGS.get(payload, i) ^ keys);
        }
        for (; i < length; i++) {
            out.setByte(at + i, payload[i] ^ maskKey >>> 8 * (i & 3));
        }
        out.writerIndex(at + length);
    }
}
