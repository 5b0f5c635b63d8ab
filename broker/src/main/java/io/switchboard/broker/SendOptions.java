package io.switchboard.broker;

/// What a publisher asks for one message, besides its destination, headers and body.
///
/// @param persistent false opts out of durability on a durable destination
/// @param priority 0 to 9, on queues; higher ones are delivered first
/// @param expiresMillis the moment from which it is not delivered any more, in milliseconds since
///   1970; 0 for never
/// @param ttlMillis the same as a span from its arrival; 0 for no bound. Where both are given the
///   earlier moment counts
/// @param delayMillis it is delivered so long after its arrival, on queues; 0 for at once
public record SendOptions(
        boolean persistent, int priority, long expiresMillis, long ttlMillis, long delayMillis) {
    public static final int PRIORITY_MAX = 9;
    public static final int PRIORITY_DEFAULT = 4;
    public static final SendOptions DEFAULT = new SendOptions(true, PRIORITY_DEFAULT, 0, 0, 0);

    public SendOptions {
        if (priority < 0 || priority > PRIORITY_MAX) {
            throw new IllegalArgumentException("priority " + priority);
        }
        if (expiresMillis < 0 || ttlMillis < 0 || delayMillis < 0) {
            throw new IllegalArgumentException("a negative time");
        }
    }

    /// When a message that arrived then is too old, in milliseconds since 1970; 0 for never.
    ///
    /// @param policyTtlMillis what the destination's policy says; 0 for nothing
    long expiresAt(long arrivedMillis, long policyTtlMillis) {
        long expires = expiresMillis;
        expires = earlier(expires, ttlMillis, arrivedMillis);
        return earlier(expires, policyTtlMillis, arrivedMillis);
    }

    /// When the delay of a message that arrived then is over, in milliseconds since 1970; 0 for
    /// none.
    long dueAt(long arrivedMillis) {
        return delayMillis == 0 ? 0 : later(arrivedMillis, delayMillis);
    }

    private static long earlier(long moment, long span, long from) {
        if (span == 0) {
            return moment;
        }
        long other = later(from, span);
        return moment == 0 ? other : Math.min(moment, other);
    }

    /// The longest spans end never, not in the past.
    private static long later(long moment, long span) {
        return moment > Long.MAX_VALUE - span ? Long.MAX_VALUE : moment + span;
    }
}
