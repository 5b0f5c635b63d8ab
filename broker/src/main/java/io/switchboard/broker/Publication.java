package io.switchboard.broker;

import org.jspecify.annotations.Nullable;

/// One publish on its way, from its admission to its completion. Owned by the publisher's shard;
/// other shards only carry the reference back.
public final class Publication {
    final Session session;
    final @Nullable String receipt;
    final int origin;
    final int home;
    final long cost;

    /// Shards that were told to take it, less those that have: below 0 while an early answer
    /// arrived before the count.
    int outstanding;

    boolean sequenced;

    /// Some shard could not take it: there is no receipt.
    boolean failed;

    Publication(Session session, @Nullable String receipt, int origin, int home, long cost) {
        this.session = session;
        this.receipt = receipt;
        this.origin = origin;
        this.home = home;
        this.cost = cost;
    }

    boolean complete() {
        return sequenced && outstanding == 0;
    }
}
