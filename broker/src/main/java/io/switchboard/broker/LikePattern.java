package io.switchboard.broker;

import java.util.Arrays;

/// The pattern of a LIKE: `_` is any one character, `%` any run of them, and what follows the
/// escape character is itself.
///
/// All places in the pattern that the text read so far may have reached are bits that move together
/// (the shift-and algorithm). So the time is that of the text's length times a 64th of the
/// pattern's, whatever both hold: nothing is ever tried again. Characters are code points.
final class LikePattern {
    private static final int NO_ESCAPE = -1;

    /// Place i is in front of element i; the last one is behind all of them.
    private final int last;

    /// The characters that occur in the pattern, sorted, and for each the elements that take it.
    private final int[] characters;

    private final long[][] takers;

    /// The elements that take any other character.
    private final long[] wildcards;

    /// The places where a `%` stands: who has reached one stays there too.
    private final long[] runs;

    private LikePattern(int[] elements, int length, long[] wildcards, long[] runs) {
        this.last = length;
        this.wildcards = wildcards;
        this.runs = runs;
        this.characters = Arrays.stream(elements, 0, length).sorted().distinct().toArray();
        this.takers = new long[characters.length][];
        Arrays.setAll(takers, i -> wildcards.clone());
        for (int i = 0; i < length; i++) {
            if (!has(wildcards, i)) {
                set(takers[Arrays.binarySearch(characters, elements[i])], i);
            }
        }
    }

    static LikePattern of(String pattern) {
        return of(pattern, NO_ESCAPE);
    }

    /// @param escape a code point; the pattern does not end with it unescaped
    static LikePattern of(String pattern, int escape) {
        int[] points = pattern.codePoints().toArray();
        int[] elements = new int[points.length];
        long[] wildcards = new long[points.length / 64 + 1];
        long[] runs = new long[points.length / 64 + 1];
        int length = 0;
        for (int i = 0; i < points.length; i++) {
            if (points[i] == escape) {
                elements[length++] = points[++i];
            } else if (points[i] == '%') {
                set(runs, length);
            } else {
                if (points[i] == '_') {
                    set(wildcards, length);
                }
                elements[length++] = points[i];
            }
        }
        return new LikePattern(elements, length, wildcards, runs);
    }

    /// Whether the last character is an escape that has nothing to escape.
    static boolean endsInEscape(String pattern, int escape) {
        boolean escaped = false;
        for (int point : pattern.codePoints().toArray()) {
            escaped = !escaped && point == escape;
        }
        return escaped;
    }

    boolean matches(String text) {
        long[] places = new long[runs.length];
        places[0] = 1;
        for (int at = 0; at < text.length(); ) {
            if (has(places, last) && has(runs, last)) {
                return true;
            }
            int point = text.codePointAt(at);
            at += Character.charCount(point);
            int index = Arrays.binarySearch(characters, point);
            if (!step(places, index < 0 ? wildcards : takers[index])) {
                return false;
            }
        }
        return has(places, last);
    }

    /// Every place moves on over an element that takes the character; those of runs stay as well.
    ///
    /// @return whether there is any place left
    private boolean step(long[] places, long[] taking) {
        long any = 0;
        long carry = 0;
        for (int i = 0; i < places.length; i++) {
            long moving = places[i] & taking[i];
            places[i] = moving << 1 | carry | places[i] & runs[i];
            carry = moving >>> 63;
            any |= places[i];
        }
        return any != 0;
    }

    private static void set(long[] bits, int index) {
        bits[index >> 6] |= 1L << index;
    }

    private static boolean has(long[] bits, int index) {
        return (bits[index >> 6] >>> index & 1) != 0;
    }
}
