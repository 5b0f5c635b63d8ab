package io.switchboard.broker;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The grammar of destinations.
///
/// ```
/// name     = root rest | "/user/" user ( "/topic" | "/queue" ) rest
///            | "/temp-queue" [ "/~" key ] rest
///          | "/presence" rest
/// root     = "/topic" | "/queue" | "/app"
/// rest     = 1*( ("/" | ".") segment )
/// pattern  = a name with a segment "*" (any one segment) or a last one "**" (all the rest, one
///            segment at least); the tails "#" and ">" of other brokers read as "**"
/// user     = percent-encoded, one segment whatever it holds; left out by a SUBSCRIBE, which then
///            means the session's own
/// key      = whose temporary queue it is; left out by its owner, and known to who was sent the
///            name as a reply-to
/// ```
///
/// Below `/user` a queue, too, is for all sessions of the user, so it is a topic here.
///
/// Below `/presence` only a SUBSCRIBE is allowed: it is about the topic with the same rest.
///
/// The separator counts: `/topic/a.b` and `/topic/a/b` are two names.
final class DestinationName {
    private static final String TOPIC = "/topic";
    private static final String QUEUE = "/queue";
    private static final String APPLICATION = "/app";
    private static final String TEMPORARY = "/temp-queue";
    private static final String TEMPORARY_OF = TEMPORARY + "/~";
    private static final String USER = "/user/";
    private static final String SESSION = "/session/";
    private static final String PRESENCE = "/presence";
    private static final int POLICY_LENGTH_MAX = 1_024;

    private DestinationName() {}

    /// What happens to what is sent there.
    enum Kind {
        /// Every subscriber gets it.
        TOPIC,
        /// One consumer gets it.
        QUEUE,
        /// The program around the broker gets it.
        APPLICATION,
        /// It is between the session and the server.
        SESSION
    }

    /// A name or pattern in its one canonical spelling, or what is wrong with it.
    ///
    /// @param name canonical, or empty where there is a refusal
    record Parsed(String name, Kind kind, boolean pattern, @Nullable Refusal refusal) {
        static Parsed refused(String error) {
            return new Parsed(
                    "", Kind.TOPIC, false, new Refusal(Disconnect.BAD_DESTINATION, error));
        }

        static Parsed tooLong(int length, int lengthMax) {
            return new Parsed(
                    "",
                    Kind.TOPIC,
                    false,
                    new Refusal(
                            Disconnect.DESTINATION_TOO_LONG,
                            "expected a destination of at most "
                                    + lengthMax
                                    + " characters but was "
                                    + length));
        }

        @Nullable String error() {
            return refusal == null ? null : refusal.detail();
        }
    }

    /// What a SEND may name: a name, no pattern; another user's destination included.
    ///
    /// @param temporaryKey of the session
    static Parsed ofSend(String text, int lengthMax, long temporaryKey) {
        Parsed parsed = parse(own(text, temporaryKey), lengthMax, null);
        return parsed.pattern
                ? Parsed.refused(
                        "expected a name but was the pattern " + text + "; send to one destination")
                : parsed;
    }

    /// What a SUBSCRIBE may name: a name or pattern; of user destinations only the session's own.
    ///
    /// @param user the name of the session's login, or null if it has none
    /// @param temporaryKey of the session
    static Parsed ofSubscribe(
            String text, int lengthMax, @Nullable String user, long temporaryKey) {
        if (text.equals(Notices.NAME)) {
            return new Parsed(text, Kind.SESSION, false, null);
        }
        if (isBelow(text, 0, PRESENCE)) {
            return ofPresence(text, lengthMax);
        }
        Parsed parsed =
                text.startsWith(USER)
                        ? ofUser(text, lengthMax, user)
                        : parse(own(text, temporaryKey), lengthMax, null);
        if (parsed.refusal != null) {
            return parsed;
        }
        if (parsed.kind == Kind.APPLICATION) {
            return Parsed.refused(
                    text
                            + " is handled by the application; send to it, and subscribe to a"
                            + " topic or queue");
        }
        boolean queue = parsed.kind == Kind.QUEUE || text.startsWith(USER) && text.contains(QUEUE);
        if (parsed.pattern && queue) {
            return Parsed.refused("expected the name of one queue but was the pattern " + text);
        }
        if (parsed.name.startsWith(TEMPORARY_OF)
                && !parsed.name.startsWith(temporaryPrefix(temporaryKey))) {
            return Parsed.refused(
                    "expected a temporary queue of one's own, /temp-queue/…, but was "
                            + withoutKeys(text));
        }
        return parsed;
    }

