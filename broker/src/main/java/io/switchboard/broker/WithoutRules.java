package io.switchboard.broker;

import java.util.function.Consumer;

/// What holds as long as no access rules are there.
///
/// @param everybody whether sessions from elsewhere may do everything as well
record WithoutRules(boolean everybody) implements AccessRules {
    @Override
    public Decision decide(
            Principal principal, Action action, String destination, Consumer<Decision> answer) {
        return everybody || principal.local()
                ? Decision.ALLOWED
                : new Decision.Denied(
                        "without access rules only connections through a loopback listener are"
                                + " allowed");
    }

    @Override
    public boolean keepsForNameless() {
        return true;
    }
}
