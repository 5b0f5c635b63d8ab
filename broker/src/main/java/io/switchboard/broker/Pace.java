package io.switchboard.broker;

import java.util.LinkedHashMap;
import java.util.Map;

/// How often a subscription with a `max-rate` may be sent something, and what waits until it may:
/// by [Slot], in the order in which they began to wait. Owned by its subscription's shard.
final class Pace {
    /// Of the lowest rate, one message a second.
    static final long INTERVAL_MAX_MILLIS = 1_000;

    private static final long SECOND_NANOS = 1_000_000_000;
    private static final long MILLI_NANOS = 1_000_000;

    final Subscription subscription;
    final Map<Slot, LatestValues.Value> waiting = new LinkedHashMap<>();

    private final long intervalNanos;

    /// Since 1970: not before.
    private long nextNanos;

    /// In [Pacing]'s line, at this moment.
    boolean inLine;

    long dueMillis;

    Pace(Subscription subscription, int maxRate) {
        this.subscription = subscription;
        intervalNanos = (SECOND_NANOS + maxRate - 1) / maxRate;
    }

    /// The clock has milliseconds: a higher rate than that has several messages in one.
    boolean mayTake(long nowMillis) {
        long nowNanos = nowMillis * MILLI_NANOS;
        if (nextNanos > nowNanos + 2 * SECOND_NANOS) {
            // The clock of the wall was set back.
            nextNanos = nowNanos;
        }
        return intervalNanos < MILLI_NANOS
                ? nextNanos < nowNanos + MILLI_NANOS
                : nextNanos <= nowNanos;
    }

    /// What the clock's milliseconds made it wait too long is not lost; that is less than one, so
    /// there are never more messages than the rate in any thousand of them.
    void took(long nowMillis) {
        long nowNanos = nowMillis * MILLI_NANOS;
        long earliest = intervalNanos < MILLI_NANOS ? nowNanos : nowNanos - MILLI_NANOS + 1;
        nextNanos = Math.max(nextNanos, earliest) + intervalNanos;
    }

    /// It could not be sent: not before.
    void wait(long millis, long nowMillis) {
        nextNanos = Math.max(nextNanos, (nowMillis + millis) * MILLI_NANOS);
    }

    /// The first moment at which [#mayTake] holds.
    long nextMillis() {
        return intervalNanos < MILLI_NANOS
                ? nextNanos / MILLI_NANOS
                : (nextNanos + MILLI_NANOS - 1) / MILLI_NANOS;
    }
}
