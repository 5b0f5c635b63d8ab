package io.switchboard.broker;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/// Subscriptions to topics that outlive their connections. Each is a queue here, at the home shard
/// of its client: the home shards of the topics put a copy of each message into the journal,
/// together with whatever else of it is stored, and post it here when that is done, in order; from
/// then on it is as in any queue. Who is subscribed consumes it, one at a time; the next in line
/// follows.
///
/// **Life.** It is made by the first SUBSCRIBE: stored, then told to the home shards of its topics,
/// then answered, so that what is published after the answer is kept. A SUBSCRIBE with another
/// destination or selector ends it and makes another of the same name, in one step of the journal.
/// Each one made has a home of its own in the journal; what still comes to one that has ended is
/// removed when it comes, and what lies in one without a definition when the server starts.
///
/// **Rights.** What its owner may not subscribe to is not kept ([DurableRights]).
///
/// What an absent client lets pile up is bounded like any queue; past that the oldest go, and the
/// receipt of its next SUBSCRIBE says so.
///
/// Owned by its shard.
final class DurableSubscriptions {
    private static final String DEFINITION = "definition";
    private static final byte[] NOTHING = {};

    /// A value of its home: something was dropped, and its client has not heard of it.
    private static final String MISSED = "missed";

    /// A topic's sequence rises as long as it is published to, though its epoch may change; times
    /// of one life of the server never fall. So this is each topic's order, and nearly that of all.
    private static final Comparator<Entry> ORDER =
            Comparator.<Entry>comparingLong(entry -> entry.sequence >>> 32)
                    .thenComparingLong(entry -> entry.arrivedMillis)
                    .thenComparingLong(entry -> entry.sequence);

    private final Shard shard;
    private final int count;
    private final Queues queues;
    private final Policies policies;
    private final Journal journal;
    private final DurableLimits limits;
    private final DurableRights rights;
    private final Map<String, Slot> slots = new HashMap<>();

    /// How many each user has.
    private final Map<String, Integer> users = new HashMap<>();

    private int total;

    // While the journal gives back what it has.
    private final Map<String, DurableSubscription> restoring = new HashMap<>();
    private final Set<String> missedHomes = new HashSet<>();
    private List<Journal.Change> orphans = new ArrayList<>();

    /// One name, and the subscription that now has it. What is asked of it happens one after the
    /// other.
    private static final class Slot {
        final String key;
        @Nullable DurableSubscription live;
        boolean busy;
        final ArrayDeque<Runnable> later = new ArrayDeque<>(1);

        Slot(String key) {
            this.key = key;
        }
    }

    /// Home shards of topics that have not answered. Owned by the subscription's home shard.
    static final class Ticket {
        final int shard;
        private final Runnable then;
        private int outstanding;

        private Ticket(int shard, int outstanding, Runnable then) {
            this.shard = shard;
            this.outstanding = outstanding;
            this.then = then;
        }

        void answered() {
            if (--outstanding == 0) {
                then.run();
            }
        }
    }

    DurableSubscriptions(
            Shard shard, int count, Queues queues, Policies policies, Shard.Ports ports) {
        this.shard = shard;
        rights = new DurableRights(shard, shard.index(), ports, this);
        this.count = count;
        this.queues = queues;
        this.policies = policies;
        journal = ports.journal();
        limits = shard.limits.durable();
    }

    int count() {
        return total;
    }

    DurableRights rights() {
        return rights;
    }

    List<DurableSubscription> all() {
        List<DurableSubscription> all = new ArrayList<>(slots.size());
        for (Slot slot : slots.values()) {
            if (slot.live != null) {
                all.add(slot.live);
            }
        }
        return all;
    }

    void receive(Post.OfDurable post) {
        switch (post) {
            case Post.ConsumeDurable consume -> {
                Slot slot = slots.computeIfAbsent(consume.key(), Slot::new);
                next(slot, () -> subscribe(slot, consume));
            }
            case Post.EndDurable(String key, Request request) -> end(key, request);
            case Post.DurableOwner(String key, Principal owner) -> {
                Slot slot = slots.get(key);
                if (slot != null && slot.live != null) {
                    own(slot.live, owner);
                    rights.ask(slot.live);
                }
            }
            case Post.DurableDenied(String key, DurableWish wish, Principal owner) -> {
                Slot slot = slots.get(key);
                if (slot != null && slot.live != null && slot.live.wish.equals(wish)) {
                    own(slot.live, owner);
                    keep(slot.live, false);
                }
            }
        }
    }

    // --- SUBSCRIBE and its end ---

