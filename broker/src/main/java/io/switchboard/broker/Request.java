package io.switchboard.broker;

import org.jspecify.annotations.Nullable;

/// An admitted command on its way, until all who work on it have answered. Owned by the shard of
/// the session; other shards only carry the reference back.
public final class Request {
    /// Null for what the broker does on its own account.
    final @Nullable Session session;

    final @Nullable String receipt;

    /// The subscription that the command names, or null.
    final @Nullable String subscription;

    /// The shard that it belongs to.
    final int origin;

    /// The shard that its credit is of.
    final int home;

    final long cost;

    /// Answers that home shards still owe.
    int unanswered;

    /// Shards that were told to take a message, less those that have: below 0 while an early answer
    /// arrived before the count.
    int outstanding;

    /// Why it was not done; the first reason counts.
    @Nullable Refusal refusal;

    /// What a SUBSCRIBE made, which goes again if it is refused.
    @Nullable Subscription subscribed;

    Request(
            @Nullable Session session,
            @Nullable String receipt,
            @Nullable String subscription,
            int origin,
            int home,
            long cost,
            int unanswered) {
        this.session = session;
        this.receipt = receipt;
        this.subscription = subscription;
        this.origin = origin;
        this.home = home;
        this.cost = cost;
        this.unanswered = unanswered;
    }

    /// One home shard has answered.
    void answered(int takers, @Nullable Refusal why) {
        unanswered--;
        outstanding += takers;
        if (refusal == null) {
            refusal = why;
        }
    }

    boolean complete() {
        return unanswered == 0 && outstanding == 0;
    }
}
