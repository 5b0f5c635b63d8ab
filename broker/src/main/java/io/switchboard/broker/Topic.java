package io.switchboard.broker;

import org.jspecify.annotations.Nullable;

/// A topic at its home shard: who is interested, and the order of its messages. Owned by that
/// shard; lives as long as a shard has a subscriber of this name.
final class Topic {
    /// Random per incarnation, so that ids stay unique when a topic is forgotten and comes back.
    final long epoch;

    long sequence;

    /// One bit per shard that has subscribers of the name itself.
    long shards;

    /// One bit per shard that has a pattern that matches, as of [#patternVersion].
    long patternShards;

    int patternVersion = -1;

    /// Null where no message waits for the outcome of a commit or of the journal.
    @Nullable Places places;

    /// @param before the sequence before the first
    Topic(long epoch, long before) {
        this.epoch = epoch;
        sequence = before;
    }
}
