package io.switchboard.broker;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Whom the rules for the same destinations are for, so that a look-up takes as long as what is
/// known of the principal is, and not as there are rules. Of equal ones the first counts. Not
/// changed once it is shared.
final class RuleHolders {
    private @Nullable AccessRule anyone;
    private @Nullable AccessRule authenticated;
    private final Map<String, AccessRule> users = new HashMap<>(0);
    private final Map<String, AccessRule> roles = new HashMap<>(0);

    /// By the claim's name.
    private final Map<String, Claimed> claims = new HashMap<>(0);

    private static final class Claimed {
        final Map<String, AccessRule> values = new HashMap<>(0);
        final List<Variable> variables = new ArrayList<>(1);
    }

    /// @param index of the segment that the claim must hold
    private record Variable(int index, AccessRule rule) {}

    void add(AccessRule rule, RulePattern pattern) {
        switch (rule.who()) {
            case AccessRule.Who.Anyone() -> anyone = anyone == null ? rule : anyone;
            case AccessRule.Who.Authenticated() ->
                    authenticated = authenticated == null ? rule : authenticated;
            case AccessRule.Who.User(String name) -> users.putIfAbsent(name, rule);
            case AccessRule.Who.Role(String name) -> roles.putIfAbsent(name, rule);
            case AccessRule.Who.Claim(String name, String value) ->
                    claimed(name).values.putIfAbsent(value, rule);
            case AccessRule.Who.ClaimHolds(String name, String variable) -> {
                int index = pattern.indexOf(variable);
                List<Variable> variables = claimed(name).variables;
                if (variables.stream().noneMatch(it -> it.index == index)) {
                    variables.add(new Variable(index, rule));
                }
            }
        }
    }

    private Claimed claimed(String name) {
        return claims.computeIfAbsent(name, n -> new Claimed());
    }

    /// Null for none.
    @Nullable AccessRule allowing(RuleTrie.Asked asked) {
        if (anyone != null) {
            return anyone;
        }
        Principal principal = asked.principal();
        String name = principal.name();
        AccessRule found = null;
        if (name != null) {
            found = authenticated != null ? authenticated : users.get(name);
        }
        if (found == null && !roles.isEmpty()) {
            found = byRole(principal);
        }
        if (found == null && !claims.isEmpty()) {
            found = byClaim(principal, asked);
        }
        return found;
    }

    private @Nullable AccessRule byRole(Principal principal) {
        for (String role : principal.roles()) {
            AccessRule found = roles.get(role);
            if (found != null) {
                return found;
            }
        }
        return null;
    }

    private @Nullable AccessRule byClaim(Principal principal, RuleTrie.Asked asked) {
        for (Map.Entry<String, List<String>> claim : principal.claims().entrySet()) {
            Claimed claimed = claims.get(claim.getKey());
            AccessRule found = claimed == null ? null : byValue(claimed, claim.getValue(), asked);
            if (found != null) {
                return found;
            }
        }
        return null;
    }

    private static @Nullable AccessRule byValue(
            Claimed claimed, List<String> values, RuleTrie.Asked asked) {
        if (!claimed.values.isEmpty()) {
            for (String value : values) {
                AccessRule found = claimed.values.get(value);
                if (found != null) {
                    return found;
                }
            }
        }
        for (Variable variable : claimed.variables) {
            if (asked.holds(values, variable.index)) {
                return variable.rule;
            }
        }
        return null;
    }
}