    /// What the program's answer to a client may name: what the client itself may, and its own user
    /// destinations as it subscribes to them.
    static Parsed ofAnswer(String text, int lengthMax, @Nullable String user, long temporaryKey) {
        return user != null && userRoot(text, USER.length() - 1) != null
                ? parse(USER + encode(user) + text.substring(USER.length() - 1), lengthMax, user)
                : ofSend(text, lengthMax, temporaryKey);
    }

    /// Whether nobody else gets what is sent there, by its canonical name.
    static boolean isOwn(String name, @Nullable String user, long temporaryKey) {
        return name.startsWith(TEMPORARY_OF)
                ? isBelow(name, 0, temporaryPrefix(temporaryKey))
                : user != null && name.startsWith(USER + encode(user) + "/");
    }

    private static Parsed ofPresence(String text, int lengthMax) {
        if (text.length() > lengthMax) {
            return Parsed.tooLong(text.length(), lengthMax);
        }
        String topic = TOPIC + text.substring(PRESENCE.length());
        Parsed parsed = parse(topic, topic.length(), null);
        return parsed.refusal != null
                ? parsed
                : new Parsed(presence(parsed.name), parsed.kind, parsed.pattern, null);
    }

    /// Where it is told who is subscribed to a topic, by its canonical name.
    static String presence(String topic) {
        return PRESENCE + topic.substring(TOPIC.length());
    }

    /// Whether it is a topic that can have presence, by its canonical name.
    static boolean mayHavePresence(String name) {
        return isBelow(name, 0, TOPIC);
    }

    /// The topic that a canonical name or pattern tells the presence of; else the same.
    static String watched(String name) {
        return isBelow(name, 0, PRESENCE) ? TOPIC + name.substring(PRESENCE.length()) : name;
    }

    private static Parsed ofUser(String text, int lengthMax, @Nullable String user) {
        if (user == null) {
            return Parsed.refused(text + " needs a user name: send a login header with CONNECT");
        }
        if (userRoot(text, USER.length() - 1) != null) {
            return parse(USER + encode(user) + text.substring(USER.length() - 1), lengthMax, user);
        }
        return parse(text, lengthMax, user);
    }

    /// What a policy may name: a name or pattern, of user destinations those of everybody
    /// (`/user/*/topic/…`) too.
    static Parsed ofPolicy(String text) {
        String everybody = "/user/*";
        if (!text.startsWith(everybody + "/")) {
            return parse(text, POLICY_LENGTH_MAX, null);
        }
        Parsed rest = parse(text.substring(everybody.length()), POLICY_LENGTH_MAX, null);
        return new Parsed(everybody + rest.name, Kind.TOPIC, true, rest.refusal);
    }

    /// What the destinations of an access rule begin with; null for none that rules are about.
    static @Nullable String ruleRoot(String text) {
        String root = root(text);
        return root == null || root.equals(TEMPORARY) ? null : root;
    }

    /// A user's name in the canonical spelling; null if it is not percent-encoded right.
    static @Nullable String canonicalUser(String text) {
        String user = decode(text);
        return user == null ? null : encode(user);
    }

    /// Why dead letters cannot go there; null if they can.
    static @Nullable String notForDeadLetters(String text) {
        Parsed parsed = ofSend(text, POLICY_LENGTH_MAX, 0);
        if (parsed.refusal == null && (isBelow(text, 0, TOPIC) || isBelow(text, 0, QUEUE))) {
            return null;
        }
        return "expected the name of a topic or queue, like /queue/dead-letters, but was " + text;
    }

