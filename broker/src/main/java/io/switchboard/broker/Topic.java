package io.switchboard.broker;

import org.jspecify.annotations.Nullable;

/// A topic at its home shard: who is interested, the order of its messages, and what it keeps of
/// them. Owned by that shard; lives as long as a shard has a subscriber of this name, or it keeps
/// something.
final class Topic {
    final String name;

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

    /// Null where its policy has none.
    final @Nullable History history;

    /// The same.
    final @Nullable StateTable state;

    /// @param before the sequence before the first
    Topic(
            String name,
            long epoch,
            long before,
            @Nullable History history,
            @Nullable StateTable state) {
        this.name = name;
        this.epoch = epoch;
        this.history = history;
        this.state = state;
        sequence = before;
    }

    /// What a subscriber who begins there can be given before the live messages; null for nothing.
    @Nullable Past past(From from) {
        return from instanceof From.State ? state : history;
    }

    /// Whether a message has to wait for those before it, or may be stored.
    boolean keepsOrder() {
        return history != null
                || state != null && state.durable
                || places != null && !places.empty();
    }

    boolean keepsPast() {
        return history != null || state != null;
    }

    /// Whether nobody would miss it, but perhaps the journal.
    boolean idle() {
        return shards == 0
                && places == null
                && (history == null || history.empty())
                && (state == null || state.empty());
    }
}
