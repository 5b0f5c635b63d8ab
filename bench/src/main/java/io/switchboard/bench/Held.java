package io.switchboard.bench;

import java.nio.ByteBuffer;

/// A [StreamScanner] in front of which units may be cut anywhere: what is not whole waits here for
/// the rest.
final class Held {
    private static final int CAPACITY_MIN = 512;

    /// Kept for the next cut; a larger one is given back.
    private static final int CAPACITY_KEPT = 64 * 1024;

    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final StreamScanner scanner;
    private final int lengthMax;
    private final Inbound inbound;
    private ByteBuffer held = NOTHING;
    private int length;

    /// @param lengthMax of one unit; past it the connection fails
    Held(StreamScanner scanner, int lengthMax, Inbound inbound) {
        this.scanner = scanner;
        this.lengthMax = lengthMax;
        this.inbound = inbound;
    }

    void receive(ByteBuffer bytes, int from, int to) {
        if (length == 0) {
            int next = scanner.scan(bytes, from, to);
            if (next < to) {
                hold(bytes, next, to);
            }
            return;
        }
        hold(bytes, from, to);
        int next = scanner.scan(held, 0, length);
        held.put(0, held, next, length - next);
        length -= next;
        if (length > lengthMax) {
            inbound.failed("more than " + lengthMax + " bytes without the end of a unit");
            length = 0;
        }
        if (length == 0 && held.capacity() > CAPACITY_KEPT) {
            held = NOTHING;
        }
    }

    private void hold(ByteBuffer bytes, int from, int to) {
        int needed = length + to - from;
        if (needed > held.capacity()) {
            ByteBuffer larger =
                    ByteBuffer.allocate(
                            Math.max(CAPACITY_MIN, Math.max(needed, 2 * held.capacity())));
            larger.put(0, held, 0, length);
            held = larger;
        }
        held.put(length, bytes, from, to - from);
        length = needed;
    }
}
