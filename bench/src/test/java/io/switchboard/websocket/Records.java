package io.switchboard.websocket;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Arrays;
import java.util.Locale;
import java.util.SplittableRandom;

/// MESSAGE frames with JSON in them, as a page that shows prices gets them: names that are always
/// the same, and numbers that never are.
final class Records {
    private static final String[] NAMES = {"ALBA", "BRECK", "CORVUS", "DELPHI", "EIGER", "FJORD"};

    private Records() {}

    /// So many different ones, of that many bytes each.
    static byte[][] messages(int count, int length) {
        SplittableRandom random = new SplittableRandom(length);
        byte[][] messages = new byte[count][];
        for (int i = 0; i < count; i++) {
            StringBuilder text =
                    new StringBuilder("MESSAGE\nsubscription:sub-0\nmessage-id:k3v9x2-")
                            .append(1000 + i)
                            .append("\ndestination:/topic/prices\n\n[");
            while (text.length() < length) {
                text.append(
                        String.format(
                                Locale.ROOT,
                                "{\"name\":\"%s\",\"price\":%.2f,\"change\":%.3f,\"volume\":%d},",
                                NAMES[random.nextInt(NAMES.length)],
                                random.nextDouble(10, 500),
                                random.nextDouble(-3, 3),
                                random.nextInt(1_000_000)));
            }
            messages[i] = Arrays.copyOf(text.toString().getBytes(UTF_8), length);
        }
        return messages;
    }
}
