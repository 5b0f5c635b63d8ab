package io.switchboard.bench;

import org.jspecify.annotations.Nullable;

/// The `receipt` of a SEND: publisher and sequence number in decimal, always of the same length, so
/// that it can be written into a frame that is already encoded. None of the stamp's characters,
/// among which is the backslash that STOMP escapes with.
///
/// @param publisher the number that the run knows it by
record ReceiptId(int publisher, long sequence) {
    private static final int PUBLISHER_DIGITS = 8;
    private static final int SEQUENCE_DIGITS = 15;
    static final int LENGTH = PUBLISHER_DIGITS + SEQUENCE_DIGITS;

    static void put(byte[] bytes, int at, int publisher, long sequence) {
        digits(bytes, at, PUBLISHER_DIGITS, publisher);
        digits(bytes, at + PUBLISHER_DIGITS, SEQUENCE_DIGITS, sequence);
    }

    private static void digits(byte[] bytes, int at, int count, long value) {
        long rest = value;
        for (int i = at + count - 1; i >= at; i--) {
            bytes[i] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
    }

    /// Null where it is none of ours.
    static @Nullable ReceiptId of(String text) {
        if (text.length() != LENGTH || !text.chars().allMatch(c -> c >= '0' && c <= '9')) {
            return null;
        }
        return new ReceiptId(
                Integer.parseInt(text, 0, PUBLISHER_DIGITS, 10),
                Long.parseLong(text, PUBLISHER_DIGITS, LENGTH, 10));
    }
}
