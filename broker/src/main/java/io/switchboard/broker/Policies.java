package io.switchboard.broker;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// What the configuration says about destinations, by pattern. For each key the most specific match
/// that says something about it wins: compared from the left, a literal segment before `*` before
/// `**`.
public final class Policies {
    /// No pattern says anything.
    public static final Policies DEFAULT = new Policies(List.of());

    /// The most specific last.
    private final List<Rule> rules;

    /// Whether any of them lets a topic keep something.
    private final boolean keepPast;

    private final boolean compressAll;

    private Policies(List<Rule> rules) {
        this.rules = rules;
        keepPast =
                rules.stream()
                        .map(rule -> rule.change.apply(Policy.DEFAULT))
                        .anyMatch(policy -> policy.keepsPast() || policy.presence);
        compressAll = rules.stream().allMatch(rule -> rule.change.apply(Policy.DEFAULT).compress());
    }

    /// What something is said about, in the canonical spelling.
    List<String> patterns() {
        return rules.stream().map(rule -> String.join("", rule.segments)).toList();
    }

    /// Whether there is no destination whose messages are not to be compressed.
    public boolean compressAll() {
        return compressAll;
    }

    /// Whether there is a topic at all that has something to give before its live messages.
    boolean keepPast() {
        return keepPast;
    }

    /// What holds for a destination.
    ///
    /// @param overflow of a slow subscriber of a topic
    /// @param durable whether messages outlive the process; of a topic those of its history and
    ///   state, and only where a pattern says so
    /// @param ttlMillis a message's age at most; 0 for any
    /// @param maxLength messages in a queue at most; 0 for the limit of all queues
    /// @param maxDeliveries a message that came back after so many goes to the dead letters
    /// @param deadLetter where those go; null for the dead letters of all queues. Messages that
    ///   grow too old go there only if it is said here
    /// @param redeliveryDelayMillis a message that comes back waits so long
    /// @param history how much of its past a topic keeps; null for nothing
    /// @param state whether a topic keeps the current value of each key
    /// @param presence whether it is told who is subscribed to a topic
    /// @param compress whether messages are compressed for subscribers who are for it
    public record Policy(
            Overflow overflow,
            boolean durable,
            long ttlMillis,
            int maxLength,
            int maxDeliveries,
            @Nullable String deadLetter,
            long redeliveryDelayMillis,
            @Nullable Retention history,
            boolean state,
            boolean presence,
            boolean compress) {
        public static final int MAX_DELIVERIES = 10;
        public static final Policy DEFAULT = new Policy(Overflow.DISCONNECT);
        static final Policy TOPIC_DEFAULT = DEFAULT.withDurable(false);
        static final Policy ALL_STORED = DEFAULT.withHistory(Retention.DEFAULT).withState(true);
        static final Policy PRESENCE =
                TOPIC_DEFAULT.withState(true).withOverflow(Overflow.CONFLATE);

        public Policy {
            if (ttlMillis < 0 || maxLength < 0 || maxDeliveries < 1 || redeliveryDelayMillis < 0) {
                throw new IllegalArgumentException(
                        "ttl "
                                + ttlMillis
                                + ", max-length "
                                + maxLength
                                + ", max-deliveries "
                                + maxDeliveries
                                + ", redelivery-delay "
                                + redeliveryDelayMillis);
            }
            String wrong =
                    deadLetter == null ? null : DestinationName.notForDeadLetters(deadLetter);
            if (wrong != null) {
                throw new IllegalArgumentException(wrong);
            }
        }

        /// Without a past.
        public Policy(Overflow overflow) {
            this(overflow, true, 0, 0, MAX_DELIVERIES, null, 0, null, false, false, true);
        }

        /// Whether a topic of this policy has anything to give before its live messages.
        boolean keepsPast() {
            return history != null || state;
        }

        public Policy withOverflow(Overflow what) {
            return with(it -> it.overflow = what);
        }

        public Policy withDurable(boolean whether) {
            return with(it -> it.durable = whether);
        }

        public Policy withTtl(long millis) {
            return with(it -> it.ttlMillis = millis);
        }

        public Policy withMaxLength(int messages) {
            return with(it -> it.maxLength = messages);
        }

        public Policy withMaxDeliveries(int count) {
            return with(it -> it.maxDeliveries = count);
        }

        /// @throws IllegalArgumentException if that is no topic or queue, with what is wrong
        public Policy withDeadLetter(@Nullable String destination) {
            return with(it -> it.deadLetter = destination);
        }

        public Policy withRedeliveryDelay(long millis) {
            return with(it -> it.redeliveryDelayMillis = millis);
        }

        public Policy withHistory(@Nullable Retention retention) {
            return with(it -> it.history = retention);
        }

        public Policy withState(boolean whether) {
            return with(it -> it.state = whether);
        }

        public Policy withPresence(boolean whether) {
            return with(it -> it.presence = whether);
        }

        public Policy withCompress(boolean whether) {
            return with(it -> it.compress = whether);
        }

        private Policy with(Consumer<Values> change) {
            Values values = new Values(this);
            change.accept(values);
            return values.together();
        }

        /// What is copied with changes: a record cannot be.
        private static final class Values {
            Overflow overflow;
            boolean durable;
            long ttlMillis;
            int maxLength;
            int maxDeliveries;
            @Nullable String deadLetter;
            long redeliveryDelayMillis;
            @Nullable Retention history;
            boolean state;
            boolean presence;
            boolean compress;

            Values(Policy from) {
                overflow = from.overflow;
                durable = from.durable;
                ttlMillis = from.ttlMillis;
                maxLength = from.maxLength;
                maxDeliveries = from.maxDeliveries;
                deadLetter = from.deadLetter;
                redeliveryDelayMillis = from.redeliveryDelayMillis;
                history = from.history;
                state = from.state;
                presence = from.presence;
                compress = from.compress;
            }

            Policy together() {
                return new Policy(
                        overflow,
                        durable,
                        ttlMillis,
                        maxLength,
                        maxDeliveries,
                        deadLetter,
                        redeliveryDelayMillis,
                        history,
                        state,
                        presence,
                        compress);
            }
        }
    }

