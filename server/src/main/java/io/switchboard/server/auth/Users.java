package io.switchboard.server.auth;

import io.switchboard.broker.Principal;
import java.security.SecureRandom;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BiPredicate;
import org.jspecify.annotations.Nullable;

/// Names and passwords of a [UsersFile]. A name that is not there costs what a wrong password does:
/// it is checked against a hash that nothing matches, of the kind that most users have.
final class Users implements Authenticator {
    /// What [Principal#provedBy] says of them.
    static final String PASSWORD = "password";

    private final Map<String, UsersFile.User> users;
    private final PasswordHash nobodys;
    private final PasswordChecks checks;
    private final LoginThrottle throttle;
    private final BiPredicate<PasswordHash, char[]> matches;

    /// @param matches how a password is compared with a hash
    Users(
            Map<String, UsersFile.User> users,
            PasswordChecks checks,
            LoginThrottle throttle,
            BiPredicate<PasswordHash, char[]> matches) {
        this.users = users;
        this.checks = checks;
        this.throttle = throttle;
        this.matches = matches;
        nobodys = nobodys(users);
    }

    private static PasswordHash nobodys(Map<String, UsersFile.User> users) {
        Map<String, Integer> counts = new HashMap<>();
        PasswordHash likeMost = null;
        for (UsersFile.User user : users.values()) {
            int count = counts.merge(user.hash().cost(), 1, Integer::sum);
            if (likeMost == null || count > counts.getOrDefault(likeMost.cost(), 0)) {
                likeMost = user.hash();
            }
        }
        // The answer is no whatever it says, so whose hash it is does not matter.
        return likeMost != null ? likeMost : PasswordHash.of(new char[] {'-'}, new SecureRandom());
    }

    Map<String, UsersFile.User> all() {
        return users;
    }

    @Override
    public Verdict authenticate(Credentials who) throws InterruptedException {
        String login = who.login();
        String passcode = who.passcode();
        if (login == null || passcode == null) {
            return Verdict.PASSED;
        }
        UsersFile.User user = users.get(login);
        PasswordHash hash = user == null ? nobodys : user.hash();
        try {
            return checks.run(() -> {
                // Those that stood in line before may have failed meanwhile.
                if (throttle.blocks(who)) {
                    return LoginThrottle.BLOCKED;
                }
                boolean same = matches.test(hash, passcode.toCharArray());
                if (user == null) {
                    return new Verdict.Refused("unknown user");
                }
                return same ? accepted(user, who) : new Verdict.Refused("wrong password");
            });
        } catch (RejectedExecutionException e) {
            return new Verdict.Unavailable("too many passwords to check");
        }
    }

    private static Verdict accepted(UsersFile.User user, Credentials who) {
        return new Verdict.Accepted(
                new Principal(user.name(), who.local(), who.address(), user.roles(), Map.of(), 0),
                PASSWORD);
    }

    /// Who somebody is that came in by a password, now that these users have taken the place of
    /// others.
    ///
    /// @return the same object if nothing has changed; null if the user has gone or has another
    ///   password
    @Nullable Principal again(Principal principal, Users before) {
        String name = principal.name();
        UsersFile.User now = name == null ? null : users.get(name);
        UsersFile.User then = name == null ? null : before.users.get(name);
        if (now == null || then == null || !now.hash().text().equals(then.hash().text())) {
            return null;
        }
        return now.roles().equals(principal.roles()) ? principal : principal.withRoles(now.roles());
    }

    /// What is known now of somebody who came in by a password before and is away.
    ///
    /// @return null if the user has gone
    @Nullable Principal absent(Principal principal) {
        String name = principal.name();
        UsersFile.User now = name == null ? null : users.get(name);
        return now == null ? null : principal.withRoles(now.roles());
    }
}
