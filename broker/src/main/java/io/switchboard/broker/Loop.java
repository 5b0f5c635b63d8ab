package io.switchboard.broker;

/// The thread that a shard runs on, its way to the other shards, and its clock.
public interface Loop {
    /// Puts a post into the inbox of a shard (another one, or this one), in order. Never refuses:
    /// the credits of [Shard] bound what can be posted.
    void post(int shard, Post post);

    /// Asks for one call of [Shard#endTurn] once all that is ready now has been handled.
    void endTurnLater();

    /// The time in milliseconds since 1970.
    long epochMillis();

    /// Asks for a call of [Shard#onDeadline] at that moment or soon after; an earlier wish is
    /// forgotten. A call too many does no harm.
    void wakeAt(long epochMillis);

    /// Memory of what waits for the loop's clients that have no session. It shares the bound of
    /// what waits for sessions ([BrokerLimits#outboundBytes]).
    default long bytesWaitingBesides() {
        return 0;
    }

    /// Ends such clients, those for whom most waits first, until so much memory is free.
    ///
    /// @param bytesMin who holds no more than that is spared
    default void endSlowestBesides(long bytesMin, long bytesToFree) {}
}
