package io.switchboard.broker;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Stations 8 and 9 on one shard: finds the audience of a message, encodes it once per wire form,
/// and puts a reference into the outbound queue of each subscriber. Owned by its shard.
final class Delivery {
    private static final int CAPACITY_MIN = 512;

    private final Slab.Source slabs;
    private final Policies policies;
    private final Counters counters;
    private final long bytesMax;
    private final Loop loop;
    private final Shard shard;

    /// By name. Those without an interest of their own live for one turn.
    private final Map<String, Audience> audiences = new HashMap<>();

    private final List<Audience> transients = new ArrayList<>();
    private final PatternTrie<Interest> patterns = new PatternTrie<>();
    private int patternVersion;

    private final List<Audience.Cohort> openCohorts = new ArrayList<>();
    private final List<Batch> openControls = new ArrayList<>();
    private final List<Subscription> openHandovers = new ArrayList<>();

    /// Sessions whose sockets did not take all that waited.
    private final Set<Session> backlogged = new LinkedHashSet<>();

    private final Batch.Memory memory = new Batch.Memory();
    private final Pacing pacing;

    Delivery(
            Slab.Source slabs,
            Policies policies,
            Counters counters,
            long bytesMax,
            Loop loop,
            Shard shard) {
        this.slabs = slabs;
        this.policies = policies;
        this.counters = counters;
        this.bytesMax = bytesMax;
        this.loop = loop;
        this.shard = shard;
        pacing = new Pacing(shard, slabs, memory);
    }

    long bytesHeld() {
        return memory.bytes;
    }

    boolean hasPresence(String name) {
        return DestinationName.mayHavePresence(name) && policies.of(name).presence();
    }

    boolean keepsState(String name) {
        return policies.of(name).state();
    }

    // --- Who is interested ---

    @Nullable Interest interest(String name, boolean pattern) {
        if (pattern) {
            return patterns.get(name);
        }
        Audience audience = audiences.get(name);
        return audience == null ? null : audience.own;
    }

    Interest addInterest(String name, boolean pattern) {
        Interest interest = new Interest(name, pattern);
        if (pattern) {
            patterns.put(name, interest);
        } else {
            audiences.put(name, new Audience(name, interest, policies.of(name)));
        }
        return interest;
    }

    void removeInterest(Interest interest) {
        if (interest.pattern) {
            patterns.remove(interest.destination);
        } else {
            audiences.remove(interest.destination);
        }
    }

    void join(Subscription subscription, Interest interest, WireForm form) {
        if (interest.join(subscription, form, memory)) {
            changed(interest);
        }
    }

    void leave(Subscription subscription, Interest interest) {
        pacing.takeOut(subscription);
        if (interest.leave(subscription)) {
            changed(interest);
        }
    }

    /// From one group to another, with all that waits.
    void move(Subscription subscription, Interest interest, WireForm form) {
        List<LatestValues.Value> waiting = pacing.takeOut(subscription);
        leave(subscription, interest);
        join(subscription, interest, form);
        pacing.putIn(subscription, waiting);
    }

    private void changed(Interest interest) {
        if (interest.pattern) {
            patternVersion++;
        } else {
            Audience audience = audiences.get(interest.destination);
            if (audience != null) {
                audience.changed();
            }
        }
    }

    // --- The way of a message ---

    void deliver(Message message) {
        Audience audience = audiences.get(message.destination());
        if (audience == null) {
            audience = transientAudience(message.destination());
        }
        for (Audience.Cohort cohort : audience.cohorts(patterns, patternVersion)) {
            deliver(message, cohort, audience);
        }
    }

    private Audience transientAudience(String name) {
        Audience audience = new Audience(name, null, policies.of(name));
        audiences.put(name, audience);
        transients.add(audience);
        shard.askForTurnEnd();
        return audience;
    }

    private void deliver(Message message, Audience.Cohort cohort, Audience audience) {
        Members members = cohort.members;
        if (members.selector != null && !members.selector.matches(message)) {
            return;
        }
        if (members.replay != null && !passes(members.replay, audience)) {
            return;
        }
        if (members.acknowledging) {
            feed(message, members, audience.overflow);
            return;
        }
        if (members.values != null) {
            pacing.deliver(message, members, members.values, audience.overflow);
            return;
        }
        int lengthMax = members.form.lengthMax(message, null);
        Batch batch = cohort.open;
        if (batch == null || !batch.takes(lengthMax)) {
            batch = open(cohort, audience, lengthMax);
        }
        int index = batch.append(message, null, members.form, lengthMax);
        int length = batch.length(index);
        int count = members.count();
        for (int i = 0; i < count; i++) {
            members.get(i).session.offer(batch, index, length, audience.overflow);
        }
        counters.messagesOut += count;
    }

    /// What keeps no past is live as soon as the home shards know of the interest: before, this
    /// shard may get some of it by chance, for others.
    private boolean passes(Replay replay, Audience audience) {
        Interest interest = replay.subscription.interest;
        return audience.keeps(replay.from)
                ? replay.passes(audience.destination, shard.home(audience.destination))
                : interest != null && interest.known;
    }

    /// Each has a queue of its own, from which it is handed what it has credit for.
    private void feed(Message message, Members members, Overflow overflow) {
        for (int i = members.count() - 1; i >= 0; i--) {
            Subscription subscription = members.get(i);
            Consumer consumer = subscription.consumer;
            if (consumer != null && consumer.queue != null && !subscription.session.closed()) {
                shard.queues().feed(consumer.queue, message, overflow, subscription.session);
            }
        }
    }

