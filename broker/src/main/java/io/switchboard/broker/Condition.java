package io.switchboard.broker;

import io.switchboard.broker.Expression.Named;
import io.switchboard.broker.Expression.Operand;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What holds for a message, does not, or cannot be known because a header is missing.
sealed interface Condition extends Expression {
    /// @param arrivedMillis when the message came into its queue, in milliseconds since 1970; 0
    ///   where it is in none
    Truth test(Message message, long arrivedMillis);

    record Constant(Truth truth) implements Condition {
        @Override
        public Truth test(Message message, long arrivedMillis) {
            return truth;
        }
    }

    record Not(Condition condition) implements Condition {
        @Override
        public Truth test(Message message, long arrivedMillis) {
            return condition.test(message, arrivedMillis).not();
        }
    }

    /// A list, so that a long chain is no deep tree.
    record And(List<Condition> all) implements Condition {
        @Override
        public Truth test(Message message, long arrivedMillis) {
            Truth truth = Truth.TRUE;
            for (int i = 0; i < all.size() && truth != Truth.FALSE; i++) {
                truth = truth.and(all.get(i).test(message, arrivedMillis));
            }
            return truth;
        }
    }

    record Or(List<Condition> any) implements Condition {
        @Override
        public Truth test(Message message, long arrivedMillis) {
            Truth truth = Truth.FALSE;
            for (int i = 0; i < any.size() && truth != Truth.TRUE; i++) {
                truth = truth.or(any.get(i).test(message, arrivedMillis));
            }
            return truth;
        }
    }

    /// A name that stands alone where a condition does: its value is `true`.
    record Flag(Named named) implements Condition {
        @Override
        public Truth test(Message message, long arrivedMillis) {
            String value = named.value(message, arrivedMillis);
            return value == null ? Truth.UNKNOWN : Truth.of(value.equalsIgnoreCase("true"));
        }
    }

    enum Comparator {
        EQUAL,
        UNEQUAL,
        LESS,
        LESS_OR_EQUAL,
        GREATER,
        GREATER_OR_EQUAL;

        /// Whether it is about order, which only numbers have.
        boolean ordered() {
            return this != EQUAL && this != UNEQUAL;
        }

        /// @param order negative, zero or positive, as of `compareTo`
        boolean holds(int order) {
            return switch (this) {
                case EQUAL -> order == 0;
                case UNEQUAL -> order != 0;
                case LESS -> order < 0;
                case LESS_OR_EQUAL -> order <= 0;
                case GREATER -> order > 0;
                case GREATER_OR_EQUAL -> order >= 0;
            };
        }
    }

    /// JMS 2.0, section 3.8.1.1: UNKNOWN with NULL, false where the values are of unlike types.
    record Comparison(Comparator comparator, Operand left, Operand right) implements Condition {
        @Override
        public Truth test(Message message, long arrivedMillis) {
            Object a = left.value(message, arrivedMillis);
            Object b = right.value(message, arrivedMillis);
            if (a == null || b == null) {
                return Truth.UNKNOWN;
            }
            if (comparator.ordered() || a instanceof Number || b instanceof Number) {
                return ofNumbers(Operand.number(left, a), Operand.number(right, b));
            }
            if (a instanceof Boolean || b instanceof Boolean) {
                return ofBooleans(truth(left, a), truth(right, b));
            }
            return Truth.of(comparator.holds(a.equals(b) ? 0 : 1));
        }

        private Truth ofNumbers(@Nullable Number a, @Nullable Number b) {
            return Truth.of(a != null && b != null && comparator.holds(Numbers.compare(a, b)));
        }

        private Truth ofBooleans(@Nullable Boolean a, @Nullable Boolean b) {
            return Truth.of(a != null && b != null && comparator.holds(a.compareTo(b)));
        }

        private static @Nullable Boolean truth(Operand operand, Object value) {
            if (operand instanceof Named) {
                return value.toString().equalsIgnoreCase("true")
                        ? Boolean.TRUE
                        : value.toString().equalsIgnoreCase("false") ? Boolean.FALSE : null;
            }
            return value instanceof Boolean truth ? truth : null;
        }
    }

    record In(boolean negated, Named named, Set<String> values) implements Condition {
        @Override
        public Truth test(Message message, long arrivedMillis) {
            String value = named.value(message, arrivedMillis);
            return value == null ? Truth.UNKNOWN : Truth.of(values.contains(value) != negated);
        }
    }

    record Like(boolean negated, Named named, LikePattern pattern) implements Condition {
        @Override
        public Truth test(Message message, long arrivedMillis) {
            String value = named.value(message, arrivedMillis);
            return value == null ? Truth.UNKNOWN : Truth.of(pattern.matches(value) != negated);
        }
    }

    record Missing(boolean negated, Named named) implements Condition {
        @Override
        public Truth test(Message message, long arrivedMillis) {
            return Truth.of((named.value(message, arrivedMillis) == null) != negated);
        }
    }
}
