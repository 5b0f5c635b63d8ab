package io.switchboard.gateway;

import io.switchboard.broker.AccessRules.Action;
import io.switchboard.broker.Principal;
import io.switchboard.broker.RuleSet;

/// Asks access rules what a client's frame would come to, in any spelling that clients use.
public final class RuleQuestion {
    private RuleQuestion() {}

    /// @param destination as it would stand in the frame
    /// @param lengthMax characters that the name of a destination may have
    /// @throws IllegalArgumentException if it would be refused for another reason, with that
    public static RuleSet.Verdict ask(
            RuleSet rules, Principal client, Action action, String destination, int lengthMax) {
        String name;
        try {
            name = Destinations.read(new HeaderValue("destination", destination), null).name();
        } catch (RefusedFrame e) {
            throw new IllegalArgumentException(e.detail(), e);
        }
        return action == Action.SEND && name.equals(Requests.TOKEN)
                ? new RuleSet.Verdict(true, name, null)
                : rules.explain(client, action, name, lengthMax);
    }
}
