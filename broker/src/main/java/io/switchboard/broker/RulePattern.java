package io.switchboard.broker;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// The destinations of an [AccessRule], in segments.
///
/// @param segments one at least; a [Kind#REST] is the last
record RulePattern(List<Segment> segments) {
    /// What stands for the session's own name.
    static final String USER_VARIABLE = "user";

    enum Kind {
        LITERAL,
        /// `*` or a variable.
        ANY,
        /// The session's own name.
        OWN,
        /// `**`
        REST
    }

    /// @param text of a literal; of a variable its name; else empty
    record Segment(char separator, Kind kind, String text) {}

    /// @throws IllegalArgumentException if it is none, with what is wrong
    static RulePattern of(String text) {
        return new Reader(text).read();
    }

    /// Which segment a variable is; below 0 if it is none.
    int indexOf(String variable) {
        for (int i = 0; i < segments.size(); i++) {
            Segment segment = segments.get(i);
            if (segment.kind == Kind.ANY && segment.text.equals(variable)) {
                return i;
            }
        }
        return -1;
    }

    /// Reads one text; used once.
    private static final class Reader {
        private final String text;
        private final List<Segment> segments = new ArrayList<>();
        private final Set<String> variables = new HashSet<>();

        Reader(String text) {
            this.text = text;
        }

        RulePattern read() {
            if (text.chars().anyMatch(c -> c < ' ')) {
                throw bad("it has a control character");
            }
            String root = DestinationName.ruleRoot(text);
            if (root != null) {
                literal('/', root.substring(1));
                rest(root.length());
            } else if (text.startsWith("/user/")) {
                literal('/', "user");
                user();
            } else if (text.startsWith("/") && isTail(text.substring(1))) {
                segment('/', text.substring(1), true);
            } else {
                throw bad("it begins with none of /topic/, /queue/, /app/ and /user/");
            }
            return new RulePattern(List.copyOf(segments));
        }

        private void user() {
            int start = "/user".length();
            int end = text.indexOf('/', start + 1);
            if (end < 0) {
                String tail = text.substring(start + 1);
                if (!isTail(tail)) {
                    throw bad("behind the user it ends");
                }
                segment('/', tail, true);
                return;
            }
            userName(text.substring(start + 1, end));
            String below = text.substring(end);
            if (isTail(below.substring(1))) {
                segment('/', below.substring(1), true);
                return;
            }
            String root = DestinationName.ruleRoot(below);
            if (root == null || root.equals("/app")) {
                throw bad("behind the user comes neither /topic/, /queue/ nor /**");
            }
            literal('/', root.substring(1));
            rest(end + root.length());
        }

        private void userName(String content) {
            String name = DestinationName.canonicalUser(content);
            if (content.isEmpty() || isTail(content) || content.matches(".*[*{}].*")) {
                segment('/', content, false);
            } else if (name == null) {
                throw bad(content + " is not percent-encoded right");
            } else {
                literal('/', name);
            }
        }

        private void rest(int from) {
            int at = from;
            while (at < text.length()) {
                int end = DestinationName.segmentEnd(text, at + 1);
                segment(text.charAt(at), text.substring(at + 1, end), end == text.length());
                at = end;
            }
        }

        private void segment(char separator, String content, boolean last) {
            if (content.isEmpty()) {
                throw bad("a segment is empty");
            }
            if (isTail(content)) {
                if (!last) {
                    throw bad(content + " is not its last segment");
                }
                segments.add(new Segment(separator, Kind.REST, ""));
            } else if (content.equals("*")) {
                segments.add(new Segment(separator, Kind.ANY, ""));
            } else if (content.startsWith("{") && content.endsWith("}")) {
                variable(separator, content.substring(1, content.length() - 1));
            } else if (content.matches(".*[*{}].*")) {
                throw bad(content + " is neither a text nor *, ** or {variable}");
            } else {
                literal(separator, content);
            }
        }

        private void variable(char separator, String name) {
            if (!name.matches("[A-Za-z0-9_-]+")) {
                throw bad("{" + name + "} is not a name of letters, digits, - and _ in braces");
            }
            if (!variables.add(name)) {
                throw bad("{" + name + "} is there twice");
            }
            boolean own = name.equals(USER_VARIABLE);
            segments.add(new Segment(separator, own ? Kind.OWN : Kind.ANY, own ? "" : name));
        }

        private void literal(char separator, String content) {
            segments.add(new Segment(separator, Kind.LITERAL, content));
        }

        private static boolean isTail(String content) {
            return content.equals("**") || content.equals("#") || content.equals(">");
        }

        private IllegalArgumentException bad(String why) {
            return new IllegalArgumentException(
                    "expected destinations like /topic/room.{room} or /user/{user}/** but was "
                            + text
                            + ": "
                            + why);
        }
    }
}
