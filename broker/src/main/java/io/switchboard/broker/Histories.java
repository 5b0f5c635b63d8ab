package io.switchboard.broker;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The histories of the topics that a shard is home to: what they hold together, what is too old,
/// and what the journal has of them. Owned by that shard.
///
/// **Durable ones.** The journal's home of a history has the topic's name. A message is stored
/// before it comes to its place, so what is in here has been stored, but for what did not want it.
/// What leaves a history leaves the journal some messages later, many at a time; that it has gone
/// is stored with it ([HistoryValue#FLOOR]), so that a later life knows how far back it reaches. It
/// also knows of lives in which something was kept that was not stored ([HistoryValue#UNSTORED]):
/// after their messages nothing is vouched for.
final class Histories {
    /// So many messages that are gone may still be in the journal, of one topic.
    private static final int LAG_MAX = 256;

    /// After a journal that failed.
    private static final long RETRY_MILLIS = 1_000;

    private final Shard shard;
    private final Policies policies;
    private final Journal journal;
    private final long lifeEnds;
    private final Budget.Share memory;
    private final Deadlines<History> deadlines = new Deadlines<>();

    /// Who wants to hear of a history that has become empty.
    private final Consumer<History> whenEmpty;

    /// The shard does not run yet.
    private boolean restoring;

    /// Homes in the journal that are not to be there any more, with their last places.
    private final Map<String, HistoryValue> unwanted = new LinkedHashMap<>();

    Histories(Shard shard, Policies policies, Shard.Ports ports, Consumer<History> whenEmpty) {
        this.shard = shard;
        this.policies = policies;
        this.whenEmpty = whenEmpty;
        journal = ports.journal();
        lifeEnds = Shard.firstSequence(journal) + (1L << 32);
        memory = ports.historyMemory().share();
    }

    long bytesHeld() {
        return memory.used();
    }

    /// Null for a topic that keeps none.
    @Nullable History of(String destination, long epoch, long before) {
        Policies.Policy policy = policies.of(destination);
        Retention retention = policy.history();
        boolean durable = journal.durable() && policy.durable();
        return retention == null
                ? null
                : new History(destination, policy, retention, durable, epoch, before);
    }

    /// A message has come to its place: it is the last of the history from now on.
    void keep(History history, Message placed, long arrivedMillis) {
        if (history.durable && !placed.options().persistent()) {
            knowUnstored(history);
        }
        Kept kept = history.kept(placed, arrivedMillis);
        long cost = kept.cost();
        while (history.full(cost)) {
            removeFirst(history);
        }
        boolean room = history.takes(cost);
        while (room && !memory.take(cost)) {
            if (history.empty()) {
                room = false;
            } else {
                shard.counters.historyEvicted++;
                removeFirst(history);
            }
        }
        if (room) {
            history.add(kept);
            shard.counters.historyMessages++;
        } else {
            shard.counters.historyEvicted++;
            history.pass(placed);
            history.lag++;
        }
        trim(history);
    }

    private void removeFirst(History history) {
        memory.give(history.removeFirst().cost());
        shard.counters.historyMessages--;
        history.lag++;
    }

    // --- Time ---

    private void trim(History history) {
        long now = shard.epochMillis();
        while (history.dueMillis() <= now) {
            removeFirst(history);
        }
        long due = history.dueMillis();
        if (due == Long.MAX_VALUE) {
            deadlines.remove(history);
        } else if (due < deadlines.momentOf(history)) {
            // A deadline that has moved on is found out when it comes: not at each message.
            deadlines.set(history, due);
        }
        tell(history);
        wake();
    }

    private void wake() {
        if (!restoring) {
            shard.wakeBy(deadlines.nextMillis());
        }
    }

    void onDeadline() {
        long now = shard.epochMillis();
        for (History due = deadlines.poll(now); due != null; due = deadlines.poll(now)) {
            trim(due);
            if (due.empty()) {
                whenEmpty.accept(due);
            }
        }
        wake();
    }

    // --- In the journal ---

    /// Whether the message is stored before it comes to its place.
    static boolean stores(History history, Message message) {
        return history.durable && message.options().persistent();
    }

