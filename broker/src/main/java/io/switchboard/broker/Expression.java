package io.switchboard.broker;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// A part of a [Selector]: a condition, which holds or not, or an operand, which has a value. All
/// are immutable and evaluated on any thread.
sealed interface Expression permits Condition, Expression.Operand {

    /// Has a value, which is a String, a Boolean, a Long, a finite Double, or null for NULL.
    sealed interface Operand extends Expression {
        /// @param arrivedMillis when the message came into its queue, in milliseconds since 1970; 0
        ///   where it is in none
        @Nullable Object value(Message message, long arrivedMillis);

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
        @Nullable String value(Message message, long arrivedMillis);
    }

    /// @param name as it is on the wire
    record Header(String name) implements Named {
        @Override
        public @Nullable String value(Message message, long arrivedMillis) {
            return message.headers().get(name);
        }
    }

    /// What the broker knows of a message, whether a header says it or not.
    enum Field implements Named {
        DESTINATION,
        MESSAGE_ID,
        PRIORITY,
        DELIVERY_MODE,
        TIMESTAMP;

        @Override
        public @Nullable String value(Message message, long arrivedMillis) {
            return switch (this) {
                case DESTINATION -> message.destination();
                case MESSAGE_ID -> message.id();
                case PRIORITY -> Integer.toString(message.options().priority());
                case DELIVERY_MODE ->
                        message.options().persistent() ? "PERSISTENT" : "NON_PERSISTENT";
                case TIMESTAMP -> arrivedMillis == 0 ? null : Long.toString(arrivedMillis);
            };
        }
    }

    /// @param value a String, Boolean, Long or finite Double
    record Literal(Object value) implements Operand {
        @Override
        public Object value(Message message, long arrivedMillis) {
            return value;
        }
    }

    record Sign(boolean negative, Operand operand) implements Operand {
        @Override
        public @Nullable Object value(Message message, long arrivedMillis) {
            Number value = Operand.number(operand, operand.value(message, arrivedMillis));
            return value != null && negative ? Numbers.apply('-', 0L, value) : value;
        }
    }

    /// One operand combined with others from left to right, so that a long sum is no deep tree.
    record Arithmetic(Operand first, List<Step> steps) implements Operand {
        record Step(char operator, Operand operand) {}

        @Override
        public @Nullable Object value(Message message, long arrivedMillis) {
            Number value = Operand.number(first, first.value(message, arrivedMillis));
            for (int i = 0; i < steps.size(); i++) {
                Step step = steps.get(i);
                Number next =
                        Operand.number(step.operand, step.operand.value(message, arrivedMillis));
                if (value == null || next == null) {
                    return null;
                }
                value = Numbers.apply(step.operator, value, next);
            }
            return value;
        }
    }
}
