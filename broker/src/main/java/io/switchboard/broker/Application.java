package io.switchboard.broker;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The program around the broker, for destinations below `/app/`. Called on the sender's shard, so
/// it must not block: it takes the message elsewhere and answers from there.
public interface Application {
    /// No program: every SEND to `/app/…` is refused.
    Application NONE =
            new Application() {
                @Override
                public boolean handles(String destination) {
                    return false;
                }

                @Override
                public void handle(
                        Session from, Message message, Consumer<@Nullable Refusal> answer) {
                    throw new AssertionError(message.destination());
                }
            };

    /// Whether there is a handler for the name.
    boolean handles(String destination);

    /// Takes a message; those of one session come in order and must be handled in order.
    ///
    /// @param answer to be called once, from any thread, when it has been handled; with null, or
    ///   with what the sender is to hear
    void handle(Session from, Message message, Consumer<@Nullable Refusal> answer);

    /// A client's CONNECT was allowed; its messages come after this.
    ///
    /// @return null to take it, or why it is refused all the same
    default @Nullable Refusal connected(Session session) {
        return null;
    }

    /// The access rules denied something to a client.
    ///
    /// @param destination as the client named it; empty for a CONNECT
    /// @param count of all that this session was denied
    default void denied(
            Session session,
            AccessRules.Action action,
            String destination,
            String rule,
            int count) {}

    /// The broker stops serving a session of which it was told; no message of it comes after this.
    default void ended(Session session, Disconnect reason) {}
}
