package io.switchboard.broker;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// The queues that a shard is home to, and the private ones of its own subscriptions: what comes
/// in, what is settled, what is too old. Owned by that shard.
final class Queues {
    /// So many times the memory of all windows is that of all queues.
    private static final int WINDOWS_SHARE = 4;

    /// What is due is handled so much at a time: the rest comes when the shard is woken next.
    private static final int DUE_MAX = 1_000;

    private final Shard shard;
    private final int index;
    private final Loop loop;
    private final LongSupplier epochs;
    private final Policies policies;
    private final Journal journal;
    private final Counters counters;
    private final QueueLimits limits;
    private final int delayedMax;
    private final int queuesMax;
    private final Budget budget;
    private final Budget.Share memory;
    private final Map<String, Queue> queues = new HashMap<>();
    private final Backlog backlog;
    private final Settlements settlements;
    private final Deadlines<Entry> deadlines = new Deadlines<>();
    private int delayed;

    /// Of this life: those of earlier ones are not above it.
    private final long firstSequence;

    /// The shard does not run yet.
    private boolean restoring;

    Queues(Shard shard, int index, int count, Shard.Ports ports, Policies policies) {
        this.shard = shard;
        this.index = index;
        loop = ports.loop();
        epochs = ports.ids();
        journal = ports.journal();
        firstSequence = Shard.firstSequence(journal);
        this.policies = policies;
        counters = shard.counters;
        limits = shard.limits.queues();
        delayedMax = Math.max(1, limits.delayed() / count);
        queuesMax = Math.max(1, shard.limits.destinations() / count);
        budget = ports.queueMemory();
        memory = budget.share();
        backlog =
                new Backlog(
                        index,
                        this,
                        journal,
                        counters,
                        memory,
                        limits.bytes() / WINDOWS_SHARE / count);
        settlements = new Settlements(shard, this);
    }

    Settlements settlements() {
        return settlements;
    }

    Backlog backlog() {
        return backlog;
    }

    boolean durable() {
        return journal.durable();
    }

    int queueCount() {
        return queues.size();
    }

    long bytesHeld() {
        return memory.used();
    }

    long nowMillis() {
        return loop.epochMillis();
    }

    // --- In ---

    /// Station 6 of a queue: the message gets its place, or is refused.
    void publish(Message message, Request request) {
        Queue queue = queues.get(message.destination());
        if (queue == null) {
            if (DestinationName.passing(message.destination())) {
                // Whom it was for has gone, or never came: that is no mistake of the sender's.
                counters.unrouted++;
                shard.answer(request, null);
                return;
            }
            Refusal refusal = create(message.destination());
            if (refusal != null) {
                shard.answer(request, refusal);
                return;
            }
            queue = queues.get(message.destination());
        }
        if (queue != null) {
            publish(message, queue, request);
        }
    }

    private void publish(Message message, Queue queue, Request request) {
        Refusal refusal = room(queue, message);
        Entry entry = refusal == null ? admit(queue, message) : null;
        if (entry == null) {
            shard.answer(request, refusal == null ? noMemory() : refusal);
            forgetIfIdle(queue);
            return;
        }
        if (!entry.durable && queue.places.empty()) {
            queue.accept(entry);
            shard.answer(request, null);
            // It may have come too late.
            forgetIfIdle(queue);
            return;
        }
        Places.Place place =
                queue.places.open(() -> {
                    queue.accept(entry);
                    shard.answer(request, null);
                });
        if (!entry.durable) {
            place.keep();
            return;
        }
        append(
                request.changes(put(entry)),
                failure -> {
                    if (failure == null) {
                        place.keep();
                    } else {
                        forget(entry);
                        place.giveUp();
                        shard.answer(request, failure);
                        forgetIfIdle(queue);
                    }
                });
    }

    /// Null if there is one now.
    private @Nullable Refusal create(String name) {
        if (queues.containsKey(name)) {
            return null;
        }
        if (queues.size() >= queuesMax) {
            return Subscriptions.tooManyDestinations(shard.limits.destinations());
        }
        add(name, epochs.getAsLong());
        return null;
    }

    private Queue add(String name, long epoch) {
        Queue.Kind kind = DestinationName.passing(name) ? Queue.Kind.PASSING : Queue.Kind.LASTING;
        Queue queue = new Queue(name, kind, policies.of(name), epoch, firstSequence, this);
        queues.put(name, queue);
        return queue;
    }

