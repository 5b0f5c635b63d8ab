package io.switchboard.testkit;

import java.util.function.BiPredicate;
import org.jspecify.annotations.Nullable;

/// What a subscriber wants of the messages of a destination: a selector, and the same said in Java.
enum Taste {
    ALL(null, (color, size) -> true),
    RED("color = 'red'", (color, size) -> "red".equals(color)),
    LARGE("size > 3", (color, size) -> size > 3),
    SMALL_OR_PLAIN("size BETWEEN 0 AND 4 OR color IS NULL", (c, size) -> size <= 4 || c == null),
    NOT_GREEN("NOT color LIKE 'gr%'", (color, size) -> color != null && !color.equals("green"));

    private static final @Nullable String[] COLORS = {"red", "green", "blue", null};

    final @Nullable String selector;
    private final BiPredicate<@Nullable String, Integer> wants;

    Taste(@Nullable String selector, BiPredicate<@Nullable String, Integer> wants) {
        this.selector = selector;
        this.wants = wants;
    }

    boolean wants(int message) {
        return wants.test(color(message), size(message));
    }

    /// The `color` of the message of that index, or null for none.
    static @Nullable String color(int message) {
        return COLORS[message % COLORS.length];
    }

    /// The `size` of the message of that index.
    static int size(int message) {
        return message % 7;
    }
}
