package io.switchboard.broker;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The grammar of destinations.
///
/// ```
/// name     = "/topic" rest | "/user/" user "/topic" rest
/// rest     = 1*( ("/" | ".") segment )
/// pattern  = a name with a segment "*" (any one segment) or a last one "**" (all the rest, one
///            segment at least); the tails "#" and ">" of other brokers read as "**"
/// user     = percent-encoded, one segment whatever it holds; left out by a SUBSCRIBE, which then
///            means the session's own
/// ```
///
/// The separator counts: `/topic/a.b` and `/topic/a/b` are two names.
final class DestinationName {
    private static final String TOPIC = "/topic";
    private static final String USER = "/user/";
    private static final int POLICY_LENGTH_MAX = 1_024;

    private DestinationName() {}

    /// A name or pattern in its one canonical spelling, or what is wrong with it.
    ///
    /// @param name canonical, or empty where there is a refusal
    record Parsed(String name, boolean pattern, @Nullable Refusal refusal) {
        static Parsed refused(String error) {
            return new Parsed("", false, new Refusal(Disconnect.BAD_DESTINATION, error));
        }

        static Parsed tooLong(int length, int lengthMax) {
            return new Parsed(
                    "",
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
    static Parsed ofSend(String text, int lengthMax) {
        Parsed parsed = parse(text, lengthMax, null);
        return parsed.pattern
                ? Parsed.refused(
                        "expected a name but was the pattern " + text + "; send to one destination")
                : parsed;
    }

    /// What a SUBSCRIBE may name: a name or pattern; of user destinations only the session's own.
    ///
    /// @param user the name of the session's login, or null if it has none
    static Parsed ofSubscribe(String text, int lengthMax, @Nullable String user) {
        if (!text.startsWith(USER)) {
            return parse(text, lengthMax, null);
        }
        if (user == null) {
            return Parsed.refused(text + " needs a user name: send a login header with CONNECT");
        }
        if (isTopic(text, USER.length() - 1)) {
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
        return new Parsed(everybody + rest.name, true, rest.refusal);
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
        String prefix = "";
        int start = 0;
        if (text.startsWith(USER)) {
            int end = text.indexOf('/', USER.length());
            String user = end < 0 ? null : decode(text.substring(USER.length(), end));
            if (user == null || user.isEmpty()) {
                return Parsed.refused("expected /user/{name}/topic/… but was " + text);
            }
            if (owner != null && !owner.equals(user)) {
                return Parsed.refused(
                        "expected /user/topic/…, the destinations of one's own, but was " + text);
            }
            prefix = USER + encode(user);
            start = end;
        }
        if (!isTopic(text, start)) {
            return Parsed.refused("expected /topic/… or /user/{name}/topic/… but was " + text);
        }
        return rest(text, prefix, start);
    }

    private static boolean isTopic(String text, int start) {
        int end = start + TOPIC.length();
        return text.startsWith(TOPIC, start)
                && end < text.length()
                && (text.charAt(end) == '/' || text.charAt(end) == '.');
    }

    private static Parsed rest(String text, String prefix, int start) {
        boolean pattern = false;
        int at = start + TOPIC.length();
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
                return new Parsed(prefix + text.substring(start, at + 1) + "**", true, null);
            }
            pattern |= end == at + 2 && text.charAt(at + 1) == '*';
            at = end;
        }
        String name = start == 0 && prefix.isEmpty() ? text : prefix + text.substring(start);
        return new Parsed(name, pattern, null);
    }

    private static boolean isTail(String text, int start, int end) {
        int length = end - start;
        return length == 1 && (text.charAt(start) == '#' || text.charAt(start) == '>')
                || length == 2 && text.startsWith("**", start);
    }

    private static int segmentEnd(String text, int from) {
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
    private static String encode(String user) {
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
