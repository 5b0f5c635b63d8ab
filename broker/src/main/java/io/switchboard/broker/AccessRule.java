package io.switchboard.broker;

import io.switchboard.broker.AccessRules.Action;

/// One thing that some may do: the action, to which destinations, and who. There are no rules that
/// forbid: what no rule allows is denied, so the order of rules means nothing.
///
/// ```
/// destinations = "/**" | root rest | "/user/" segment below | "/user/**"
/// root         = "/topic" | "/queue" | "/app"
/// below        = ( "/topic" | "/queue" ) rest | "/**"
/// rest         = 1*( ("/" | ".") segment )
/// segment      = text | "*" | "{" variable "}" | "**"
/// ```
///
/// As in a SUBSCRIBE `*` is one segment and a last `**` all the rest, and the separator counts. A
/// variable is one segment too, which `who` may ask about; `{user}` is the session's own name.
///
/// @param action [Action#SEND] or [Action#SUBSCRIBE]
/// @param source where it is written, for the operator: a file and line, say
public record AccessRule(Action action, String destinations, Who who, String source) {

    /// @throws IllegalArgumentException if it cannot be one, with what is wrong
    public AccessRule {
        if (action == Action.CONNECT) {
            throw new IllegalArgumentException("expected a rule for SEND or SUBSCRIBE");
        }
        RulePattern pattern = RulePattern.of(destinations);
        if (who instanceof Who.ClaimHolds(String claim, String variable)) {
            if (variable.equals(RulePattern.USER_VARIABLE)) {
                throw new IllegalArgumentException(
                        "expected a variable but was {user}, which is the session's own name"
                                + " already");
            }
            if (pattern.indexOf(variable) < 0) {
                throw new IllegalArgumentException(
                        "expected a variable of "
                                + destinations
                                + " but was {"
                                + variable
                                + "}, which is not there");
            }
        }
    }

    /// Whom a rule is for.
    public sealed interface Who {
        Who ANYONE = new Anyone();
        Who AUTHENTICATED = new Authenticated();

        record Anyone() implements Who {}

        /// Whoever has a name.
        record Authenticated() implements Who {}

        record User(String name) implements Who {}

        record Role(String name) implements Who {}

        /// One of the claim's values is this one.
        record Claim(String name, String value) implements Who {}

        /// One of the claim's values is what the variable stands for.
        record ClaimHolds(String name, String variable) implements Who {}

        /// Reads `anyone`, `authenticated`, `user NAME`, `role NAME`, `claim NAME holds VALUE` or
        /// `claim NAME holds {variable}`.
        ///
        /// @throws IllegalArgumentException if it is none of these, with what is wrong
        static Who of(String text) {
            if (text.equals("anyone")) {
                return ANYONE;
            }
            if (text.equals("authenticated")) {
                return AUTHENTICATED;
            }
            int space = text.indexOf(' ');
            String rest = space < 0 ? "" : text.substring(space + 1).strip();
            if (rest.isEmpty()) {
                throw bad(text);
            }
            return switch (text.substring(0, space)) {
                case "user" -> new User(rest);
                case "role" -> new Role(rest);
                case "claim" -> claim(rest, text);
                default -> throw bad(text);
            };
        }

        private static Who claim(String rest, String text) {
            int at = rest.indexOf(HOLDS);
            if (at < 1) {
                throw bad(text);
            }
            String name = rest.substring(0, at).strip();
            String value = rest.substring(at + HOLDS.length()).strip();
            return value.startsWith("{") && value.endsWith("}")
                    ? new ClaimHolds(name, value.substring(1, value.length() - 1))
                    : new Claim(name, value);
        }

        private static IllegalArgumentException bad(String text) {
            return new IllegalArgumentException(
                    "expected anyone, authenticated, user NAME, role NAME, claim NAME holds VALUE"
                            + " or claim NAME holds {variable} but was "
                            + text);
        }
    }

    private static final String HOLDS = " holds ";
}
