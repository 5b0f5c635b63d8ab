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
    DELIVERY_LOST;

    /// Whether it can strike at this level.
    public boolean strikesAt(Simulation.Level level) {
        return level == Simulation.Level.BROKER || compareTo(RECEIPT_LOST) < 0;
    }
}
