package io.switchboard.broker;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Set;

/// The subscriptions of one shard that have a `max-rate`: each is sent the latest message of each
/// [Slot], as often as its rate allows, the slot first that has waited longest. What a socket has
/// no room for goes on waiting here, where only the latest of each slot does, so the rate is what a
/// slow subscriber is sent at most, and the last message of each slot always arrives. Owned by its
/// shard.
///
/// A message counts against the memory for waiting messages once for each group, and each
/// subscription that waits for it with [#HELD_BYTES].
final class Pacing {
    /// Slots that wait for the subscriptions of one session.
    static final int WAITING_MAX = 10_000;

    /// What one more that waits for a message takes.
    private static final int HELD_BYTES = 128;

    private static final int CAPACITY_MIN = 512;

    /// A socket without room is asked again after so long.
    private static final long RETRY_MILLIS = 50;

    private final Shard shard;
    private final Slab.Source slabs;
    private final Batch.Memory memory;

    /// Those for whom something waits, and those who have gone since.
    private final PriorityQueue<Pace> line =
            new PriorityQueue<>(Comparator.comparingLong(pace -> pace.dueMillis));

    private final List<LatestValues> open = new ArrayList<>();

    Pacing(Shard shard, Slab.Source slabs, Batch.Memory memory) {
        this.shard = shard;
        this.slabs = slabs;
        this.memory = memory;
    }

    // --- The way of a message ---

    void deliver(Message message, Members members, LatestValues values, Overflow overflow) {
        long now = shard.epochMillis();
        LatestValues.Value value = values.put(message, overflow);
        // Its end looks whether the memory is used up.
        shard.askForTurnEnd();
        try {
            for (int i = 0; i < members.count(); i++) {
                Pace pace = members.get(i).pace;
                if (pace == null || pace.subscription.session.closed()) {
                    continue;
                }
                boolean idle = pace.waiting.isEmpty() && pace.mayTake(now);
                if (!idle || !send(pace, value, members, values, now)) {
                    hold(pace, value, values, overflow);
                }
            }
        } finally {
            values.forgetIfUnheld(value);
        }
    }

    /// @return false if there is no room for it
    private boolean send(
            Pace pace, LatestValues.Value value, Members members, LatestValues values, long now) {
        Batch batch = value.batch;
        if (batch == null || !batch.open()) {
            batch = encode(value, members, values);
        }
        int length = batch.length(value.index);
        Session session = pace.subscription.session;
        if (!session.hasRoom(length)) {
            pace.wait(RETRY_MILLIS, now);
            return false;
        }
        pace.took(now);
        session.offer(batch, value.index, length, value.overflow);
        shard.counters.messagesOut++;
        return true;
    }

    private Batch encode(LatestValues.Value value, Members members, LatestValues values) {
        Message message = value.message;
        int lengthMax = members.form.lengthMax(message, null);
        Batch batch = values.open.get(message.destination());
        if (batch == null || !batch.takes(lengthMax)) {
            if (batch != null) {
                batch.seal();
            } else if (values.open.isEmpty()) {
                open.add(values);
                shard.askForTurnEnd();
            }
            Members stream = value.overflow == Overflow.CONFLATE ? members : null;
            int capacity = Math.max(CAPACITY_MIN, lengthMax);
            batch = new Batch(message.destination(), null, stream, capacity, slabs, memory);
            values.open.put(message.destination(), batch);
        }
        value.index = batch.append(message, null, members.form, lengthMax);
        value.batch = batch;
        return batch;
    }

    // --- What waits ---

    private void hold(Pace pace, LatestValues.Value value, LatestValues values, Overflow overflow) {
        if (pace.waiting.containsKey(value.slot)) {
            return;
        }
        Session session = pace.subscription.session;
        if (session.held >= WAITING_MAX && !makeRoom(pace, values, overflow)) {
            return;
        }
        pace.waiting.put(value.slot, value);
        values.hold(value);
        session.held++;
        memory.bytes += HELD_BYTES;
        lineUp(pace);
    }

