package io.switchboard.server.metrics;

import io.switchboard.broker.Counters;

/// The part of a [ShardReading] that is about what topics keep.
///
/// @param historyMessages in all histories
/// @param historyBytes what those are charged with
/// @param historyEvicted went, or did not get in, for want of memory for all histories
/// @param stateKeys keys with a value, of the topics with state
/// @param stateBytes what their values are charged with
/// @param replays subscriptions that are being given the past
public record TopicReading(
        long historyMessages,
        long historyBytes,
        long historyEvicted,
        long stateKeys,
        long stateBytes,
        long replays) {
    public static final TopicReading NONE = new TopicReading(0, 0, 0, 0, 0, 0);

    static TopicReading of(Counters counters) {
        return new TopicReading(
                counters.historyMessages(),
                counters.historyBytes(),
                counters.historyEvicted(),
                counters.stateKeys(),
                counters.stateBytes(),
                counters.replays());
    }
}
