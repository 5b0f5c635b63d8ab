package io.switchboard.broker;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A queue: its messages, its consumers, and who gets which. Each message goes to one consumer at a
/// time, in the order of arrival, to the consumers with credit in turn. Owned by its home shard.
///
/// A message is in one place at a time:
///
/// ```
/// PLACED -> [DELAYED ->] WAITING -> HELD -> [SETTLING ->] GONE
///                           ^---------'  (NACK, or its consumer went)
/// ```
final class Queue {
    enum Kind {
        /// Stays as long as it has messages.
        LASTING,
        /// What a subscription that outlives its connection has not had yet: lasts as that does.
        DURABLE,
        /// Goes with its last consumer, and its messages with it.
        PASSING,
        /// What one subscription of a topic has not acknowledged: known by no name.
        PRIVATE;

        /// Whether its messages have their places from topics, whose order has no priorities.
        boolean ofTopic() {
            return this == DURABLE || this == PRIVATE;
        }
    }

    private static final long RETRY_MILLIS = 1_000;

    final String name;
    final Kind kind;
    final Policies.Policy policy;
    final long epoch;
    final WaitingLine line = new WaitingLine();
    final Places places;
    private final Queues home;

    /// Null where nothing can be let go.
    private final @Nullable Window window;

    /// Of its last message.
    private long sequence;

    private long orders;

    /// Messages in all, whatever their state, and what they cost.
    private int length;

    private long bytes;
    private final List<Consumer> consumers = new ArrayList<>(1);
    private int exclusives;

    /// It went with its last consumer.
    private boolean closed;

    /// So many things are awaited before anything is handed out.
    private int pauses;

    /// Of [Kind#DURABLE]: something was dropped, and no client has heard of it.
    boolean missed;

    /// Consumers that may have credit, in turn.
    private final ArrayDeque<Consumer> ring = new ArrayDeque<>(2);

    /// @param before the sequence before the first
    Queue(String name, Kind kind, Policies.Policy policy, long epoch, long before, Queues home) {
        sequence = before;
        this.name = name;
        this.kind = kind;
        this.policy = policy;
        this.epoch = epoch;
        this.home = home;
        places = new Places(() -> home.forgetIfIdle(this));
        window = kind != Kind.PRIVATE && home.durable() ? new Window(this, home) : null;
    }

    int length() {
        return length;
    }

    long bytes() {
        return bytes;
    }

    boolean idle() {
        return kind != Kind.DURABLE && length == 0 && consumers.isEmpty() && places.empty();
    }

    // --- In ---

    /// The message with its place in this queue's order.
    Message place(Message message) {
        return message.at(epoch, ++sequence);
    }

    /// For a message that has come, with its place.
    Entry entry(Message message, boolean durable, long nowMillis) {
        long expires = message.options().expiresAt(nowMillis, policy.ttlMillis());
        return new Entry(this, place(message), durable, nowMillis, expires);
    }

    /// For a copy of a topic's message, which has its place there.
    Entry copy(Message placed, boolean durable, long arrivedMillis) {
        long expires = placed.options().expiresAt(arrivedMillis, policy.ttlMillis());
        return new Entry(this, placed, durable, arrivedMillis, expires);
    }

    /// For a message that has its place already, in a topic.
    Entry feed(Message placed, long nowMillis) {
        return copy(placed, false, nowMillis);
    }

    /// Counts it in.
    void admit(Entry entry) {
        length++;
        bytes += entry.cost;
    }

    /// Counts in a stub of what was stored in an earlier life, and puts it where it may be
    /// delivered from.
    ///
    /// @param dueMillis its time has not come; 0 if it has
    Entry restore(Journal.StoredMessage stored, long dueMillis) {
        Entry entry = new Entry(this, stored);
        sequence = Math.max(sequence, stored.sequence());
        admit(entry);
        if (dueMillis > 0) {
            delay(entry, dueMillis);
        } else {
            enqueue(entry);
        }
        return entry;
    }

    /// Puts what waits into another order.
    void sort(Comparator<Entry> order) {
        List<Entry> entries = new ArrayList<>(line.count());
        line.forEach(entries::add);
        entries.forEach(line::remove);
        entries.sort(order);
        for (Entry entry : entries) {
            entry.order = ++orders;
            line.add(entry);
        }
    }

