package io.switchboard.server.transport;

import io.switchboard.server.ClientLimits;
import io.switchboard.server.Rate;
import org.jspecify.annotations.Nullable;

/// What one connection takes in: how fast, where that is bounded, and how much of it lies around
/// half read. Owned by the connection's event loop.
final class Intake extends HeldBySize.Holder {
    private final ShardLoop loop;
    final SocketHandler socket;
    private final long patienceNanos;

    /// Null where nobody is held to a rate.
    private final @Nullable ReadPace pace;

    /// Not yet spent.
    private int frames;

    private long bytes;

    /// Of what was read last, and has not become payload.
    private int unread;

    Intake(ShardLoop loop, SocketHandler socket, ClientLimits limits, long nowNanos) {
        this.loop = loop;
        this.socket = socket;
        patienceNanos = limits.ratePatience().toNanos();
        pace = limits.anyRate() ? new ReadPace(limits.rate(), nowNanos) : null;
    }

    /// It is known who this is.
    void rate(Rate rate, long nowNanos) {
        if (pace != null) {
            pace.change(rate, nowNanos);
        }
    }

    /// So many bytes came from the socket.
    void read(int length) {
        bytes += length;
        unread = length;
    }

    /// They became payload; where that is more than they were, it counts instead.
    void payload(int length) {
        unread -= length;
        if (unread < 0) {
            bytes -= unread;
            unread = 0;
        }
    }

    void frame() {
        frames++;
    }

    /// For how long nothing may be read; 0 or less where it may.
    long waitNanos(long nowNanos) {
        if (pace == null) {
            return 0;
        }
        if (frames > 0 || bytes > 0) {
            pace.spend(frames, bytes, nowNanos);
            frames = 0;
            bytes = 0;
        }
        return pace.waitNanos(nowNanos);
    }

    /// For how long it has gone on over its rate, in words, if that is too long; null if it is not.
    @Nullable String overdone(long nowNanos) {
        if (pace == null || patienceNanos == 0 || pace.overNanos(nowNanos) < patienceNanos) {
            return null;
        }
        return "expected a pause of "
                + ReadPace.PAUSE_NANOS / 1_000_000
                + " ms within "
                + patienceNanos / 1_000_000
                + " ms of sending as fast as is allowed (limits.frames-per-second,"
                + " limits.bytes-per-second) but there was none; send less";
    }

    /// So many bytes are kept of what is not complete.
    void held(int length) {
        int more = length - held();
        if (more != 0) {
            loop.inbound(this, length);
        }
    }
}