    Journal.Change put(History history, Message placed, long arrivedMillis) {
        Kept kept = history.kept(placed, arrivedMillis);
        history.stored = true;
        history.appends++;
        return new Journal.Change.Put(
                history.destination, placed, arrivedMillis, kept.expiresMillis(), 0);
    }

    /// What is to be stored with a message beside it: what the journal is forgetting just now.
    static List<Journal.Change> besides(History history) {
        return history.clearing
                ? List.of(
                        new HistoryValue(HistoryValue.FLOOR, history.epoch, history.floor())
                                .set(history.destination))
                : List.of();
    }

    void append(List<Journal.Change> changes, Journal.Then then) {
        journal.append(new Journal.Batch(shard.index(), changes, then));
    }

    /// What is not stored waits for nothing, this neither.
    private void knowUnstored(History history) {
        if (history.unstoredKnown) {
            return;
        }
        history.unstoredKnown = true;
        history.stored = true;
        history.appends++;
        HistoryValue unstored = new HistoryValue(HistoryValue.UNSTORED, history.epoch, lifeEnds);
        append(
                List.of(unstored.set(history.destination)),
                failure -> history.unstoredKnown = failure == null);
    }

    /// What is gone leaves the journal too, once it is enough. If that fails, the next time has
    /// this as well.
    private void tell(History history) {
        if (history.lag < LAG_MAX || !history.durable || restoring) {
            return;
        }
        history.lag = 0;
        history.appends++;
        HistoryValue floor = new HistoryValue(HistoryValue.FLOOR, history.epoch, history.floor());
        append(
                List.of(
                        new Journal.Change.RemoveThrough(
                                history.destination, history.epoch, history.floor()),
                        floor.set(history.destination)),
                failure -> {});
    }

    /// Nobody has need of the topic, and nothing is left of its history: the journal forgets it.
    void clear(History history) {
        if (history.clearing) {
            return;
        }
        history.clearing = true;
        history.unstoredKnown = false;
        long appends = ++history.appends;
        append(
                forgotten(history.destination, history.epoch, history.last()),
                failure -> {
                    history.clearing = false;
                    if (failure == null) {
                        history.stored = history.appends != appends;
                        whenEmpty.accept(history);
                    } else if (history.deadlineIndex < 0) {
                        deadlines.set(history, shard.epochMillis() + RETRY_MILLIS);
                        wake();
                    }
                });
    }

    private static List<Journal.Change> forgotten(String home, long epoch, long last) {
        return List.of(
                new Journal.Change.RemoveThrough(home, epoch, last),
                new Journal.Change.Unset(home, HistoryValue.FLOOR),
                new Journal.Change.Unset(home, HistoryValue.UNSTORED));
    }

    // --- What outlived the last process ---

    void restoring() {
        restoring = true;
    }

    void restore(String home, @Nullable History history, HistoryValue value) {
        known(home, history, value.epoch(), value.sequence());
        if (history != null && value.name().equals(HistoryValue.FLOOR)) {
            history.restoreFloor(value.sequence());
        } else if (history != null) {
            history.doubt(value.sequence());
        }
    }

    void restore(String home, @Nullable History history, Journal.StoredMessage stored) {
        known(home, history, stored.epoch(), stored.sequence());
        if (history != null) {
            keep(history, stored.message(), stored.arrivedMillis());
        }
    }

    /// Where the configuration says that a topic has no durable history any more, what the journal
    /// has of it goes. Where it says nothing, the start is refused.
    private void known(String home, @Nullable History history, long epoch, long sequence) {
        boolean kept = history != null && history.durable;
        if (!kept && (unwanted.containsKey(home) || shard.unclaimed().historyMayGo(home))) {
            unwanted.put(home, new HistoryValue("", epoch, sequence));
        }
        if (history != null) {
            history.restoreBegins();
        }
    }

    void restored() {
        restoring = false;
        List<Journal.Change> changes = new ArrayList<>();
        unwanted.forEach(
                (home, last) -> changes.addAll(forgotten(home, last.epoch(), last.sequence())));
        unwanted.clear();
        if (!changes.isEmpty()) {
            append(changes, failure -> {});
        }
        wake();
    }
}
