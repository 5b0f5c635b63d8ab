package io.switchboard.bench;

/// How many subscribers each message in flight still has to reach. Per publisher a ring, indexed by
/// the low bits of the sequence number.
final class Window {
    private final int[] remaining;
    private final int ringLength;

    /// @param inFlightMax of each publisher; rounded up
    Window(int publisherCount, int inFlightMax) {
        ringLength = Integer.highestOneBit(Math.max(4, inFlightMax) * 2 - 1);
        remaining = new int[Math.multiplyExact(publisherCount, ringLength)];
    }

    private int slot(int publisher, long sequence) {
        return publisher * ringLength + (int) (sequence & ringLength - 1);
    }

    /// Whether this number's place is free again.
    boolean free(int publisher, long sequence) {
        return remaining[slot(publisher, sequence)] == 0;
    }

    void sent(int publisher, long sequence, int subscribers) {
        remaining[slot(publisher, sequence)] = subscribers;
    }

    /// Whether this delivery was the message's last.
    boolean delivered(int publisher, long sequence) {
        int slot = slot(publisher, sequence);
        return remaining[slot] > 0 && --remaining[slot] == 0;
    }
}
