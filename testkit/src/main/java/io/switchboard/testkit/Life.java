package io.switchboard.testkit;

import io.switchboard.broker.AccessRules;
import io.switchboard.broker.Application;
import io.switchboard.broker.Budget;
import io.switchboard.broker.Counters;
import io.switchboard.broker.Disconnect;
import io.switchboard.broker.Overflow;
import io.switchboard.broker.Post;
import io.switchboard.broker.Shard;
import java.util.SplittableRandom;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.function.ToLongFunction;

/// One life of a simulated server: its shards, what is under way between them, and its journal,
/// from what the disk had at its beginning until it is killed or the history ends.
final class Life {
    private static final int MOVES_MAX = 100_000;

    final Terms terms;
    final Inboxes inboxes;
    final SimulatedJournal journal;
    final HeapSlabs slabs = new HeapSlabs();
    final Shard[] shards;

    Life(
            Terms terms,
            SimulatedDisk disk,
            SplittableRandom random,
            Faults faults,
            VirtualClock clock,
            LongSupplier epochs,
            AccessRules rules) {
        this.terms = terms;
        inboxes = new Inboxes(terms, faults, clock);
        journal =
                new SimulatedJournal(
                        terms,
                        disk,
                        random.split(),
                        faults,
                        (shard, answer) -> inboxes.loop(shard).post(shard, answer));
        Budget queueMemory = new Budget(terms.limits().queues().bytes());
        Budget transactionMemory = new Budget(terms.limits().queues().transactionBytes());
        Budget historyMemory = new Budget(terms.limits().topics().historyBytes());
        Budget stateMemory = new Budget(terms.limits().topics().stateBytes());
        shards = new Shard[terms.shards()];
        for (int i = 0; i < shards.length; i++) {
            shards[i] =
                    new Shard(
                            i,
                            shards.length,
                            new Shard.Ports(
                                    inboxes.loop(i),
                                    slabs,
                                    epochs,
                                    rules,
                                    journal,
                                    Application.NONE,
                                    queueMemory,
                                    transactionMemory,
                                    historyMemory,
                                    stateMemory),
                            Terms.POLICIES,
                            terms.limits());
        }
        disk.restore(shards);
    }

    /// A post out of the inbox of a shard, if there is one.
    boolean deliverPost(int shard, SplittableRandom random) {
        Post post = inboxes.poll(shard, random);
        if (post != null) {
            shards[shard].receive(post);
        }
        return post != null;
    }

    boolean wake(int shard) {
        boolean due = inboxes.pollWake(shard);
        if (due) {
            shards[shard].onDeadline();
        }
        return due;
    }

    void wakeAll() {
        for (int i = 0; i < shards.length; i++) {
            wake(i);
        }
    }

    /// The end of a shard's turn, if it has asked for one.
    boolean endTurn(int shard) {
        boolean asked = inboxes.pollTurn(shard);
        if (asked) {
            shards[shard].endTurn();
        }
        return asked;
    }

    /// What is under way between the shards, and the turns that end with it.
    ///
    /// @return whether there was anything
    boolean goAround(SplittableRandom random) {
        boolean moved = false;
        for (int i = 0; i < shards.length; i++) {
            while (deliverPost(i, random)) {
                moved = true;
            }
            moved |= endTurn(i);
        }
        return moved;
    }

    /// @param move once around; answers whether anything has moved
    static void untilNothingMoves(BooleanSupplier move) {
        int moves = 0;
        while (move.getAsBoolean()) {
            if (++moves > MOVES_MAX) {
                throw new AssertionError("it does not come to rest");
            }
        }
    }

    /// All of them together.
    long sum(ToLongFunction<Counters> counter) {
        long sum = 0;
        for (Shard shard : shards) {
            sum += counter.applyAsLong(shard.counters());
        }
        return sum;
    }

    long ended(Disconnect reason) {
        return sum(counters -> counters.ended(reason));
    }

    long dropped(Overflow overflow) {
        return sum(counters -> counters.dropped(overflow));
    }

    /// Sessions ended because of a mistake of theirs.
    long refused() {
        long refused = 0;
        for (Disconnect reason : Disconnect.values()) {
            refused += reason.closeCode() >= 4_500 ? ended(reason) : 0;
        }
        return refused;
    }

    void checkNothingIsLeft() {
        checkNoneLeft("sessions", Counters::sessions);
        checkNoneLeft("subscriptions", Counters::subscriptions);
        checkNoneLeft("destinations", Counters::destinations);
        long topics = sum(Counters::topics);
        if (topics > Names.KEPT_COUNT) {
            throw new AssertionError("of sessions that are over " + topics + " topics are left");
        }
        checkNoneLeft("queues", Counters::queues);
        checkNoneLeft("messages in queues", Counters::queued);
        checkNoneLeft("bytes of queues", Counters::queueBytes);
        checkNoneLeft("bytes of transactions", Counters::transactionBytes);
        checkNoneLeft("bytes for sockets", Counters::bytesWaiting);
    }

    private void checkNoneLeft(String what, ToLongFunction<Counters> counter) {
        long left = sum(counter);
        if (left != 0) {
            throw new AssertionError(
                    "of sessions that are over " + left + " " + what + " are left");
        }
    }
}
