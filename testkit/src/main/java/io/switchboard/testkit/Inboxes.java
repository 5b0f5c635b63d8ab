package io.switchboard.testkit;

import io.switchboard.broker.Loop;
import io.switchboard.broker.Post;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/// The posts under way between shards, and who asked for the end of its turn. First in, first out
/// per inbox, as the server has it; or, in some histories, only from each shard to each: the broker
/// does not depend on more.
final class Inboxes {
    private final int shards;

    /// By target, then by sender.
    private final ArrayDeque<Post>[] inboxes;

    private final boolean inOneLine;
    private final boolean[] turnAsked;
    private final int admittedMax;
    private final Faults faults;
    private final VirtualClock clock;
    private final long[] wakeAt;
    private int admitted;

    @SuppressWarnings({"unchecked", "rawtypes"})
    Inboxes(Terms terms, Faults faults, VirtualClock clock) {
        shards = terms.shards();
        inOneLine = terms.inOneLine();
        inboxes = new ArrayDeque[shards * shards];
        Arrays.setAll(inboxes, i -> new ArrayDeque<Post>());
        turnAsked = new boolean[terms.shards()];
        // A command has at most one post under way for each shard.
        admittedMax = terms.commandsMax() * terms.shards();
        this.faults = faults;
        this.clock = clock;
        wakeAt = new long[terms.shards()];
        Arrays.fill(wakeAt, Long.MAX_VALUE);
    }

    Loop loop(int shard) {
        return new Loop() {
            @Override
            public void post(int target, Post post) {
                add(inboxes[target * shards + (inOneLine ? 0 : shard)], post);
            }

            @Override
            public void endTurnLater() {
                if (faults.strike(Fault.TURN_LOST)) {
                    return;
                }
                if (turnAsked[shard]) {
                    throw new AssertionError("the end of a turn is asked for twice");
                }
                turnAsked[shard] = true;
            }

            @Override
            public long epochMillis() {
                return clock.epochMillis();
            }

            @Override
            public void wakeAt(long epochMillis) {
                wakeAt[shard] = epochMillis;
            }
        };
    }

    private void add(ArrayDeque<Post> inbox, Post post) {
        if (faults.strike(Fault.POST_LOST)) {
            return;
        }
        Post before = inbox.peekLast();
        if (before != null && faults.strike(Fault.POST_OVERTAKES)) {
            inbox.removeLast();
            inbox.add(post);
            post = before;
        }
        inbox.add(post);
        count(1, post);
        if (faults.strike(Fault.POST_DOUBLED)) {
            inbox.add(post);
        }
        if (admitted > admittedMax) {
            throw new AssertionError(
                    "expected at most "
                            + admittedMax
                            + " posts by the credits but was "
                            + admitted);
        }
    }

    /// What the credits bound; the others follow from the end of a subscription, or come from
    /// outside.
    private void count(int by, Post post) {
        if (!(post instanceof Post.NoLongerInterested) && !(post instanceof Post.Decided)) {
            admitted += by;
        }
    }

    /// The next one for a shard, from any of the others.
    @Nullable Post poll(int shard, SplittableRandom random) {
        int first = inOneLine ? 0 : random.nextInt(shards);
        for (int i = 0; i < shards; i++) {
            Post post = inboxes[shard * shards + (first + i) % shards].poll();
            if (post != null) {
                count(-1, post);
                return post;
            }
        }
        return null;
    }

    /// Whether the moment has come that a shard wants to be woken at.
    boolean pollWake(int shard) {
        boolean due = wakeAt[shard] <= clock.epochMillis();
        if (due) {
            wakeAt[shard] = Long.MAX_VALUE;
        }
        return due;
    }

    boolean pollTurn(int shard) {
        boolean asked = turnAsked[shard];
        turnAsked[shard] = false;
        return asked;
    }
}
