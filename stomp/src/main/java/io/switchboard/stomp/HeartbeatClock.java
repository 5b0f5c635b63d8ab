package io.switchboard.stomp;

/// When to send a life sign and when to give the peer up. Exists only in a session with
/// heart-beats.
///
/// ```
/// periods without a byte   1           2               3
///                          (margin)    PeerOverdue     PeerSilent
/// ```
final class HeartbeatClock {

    /// Three missed periods: STOMP 1.2 asks for an error margin, and this is Spring's.
    private static final int PERIODS_MISSED_MAX = 3;

    /// Leaves the answer to a question one period.
    private static final int PERIODS_OVERDUE = 2;

    private final long outgoingPeriodNanos;
    private final long incomingPeriodNanos;
    private long lastSentNanos;
    private long lastReceivedNanos;
    private boolean overdueTold;

    /// Means something once it was told.
    private long overdueToldNanos;

    private boolean silenceTold;

    HeartbeatClock(long outgoingPeriodNanos, long incomingPeriodNanos, long nowNanos) {
        this.outgoingPeriodNanos = outgoingPeriodNanos;
        this.incomingPeriodNanos = incomingPeriodNanos;
        lastSentNanos = nowNanos;
        lastReceivedNanos = nowNanos;
    }

    /// @param atNanos may be earlier than what is known already
    void received(long atNanos) {
        if (atNanos - lastReceivedNanos > 0) {
            lastReceivedNanos = atNanos;
            overdueTold = false;
        }
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
        if (!awaitsPeer()) {
            return sendAt;
        }
        long peerAt = overdueTold ? silentAt() : overdueAt();
        return outgoingPeriodNanos == 0 || peerAt - sendAt < 0 ? peerAt : sendAt;
    }

    private boolean awaitsPeer() {
        return incomingPeriodNanos != 0 && !silenceTold;
    }

    private long overdueAt() {
        return lastReceivedNanos + PERIODS_OVERDUE * incomingPeriodNanos;
    }

    /// Once overdue was told, which may have been late: whoever asks for a sign of life then has a
    /// period for the answer.
    private long silentAt() {
        long answered = overdueToldNanos + incomingPeriodNanos;
        long missed = lastReceivedNanos + PERIODS_MISSED_MAX * incomingPeriodNanos;
        return answered - missed > 0 ? answered : missed;
    }

    StompEvent onDeadline(long nowNanos) {
        if (awaitsPeer() && overdueTold && nowNanos - silentAt() >= 0) {
            silenceTold = true;
            return new StompEvent.PeerSilent(nowNanos - lastReceivedNanos);
        }
        if (awaitsPeer() && !overdueTold && nowNanos - overdueAt() >= 0) {
            overdueTold = true;
            overdueToldNanos = nowNanos;
            return StompEvent.PEER_OVERDUE;
        }
        if (outgoingPeriodNanos != 0 && nowNanos - lastSentNanos >= outgoingPeriodNanos / 2) {
            // A socket that takes no bytes must not turn the deadline into a busy loop.
            lastSentNanos = nowNanos;
            return StompEvent.HEARTBEAT_DUE;
        }
        return StompEvent.NOTHING_DUE;
    }
}
