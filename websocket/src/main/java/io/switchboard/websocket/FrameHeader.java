package io.switchboard.websocket;

import java.nio.ByteBuffer;

/// Writes the header of a frame (RFC 6455 section 5.2), with the length in its shortest form and no
/// reserved bit but that of a compressed message. The public methods write what a server sends,
/// which is never masked: an owner that has the same payload for many peers puts one header before
/// it and shares the bytes.
public final class FrameHeader {
    static final int FIN = 0x80;
    static final int RESERVED = 0x70;

    /// The first reserved bit, RSV1 (RFC 7692 section 6).
    static final int COMPRESSED = 0x40;

    static final int OPCODE = 0x0f;
    static final int MASK = 0x80;
    static final int LENGTH = 0x7f;

    /// Announces a length of two bytes.
    static final int LENGTH_16 = 126;

    /// Announces a length of eight bytes.
    static final int LENGTH_64 = 127;

    static final int CONTROL_PAYLOAD_MAX = 125;
    static final int MASK_KEY_LENGTH = 4;

    /// Without a mask key.
    static final int LENGTH_MAX = 10;

    private FrameHeader() {}

    /// 2, 4 or 10 bytes.
    public static int length(long payloadLength) {
        if (payloadLength < LENGTH_16) {
            return 2;
        }
        return payloadLength <= 0xffff ? 4 : 10;
    }

    public static void put(ByteBuffer out, Opcode opcode, boolean fin, long payloadLength) {
        check(opcode, fin, payloadLength);
        put(out, (fin ? FIN : 0) | opcode.code, 0, payloadLength);
    }

    /// Of a whole message whose payload is what [Zlib#deflate] made of it, or is to become that in
    /// [WebSocketConnection#compress].
    ///
    /// @param opcode TEXT or BINARY
    public static void putCompressed(ByteBuffer out, Opcode opcode, long payloadLength) {
        check(opcode, true, payloadLength);
        put(out, FIN | COMPRESSED | opcode.code, 0, payloadLength);
    }

    /// What [#put] wrote behind the first byte.
    static int readLength(ByteBuffer in) {
        int length = in.get();
        return switch (length) {
            case LENGTH_16 -> in.getShort() & 0xffff;
            case LENGTH_64 -> Math.toIntExact(in.getLong());
            default -> length;
        };
    }

    /// What a client sends: the mask bit, and the key behind the length.
    static void putMasked(
            ByteBuffer out, Opcode opcode, boolean compressed, long payloadLength, int maskKey) {
        check(opcode, true, payloadLength);
        int compressedBit = compressed ? COMPRESSED : 0;
        put(out, FIN | compressedBit | opcode.code, MASK, payloadLength);
        for (int shift = 0; shift < Integer.SIZE; shift += Byte.SIZE) {
            out.put((byte) (maskKey >>> shift));
        }
    }

    private static void check(Opcode opcode, boolean fin, long payloadLength) {
        if (payloadLength < 0) {
            throw new IllegalArgumentException(
                    "expected a payload length of at least 0 but was " + payloadLength);
        }
        if (opcode.control() && (payloadLength > CONTROL_PAYLOAD_MAX || !fin)) {
            throw new IllegalArgumentException(
                    "expected a "
                            + opcode
                            + " of at most 125 bytes in one frame but was "
                            + payloadLength
                            + (fin ? "" : " and more to follow"));
        }
    }

    private static void put(ByteBuffer out, int firstByte, int maskBit, long payloadLength) {
        out.put((byte) firstByte);
        switch (length(payloadLength)) {
            case 2 -> out.put((byte) (maskBit | payloadLength));
            case 4 -> {
                out.put((byte) (maskBit | LENGTH_16));
                putLength(out, payloadLength, Short.SIZE);
            }
            default -> {
                out.put((byte) (maskBit | LENGTH_64));
                putLength(out, payloadLength, Long.SIZE);
            }
        }
    }

    private static void putLength(ByteBuffer out, long payloadLength, int bits) {
        for (int shift = bits - Byte.SIZE; shift >= 0; shift -= Byte.SIZE) {
            out.put((byte) (payloadLength >>> shift));
        }
    }
}
