package io.switchboard.testkit;

import io.switchboard.broker.Loop;
import io.switchboard.broker.Post;
import java.util.ArrayDeque;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// The posts under way between shards, first in, first out per shard, and who asked for the end of
/// its turn.
final class Inboxes {
    private final ArrayDeque<Post>[] inboxes;
    private final boolean[] turnAsked;
    private final int admittedMax;
    private final Faults faults;
    private int admitted;

    @SuppressWarnings({"unchecked", "rawtypes"})
    Inboxes(Terms terms, Faults faults) {
        inboxes = new ArrayDeque[terms.shards()];
        Arrays.setAll(inboxes, i -> new ArrayDeque<Post>());
        turnAsked = new boolean[terms.shards()];
        // A command has at most one post under way for each shard.
        admittedMax = terms.commandsMax() * terms.shards();
        this.faults = faults;
    }

    Loop loop(int shard) {
        return new Loop() {
            @Override
            public void post(int target, Post post) {
                add(target, post);
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
        };
    }

    private void add(int target, Post post) {
        if (faults.strike(Fault.POST_LOST)) {
            return;
        }
        ArrayDeque<Post> inbox = inboxes[target];
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

    boolean waits(int shard) {
        return !inboxes[shard].isEmpty();
    }

    @Nullable Post poll(int shard) {
        Post post = inboxes[shard].poll();
        if (post != null) {
            count(-1, post);
        }
        return post;
    }

    boolean pollTurn(int shard) {
        boolean asked = turnAsked[shard];
        turnAsked[shard] = false;
        return asked;
    }
}
