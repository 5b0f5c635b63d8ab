package io.switchboard.server.config;

import io.switchboard.broker.Overflow;
import io.switchboard.broker.Policies.Policy;
import io.switchboard.broker.Retention;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/// A key below a pattern of `destinations`.
///
/// @param read what it says, or a [BadValue]
record PolicyKey(String key, Function<Value, UnaryOperator<Policy>> read) {
    /// Whose value may also be [HistoryKey]s.
    static final String HISTORY = "history";

    private static final int MANY = 1_000_000_000;
    private static final Duration LONG = Duration.ofDays(365);

    static final List<PolicyKey> ALL =
            List.of(
                    new PolicyKey(
                            "overflow",
                            value -> {
                                Overflow what = value.word(Overflow.values(), Overflow::text);
                                return policy -> policy.withOverflow(what);
                            }),
                    new PolicyKey(
                            "compress",
                            value -> {
                                boolean whether = value.onOrOff();
                                return policy -> policy.withCompress(whether);
                            }),
                    new PolicyKey(
                            "durable",
                            value -> {
                                boolean whether = value.onOrOff();
                                return policy -> policy.withDurable(whether);
                            }),
                    new PolicyKey(
                            HISTORY,
                            value -> {
                                Retention usual = value.onOrOff() ? Retention.DEFAULT : null;
                                return policy -> policy.withHistory(usual);
                            }),
                    new PolicyKey(
                            "ttl",
                            value -> {
                                long millis = value.durationOrOff(LONG).toMillis();
                                return policy -> policy.withTtl(millis);
                            }),
                    new PolicyKey(
                            "max-length",
                            value -> {
                                int messages = value.count(1, MANY);
                                return policy -> policy.withMaxLength(messages);
                            }),
                    new PolicyKey(
                            "max-deliveries",
                            value -> {
                                int count = value.count(1, MANY);
                                return policy -> policy.withMaxDeliveries(count);
                            }),
                    new PolicyKey(
                            "dead-letter",
                            value -> {
                                String to = deadLetter(value.text());
                                return policy -> policy.withDeadLetter(to);
                            }),
                    new PolicyKey(
                            "redelivery-delay",
                            value -> {
                                long millis = value.durationOrOff(LONG).toMillis();
                                return policy -> policy.withRedeliveryDelay(millis);
                            }),
                    new PolicyKey(
                            "state",
                            value -> {
                                boolean whether = value.onOrOff();
                                return policy -> policy.withState(whether);
                            }),
                    new PolicyKey(
                            "presence",
                            value -> {
                                boolean whether = value.onOrOff();
                                return policy -> policy.withPresence(whether);
                            }));

    private static String deadLetter(String text) {
        try {
            Policy.DEFAULT.withDeadLetter(text);
            return text;
        } catch (IllegalArgumentException e) {
            throw new BadValue("the name of a topic or queue, like /queue/dead-letters", text);
        }
    }
}
