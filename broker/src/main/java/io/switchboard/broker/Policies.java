package io.switchboard.broker;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What the configuration says about destinations, by pattern; the most specific match wins:
/// compared from the left, a literal segment before `*` before `**`.
public final class Policies {
    /// No pattern says anything.
    public static final Policies DEFAULT = new Policies(List.of());

    private final List<Rule> rules;

    private Policies(List<Rule> rules) {
        this.rules = rules;
    }

    /// What holds for the destinations that the pattern matches.
    ///
    /// @param overflow of a slow subscriber of a topic
    /// @param durable whether messages outlive the process
    /// @param ttlMillis a message's age at most; 0 for any
    /// @param maxLength messages in a queue at most; 0 for the limit of all queues
    /// @param maxDeliveries a message that came back after so many goes to the dead letters
    /// @param deadLetter where those go; null for the dead letters of all queues. Messages that
    ///   grow too old go there only if it is said here
    /// @param redeliveryDelayMillis a message that comes back waits so long
    public record Policy(
            Overflow overflow,
            boolean durable,
            long ttlMillis,
            int maxLength,
            int maxDeliveries,
            @Nullable String deadLetter,
            long redeliveryDelayMillis) {
        public static final int MAX_DELIVERIES = 10;
        public static final Policy DEFAULT =
                new Policy(Overflow.DISCONNECT, true, 0, 0, MAX_DELIVERIES, null, 0);

        public Policy(Overflow overflow) {
            this(overflow, true, 0, 0, MAX_DELIVERIES, null, 0);
        }
    }

    private record Rule(List<String> segments, String specificity, Policy policy) {
        boolean matches(List<String> name) {
            for (int i = 0; i < segments.size(); i++) {
                String segment = segments.get(i);
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
            return segments.size() == name.size();
        }
    }

    /// With one more pattern; the same pattern again replaces what it said.
    ///
    /// @throws IllegalArgumentException if the pattern is none, with what is wrong
    public Policies with(String pattern, Policy policy) {
        DestinationName.Parsed parsed = DestinationName.ofPolicy(pattern);
        String error = parsed.error();
        if (error != null) {
            throw new IllegalArgumentException(error);
        }
        List<String> segments = DestinationName.segments(parsed.name());
        StringBuilder specificity = new StringBuilder();
        for (String segment : segments) {
            String text = segment.substring(1);
            specificity.append(text.equals("**") ? 'c' : text.equals("*") ? 'b' : 'a');
        }
        List<Rule> more = new ArrayList<>(rules);
        more.removeIf(rule -> rule.segments.equals(segments));
        more.add(new Rule(segments, specificity.toString(), policy));
        more.sort((x, y) -> x.specificity.compareTo(y.specificity));
        return new Policies(List.copyOf(more));
    }

    Policy of(String name) {
        if (!rules.isEmpty()) {
            List<String> segments = DestinationName.segments(name);
            for (Rule rule : rules) {
                if (rule.matches(segments)) {
                    return rule.policy;
                }
            }
        }
        return Policy.DEFAULT;
    }
}
