package io.switchboard.gateway;

import io.switchboard.broker.AckMode;
import io.switchboard.broker.From;
import io.switchboard.broker.SubscribeOptions;
import org.jspecify.annotations.Nullable;

/// What a SUBSCRIBE asks for in headers, collected while they are read.
final class SubscribeWishes {
    /// Whether its destination is a queue, which some headers depend on.
    final boolean queue;

    /// Null where the client does not say.
    @Nullable Integer prefetchCount;

    @Nullable Long windowBytes;
    boolean exclusive;
    boolean browser;
    @Nullable String selector;

    /// 0 for no bound.
    int maxRate;

    /// Null where the client does not say so in our own words.
    @Nullable From from;

    /// The same in the words of another broker.
    private From begin = From.NOW;

    final DurableWishes durable = new DurableWishes();

    SubscribeWishes(boolean queue) {
        this.queue = queue;
    }

    /// Of several that say so the last counts; our own word counts before them.
    void begin(From where) {
        begin = where;
    }

    /// A window in bytes alone, as Artemis has it, bounds the count only by our maximum; a window
    /// of 0 or 1 means one message at a time; none at all (-1) is our maximum.
    ///
    /// @param id of the SUBSCRIBE, or null
    /// @param clientId whether the CONNECT had one
    SubscribeOptions options(AckMode ack, @Nullable String id, boolean clientId) {
        int count = SubscribeOptions.PREFETCH_COUNT;
        long bytes = SubscribeOptions.PREFETCH_BYTES;
        if (windowBytes != null) {
            count = windowBytes == 0 || windowBytes == 1 ? 1 : SubscribeOptions.PREFETCH_COUNT_MAX;
            bytes = windowBytes < 1 ? bytes : Math.min(bytes, windowBytes);
        }
        if (prefetchCount != null) {
            count = prefetchCount;
        }
        SubscribeOptions options =
                new SubscribeOptions(ack, count, bytes, exclusive, browser, selector);
        options = options.withFrom(from == null ? begin : from);
        String name = durable.name(queue, id, clientId);
        if (name != null) {
            options = options.withDurable(name);
        }
        return maxRate == 0 ? options : options.withMaxRate(maxRate);
    }
}
