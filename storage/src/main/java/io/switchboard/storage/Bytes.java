package io.switchboard.storage;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// Bytes in the making, in an array that grows; and how its parts are read again. Owned by whoever
/// made it.
///
/// Numbers of varying size (varint) have seven bits a byte, the low ones first. A text is its
/// length in bytes, doubled, plus one if it is in UTF-16, and then its characters in Latin-1 or
/// UTF-16: whatever a Java string may hold comes back as it was.
final class Bytes {
    private static final int VARINT_LENGTH_MAX = 10;

    private byte[] array;
    private int length;

    Bytes(int capacity) {
        array = new byte[capacity];
    }

    byte[] array() {
        return array;
    }

    int length() {
        return length;
    }

    void clear() {
        length = 0;
    }

    /// Forgets what came after the first so many.
    void cut(int to) {
        length = to;
    }

    byte[] copy() {
        return Arrays.copyOf(array, length);
    }

    private void room(int more) {
        if (more > array.length - length) {
            int needed = Math.addExact(length, more);
            int doubled = (int) Math.min(Integer.MAX_VALUE - 8L, 2L * array.length);
            array = Arrays.copyOf(array, Math.max(needed, doubled));
        }
    }

    void putByte(int value) {
        room(1);
        array[length++] = (byte) value;
    }

    /// Big-endian: as keys it sorts like an unsigned number.
    void putLong(long value) {
        room(Long.BYTES);
        for (int shift = 56; shift >= 0; shift -= 8) {
            array[length++] = (byte) (value >>> shift);
        }
    }

    void putVarint(long value) {
        room(VARINT_LENGTH_MAX);
        long rest = value;
        while ((rest & ~0x7FL) != 0) {
            array[length++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        array[length++] = (byte) rest;
    }

    void putBytes(byte[] bytes) {
        putBytes(bytes, 0, bytes.length);
    }

    void putBytes(byte[] bytes, int from, int count) {
        room(count);
        System.arraycopy(bytes, from, array, length, count);
        length += count;
    }

    void putText(String text) {
        boolean wide = wide(text);
        byte[] characters = wide ? utf16(text) : text.getBytes(StandardCharsets.ISO_8859_1);
        putVarint(2L * characters.length + (wide ? 1 : 0));
        putBytes(characters);
    }

    private static boolean wide(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) > 0xFF) {
                return true;
            }
        }
        return false;
    }

    /// Surrogates too that have no partner, for which the JDK's encoder puts a question mark.
    private static byte[] utf16(String text) {
        ByteBuffer characters = ByteBuffer.allocate(2 * text.length());
        characters.asCharBuffer().put(text);
        return characters.array();
    }

    // --- Reading ---

    static long varint(ByteBuffer from) {
        long value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            byte next = from.get();
            value |= (next & 0x7FL) << shift;
            if (next >= 0) {
                return value;
            }
        }
        throw new BadRecord("a number without end");
    }

    /// A varint that says how many things follow, of so many bytes each at least.
    static int count(ByteBuffer from, int lengthMin) {
        long count = varint(from);
        if (count < 0 || count > from.remaining() / lengthMin) {
            throw new BadRecord(count + " things where " + from.remaining() + " bytes are left");
        }
        return (int) count;
    }

    static byte[] bytes(ByteBuffer from) {
        byte[] bytes = new byte[count(from, 1)];
        from.get(bytes);
        return bytes;
    }

    static String text(ByteBuffer from) {
        long doubled = varint(from);
        long length = doubled >>> 1;
        boolean wide = (doubled & 1) != 0;
        if (length > from.remaining() || wide && length % 2 != 0) {
            throw new BadRecord("a text of length " + length);
        }
        byte[] characters = new byte[(int) length];
        from.get(characters);
        return wide
                ? ByteBuffer.wrap(characters).asCharBuffer().toString()
                : new String(characters, StandardCharsets.ISO_8859_1);
    }
}
