package io.switchboard.conformance;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;

/// A frame that the suite sends, right or wrong. Immutable.
final class Sent {
    static final int CONTINUATION = 0;
    static final int TEXT = 1;
    static final int BINARY = 2;
    static final int CLOSE = 8;
    static final int PING = 9;
    static final int PONG = 10;

    static final int RSV1 = 4;
    static final int RSV2 = 2;
    static final int RSV3 = 1;

    private static final int LENGTH_16 = 126;
    private static final int LENGTH_64 = 127;
    private static final int KEY = 0x37fa213d;

    /// How the length is written: 7, 16 or 64 bits, 0 for the shortest.
    private final int lengthBits;

    private final int first;
    private final byte[] payload;
    private final long claimed;
    private final boolean rightMask;
    private final int key;

    private Sent(
            int first, byte[] payload, int lengthBits, long claimed, boolean rightMask, int key) {
        this.first = first;
        this.payload = payload;
        this.lengthBits = lengthBits;
        this.claimed = claimed;
        this.rightMask = rightMask;
        this.key = key;
    }

    static Sent frame(int opcode, byte[] payload) {
        return new Sent(0x80 | opcode, payload, 0, payload.length, true, KEY);
    }

    static Sent text(String text) {
        return frame(TEXT, text.getBytes(UTF_8));
    }

    static Sent text(byte[] bytes) {
        return frame(TEXT, bytes);
    }

    static Sent binary(byte[] bytes) {
        return frame(BINARY, bytes);
    }

    static Sent more(String text) {
        return frame(CONTINUATION, text.getBytes(UTF_8));
    }

    static Sent more(byte[] bytes) {
        return frame(CONTINUATION, bytes);
    }

    static Sent ping(String payload) {
        return frame(PING, payload.getBytes(UTF_8));
    }

    static Sent pong(String payload) {
        return frame(PONG, payload.getBytes(UTF_8));
    }

    static Sent close() {
        return frame(CLOSE, new byte[0]);
    }

    static Sent close(int code) {
        return close(code, new byte[0]);
    }

    static Sent close(int code, byte[] reason) {
        byte[] payload = new byte[2 + reason.length];
        ByteBuffer.wrap(payload).putShort((short) code).put(reason);
        return frame(CLOSE, payload);
    }

    static Sent close(int code, String reason) {
        return close(code, reason.getBytes(UTF_8));
    }

    /// Without FIN.
    Sent open() {
        return new Sent(first & 0x7f, payload, lengthBits, claimed, rightMask, key);
    }

    Sent rsv(int bits) {
        return new Sent(first | bits << 4, payload, lengthBits, claimed, rightMask, key);
    }

    /// With a length in so many bits, though fewer would do.
    Sent lengthBits(int bits) {
        return new Sent(first, payload, bits, claimed, rightMask, key);
    }

    /// With a header that says another length.
    Sent claiming(long length) {
        return new Sent(first, payload, lengthBits, length, rightMask, key);
    }

    /// Masked as only the other end may.
    Sent wronglyMasked() {
        return new Sent(first, payload, lengthBits, claimed, false, key);
    }

    Sent key(int other) {
        return new Sent(first, payload, lengthBits, claimed, rightMask, other);
    }

    /// The kind of frame, for the words of a rule.
    @Override
    public String toString() {
        return switch (first & 0x0f) {
            case CONTINUATION -> "a continuation";
            case TEXT -> "a text frame";
            case BINARY -> "a binary frame";
            case CLOSE -> "a Close";
            case PING -> "a ping";
            case PONG -> "a pong";
            default -> "a frame with opcode " + (first & 0x0f);
        };
    }

    /// As it goes over the wire from an end with this role.
    byte[] bytes(Role role) {
        boolean masked = role.masks() == rightMask;
        ByteArrayOutputStream out = new ByteArrayOutputStream(payload.length + 14);
        out.write(first);
        int maskBit = masked ? 0x80 : 0;
        if (lengthBits == 64 || (lengthBits == 0 && (claimed > 0xffff || claimed < 0))) {
            out.write(maskBit | LENGTH_64);
            out.writeBytes(ByteBuffer.allocate(8).putLong(claimed).array());
        } else if (lengthBits == 16 || claimed >= LENGTH_16) {
            out.write(maskBit | LENGTH_16);
            out.writeBytes(ByteBuffer.allocate(2).putShort((short) claimed).array());
        } else {
            out.write(maskBit | (int) claimed);
        }
        if (!masked) {
            out.writeBytes(payload);
            return out.toByteArray();
        }
        byte[] keyBytes = ByteBuffer.allocate(4).putInt(key).array();
        out.writeBytes(keyBytes);
        for (int i = 0; i < payload.length; i++) {
            out.write(payload[i] ^ keyBytes[i % 4]);
        }
        return out.toByteArray();
    }
}
