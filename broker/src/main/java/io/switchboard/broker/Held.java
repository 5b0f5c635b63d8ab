package io.switchboard.broker;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// The messages that a consumer was handed and has not settled, each under a tag of its own that
/// rises with each handing over. Nearly always the oldest is settled first, which costs a
/// comparison; any other is found by halving. Owned by the queue's shard.
final class Held {
    private static final long[] NO_TAGS = new long[0];
    private static final @Nullable Entry[] NO_ENTRIES = new @Nullable Entry[0];

    private long[] tags = NO_TAGS;
    private @Nullable Entry[] entries = NO_ENTRIES;

    // From the first that is held to behind the last; what was settled in between is null.
    private int from;
    private int to;
    private int count;

    int count() {
        return count;
    }

    /// How many it has room for.
    int capacity() {
        return tags.length;
    }

    /// The tag is above all before.
    void add(long tag, Entry entry) {
        if (to == tags.length) {
            makeRoom();
        }
        tags[to] = tag;
        entries[to++] = entry;
        count++;
    }

    private void makeRoom() {
        if (count >= tags.length / 2) {
            int capacity = Math.max(4, 2 * tags.length);
            tags = Arrays.copyOf(tags, capacity);
            entries = Arrays.copyOf(entries, capacity);
        }
        int kept = 0;
        for (int i = from; i < to; i++) {
            if (entries[i] != null) {
                tags[kept] = tags[i];
                entries[kept++] = entries[i];
            }
        }
        Arrays.fill(entries, kept, to, null);
        from = 0;
        to = kept;
    }

    /// Null if it is not held, or not any more.
    @Nullable Entry get(long tag) {
        int index = index(tag);
        return index < 0 ? null : entries[index];
    }

    private int index(long tag) {
        if (from < to && tags[from] == tag) {
            return from;
        }
        return Arrays.binarySearch(tags, from, to, tag);
    }

    @Nullable Entry remove(long tag) {
        int index = index(tag);
        Entry entry = index < 0 ? null : entries[index];
        if (entry != null) {
            entries[index] = null;
            count--;
            while (from < to && entries[from] == null) {
                from++;
            }
            if (from == to) {
                from = 0;
                to = 0;
            }
        }
        return entry;
    }

    /// The tag of the oldest.
    ///
    /// @throws IllegalStateException if nothing is held
    long firstTag() {
        if (count == 0) {
            throw new IllegalStateException("nothing is held");
        }
        return tags[from];
    }

    /// The tag of the oldest that is above this one, or -1.
    long nextTag(long tag) {
        int found = Arrays.binarySearch(tags, from, to, tag + 1);
        for (int i = found < 0 ? -found - 1 : found; i < to; i++) {
            if (entries[i] != null) {
                return tags[i];
            }
        }
        return -1;
    }

    /// The tag under which a message is held, or -1.
    long tagOf(long epoch, long sequence) {
        for (int i = from; i < to; i++) {
            Entry entry = entries[i];
            if (entry != null && entry.sequence == sequence && entry.epoch == epoch) {
                return tags[i];
            }
        }
        return -1;
    }
}
