package io.switchboard.storage;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/// What a key is about, one key after another; see [Keys]. Not for several threads.
final class KeyReader {
    private static final int PLACE_LENGTH = 2 * Long.BYTES;

    /// The last key; its first `homeLength` bytes are the home.
    private byte[] last = new byte[0];

    private int homeLength;
    private String home = "";
    private int kind;
    private String name = "";
    private long epoch;
    private long sequence;

    void read(byte[] key) {
        ByteBuffer rest = ByteBuffer.wrap(key);
        try {
            if (sameHome(key)) {
                rest.position(homeLength);
            } else {
                homeLength = 0;
                home = Bytes.text(rest);
                homeLength = rest.position();
            }
            last = key;
            kind = rest.get();
            if (kind == Keys.VALUE) {
                name = Bytes.text(rest);
            } else if (kind == Keys.MESSAGE && rest.remaining() == PLACE_LENGTH) {
                epoch = rest.getLong();
                sequence = rest.getLong();
            } else {
                throw new BadRecord("a key of an unknown kind");
            }
        } catch (BufferUnderflowException e) {
            throw new BadRecord("a key that ends early");
        }
        if (rest.hasRemaining()) {
            throw new BadRecord("a key with something behind it");
        }
    }

    /// A text says itself where it ends, so the same bytes are the same home.
    private boolean sameHome(byte[] key) {
        return homeLength > 0
                && key.length > homeLength
                && Arrays.equals(key, 0, homeLength, last, 0, homeLength);
    }

    String home() {
        return home;
    }

    boolean isValue() {
        return kind == Keys.VALUE;
    }

    String name() {
        return name;
    }

    long epoch() {
        return epoch;
    }

    long sequence() {
        return sequence;
    }

    /// For the operator.
    String text() {
        return isValue()
                ? "value '" + name + "' of " + home
                : "message " + sequence + " of " + home;
    }
}