    private record Rule(List<String> segments, String specificity, UnaryOperator<Policy> change) {
        boolean matches(List<String> name) {
            return PatternTrie.matches(segments, name);
        }
    }

    /// With a pattern that says something about every key.
    ///
    /// @throws IllegalArgumentException if the pattern is none, with what is wrong
    public Policies with(String pattern, Policy policy) {
        return with(pattern, any -> policy);
    }

    /// With one more pattern; the same pattern again replaces what it said.
    ///
    /// @param change makes of what less specific patterns say what this one says, key by key
    /// @throws IllegalArgumentException if the pattern is none, with what is wrong
    public Policies with(String pattern, UnaryOperator<Policy> change) {
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
        more.add(new Rule(segments, specificity.toString(), change));
        more.sort((x, y) -> y.specificity.compareTo(x.specificity));
        return new Policies(List.copyOf(more));
    }

    /// What holds for a destination, by its canonical name. Not for the path of a message: asked
    /// once for each destination that comes into being.
    public Policy of(String name) {
        String watched = DestinationName.watched(name);
        if (!watched.equals(name)) {
            return of(watched).presence ? Policy.PRESENCE : Policy.TOPIC_DEFAULT;
        }
        return of(name, DestinationName.isQueue(name) ? Policy.DEFAULT : Policy.TOPIC_DEFAULT);
    }

    /// @param unsaid what holds where no pattern says anything
    private Policy of(String name, Policy unsaid) {
        Policy policy = unsaid;
        if (!rules.isEmpty()) {
            List<String> segments = DestinationName.segments(name);
            for (Rule rule : rules) {
                if (rule.matches(segments)) {
                    policy = rule.change.apply(policy);
                }
            }
        }
        return policy;
    }

    /// Whether a pattern says that nothing of a topic's history is to be stored. That none says
    /// that it is to be does not suffice.
    boolean putsHistoryOff(String topic) {
        Policy said = of(topic, Policy.ALL_STORED);
        return !said.durable || said.history == null;
    }

    /// The same of its state.
    boolean putsStateOff(String topic) {
        Policy said = of(topic, Policy.ALL_STORED);
        return !said.durable || !said.state;
    }

    /// Whether these say the same about the same patterns.
    public boolean same(Policies others) {
        if (rules.size() != others.rules.size()) {
            return false;
        }
        for (int i = 0; i < rules.size(); i++) {
            Rule one = rules.get(i);
            Rule other = others.rules.get(i);
            if (!one.segments.equals(other.segments)
                    || !one.change
                            .apply(Policy.DEFAULT)
                            .equals(other.change.apply(Policy.DEFAULT))) {
                return false;
            }
        }
        return true;
    }
}