    private static Parsed parse(String text, int lengthMax, @Nullable String owner) {
        if (text.length() > lengthMax) {
            return Parsed.tooLong(text.length(), lengthMax);
        }
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) < ' ') {
                return Parsed.refused("control character at index " + i + " of the name");
            }
        }
        if (isBelow(text, 0, PRESENCE)) {
            return Parsed.refused(
                    text + " is written by the server; subscribe to it, and send elsewhere");
        }
        if (text.startsWith(SESSION)) {
            return Parsed.refused(
                    "expected SUBSCRIBE to /session/events or SEND to /session/token but was "
                            + text);
        }
        if (!text.startsWith(USER)) {
            String root = root(text);
            return root == null
                    ? Parsed.refused(
                            "expected /topic/…, /queue/…, /temp-queue/…, /app/… or"
                                    + " /user/{name}/… but was "
                                    + text)
                    : rest(text, "", 0, root);
        }
        int end = text.indexOf('/', USER.length());
        String user = end < 0 ? null : decode(text.substring(USER.length(), end));
        String root = user == null || user.isEmpty() ? null : userRoot(text, end);
        if (root == null || user == null) {
            return Parsed.refused(
                    "expected /user/{name}/topic/… or /user/{name}/queue/… but was " + text);
        }
        if (owner != null && !owner.equals(user)) {
            return Parsed.refused(
                    "expected /user/topic/… or /user/queue/…, the destinations of one's own,"
                            + " but was "
                            + text);
        }
        return rest(text, USER + encode(user), end, root);
    }

    /// Null for none.
    private static @Nullable String root(String text) {
        if (isBelow(text, 0, TOPIC)) {
            return TOPIC;
        }
        if (isBelow(text, 0, QUEUE)) {
            return QUEUE;
        }
        if (isBelow(text, 0, APPLICATION)) {
            return APPLICATION;
        }
        return isBelow(text, 0, TEMPORARY) ? TEMPORARY : null;
    }

    private static @Nullable String userRoot(String text, int start) {
        if (isBelow(text, start, TOPIC)) {
            return TOPIC;
        }
        return isBelow(text, start, QUEUE) ? QUEUE : null;
    }

    private static boolean isBelow(String text, int start, String root) {
        int end = start + root.length();
        return text.startsWith(root, start)
                && end < text.length()
                && (text.charAt(end) == '/' || text.charAt(end) == '.');
    }

    private static Kind kind(String prefix, String root) {
        if (!prefix.isEmpty() || root.equals(TOPIC)) {
            return Kind.TOPIC;
        }
        return root.equals(APPLICATION) ? Kind.APPLICATION : Kind.QUEUE;
    }

    private static Parsed rest(String text, String prefix, int start, String root) {
        boolean pattern = false;
        int at = start + root.length();
        Kind kind = kind(prefix, root);
        while (at < text.length()) {
            int end = segmentEnd(text, at + 1);
            if (end == at + 1) {
                return Parsed.refused("empty segment at index " + at + " of " + text);
            }
            boolean last = end == text.length();
            if (isTail(text, at + 1, end)) {
                if (!last) {
                    return Parsed.refused(
                            text.substring(at + 1, end) + " is not the last segment of " + text);
                }
                return new Parsed(prefix + text.substring(start, at + 1) + "**", kind, true, null);
            }
            pattern |= end == at + 2 && text.charAt(at + 1) == '*';
            at = end;
        }
        String name = start == 0 && prefix.isEmpty() ? text : prefix + text.substring(start);
        return new Parsed(name, kind, pattern, null);
    }

    // --- Queues that do not last ---

    /// What its owner calls `/temp-queue/…`, as everybody else knows it; null for anything else.
    static @Nullable String ofTemporary(String text, long temporaryKey) {
        return isBelow(text, 0, TEMPORARY) ? own(text, temporaryKey) : null;
    }

    static boolean isTemporary(String text) {
        return isBelow(text, 0, TEMPORARY);
    }

    /// A canonical name for others to see: who knows the name of a temporary queue may send there.
    static String shown(String name) {
        return isTemporary(name) ? "/temp-queue/" : name;
    }

    /// A text for others to see, without the keys of the temporary queues that it names.
    static String withoutKeys(String text) {
        int at = text.indexOf(TEMPORARY_OF);
        if (at < 0) {
            return text;
        }
        StringBuilder shown = new StringBuilder();
        int from = 0;
        while (at >= 0) {
            shown.append(text, from, at + TEMPORARY.length() + 1);
            from = at + TEMPORARY_OF.length();
            while (from < text.length() && !Character.isWhitespace(text.charAt(from))) {
                from++;
            }
            at = text.indexOf(TEMPORARY_OF, from);
        }
        return shown.append(text, from, text.length()).toString();
    }

    private static String own(String text, long temporaryKey) {
        boolean ownName = isBelow(text, 0, TEMPORARY) && !text.startsWith(TEMPORARY_OF);
        return ownName ? temporaryPrefix(temporaryKey) + text.substring(TEMPORARY.length()) : text;
    }

    private static String temporaryPrefix(long temporaryKey) {
        return TEMPORARY_OF + Base36.text(temporaryKey);
    }

    /// Whether it is a queue, by its canonical name.
    static boolean isQueue(String name) {
        return isBelow(name, 0, QUEUE) || isBelow(name, 0, TEMPORARY);
    }

    /// Whether it is a topic, by its canonical name; those of users are.
    static boolean isTopic(String name) {
        return isBelow(name, 0, TOPIC) || name.startsWith(USER);
    }

    /// Whether the application handles it, by its canonical name.
    static boolean isApplication(String name) {
        return isBelow(name, 0, APPLICATION);
    }

    /// Whether it is a queue that goes with its last subscriber: a temporary one, or one that
    /// Spring makes for a session's user destination by appending `-user` and the session's id (a
    /// UUID, or with SockJS eight letters and digits).
    static boolean passing(String name) {
        if (name.startsWith(TEMPORARY)) {
            return isBelow(name, 0, TEMPORARY);
        }
        int at = name.lastIndexOf(SPRING_USER);
        return at > 0 && isBelow(name, 0, QUEUE) && isSessionId(name, at + SPRING_USER.length());
    }

    private static final String SPRING_USER = "-user";
    private static final int UUID_LENGTH = 36;
    private static final int SOCKJS_LENGTH = 8;

    private static boolean isSessionId(String name, int start) {
        int length = name.length() - start;
        boolean digit = false;
        for (int i = start; i < name.length(); i++) {
            char c = name.charAt(i);
            if (length == UUID_LENGTH
                    ? c != '-' && Character.digit(c, 16) < 0
                    : c != '_' && (c < 'a' || c > 'z') && (c < '0' || c > '9')) {
                return false;
            }
            digit |= c >= '0' && c <= '9';
        }
        // Words have eight letters too: without a digit it is no session's.
        return length == UUID_LENGTH || length == SOCKJS_LENGTH && digit;
    }

    private static boolean isTail(String text, int start, int end) {
        int length = end - start;
        return length == 1 && (text.charAt(start) == '#' || text.charAt(start) == '>')
                || length == 2 && text.startsWith("**", start);
    }

    /// Where the segment that begins there ends.
    static int segmentEnd(String text, int from) {
        int i = from;
        while (i < text.length() && text.charAt(i) != '/' && text.charAt(i) != '.') {
            i++;
        }
        return i;
    }

    /// The segments of a canonical name or pattern, each with its separator in front, so that
    /// `/topic/a.b` is `/topic`, `/a`, `.b`. A user's name is one segment.
    static List<String> segments(String name) {
        List<String> segments = new ArrayList<>(4);
        int at = 0;
        if (name.startsWith(USER)) {
            int end = name.indexOf('/', USER.length());
            segments.add("/user");
            segments.add(name.substring(USER.length() - 1, end));
            at = end;
        }
        while (at < name.length()) {
            int end = segmentEnd(name, at + 1);
            segments.add(name.substring(at, end));
            at = end;
        }
        return segments;
    }

    /// Percent-encodes what would end the segment or read as a pattern; everything else stays
    /// readable.
    static String encode(String user) {
        StringBuilder encoded = null;
        for (int i = 0; i < user.length(); i++) {
            char c = user.charAt(i);
            if (c == '/' || c == '%' || c == '*' || c == '#' || c == '>' || c < ' ') {
                if (encoded == null) {
                    encoded = new StringBuilder(user.length() + 8).append(user, 0, i);
                }
                encoded.append('%').append(hex(c >> 4)).append(hex(c));
            } else if (encoded != null) {
                encoded.append(c);
            }
        }
        return encoded == null ? user : encoded.toString();
    }

    private static char hex(int value) {
        return Character.toUpperCase(Character.forDigit(value & 15, 16));
    }

    /// Null where a percent sign is not followed by two hexadecimal digits.
    private static @Nullable String decode(String text) {
        if (text.indexOf('%') < 0) {
            return text;
        }
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        int length = 0;
        for (int i = 0; i < utf8.length; i++) {
            if (utf8[i] == '%') {
                int high = i + 2 < utf8.length ? Character.digit(utf8[i + 1], 16) : -1;
                int low = i + 2 < utf8.length ? Character.digit(utf8[i + 2], 16) : -1;
                if (high < 0 || low < 0) {
                    return null;
                }
                utf8[length++] = (byte) (16 * high + low);
                i += 2;
            } else {
                utf8[length++] = utf8[i];
            }
        }
        return new String(utf8, 0, length, StandardCharsets.UTF_8);
    }
}
