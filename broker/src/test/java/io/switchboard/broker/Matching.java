package io.switchboard.broker;

import java.util.Random;

/// The obvious way to match a name, and a source of names and patterns that often meet.
final class Matching {
    private Matching() {}

    /// As the architecture says it: `*` is one segment, a last `**` all the rest.
    static boolean matches(String pattern, String name) {
        String regex =
                pattern.replace("**", "REST")
                        .replace("*", "ONE")
                        .replace(".", "[.]")
                        .replace("REST", ".+")
                        .replace("ONE", "[^/.]+");
        return name.matches(regex);
    }

    static String name(Random random) {
        return text(random, 2);
    }

    static String pattern(Random random) {
        String text = text(random, 3);
        return random.nextInt(3) == 0 ? text + separator(random) + "**" : text;
    }

    private static String text(Random random, int words) {
        StringBuilder text = new StringBuilder("/topic");
        int count = 1 + random.nextInt(4);
        for (int i = 0; i < count; i++) {
            text.append(separator(random)).append("ab*".charAt(random.nextInt(words)));
        }
        return text.toString();
    }

    private static char separator(Random random) {
        return random.nextInt(3) == 0 ? '.' : '/';
    }
}
