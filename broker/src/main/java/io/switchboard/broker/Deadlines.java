package io.switchboard.broker;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// What something happens to at a moment: the delay of a message in a queue is over, or it is too
/// old; a topic's history is too old. A binary heap whose items know their place, so that one that
/// is consumed before leaves it at once. Owned by its shard.
final class Deadlines<T extends Timed> {
    private @Nullable Timed[] heap = new @Nullable Timed[16];

    /// When each is due, in milliseconds since 1970.
    private long[] millis = new long[16];

    private int count;

    int count() {
        return count;
    }

    /// The earliest moment, or `Long.MAX_VALUE`.
    long nextMillis() {
        return count == 0 ? Long.MAX_VALUE : millis[0];
    }

    /// An item has one deadline at a time.
    void set(T item, long deadlineMillis) {
        if (item.deadlineIndex >= 0) {
            remove(item);
        }
        if (count == heap.length) {
            heap = Arrays.copyOf(heap, 2 * count);
            millis = Arrays.copyOf(millis, 2 * count);
        }
        up(item, deadlineMillis, count++);
    }

    /// Nothing, if it has none.
    void remove(Timed item) {
        int index = item.deadlineIndex;
        if (index < 0) {
            return;
        }
        item.deadlineIndex = -1;
        Timed last = at(--count);
        long lastMillis = millis[count];
        heap[count] = null;
        if (last != item) {
            up(last, lastMillis, index);
            if (last.deadlineIndex == index) {
                down(last, lastMillis, index);
            }
        }
    }

    /// When it is due, in milliseconds since 1970; `Long.MAX_VALUE` for never.
    long momentOf(T item) {
        return item.deadlineIndex < 0 ? Long.MAX_VALUE : millis[item.deadlineIndex];
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

    private void up(Timed item, long deadlineMillis, int index) {
        int i = index;
        while (i > 0) {
            int parent = (i - 1) >>> 1;
            if (!before(item, deadlineMillis, parent)) {
                break;
            }
            put(at(parent), millis[parent], i);
            i = parent;
        }
        put(item, deadlineMillis, i);
    }

    private void down(Timed item, long deadlineMillis, int index) {
        int i = index;
        while (2 * i + 1 < count) {
            int child = 2 * i + 1;
            if (child + 1 < count && before(at(child + 1), millis[child + 1], child)) {
                child++;
            }
            if (before(item, deadlineMillis, child)) {
                break;
            }
            put(at(child), millis[child], i);
            i = child;
        }
        put(item, deadlineMillis, i);
    }

    /// What is due at one moment keeps its order.
    private boolean before(Timed item, long deadlineMillis, int index) {
        return deadlineMillis < millis[index]
                || deadlineMillis == millis[index] && item.turn() < at(index).turn();
    }

    private void put(Timed item, long deadlineMillis, int index) {
        heap[index] = item;
        millis[index] = deadlineMillis;
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
