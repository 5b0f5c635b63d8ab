package io.switchboard.broker;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The messages of a shard's queues that are in memory though the journal has them, what they are
/// charged with, and how they come back. Owned by that shard.
///
/// A backlog does not live in memory. A message that is stored is kept here while it waits near the
/// head of its queue ([Window]); of all others, and of what a consumer holds, there is a stub,
/// which is charged with [#STUB]. What is let go is read again before it is needed.
final class Backlog {
    /// What a stub is charged with, in bytes: its [Entry], and its part of a few tables.
    static final int STUB = 104;

    /// What one queue keeps of its line, in bytes, and what is read at a time where one message is
    /// missing, at least one message. Both are less where all windows together may have little.
    private static final long WINDOW_MAX = 1 << 20;

    private static final long PAGE_MAX = 64 << 10;

    /// Entries that are passed over at most in looking for what to read.
    private static final int LOOKED_AT_MAX = 10_000;

    /// After a failed read, before the next one.
    private static final long RETRY_MILLIS = 1_000;

    private final int index;
    private final Queues home;
    private final Journal journal;
    private final Counters counters;
    private final Budget.Share memory;

    /// The most that all windows together are to have, and what they have, in bytes.
    private final long windowsMax;

    private long windows;
    private final long window;
    private final long page;

    /// What is to be tried again, by its moment.
    private final ArrayDeque<Retry> retries = new ArrayDeque<>();

    private record Retry(long atMillis, Runnable what) {}

    Backlog(
            int index,
            Queues home,
            Journal journal,
            Counters counters,
            Budget.Share memory,
            long windowsMax) {
        this.index = index;
        this.home = home;
        this.journal = journal;
        this.counters = counters;
        this.memory = memory;
        this.windowsMax = windowsMax;
        window = Math.min(WINDOW_MAX, windowsMax / 4);
        page = Math.min(PAGE_MAX, windowsMax / 16);
    }

    long window() {
        return window;
    }

    long page() {
        return page;
    }

    // --- What it costs ---

    /// Room for a message that comes in: for a durable one at least for its stub, and then it goes
    /// as soon as it is stored.
    boolean hold(Entry entry) {
        if (memory.take(entry.cost)) {
            return true;
        }
        entry.chargedAsStub = entry.durable && memory.take(STUB);
        return entry.chargedAsStub;
    }

    /// The least that it can be charged with.
    long costMin(Entry entry) {
        return entry.durable ? STUB : entry.cost;
    }

    /// For one that others have made room for.
    void holdAnyway(Entry entry) {
        entry.chargedAsStub = entry.durable;
        memory.charge(costMin(entry));
    }

    /// For a stub that was there before.
    void holdStub() {
        memory.charge(STUB);
    }

    void give(Entry entry) {
        memory.give(entry.chargedAsStub ? STUB : entry.cost);
    }

    /// What the journal has is not kept here any longer.
    void letGo(Entry entry) {
        if (entry.durable) {
            entry.letGo();
            if (!entry.chargedAsStub) {
                entry.chargedAsStub = true;
                memory.give(entry.cost - STUB);
            }
        }
    }

    void bringBack(Entry entry, Message message) {
        entry.bringBack(message);
        if (entry.chargedAsStub) {
            entry.chargedAsStub = false;
            memory.charge(entry.cost - STUB);
        }
    }

    /// A message that was read for a moment.
    void charge(long bytes) {
        memory.charge(bytes);
    }

    void discharge(long bytes) {
        memory.give(bytes);
    }

    /// A window has got larger, or smaller.
    void windowChanged(long bytes) {
        windows += bytes;
    }

    /// What windows may still have.
    long room() {
        return windowsMax - windows;
    }

    // --- Reading ---

    /// What a page that begins with this stub holds: stubs of one epoch, in the order in which they
    /// are looked for.
    static final class Wish {
        final List<Entry> stubs = new ArrayList<>();
        private final long bytesMax;
        private long bytes;
        private int looked;

        Wish(long bytesMax) {
            this.bytesMax = bytesMax;
        }

        /// For the line, which is read once. Answers whether there is room for more.
        boolean add(Entry entry) {
            return entry.reading ? ++looked < LOOKED_AT_MAX : look(entry);
        }

        /// For somebody of its own.
        boolean look(Entry entry) {
            if (entry.stub() && entry.state == Entry.State.WAITING) {
                boolean fits = stubs.isEmpty() || bytes + entry.cost <= bytesMax;
                if (!fits || !stubs.isEmpty() && stubs.get(0).epoch != entry.epoch) {
                    return false;
                }
                stubs.add(entry);
                bytes += entry.cost;
            }
            return bytes < bytesMax && ++looked < LOOKED_AT_MAX;
        }
    }

    /// Who wanted to read.
    interface Found {
        /// @param messages one for each stub; null where there is none. Empty after a failure
        void found(List<@Nullable Message> messages, @Nullable Refusal failure);
    }

    /// Reads the messages of stubs that are of one queue and one epoch, without bringing them back.
    void read(List<Entry> stubs, Found found) {
        Integer[] rising = new Integer[stubs.size()];
        for (int i = 0; i < rising.length; i++) {
            rising[i] = i;
        }
        Arrays.sort(rising, Comparator.comparingLong(i -> stubs.get(i).sequence));
        long[] sequences = new long[rising.length];
        for (int i = 0; i < rising.length; i++) {
            sequences[i] = stubs.get(rising[i]).sequence;
        }
        Entry first = stubs.get(0);
        counters.reads++;
        journal.read(
                new Journal.Reading(
                        index,
                        first.queue.name,
                        first.epoch,
                        sequences,
                        (messages, failure) -> {
                            if (failure != null) {
                                counters.readsFailed++;
                                found.found(List.of(), failure);
                                return;
                            }
                            @Nullable Message[] each = new @Nullable Message[rising.length];
                            for (int i = 0; i < rising.length; i++) {
                                each[rising[i]] = messages.get(i);
                            }
                            found.found(Arrays.asList(each), null);
                        }));
    }

    // --- Trying again ---

    void later(Runnable what) {
        retries.add(new Retry(home.nowMillis() + RETRY_MILLIS, what));
        home.wake();
    }

    /// When there is something to try again, in milliseconds since 1970.
    long nextMillis() {
        Retry first = retries.peek();
        return first == null ? Long.MAX_VALUE : first.atMillis;
    }

    void onDeadline(long nowMillis) {
        for (Retry first = retries.peek();
                first != null && first.atMillis <= nowMillis;
                first = retries.peek()) {
            retries.poll();
            first.what.run();
        }
    }
}
