package io.switchboard.broker;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The values of the topics with state that a shard is home to: whether there is room for one more,
/// when one is too old, and whose end takes which away. Owned by that shard. What the journal has
/// of them is for [StoredStates].
final class States {
    private static final byte[] NOTHING = "".getBytes(StandardCharsets.US_ASCII);

    private final Shard shard;
    private final Policies policies;
    private final boolean durable;
    private final int keysMax;
    private final Budget.Share memory;
    private final StoredStates stored;
    private final Deadlines<StateTable.Value> deadlines = new Deadlines<>();

    /// What goes with whose end.
    private final Map<Session, Set<StateTable.Value>> byWriter = new IdentityHashMap<>();

    private final Removal removal;

    /// Not all shards run yet.
    private boolean restoring;

    /// Gives the removal of a value its place in the topic's order, like any change.
    interface Removal {
        void begin(StateTable.Value value);
    }

    /// Who wants to hear of a table that may have become empty.
    private final Consumer<StateTable> whenIdle;

    States(
            Shard shard,
            Policies policies,
            Shard.Ports ports,
            Removal removal,
            Consumer<StateTable> whenIdle) {
        this.shard = shard;
        this.policies = policies;
        this.removal = removal;
        this.whenIdle = whenIdle;
        keysMax = shard.limits.topics().stateKeys();
        durable = ports.journal().durable();
        memory = ports.stateMemory().share();
        stored = new StoredStates(shard, whenIdle);
    }

    long bytesHeld() {
        return memory.used();
    }

    /// Null for a topic that keeps none.
    @Nullable StateTable of(String destination) {
        Policies.Policy policy = policies.of(destination);
        return policy.state()
                ? new StateTable(destination, policy, durable && policy.durable(), this::unread)
                : null;
    }

    // --- A change ---

    /// Keeps room for a message that gets its place now.
    ///
    /// @param table null for a topic without state
    /// @return why there is none; null if there is
    @Nullable Refusal admit(@Nullable StateTable table, Message message) {
        SendOptions options = message.options();
        if (table == null) {
            return options.whileConnected()
                    ? new Refusal(
                            Disconnect.UNSUPPORTED,
                            "expected a topic with state (state: on) for while-connected but was "
                                    + message.destination())
                    : null;
        }
        String key = options.key();
        if (key == null || options.removed()) {
            return null;
        }
        if (table.get(key) == null && table.count() + table.pending >= keysMax) {
            return new Refusal(
                    Disconnect.STATE_FULL,
                    "expected at most "
                            + keysMax
                            + " keys of "
                            + message.destination()
                            + " but was one more; remove some");
        }
        if (!memory.take(table.cost(new Kept(message, 0, 0)))) {
            return new Refusal(
                    Disconnect.STATE_MEMORY,
                    "the values of all topics with state take the memory that there is for them;"
                            + " remove some");
        }
        table.pending++;
        return null;
    }

    /// It has got its place: what the journal is to have of it. Called once for each.
    List<Journal.Change> changes(StateTable table, Message placed, long arrivedMillis) {
        return stored.begin(table, kept(table, placed, arrivedMillis));
    }

    private static Kept kept(StateTable table, Message message, long arrivedMillis) {
        long expires = message.options().expiresAt(arrivedMillis, table.policyTtlMillis);
        return new Kept(message, arrivedMillis, expires);
    }

    /// There will be no such message.
    void giveUp(StateTable table, Message message) {
        giveBack(table, message);
        stored.failed(table, message);
    }

    private void giveBack(StateTable table, Message message) {
        if (message.options().key() != null && !message.options().removed()) {
            table.pending--;
            memory.give(table.cost(new Kept(message, 0, 0)));
        }
    }

    /// It is sent to the subscribers in this step. One that has grown too old on its way takes the
    /// place of the value before where that has left the journal for it, and is removed like any.
    ///
    /// @param writer whose end may take it away; null for nobody's
    void apply(StateTable table, Message placed, long arrivedMillis, @Nullable Session writer) {
        String key = placed.options().key();
        if (key == null) {
            return;
        }
        if (shard.expired(placed) && !stored.isUnderWay(table, placed)) {
            giveBack(table, placed);
            return;
        }
        removeOrphan(table, key);
        if (placed.options().removed()) {
            remove(table, key, placed);
        } else {
            table.pending--;
            put(table, key, kept(table, placed, arrivedMillis), writer);
        }
        stored.done(table, placed);
    }