    /// Null if the queue may have one more; else why not.
    private @Nullable Refusal room(Queue queue, Message message) {
        boolean own = queue.policy.maxLength() > 0;
        int lengthMax = own ? queue.policy.maxLength() : limits.length();
        if (queue.kind != Queue.Kind.PRIVATE && queue.length() >= lengthMax) {
            return new Refusal(
                    Disconnect.QUEUE_FULL,
                    "expected fewer than "
                            + lengthMax
                            + " messages in "
                            + queue.name
                            + (own ? ", its max-length," : "")
                            + " but was "
                            + queue.length()
                            + "; wait until some are consumed",
                    own ? Bound.MAX_LENGTH : Bound.OF_ROW);
        }
        if (message.options().delayMillis() > 0 && delayed >= delayedMax) {
            return new Refusal(
                    Disconnect.TOO_MANY_DELAYED,
                    "expected fewer than "
                            + limits.delayed()
                            + " delayed messages, of which each shard has its share, but was one"
                            + " more");
        }
        return null;
    }

    private Refusal noMemory() {
        return new Refusal(
                Disconnect.QUEUE_MEMORY,
                "expected all queues to hold at most "
                        + budget.bytesMax()
                        + " bytes but was more; wait until some messages are consumed");
    }

    /// Null if there is no memory for it.
    private @Nullable Entry admit(Queue queue, Message message) {
        boolean durable =
                journal.durable()
                        && queue.kind == Queue.Kind.LASTING
                        && queue.policy.durable()
                        && message.options().persistent();
        Entry entry = queue.entry(message, durable, nowMillis());
        if (!backlog.hold(entry)) {
            return null;
        }
        counters.queued++;
        queue.admit(entry);
        if (message.options().delayMillis() > 0) {
            entry.delayed = true;
            delayed++;
        }
        return entry;
    }

    private static Journal.Change put(Entry entry) {
        return new Journal.Change.Put(
                entry.queue.name,
                entry.message(),
                entry.arrivedMillis,
                entry.expiresMillis,
                entry.message().options().dueAt(entry.arrivedMillis));
    }

    void append(List<Journal.Change> changes, Journal.Then then) {
        journal.append(new Journal.Batch(index, changes, then));
    }

    // --- What outlived the last process ---

    Journal.Restoring restoring() {
        restoring = true;
        return new Journal.Restoring() {
            @Override
            public void value(String home, String name, byte[] value) {
                throw new IllegalStateException(
                        "expected messages only in " + home + " but was a value " + name);
            }

            @Override
            public void message(String home, Journal.StoredMessage stored) {
                restore(home, stored);
            }
        };
    }

    /// It is there whatever the limits say now, and whether its queue would be durable or not:
    /// limits refuse only what is new.
    private void restore(String name, Journal.StoredMessage stored) {
        Queue queue = queues.get(name);
        if (queue == null) {
            queue = add(name, stored.epoch());
        }
        backlog.holdStub();
        counters.queued++;
        boolean early = stored.dueMillis() > nowMillis();
        Entry entry = queue.restore(stored, early ? stored.dueMillis() : 0);
        if (early) {
            entry.delayed = true;
            delayed++;
        }
    }

    /// What was stored for a subscription.
    void restore(Queue queue, Journal.StoredMessage stored) {
        backlog.holdStub();
        counters.queued++;
        queue.restore(stored, 0);
    }

    // --- Queues of subscriptions that outlive their connections ---

    /// Who has to know that something goes that its client has not had.
    interface Missed {
        /// @param stored whether what goes has to be removed from the journal
        /// @return what is to be stored in one batch with its removal
        List<Journal.Change> from(Queue queue, boolean stored);
    }

    Queue durable(String home, Policies.Policy policy) {
        return new Queue(home, Queue.Kind.DURABLE, policy, epochs.getAsLong(), 0, this);
    }

    /// A copy for such a subscription; where there is no room the oldest go.
    ///
    /// @param message with its place in its topic
    /// @param stored whether the journal has it
    /// @param missed is told of each that goes, before it does
    void keep(Queue queue, Message message, boolean stored, long arrivedMillis, Missed missed) {
        int lengthMax = queue.policy.maxLength() > 0 ? queue.policy.maxLength() : limits.length();
        while (queue.line.count() >= lengthMax && dropOldest(queue, missed) > 0) {
            continue;
        }
        Entry entry = queue.copy(message, stored, arrivedMillis);
        counters.queued++;
        if (backlog.hold(entry) || makeRoom(queue, entry, missed)) {
            queue.admit(entry);
            queue.accept(entry);
        } else {
            // It is the oldest itself; held until the journal knows that it goes.
            backlog.holdAnyway(entry);
            queue.pause();
            queue.admit(entry);
            queue.accept(entry);
            dropOldest(queue, missed);
            queue.resume();
        }
    }

