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
/// when one is too old, and whose end takes which away. Owned by that shard.
final class States {
    private static final byte[] NOTHING = "".getBytes(StandardCharsets.US_ASCII);

    private final Shard shard;
    private final Policies policies;
    private final int keysMax;
    private final Budget.Share memory;
    private final Deadlines<StateTable.Value> deadlines = new Deadlines<>();

    /// What goes with whose end.
    private final Map<Session, Set<StateTable.Value>> byWriter = new IdentityHashMap<>();

    private final Removal removal;

    /// Gives the removal of a value its place in the topic's order, like any change.
    interface Removal {
        void begin(StateTable.Value value);
    }

    /// Who wants to hear of a table that may have become empty.
    private final Consumer<StateTable> whenIdle;

    States(
            Shard shard,
            Policies policies,
            Budget budget,
            Removal removal,
            Consumer<StateTable> whenIdle) {
        this.shard = shard;
        this.policies = policies;
        this.removal = removal;
        this.whenIdle = whenIdle;
        keysMax = shard.limits.topics().stateKeys();
        memory = budget.share();
    }

    long bytesHeld() {
        return memory.used();
    }

    /// Null for a topic that keeps none.
    @Nullable StateTable of(String destination) {
        Policies.Policy policy = policies.of(destination);
        return policy.state() ? new StateTable(destination, policy, this::unread) : null;
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
        if (!memory.take(cost(message))) {
            return new Refusal(
                    Disconnect.STATE_MEMORY,
                    "the values of all topics with state take the memory that there is for them;"
                            + " remove some");
        }
        table.pending++;
        return null;
    }

    private static long cost(Message message) {
        return StateTable.Value.cost(new Kept(message, 0, 0));
    }

    /// There will be no such message.
    void giveUp(StateTable table, Message message) {
        if (message.options().key() != null && !message.options().removed()) {
            table.pending--;
            memory.give(cost(message));
        }
    }

    /// It is sent to the subscribers in this step.
    ///
    /// @param writer whose end may take it away; null for nobody's
    void apply(StateTable table, Message placed, @Nullable Session writer) {
        SendOptions options = placed.options();
        String key = options.key();
        if (key == null) {
            return;
        }
        if (options.removed()) {
            remove(table, key, placed);
            return;
        }
        table.pending--;
        long now = shard.epochMillis();
        Kept kept = new Kept(placed, now, options.expiresAt(now, table.policyTtlMillis));
        StateTable.Value value =
                new StateTable.Value(table, key, kept, options.whileConnected() ? writer : null);
        letGo(table.put(value));
        shard.counters.stateKeys++;
        if (value.writer != null) {
            byWriter.computeIfAbsent(value.writer, it -> new HashSet<>()).add(value);
        }
        if (kept.expiresMillis() != 0) {
            deadlines.set(value, kept.expiresMillis());
            shard.wakeBy(deadlines.nextMillis());
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

    void onDeadline() {
        long now = shard.epochMillis();
        for (StateTable.Value due = deadlines.poll(now); due != null; due = deadlines.poll(now)) {
            shard.counters.expired++;
            removal.begin(due);
        }
        shard.wakeBy(deadlines.nextMillis());
    }
}