    /// Station 9 of a message from a queue, which is encoded for its one subscriber.
    void hand(Subscription subscription, Message message, Handover handover) {
        WireForm form = subscription.form();
        int lengthMax = form.lengthMax(message, handover);
        Batch batch = subscription.open;
        if (batch == null || !batch.takes(lengthMax)) {
            if (batch == null) {
                openHandovers.add(subscription);
                shard.askForTurnEnd();
            } else {
                batch.seal();
            }
            batch = new Batch(null, subscription, Math.max(CAPACITY_MIN, lengthMax), slabs, memory);
            subscription.open = batch;
        }
        int index = batch.append(message, handover, form, lengthMax);
        subscription.session.hand(batch, index, batch.length(index));
        counters.messagesOut++;
    }

    /// A page of the past, which its subscriber alone gets. It is not dropped: no other page comes
    /// before its socket has taken this one.
    void replay(Subscription subscription, List<Kept> messages) {
        WireForm form = subscription.form();
        Replay replay = subscription.replay;
        boolean snapshot = replay != null && replay.from instanceof From.State;
        Batch batch = null;
        for (Kept kept : messages) {
            Handover handover = new Handover(null, 1, kept.arrivedMillis(), snapshot, false);
            int lengthMax = form.lengthMax(kept.message(), handover);
            if (batch == null || !batch.takes(lengthMax)) {
                if (batch != null) {
                    batch.seal();
                }
                int capacity = Math.max(CAPACITY_MIN, lengthMax);
                batch = Batch.ofReplay(capacity, slabs, memory);
            }
            int index = batch.append(kept.message(), handover, form, lengthMax);
            subscription.session.hand(batch, index, batch.length(index));
        }
        if (batch != null) {
            batch.seal();
        }
        counters.messagesOut += messages.size();
    }

    private Batch open(Audience.Cohort cohort, Audience audience, int lengthMax) {
        if (cohort.open == null) {
            openCohorts.add(cohort);
            shard.askForTurnEnd();
        } else {
            cohort.open.seal();
        }
        int capacity = Math.max(Math.max(CAPACITY_MIN, lengthMax), cohort.expected);
        Members stream = audience.overflow == Overflow.CONFLATE ? cohort.members : null;
        Batch batch = new Batch(audience.destination, null, stream, capacity, slabs, memory);
        cohort.open = batch;
        return batch;
    }

    Batch openControl(int capacity) {
        Batch batch = new Batch(null, null, capacity, slabs, memory);
        openControls.add(batch);
        shard.askForTurnEnd();
        return batch;
    }

    /// For messages of a batch that go on waiting for one session; whoever asks seals it.
    Batch openCopies(Batch of, int capacity) {
        return new Batch(of.destination, null, of.stream, capacity, slabs, memory);
    }

    // --- The end of a turn ---

    /// @param waiting whether something still waits for this session after its flush
    void flushed(Session session, boolean waiting) {
        if (waiting) {
            backlogged.add(session);
        } else if (!backlogged.isEmpty()) {
            backlogged.remove(session);
        }
    }

    void endTurn() {
        for (Audience.Cohort cohort : openCohorts) {
            Batch batch = cohort.open;
            if (batch != null) {
                cohort.expected = batch.length();
                batch.seal();
                cohort.open = null;
            }
        }
        openCohorts.clear();
        openControls.forEach(Batch::seal);
        openControls.clear();
        for (Subscription subscription : openHandovers) {
            if (subscription.open != null) {
                subscription.open.seal();
                subscription.open = null;
            }
        }
        openHandovers.clear();
        pacing.endTurn();
        for (Audience audience : transients) {
            audiences.remove(audience.destination, audience);
        }
        transients.clear();
        if (excess() > 0) {
            endSlowest();
        }
    }

    private long excess() {
        return memory.bytes + loop.bytesWaitingBesides() - bytesMax;
    }

    /// Where the node's memory for what waits is used up, those for whom most waits go first,
    /// whether they have a session or not.
    void endSlowest() {
        Set<Session> waiting = new LinkedHashSet<>(backlogged);
        pacing.addWaiting(waiting);
        List<Slow> slowest = new ArrayList<>();
        waiting.forEach(session -> slowest.add(new Slow(session)));
        slowest.sort(Comparator.comparingLong(Slow::bytes).reversed());
        for (Slow slow : slowest) {
            endBesides(slow.bytes);
            if (excess() <= 0) {
                return;
            }
            shard.sayAndEnd(
                    slow.session,
                    Disconnect.OUTBOUND_MEMORY,
                    slow.bytes
                            + " bytes were waiting for this client when "
                            + (bytesMax + excess())
                            + " of the "
                            + bytesMax
                            + " bytes for all clients of its shard were taken; read faster or"
                            + " subscribe to less");
        }
        endBesides(0);
    }

    private void endBesides(long bytesMin) {
        long excess = excess();
        if (excess > 0) {
            loop.endSlowestBesides(bytesMin, excess);
        }
    }

    private record Slow(Session session, long bytes) {
        Slow(Session session) {
            this(session, session.bytesWaiting() + Pacing.bytesHeld(session));
        }
    }

    void onDeadline() {
        pacing.onDeadline();
    }
}
