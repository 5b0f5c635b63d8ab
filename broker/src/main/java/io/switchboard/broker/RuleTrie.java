package io.switchboard.broker;

import org.jspecify.annotations.Nullable;

/// The rules of one action, found by a destination or pattern in one step a segment, whatever their
/// number. Not changed once it is shared.
final class RuleTrie {
    private final Node root = new Node();

    private static final class Node {
        /// By segment with its separator.
        final SegmentTable<Node> literals = new SegmentTable<>();

        final Edges slash = new Edges();
        final Edges dot = new Edges();

        /// For names that end here.
        final RuleHolders holders = new RuleHolders();

        Edges edges(char separator) {
            return separator == '/' ? slash : dot;
        }
    }

    /// What else may follow behind one of the separators.
    private static final class Edges {
        /// Any segment.
        @Nullable Node any;

        /// The session's own name.
        @Nullable Node own;

        /// For all that goes on from here.
        @Nullable RuleHolders rest;
    }

    void add(AccessRule rule) {
        RulePattern pattern = RulePattern.of(rule.destinations());
        Node node = root;
        for (RulePattern.Segment segment : pattern.segments()) {
            Edges edges = node.edges(segment.separator());
            switch (segment.kind()) {
                case LITERAL -> node = literal(node, segment.separator() + segment.text());
                case ANY -> node = edges.any = edges.any == null ? new Node() : edges.any;
                case OWN -> node = edges.own = edges.own == null ? new Node() : edges.own;
                case REST -> {
                    RuleHolders rest = edges.rest == null ? new RuleHolders() : edges.rest;
                    edges.rest = rest;
                    rest.add(rule, pattern);
                    return;
                }
            }
        }
        node.holders.add(rule, pattern);
    }

    private static Node literal(Node node, String key) {
        Node next = node.literals.get(key, 0, key.length());
        if (next == null) {
            next = new Node();
            node.literals.put(key, next);
        }
        return next;
    }

    /// A rule that allows the principal this; null for none.
    ///
    /// @param name canonical; in a pattern `*` and `**` stand for any segments, so that only `*`,
    ///   variables that nobody asks about, and `**` of a rule match them
    @Nullable AccessRule allowing(Principal principal, String name) {
        return find(root, new Asked(principal, name), 0);
    }

    private static @Nullable AccessRule find(Node node, Asked asked, int from) {
        String name = asked.name();
        if (from == name.length()) {
            return node.holders.allowing(asked);
        }
        int end = asked.segmentEnd(from);
        Edges edges = node.edges(name.charAt(from));
        AccessRule found = edges.rest == null ? null : edges.rest.allowing(asked);
        if (found == null && edges.any != null && !asked.isTail(from, end)) {
            found = find(edges.any, asked, end);
        }
        if (found != null || asked.isWild(from, end)) {
            return found;
        }
        if (edges.own != null && asked.isOwn(from, end)) {
            found = find(edges.own, asked, end);
        }
        if (found == null && !node.literals.isEmpty()) {
            Node literal = node.literals.get(name, from, end);
            found = literal == null ? null : find(literal, asked, end);
        }
        return found;
    }

    /// Who wants to do it, and to what. Positions are those of the separators in front of segments.
    record Asked(Principal principal, String name) {
        private static final int USER_AT = "/user".length();

        private boolean isUser(int from) {
            return from == USER_AT && name.startsWith("/user/");
        }

        /// A user's name is one segment.
        int segmentEnd(int from) {
            if (!isUser(from)) {
                return DestinationName.segmentEnd(name, from + 1);
            }
            int end = name.indexOf('/', from + 1);
            return end < 0 ? name.length() : end;
        }

        boolean isTail(int from, int end) {
            return end == from + 3 && name.startsWith("**", from + 1);
        }

        boolean isWild(int from, int end) {
            return end == from + 2 && name.charAt(from + 1) == '*' || isTail(from, end);
        }

        boolean isOwn(int from, int end) {
            String user = principal.name();
            return user != null && is(user, from, end);
        }

        /// Whether the segment is this value, and no pattern.
        private boolean is(String value, int from, int end) {
            String text = isUser(from) ? DestinationName.encode(value) : value;
            return text.length() == end - from - 1
                    && name.startsWith(text, from + 1)
                    && !isWild(from, end);
        }

        /// Whether one of the values is the segment of that index.
        boolean holds(Iterable<String> values, int index) {
            int from = 0;
            for (int i = 0; i < index; i++) {
                from = segmentEnd(from);
            }
            int end = segmentEnd(from);
            for (String value : values) {
                if (is(value, from, end)) {
                    return true;
                }
            }
            return false;
        }
    }
}
