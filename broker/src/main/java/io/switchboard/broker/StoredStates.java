package io.switchboard.broker;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// What the journal has of the topics whose state outlives the process. The home of a topic's
/// values is its name behind [#HOME]; a message of its history that is a value as well is stored in
/// both. Owned by the topics' home shard.
///
/// A change is stored before it comes to its place, and what it replaces leaves in the same batch,
/// so that the journal has about as many messages as there are keys ([StoredKey] says when there
/// are more). A value that does not want to be stored takes out what is stored of its key: what
/// comes back after a restart is never older than what was there.
final class StoredStates {
    /// What the journal's homes of values begin with.
    static final String HOME = "state:";

    /// After a journal that failed.
    private static final long RETRY_MILLIS = 1_000;

    private final Shard shard;
    private final Deadlines<StoredKey> retries = new Deadlines<>();

    /// Who wants to hear of a table of which the journal may have nothing any more.
    private final Consumer<StateTable> whenOver;

    /// By home: what is not to be there any more, up to its last place.
    private final Map<String, Journal.Change> unwanted = new HashMap<>();

    StoredStates(Shard shard, Consumer<StateTable> whenOver) {
        this.shard = shard;
        this.whenOver = whenOver;
    }

    /// A message has got its place.
    ///
    /// @return what is to be stored for it
    List<Journal.Change> begin(StateTable table, Kept kept) {
        String key = kept.message().options().key();
        if (!table.durable || key == null || shard.expired(kept.message())) {
            return List.of();
        }
        return table.storedKeys.computeIfAbsent(key, it -> new StoredKey(table, it)).begin(kept);
    }

    boolean isUnderWay(StateTable table, Message placed) {
        StoredKey stored = table.storedKeys.get(placed.options().key());
        return stored != null && stored.isUnderWay(placed);
    }

    /// Whether a change of the key has its place and nobody knows yet what becomes of it.
    boolean busy(StateTable table, String key) {
        StoredKey stored = table.storedKeys.get(key);
        return stored != null && stored.busy();
    }

    /// A message has come to its place.
    void done(StateTable table, Message placed) {
        StoredKey stored = table.storedKeys.get(placed.options().key());
        if (stored != null) {
            stored.done(placed);
            clear(stored);
        }
    }

    /// There is no such message.
    void failed(StateTable table, Message placed) {
        StoredKey stored = table.storedKeys.get(placed.options().key());
        if (stored != null) {
            stored.failed(placed);
            clear(stored);
        }
    }

    // --- What is left over ---

    private void clear(StoredKey stored) {
        List<Journal.Change> changes = stored.clear();
        if (!changes.isEmpty()) {
            shard.queues().append(changes, failure -> cleared(stored, failure));
        }
        if (stored.over()) {
            retries.remove(stored);
            stored.table.storedKeys.remove(stored.key, stored);
        }
    }

    private void cleared(StoredKey stored, @Nullable Refusal failure) {
        stored.cleared(failure);
        if (failure == null) {
            clear(stored);
            whenOver.accept(stored.table);
        } else if (stored.deadlineIndex < 0) {
            retries.set(stored, shard.epochMillis() + RETRY_MILLIS);
            shard.wakeBy(retries.nextMillis());
        }
    }

    void onDeadline() {
        long now = shard.epochMillis();
        for (StoredKey due = retries.poll(now); due != null; due = retries.poll(now)) {
            clear(due);
        }
        shard.wakeBy(retries.nextMillis());
    }

    /// When to try again what the journal refused now.
    long retryMillis() {
        return shard.epochMillis() + RETRY_MILLIS;
    }

    // --- What outlived the last process ---

    /// Where the configuration says that a topic has no durable state any more, what the journal
    /// has of it goes. Where it says nothing, the start is refused.
    ///
    /// @param table null for a topic without state
    void restore(@Nullable StateTable table, String home, Message message) {
        String key = message.options().key();
        if (key == null) {
            throw new IllegalStateException("expected values of keys in " + home);
        }
        if (table != null && table.durable) {
            table.storedKeys.computeIfAbsent(key, it -> new StoredKey(table, it)).restore(message);
            return;
        }
        String place = home + ' ' + message.epoch();
        if (unwanted.containsKey(place)
                || shard.unclaimed().stateMayGo(home.substring(HOME.length()))) {
            unwanted.put(
                    place,
                    new Journal.Change.RemoveThrough(home, message.epoch(), message.sequence()));
        }
    }

    /// All of this table has been given back.
    void restored(StateTable table) {
        List.copyOf(table.storedKeys.values()).forEach(this::clear);
    }

    /// All has been given back.
    void restored() {
        if (!unwanted.isEmpty()) {
            shard.queues().append(List.copyOf(unwanted.values()), failure -> {});
            unwanted.clear();
        }
    }
}
