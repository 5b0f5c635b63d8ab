package io.switchboard.broker;

import java.util.function.Consumer;

/// May this principal do this? Asked on every CONNECT, SEND and SUBSCRIBE. Called on the session's
/// shard, so it must not block: an answer that needs a slow look-up is [Decision.Pending].
public interface AccessRules {
    enum Action {
        CONNECT,
        SEND,
        SUBSCRIBE
    }

    sealed interface Decision {
        Decision ALLOWED = new Allowed();
        Decision PENDING = new Pending();

        record Allowed() implements Decision {}

        /// @param rule why, in words that the client may read
        record Denied(String rule) implements Decision {}

        /// The answer comes later through the `answer` argument; until then the session decodes
        /// nothing more.
        record Pending() implements Decision {}
    }

    /// @param destination empty for CONNECT; a pattern for a SUBSCRIBE to one
    /// @param answer takes the decision after [Decision.Pending], once, from any thread; a decision
    ///   that is itself pending counts as denied
    Decision decide(
            Principal principal, Action action, String destination, Consumer<Decision> answer);

    /// Whether clients without a name may have what outlives their connections: durable
    /// subscriptions, and client ids by which a later connection takes over. They all share one
    /// name, so each could take another's.
    default boolean keepsForNameless() {
        return false;
    }

    /// What holds as long as no rules are configured: everything is allowed to local sessions and
    /// nothing to others.
    static AccessRules localOnly() {
        return new WithoutRules(false);
    }

    /// What holds without rules where even that is not asked: everything is allowed to everybody.
    static AccessRules none() {
        return new WithoutRules(true);
    }
}
