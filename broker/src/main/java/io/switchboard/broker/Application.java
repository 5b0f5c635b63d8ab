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
    default void denied(Session session, Denial denial) {}

    /// A live subscription lost its right and has ended.
    ///
    /// @param id of the subscription
    /// @param denial the answer when it was asked about again
    default void subscriptionEnded(Session session, String id, Denial denial) {}

    /// The broker stops serving a session of which it was told; no message of it comes after this.
    default void ended(Session session, Disconnect reason) {}
}
