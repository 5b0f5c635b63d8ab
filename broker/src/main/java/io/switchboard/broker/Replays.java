package io.switchboard.broker;

import java.util.ArrayDeque;

/// The subscribers' side of replays: whose turn it is to ask for a page, and what becomes of one.
/// Owned by the shard of the subscriptions.
///
/// A session has one page under way at a time, however many of its subscriptions are replaying, and
/// asks for it when nothing waits for its socket. A subscription that acknowledges has to have been
/// given all of the last page first.
final class Replays {
    private final Shard shard;
    private final Delivery delivery;
    private final Loop loop;

    Replays(Shard shard, Delivery delivery, Loop loop) {
        this.shard = shard;
        this.delivery = delivery;
        this.loop = loop;
    }

    /// From now on the subscription gets nothing that is live; it is not in its group yet.
    void prepare(Replay replay) {
        replay.subscription.replay = replay;
        shard.counters.replays++;
    }

    /// Its home shards know of it: it is in line for its first page.
    void start(Replay replay) {
        Session session = replay.subscription.session;
        if (session.replays == null) {
            session.replays = new ArrayDeque<>(1);
        }
        session.replays.add(replay);
        session.askForFlush();
    }

    /// Nothing waits for the session's socket. The page comes through the inbox also where its home
    /// is here: a long past takes a turn for each page, and leaves the others theirs.
    void pull(Session session, ArrayDeque<Replay> waiting) {
        if (session.pageUnderWay) {
            return;
        }
        for (int n = waiting.size(); n > 0; n--) {
            Replay replay = waiting.remove();
            if (ready(replay)) {
                session.pageUnderWay = true;
                loop.post(replay.home, new Post.NextPage(replay));
                break;
            }
            waiting.add(replay);
        }
        if (waiting.isEmpty()) {
            session.replays = null;
        }
    }

    private static boolean ready(Replay replay) {
        Consumer consumer = replay.subscription.consumer;
        return consumer == null || consumer.queue == null || consumer.queue.line.empty();
    }

    void came(Replay replay, Replay.Page page) {
        Subscription subscription = replay.subscription;
        Session session = subscription.session;
        session.pageUnderWay = false;
        if (replay.over) {
            // Others of its session may wait for their turn.
            session.askForFlush();
            return;
        }
        if (session.closed()) {
            return;
        }
        replay.came(page);
        if (subscription.consumer == null) {
            delivery.replay(subscription, page.messages);
        } else {
            feed(replay, subscription.consumer, page);
        }
        if (replay.atEnd()) {
            end(replay);
        } else {
            start(replay);
        }
        session.askForFlush();
    }

    private void feed(Replay replay, Consumer consumer, Replay.Page page) {
        Queue queue = consumer.queue;
        for (Kept kept : page.messages) {
            if (queue != null && !shard.queues().feed(queue, kept)) {
                // Memory of all queues: what follows would hide the hole.
                replay.whole = false;
            }
        }
    }

    /// The past is over: what is live is for it as for every other one.
    private void end(Replay replay) {
        Subscription subscription = replay.subscription;
        over(replay);
        Interest interest = subscription.interest;
        if (interest == null) {
            throw new IllegalStateException("a replay of no topic: " + subscription.id);
        }
        WireForm form = subscription.members().form;
        subscription.replay = null;
        delivery.move(subscription, interest, form);
        complete(replay, replay.whole);
    }

    /// Its subscription goes, or its session, before all was there.
    void giveUp(Replay replay) {
        if (replay.over) {
            return;
        }
        over(replay);
        Session session = replay.subscription.session;
        if (session.replays != null) {
            session.replays.remove(replay);
        }
        shard.post(replay.home, new Post.ReplayOver(replay));
        complete(replay, false);
    }

    private void over(Replay replay) {
        replay.over = true;
        shard.counters.replays--;
    }

    private static void complete(Replay replay, boolean recovered) {
        Session session = replay.subscription.session;
        if (replay.receipt != null && !session.closed()) {
            session.events.replayed(replay.receipt, recovered);
        }
    }

    /// The client leaves: what is not there yet does not come any more.
    void giveUpAll(Session session) {
        for (int i = 0; i < session.subscriptionCount(); i++) {
            Replay replay = session.subscriptionAt(i).replay;
            if (replay != null) {
                giveUp(replay);
            }
        }
    }
}