    /// As [Overflow] says of a slow subscriber; of its own subscription the oldest goes.
    private boolean makeRoom(Pace pace, LatestValues values, Overflow overflow) {
        Session session = pace.subscription.session;
        boolean oldestGoes = overflow == Overflow.DROP_OLDEST || overflow == Overflow.CONFLATE;
        shard.counters.dropped[overflow.ordinal()]++;
        if (oldestGoes && !pace.waiting.isEmpty()) {
            letGo(pace, pace.waiting.values().iterator().next(), values);
            return true;
        }
        if (overflow == Overflow.DISCONNECT) {
            session.doomNow(
                    "more than "
                            + WAITING_MAX
                            + " keys were waiting for the max-rate of this client's subscriptions;"
                            + " ask for a higher one, subscribe to less, or let the destination"
                            + " drop messages (overflow)",
                    Bound.OVERFLOW);
        }
        return false;
    }

    private void letGo(Pace pace, LatestValues.Value value, LatestValues values) {
        pace.waiting.remove(value.slot);
        values.letGo(value);
        pace.subscription.session.held--;
        memory.bytes -= HELD_BYTES;
    }

    private void lineUp(Pace pace) {
        if (!pace.inLine) {
            pace.inLine = true;
            pace.dueMillis = pace.nextMillis();
            line.add(pace);
            shard.wakeBy(pace.dueMillis);
        }
    }

    /// Nothing waits any more for a subscription that has gone, or goes to another group.
    List<LatestValues.Value> takeOut(Subscription subscription) {
        Pace pace = subscription.pace;
        LatestValues values = pace == null ? null : subscription.members().values;
        if (pace == null || values == null) {
            return List.of();
        }
        List<LatestValues.Value> out = new ArrayList<>(pace.waiting.values());
        for (LatestValues.Value value : out) {
            letGo(pace, value, values);
        }
        return out;
    }

    /// What [#takeOut] gave, for its new group.
    void putIn(Subscription subscription, List<LatestValues.Value> waited) {
        LatestValues values = subscription.members().values;
        Pace pace = subscription.pace;
        if (pace != null && values != null) {
            for (LatestValues.Value value : waited) {
                hold(pace, values.put(value.message, value.overflow), values, value.overflow);
            }
        }
    }

    /// Those for whom something waits.
    void addWaiting(Set<Session> sessions) {
        for (Pace pace : line) {
            if (!pace.waiting.isEmpty()) {
                sessions.add(pace.subscription.session);
            }
        }
    }

    /// What waits for a session, in bytes.
    static long bytesHeld(Session session) {
        long bytes = (long) session.held * HELD_BYTES;
        for (int i = 0; session.held > 0 && i < session.subscriptionCount(); i++) {
            Pace pace = session.subscriptionAt(i).pace;
            if (pace != null) {
                for (LatestValues.Value value : pace.waiting.values()) {
                    bytes += value.message.cost();
                }
            }
        }
        return bytes;
    }

    // --- Time ---

    void onDeadline() {
        long now = shard.epochMillis();
        try {
            while (!line.isEmpty() && due(line.element(), now)) {
                Pace pace = line.remove();
                pace.inLine = false;
                if (!pace.subscription.gone) {
                    sendSome(pace, now);
                }
            }
        } finally {
            if (!line.isEmpty()) {
                shard.wakeBy(line.element().dueMillis);
            }
        }
    }

    /// Nobody waits longer than for the lowest rate, unless the clock of the wall was set back.
    private static boolean due(Pace pace, long now) {
        return pace.dueMillis <= now || pace.dueMillis > now + 2 * Pace.INTERVAL_MAX_MILLIS;
    }

    private void sendSome(Pace pace, long now) {
        Members members = pace.subscription.members();
        LatestValues values = members.values;
        try {
            while (values != null && !pace.waiting.isEmpty() && pace.mayTake(now)) {
                LatestValues.Value next = pace.waiting.values().iterator().next();
                if (shard.expired(next.message) || send(pace, next, members, values, now)) {
                    letGo(pace, next, values);
                }
            }
        } finally {
            if (!pace.waiting.isEmpty()) {
                lineUp(pace);
            }
        }
    }

    void endTurn() {
        for (LatestValues values : open) {
            values.open.values().forEach(Batch::seal);
            values.open.clear();
        }
        open.clear();
    }
}