    private void put(StateTable table, String key, Kept kept, @Nullable Session writer) {
        boolean connected = kept.message().options().whileConnected();
        StateTable.Value value = new StateTable.Value(table, key, kept, connected ? writer : null);
        letGo(table.put(value));
        shard.counters.stateKeys++;
        if (value.writer != null) {
            byWriter.computeIfAbsent(value.writer, it -> new HashSet<>()).add(value);
        }
        if (kept.expiresMillis() != 0) {
            deadlines.set(value, kept.expiresMillis());
            wake();
        }
    }

    private void remove(StateTable table, String key, Message placed) {
        StateTable.Value before = table.remove(key);
        letGo(before);
        if (before != null && table.beingRead()) {
            Message told = removal(placed.destination(), key);
            Kept kept =
                    new Kept(told.at(placed.epoch(), placed.sequence()), shard.epochMillis(), 0);
            remember(new StateTable.Value(table, key, kept, null));
        }
    }

    private void remember(StateTable.Value gone) {
        StateTable table = gone.table;
        if (table.removalCount() >= keysMax) {
            memory.give(table.forgetRemovals(1 + keysMax / 2));
        }
        if (memory.take(gone.cost())) {
            table.remember(gone);
        } else {
            table.missed(gone.kept.message().sequence());
        }
    }

    private void unread(StateTable table) {
        memory.give(table.forgetRemovals(table.removalCount()));
        whenIdle.accept(table);
    }

    private void letGo(StateTable.@Nullable Value value) {
        if (value == null) {
            return;
        }
        memory.give(value.cost());
        if (!value.kept.message().options().removed()) {
            shard.counters.stateKeys--;
        }
        deadlines.remove(value);
        Set<StateTable.Value> others = value.writer == null ? null : byWriter.get(value.writer);
        if (others != null && others.remove(value) && others.isEmpty()) {
            byWriter.remove(value.writer);
        }
    }

    static Message removal(String destination, String key) {
        return Message.of(destination, Headers.of("key", key, "removed", "true"), NOTHING, true)
                .with(SendOptions.DEFAULT.withKey(key, true, false));
    }

    // --- Ends ---

    /// A session that wrote values has ended, and all that it had under way is done.
    void writerGone(Session session) {
        Set<StateTable.Value> values = byWriter.get(session);
        if (values != null) {
            List<StateTable.Value> inOrder = new ArrayList<>(values);
            inOrder.sort((x, y) ->
                    Long.compare(x.kept.message().sequence(), y.kept.message().sequence()));
            inOrder.forEach(removal::begin);
        }
    }

    /// Whether a value cannot be removed now: a change of its key is on its way to the journal.
    boolean busy(StateTable.Value value) {
        return stored.busy(value.table, value.key);
    }

    /// It is to be removed, and that has to wait.
    void removeLater(StateTable.Value value) {
        if (value.table.holds(value)) {
            deadlines.set(value, stored.retryMillis());
            wake();
        }
    }

    void onDeadline() {
        long now = shard.epochMillis();
        for (StateTable.Value due = deadlines.poll(now); due != null; due = deadlines.poll(now)) {
            if (due.kept.expired(now) && !due.counted) {
                due.counted = true;
                shard.counters.expired++;
            }
            removal.begin(due);
        }
        stored.onDeadline();
        wake();
    }

    private void wake() {
        if (!restoring) {
            shard.wakeBy(deadlines.nextMillis());
        }
    }

    // --- What outlived the last process ---

    void restoring() {
        restoring = true;
    }

    /// @param table null for a topic without state
    void restore(@Nullable StateTable table, String home, Journal.StoredMessage found) {
        Message message = found.message();
        stored.restore(table, home, message);
        String key = message.options().key();
        if (table == null || key == null) {
            return;
        }
        letGo(table.remove(key));
        removeOrphan(table, key);
        Kept kept = kept(table, message, found.arrivedMillis());
        if (message.options().whileConnected()) {
            table.addOrphan(new StateTable.Value(table, key, kept, null));
        } else if (!message.options().removed()) {
            memory.charge(table.cost(kept));
            put(table, key, kept, null);
        }
    }

    /// It was not among the values that are counted and paid for.
    private void removeOrphan(StateTable table, String key) {
        StateTable.Value orphan = table.removeOrphan(key);
        if (orphan != null) {
            deadlines.remove(orphan);
        }
    }

    /// All of this table has been given back.
    void restored(StateTable table) {
        stored.restored(table);
    }

    /// All has been given back.
    void restored() {
        stored.restored();
    }

    /// Values may go by their age.
    void begin() {
        restoring = false;
        wake();
    }
}