    /// Its place is filled: from now on it may be delivered.
    void accept(Entry entry) {
        long nowMillis = home.nowMillis();
        long dueMillis = entry.message().options().dueAt(entry.arrivedMillis);
        if (closed) {
            home.settlements().drop(entry);
        } else if (dueMillis > 0) {
            delay(entry, dueMillis);
        } else if (entry.expired(nowMillis)) {
            home.settlements().expire(entry);
        } else {
            enqueue(entry);
            dispatch();
            if (window != null) {
                window.arrived(entry);
            }
        }
    }

    private void delay(Entry entry, long dueMillis) {
        entry.state = Entry.State.DELAYED;
        home.backlog().letGo(entry);
        boolean expiresBefore = entry.expiresMillis != 0 && entry.expiresMillis < dueMillis;
        home.setDeadline(entry, expiresBefore ? entry.expiresMillis : dueMillis);
    }

    private void enqueue(Entry entry) {
        entry.order = ++orders;
        line.add(entry);
        entered(entry);
    }

    private void putBack(Entry entry) {
        if (entry.order == 0) {
            entry.order = ++orders;
        }
        line.putBack(entry);
        entered(entry);
    }

    private void entered(Entry entry) {
        if (window != null) {
            window.entered(entry);
        }
        if (entry.expiresMillis != 0) {
            home.setDeadline(entry, entry.expiresMillis);
        }
    }

    /// Out of the line.
    void leave(Entry entry) {
        line.remove(entry);
        if (window != null) {
            window.left(entry);
        }
        home.removeDeadline(entry);
    }

    /// Its deadline has come: it is too old, or its delay is over.
    void due(Entry entry) {
        if (closed) {
            home.settlements().drop(entry);
        } else if (entry.expired(home.nowMillis())) {
            if (entry.state == Entry.State.WAITING) {
                leave(entry);
            }
            home.settlements().expire(entry);
        } else if (entry.order == 0) {
            enqueue(entry);
            dispatch();
        } else {
            putBack(entry);
            dispatch();
        }
    }

    // --- Out ---

    /// Hands nothing out until as many calls of [#resume].
    void pause() {
        pauses++;
    }

    void resume() {
        if (--pauses == 0) {
            dispatch();
        }
    }

    /// Hands out what can be handed out.
    void dispatch() {
        if (pauses > 0) {
            return;
        }
        int passed = 0;
        while (!line.empty() && passed < ring.size()) {
            Consumer consumer = next();
            if (consumer == null) {
                return;
            }
            Entry entry = consumer.cursor == null ? line.first() : line.first(consumer.cursor);
            if (entry == null) {
                ring.addLast(consumer);
                passed++;
                if (consumer.cursor != null) {
                    lookOn(consumer, consumer.cursor);
                }
            } else if (!consumer.mayTake(entry.cost)) {
                // It comes back with its next settlement; what it may not take another one may.
                consumer.inRing = false;
            } else if (entry.expired(home.nowMillis())) {
                ring.addFirst(consumer);
                leave(entry);
                home.settlements().expire(entry);
            } else if (entry.stub()) {
                ring.addLast(consumer);
                passed++;
                need(entry);
            } else {
                passed = 0;
                hand(entry, consumer);
                if (consumer.mayTake()) {
                    ring.addLast(consumer);
                } else {
                    consumer.inRing = false;
                }
            }
        }
        if (window != null && !ring.isEmpty()) {
            window.ahead();
        }
    }

    private void lookOn(Consumer consumer, WaitingLine.Cursor cursor) {
        Entry missing = cursor.missing();
        if (missing != null) {
            need(missing);
        } else if (cursor.unfinished()) {
            home.lookOn(consumer);
        }
    }

    private void need(Entry stub) {
        if (window == null) {
            throw new IllegalStateException("a stub of what is not durable: " + name);
        }
        window.need(stub);
    }

