package io.switchboard.broker;

import java.util.ArrayDeque;

/// Somebody looks at what waited in a queue when it asked, a window at a time: the next one follows
/// when its socket has taken the last. What has left the queue meanwhile is passed over. Owned by
/// the queue's home shard.
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

    int left() {
        return rest.size();
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
                && unwritten < consumer.options.prefetchCount()
                && bytes < consumer.options.prefetchBytes()) {
            if (looked == LOOKED_AT_MAX) {
                home.lookOn(consumer);
                break;
            }
            Entry entry = rest.poll();
            if (entry == null) {
                end();
            } else {
                looked++;
                show(entry);
            }
        }
        home.giveBrowse(looked);
    }

    private void show(Entry entry) {
        if (shows(entry)) {
            unwritten++;
            bytes += entry.cost;
            home.show(consumer, entry);
        }
    }

    private boolean shows(Entry entry) {
        return entry.state == Entry.State.WAITING
                && !entry.expired(home.nowMillis())
                && (consumer.selector == null
                        || consumer.selector.matches(entry.message(), entry.arrivedMillis));
    }

    private void end() {
        ended = true;
        Message marker = Message.of(consumer.destination, END, new byte[0], true);
        home.showEnd(consumer, queue.place(marker));
    }
}
