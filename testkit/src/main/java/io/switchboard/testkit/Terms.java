package io.switchboard.testkit;

import io.switchboard.broker.BrokerLimits;
import io.switchboard.broker.DedupLimits;
import io.switchboard.broker.Overflow;
import io.switchboard.broker.Policies;
import io.switchboard.broker.QueueLimits;
import io.switchboard.broker.Retention;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/// What holds during one history: how many shards, which limits. Often so small that every bound is
/// met, sometimes so large that none may be.
///
/// @param inOneLine whether a shard gets the posts of all others in the order in which they were
///   made
/// @param generous nothing may be dropped and nobody may be ended for being slow
/// @param window of each client's socket, in bytes
/// @param clients at most connected at a time
/// @param names how many destinations are in use
/// @param pendingPercent decisions that need a slow look-up
/// @param queues whether clients use queues, acknowledgements and transactions
/// @param prefetchMax what consumers may wish to hold
/// @param journal how the journal behaves
/// @param crashes how often the server is killed, on average
record Terms(
        int shards,
        boolean inOneLine,
        BrokerLimits limits,
        boolean generous,
        int window,
        int clients,
        int names,
        int pendingPercent,
        boolean queues,
        int prefetchMax,
        SimulatedJournal.Temper journal,
        int crashes) {

    static final int MAX_DELIVERIES = 4;
    static final long BRIEF_MILLIS = 2_000;
    static final long LATE_MILLIS = 500;
    static final int SHORT_LENGTH = 3;
    static final int FEW_KEPT = 4;
    static final String GRAVES = "/queue/graves";
    static final String DEAD_LETTERS = "/queue/dead-letters";

    static final Policies POLICIES =
            Policies.DEFAULT
                    .with("/topic/old/**", new Policies.Policy(Overflow.DROP_OLDEST))
                    .with("/topic/new/**", new Policies.Policy(Overflow.DROP_NEWEST))
                    .with("/topic/**", new Policies.Policy(Overflow.DISCONNECT))
                    .with("/topic/board/**", it -> it.withState(true).withDurable(true))
                    .with("/topic/kept/**", it -> it.withHistory(Retention.DEFAULT))
                    .with("/topic/kept/b", it -> it.withHistory(new Retention(FEW_KEPT, 0, 0)))
                    .with("/queue/short/**", it -> it.withMaxLength(SHORT_LENGTH))
                    .with("/queue/twice/**", Terms::twice)
                    .with("/queue/late/**", it -> it.withRedeliveryDelay(LATE_MILLIS))
                    .with("/queue/memory/**", it -> it.withDurable(false))
                    .with("/queue/brief/**", it -> twice(it).withTtl(BRIEF_MILLIS))
                    .with("/queue/**", it -> it.withMaxDeliveries(MAX_DELIVERIES));

    private static Policies.Policy twice(Policies.Policy queue) {
        return queue.withMaxDeliveries(2).withDeadLetter(GRAVES);
    }

    /// How often a message of a queue is delivered at most.
    static int deliveriesMax(int name) {
        String text = Names.name(name);
        return text.startsWith("/queue/twice/") || text.startsWith("/queue/brief/")
                ? 2
                : text.startsWith("/queue/") ? MAX_DELIVERIES : Policies.Policy.MAX_DELIVERIES;
    }

    /// Where a queue's dead letters go; null if they are dropped.
    static @Nullable String deadLetters(int name) {
        String text = Names.name(name);
        if (text.startsWith("/queue/twice/") || text.startsWith("/queue/brief/")) {
            return GRAVES;
        }
        return text.equals(DEAD_LETTERS) || Names.passing(name) ? null : DEAD_LETTERS;
    }

    /// Whether it keeps messages that grow too old among its dead letters.
    static boolean buriesOld(int name) {
        return GRAVES.equals(deadLetters(name));
    }

    static boolean durable(int name) {
        return Names.isQueue(name)
                && !Names.passing(name)
                && !Names.name(name).startsWith("/queue/memory/");
    }

    /// @param fault which must have its chance to strike
    static Terms of(SplittableRandom random, Fault fault) {
        int shards = 1 + random.nextInt(4);
        boolean generous = random.nextInt(3) == 0;
        int outbound = generous ? 1 << 22 : pick(random, 100, 400, 1_500, 6_000);
        long node = generous ? 1L << 30 : pick(random, 8_000, 30_000, 1 << 26) * (long) shards;
        BrokerLimits limits =
                new BrokerLimits(
                        pick(random, 3, 8, 1_000),
                        outbound,
                        node,
                        pick(random, 4, 1_000, 1_000) * shards,
                        100,
                        pick(random, 1, 3, 8, 1_000) * shards,
                        pick(random, 300, 2_000, 1 << 26) * (long) shards,
                        pick(random, 1, 3, 100),
                        pick(random, 200, 3_000, 1 << 22));
        boolean queues = random.nextInt(5) > 0 | fault.ofQueues();
        if (queues) {
            limits =
                    limits.withQueues(queueLimits(random, generous, shards))
                            .withDedup(dedupLimits(random, fault));
        }
        SimulatedJournal.Temper journal = queues ? temper(random) : SimulatedJournal.Temper.NONE;
        if (fault.ofCrashes()) {
            journal = SimulatedJournal.Temper.RELIABLE;
        }
        return new Terms(
                shards,
                random.nextBoolean(),
                limits,
                generous,
                pick(random, 1, 100, 1_000, 1 << 16),
                2 + random.nextInt(7),
                1 + random.nextInt(1 + random.nextInt(Names.TOPIC_COUNT)),
                pick(random, 0, 0, 5, 40),
                queues,
                pick(random, 1, 4, 100),
                journal,
                journal == SimulatedJournal.Temper.NONE
                        ? 0
                        : fault.ofCrashes() ? 8 : pick(random, 0, 1, 2, 2, 3, 3));
    }

    private static SimulatedJournal.Temper temper(SplittableRandom random) {
        int dice = random.nextInt(8);
        return dice == 0
                ? SimulatedJournal.Temper.NONE
                : dice < 4 ? SimulatedJournal.Temper.RELIABLE : SimulatedJournal.Temper.FAILING;
    }

    /// After a restart with another number of shards.
    Terms withShards(int count) {
        return new Terms(
                count,
                inOneLine,
                limits,
                generous,
                window,
                clients,
                names,
                pendingPercent,
                queues,
                prefetchMax,
                journal,
                crashes);
    }

    private static QueueLimits queueLimits(SplittableRandom random, boolean generous, int shards) {
        return new QueueLimits(
                generous ? 1 << 30 : pick(random, 3_000, 30_000, 1 << 30),
                pick(random, 4, 30, 1_000_000),
                pick(random, 1, 1_000) * shards,
                generous ? 1 << 30 : pick(random, 1_000, 10_000, 1 << 30),
                pick(random, 1, 2, 16),
                pick(random, 2, 10, 1_000),
                pick(random, 600, 3_000, 1 << 20));
    }

    /// Where there is room for few ids they are forgotten sooner than promised.
    private static DedupLimits dedupLimits(SplittableRandom random, Fault fault) {
        DedupLimits most = DedupLimits.DEFAULT;
        int window = pick(random, 500, 5_000, 120_000, 120_000);
        int ids = pick(random, 2, most.ids(), most.ids());
        return fault == Fault.VALUES_FORGOTTEN ? most : new DedupLimits(window, ids, most.bytes());
    }

    private static int pick(SplittableRandom random, int... choices) {
        return choices[random.nextInt(choices.length)];
    }

    /// What may be admitted and not complete towards all shards together.
    int commandsMax() {
        return shards * shards * Math.max(1, limits.commandsPerShard() / shards);
    }
}
