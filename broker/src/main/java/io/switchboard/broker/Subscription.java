package io.switchboard.broker;

import org.jspecify.annotations.Nullable;

/// A session's wish for the messages of a destination or pattern. Owned by its session's shard.
///
/// It is in a group of subscribers of a topic, or it is the consumer of a queue, or both: who
/// acknowledges the messages of a topic has a private queue of those.
final class Subscription {
    final Session session;
    final String id;

    /// Its number in the session, never used again: acknowledgements name it.
    final long number;

    /// Of a topic or pattern; null for a queue.
    final @Nullable Interest interest;

    final @Nullable Selector selector;

    /// Null where nothing is acknowledged or counted.
    @Nullable Consumer consumer;

    /// Null where it gets what is live.
    @Nullable Replay replay;

    /// Of the messages that it was handed from a queue: one for as long as it lives.
    long epoch;

    /// Of a consumer and of notices: how its messages look. Of a topic's the group knows.
    @Nullable WireForm form;

    /// The group of equal wire form that it is in, and its place there.
    @Nullable Members members;

    int memberIndex;

    /// That is being asked about it again; null for none.
    Questions<Subscription>.@Nullable Question question;

    boolean gone;

    /// Where it is told that its session is there; null where that is told nowhere.
    @Nullable String presence;

    /// Null without a `max-rate`.
    @Nullable Pace pace;

    /// The batch of this turn.
    @Nullable Batch open;

    /// Messages that its socket took, and those of them that its queue has heard of.
    private long written;

    private long reported;

    Subscription(
            Session session,
            String id,
            long number,
            @Nullable Interest interest,
            @Nullable Selector selector) {
        this.session = session;
        this.id = id;
        this.number = number;
        this.interest = interest;
        this.selector = selector;
    }

    Members members() {
        Members group = members;
        if (group == null) {
            throw new IllegalStateException("in no group: " + id);
        }
        return group;
    }

    WireForm form() {
        return form != null ? form : members().form;
    }

    /// The canonical name or pattern; null of what is the session's own.
    @Nullable String destination() {
        if (interest != null) {
            return interest.destination;
        }
        return consumer == null ? null : consumer.destination;
    }

    // --- As a consumer ---

    boolean consumes(String queue) {
        return consumer != null && consumer.destination.equals(queue);
    }

    void wrote(int count) {
        boolean first = written == reported;
        written += count;
        if (first && consumer != null && consumer.auto()) {
            session.shard.wrote(this);
        }
    }

    long written() {
        return written;
    }

    /// How many its queue has not heard of, which it now does.
    int report() {
        int count = (int) (written - reported);
        reported = written;
        return count;
    }
}
