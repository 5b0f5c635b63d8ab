package io.switchboard.stomp;

import io.switchboard.stomp.StompEvent.Violation;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// Headers as they came: one private copy of the head's bytes and where each name and value lies in
/// it. A String is made when it is asked for and not kept, since most headers are read once or not
/// at all; looking for a name compares bytes.
final class DecodedHeaders extends StompHeaders {

    /// Places of one header in `bounds`: name from, name to, value from, value to.
    private static final int STRIDE = 4;

    private final byte[] head;
    private final int[] bounds;
    private final boolean ascii;
    private final boolean escaped;

    private DecodedHeaders(byte[] head, int[] bounds, boolean ascii, boolean escaped) {
        this.head = head;
        this.bounds = bounds;
        this.ascii = ascii;
        this.escaped = escaped;
    }

    /// Memory that they take.
    int bytes() {
        return head.length + bounds.length * Integer.BYTES;
    }

    /// Why lines are no headers. Stays in the decoder.
    static final class Malformed extends Exception {
        private static final long serialVersionUID = 1;

        final transient Violation violation;

        Malformed(Violation violation) {
            super(violation.rule(), null, false, false);
            this.violation = violation;
        }
    }

    /// Reads the first `count` lines of `head`, each of which is known to end in LF. Takes over the
    /// array, which may be longer.
    ///
    /// @param version by which the lines are escaped, or null when they are not
    static DecodedHeaders parse(
            byte[] head, int count, boolean crEndsLine, @Nullable StompVersion version)
            throws Malformed {
        int[] bounds = new int[count * STRIDE];
        int seen = 0;
        boolean backslash = false;
        boolean cr = false;
        int at = 0;
        for (int b = 0; b < bounds.length; b += STRIDE) {
            bounds[b] = at;
            byte octet;
            for (; (octet = head[at]) != ':'; at++) {
                if (octet == '\n') {
                    throw new Malformed(Violations.noColon(head, bounds[b], at));
                }
                seen |= octet;
                backslash |= octet == '\\';
                cr |= octet == '\r';
            }
            if (at == bounds[b]) {
                throw new Malformed(Violations.noName());
            }
            bounds[b + 1] = at++;
            bounds[b + 2] = at;
            for (; (octet = head[at]) != '\n'; at++) {
                seen |= octet;
                backslash |= octet == '\\';
                cr |= octet == '\r';
            }
            boolean crEnds = crEndsLine && at > bounds[b + 2] && head[at - 1] == '\r';
            bounds[b + 3] = crEnds ? at - 1 : at;
            at++;
        }
        boolean escaped = backslash && version != null;
        DecodedHeaders headers = new DecodedHeaders(head, bounds, seen >= 0, escaped);
        headers.check(at, cr && version != null && version.escapesCr());
        return headers;
    }

    private void check(int length, boolean rawCrRefused) throws Malformed {
        if (!ascii) {
            checkUtf8(length);
        }
        for (int b = 0; b < bounds.length; b += 2) {
            int undefined = escaped ? HeaderEscapes.undefined(head, bounds[b], bounds[b + 1]) : -1;
            if (undefined >= 0) {
                throw new Malformed(
                        Violations.undefinedEscape(head, undefined, bounds[b + 1], get("receipt")));
            }
            if (rawCrRefused && contains(bounds[b], bounds[b + 1], '\r')) {
                throw new Malformed(
                        Violations.rawCr(head, bounds[b], bounds[b + 1], get("receipt")));
            }
        }
    }

    private void checkUtf8(int length) throws Malformed {
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(head, 0, length));
        } catch (CharacterCodingException e) {
            throw new Malformed(Violations.notUtf8(get("receipt")));
        }
    }

    private boolean contains(int from, int to, char octet) {
        for (int i = from; i < to; i++) {
            if (head[i] == octet) {
                return true;
            }
        }
        return false;
    }

    /// Drops the spaces and tabs around every value (STOMP 1.0 sessions only).
    void trimValues() {
        for (int b = 2; b < bounds.length; b += STRIDE) {
            while (bounds[b] < bounds[b + 1] && blank(head[bounds[b]])) {
                bounds[b]++;
            }
            while (bounds[b] < bounds[b + 1] && blank(head[bounds[b + 1] - 1])) {
                bounds[b + 1]--;
            }
        }
    }

    private static boolean blank(byte octet) {
        return octet == ' ' || octet == '\t';
    }

    @Override
    public int indexOf(String name) {
        boolean plain = ascii && !escaped;
        for (int b = 0; b < bounds.length; b += STRIDE) {
            if (plain
                    ? same(name, head, bounds[b], bounds[b + 1])
                    : text(bounds[b], bounds[b + 1]).equals(name)) {
                return b / STRIDE;
            }
        }
        return -1;
    }

    static boolean same(String text, byte[] bytes, int from, int to) {
        if (text.length() != to - from) {
            return false;
        }
        for (int i = from; i < to; i++) {
            if (text.charAt(i - from) != bytes[i]) {
                return false;
            }
        }
        return true;
    }

    @Override
    public int size() {
        return bounds.length / STRIDE;
    }

    @Override
    public String name(int index) {
        int from = bounds[index * STRIDE];
        int to = bounds[index * STRIDE + 1];
        String known = KnownNames.of(head, from, to);
        return known != null ? known : text(from, to);
    }

    @Override
    public String value(int index) {
        return text(bounds[index * STRIDE + 2], bounds[index * STRIDE + 3]);
    }

    private String text(int from, int to) {
        return escaped && contains(from, to, '\\')
                ? HeaderEscapes.unescape(head, from, to)
                : new String(head, from, to - from, StandardCharsets.UTF_8);
    }

    /// The first value of `content-length` as a number without making a String of it; saturates at
    /// `Long.MAX_VALUE`.
    ///
    /// @return -1 when it is not a row of digits
    long number(int index) {
        int from = bounds[index * STRIDE + 2];
        int to = bounds[index * STRIDE + 3];
        if (from == to) {
            return -1;
        }
        long number = 0;
        for (int i = from; i < to; i++) {
            int digit = head[i] - '0';
            if (digit < 0 || digit > 9) {
                return -1;
            }
            number = number > Long.MAX_VALUE / 10 - 1 ? Long.MAX_VALUE / 10 : number * 10 + digit;
        }
        return number;
    }
}
