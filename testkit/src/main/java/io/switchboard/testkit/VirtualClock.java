package io.switchboard.testkit;

import java.time.Duration;

/// A clock that stands still until it is told to move, never backwards. It starts a little before
/// the nanosecond count wraps to negative, so that whoever compares deadlines other than by
/// subtraction is found out. No round period leads from the start to `Long.MAX_VALUE` itself, which
/// stands for "never".
public final class VirtualClock {
    private static final long START_MILLIS = 1_900_000_000_000L;

    private long nowNanos = Long.MAX_VALUE - 31_415_926_535L;
    private final long startNanos = nowNanos;

    public long nanos() {
        return nowNanos;
    }

    /// Since the clock was made.
    public long elapsedNanos() {
        return nowNanos - startNanos;
    }

    /// As a date: milliseconds since 1970.
    public long epochMillis() {
        return START_MILLIS + elapsedNanos() / 1_000_000;
    }

    public void advance(Duration by) {
        advance(by.toNanos());
    }

    public void advance(long nanos) {
        if (nanos < 0) {
            throw new IllegalArgumentException("expected to go forward but was " + nanos);
        }
        nowNanos += nanos;
    }

    /// Jumps to a deadline; stays where it is if that has passed.
    public void advanceTo(long deadlineNanos) {
        advance(Math.max(0, deadlineNanos - nowNanos));
    }
}
