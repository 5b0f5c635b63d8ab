package io.switchboard.broker;

import org.jspecify.annotations.Nullable;

/// What the home shards of topics know of a subscription that outlives its connection: for whom
/// they keep copies. Immutable and shared; two are one only if they are the same.
public final class DurableInterest {
    /// The name of the subscription, and where the journal has its copies.
    final String key;

    final String home;

    /// The home shard of the subscription.
    final int shard;

    final String destination;
    final boolean pattern;
    final @Nullable Selector selector;

    /// Whether copies are stored.
    private final boolean durable;

    private final long ttlMillis;

    DurableInterest(
            String key, String home, int shard, DurableWish wish, boolean durable, long ttlMillis) {
        this.key = key;
        this.home = home;
        this.shard = shard;
        destination = wish.destination();
        pattern = wish.pattern();
        selector = wish.selector() == null ? null : Selector.parse(wish.selector()).selector();
        this.durable = durable;
        this.ttlMillis = ttlMillis;
    }

    boolean wants(Message message) {
        return selector == null || selector.matches(message);
    }

    /// Whether the journal has its copy of this message.
    boolean stores(Message message) {
        return durable && message.options().persistent();
    }

    /// @param placed has its place in its topic
    Journal.Change put(Message placed, long arrivedMillis) {
        long expires = placed.options().expiresAt(arrivedMillis, ttlMillis);
        return new Journal.Change.Put(home, placed, arrivedMillis, expires, 0);
    }
}
