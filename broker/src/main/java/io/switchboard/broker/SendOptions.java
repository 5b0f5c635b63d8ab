package io.switchboard.broker;

import org.jspecify.annotations.Nullable;

/// What a publisher asks for one message, besides its destination, headers and body.
///
/// @param persistent false opts out of durability on a durable destination
/// @param priority 0 to 9, on queues; higher ones are delivered first
/// @param expiresMillis the moment from which it is not delivered any more, in milliseconds since
///   1970; 0 for never
/// @param ttlMillis the same as a span from its arrival; 0 for no bound. Where both are given the
///   earlier moment counts
/// @param delayMillis it is delivered so long after its arrival, on queues; 0 for at once
/// @param key on a topic with state, what it is the current value of; what may replace what for a
///   slow subscriber. Null for none
/// @param removed the key has no value any more
/// @param whileConnected the key's value goes with the session that wrote it last
/// @param dedupId the publisher's own name for it: a second message with it is not delivered. Null
///   for none
public record SendOptions(
        boolean persistent,
        int priority,
        long expiresMillis,
        long ttlMillis,
        long delayMillis,
        @Nullable String key,
        boolean removed,
        boolean whileConnected,
        @Nullable String dedupId) {
    public static final int PRIORITY_MAX = 9;
    public static final int PRIORITY_DEFAULT = 4;

    /// Characters of a dedup id.
    public static final int DEDUP_ID_LENGTH_MAX = 128;

    /// Characters of a key.
    public static final int KEY_LENGTH_MAX = 256;

    public static final SendOptions DEFAULT = new SendOptions(true, PRIORITY_DEFAULT, 0, 0, 0);

    public SendOptions(
            boolean persistent,
            int priority,
            long expiresMillis,
            long ttlMillis,
            long delayMillis) {
        this(persistent, priority, expiresMillis, ttlMillis, delayMillis, null, false, false, null);
    }

    public SendOptions {
        if (priority < 0 || priority > PRIORITY_MAX) {
            throw new IllegalArgumentException("priority " + priority);
        }
        if (expiresMillis < 0 || ttlMillis < 0 || delayMillis < 0) {
            throw new IllegalArgumentException("a negative time");
        }
        if (key != null && (key.isEmpty() || key.length() > KEY_LENGTH_MAX)) {
            throw new IllegalArgumentException("a key of " + key.length() + " characters");
        }
        if (key == null && (removed || whileConnected)) {
            throw new IllegalArgumentException("removed or while connected without a key");
        }
        if (dedupId != null && (dedupId.isEmpty() || dedupId.length() > DEDUP_ID_LENGTH_MAX)) {
            throw new IllegalArgumentException("a dedup id of " + dedupId.length() + " characters");
        }
    }

    public SendOptions withKey(@Nullable String key, boolean removed, boolean whileConnected) {
        return new SendOptions(
                persistent,
                priority,
                expiresMillis,
                ttlMillis,
                delayMillis,
                key,
                removed,
                whileConnected,
                dedupId);
    }

    public SendOptions withDedupId(@Nullable String id) {
        return new SendOptions(
                persistent,
                priority,
                expiresMillis,
                ttlMillis,
                delayMillis,
                key,
                removed,
                whileConnected,
                id);
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
