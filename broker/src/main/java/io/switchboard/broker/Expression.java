package io.switchboard.broker;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// A part of a [Selector]: a condition, which holds or not, or an operand, which has a value. All
/// are immutable and evaluated on any thread.
sealed interface Expression permits Condition, Expression.Operand {

    /// Has a value, which is a String, a Boolean, a Long, a finite Double, or null for NULL.
    sealed interface Operand extends Expression {
        @Nullable Object value(Message message);

        /// The value as a number; null where it is none. What a name stands for reads as a number
        /// if it is written like one, a literal only if it is one.
        static @Nullable Number number(Operand operand, @Nullable Object value) {
            if (value instanceof Number number) {
                return number;
            }
            return operand instanceof Named && value instanceof String text
                    ? Numbers.read(text)
                    : null;
        }
    }

    /// What stands under a name in the message. On the wire it is always text.
    sealed interface Named extends Operand {
        @Override
        @Nullable String value(Message message);
    }

    /// @param name as it is on the wire
    record Header(String name) implements Named {
        @Override
        public @Nullable String value(Message message) {
            return message.headers().get(name);
        }
    }

    /// What is not in the message's headers, or not always.
    enum Field implements Named {
        DESTINATION,
        MESSAGE_ID,
        PRIORITY,
        DELIVERY_MODE;

        /// JMS 2.0, section 3.4.10: what a message has that was sent without a priority.
        private static final String PRIORITY_DEFAULT = "4";

        @Override
        public @Nullable String value(Message message) {
            return switch (this) {
                case DESTINATION -> message.destination();
                case MESSAGE_ID -> message.id();
                case PRIORITY -> {
                    String priority = message.headers().get("priority");
                    yield priority == null ? PRIORITY_DEFAULT : priority;
                }
                case DELIVERY_MODE ->
                        "false".equals(message.headers().get("persistent"))
                                ? "NON_PERSISTENT"
                                : "PERSISTENT";
            };
        }
    }

    /// @param value a String, Boolean, Long or finite Double
    record Literal(Object value) implements Operand {
        @Override
        public Object value(Message message) {
            return value;
        }
    }

    record Sign(boolean negative, Operand operand) implements Operand {
        @Override
        public @Nullable Object value(Message message) {
            Number value = Operand.number(operand, operand.value(message));
            return value != null && negative ? Numbers.apply('-', 0L, value) : value;
        }
    }

    /// One operand combined with others from left to right, so that a long sum is no deep tree.
    record Arithmetic(Operand first, List<Step> steps) implements Operand {
        record Step(char operator, Operand operand) {}

        @Override
        public @Nullable Object value(Message message) {
            Number value = Operand.number(first, first.value(message));
            for (int i = 0; i < steps.size(); i++) {
                Step step = steps.get(i);
                Number next = Operand.number(step.operand, step.operand.value(message));
                if (value == null || next == null) {
                    return null;
                }
                value = Numbers.apply(step.operator, value, next);
            }
            return value;
        }
    }
}
