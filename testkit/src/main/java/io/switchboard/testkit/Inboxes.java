package io.switchboard.testkit;

import io.switchboard.broker.Consumer;
import io.switchboard.broker.Loop;
import io.switchboard.broker.Post;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.Map;
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

    /// Messages under way to a consumer and words of them under way back: its credit bounds them,
    /// and the end marker of one that only looks.
    private final Map<Consumer, Integer> handed = new IdentityHashMap<>();

    private final int handedMax;

    /// Whether nothing happens but what commands bring about.
    private final boolean commandsOnly;

    @SuppressWarnings({"unchecked", "rawtypes"})
    Inboxes(Terms terms, Faults faults, VirtualClock clock) {
        shards = terms.shards();
        inOneLine = terms.inOneLine();
        inboxes = new ArrayDeque[shards * shards];
        Arrays.setAll(inboxes, i -> new ArrayDeque<Post>());
        turnAsked = new boolean[terms.shards()];
        // A command has at most one post under way for each shard.
        admittedMax = terms.commandsMax() * terms.shards() * framesMax(terms);
        commandsOnly = !terms.queues();
        handedMax = terms.prefetchMax() + 1;
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

    /// A commit is one command and has posts for all of its frames.
    private static int framesMax(Terms terms) {
        return terms.queues() ? terms.limits().queues().framesPerTransaction() : 1;
    }

    private boolean lost(Post post) {
        return faults.strike(Fault.POST_LOST)
                || switch (post) {
                    case Post.Hand _ -> faults.strike(Fault.HAND_LOST);
                    case Post.Written _ -> faults.strike(Fault.WRITTEN_LOST);
                    case Post.Cancel _ -> faults.strike(Fault.CANCEL_LOST);
                    case Post.Settle _ -> faults.strike(Fault.SETTLE_LOST);
                    case Post.Resolve _ -> faults.strike(Fault.RESOLVE_LOST);
                    default -> false;
                };
    }

    private void add(ArrayDeque<Post> inbox, Post post) {
        if (lost(post)) {
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
        if (faults.strike(Fault.POST_DOUBLED)
                || post instanceof Post.Hand && faults.strike(Fault.HAND_DOUBLED)) {
            inbox.add(post);
            count(1, post);
        }
        if (admitted > admittedMax) {
            throw new AssertionError(
                    "expected at most "
                            + admittedMax
                            + " posts by the credits but was "
                            + admitted);
        }
    }

    /// What the credits of commands bound, and those of consumers. A commit's preparation has one
    /// post at a time for each shard, dead letters have it on the account of the room that they
    /// take in their queue, a session one page of its replays; the rest follows from the end of a
    /// subscription, or from outside.
    private void count(int by, Post post) {
        switch (post) {
            case Post.Publish _,
                    Post.Deliver _,
                    Post.Taken _,
                    Post.Interested _,
                    Post.InterestKnown _,
                    Post.Consume _,
                    Post.Settle _,
                    Post.ConsumeDurable _,
                    Post.EndDurable _,
                    Post.Keep _,
                    Post.Handled _ ->
                    admitted += by;
            case Post.Hand hand -> countHanded(by, hand.consumer());
            case Post.Written written -> countHanded(by, written.consumer());
            case Post.Answered _ -> admitted += commandsOnly ? by : 0;
            case Post.Prepare _,
                    Post.Prepared _,
                    Post.Resolve _,
                    Post.Cancel _,
                    Post.NoLongerInterested _,
                    Post.KeepFor _,
                    Post.Keeping _,
                    Post.KeepNoMore _,
                    Post.ClaimClient _,
                    Post.LeaveClient _,
                    Post.TakenOver _,
                    Post.Stored _,
                    Post.Read _,
                    Post.LookOn _,
                    Post.Missed _,
                    Post.NextPage _,
                    Post.Page _,
                    Post.ReplayOver _,
                    Post.WriterGone _,
                    Post.Came _,
                    Post.Went _,
                    Post.Begin _,
                    Post.AnswerDecided _,
                    Post.AskedAgain _,
                    Post.DurableOwner _,
                    Post.DurableDenied _,
                    Post.Decided _ -> {}
        }
    }

    private void countHanded(int by, Consumer consumer) {
        int count = handed.merge(consumer, by, Integer::sum);
        if (count == 0) {
            handed.remove(consumer);
        } else if (count > handedMax) {
            throw new AssertionError(
                    "expected at most "
                            + handedMax
                            + " posts by a consumer's credit but was "
                            + count);
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
        return due && !faults.strike(Fault.WAKE_LOST);
    }

    /// When the first shard wants to be woken, in milliseconds since 1970.
    long wakeAt() {
        long next = Long.MAX_VALUE;
        for (long at : wakeAt) {
            next = at > clock.epochMillis() ? Math.min(next, at) : next;
        }
        return next;
    }

    boolean pollTurn(int shard) {
        boolean asked = turnAsked[shard];
        turnAsked[shard] = false;
        return asked;
    }
}
