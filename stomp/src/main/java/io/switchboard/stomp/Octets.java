package io.switchboard.stomp;

import java.nio.ByteBuffer;

/// Searching and showing octets.
final class Octets {

    private static final long ONES = 0x0101010101010101L;
    private static final long HIGH_BITS = 0x8080808080808080L;
    private static final int SHOWN_MAX = 40;

    private Octets() {}

    /// The first place of the octet in `[from, to)`, or -1. Eight octets at a time; the one among
    /// them is then found one by one, whatever the buffer's byte order is.
    static int indexOf(ByteBuffer in, byte wanted, int from, int to) {
        long pattern = (wanted & 0xffL) * ONES;
        int at = from;
        for (; at <= to - Long.BYTES; at += Long.BYTES) {
            long difference = in.getLong(at) ^ pattern;
            if (((difference - ONES) & ~difference & HIGH_BITS) != 0) {
                break;
            }
        }
        while (at < to && in.get(at) != wanted) {
            at++;
        }
        return at < to ? at : -1;
    }

    /// A piece of the peer's octets for an explanation: short, and without anything that would
    /// break a line or a terminal.
    static String show(byte[] bytes, int from, int to) {
        int end = Math.min(to, from + SHOWN_MAX);
        StringBuilder text = new StringBuilder("\"");
        for (int i = from; i < end; i++) {
            byte octet = bytes[i];
            if (octet >= ' ' && octet < 0x7f) {
                text.append((char) octet);
            } else {
                text.append('<').append(hex(octet)).append('>');
            }
        }
        return text.append(end < to ? "\"..." : "\"").toString();
    }

    static String hex(byte octet) {
        return "0x"
                + Character.forDigit((octet >> 4) & 15, 16)
                + Character.forDigit(octet & 15, 16);
    }
}
