package io.switchboard.stomp;

/// When to send a life sign and when to give the peer up. Exists only in a session with
/// heart-beats.
final class HeartbeatClock {

    /// Three missed periods: STOMP 1.2 asks for an error margin, and this is Spring's.
    private static final int PERIODS_MISSED_MAX = 3;

    private final long outgoingPeriodNanos;
    private final long incomingPeriodNanos;
    private long lastSentNanos;
    private long lastReceivedNanos;
    private boolean silenceTold;

    HeartbeatClock(long outgoingPeriodNanos, long incomingPeriodNanos, long nowNanos) {
        this.outgoingPeriodNanos = outgoingPeriodNanos;
        this.incomingPeriodNanos = incomingPeriodNanos;
        lastSentNanos = nowNanos;
        lastReceivedNanos = nowNanos;
    }

    void received(long nowNanos) {
        lastReceivedNanos = nowNanos;
    }

    void sent(long nowNanos) {
        lastSentNanos = nowNanos;
    }

    long deadlineNanos() {
        if (outgoingPeriodNanos == 0 && !awaitsPeer()) {
            return Long.MAX_VALUE;
        }
        // Half the promised period: stompjs gives a peer up after two, stomp.py after one and a
        // half, and the network has its share.
        long sendAt = lastSentNanos + outgoingPeriodNanos / 2;
        long silentAt = lastReceivedNanos + PERIODS_MISSED_MAX * incomingPeriodNanos;
        if (!awaitsPeer()) {
            return sendAt;
        }
        return outgoingPeriodNanos == 0 || silentAt - sendAt < 0 ? silentAt : sendAt;
    }

    private boolean awaitsPeer() {
        return incomingPeriodNanos != 0 && !silenceTold;
    }

    StompEvent onDeadline(long nowNanos) {
        long silence = nowNanos - lastReceivedNanos;
        if (awaitsPeer() && silence >= PERIODS_MISSED_MAX * incomingPeriodNanos) {
            silenceTold = true;
            return new StompEvent.PeerSilent(silence);
        }
        if (outgoingPeriodNanos != 0 && nowNanos - lastSentNanos >= outgoingPeriodNanos / 2) {
            // A socket that takes no bytes must not turn the deadline into a busy loop.
            lastSentNanos = nowNanos;
            return StompEvent.HEARTBEAT_DUE;
        }
        return StompEvent.NOTHING_DUE;
    }
}
