package io.switchboard.testkit;

import java.time.Duration;

/// A clock that stands still until it is told to move, never backwards. It starts a little before
/// the nanosecond count wraps to negative, so that whoever compares deadlines other than by
/// subtraction is found out.
public final class VirtualClock {
    private long nowNanos = Long.MAX_VALUE - Duration.ofSeconds(30).toNanos();
    private final long startNanos = nowNanos;

    public long nanos() {
        return nowNanos;
    }

    /// Since the clock was made.
    public long elapsedNanos() {
        return nowNanos - startNanos;
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
