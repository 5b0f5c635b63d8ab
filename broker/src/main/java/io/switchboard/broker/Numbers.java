package io.switchboard.broker;

import org.jspecify.annotations.Nullable;

/// The numbers of a [Selector]: Long where they are whole and fit, else finite Double.
final class Numbers {
    /// Longer header values are no numbers, whatever they hold: reading one takes more than linear
    /// time.
    private static final int LENGTH_MAX = 64;

    private Numbers() {}

    /// The number that a header's value is written as: `[sign] digits [. digits] [e [sign] digits]`
    /// with a digit on one side of the point. Null for everything else, and for what is too large.
    static @Nullable Number read(String text) {
        int length = text.length();
        if (length == 0 || length > LENGTH_MAX) {
            return null;
        }
        int start = text.charAt(0) == '-' || text.charAt(0) == '+' ? 1 : 0;
        int at = digits(text, start);
        if (at == length && at > start) {
            Long whole = whole(text, start, length, 10, text.charAt(0) == '-');
            if (whole != null) {
                return whole;
            }
            return finite(text);
        }
        int count = at - start;
        if (at < length && text.charAt(at) == '.') {
            int fraction = digits(text, at + 1);
            count += fraction - at - 1;
            at = fraction;
        }
        if (count > 0 && at < length && (text.charAt(at) | 0x20) == 'e') {
            boolean signed =
                    at + 1 < length && (text.charAt(at + 1) == '-' || text.charAt(at + 1) == '+');
            int exponent = at + (signed ? 2 : 1);
            at = digits(text, exponent);
            count = at - exponent;
        }
        return count > 0 && at == length ? finite(text) : null;
    }

    /// The number that a selector holds: Java's literals, but for binary ones, hexadecimal
    /// fractions and underscores. Null where it is none, does not fit into 64 bits, or is not
    /// finite.
    ///
    /// @param written without a sign
    static @Nullable Number literal(String written, boolean negative) {
        int length = written.length();
        boolean hexadecimal = written.startsWith("0x") || written.startsWith("0X");
        char end = Character.toLowerCase(written.charAt(length - 1));
        int to = end == 'l' || !hexadecimal && (end == 'f' || end == 'd') ? length - 1 : length;
        if (hexadecimal) {
            return to == 2 ? null : whole(written, 2, to, 16, negative);
        }
        if (digits(written, 0) == to && (to == length || end == 'l')) {
            boolean octal = to > 1 && written.charAt(0) == '0';
            return whole(written, 0, to, octal ? 8 : 10, negative);
        }
        if (end == 'l') {
            return null;
        }
        Number decimal = read((negative ? "-" : "+") + written.substring(0, to));
        return decimal == null ? null : finite(decimal.doubleValue());
    }

    /// The first index from `at` on that holds no digit.
    static int digits(String text, int at) {
        int end = at;
        while (end < text.length() && text.charAt(end) >= '0' && text.charAt(end) <= '9') {
            end++;
        }
        return end;
    }

    /// Null where a character is no digit to that base, or where the number does not fit.
    static @Nullable Long whole(String text, int from, int to, int base, boolean negative) {
        long value = 0;
        for (int i = from; i < to; i++) {
            int digit = Character.digit(text.charAt(i), base);
            if (digit < 0 || value < (Long.MIN_VALUE + digit) / base) {
                return null;
            }
            // Below zero, where there is room for one more than above.
            value = value * base - digit;
        }
        if (negative) {
            return value;
        }
        return value == Long.MIN_VALUE ? null : -value;
    }

    /// Of what is written as a decimal.
    static @Nullable Double finite(String text) {
        return finite(Double.parseDouble(text));
    }

    private static @Nullable Double finite(double value) {
        return Double.isFinite(value) ? value : null;
    }

    static int compare(Number a, Number b) {
        if (a instanceof Long whole && b instanceof Long other) {
            return Long.compare(whole, other);
        }
        double left = a.doubleValue();
        double right = b.doubleValue();
        return left < right ? -1 : left > right ? 1 : 0;
    }

    /// Two whole numbers give a whole one, rounded towards zero, unless it does not fit. Null where
    /// the result is no finite number.
    static @Nullable Number apply(char operator, Number a, Number b) {
        if (a instanceof Long whole && b instanceof Long other) {
            Long result = applyWhole(operator, whole, other);
            if (result != null) {
                return result;
            }
        }
        double left = a.doubleValue();
        double right = b.doubleValue();
        return finite(
                switch (operator) {
                    case '+' -> left + right;
                    case '-' -> left - right;
                    case '*' -> left * right;
                    case '/' -> left / right;
                    default -> throw new AssertionError(operator);
                });
    }

    /// Null where the result does not fit, or is none.
    private static @Nullable Long applyWhole(char operator, long a, long b) {
        long result =
                switch (operator) {
                    case '+' -> a + b;
                    case '-' -> a - b;
                    case '*' -> a * b;
                    case '/' -> b == 0 ? 0 : a / b;
                    default -> throw new AssertionError(operator);
                };
        boolean fits =
                switch (operator) {
                    case '+' -> ((a ^ result) & (b ^ result)) >= 0;
                    case '-' -> ((a ^ b) & (a ^ result)) >= 0;
                    case '*' -> Math.multiplyHigh(a, b) == result >> 63;
                    case '/' -> b != 0 && (a != Long.MIN_VALUE || b != -1);
                    default -> throw new AssertionError(operator);
                };
        return fits ? result : null;
    }
}
