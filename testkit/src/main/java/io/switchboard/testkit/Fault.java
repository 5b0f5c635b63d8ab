package io.switchboard.testkit;

/// One way in which a port of the broker can be broken, to show that the checker would notice the
/// broker doing the same.
public enum Fault {
    NONE,

    /// A post between shards never arrives.
    POST_LOST,
    /// It arrives twice.
    POST_DOUBLED,
    /// It overtakes the one before it.
    POST_OVERTAKES,
    /// The end of a turn is never called.
    TURN_LOST,

    /// Bytes for a client are not written.
    WRITE_LOST,
    /// They are written twice.
    WRITE_DOUBLED,
    /// They come after the bytes behind them.
    WRITE_LATE,
    /// A slab is never given back.
    SLAB_KEPT,

    /// A message for a consumer is lost between shards.
    HAND_LOST,
    /// It comes twice.
    HAND_DOUBLED,
    /// A queue does not hear what its consumer's socket has taken.
    WRITTEN_LOST,
    /// A queue does not hear that a consumer has gone.
    CANCEL_LOST,
    /// An acknowledgement is lost between shards.
    SETTLE_LOST,
    /// The outcome of a commit does not come to one shard.
    RESOLVE_LOST,
    /// The moment that a shard wants to be woken at is forgotten.
    WAKE_LOST,

    /// The journal says that it stored what it did not.
    JOURNAL_LIES,
    /// It says that it failed and did not.
    JOURNAL_FAILS_DONE,
    /// It does not answer.
    JOURNAL_SILENT,
    /// It says that it stored what it has only written.
    SYNC_SKIPPED,
    /// A crash leaves half of a batch.
    BATCH_TORN,
    /// What was removed is there again after a crash.
    REMOVED_COMES_BACK,
    /// A restart does not give back all that was stored.
    RESTORE_FORGETS,
    /// It gives back messages, and nothing that was stored beside them.
    VALUES_FORGOTTEN,
    /// It gives them back in the wrong order.
    RESTORED_BACKWARDS,
    /// A server takes its life for the one before.
    INCARNATION_KEPT,

    /// A decision that was pending is never answered.
    ANSWER_LOST,
    /// What the rules deny is allowed.
    DENIAL_IGNORED,

    /// The broker is not told that a connection has gone.
    CLOSE_LOST,

    /// An event for the session's owner does not come. This and all below can only be made where
    /// the line itself stands at the broker's ports, at [Simulation.Level#BROKER].
    RECEIPT_LOST,
    /// It comes twice.
    RECEIPT_DOUBLED,
    /// It comes as soon as the command was handed over.
    RECEIPT_EARLY,

    /// An UNSUBSCRIBE gets its receipt and has no effect.
    UNSUBSCRIBE_IGNORED,
    /// A message names another subscription.
    MISROUTED,
    /// A message is left out for one wire form, as if a subscriber had been forgotten.
    DELIVERY_LOST,

    /// An acknowledgement gets its receipt and has no effect.
    ACK_IGNORED,
    /// What was not processed counts as if it had been.
    NACK_IS_ACK,
    /// What was handed to a client anew says that it is the first time.
    COUNT_FORGOTTEN,
    /// A receipt says that nothing is missing of the past where something is.
    HOLE_HIDDEN,
    /// A selector is not looked at.
    SELECTOR_IGNORED,
    /// A consumer holds one more than it asked for.
    PREFETCH_EXCEEDED,
    /// One SEND of a transaction gets its receipt and is not part of it.
    TRANSACTION_TORN,
    /// It takes effect at once.
    TRANSACTION_EARLY,
    /// ABORT does what COMMIT does.
    ABORT_COMMITS;

    /// Whether it strikes only where there are queues.
    boolean ofQueues() {
        return HAND_LOST.compareTo(this) <= 0 && compareTo(INCARNATION_KEPT) <= 0
                || ACK_IGNORED.compareTo(this) <= 0;
    }

    /// Whether it strikes only where the server is killed.
    boolean ofCrashes() {
        return SYNC_SKIPPED.compareTo(this) <= 0 && compareTo(INCARNATION_KEPT) <= 0;
    }

    /// Whether it can strike at this level.
    public boolean strikesAt(Simulation.Level level) {
        return level == Simulation.Level.BROKER || compareTo(RECEIPT_LOST) < 0;
    }
}
