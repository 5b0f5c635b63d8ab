package io.switchboard.server.auth;

import io.switchboard.broker.Principal;

/// What an [Authenticator] makes of somebody's credentials.
public sealed interface Verdict {
    /// These credentials are nothing for this authenticator: the next one is asked.
    Verdict PASSED = new Passed();

    /// @param by what convinced, for the audit log: `password`, `token`
    record Accepted(Principal principal, String by) implements Verdict {}

    /// @param reason for the audit log alone; holds nothing secret
    record Refused(String reason) implements Verdict {}

    /// It cannot be said now; the client may come back.
    ///
    /// @param reason for the audit log alone
    record Unavailable(String reason) implements Verdict {}

    record Passed() implements Verdict {}
}
