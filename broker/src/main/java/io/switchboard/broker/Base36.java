package io.switchboard.broker;

import java.nio.charset.StandardCharsets;

/// Numbers in the digits 0 to 9 and a to z.
final class Base36 {
    private static final int RADIX = 36;
    private static final int LENGTH_MAX = 13;

    private Base36() {}

    /// What [Long#toUnsignedString(long, int)] says, without the `BigInteger` that it makes of
    /// every other number: for message ids that was 2 % of a busy queue's CPU time.
    static String text(long unsigned) {
        byte[] digits = new byte[LENGTH_MAX];
        int at = LENGTH_MAX;
        long rest = unsigned;
        do {
            long next = rest < 0 ? Long.divideUnsigned(rest, RADIX) : rest / RADIX;
            int digit = (int) (rest - next * RADIX);
            digits[--at] = (byte) (digit < 10 ? '0' + digit : 'a' + digit - 10);
            rest = next;
        } while (rest != 0);
        return new String(digits, at, LENGTH_MAX - at, StandardCharsets.ISO_8859_1);
    }
}