    private void subscribe(Slot slot, Post.ConsumeDurable consume) {
        DurableSubscription before = slot.live;
        DurableWish wish = consume.wish();
        Consumer consumer = consume.consumer();
        Request request = consume.request();
        Principal owner = DurableSubscription.owner(consume.owner());
        if (before != null && before.wish.equals(wish)) {
            own(before, owner);
            goOn(slot, before, consumer, request);
            return;
        }
        Refusal refusal = before == null ? room(slot.key) : null;
        if (refusal != null) {
            shard.answer(request, refusal);
            done(slot);
            return;
        }
        DurableSubscription made =
                make(slot.key, DurableName.home(shard.newId(), slot.key), wish, owner);
        List<Journal.Change> changes = new ArrayList<>(2);
        changes.add(new Journal.Change.Set(made.interest.home, DEFINITION, made.definition()));
        if (before != null) {
            changes.add(ended(before));
        }
        store(
                changes,
                failure -> {
                    if (failure == null) {
                        begin(slot, made, before);
                        tell(
                                made.interest,
                                () -> {
                                    join(made, consumer);
                                    shard.answer(request, null);
                                    rights.ask(made);
                                    done(slot);
                                });
                    } else {
                        if (before == null) {
                            count(slot.key, -1);
                        }
                        shard.answer(request, failure);
                        done(slot);
                    }
                });
    }

    /// Its client is here again, and was allowed to subscribe: which may not hold any more, as the
    /// answer was given elsewhere.
    private void goOn(Slot slot, DurableSubscription live, Consumer consumer, Request request) {
        live.revoked = false;
        Runnable joined =
                () -> {
                    join(live, consumer);
                    tellMissed(live.queue, request);
                    shard.answer(request, null);
                    rights.ask(live);
                    done(slot);
                };
        if (live.suspended) {
            live.suspended = false;
            tell(live.interest, joined);
        } else {
            joined.run();
        }
    }

    /// That is known of its client from now on.
    void own(DurableSubscription subscription, Principal client) {
        Principal owner = DurableSubscription.owner(client);
        Slot slot = slots.get(subscription.interest.key);
        if (slot == null || subscription.isOf(owner)) {
            return;
        }
        subscription.owner = owner;
        next(
                slot,
                () -> {
                    if (slot.live == subscription) {
                        String home = subscription.interest.home;
                        byte[] definition = subscription.definition();
                        store(
                                List.of(new Journal.Change.Set(home, DEFINITION, definition)),
                                failure -> {});
                    }
                    done(slot);
                });
    }

    /// Keeps copies for it from now on, or none.
    void keep(DurableSubscription subscription, boolean whether) {
        Slot slot = slots.get(subscription.interest.key);
        if (slot == null || slot.live != subscription || subscription.suspended != whether) {
            return;
        }
        subscription.suspended = !whether;
        DurableInterest interest = subscription.interest;
        if (whether) {
            tell(interest, () -> {});
        } else {
            forEachHome(interest, home -> shard.post(home, new Post.KeepNoMore(interest)));
        }
    }

    private void begin(Slot slot, DurableSubscription made, @Nullable DurableSubscription before) {
        slot.live = made;
        if (before != null) {
            end(before);
        }
    }

    /// The receipt says so; who does not ask for one has not heard of it.
    private void tellMissed(Queue queue, Request request) {
        if (queue.missed && request.receipt != null) {
            request.missed = true;
            queue.missed = false;
            if (journal.durable()) {
                queues.append(List.of(new Journal.Change.Unset(queue.name, MISSED)), failure -> {});
            }
        }
    }

    /// Its client may have gone meanwhile.
    private static void join(DurableSubscription subscription, Consumer consumer) {
        if (!consumer.gone) {
            subscription.queue.add(consumer);
        }
    }

    /// For good, with all that waits.
    private void end(String key, Request request) {
        Slot slot = slots.computeIfAbsent(key, Slot::new);
        next(slot, () -> end(slot, request));
    }

    private void end(Slot slot, Request request) {
        DurableSubscription live = slot.live;
        if (live == null) {
            shard.answer(
                    request,
                    new Refusal(
                            Disconnect.UNKNOWN_SUBSCRIPTION,
                            "expected the name of a durable subscription of this client"));
            done(slot);
            return;
        }
        store(
                List.of(ended(live)),
                failure -> {
                    if (failure == null) {
                        slot.live = null;
                        count(slot.key, -1);
                        end(live);
                    }
                    shard.answer(request, failure);
                    done(slot);
                });
    }

    private static Journal.Change ended(DurableSubscription subscription) {
        return new Journal.Change.Unset(subscription.interest.home, DEFINITION);
    }

    /// Something may have been dropped while its end was being stored, so that goes now. If it
    /// cannot, the next start removes it.
    private void end(DurableSubscription subscription) {
        DurableInterest interest = subscription.interest;
        forEachHome(interest, home -> shard.post(home, new Post.KeepNoMore(interest)));
        if (subscription.queue.missed && journal.durable()) {
            queues.append(List.of(new Journal.Change.Unset(interest.home, MISSED)), failure -> {});
        }
        subscription.queue.close();
    }

    // --- One after the other ---

    private static void next(Slot slot, Runnable what) {
        if (slot.busy) {
            slot.later.add(what);
        } else {
            slot.busy = true;
            what.run();
        }
    }

    private void done(Slot slot) {
        slot.busy = false;
        Runnable what = slot.later.poll();
        if (what != null) {
            next(slot, what);
        } else if (slot.live == null && !slot.busy) {
            slots.remove(slot.key, slot);
        }
    }

