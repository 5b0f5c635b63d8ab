package io.switchboard.broker;

/// What shards say to each other. A [Publication], a [Ticket] and a [Session] in a post are opaque
/// to every shard but the one that owns them.
public sealed interface Post {
    /// To the destination's home shard: give it its place and send it on.
    record Publish(Message message, Publication publication) implements Post {}

    /// To each shard that has subscribers: deliver this, it has its place.
    record Deliver(Message message, Publication publication) implements Post {}

    /// Back to the publisher's shard: so many shards will answer [Taken].
    ///
    /// @param done false if the home shard failed at it
    record Sequenced(Publication publication, int takers, boolean done) implements Post {}

    /// Back to the publisher's shard: one shard has put it into its subscribers' queues.
    ///
    /// @param done false if it failed at that
    record Taken(Publication publication, boolean done) implements Post {}

    /// To a home shard (every shard, for a pattern): `shard` has its first subscriber there.
    record Interested(int shard, String destination, boolean pattern, Ticket ticket)
            implements Post {}

    /// The opposite: its last subscriber there has gone.
    record NoLongerInterested(int shard, String destination, boolean pattern) implements Post {}

    /// Back to the subscriber's shard: what is published from now on will reach it.
    record InterestKnown(Ticket ticket) implements Post {}

    /// From anywhere: the answer to a decision that was pending.
    record Decided(Session session, long question, AccessRules.Decision decision) implements Post {}
}
