package io.switchboard.storage;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/// Whether the disk has room for more. It is asked for its free space now and then; in between what
/// was written is reckoned off. Owned by the writer.
///
/// Below the reserve nothing is stored but what removes messages, so that consumers can make room;
/// that is stored down to a quarter of it.
final class Room {
    private static final long LOOK_AGAIN = TimeUnit.SECONDS.toNanos(1);

    /// What is written lies in the log first and then, for a while too, in a table.
    private static final int COPIES = 2;

    /// Of the reserve: so much is written without a look.
    private static final int BETWEEN_LOOKS = 8;

    private static final int FOR_REMOVALS = 4;

    private final long reserve;
    private final LongSupplier free;
    private final LongSupplier nanoTime;
    private long left;
    private long written;
    private long lookedAt;
    private boolean looked;

    /// @param free bytes on the disk
    Room(long reserve, LongSupplier free, LongSupplier nanoTime) {
        this.reserve = reserve;
        this.free = free;
        this.nanoTime = nanoTime;
    }

    long reserve() {
        return reserve;
    }

    /// @param removal whether it only removes
    boolean allows(long length, boolean removal) {
        if (reserve == 0) {
            return true;
        }
        long needed = removal ? reserve / FOR_REMOVALS : reserve;
        long now = nanoTime.getAsLong();
        boolean fresh = looked && now - lookedAt < LOOK_AGAIN;
        if (!fresh || left >= reserve && written > reserve / BETWEEN_LOOKS) {
            left = free.getAsLong();
            written = 0;
            lookedAt = now;
            looked = true;
        }
        if (left - COPIES * (written + length) < needed) {
            return false;
        }
        written += length;
        return true;
    }
}
