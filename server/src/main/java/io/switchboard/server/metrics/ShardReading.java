package io.switchboard.server.metrics;

import io.switchboard.broker.Counters;
import io.switchboard.broker.Disconnect;
import io.switchboard.broker.Overflow;
import java.util.EnumMap;
import java.util.Map;

/// The counters of one shard as they were at one moment, or the sum of several: unlike [Counters]
/// it may leave the shard's thread.
public record ShardReading(
        long sessions,
        long subscriptions,
        long destinations,
        long messagesIn,
        long messagesOut,
        long bytesWaiting,
        long waitsForCredit,
        QueueReading queues,
        TopicReading topics,
        Map<Overflow, Long> dropped,
        Map<Disconnect, Long> ended) {

    public ShardReading {
        dropped = Map.copyOf(dropped);
        ended = Map.copyOf(ended);
    }

    /// To be called on the shard's thread.
    public static ShardReading of(Counters counters) {
        Map<Overflow, Long> dropped = new EnumMap<>(Overflow.class);
        for (Overflow policy : Overflow.values()) {
            dropped.put(policy, counters.dropped(policy));
        }
        Map<Disconnect, Long> ended = new EnumMap<>(Disconnect.class);
        for (Disconnect reason : Disconnect.values()) {
            ended.put(reason, counters.ended(reason));
        }
        return new ShardReading(
                counters.sessions(),
                counters.subscriptions(),
                counters.destinations(),
                counters.messagesIn(),
                counters.messagesOut(),
                counters.bytesWaiting(),
                counters.waitsForCredit(),
                QueueReading.of(counters),
                TopicReading.of(counters),
                dropped,
                ended);
    }
}
