package io.switchboard.storage;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/// Under which key something is stored: what belongs to one home stands together, its values first,
/// then its messages in the order of their places.
///
/// ```
/// home 1 name             a value; home and name are texts as Bytes has them
/// home 2 epoch sequence   a message; both numbers of eight bytes, big-endian
/// ```
///
/// Not for several threads: it remembers the homes that it has seen.
final class Keys {
    static final int VALUE = 1;
    static final int MESSAGE = 2;

    /// Beyond that the memory is emptied: most batches are about few homes.
    private static final int HOMES_MAX = 4_096;

    private final Map<String, byte[]> homes = new HashMap<>();
    private final Bytes scratch = new Bytes(128);

    private byte[] home(String home) {
        byte[] known = homes.get(home);
        if (known != null) {
            return known;
        }
        Bytes text = new Bytes(home.length() + 4);
        text.putText(home);
        byte[] encoded = text.copy();
        if (homes.size() >= HOMES_MAX) {
            homes.clear();
        }
        homes.put(home, encoded);
        return encoded;
    }

    byte[] message(String home, long epoch, long sequence) {
        return place(home(home), epoch, sequence);
    }

    private byte[] place(byte[] home, long epoch, long sequence) {
        scratch.clear();
        scratch.putBytes(home);
        scratch.putByte(MESSAGE);
        scratch.putLong(epoch);
        scratch.putLong(sequence);
        return scratch.copy();
    }

    /// Before the first message of a home.
    byte[] messages(String home) {
        return place(home(home), 0, 0);
    }

    /// The first key behind that message.
    byte[] behind(String home, long epoch, long sequence) {
        byte[] key = message(home, epoch, sequence);
        return Arrays.copyOf(key, key.length + 1);
    }

    byte[] value(String home, String name) {
        scratch.clear();
        scratch.putBytes(home(home));
        scratch.putByte(VALUE);
        scratch.putText(name);
        return scratch.copy();
    }
}
