package io.switchboard.broker;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The current value of each key of a topic with state, in the order of their last changes. Owned
/// by the topic's home shard, which pays for what is in here ([States]).
///
/// A value that changes moves to the end of the order, so a subscriber who is being given all of
/// them comes to it again. One that goes while somebody is in the middle of them stays as a
/// **removal**, which that subscriber comes to as well: he may have been given the key. With the
/// last such subscriber the removals go.
final class StateTable implements Past {
    /// The places of a value in the tables, in bytes.
    private static final long OVERHEAD = 200;

    /// The same with what is known of it in the journal.
    private static final long DURABLE_OVERHEAD = 400;

    final String destination;
    final long policyTtlMillis;

    /// Whether its values are stored, but for those that do not want it.
    final boolean durable;

    /// Where the journal has them.
    final String home;

    private final Map<String, Value> values = new HashMap<>();

    /// By key, in the order in which they went.
    private final Map<String, Value> removals = new LinkedHashMap<>();

    /// Both, by the sequence of the change.
    private final TreeMap<Long, Value> order = new TreeMap<>();

    private final Set<Cursor> cursors = Collections.newSetFromMap(new IdentityHashMap<>());

    /// Values that have a place and are not in here yet.
    int pending;

    /// Of each key of which the journal has something, or is to have: what.
    final Map<String, StoredKey> storedKeys = new HashMap<>(0);

    /// Values of the last life, whose writers have ended with it: nobody is given them any more.
    private final Map<String, Value> orphans = new HashMap<>(0);

    /// Hears that nobody is in the middle any more.
    private final Consumer<StateTable> whenUnread;

    StateTable(
            String destination,
            Policies.Policy policy,
            boolean durable,
            Consumer<StateTable> whenUnread) {
        this.destination = destination;
        this.durable = durable;
        home = StoredStates.HOME + destination;
        this.whenUnread = whenUnread;
        policyTtlMillis = policy.ttlMillis();
    }

    /// One key's value, or that it has none any more.
    static final class Value extends Timed {
        final StateTable table;
        final String key;
        final Kept kept;

        /// With whose end it goes; null for nobody's. Opaque here.
        final @Nullable Session writer;

        /// That it is too old has been counted.
        boolean counted;

        Value(StateTable table, String key, Kept kept, @Nullable Session writer) {
            this.table = table;
            this.key = key;
            this.kept = kept;
            this.writer = writer;
        }

        /// In bytes; the places in the tables are among them.
        long cost() {
            return table.cost(kept);
        }
    }

    /// Of a value in here, in bytes.
    long cost(Kept kept) {
        return kept.cost() + (durable ? DURABLE_OVERHEAD : OVERHEAD);
    }

    int count() {
        return values.size();
    }

    int removalCount() {
        return removals.size();
    }

    /// Nobody would miss it.
    boolean empty() {
        return values.isEmpty() && removals.isEmpty() && storedKeys.isEmpty() && orphans.isEmpty();
    }

    @Nullable Value get(String key) {
        return values.get(key);
    }

    boolean beingRead() {
        return !cursors.isEmpty();
    }

    /// The value of its key from now on.
    ///
    /// @return the one before, or that there was none; null if neither is here
    @Nullable Value put(Value value) {
        Value before = values.put(value.key, value);
        if (before == null) {
            before = removals.remove(value.key);
        }
        order.put(value.kept.message().sequence(), value);
        if (before != null) {
            order.remove(before.kept.message().sequence());
        }
        return before;
    }

    /// The key has no value any more.
    ///
    /// @return the one it had; null for none
    @Nullable Value remove(String key) {
        Value before = values.remove(key);
        if (before != null) {
            order.remove(before.kept.message().sequence());
        }
        return before;
    }

    // --- What outlived the last process ---

    void addOrphan(Value value) {
        orphans.put(value.key, value);
    }

    /// The key has changed.
    ///
    /// @return its value of the last life, if it was still there
    @Nullable Value removeOrphan(String key) {
        return orphans.remove(key);
    }

    /// In the order of their places.
    List<Value> orphans() {
        List<Value> inOrder = new ArrayList<>(orphans.values());
        inOrder.sort(Comparator.comparingLong(it -> it.kept.message().sequence()));
        return inOrder;
    }

    /// Whether that is what its key has, or had in the last life.
    boolean holds(Value value) {
        return values.get(value.key) == value || orphans.get(value.key) == value;
    }

    // --- Removals ---

    /// For those who are in the middle.
    void remember(Value removal) {
        removals.put(removal.key, removal);
        order.put(removal.kept.message().sequence(), removal);
    }

    /// Forgets that many removals, the first first, and answers what they cost. Whoever has not
    /// come to them will not, and is not told all.
    long forgetRemovals(int count) {
        long cost = 0;
        long last = 0;
        Iterator<Value> each = removals.values().iterator();
        for (int i = 0; i < count && each.hasNext(); i++) {
            Value removal = each.next();
            each.remove();
            last = removal.kept.message().sequence();
            order.remove(last);
            cost += removal.cost();
        }
        missed(last);
        return cost;
    }

    /// A removal with this sequence is not in here: it cannot be told to who has not come so far.
    void missed(long sequence) {
        for (Cursor cursor : cursors) {
            cursor.whole &= cursor.sequence >= sequence;
        }
    }

    // --- As a past ---

    @Override
    public Cursor open(From from, long nowMillis) {
        Cursor cursor = new Cursor(0);
        cursors.add(cursor);
        return cursor;
    }

    @Override
    public @Nullable Kept next(Cursor cursor) {
        Map.Entry<Long, Value> next = order.higherEntry(cursor.sequence);
        if (next == null) {
            return null;
        }
        cursor.sequence = next.getKey();
        return next.getValue().kept;
    }

    @Override
    public void close(Cursor cursor) {
        if (cursors.remove(cursor) && cursors.isEmpty()) {
            whenUnread.accept(this);
        }
    }
}
