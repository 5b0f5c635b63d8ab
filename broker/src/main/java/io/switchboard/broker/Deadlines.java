package io.switchboard.broker;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// What something happens to at a moment: the delay of a message in a queue is over, or it is too
/// old; a topic's history is too old. A binary heap whose items know their place, so that one that
/// is consumed before leaves it at once. Owned by its shard.
final class Deadlines<T extends Timed> {
    private @Nullable Timed[] heap = new @Nullable Timed[16];
    private int count;

    int count() {
        return count;
    }

    /// The earliest moment, or `Long.MAX_VALUE`.
    long nextMillis() {
        return count == 0 ? Long.MAX_VALUE : at(0).deadlineMillis;
    }

    /// An item has one deadline at a time.
    void set(T item, long deadlineMillis) {
        if (item.deadlineIndex >= 0) {
            remove(item);
        }
        if (count == heap.length) {
            heap = Arrays.copyOf(heap, 2 * count);
        }
        item.deadlineMillis = deadlineMillis;
        up(item, count++);
    }

    /// Nothing, if it has none.
    void remove(Timed item) {
        int index = item.deadlineIndex;
        if (index < 0) {
            return;
        }
        item.deadlineIndex = -1;
        Timed last = at(--count);
        heap[count] = null;
        if (last != item) {
            up(last, index);
            if (last.deadlineIndex == index) {
                down(last, index);
            }
        }
    }

    /// One that is due, which is then without deadline; or null.
    @SuppressWarnings("unchecked")
    @Nullable T poll(long nowMillis) {
        if (nextMillis() > nowMillis) {
            return null;
        }
        T first = (T) at(0);
        remove(first);
        return first;
    }

    private void up(Timed item, int index) {
        int i = index;
        while (i > 0) {
            int parent = (i - 1) >>> 1;
            if (at(parent).deadlineMillis <= item.deadlineMillis) {
                break;
            }
            put(at(parent), i);
            i = parent;
        }
        put(item, i);
    }

    private void down(Timed item, int index) {
        int i = index;
        while (2 * i + 1 < count) {
            int child = 2 * i + 1;
            if (child + 1 < count && at(child + 1).deadlineMillis < at(child).deadlineMillis) {
                child++;
            }
            if (item.deadlineMillis <= at(child).deadlineMillis) {
                break;
            }
            put(at(child), i);
            i = child;
        }
        put(item, i);
    }

    private void put(Timed item, int index) {
        heap[index] = item;
        item.deadlineIndex = index;
    }

    private Timed at(int index) {
        Timed item = heap[index];
        if (item == null) {
            throw new AssertionError("nothing at " + index + " of " + count);
        }
        return item;
    }
}
