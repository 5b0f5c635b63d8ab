package io.switchboard.server.transport;

import org.jspecify.annotations.Nullable;

/// Connections by how much they hold, so that one of the largest is found without a look at all of
/// them: hostile clients ask for that all the time, and the more there are, the dearer it would be.
/// Sizes are told apart to an eighth; what comes and goes costs the same whatever their number.
///
/// Owned by an event loop.
final class HeldBySize {
    /// Of a power of two, eight rows each.
    private static final int ROWS_OF_A_POWER = 8;

    private static final int ROWS = Integer.SIZE * ROWS_OF_A_POWER;

    /// So many of a row are compared.
    private static final int LOOKED_AT_MAX = 64;

    private final @Nullable Holder[] rows = new @Nullable Holder[ROWS];

    /// One bit for each row that has somebody.
    private final long[] taken = new long[ROWS / Long.SIZE];

    /// One that may hold something.
    static class Holder {
        private int held;
        private @Nullable Holder before;
        private @Nullable Holder after;

        int held() {
            return held;
        }
    }

    void put(Holder holder, int length) {
        int from = row(holder.held);
        int to = row(length);
        holder.held = length;
        if (from != to) {
            if (from >= 0) {
                leave(holder, from);
            }
            if (to >= 0) {
                enter(holder, to);
            }
        }
    }

    /// One that holds most, or an eighth less where there are very many; null if nobody holds
    /// anything.
    @Nullable Holder largest() {
        for (int word = taken.length - 1; word >= 0; word--) {
            if (taken[word] != 0) {
                int top = Long.SIZE - 1 - Long.numberOfLeadingZeros(taken[word]);
                return largest(rows[word * Long.SIZE + top]);
            }
        }
        return null;
    }

    private static @Nullable Holder largest(@Nullable Holder first) {
        Holder found = first;
        Holder next = first;
        for (int i = 0; i < LOOKED_AT_MAX && next != null; i++) {
            if (found == null || next.held > found.held) {
                found = next;
            }
            next = next.after;
        }
        return found;
    }

    /// By the power of two and the three bits behind it; negative for nothing.
    private static int row(int length) {
        if (length <= 0) {
            return -1;
        }
        int power = Integer.SIZE - 1 - Integer.numberOfLeadingZeros(length);
        int eighths = (int) (((long) length << 3 >> power) & (ROWS_OF_A_POWER - 1));
        return power * ROWS_OF_A_POWER + eighths;
    }

    private void enter(Holder holder, int row) {
        Holder first = rows[row];
        holder.after = first;
        if (first != null) {
            first.before = holder;
        }
        rows[row] = holder;
        taken[row / Long.SIZE] |= 1L << row;
    }

    private void leave(Holder holder, int row) {
        Holder before = holder.before;
        Holder after = holder.after;
        if (after != null) {
            after.before = before;
        }
        if (before != null) {
            before.after = after;
        } else {
            rows[row] = after;
            if (after == null) {
                taken[row / Long.SIZE] &= ~(1L << row);
            }
        }
        holder.before = null;
        holder.after = null;
    }
}
