package io.switchboard.gateway;

import io.switchboard.broker.AccessRules;
import io.switchboard.broker.Application;
import io.switchboard.broker.BrokerLimits;
import io.switchboard.broker.Budget;
import io.switchboard.broker.Journal;
import io.switchboard.broker.Loop;
import io.switchboard.broker.Policies;
import io.switchboard.broker.Post;
import io.switchboard.broker.Shard;
import io.switchboard.broker.Slab;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// A node in one thread: shards whose inboxes are worked off when a test says so, and clients whose
/// bytes are decoded by the client's side of the codec.
final class Node {
    final List<Shard> shards = new ArrayList<>();
    private final List<ArrayDeque<Post>> inboxes = new ArrayList<>();
    private final boolean[] turnAsked;
    private final long[] wakeAt;
    GatewayOptions options = GatewayOptions.DEFAULT;
    long nowNanos = 1_000_000_000_000L;
    private long lastRandom = 41;

    Node(int count, AccessRules rules, BrokerLimits limits) {
        this(count, rules, limits, Application.NONE);
    }

    Node(int count, AccessRules rules, BrokerLimits limits, Application application) {
        this(count, rules, limits, application, Policies.DEFAULT);
    }

    private Node(
            int count,
            AccessRules rules,
            BrokerLimits limits,
            Application application,
            Policies policies) {
        turnAsked = new boolean[count];
        wakeAt = new long[count];
        Arrays.fill(wakeAt, Long.MAX_VALUE);
        Budget queueMemory = new Budget(limits.queues().bytes());
        Budget transactionMemory = new Budget(limits.queues().transactionBytes());
        for (int i = 0; i < count; i++) {
            inboxes.add(new ArrayDeque<>());
            int index = i;
            Loop loop =
                    new Loop() {
                        @Override
                        public void post(int shard, Post post) {
                            inboxes.get(shard).add(post);
                        }

                        @Override
                        public void endTurnLater() {
                            turnAsked[index] = true;
                        }

                        @Override
                        public long epochMillis() {
                            return nowNanos / 1_000_000;
                        }

                        @Override
                        public void wakeAt(long epochMillis) {
                            wakeAt[index] = epochMillis;
                        }
                    };
            shards.add(
                    new Shard(
                            i,
                            count,
                            new Shard.Ports(
                                    loop,
                                    Node::slab,
                                    () -> ++lastRandom,
                                    rules,
                                    Journal.NONE,
                                    application,
                                    queueMemory,
                                    transactionMemory,
                                    new Budget(limits.topics().historyBytes()),
                                    new Budget(limits.topics().stateBytes())),
                            policies,
                            limits));
        }
    }

    static Node local() {
        return new Node(1, AccessRules.localOnly(), BrokerLimits.DEFAULT);
    }

    static Node with(Policies policies) {
        return new Node(
                1, AccessRules.localOnly(), BrokerLimits.DEFAULT, Application.NONE, policies);
    }

    private static Slab slab(int capacity) {
        ByteBuffer bytes = ByteBuffer.allocate(capacity);
        return new Slab() {
            @Override
            public ByteBuffer bytes() {
                return bytes;
            }

            @Override
            public void release() {}
        };
    }

    /// Time passes, and what is due then happens.
    void pass(long millis) {
        nowNanos += millis * 1_000_000;
        for (int i = 0; i < wakeAt.length; i++) {
            if (wakeAt[i] <= nowNanos / 1_000_000) {
                wakeAt[i] = Long.MAX_VALUE;
                shards.get(i).onDeadline();
            }
        }
        settle();
    }

    /// Works until nothing is left to do anywhere.
    void settle() {
        boolean worked = true;
        while (worked) {
            worked = false;
            for (int i = 0; i < shards.size(); i++) {
                for (Post post = inboxes.get(i).poll();
                        post != null;
                        post = inboxes.get(i).poll()) {
                    shards.get(i).receive(post);
                    worked = true;
                }
                if (turnAsked[i]) {
                    turnAsked[i] = false;
                    shards.get(i).endTurn();
                    worked = true;
                }
            }
        }
    }
}
