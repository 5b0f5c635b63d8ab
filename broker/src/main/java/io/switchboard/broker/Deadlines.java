package io.switchboard.broker;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// The entries of a shard's queues that something happens to at a moment: a delay is over, or a
/// message is too old. A binary heap whose entries know their place, so that one that is consumed
/// before leaves it at once. Owned by its shard.
final class Deadlines {
    private @Nullable Entry[] heap = new @Nullable Entry[16];
    private int count;

    int count() {
        return count;
    }

    /// The earliest moment, or `Long.MAX_VALUE`.
    long nextMillis() {
        return count == 0 ? Long.MAX_VALUE : at(0).deadlineMillis;
    }

    /// An entry has one deadline at a time.
    void set(Entry entry, long deadlineMillis) {
        if (entry.deadlineIndex >= 0) {
            remove(entry);
        }
        if (count == heap.length) {
            heap = Arrays.copyOf(heap, 2 * count);
        }
        entry.deadlineMillis = deadlineMillis;
        up(entry, count++);
    }

    /// Nothing, if it has none.
    void remove(Entry entry) {
        int index = entry.deadlineIndex;
        if (index < 0) {
            return;
        }
        entry.deadlineIndex = -1;
        Entry last = at(--count);
        heap[count] = null;
        if (last != entry) {
            up(last, index);
            if (last.deadlineIndex == index) {
                down(last, index);
            }
        }
    }

    /// One that is due, which is then without deadline; or null.
    @Nullable Entry poll(long nowMillis) {
        if (nextMillis() > nowMillis) {
            return null;
        }
        Entry first = at(0);
        remove(first);
        return first;
    }

    private void up(Entry entry, int index) {
        int i = index;
        while (i > 0) {
            int parent = (i - 1) >>> 1;
            if (at(parent).deadlineMillis <= entry.deadlineMillis) {
                break;
            }
            put(at(parent), i);
            i = parent;
        }
        put(entry, i);
    }

    private void down(Entry entry, int index) {
        int i = index;
        while (2 * i + 1 < count) {
            int child = 2 * i + 1;
            if (child + 1 < count && at(child + 1).deadlineMillis < at(child).deadlineMillis) {
                child++;
            }
            if (entry.deadlineMillis <= at(child).deadlineMillis) {
                break;
            }
            put(at(child), i);
            i = child;
        }
        put(entry, i);
    }

    private void put(Entry entry, int index) {
        heap[index] = entry;
        entry.deadlineIndex = index;
    }

    private Entry at(int index) {
        Entry entry = heap[index];
        if (entry == null) {
            throw new AssertionError("no entry at " + index + " of " + count);
        }
        return entry;
    }
}
