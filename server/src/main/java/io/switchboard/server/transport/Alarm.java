package io.switchboard.server.transport;

import io.netty.util.concurrent.EventExecutor;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// The one timer of a connection, for a deadline that moves with nearly everything that happens. It
/// is moved only to an earlier moment; if the deadline has become a later one, that is found out
/// when it rings. Owned by the connection's event loop.
final class Alarm {
    /// A deadline that has passed rings this much later, so that what brings it about again and
    /// again does not keep the loop from its sockets.
    private static final long DELAY_MIN_NANOS = 1_000_000;

    private final EventExecutor loop;
    private final Runnable ring;
    private @Nullable ScheduledFuture<?> timer;
    private long timerNanos;

    /// @param ring to call [#rang] first
    Alarm(EventExecutor loop, Runnable ring) {
        this.loop = loop;
        this.ring = ring;
    }

    /// @param deadlineNanos `Long.MAX_VALUE` for none
    void set(long deadlineNanos, long nowNanos) {
        if (deadlineNanos == Long.MAX_VALUE || (timer != null && timerNanos - deadlineNanos <= 0)) {
            return;
        }
        cancel();
        timerNanos = deadlineNanos;
        timer =
                loop.schedule(
                        ring,
                        Math.max(DELAY_MIN_NANOS, deadlineNanos - nowNanos),
                        TimeUnit.NANOSECONDS);
    }

    void rang() {
        timer = null;
    }

    void cancel() {
        if (timer != null) {
            timer.cancel(false);
            timer = null;
        }
    }
}
