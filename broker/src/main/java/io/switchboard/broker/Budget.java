package io.switchboard.broker;

import java.util.concurrent.atomic.AtomicLong;

/// Memory of one kind that all shards of a node share, so that a single queue may have all of it.
/// The one mutable object that shards share: each takes a [Share] of its own and goes to the common
/// sum only in steps, so that it is not fought over.
public final class Budget {
    private static final long STEP = 64 << 10;

    private final long bytesMax;
    private final AtomicLong taken = new AtomicLong();

    public Budget(long bytesMax) {
        this.bytesMax = bytesMax;
    }

    public long bytesMax() {
        return bytesMax;
    }

    Share share() {
        return new Share();
    }

    private boolean take(long bytes) {
        long before = taken.get();
        while (bytes <= bytesMax - before) {
            if (taken.compareAndSet(before, before + bytes)) {
                return true;
            }
            before = taken.get();
        }
        return false;
    }

    /// What one shard has of it. Owned by that shard.
    final class Share {
        private long used;
        private long held;

        boolean take(long bytes) {
            long missing = used + bytes - held;
            if (missing > 0) {
                long step = Math.max(missing, STEP);
                if (Budget.this.take(step)) {
                    held += step;
                } else if (Budget.this.take(missing)) {
                    held += missing;
                } else {
                    return false;
                }
            }
            used += bytes;
            return true;
        }

        /// Takes what is there already, beyond the bound if it must be.
        void charge(long bytes) {
            if (!take(bytes)) {
                taken.addAndGet(bytes);
                held += bytes;
                used += bytes;
            }
        }

        void give(long bytes) {
            used -= bytes;
            long spare = held - used;
            if (spare > 2 * STEP) {
                taken.addAndGet(STEP - spare);
                held = used + STEP;
            }
        }

        long used() {
            return used;
        }
    }
}
