package io.switchboard.websocket;

import java.nio.ByteBuffer;

/// Checks UTF-8 (RFC 3629) as bytes arrive, so that a bad byte is found before its message ends.
/// There is nothing to instantiate: the state between two pieces is a number that the caller keeps.
///
/// The automaton has nine states. A state is a multiple of six, and for each byte there is one row
/// that holds, at the bit of each state, the state that follows; so a step is one load and one
/// shift. Runs of ASCII between characters are skipped 32 bytes at a time, and what is long and not
/// ASCII alone is left to [Utf8Words], which finds no state but whether all is good so far.
public final class Utf8Validator {
    /// The state before the first byte, and after every whole character.
    public static final int ACCEPT = 0;

    /// The state after a bad byte, for good.
    public static final int REJECT = 48;

    private static final int ONE_MORE = 6;
    private static final int TWO_MORE = 12;
    private static final int THREE_MORE = 18;
    private static final int AFTER_E0 = 24;
    private static final int AFTER_ED = 30;
    private static final int AFTER_F0 = 36;
    private static final int AFTER_F4 = 42;
    private static final int STATE_BITS = 6;
    private static final int STATE_MASK = 0x3f;

    /// One test for 32 bytes took 0.08 ns a byte of ASCII, one for each 8 bytes 0.2 ns.
    private static final int ASCII_STEP = 4 * Long.BYTES;

    /// From here on [Utf8Words] is faster: its loops have their own beginning and end.
    private static final int WORDS_MIN = 256;

    /// So that the bytes are still near when its next loop comes to them.
    private static final int WORDS_MAX = 4 << 10;

    private static final long NOT_ASCII = 0x8080_8080_8080_8080L;

    private static final long[] ROWS = rows();

    private Utf8Validator() {}

    /// The state after the remaining bytes, whose position does not move.
    ///
    /// @param state [#ACCEPT] at first, then what the call before returned
    public static int advance(int state, ByteBuffer bytes) {
        if (bytes.hasArray()) {
            int start = bytes.arrayOffset() + bytes.position();
            return advance(state, bytes.array(), start, start + bytes.remaining());
        }
        int start = bytes.position();
        int index = start;
        int limit = bytes.limit();
        long row = state;
        while (index <= limit - ASCII_STEP) {
            long first = ByteViews.getLong(bytes, index);
            long second = ByteViews.getLong(bytes, index + Long.BYTES);
            long third = ByteViews.getLong(bytes, index + 2 * Long.BYTES);
            long fourth = ByteViews.getLong(bytes, index + 3 * Long.BYTES);
            if ((row & STATE_MASK) == ACCEPT && isAscii(first | second | third | fourth)) {
                index += ASCII_STEP;
            } else if (limit - index >= WORDS_MIN && index - start >= Utf8Words.CONTEXT) {
                int to = index + (Math.min(WORDS_MAX, limit - index) & -Long.BYTES);
                if ((row & STATE_MASK) == REJECT || Utf8Words.bad(bytes, index, to)) {
                    return REJECT;
                }
                row = stateAt(bytes, to);
                index = to;
            } else {
                row = advance(advance(advance(advance(row, first), second), third), fourth);
                index += ASCII_STEP;
            }
        }
        for (; index <= limit - Long.BYTES; index += Long.BYTES) {
            row = advance(row, ByteViews.getLong(bytes, index));
        }
        for (; index < limit; index++) {
            row = step(row, bytes.get(index));
        }
        return (int) row & STATE_MASK;
    }

    /// After bytes that are good: that of the last character, which is whole if its first byte is
    /// not among the last three.
    private static long stateAt(ByteBuffer bytes, int end) {
        int lead = end - 1;
        while (lead > end - Utf8Words.CONTEXT && following(bytes.get(lead))) {
            lead--;
        }
        long row = ACCEPT;
        if (!following(bytes.get(lead))) {
            for (int index = lead; index < end; index++) {
                row = step(row, bytes.get(index));
            }
        }
        return row;
    }

