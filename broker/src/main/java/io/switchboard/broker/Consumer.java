package io.switchboard.broker;

import org.jspecify.annotations.Nullable;

/// A subscriber of a queue. What it asked for never changes; the rest is owned by the queue's home
/// shard: what it holds, and so how much more it may be handed.
public final class Consumer {
    /// Opaque at the home shard.
    final Subscription subscription;

    /// Where the subscription lives.
    final int shard;

    /// The home shard of its queue.
    final int home;

    final String destination;
    final SubscribeOptions options;
    final @Nullable Selector selector;

    /// Null before the queue's shard has heard of it.
    @Nullable Queue queue;

    final Held held = new Held();
    long lastTag;

    /// Of what it holds.
    long bytes;

    /// In the queue's ring of those who may take something.
    boolean inRing;

    boolean gone;

    /// It goes on looking for what matches in a later turn.
    boolean lookingOn;

    WaitingLine.@Nullable Cursor cursor;
    @Nullable Browse browse;

    Consumer(
            Subscription subscription,
            int shard,
            int home,
            String destination,
            SubscribeOptions options,
            @Nullable Selector selector) {
        this.subscription = subscription;
        this.shard = shard;
        this.home = home;
        this.destination = destination;
        this.options = options;
        this.selector = selector;
    }

    boolean auto() {
        return options.ack() == AckMode.AUTO;
    }

    /// Whether it has credit for any message at all.
    boolean mayTake() {
        return !gone && held.count() < options.prefetchCount();
    }

    boolean mayTake(long cost) {
        return mayTake() && (held.count() == 0 || bytes + cost <= options.prefetchBytes());
    }
}
