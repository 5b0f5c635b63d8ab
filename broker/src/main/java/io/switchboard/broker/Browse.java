package io.switchboard.broker;

import java.util.ArrayDeque;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Somebody looks at what waited in a queue when it asked, a window at a time: the next one follows
/// when its socket has taken the last. What has left the queue meanwhile is passed over. Messages
/// that are not in memory are read a page at a time and do not stay. Owned by the queue's home
/// shard.
final class Browse {
    /// What an entry of the list is charged with, in bytes.
    static final long COST = 8;

    /// Entries that are looked at in one turn.
    private static final int LOOKED_AT_MAX = 1_000;

    private static final Headers END = Headers.of("browser", "end");

    private final Consumer consumer;
    private final Queue queue;
    private final Queues home;
    private final ArrayDeque<Entry> rest;

    /// Messages that were read, of entries that come next; null where the journal has none.
    private final Map<Entry, @Nullable Message> page = new IdentityHashMap<>();

    /// What those are charged with.
    private long pageBytes;

    private boolean reading;
    private int unwritten;

    /// Of the messages of this window.
    private long bytes;

    private boolean ended;

    Browse(Consumer consumer, Queue queue, Queues home) {
        this.consumer = consumer;
        this.queue = queue;
        this.home = home;
        rest = new ArrayDeque<>(queue.line.count());
        queue.line.forEach(rest::add);
    }

    /// It ends before its time.
    void close() {
        home.giveBrowse(rest.size());
        rest.clear();
        dropPage();
    }

    void written(int count) {
        unwritten -= count;
        if (unwritten == 0 && !ended) {
            bytes = 0;
            window();
        }
    }

    /// As much as the consumer's prefetch allows.
    void window() {
        int looked = 0;
        while (!ended
                && !reading
                && unwritten < consumer.options.prefetchCount()
                && bytes < consumer.options.prefetchBytes()) {
            if (looked == LOOKED_AT_MAX) {
                home.lookOn(consumer);
                break;
            }
            Entry entry = rest.peek();
            if (entry == null) {
                end();
            } else if (waits(entry) && entry.stub() && !page.containsKey(entry)) {
                read();
            } else {
                rest.poll();
                looked++;
                show(entry);
            }
        }
        home.giveBrowse(looked);
    }

    private boolean waits(Entry entry) {
        return entry.state == Entry.State.WAITING && !entry.expired(home.nowMillis());
    }

    private void show(Entry entry) {
        Message read = page.remove(entry);
        if (!waits(entry)) {
            return;
        }
        Message message = entry.stub() ? read : entry.message();
        if (message != null
                && (consumer.selector == null
                        || consumer.selector.matches(message, entry.arrivedMillis))) {
            unwritten++;
            bytes += entry.cost;
            home.show(consumer, entry, message);
        }
    }

    private void end() {
        ended = true;
        dropPage();
        Message marker = Message.of(consumer.destination, END, new byte[0], true);
        home.showEnd(consumer, queue.place(marker));
    }

    // --- What is not in memory ---

    private void read() {
        dropPage();
        Backlog.Wish wish = new Backlog.Wish(home.backlog().page());
        for (Iterator<Entry> i = rest.iterator(); i.hasNext() && wish.look(i.next()); ) {
            continue;
        }
        reading = true;
        home.backlog()
                .read(wish.stubs, (messages, failure) -> found(wish.stubs, messages, failure));
    }

    private void found(
            List<Entry> stubs, List<@Nullable Message> messages, @Nullable Refusal failure) {
        if (consumer.gone) {
            return;
        }
        if (failure != null) {
            home.backlog().later(this::goOn);
            return;
        }
        for (int i = 0; i < stubs.size(); i++) {
            page.put(stubs.get(i), messages.get(i));
            pageBytes += stubs.get(i).cost;
        }
        home.backlog().charge(pageBytes);
        goOn();
    }

    private void goOn() {
        reading = false;
        if (!consumer.gone) {
            window();
        }
    }

    private void dropPage() {
        page.clear();
        home.backlog().discharge(pageBytes);
        pageBytes = 0;
    }
}