    // --- Making one ---

    /// Null if there is room for one more, which it now has; else why there is none.
    private @Nullable Refusal room(String key) {
        String user = DurableName.userOf(key);
        if (total >= Math.max(1, limits.subscriptions() / count)
                || users.getOrDefault(user, 0) >= Math.max(1, limits.perUser() / count)) {
            return new Refusal(
                    Disconnect.TOO_MANY_DURABLE,
                    "expected at most "
                            + limits.perUser()
                            + " durable subscriptions of a user and "
                            + limits.subscriptions()
                            + " in all, of which each shard has its share, but was one more");
        }
        count(key, 1);
        return null;
    }

    private void count(String key, int more) {
        total += more;
        users.merge(
                DurableName.userOf(key),
                more,
                (a, b) -> a + b == 0 ? null : Integer.valueOf(a + b));
    }

    private DurableSubscription make(String key, String home, DurableWish wish, Principal owner) {
        Policies.Policy policy = policies.of(wish.destination());
        DurableInterest interest =
                new DurableInterest(
                        key, home, shard.index(), wish, journal.durable(), policy.ttlMillis());
        return new DurableSubscription(wish, interest, queues.durable(home, policy), owner);
    }

    private void store(List<Journal.Change> changes, Journal.Then then) {
        if (journal.durable()) {
            queues.append(changes, then);
        } else {
            then.stored(null);
        }
    }

    private void tell(DurableInterest interest, Runnable then) {
        Ticket ticket = new Ticket(shard.index(), interest.pattern ? count : 1, then);
        forEachHome(interest, home -> shard.post(home, new Post.KeepFor(interest, ticket)));
    }

    private void forEachHome(DurableInterest interest, IntConsumer action) {
        if (!interest.pattern) {
            action.accept(shard.home(interest.destination));
            return;
        }
        for (int i = 0; i < count; i++) {
            action.accept(i);
        }
    }

    // --- What comes in ---

    /// Copies of a message for those who are to have one; stored, where it must be.
    void keep(Message message, List<DurableInterest> interests, long arrivedMillis) {
        List<Journal.Change> late = new ArrayList<>(0);
        for (DurableInterest interest : interests) {
            Slot slot = slots.get(interest.key);
            DurableSubscription live = slot == null ? null : slot.live;
            if (live != null && live.interest == interest) {
                queues.keep(
                        live.queue, message, interest.stores(message), arrivedMillis, this::missed);
            } else if (interest.stores(message)) {
                late.add(
                        new Journal.Change.Remove(
                                interest.home, message.epoch(), message.sequence()));
            }
        }
        if (!late.isEmpty()) {
            queues.append(late, failure -> {});
        }
    }

    /// Something is dropped that its client has not had. The journal hears of it in the batch that
    /// removes the message, each time: the batch before may have failed.
    private List<Journal.Change> missed(Queue queue, boolean stored) {
        queue.tellMissed();
        boolean first = !queue.missed;
        queue.missed = true;
        return journal.durable() && (first || stored)
                ? List.of(new Journal.Change.Set(queue.name, MISSED, NOTHING))
                : List.of();
    }

    // --- What outlived the last process ---

    Journal.Restoring restoring() {
        return new Journal.Restoring() {
            @Override
            public void value(String home, String name, byte[] value) {
                if (name.equals(MISSED)) {
                    missedHomes.add(home);
                    return;
                }
                String key = DurableName.keyOf(home);
                DurableDefinition definition = DurableDefinition.of(value);
                DurableSubscription made = make(key, home, definition.wish(), definition.owner());
                slots.computeIfAbsent(key, Slot::new).live = made;
                count(key, 1);
                restoring.put(home, made);
            }

            @Override
            public void message(String home, Journal.StoredMessage stored) {
                DurableSubscription owner = restoring.get(home);
                if (owner == null) {
                    orphan(home, stored);
                } else {
                    queues.restore(owner.queue, stored);
                }
            }
        };
    }

    /// Messages come in the order of their places, so of each home and epoch the last is enough.
    private void orphan(String home, Journal.StoredMessage stored) {
        if (!orphans.isEmpty()
                && orphans.getLast() instanceof Journal.Change.RemoveThrough before
                && before.home().equals(home)
                && before.epoch() == stored.epoch()) {
            orphans.removeLast();
        }
        orphans.add(new Journal.Change.RemoveThrough(home, stored.epoch(), stored.sequence()));
    }

    /// All has been given back.
    void restored() {
        for (DurableSubscription each : restoring.values()) {
            each.queue.missed = missedHomes.remove(each.interest.home);
            each.queue.sort(ORDER);
            tell(each.interest, () -> {});
        }
        restoring.clear();
        rights.askAboutAll();
        List<Journal.Change> removed = orphans;
        orphans = new ArrayList<>();
        missedHomes.forEach(home -> removed.add(new Journal.Change.Unset(home, MISSED)));
        missedHomes.clear();
        if (!removed.isEmpty()) {
            queues.append(removed, failure -> {});
        }
    }
}