    /// Out of the ring; null if nobody is left who may take anything. The first exclusive consumer
    /// is the only one as long as it lives.
    private @Nullable Consumer next() {
        Consumer only = exclusive();
        for (int n = ring.size(); n > 0; n--) {
            Consumer consumer = ring.poll();
            if (consumer == null) {
                return null;
            }
            if (!consumer.mayTake()) {
                consumer.inRing = false;
            } else if (only == null || only == consumer) {
                return consumer;
            } else {
                ring.addLast(consumer);
            }
        }
        return null;
    }

    private @Nullable Consumer exclusive() {
        if (exclusives > 0) {
            for (Consumer consumer : consumers) {
                if (consumer.options.exclusive()) {
                    return consumer;
                }
            }
        }
        return null;
    }

    private void hand(Entry entry, Consumer consumer) {
        leave(entry);
        entry.state = Entry.State.HELD;
        entry.holder = consumer;
        entry.deliveryCount++;
        long tag = ++consumer.lastTag;
        consumer.held.add(tag, entry);
        consumer.bytes += entry.cost;
        home.hand(consumer, entry, tag);
        home.backlog().letGo(entry);
    }

    private void mayTakeAgain(Consumer consumer) {
        if (!consumer.inRing && consumer.mayTake()) {
            consumer.inRing = true;
            ring.addLast(consumer);
        }
    }

    // --- Consumers ---

    void add(Consumer consumer) {
        consumer.queue = this;
        if (consumer.selector != null) {
            consumer.cursor = line.open(consumer.selector);
        }
        consumers.add(consumer);
        if (consumer.options.exclusive()) {
            exclusives++;
        }
        mayTakeAgain(consumer);
        dispatch();
    }

    /// What it held goes back to its place.
    ///
    /// @param written what it was handed under tags up to this one has reached its client
    void remove(Consumer consumer, long written) {
        if (consumer.gone) {
            return;
        }
        consumer.gone = true;
        if (consumer.cursor != null) {
            line.close(consumer.cursor);
        }
        consumers.remove(consumer);
        if (consumer.inRing) {
            consumer.inRing = false;
            ring.remove(consumer);
        }
        if (consumer.options.exclusive()) {
            exclusives--;
        }
        if (consumer.auto()) {
            settleWritten(consumer, written);
        }
        giveBack(consumer, written);
        if ((kind == Kind.PASSING || kind == Kind.PRIVATE) && consumers.isEmpty()) {
            close();
        }
        dispatch();
        home.forgetIfIdle(this);
    }

    /// The latest first, so that each finds its place at the head.
    private void giveBack(Consumer consumer, long written) {
        List<Entry> back = new ArrayList<>(consumer.held.count());
        for (long tag = 0; consumer.held.count() > 0; ) {
            tag = consumer.held.firstTag();
            Entry entry = consumer.held.remove(tag);
            if (entry != null && !entry.promised) {
                if (tag > written) {
                    // It has not left this server, so this was no delivery.
                    entry.deliveryCount--;
                }
                back.add(entry);
            }
        }
        consumer.bytes = 0;
        for (int i = back.size() - 1; i >= 0; i--) {
            requeue(back.get(i));
        }
    }

    /// Nobody will come for what is left; what is elsewhere is dropped when it comes back. Who
    /// subscribes to the name from now on gets a queue of its own.
    void close() {
        closed = true;
        home.forgetName(this);
        List<Entry> left = new ArrayList<>(line.count());
        for (Entry first = line.first(); first != null; first = line.first()) {
            leave(first);
            left.add(first);
        }
        home.settlements().dropAll(left);
    }

    // --- Settling ---

    /// With [AckMode#AUTO] what has been written is consumed.
    void written(Consumer consumer, int count) {
        if (consumer.gone) {
            return;
        }
        if (consumer.browse != null) {
            consumer.browse.written(count);
            return;
        }
        if (consumer.auto() && consumer.held.count() > 0) {
            settleWritten(consumer, consumer.held.firstTag() + count - 1);
            mayTakeAgain(consumer);
            dispatch();
        }
    }

    private void settleWritten(Consumer consumer, long upTo) {
        while (consumer.held.count() > 0 && consumer.held.firstTag() <= upTo) {
            Entry entry = consumer.held.remove(consumer.held.firstTag());
            if (entry != null) {
                consumer.bytes -= entry.cost;
                home.settlements().consumed(entry);
            }
        }
    }

