package io.switchboard.websocket;

/// When to ask a silent peer for a sign of life, and when to give it up. Any byte is one, so a peer
/// that answers pings lives, even one that has nothing to say for days.
///
/// ```
/// periods without a byte   1      2      3
///                          PING   PING   GIVE_UP
/// ```
///
/// Owned by the connection's event loop.
public final class KeepAlive {
    /// Of silence; then the peer is given up.
    static final int PERIODS_MAX = 3;

    /// What is to be done.
    public enum Due {
        NOTHING,
        PING,
        GIVE_UP
    }

    private final long periodNanos;
    private long heardNanos;
    private int periods;

    public KeepAlive(long periodNanos, long nowNanos) {
        if (periodNanos <= 0) {
            throw new IllegalArgumentException("expected a period but was " + periodNanos + " ns");
        }
        this.periodNanos = periodNanos;
        heardNanos = nowNanos;
    }

    /// Bytes came, or the peer is not to be called silent: it was not listened to.
    public void heard(long nowNanos) {
        heardNanos = nowNanos;
        periods = 0;
    }

    public long heardNanos() {
        return heardNanos;
    }

    /// When [#onDeadline] is due. Compare it by subtraction.
    public long deadlineNanos() {
        return heardNanos + (periods + 1) * periodNanos;
    }

    /// To be called again after each answer, until it is `NOTHING`.
    public Due onDeadline(long nowNanos) {
        if (nowNanos - deadlineNanos() < 0) {
            return Due.NOTHING;
        }
        periods++;
        return periods < PERIODS_MAX ? Due.PING : Due.GIVE_UP;
    }
}
