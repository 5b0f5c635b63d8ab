package io.switchboard.stomp;

import java.nio.ByteBuffer;
import java.util.Arrays;

/// What had to be kept of a frame that was cut. The array doubles with what came, up to what may
/// come at most.
final class HeldOctets {

    /// Enough for the rest of most heads.
    private static final int CAPACITY_MIN = 128;

    private byte[] octets;
    private int length;

    HeldOctets(int lengthMax) {
        octets = new byte[Math.min(CAPACITY_MIN, lengthMax)];
    }

    void add(ByteBuffer in, int added, int lengthMax) {
        int needed = length + added;
        if (octets.length < needed) {
            int doubled = (int) Math.min(2L * octets.length, lengthMax);
            octets = Arrays.copyOf(octets, Math.max(needed, doubled));
        }
        in.get(octets, length, added);
        length = needed;
    }

    int length() {
        return length;
    }

    byte last() {
        return octets[length - 1];
    }

    /// The array itself, which may be longer than what it holds.
    byte[] array() {
        return octets;
    }

    ByteBuffer view() {
        return ByteBuffer.wrap(octets, 0, length).slice();
    }
}
