package io.switchboard.broker;

import org.jspecify.annotations.Nullable;

/// What a client asks of the broker, whatever protocol it speaks. Handled by [Shard#handle] on the
/// session's shard. A session with a command that waits ([Session#parked]) gives no further one.
public sealed interface Command {
    Session session();

    /// What the client wants to hear back when the command is complete, or null.
    @Nullable String receipt();

    /// First of all; answered by [SessionEvents#connected] or [SessionEvents#refused].
    ///
    /// @param clientId names the client beyond this connection; null for nothing
    record Connect(Session session, Principal principal, @Nullable String clientId)
            implements Command {
        public Connect(Session session, Principal principal) {
            this(session, principal, null);
        }

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

    /// @param durable the name of a subscription that outlives its connection and is to end for
    ///   good, whether or not it has a consumer here; or null
    record Unsubscribe(
            Session session, String id, @Nullable String durable, @Nullable String receipt)
            implements Command {
        public Unsubscribe(Session session, String id, @Nullable String receipt) {
            this(session, id, null, receipt);
        }
    }

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
