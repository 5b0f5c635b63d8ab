package io.switchboard.broker;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Random selectors mean what a slow and obvious evaluator says that they mean. Both are made
/// together, a text and its meaning, so that the parser's precedence is judged too.
class SelectorPropertyTest {
    private static final List<String> NAMES = List.of("a", "b", "c", "d");
    private static final List<String> VALUES =
            List.of("", "0", "1", "-2", "2.5", "ab", "b", "aab", "true", "false", "a%b");

    /// @param text as it stands in a selector
    /// @param binds 0 for OR, 1 for AND, 2 for what needs no parentheses
    private record Part<T>(String text, int binds, Function<Headers, T> meaning) {
        String inside(int operator) {
            return binds < operator ? "(" + text + ")" : text;
        }
    }

    private static final class Writer {
        private final Random random;

        Writer(long seed) {
            this.random = new Random(seed);
        }

        private <T> T one(List<T> of) {
            return of.get(random.nextInt(of.size()));
        }

        /// TRUE, FALSE, or null for what is unknown.
        Part<Boolean> condition(int depth) {
            int kind = random.nextInt(depth == 0 ? 4 : 8);
            return switch (kind) {
                case 0 -> comparison();
                case 1 -> like();
                case 2 -> in();
                case 3 -> isNull();
                case 4 -> not(condition(depth - 1));
                case 5, 6 -> and(condition(depth - 1), condition(depth - 1));
                default -> or(condition(depth - 1), condition(depth - 1));
            };
        }

        private Part<Boolean> not(Part<Boolean> of) {
            return new Part<>(
                    "NOT " + of.inside(2),
                    2,
                    headers -> {
                        Boolean truth = of.meaning.apply(headers);
                        return truth == null ? null : !truth;
                    });
        }

        private Part<Boolean> and(Part<Boolean> left, Part<Boolean> right) {
            return new Part<>(
                    left.inside(1) + " AND " + right.inside(1),
                    1,
                    headers -> {
                        Boolean a = left.meaning.apply(headers);
                        Boolean b = right.meaning.apply(headers);
                        if (Boolean.FALSE.equals(a) || Boolean.FALSE.equals(b)) {
                            return false;
                        }
                        return a == null || b == null ? null : true;
                    });
        }

        private Part<Boolean> or(Part<Boolean> left, Part<Boolean> right) {
            return new Part<>(
                    left.inside(0) + " OR " + right.inside(0),
                    0,
                    headers -> {
                        Boolean a = left.meaning.apply(headers);
                        Boolean b = right.meaning.apply(headers);
                        if (Boolean.TRUE.equals(a) || Boolean.TRUE.equals(b)) {
                            return true;
                        }
                        return a == null || b == null ? null : false;
                    });
        }

        /// Of whole numbers and names, with one operator, so that a reader can follow it.
        private Part<Boolean> comparison() {
            String name = one(NAMES);
            int number = random.nextInt(5) - 2;
            int added = random.nextInt(3);
            String operator = one(List.of("=", "<>", "<", "<=", ">", ">="));
            String left = added == 0 ? name : name + " + " + added;
            return new Part<>(
                    left + " " + operator + " " + number,
                    2,
                    headers -> {
                        String value = headers.get(name);
                        if (value == null) {
                            return null;
                        }
                        if (!value.matches("-?[0-9]+(\\.[0-9]+)?")) {
                            return added == 0 ? Boolean.FALSE : null;
                        }
                        int order =
                                new BigDecimal(value)
                                        .add(BigDecimal.valueOf(added))
                                        .compareTo(BigDecimal.valueOf(number));
                        return operator.contains("=") && order == 0
                                || operator.contains("<") && order < 0
                                || operator.contains(">") && order > 0;
                    });
        }

        private Part<Boolean> like() {
            String name = one(NAMES);
            StringBuilder pattern = new StringBuilder();
            for (int i = random.nextInt(5); i > 0; i--) {
                pattern.append(one(List.of("a", "b", "_", "%", "%", "0")));
            }
            return new Part<>(
                    name + " LIKE '" + pattern + "'",
                    2,
                    headers -> {
                        String value = headers.get(name);
                        return value == null ? null : obvious(value, pattern.toString());
                    });
        }

