package io.switchboard.server.app;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Which destinations a handler is for.
///
/// ```
/// pattern  = "/app" 1*( ("/" | ".") segment )
/// segment  = text | "{" name "}" | "{" name ":**}"
/// ```
///
/// A variable is one segment; with `:**` it is the last of the pattern and is all the rest, one
/// segment at least, with the separators inside. The separator counts, as everywhere in
/// destinations.
final class HandlerPattern implements Comparable<HandlerPattern> {
    private static final String ROOT = "/app";
    private static final String REST = ":**";

    private final String text;

    /// Each with its separator in front; of a variable the separator alone.
    private final List<String> segments = new ArrayList<>();

    /// By segment; null for a text.
    private final List<@Nullable String> variables = new ArrayList<>();

    private boolean rest;

    /// Compared as text the smaller one is more specific: from the left a text before a variable
    /// before a rest.
    private final String specificity;

    private HandlerPattern(String text) {
        this.text = text;
        StringBuilder kinds = new StringBuilder();
        Set<String> names = new HashSet<>();
        for (String segment : split(text)) {
            if (rest) {
                throw bad(":** is not in the last segment");
            }
            String variable = variable(segment);
            if (variable != null && !names.add(variable)) {
                throw bad("the variable " + variable + " is there twice");
            }
            variables.add(variable);
            segments.add(variable == null ? segment : segment.substring(0, 1));
            kinds.append(variable == null ? 'a' : rest ? 'c' : 'b');
        }
        specificity = kinds.toString();
    }

    /// @throws IllegalArgumentException if it is none, with what is wrong
    static HandlerPattern of(String text) {
        return new HandlerPattern(text);
    }

    private IllegalArgumentException bad(String why) {
        return new IllegalArgumentException(
                "expected a pattern like /app/rooms/{room}/say but was " + text + ": " + why);
    }

    /// Null for a text.
    private @Nullable String variable(String segment) {
        String content = segment.substring(1);
        if (content.isEmpty()) {
            throw bad("a segment is empty");
        }
        if (!content.startsWith("{")) {
            if (content.matches(".*[{}*#>].*")) {
                throw bad(content + " is neither a text nor {name}");
            }
            return null;
        }
        if (!content.endsWith("}")) {
            throw bad(content + " has no end");
        }
        String name = content.substring(1, content.length() - 1);
        if (name.endsWith(REST)) {
            rest = true;
            name = name.substring(0, name.length() - REST.length());
        }
        if (!name.matches("[A-Za-z0-9_-]+")) {
            throw bad(content + " is not a name of letters, digits, - and _ in braces");
        }
        return name;
    }

    /// What stands behind `/app`, in segments with their separators.
    private List<String> split(String name) {
        if (!name.startsWith(ROOT)
                || name.length() == ROOT.length()
                || name.charAt(ROOT.length()) != '/' && name.charAt(ROOT.length()) != '.') {
            throw bad("it does not begin with /app/");
        }
        return segments(name);
    }

    static List<String> segments(String name) {
        List<String> segments = new ArrayList<>(4);
        int start = ROOT.length();
        for (int i = start + 1; i <= name.length(); i++) {
            if (i == name.length() || name.charAt(i) == '/' || name.charAt(i) == '.') {
                segments.add(name.substring(start, i));
                start = i;
            }
        }
        return segments;
    }

    /// What the variables stand for in a destination below `/app`; null if it is not meant.
    ///
    /// @param name in its [#segments]
    @Nullable Map<String, String> match(List<String> name) {
        int last = segments.size() - 1;
        if (rest ? name.size() <= last : name.size() != segments.size()) {
            return null;
        }
        for (int i = 0; i <= last; i++) {
            boolean right =
                    variables.get(i) == null
                            ? segments.get(i).equals(name.get(i))
                            : segments.get(i).charAt(0) == name.get(i).charAt(0);
            if (!right) {
                return null;
            }
        }
        Map<String, String> values = new HashMap<>();
        for (int i = 0; i <= last; i++) {
            String variable = variables.get(i);
            if (variable != null) {
                boolean all = rest && i == last;
                String value = all ? String.join("", name.subList(i, name.size())) : name.get(i);
                values.put(variable, value.substring(1));
            }
        }
        return values;
    }

    /// Whether both mean the same destinations, whatever their variables are called.
    boolean means(HandlerPattern other) {
        return specificity.equals(other.specificity) && segments.equals(other.segments);
    }

    @Override
    public int compareTo(HandlerPattern other) {
        return specificity.compareTo(other.specificity);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof HandlerPattern pattern && text.equals(pattern.text);
    }

    @Override
    public int hashCode() {
        return text.hashCode();
    }

    @Override
    public String toString() {
        return text;
    }
}
