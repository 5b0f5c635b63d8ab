package io.switchboard.broker;

import io.switchboard.broker.AccessRules.Action;
import io.switchboard.broker.AccessRules.Decision;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Access rules, ready to be asked: what none of them allows is denied. Immutable, so all shards
/// share it, and another may take its place at any time.
///
/// **Patterns.** A SUBSCRIBE to a pattern is allowed only where one rule allows every destination
/// that it can match: no claim and no name of a user ever stands for `*`. Rules that cover a
/// pattern only together (`/topic/*` with `/topic/*/**` and `/topic/*.**` for `/topic/**`) do not
/// allow it.
///
/// **Temporary queues** are no matter of rules: a session subscribes to its own only, and to send
/// to one takes its name, which holds a random key that only those know who were sent it in a
/// `reply-to`.
public final class RuleSet {
    /// Denies everything.
    public static final RuleSet EMPTY = new RuleSet(List.of());

    private final List<AccessRule> rules;
    private final RuleTrie sends = new RuleTrie();
    private final RuleTrie subscribes = new RuleTrie();

    private RuleSet(List<AccessRule> rules) {
        this.rules = rules;
        for (AccessRule rule : rules) {
            (rule.action() == Action.SEND ? sends : subscribes).add(rule);
        }
    }

    public static RuleSet of(List<AccessRule> rules) {
        return rules.isEmpty() ? EMPTY : new RuleSet(List.copyOf(rules));
    }

    public boolean empty() {
        return rules.isEmpty();
    }

    public List<AccessRule> rules() {
        return rules;
    }

    /// @param action no CONNECT: rules do not say who may come
    /// @param destination as [AccessRules#decide] gets it
    public Decision decide(Principal principal, Action action, String destination) {
        return DestinationName.isTemporary(destination)
                        || allowing(principal, action, destination) != null
                ? Decision.ALLOWED
                : new Decision.Denied("no rule allows " + action + " to " + destination);
    }

    /// The rule that allows it, if there are several any of them; null for none.
    @Nullable AccessRule allowing(Principal principal, Action action, String destination) {
        return switch (action) {
            case SEND -> sends.allowing(principal, destination);
            case SUBSCRIBE -> subscribes.allowing(principal, destination);
            case CONNECT -> throw new IllegalArgumentException("rules do not say who may come");
        };
    }

    /// What becomes of something that a client might do.
    ///
    /// @param destination in its canonical spelling
    /// @param rule that allows it; null if none does or none need to
    public record Verdict(boolean allowed, String destination, @Nullable AccessRule rule) {}

    /// What a client's SEND or SUBSCRIBE to this would come to.
    ///
    /// @param destination as the client spells it
    /// @param lengthMax characters that it may have
    /// @throws IllegalArgumentException if it would be refused for another reason, with that
    public Verdict explain(Principal principal, Action action, String destination, int lengthMax) {
        DestinationName.Parsed name =
                action == Action.SEND
                        ? DestinationName.ofSend(destination, lengthMax, 0)
                        : DestinationName.ofSubscribe(destination, lengthMax, principal.name(), 0);
        String error = name.error();
        if (error != null) {
            throw new IllegalArgumentException(error);
        }
        if (name.kind() == DestinationName.Kind.SESSION) {
            return new Verdict(true, name.name(), null);
        }
        String asked = DestinationName.watched(name.name());
        boolean allowed = decide(principal, action, asked) instanceof Decision.Allowed;
        return new Verdict(
                allowed, DestinationName.shown(name.name()), allowing(principal, action, asked));
    }
}