        private Part<Boolean> in() {
            String name = one(NAMES);
            List<String> values = List.of(one(VALUES), one(VALUES));
            return new Part<>(
                    name + " NOT IN ('" + String.join("', '", values) + "')",
                    2,
                    headers -> {
                        String value = headers.get(name);
                        return value == null ? null : !values.contains(value);
                    });
        }

        private Part<Boolean> isNull() {
            String name = one(NAMES);
            return new Part<>(name + " IS NULL", 2, headers -> headers.get(name) == null);
        }

        Headers headers() {
            List<String> headers = new ArrayList<>();
            for (String name : NAMES) {
                if (random.nextInt(4) > 0) {
                    headers.add(name);
                    headers.add(one(VALUES));
                }
            }
            return Headers.of(headers.toArray(String[]::new));
        }
    }

    private static boolean obvious(String text, String pattern) {
        if (pattern.isEmpty()) {
            return text.isEmpty();
        }
        String rest = pattern.substring(1);
        if (pattern.charAt(0) == '%') {
            return obvious(text, rest) || !text.isEmpty() && obvious(text.substring(1), pattern);
        }
        return !text.isEmpty()
                && (pattern.charAt(0) == '_' || pattern.charAt(0) == text.charAt(0))
                && obvious(text.substring(1), rest);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void meansWhatTheObviousEvaluatorSays(long seed) {
        Writer writer = new Writer(seed);
        int matching = 0;
        for (int i = 0; i < 5_000; i++) {
            Part<Boolean> part = writer.condition(3);
            Selector.Parsed parsed = Selector.parse(part.text);
            assertThat(parsed.error()).as(part.text).isNull();
            Headers headers = writer.headers();
            Boolean truth = part.meaning.apply(headers);
            Message message = Message.of("/queue/x", headers, new byte[0], true);
            assertThat(parsed.selector().matches(message))
                    .as("seed %s, %s, selector %s", seed, i, part.text)
                    .isEqualTo(Boolean.TRUE.equals(truth));
            matching += Boolean.TRUE.equals(truth) ? 1 : 0;
        }
        assertThat(matching).isBetween(500, 4_500);
    }

    @Test
    void aPatternTakesWhatTheObviousOneTakes() {
        Random random = new Random(7);
        for (int i = 0; i < 20_000; i++) {
            String pattern = letters(random, "ab_%", 8);
            String text = letters(random, "ab", 8);
            assertThat(LikePattern.of(pattern).matches(text))
                    .as("'%s' LIKE '%s'", text, pattern)
                    .isEqualTo(obvious(text, pattern));
        }
    }

    private static String letters(Random random, String of, int lengthMax) {
        StringBuilder letters = new StringBuilder();
        for (int i = random.nextInt(lengthMax); i > 0; i--) {
            letters.append(of.charAt(random.nextInt(of.length())));
        }
        return letters.toString();
    }

    /// Pieces of the language in any order give a selector or an error.
    @Test
    void garbageGivesAnError() {
        List<String> pieces =
                List.of(
                        "a", "\"b-c\"", "'x'", "'%!'", "1", "-", "+", "*", "/", "(", ")", ",", "=",
                        "<>", "<", "NOT", "AND", "OR", "LIKE", "ESCAPE", "'!'", "IN", "BETWEEN",
                        "IS", "NULL", "TRUE", "0x", "1e", "'", "\"", ".", "\ud83d", "\0");
        Random random = new Random(11);
        Message message = Message.of("/queue/x", Headers.of("a", "1"), new byte[0], true);
        for (int i = 0; i < 50_000; i++) {
            StringBuilder text = new StringBuilder();
            for (int count = random.nextInt(12); count > 0; count--) {
                text.append(pieces.get(random.nextInt(pieces.size()))).append(' ');
            }
            Selector.Parsed parsed = Selector.parse(text.toString());
            assertThat(parsed.selector() == null).isEqualTo(parsed.error() != null);
            if (parsed.selector() != null) {
                parsed.selector().matches(message);
            }
        }
    }
}