    /// The same again, for the reason that [Masking] gives.
    private static int advance(int state, byte[] bytes, int start, int end) {
        int index = start;
        long row = state;
        while (index <= end - ASCII_STEP) {
            long first = ByteViews.getLong(bytes, index);
            long second = ByteViews.getLong(bytes, index + Long.BYTES);
            long third = ByteViews.getLong(bytes, index + 2 * Long.BYTES);
            long fourth = ByteViews.getLong(bytes, index + 3 * Long.BYTES);
            if ((row & STATE_MASK) == ACCEPT && isAscii(first | second | third | fourth)) {
                index += ASCII_STEP;
            } else if (end - index >= WORDS_MIN && index - start >= Utf8Words.CONTEXT) {
                int to = index + (Math.min(WORDS_MAX, end - index) & -Long.BYTES);
                if ((row & STATE_MASK) == REJECT || Utf8Words.bad(bytes, index, to)) {
                    return REJECT;
                }
                row = stateAt(bytes, to);
                index = to;
            } else {
                row = advance(advance(advance(advance(row, first), second), third), fourth);
                index += ASCII_STEP;
            }
        }
        for (; index <= end - Long.BYTES; index += Long.BYTES) {
            row = advance(row, ByteViews.getLong(bytes, index));
        }
        for (; index < end; index++) {
            row = step(row, bytes[index]);
        }
        return (int) row & STATE_MASK;
    }

    private static long stateAt(byte[] bytes, int end) {
        int lead = end - 1;
        while (lead > end - Utf8Words.CONTEXT && following(bytes[lead])) {
            lead--;
        }
        long row = ACCEPT;
        if (!following(bytes[lead])) {
            for (int index = lead; index < end; index++) {
                row = step(row, bytes[index]);
            }
        }
        return row;
    }

    /// 10xxxxxx.
    private static boolean following(byte octet) {
        return (octet & 0xc0) == 0x80;
    }

    public static boolean valid(ByteBuffer bytes) {
        return advance(ACCEPT, bytes) == ACCEPT;
    }

    public static boolean valid(byte[] bytes) {
        return advance(ACCEPT, bytes, 0, bytes.length) == ACCEPT;
    }

    private static long advance(long row, long eight) {
        if ((row & STATE_MASK) == ACCEPT && isAscii(eight)) {
            return row;
        }
        for (int shift = 0; shift < Long.SIZE; shift += Byte.SIZE) {
            row = step(row, (byte) (eight >>> shift));
        }
        return row;
    }

    private static boolean isAscii(long eight) {
        return (eight & NOT_ASCII) == 0;
    }

    /// The state is in the lowest six bits, which are all that a shift looks at. What the row has
    /// above them is left there.
    private static long step(long row, byte next) {
        return ROWS[next & 0xff] >>> row;
    }

    private static long[] rows() {
        long[] rows = new long[256];
        for (int octet = 0; octet < rows.length; octet++) {
            for (int state = ACCEPT; state <= REJECT; state += STATE_BITS) {
                rows[octet] |= (long) after(state, octet) << state;
            }
        }
        return rows;
    }

    /// The grammar of RFC 3629 section 4. The four special second bytes keep out overlong forms,
    /// surrogates and what is above U+10FFFF.
    private static int after(int state, int octet) {
        return switch (state) {
            case ACCEPT -> afterLead(octet);
            case ONE_MORE -> within(octet, 0x80, 0xbf, ACCEPT);
            case TWO_MORE -> within(octet, 0x80, 0xbf, ONE_MORE);
            case THREE_MORE -> within(octet, 0x80, 0xbf, TWO_MORE);
            case AFTER_E0 -> within(octet, 0xa0, 0xbf, ONE_MORE);
            case AFTER_ED -> within(octet, 0x80, 0x9f, ONE_MORE);
            case AFTER_F0 -> within(octet, 0x90, 0xbf, TWO_MORE);
            case AFTER_F4 -> within(octet, 0x80, 0x8f, TWO_MORE);
            default -> REJECT;
        };
    }

    private static int afterLead(int octet) {
        if (octet < 0x80) {
            return ACCEPT;
        }
        if (octet < 0xc2 || octet > 0xf4) {
            return REJECT;
        }
        if (octet < 0xe0) {
            return ONE_MORE;
        }
        return switch (octet) {
            case 0xe0 -> AFTER_E0;
            case 0xed -> AFTER_ED;
            case 0xf0 -> AFTER_F0;
            case 0xf4 -> AFTER_F4;
            default -> octet < 0xf0 ? TWO_MORE : THREE_MORE;
        };
    }

    private static int within(int octet, int first, int last, int next) {
        return octet >= first && octet <= last ? next : REJECT;
    }
}