    /// What goes for it gives its memory back when the journal knows.
    private boolean makeRoom(Queue queue, Entry entry, Missed missed) {
        long dropped = 0;
        while (dropped < backlog.costMin(entry)) {
            long cost = dropOldest(queue, missed);
            if (cost == 0) {
                return false;
            }
            dropped += cost;
        }
        backlog.holdAnyway(entry);
        return true;
    }

    /// Answers what it was charged with; 0 if nothing waits.
    private long dropOldest(Queue queue, Missed missed) {
        Entry oldest = queue.line.first();
        if (oldest == null) {
            return 0;
        }
        long cost = oldest.chargedAsStub ? Backlog.STUB : oldest.cost;
        List<Journal.Change> mark = missed.from(queue, oldest.durable);
        queue.leave(oldest);
        settlements.giveUp(oldest, mark);
        return cost;
    }

    // --- Private queues, of topics ---

    /// For a subscription of a topic that acknowledges: what it has not settled waits here.
    Queue feed(Consumer consumer) {
        String name = consumer.destination;
        Queue queue =
                new Queue(name, Queue.Kind.PRIVATE, policies.of(name), epochs.getAsLong(), 0, this);
        queue.add(consumer);
        return queue;
    }

    /// Puts a topic's message into the private queue of a subscription; what has no room there goes
    /// the way of the topic's overflow policy.
    void feed(Queue queue, Message message, Overflow overflow, Session session) {
        long bytesMax = shard.limits.outboundBytesPerSession();
        boolean oldestGo = overflow == Overflow.DROP_OLDEST || overflow == Overflow.CONFLATE;
        while (oldestGo && queue.length() > 0 && queue.bytes() + message.cost() > bytesMax) {
            Entry oldest = queue.line.firstOf(message.destination());
            if (oldest == null) {
                break;
            }
            queue.leave(oldest);
            forget(oldest);
            counters.dropped[overflow.ordinal()]++;
            session.tellDropped(message.destination(), 1);
        }
        boolean fits = queue.length() == 0 || queue.bytes() + message.cost() <= bytesMax;
        Entry entry = fits ? queue.feed(message, nowMillis()) : null;
        if (entry != null && backlog.hold(entry)) {
            counters.queued++;
            queue.admit(entry);
            queue.accept(entry);
            return;
        }
        counters.dropped[overflow.ordinal()]++;
        if (overflow == Overflow.DISCONNECT) {
            session.doomNow();
        }
        session.tellDropped(message.destination(), 1);
    }

    /// The same for a message of the topic's past, which comes in pages and so is in nobody's way;
    /// false if there is no memory for it.
    boolean feed(Queue queue, Kept kept) {
        Entry entry = queue.feed(kept.message(), kept.arrivedMillis());
        if (!backlog.hold(entry)) {
            return false;
        }
        counters.queued++;
        queue.admit(entry);
        queue.accept(entry);
        return true;
    }

    // --- Consumers ---

    void consume(Consumer consumer, Request request) {
        Refusal refusal = create(consumer.destination);
        Queue queue = queues.get(consumer.destination);
        if (refusal != null || queue == null) {
            shard.answer(request, refusal);
            return;
        }
        if (consumer.options.browser()) {
            refusal = browse(consumer, queue);
            shard.answer(request, refusal);
            forgetIfIdle(queue);
            return;
        }
        queue.add(consumer);
        shard.answer(request, null);
    }

    private @Nullable Refusal browse(Consumer consumer, Queue queue) {
        if (!memory.take(queue.line.count() * Browse.COST)) {
            return new Refusal(
                    Disconnect.QUEUE_MEMORY,
                    "there is no memory for a list of the messages in " + queue.name);
        }
        consumer.queue = queue;
        consumer.browse = new Browse(consumer, queue, this);
        consumer.browse.window();
        return null;
    }

    void giveBrowse(int entries) {
        memory.give(entries * Browse.COST);
    }

    /// There is more to look at for it than one turn has time for.
    void lookOn(Consumer consumer) {
        if (!consumer.lookingOn) {
            consumer.lookingOn = true;
            loop.post(index, new Post.LookOn(consumer));
        }
    }

    void lookedOn(Consumer consumer) {
        consumer.lookingOn = false;
        Queue queue = consumer.queue;
        if (queue == null || consumer.gone) {
            return;
        }
        if (consumer.browse != null) {
            consumer.browse.window();
        } else {
            queue.dispatch();
        }
    }

