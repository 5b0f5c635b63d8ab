package io.switchboard.server.access;

import io.switchboard.broker.AccessRules;
import io.switchboard.broker.Principal;
import io.switchboard.broker.RuleSet;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/// The rules of the configuration, which may be replaced while all shards ask them. They say who
/// may send and subscribe where. As soon as there is one, whoever has proved a name may connect;
/// whether others may, and everything as long as there is no rule, is for others to say.
public final class LiveRules implements AccessRules {
    private final AccessRules otherwise;
    private final AtomicReference<RuleSet> rules;

    /// @param otherwise asked about who connects without a name, and about everything while there
    ///   is no rule
    public LiveRules(AccessRules otherwise, RuleSet rules) {
        this.otherwise = otherwise;
        this.rules = new AtomicReference<>(rules);
    }

    @Override
    public Decision decide(
            Principal principal, Action action, String destination, Consumer<Decision> answer) {
        RuleSet now = rules.get();
        if (now.empty() || action == Action.CONNECT && principal.name() == null) {
            return otherwise.decide(principal, action, destination, answer);
        }
        return action == Action.CONNECT
                ? Decision.ALLOWED
                : now.decide(principal, action, destination);
    }

    @Override
    public boolean keepsForNameless() {
        return rules.get().empty() && otherwise.keepsForNameless();
    }

    /// From now on these hold, for whatever is asked from now on. From any thread.
    public void replace(RuleSet others) {
        rules.set(others);
    }
}
