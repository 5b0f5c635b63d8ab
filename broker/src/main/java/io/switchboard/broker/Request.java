package io.switchboard.broker;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// An admitted command on its way, until all who work on it have answered. Owned by the shard of
/// the session; other shards only carry the reference back.
public final class Request {
    /// Null for what the broker does on its own account.
    final @Nullable Session session;

    final @Nullable String receipt;

    /// The subscription that the command names, or null.
    final @Nullable String subscription;

    /// Whose it is; null for nobody with a name.
    final @Nullable String user;

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

    /// Its receipt comes later, from somebody else.
    boolean deferred;

    /// What a SUBSCRIBE made, which goes again if it is refused.
    @Nullable Subscription subscribed;

    /// Something that waited for the durable subscription was dropped. Set by its home shard before
    /// that answers.
    boolean missed;

    /// Of a SEND with a dedup id that nobody has used before. The home shard's alone.
    DedupWindow.@Nullable First first;

    Request(
            @Nullable Session session,
            @Nullable String receipt,
            @Nullable String subscription,
            int origin,
            int home,
            long cost,
            int unanswered) {
        this.session = session;
        user = session == null ? null : session.user();
        this.receipt = receipt;
        this.subscription = subscription;
        this.origin = origin;
        this.home = home;
        this.cost = cost;
        this.unanswered = unanswered;
    }

    /// What is to be stored for a message at its home shard.
    List<Journal.Change> changes(Journal.Change put) {
        return first == null ? List.of(put) : List.of(put, first.store());
    }

    /// The same of several copies.
    List<Journal.Change> changes(List<Journal.Change> puts) {
        if (first != null) {
            puts.add(first.store());
        }
        return puts;
    }

    /// One home shard has answered.
    void answered(int takers, @Nullable Refusal why) {
        unanswered--;
        outstanding += takers;
        if (refusal == null) {
            refusal = why;
        }
    }

    /// Its session hears that it is done, if it asked for that.
    void tellDone() {
        if (receipt == null || deferred || session == null || session.closed()) {
            return;
        }
        if (missed) {
            session.events.replayed(receipt, false);
        } else {
            session.events.completed(receipt);
        }
    }

    boolean complete() {
        return unanswered == 0 && outstanding == 0;
    }
}
