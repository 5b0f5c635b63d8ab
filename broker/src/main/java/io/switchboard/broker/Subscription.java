package io.switchboard.broker;

import org.jspecify.annotations.Nullable;

/// A session's wish for the messages of a destination or pattern. Owned by its session's shard.
final class Subscription {
    final Session session;
    final String id;
    final Interest interest;

    /// The group of equal wire form that it is in, and its place there.
    @Nullable Members members;

    int memberIndex;

    Subscription(Session session, String id, Interest interest) {
        this.session = session;
        this.id = id;
        this.interest = interest;
    }

    Members members() {
        Members group = members;
        if (group == null) {
            throw new IllegalStateException("in no group: " + id);
        }
        return group;
    }

    WireForm form() {
        return members().form;
    }
}
