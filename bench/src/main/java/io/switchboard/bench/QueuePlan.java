package io.switchboard.bench;

/// What a run with queues does.
///
/// @param producers of each queue
/// @param consumers of each queue
/// @param inFlight of each producer: messages that were sent and are not done
/// @param receipts whether a message is done only when its receipt is there as well
/// @param stallSeconds without progress while some is due: then the run has failed
record QueuePlan(
        int queues,
        int producers,
        int consumers,
        int inFlight,
        AckMode ack,
        boolean receipts,
        boolean persistent,
        int prefetch,
        int bodyLength,
        double warmSeconds,
        double measureSeconds,
        double stallSeconds) {

    QueuePlan {
        if (queues < 1 || producers < 1 || consumers < 1 || inFlight < 1) {
            throw new IllegalArgumentException(
                    "expected at least one queue, producer, consumer and message in flight");
        }
        if ((long) queues * producers >= Crowd.PROBE) {
            throw new IllegalArgumentException("too many producers");
        }
        if (prefetch < 0) {
            throw new IllegalArgumentException("expected a --prefetch of 0 or more");
        }
        LoadPlan.checkLengths(bodyLength, warmSeconds, measureSeconds);
    }

    Population population() {
        return Population.queues(queues, producers, consumers);
    }

    QueueDialect dialect(Dialect plain) {
        if (plain instanceof Dialect.Stomp stomp) {
            return new QueueDialect(stomp, ack, persistent, receipts, prefetch);
        }
        throw new IllegalArgumentException("expected --protocol stomp: only it has queues");
    }
}
