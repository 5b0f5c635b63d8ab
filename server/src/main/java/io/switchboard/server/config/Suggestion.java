package io.switchboard.server.config;

import java.util.Collection;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Which known word may have been meant by an unknown one.
final class Suggestion {
    private Suggestion() {}

    /// The nearest, or null if none is near: at most a third of its letters differ. Case and
    /// hyphens do not count, so that `httpPort` and `http_port` are near enough.
    static @Nullable String nearest(String word, Collection<String> known) {
        String nearest = null;
        int least = Integer.MAX_VALUE;
        for (String each : known) {
            int distance = distance(letters(word), letters(each));
            if (distance < least && distance <= each.length() / 3) {
                nearest = each;
                least = distance;
            }
        }
        return nearest;
    }

    private static String letters(String word) {
        String start = word.length() > 60 ? word.substring(0, 60) : word;
        return start.toLowerCase(Locale.ROOT).replace("-", "").replace("_", "");
    }

    /// Levenshtein's: how many letters to add, take away or change.
    private static int distance(String from, String to) {
        int[] row = new int[to.length() + 1];
        for (int j = 0; j < row.length; j++) {
            row[j] = j;
        }
        for (int i = 1; i <= from.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j < row.length; j++) {
                int change = diagonal + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(change, Math.min(row[j], row[j - 1]) + 1);
            }
        }
        return row[to.length()];
    }
}
