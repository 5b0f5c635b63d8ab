package io.switchboard.broker;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Values by pattern, found by the names that the patterns match: one step a segment, whatever the
/// number of patterns. Owned by its shard.
final class PatternTrie<V> {
    private final Node<V> root = new Node<>();
    private int count;

    private static final class Node<V> {
        final Map<String, Node<V>> children = new HashMap<>(2);
        @Nullable V value;
    }

    int count() {
        return count;
    }

    @Nullable V get(String pattern) {
        Node<V> node = root;
        for (String segment : DestinationName.segments(pattern)) {
            node = node.children.get(segment);
            if (node == null) {
                return null;
            }
        }
        return node.value;
    }

    void put(String pattern, V value) {
        Node<V> node = root;
        for (String segment : DestinationName.segments(pattern)) {
            node = node.children.computeIfAbsent(segment, s -> new Node<>());
        }
        if (node.value == null) {
            count++;
        }
        node.value = value;
    }

    void remove(String pattern) {
        if (remove(root, DestinationName.segments(pattern), 0)) {
            count--;
        }
    }

    private boolean remove(Node<V> node, List<String> segments, int depth) {
        if (depth == segments.size()) {
            boolean had = node.value != null;
            node.value = null;
            return had;
        }
        Node<V> child = node.children.get(segments.get(depth));
        if (child == null) {
            return false;
        }
        boolean removed = remove(child, segments, depth + 1);
        if (child.value == null && child.children.isEmpty()) {
            node.children.remove(segments.get(depth));
        }
        return removed;
    }

    /// Whether a pattern matches a name, both as [DestinationName#segments]. For a pattern alone;
    /// of many the trie knows.
    static boolean matches(List<String> pattern, List<String> name) {
        for (int i = 0; i < pattern.size(); i++) {
            String segment = pattern.get(i);
            if (i == name.size()) {
                return false;
            }
            String other = name.get(i);
            if (segment.charAt(0) != other.charAt(0)) {
                return false;
            }
            if (segment.endsWith("**") && segment.length() == 3) {
                return true;
            }
            boolean any = segment.endsWith("*") && segment.length() == 2;
            if (!any && !segment.equals(other)) {
                return false;
            }
        }
        return pattern.size() == name.size();
    }

    /// What every name that the pattern matches begins with.
    static String literalPrefix(String pattern) {
        int length = 0;
        for (String segment : DestinationName.segments(pattern)) {
            if (segment.length() <= 3 && segment.substring(1).matches("\\*\\*?")) {
                return pattern.substring(0, length + 1);
            }
            length += segment.length();
        }
        return pattern;
    }

    void forEachMatch(String name, Consumer<? super V> action) {
        if (count > 0) {
            match(root, DestinationName.segments(name), 0, action);
        }
    }

    private void match(Node<V> node, List<String> segments, int depth, Consumer<? super V> action) {
        if (depth == segments.size()) {
            if (node.value != null) {
                action.accept(node.value);
            }
            return;
        }
        String segment = segments.get(depth);
        char separator = segment.charAt(0);
        Node<V> exact = node.children.get(segment);
        if (exact != null) {
            match(exact, segments, depth + 1, action);
        }
        Node<V> star = node.children.get(separator == '/' ? "/*" : ".*");
        if (star != null) {
            match(star, segments, depth + 1, action);
        }
        Node<V> rest = node.children.get(separator == '/' ? "/**" : ".**");
        if (rest != null && rest.value != null) {
            action.accept(rest.value);
        }
    }
}