    /// Takes one message out of its consumer's hands; null if it is not there.
    @Nullable Entry release(Consumer consumer, HeldName name) {
        long tag = tag(consumer.held, name);
        Entry entry = tag <= 0 ? null : consumer.held.get(tag);
        if (entry == null || entry.promised) {
            return null;
        }
        consumer.held.remove(tag);
        released(consumer, entry);
        return entry;
    }

    private static long tag(Held held, HeldName name) {
        return name.tag() != 0 ? name.tag() : held.tagOf(name.epoch(), name.sequence());
    }

    private static void released(Consumer consumer, Entry entry) {
        consumer.bytes -= entry.cost;
        entry.holder = null;
        entry.state = Entry.State.SETTLING;
    }

    /// Whether the consumer holds what an ACK or NACK names, and may settle it.
    static boolean holds(Consumer consumer, HeldName name) {
        long tag = tag(consumer.held, name);
        Entry entry = tag <= 0 ? null : consumer.held.get(tag);
        return entry != null && !entry.promised;
    }

    /// The tags that an ACK or NACK settles; empty if what it names is not held.
    List<Long> named(Consumer consumer, HeldName name) {
        if (!holds(consumer, name)) {
            return List.of();
        }
        Held held = consumer.held;
        long tag = tag(held, name);
        if (consumer.options.ack() == AckMode.CLIENT_INDIVIDUAL) {
            return List.of(tag);
        }
        List<Long> tags = new ArrayList<>();
        for (long t = held.firstTag(); t >= 0 && t <= tag; t = held.nextTag(t)) {
            Entry each = held.get(t);
            if (each != null && !each.promised) {
                tags.add(t);
            }
        }
        return tags;
    }

    /// Takes these out of the consumer's hands.
    List<Entry> release(Consumer consumer, List<Long> tags) {
        List<Entry> entries = new ArrayList<>(tags.size());
        for (long tag : tags) {
            Entry entry = consumer.held.remove(tag);
            if (entry != null) {
                released(consumer, entry);
                entries.add(entry);
            }
        }
        return entries;
    }

    /// After something was released: its consumer has credit again.
    void goOn(Consumer consumer) {
        if (!consumer.gone) {
            mayTakeAgain(consumer);
        }
        dispatch();
    }

    /// Back to its place, or to the dead letters if it was tried too often.
    void requeue(Entry entry) {
        entry.holder = null;
        if (closed) {
            home.settlements().drop(entry);
        } else if (entry.expired(home.nowMillis())) {
            home.settlements().expire(entry);
        } else if (entry.deliveryCount >= policy.maxDeliveries()) {
            home.settlements().bury(entry, DeadLetter.TOO_MANY_DELIVERIES);
        } else if (policy.redeliveryDelayMillis() > 0 && entry.deliveryCount > 0) {
            delay(entry, home.nowMillis() + policy.redeliveryDelayMillis());
        } else {
            putBack(entry);
        }
    }

    /// The journal has nothing of it though it should: nobody can have it.
    void lost(Entry entry) {
        leave(entry);
        home.lost(entry);
    }

    /// It was to leave the queue, and the journal failed.
    void takeBack(Entry entry) {
        entry.holder = null;
        if (closed) {
            home.settlements().drop(entry);
        } else if (entry.expired(home.nowMillis())) {
            // Not at once again: a journal that is full stays so for a while.
            entry.state = Entry.State.DELAYED;
            home.setDeadline(entry, home.nowMillis() + RETRY_MILLIS);
        } else {
            putBack(entry);
            dispatch();
        }
    }

    /// Something is dropped that was for these.
    void tellMissed() {
        consumers.forEach(home::tellMissed);
    }

    /// It is out of the queue for good.
    void gone(Entry entry) {
        length--;
        bytes -= entry.cost;
        if (kind == Kind.PRIVATE && !consumers.isEmpty()) {
            // More of the topic's past may have waited for this.
            Session session = consumers.get(0).subscription.session;
            if (session.replays != null) {
                session.askForFlush();
            }
        }
    }
}
