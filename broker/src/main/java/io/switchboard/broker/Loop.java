package io.switchboard.broker;

/// The thread that a shard runs on, and its way to the other shards.
public interface Loop {
    /// Puts a post into the inbox of a shard (another one, or this one), in order. Never refuses:
    /// the credits of [Shard] bound what can be posted.
    void post(int shard, Post post);

    /// Asks for one call of [Shard#endTurn] once all that is ready now has been handled.
    void endTurnLater();
}
