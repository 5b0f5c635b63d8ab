package io.switchboard.websocket;

import java.nio.ByteBuffer;

/// Exclusive-or with a repeating key of four bytes (RFC 6455 section 5.3): masks and unmasks.
final class Masking {
    private Masking() {}

    /// Changes the remaining bytes in place; position and limit stay.
    ///
    /// @param key its first byte on the wire in the lowest bits
    /// @return the key turned so that it fits the byte that follows: a payload may come in pieces
    static int apply(ByteBuffer bytes, int key) {
        int index = bytes.position();
        int limit = bytes.limit();
        long twice = Integer.toUnsignedLong(key) << 32 | Integer.toUnsignedLong(key);
        for (; index <= limit - Long.BYTES; index += Long.BYTES) {
            ByteViews.putLong(bytes, index, ByteViews.getLong(bytes, index) ^ twice);
        }
        for (; index < limit; index++) {
            bytes.put(index, (byte) (bytes.get(index) ^ key));
            key = Integer.rotateRight(key, Byte.SIZE);
        }
        return key;
    }
}
