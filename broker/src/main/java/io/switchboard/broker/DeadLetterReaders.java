package io.switchboard.broker;

import io.switchboard.broker.AccessRules.Action;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// Who may read among the dead letters what they may not read where it came from. Whoever a rule
/// names by user, role or claim is meant to; everybody, and everybody with a name, probably not.
public final class DeadLetterReaders {
    private static final String ALL_QUEUES = "/queue/**";
    private static final String ALL_TOPICS = "/topic/**";

    private DeadLetterReaders() {}

    /// Lines for the operator; none if all is well, or if there are no rules.
    public static List<String> warnings(RuleSet rules, Policies policies) {
        if (rules.empty()) {
            return List.of();
        }
        // A name that nobody has: no rule is about it alone.
        Principal somebody =
                new Principal("\0somebody", false, "", Set.of(), Map.of(), 0, "nothing");
        Principal nobody = Principal.of(null, false, "");
        List<String> warnings = new ArrayList<>();
        Set<String> sources = new TreeSet<>(policies.patterns());
        sources.add(ALL_QUEUES);
        // Of durable subscriptions.
        sources.add(ALL_TOPICS);
        for (String source : sources) {
            boolean root = source.startsWith("/queue") || source.startsWith("/topic");
            if (!root || !readBySomebody(rules, source)) {
                continue;
            }
            String given = policies.of(source).deadLetter();
            String to = given == null ? DeadLetter.DESTINATION : given;
            AccessRule everybody = wider(rules, nobody, source, to);
            AccessRule named = everybody != null ? null : wider(rules, somebody, source, to);
            if (everybody != null) {
                warnings.add(line("everybody", everybody, source, to));
            } else if (named != null) {
                warnings.add(line("everybody with a name", named, source, to));
            }
        }
        return warnings;
    }

    private static boolean readBySomebody(RuleSet rules, String source) {
        String root = source.substring(0, "/queue".length());
        return rules.rules().stream()
                .anyMatch(rule ->
                        rule.action() == Action.SUBSCRIBE
                                && (rule.destinations().startsWith(root)
                                        || rule.destinations().equals("/**")));
    }

    /// The rule by which this one may read the dead letters and not their source; null for none.
    private static @Nullable AccessRule wider(
            RuleSet rules, Principal who, String source, String to) {
        return source.equals(to) || rules.allowing(who, Action.SUBSCRIBE, source) != null
                ? null
                : rules.allowing(who, Action.SUBSCRIBE, to);
    }

    private static String line(String who, AccessRule rule, String source, String to) {
        return who
                + " may subscribe to "
                + to
                + ", where the dead letters of "
                + source
                + " go, and not to all of that itself: by the rule in "
                + rule.source()
                + " for "
                + rule.destinations();
    }
}
