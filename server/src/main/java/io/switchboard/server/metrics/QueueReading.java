package io.switchboard.server.metrics;

import io.switchboard.broker.Counters;

/// The part of a [ShardReading] that is about queues.
///
/// @param queues that there are
/// @param messages in them
/// @param bytes what those are charged with
/// @param redelivered handed over again, after they had come back
/// @param expired grew too old
/// @param deadLetters went to the dead letters
/// @param rejected given up without dead letters to go to
/// @param unrouted to queues that go with their last subscriber, when there was none
/// @param duplicates not delivered because their dedup id had been used
/// @param dedupBytes what the dedup ids that are remembered are charged with
/// @param durableSubscriptions that outlive their connections
/// @param durableDropped went because too much waited for one of those
/// @param reads of messages that were not in memory, from the journal
/// @param readsFailed of those; they are tried again
/// @param lost messages that the journal should have had and had not
public record QueueReading(
        long queues,
        long messages,
        long bytes,
        long redelivered,
        long expired,
        long deadLetters,
        long rejected,
        long unrouted,
        long duplicates,
        long dedupBytes,
        long durableSubscriptions,
        long durableDropped,
        long reads,
        long readsFailed,
        long lost) {
    public static final QueueReading NONE =
            new QueueReading(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

    static QueueReading of(Counters counters) {
        return new QueueReading(
                counters.queues(),
                counters.queued(),
                counters.queueBytes(),
                counters.redelivered(),
                counters.expired(),
                counters.deadLetters(),
                counters.rejected(),
                counters.unrouted(),
                counters.duplicates(),
                counters.dedupBytes(),
                counters.durableSubscriptions(),
                counters.durableDropped(),
                counters.reads(),
                counters.readsFailed(),
                counters.lost());
    }
}