    void cancel(Consumer consumer, long written) {
        Queue queue = consumer.queue;
        if (queue == null) {
            // A durable subscription is only being made for it.
            consumer.gone = true;
            return;
        }
        if (consumer.gone) {
            return;
        }
        if (consumer.browse != null) {
            consumer.gone = true;
            consumer.browse.close();
        } else {
            queue.remove(consumer, written);
        }
    }

    void written(Consumer consumer, int count) {
        if (consumer.queue != null) {
            consumer.queue.written(consumer, count);
        }
    }

    void tellMissed(Consumer consumer) {
        shard.post(consumer.shard, new Post.Missed(consumer));
    }

    void hand(Consumer consumer, Entry entry, long tag) {
        shard.post(
                consumer.shard,
                new Post.Hand(
                        consumer,
                        entry.message(),
                        tag,
                        entry.deliveryCount,
                        entry.arrivedMillis,
                        earlier(entry)));
    }

    /// How often it was handed over before the server started is not stored: that would be a write
    /// a delivery. Its place tells that it was there.
    private boolean earlier(Entry entry) {
        return entry.durable && entry.sequence <= firstSequence;
    }

    void show(Consumer consumer, Entry entry, Message message) {
        shard.post(
                consumer.shard,
                new Post.Hand(
                        consumer,
                        message,
                        0,
                        entry.deliveryCount + 1,
                        entry.arrivedMillis,
                        earlier(entry)));
    }

    void showEnd(Consumer consumer, Message marker) {
        shard.post(consumer.shard, new Post.Hand(consumer, marker, 0, 1, nowMillis(), false));
    }

    // --- Ends ---

    /// It is not in its queue any more.
    void forget(Entry entry) {
        delayOver(entry);
        deadlines.remove(entry);
        backlog.give(entry);
        entry.queue.gone(entry);
        entry.forget();
        counters.queued--;
    }

    /// The journal has nothing of it though it should.
    void lost(Entry entry) {
        counters.lost++;
        forget(entry);
    }

    private void delayOver(Entry entry) {
        if (entry.delayed) {
            entry.delayed = false;
            delayed--;
        }
    }

    void forgetIfIdle(Queue queue) {
        if (queue.idle()) {
            forgetName(queue);
        }
    }

    /// Nobody finds it by its name any more.
    void forgetName(Queue queue) {
        if (queue.kind != Queue.Kind.PRIVATE) {
            queues.remove(queue.name, queue);
        }
    }

    // --- Time ---

    void setDeadline(Entry entry, long atMillis) {
        deadlines.set(entry, atMillis);
        wake();
    }

    void removeDeadline(Entry entry) {
        deadlines.remove(entry);
    }

    void restored() {
        restoring = false;
        wake();
    }

    void wake() {
        if (!restoring) {
            shard.wakeBy(Math.min(deadlines.nextMillis(), backlog.nextMillis()));
        }
    }

    void onDeadline() {
        long now = nowMillis();
        backlog.onDeadline(now);
        int left = DUE_MAX;
        for (Entry due = deadlines.poll(now);
                due != null;
                due = --left == 0 ? null : deadlines.poll(now)) {
            delayOver(due);
            Queue queue = due.queue;
            queue.due(due);
            forgetIfIdle(queue);
        }
        wake();
    }

    // --- As a part of a commit ---

    /// Keeps a place for a message; null if it has one, else why not.
    @Nullable Refusal prepare(Message message, Part part) {
        boolean passing = DestinationName.passing(message.destination());
        if (passing && !queues.containsKey(message.destination())) {
            counters.unrouted++;
            return null;
        }
        Refusal refusal = create(message.destination());
        Queue queue = queues.get(message.destination());
        if (refusal == null && queue != null) {
            refusal = room(queue, message);
            Entry entry = refusal == null ? admit(queue, message) : null;
            if (entry != null) {
                place(entry, queue, part);
            } else {
                refusal = refusal == null ? noMemory() : refusal;
                forgetIfIdle(queue);
            }
        }
        return refusal;
    }

    private void place(Entry entry, Queue queue, Part part) {
        if (entry.durable) {
            part.changes.add(put(entry));
        }
        Places.Place place =
                queue.places.open(() -> {
                    queue.accept(entry);
                    shard.answer(part.commit.request(), null);
                });
        part.undo.add(() -> {
            forget(entry);
            place.giveUp();
            forgetIfIdle(queue);
        });
        part.places.add(place);
    }
}
