package io.switchboard.testkit;

import io.switchboard.broker.BrokerLimits;
import io.switchboard.broker.Overflow;
import io.switchboard.broker.Policies;
import java.util.SplittableRandom;

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
record Terms(
        int shards,
        boolean inOneLine,
        BrokerLimits limits,
        boolean generous,
        int window,
        int clients,
        int names,
        int pendingPercent) {

    static final Policies POLICIES =
            Policies.DEFAULT
                    .with("/topic/old/**", new Policies.Policy(Overflow.DROP_OLDEST))
                    .with("/topic/new/**", new Policies.Policy(Overflow.DROP_NEWEST))
                    .with("/topic/**", new Policies.Policy(Overflow.DISCONNECT));

    static Terms of(SplittableRandom random) {
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
        return new Terms(
                shards,
                random.nextBoolean(),
                limits,
                generous,
                pick(random, 1, 100, 1_000, 1 << 16),
                2 + random.nextInt(7),
                1 + random.nextInt(1 + random.nextInt(Names.COUNT)),
                pick(random, 0, 0, 5, 40));
    }

    private static int pick(SplittableRandom random, int... choices) {
        return choices[random.nextInt(choices.length)];
    }

    /// What may be admitted and not complete towards all shards together.
    int commandsMax() {
        return shards * shards * Math.max(1, limits.commandsPerShard() / shards);
    }
}
