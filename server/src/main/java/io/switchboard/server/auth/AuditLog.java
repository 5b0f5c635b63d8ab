package io.switchboard.server.auth;

import io.switchboard.broker.Denial;
import io.switchboard.broker.Principal;
import io.switchboard.websocket.HandshakeRequest;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What security has to do with, as `key=value` lines of the logger `io.switchboard.audit`. No
/// password, token or cookie is ever in them.
public final class AuditLog {
    private static final Logger LOG = LoggerFactory.getLogger("io.switchboard.audit");
    private static final int TEXT_LENGTH_MAX = 100;

    /// Of what the server itself has to say, names of files and of destinations included.
    private static final int REASON_LENGTH_MAX = 1_000;

    /// So many denials of a session have a line each; after them one in so many has.
    static final int DENIALS_EACH_MAX = 100;

    static final int DENIALS_TOGETHER = 1_000;

    private AuditLog() {}

    /// Access rules denied something.
    public static void denied(
            String session, @Nullable String user, String address, Denial denial) {
        if (worthALine(denial)) {
            LOG.warn(
                    "event=denied session={} user={} action={} destination={} transaction={}"
                            + " rule={} count={} address={}",
                    session,
                    quoted(user),
                    denial.action().name().toLowerCase(Locale.ROOT),
                    quoted(denial.destination().isEmpty() ? null : denial.destination()),
                    quoted(denial.transaction()),
                    quoted(denial.rule(), REASON_LENGTH_MAX),
                    denial.count(),
                    quoted(address));
        }
    }

    /// A live subscription was asked about again and had lost its right.
    ///
    /// @param id of the subscription
    public static void subscriptionEnded(
            String session, @Nullable String user, String address, String id, Denial denial) {
        if (worthALine(denial)) {
            LOG.warn(
                    "event=subscription-ended session={} user={} subscription={} destination={}"
                            + " rule={} count={} address={}",
                    session,
                    quoted(user),
                    quoted(id),
                    quoted(denial.destination()),
                    quoted(denial.rule(), REASON_LENGTH_MAX),
                    denial.count(),
                    quoted(address));
        }
    }

    private static boolean worthALine(Denial denial) {
        return denial.count() <= DENIALS_EACH_MAX || denial.count() % DENIALS_TOGETHER == 0;
    }

    /// An administrator disconnected somebody.
    public static void kicked(String session, @Nullable String user, String address, String by) {
        LOG.info(
                "event=kick session={} user={} by={} address={}",
                session,
                quoted(user),
                quoted(by),
                quoted(address));
    }

    static void login(String session, Credentials who, Principal principal, String by) {
        LOG.info(
                "event=login session={} user={} by={} address={} listener={}",
                session,
                quoted(principal.name()),
                quoted(by),
                quoted(who.address()),
                who.listener());
    }

    /// @param what has changed by it; empty for nothing
    public static void reloaded(String what) {
        LOG.info(
                "event=reload what={}",
                quoted(what.isEmpty() ? "nothing" : what, REASON_LENGTH_MAX));
    }

    /// @param reason names files and lines, and nothing of what stands there
    public static void reloadRefused(@Nullable String reason) {
        LOG.error("event=reload-refused reason={}", quoted(reason, REASON_LENGTH_MAX));
    }

    static void renewed(String session, Credentials who, Principal principal) {
        LOG.info(
                "event=renewal session={} user={} address={} listener={}",
                session,
                quoted(principal.name()),
                quoted(who.address()),
                who.listener());
    }

    static void renewalFailed(
            AuditLines lines, String session, Credentials who, Principal known, String reason) {
        failed(lines, "renewal-failed", session, who, known.name(), reason);
    }

    static void failed(AuditLines lines, String session, Credentials who, String reason) {
        failed(lines, "login-failed", session, who, who.login(), reason);
    }

    static void unavailable(AuditLines lines, String session, Credentials who, String reason) {
        failed(lines, "login-unavailable", session, who, who.login(), reason);
    }

    private static void failed(
            AuditLines lines,
            String event,
            String session,
            Credentials who,
            @Nullable String user,
            String reason) {
        long count = lines.next(who.address());
        if (count > 0) {
            LOG.warn(
                    "event={} session={} user={} reason={} count={} address={} listener={}",
                    event,
                    session,
                    quoted(user),
                    quoted(reason),
                    count,
                    quoted(who.address()),
                    who.listener());
        }
    }

    /// A client's certificate was refused in the TLS handshake.
    ///
    /// @param address whose it is, as logs have it
    public static void certificateRefused(
            AuditLines lines, String listener, String address, String reason) {
        long count = lines.next(address);
        if (count > 0) {
            LOG.warn(
                    "event=certificate-refused reason={} count={} address={} listener={}",
                    quoted(reason),
                    count,
                    quoted(address),
                    listener);
        }
    }

    /// A request was turned away before anybody asked who sends it.
    ///
    /// @param address whose it is, as logs have it
    public static void requestRefused(
            AuditLines lines,
            HandshakeRequest request,
            String listener,
            String address,
            String reason) {
        long count = lines.next(address);
        if (count > 0) {
            LOG.warn(
                    "event=request-refused host={} origin={} reason={} count={} address={}"
                            + " listener={}",
                    quoted(first(request, "Host")),
                    quoted(first(request, "Origin")),
                    quoted(reason),
                    count,
                    quoted(address),
                    listener);
        }
    }

    private static @Nullable String first(HandshakeRequest request, String name) {
        for (var header : request.headers()) {
            if (header.getKey().equalsIgnoreCase(name)) {
                return header.getValue();
            }
        }
        return null;
    }

    /// On one line and between its quotes, whatever a client has put there.
    static String quoted(@Nullable String text) {
        return quoted(text, TEXT_LENGTH_MAX);
    }

    private static String quoted(@Nullable String text, int lengthMax) {
        if (text == null) {
            return "-";
        }
        StringBuilder safe = new StringBuilder("\"");
        text.codePoints()
                .limit(lengthMax)
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
