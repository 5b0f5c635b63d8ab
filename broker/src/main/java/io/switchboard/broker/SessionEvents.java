package io.switchboard.broker;

import org.jspecify.annotations.Nullable;

/// What the broker tells the owner of a [Session]. Called on the session's shard, possibly from
/// within [Shard#handle].
public interface SessionEvents {
    /// The CONNECT was allowed.
    void connected();

    /// A command that asked for a receipt is complete: a subscription is active, an unsubscribed
    /// one gets nothing more, a publish has been taken by every subscriber's shard or by its queue,
    /// an acknowledgement is applied, a transaction is committed.
    void completed(String receipt);

    /// The same for a subscription that was to begin in the past ([From]): all of that has been put
    /// into its queue. And for one that outlives its connections, where something was dropped that
    /// waited for it.
    ///
    /// @param recovered false if something was missing that it was to get, or if it was given up
    ///   before all was there
    void replayed(String receipt, boolean recovered);

    /// The [Command.Leave] is complete, and so is all that came before it.
    void left(Command.Leave command);

    /// A command was refused and had no effect; others of the session are complete or under way.
    ///
    /// @param receipt that the command asked for, or null
    /// @param subscription that the command names, or null
    void refused(Refusal refusal, @Nullable String receipt, @Nullable String subscription);

    /// A subscription lost its right and has gone; the session lives on.
    default void subscriptionEnded(String subscription, Refusal refusal) {}

    /// The broker ends this session; the owner says so to the client and closes.
    void ended(Refusal why);

    /// [Session#parked] is false again: go on decoding.
    void resumed();

    /// The session has ended and all that waited for its client is with the wire.
    void drained();
}
