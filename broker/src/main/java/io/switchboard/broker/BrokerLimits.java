package io.switchboard.broker;

import java.util.function.Consumer;

/// Bounds of the broker, for the whole node; each shard keeps its share.
///
/// @param subscriptionsPerSession a further SUBSCRIBE is refused
/// @param outboundBytesPerSession what may wait for one client; past it the destination's
///   [Overflow] policy acts. An empty queue takes any message
/// @param outboundBytes memory of encoded messages that wait, all clients together; past it the
///   sessions with the most waiting bytes end first
/// @param destinations live names and patterns with subscribers; a SUBSCRIBE to a further one is
///   refused
/// @param destinationLength characters in the name of a destination
/// @param commandsPerShard commands admitted and not complete, by target shard
/// @param commandBytesPerShard their bytes
/// @param commandsPerSession commands admitted and not complete, of one session
/// @param commandBytesPerSession their bytes. A session without any takes any command
/// @param queues of queues and transactions
/// @param dedup of dedup ids that are remembered
/// @param tokenNoticeMillis how long before the end of its token a client is told; 0 for never
/// @param topics of what topics keep
/// @param durable of subscriptions that outlive their connections
public record BrokerLimits(
        int subscriptionsPerSession,
        int outboundBytesPerSession,
        long outboundBytes,
        int destinations,
        int destinationLength,
        int commandsPerShard,
        long commandBytesPerShard,
        int commandsPerSession,
        long commandBytesPerSession,
        QueueLimits queues,
        DedupLimits dedup,
        long tokenNoticeMillis,
        TopicLimits topics,
        DurableLimits durable) {
    public static final long TOKEN_NOTICE_MILLIS = 60_000;

    public static final BrokerLimits DEFAULT =
            new BrokerLimits(
                    1_000,
                    1 << 20,
                    256L << 20,
                    1_000_000,
                    1_024,
                    64 << 10,
                    64L << 20,
                    1_024,
                    4L << 20);

    /// With the usual bounds of what is kept, and notice before the end of a token.
    public BrokerLimits(
            int subscriptionsPerSession,
            int outboundBytesPerSession,
            long outboundBytes,
            int destinations,
            int destinationLength,
            int commandsPerShard,
            long commandBytesPerShard,
            int commandsPerSession,
            long commandBytesPerSession) {
        this(
                subscriptionsPerSession,
                outboundBytesPerSession,
                outboundBytes,
                destinations,
                destinationLength,
                commandsPerShard,
                commandBytesPerShard,
                commandsPerSession,
                commandBytesPerSession,
                QueueLimits.DEFAULT,
                DedupLimits.DEFAULT,
                TOKEN_NOTICE_MILLIS,
                TopicLimits.DEFAULT,
                DurableLimits.DEFAULT);
    }

    public BrokerLimits withTokenNoticeMillis(long millis) {
        return with(it -> it.tokenNoticeMillis = millis);
    }

    public BrokerLimits withOutboundBytesPerSession(int bytes) {
        return with(it -> it.outboundBytesPerSession = bytes);
    }

    public BrokerLimits withOutboundBytes(long bytes) {
        return with(it -> it.outboundBytes = bytes);
    }

    public BrokerLimits withQueues(QueueLimits changed) {
        return with(it -> it.queues = changed);
    }

    public BrokerLimits withDedup(DedupLimits changed) {
        return with(it -> it.dedup = changed);
    }

    public BrokerLimits withTopics(TopicLimits changed) {
        return with(it -> it.topics = changed);
    }

    public BrokerLimits withDurable(DurableLimits changed) {
        return with(it -> it.durable = changed);
    }

    private BrokerLimits with(Consumer<Values> change) {
        Values values = new Values(this);
        change.accept(values);
        return values.together();
    }

    /// What is copied with changes: a record cannot be.
    private static final class Values {
        int subscriptionsPerSession;
        int outboundBytesPerSession;
        long outboundBytes;
        int destinations;
        int destinationLength;
        int commandsPerShard;
        long commandBytesPerShard;
        int commandsPerSession;
        long commandBytesPerSession;
        QueueLimits queues;
        DedupLimits dedup;
        long tokenNoticeMillis;
        TopicLimits topics;
        DurableLimits durable;

        Values(BrokerLimits from) {
            subscriptionsPerSession = from.subscriptionsPerSession;
            outboundBytesPerSession = from.outboundBytesPerSession;
            outboundBytes = from.outboundBytes;
            destinations = from.destinations;
            destinationLength = from.destinationLength;
            commandsPerShard = from.commandsPerShard;
            commandBytesPerShard = from.commandBytesPerShard;
            commandsPerSession = from.commandsPerSession;
            commandBytesPerSession = from.commandBytesPerSession;
            queues = from.queues;
            dedup = from.dedup;
            tokenNoticeMillis = from.tokenNoticeMillis;
            topics = from.topics;
            durable = from.durable;
        }

        BrokerLimits together() {
            return new BrokerLimits(
                    subscriptionsPerSession,
                    outboundBytesPerSession,
                    outboundBytes,
                    destinations,
                    destinationLength,
                    commandsPerShard,
                    commandBytesPerShard,
                    commandsPerSession,
                    commandBytesPerSession,
                    queues,
                    dedup,
                    tokenNoticeMillis,
                    topics,
                    durable);
        }
    }
}
