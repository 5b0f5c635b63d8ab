package io.switchboard.server.auth;

import io.switchboard.broker.Principal;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What happens to logins, as `key=value` lines of the logger `io.switchboard.audit`. No password,
/// token or cookie is ever in them.
final class AuditLog {
    private static final Logger LOG = LoggerFactory.getLogger("io.switchboard.audit");
    private static final int TEXT_LENGTH_MAX = 100;

    private AuditLog() {}

    static void login(String session, Credentials who, Principal principal, String by) {
        LOG.info(
                "event=login session={} user={} by={} address={} listener={}",
                session,
                quoted(principal.name()),
                quoted(by),
                quoted(who.address()),
                who.listener());
    }

    static void renewed(String session, Credentials who, Principal principal) {
        LOG.info(
                "event=renewal session={} user={} address={} listener={}",
                session,
                quoted(principal.name()),
                quoted(who.address()),
                who.listener());
    }

    static void renewalFailed(String session, Credentials who, Principal principal, String reason) {
        LOG.warn(
                "event=renewal-failed session={} user={} reason={} address={} listener={}",
                session,
                quoted(principal.name()),
                quoted(reason),
                quoted(who.address()),
                who.listener());
    }

    static void failed(String session, Credentials who, String reason) {
        LOG.warn(
                "event=login-failed session={} user={} reason={} address={} listener={}",
                session,
                quoted(who.login()),
                quoted(reason),
                quoted(who.address()),
                who.listener());
    }

    static void unavailable(String session, Credentials who, String reason) {
        LOG.warn(
                "event=login-unavailable session={} user={} reason={} address={} listener={}",
                session,
                quoted(who.login()),
                quoted(reason),
                quoted(who.address()),
                who.listener());
    }

    /// On one line and between its quotes, whatever a client has put there.
    static String quoted(@Nullable String text) {
        if (text == null) {
            return "-";
        }
        StringBuilder safe = new StringBuilder("\"");
        text.codePoints()
                .limit(TEXT_LENGTH_MAX)
                .forEach(c ->
                        safe.appendCodePoint(
                                c == '"'
                                                || c == '\\'
                                                || Character.getType(c) == Character.FORMAT
                                                || Character.isISOControl(c)
                                                || c == 0x2028
                                                || c == 0x2029
                                        ? '?'
                                        : c));
        return safe.append('"').toString();
    }
}
