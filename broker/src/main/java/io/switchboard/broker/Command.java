package io.switchboard.broker;

import org.jspecify.annotations.Nullable;

/// What a client asks of the broker, whatever protocol it speaks. Handled by [Shard#handle] on the
/// session's shard. A session with a command that waits ([Session#parked]) gives no further one.
public sealed interface Command {
    Session session();

    /// What the client wants to hear back when the command is complete, or null.
    @Nullable String receipt();

    /// First of all; answered by [SessionEvents#connected] or [SessionEvents#refused].
    record Connect(Session session, Principal principal) implements Command {
        @Override
        public @Nullable String receipt() {
            return null;
        }
    }

    /// @param transaction the open transaction that it is part of, or null
    /// @param answered the client whose message it answers, or null; see [Shard#openTrusted]
    record Publish(
            Session session,
            Message message,
            @Nullable String transaction,
            @Nullable String receipt,
            @Nullable Session answered)
            implements Command {
        public Publish(
                Session session,
                Message message,
                @Nullable String transaction,
                @Nullable String receipt) {
            this(session, message, transaction, receipt, null);
        }
    }

    /// @param destination a name or a pattern
    record Subscribe(
            Session session,
            String id,
            String destination,
            WireForm form,
            SubscribeOptions options,
            @Nullable String receipt)
            implements Command {}

    record Unsubscribe(Session session, String id, @Nullable String receipt) implements Command {}

    /// An ACK or NACK.
    ///
    /// @param transaction the open transaction that it is part of, or null
    record Settle(
            Session session,
            Settlement settlement,
            Delivered which,
            @Nullable String transaction,
            @Nullable String receipt)
            implements Command {}

    record Begin(Session session, String transaction, @Nullable String receipt)
            implements Command {}

    record Commit(Session session, String transaction, @Nullable String receipt)
            implements Command {}

    record Abort(Session session, String transaction, @Nullable String receipt)
            implements Command {}

    /// The client is leaving: completes when everything before it has.
    record Leave(Session session, @Nullable String receipt) implements Command {}
}
