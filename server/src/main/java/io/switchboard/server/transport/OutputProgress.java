package io.switchboard.server.transport;

import io.netty.channel.Channel;

/// Whether a peer takes what waits in its socket's queue. Owned by the connection's event loop.
final class OutputProgress {
    private final Channel channel;
    private final long stallNanos;

    /// The queue is full.
    private boolean blocked;

    /// When something of it left last.
    private long takenNanos;

    private long waitingSeen;

    /// @param stallNanos without progress, then the peer is stalled
    OutputProgress(Channel channel, long stallNanos) {
        this.channel = channel;
        this.stallNanos = stallNanos;
    }

    /// The queue takes more.
    void writable() {
        blocked = false;
    }

    /// The queue is full, and nothing is added to it.
    void full(long nowNanos) {
        long waiting = channel.bytesBeforeWritable();
        if (!blocked || waiting < waitingSeen) {
            takenNanos = nowNanos;
        }
        blocked = true;
        waitingSeen = waiting;
    }

    boolean stalled(long nowNanos) {
        if (channel.isWritable()) {
            writable();
            return false;
        }
        full(nowNanos);
        return nowNanos - deadlineNanos() >= 0;
    }

    /// When the next look is due, or `Long.MAX_VALUE` for never.
    long deadlineNanos() {
        return blocked ? takenNanos + stallNanos : Long.MAX_VALUE;
    }
}
