package io.switchboard.broker;

import org.jspecify.annotations.Nullable;

/// Which messages a subscription wants: the SQL-92 subset of JMS 2.0, section 3.8.1.1. Immutable;
/// equal where the text is.
///
/// ```
/// priority > 5 AND (colour = 'red' OR colour IS NULL) AND "content-type" NOT LIKE 'image/%'
/// ```
///
/// What JMS leaves open, or STOMP makes different:
///
/// - Names are headers. One that is no Java identifier, such as `content-type`, stands in double
///   quotes (a quote in it is doubled); without them a hyphen is a minus. In double quotes no name
///   is a keyword.
/// - `destination`, `message-id`, `priority` and `timestamp` are what the broker knows of the
///   message, a header or not; in JMS' words `JMSDestination`, `JMSMessageID`, `JMSPriority` and
///   `JMSTimestamp`. `timestamp` is when the message came into its queue, in milliseconds since
///   1970, and NULL on a topic. `JMSDeliveryMode` is `'PERSISTENT'` or `'NON_PERSISTENT'`.
///   `JMSCorrelationID`, `JMSReplyTo` and `JMSType` stand for the headers `correlation-id`,
///   `reply-to` and `type`. `JMSExpiration` and `JMSRedelivered` may not be named.
/// - Headers are text. One that is written like a decimal number is a number where it is compared
///   with one, by order, or calculated with; `true` and `false` in any case are booleans where
///   compared with one, or where the name stands alone as a condition. Between two headers, and in
///   IN and LIKE, the text counts.
/// - Values of unlike types are neither equal nor unequal, larger or smaller: the comparison is
///   false. What is no number, or a division by zero, makes a calculation NULL.
/// - Whole numbers divide to whole ones, as in Java; those that grow out of 64 bits go on as
///   decimals. Literals are Java's (`0x1F`, octal `017`, `5L`, `7.`, `1e3`, `2f`).
/// - An empty selector wants every message.
final class Selector {
    static final int TEXT_LENGTH_MAX = 4_096;

    /// Of parentheses; nothing else nests, so that no selector needs a deep stack.
    static final int DEPTH_MAX = 64;

    private final String text;
    private final Condition condition;

    private Selector(String text, Condition condition) {
        this.text = text;
        this.condition = condition;
    }

    /// @param selector null where there is an error
    /// @param error what was expected, what came, and at which index of the text
    record Parsed(@Nullable Selector selector, @Nullable String error) {}

    static Parsed parse(String text) {
        if (text.length() > TEXT_LENGTH_MAX) {
            return new Parsed(
                    null,
                    "expected a selector of at most "
                            + TEXT_LENGTH_MAX
                            + " characters but was "
                            + text.length());
        }
        try {
            Condition condition =
                    text.isBlank()
                            ? new Condition.Constant(Truth.TRUE)
                            : new SelectorParser(text, DEPTH_MAX).parse();
            return new Parsed(new Selector(text, condition), null);
        } catch (SelectorSyntax wrong) {
            return new Parsed(null, wrong.getMessage());
        }
    }

    /// Of a message that is in no queue.
    boolean matches(Message message) {
        return matches(message, 0);
    }

    /// @param arrivedMillis when the message came into its queue, in milliseconds since 1970
    boolean matches(Message message, long arrivedMillis) {
        return condition.test(message, arrivedMillis) == Truth.TRUE;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Selector selector && selector.text.equals(text);
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
