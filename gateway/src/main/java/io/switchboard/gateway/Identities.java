package io.switchboard.gateway;

import io.switchboard.broker.Disconnect;
import io.switchboard.broker.Principal;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Who is at the other end of one connection? Asked at its CONNECT, before the access rules are.
/// Until the answer comes the session decodes nothing. Called on the session's shard.
public interface Identities {

    /// What a CONNECT says about its client.
    ///
    /// @param session the session's id, for logs
    /// @param login null where there is none or an empty one; so is the passcode
    /// @param authorization the header of that name, as HTTP has it
    record Login(
            String session,
            @Nullable String login,
            @Nullable String passcode,
            @Nullable String authorization) {

        /// Without what is secret.
        @Override
        public String toString() {
            return "Login[session=" + session + ", login=" + login + "]";
        }
    }

    /// A new token of a session that is known already.
    ///
    /// @param session the session's id, for logs
    /// @param principal who it is; somebody else's token is refused
    record Renewal(String session, Principal principal, String token) {

        /// Without what is secret.
        @Override
        public String toString() {
            return "Renewal[session=" + session + "]";
        }
    }

    sealed interface Answer {
        record Known(Principal principal) implements Answer {}

        /// @param detail for the client: the same whatever was wrong
        record Refused(Disconnect why, String detail) implements Answer {}
    }

    /// @param answer takes the answer, once, on the session's shard: before this returns or later
    void identify(Login login, Consumer<Answer> answer);

    /// @param answer takes the answer as that of [#identify], with the same user's name
    default void renew(Renewal renewal, Consumer<Answer> answer) {
        answer.accept(
                new Answer.Refused(
                        Disconnect.UNSUPPORTED,
                        "expected no token where clients are not asked for one"));
    }

    /// The session has ended and wants no answer any more.
    default void gone() {}

    /// Whoever says a name has it, on this machine; others have none: what holds where nobody is
    /// asked for a proof.
    static Identities believing(Peer peer) {
        return (login, answer) ->
                answer.accept(
                        new Answer.Known(
                                Principal.of(
                                        peer.local() ? login.login() : null,
                                        peer.local(),
                                        peer.address())));
    }
}
