package io.switchboard.broker;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The histories of the topics that a shard is home to: what they hold together, and what is too
/// old. Owned by that shard.
final class Histories {
    private final Shard shard;
    private final Policies policies;
    private final Budget.Share memory;
    private final Deadlines<History> deadlines = new Deadlines<>();

    /// Who wants to hear of a history that has become empty.
    private final Consumer<History> whenEmpty;

    Histories(Shard shard, Policies policies, Budget budget, Consumer<History> whenEmpty) {
        this.shard = shard;
        this.policies = policies;
        this.whenEmpty = whenEmpty;
        memory = budget.share();
    }

    long bytesHeld() {
        return memory.used();
    }

    /// Null for a topic that keeps none.
    @Nullable History of(String destination, long epoch, long before) {
        Policies.Policy policy = policies.of(destination);
        Retention retention = policy.history();
        return retention == null
                ? null
                : new History(destination, policy, retention, epoch, before);
    }

    /// A message has come to its place: it is the last of the history from now on.
    void keep(History history, Message placed, long arrivedMillis) {
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
        }
        trim(history);
    }

    private void removeFirst(History history) {
        memory.give(history.removeFirst().cost());
        shard.counters.historyMessages--;
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
        shard.wakeBy(deadlines.nextMillis());
    }

    void onDeadline() {
        long now = shard.epochMillis();
        for (History due = deadlines.poll(now); due != null; due = deadlines.poll(now)) {
            trim(due);
            if (due.empty()) {
                whenEmpty.accept(due);
            }
        }
        shard.wakeBy(deadlines.nextMillis());
    }
}
