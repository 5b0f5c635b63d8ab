package io.switchboard.broker;

import org.jspecify.annotations.Nullable;

/// What a subscriber asks for, besides the destination.
///
/// @param prefetchCount messages that it may hold unsettled, at most; for [AckMode#AUTO] messages
///   not yet written to its socket
/// @param prefetchBytes the same in bytes; who holds nothing gets any message
/// @param exclusive whether it is to be the only one that a queue delivers to, while it lives;
///   others wait in line
/// @param browser whether it only looks: it gets what waits in the queue now, consumes nothing, and
///   then an end marker
/// @param selector only messages that it holds for; null for all
/// @param from where it begins, on topics
/// @param maxRate messages a second at most, of several with one key the latest; 0 for no bound
/// @param durable the name under which it outlives the connection, on topics; null if it does not
public record SubscribeOptions(
        AckMode ack,
        int prefetchCount,
        long prefetchBytes,
        boolean exclusive,
        boolean browser,
        @Nullable String selector,
        From from,
        int maxRate,
        @Nullable String durable) {
    public static final int PREFETCH_COUNT = 100;
    public static final int PREFETCH_COUNT_MAX = 65_535;
    public static final long PREFETCH_BYTES = 1 << 20;

    /// Messages a second.
    public static final int RATE_MAX = 1_000_000;

    public static final SubscribeOptions DEFAULT =
            new SubscribeOptions(AckMode.AUTO, PREFETCH_COUNT, PREFETCH_BYTES, false, false, null);

    public SubscribeOptions(
            AckMode ack,
            int prefetchCount,
            long prefetchBytes,
            boolean exclusive,
            boolean browser,
            @Nullable String selector) {
        this(ack, prefetchCount, prefetchBytes, exclusive, browser, selector, From.NOW, 0, null);
    }

    public SubscribeOptions {
        if (maxRate < 0 || maxRate > RATE_MAX) {
            throw new IllegalArgumentException("max-rate " + maxRate);
        }
        if (prefetchCount < 1 || prefetchCount > PREFETCH_COUNT_MAX || prefetchBytes < 1) {
            throw new IllegalArgumentException(
                    "prefetch of " + prefetchCount + " messages, " + prefetchBytes + " bytes");
        }
    }

    public SubscribeOptions withAck(AckMode mode) {
        return new SubscribeOptions(
                mode,
                prefetchCount,
                prefetchBytes,
                exclusive,
                browser,
                selector,
                from,
                maxRate,
                durable);
    }

    public SubscribeOptions withPrefetch(int count, long bytes) {
        return new SubscribeOptions(
                ack, count, bytes, exclusive, browser, selector, from, maxRate, durable);
    }

    public SubscribeOptions withExclusive() {
        return new SubscribeOptions(
                ack, prefetchCount, prefetchBytes, true, browser, selector, from, maxRate, durable);
    }

    public SubscribeOptions withBrowser() {
        return new SubscribeOptions(
                ack,
                prefetchCount,
                prefetchBytes,
                exclusive,
                true,
                selector,
                from,
                maxRate,
                durable);
    }

    public SubscribeOptions withSelector(String text) {
        return new SubscribeOptions(
                ack,
                prefetchCount,
                prefetchBytes,
                exclusive,
                browser,
                text,
                from,
                maxRate,
                durable);
    }

    public SubscribeOptions withFrom(From where) {
        return new SubscribeOptions(
                ack,
                prefetchCount,
                prefetchBytes,
                exclusive,
                browser,
                selector,
                where,
                maxRate,
                durable);
    }

    public SubscribeOptions withMaxRate(int messagesPerSecond) {
        return new SubscribeOptions(
                ack,
                prefetchCount,
                prefetchBytes,
                exclusive,
                browser,
                selector,
                from,
                messagesPerSecond,
                durable);
    }

    public SubscribeOptions withDurable(String name) {
        return new SubscribeOptions(
                ack,
                prefetchCount,
                prefetchBytes,
                exclusive,
                browser,
                selector,
                from,
                maxRate,
                name);
    }
}
