package io.switchboard.gateway;

import java.util.List;

/// One header that has a meaning, of ours or of another broker.
///
/// @param <W> what is collected of the frame
/// @param of whose clients send it
/// @param says what it means here, or why it is refused
/// @param taken false if it is refused, but for values that ask for nothing but what is so anyway
/// @param onQueue those values where the destination is a queue
/// @param onTopic those values where it is none
/// @param use what it does
record DialectRow<W>(
        String header,
        String of,
        String says,
        boolean taken,
        List<String> onQueue,
        List<String> onTopic,
        Use<W> use) {

    /// Reads the value into what is collected, or refuses it.
    interface Use<W> {
        void read(HeaderValue header, W wishes);
    }

    static <W> DialectRow<W> taken(String header, String of, String says, Use<W> use) {
        return new DialectRow<>(header, of, says, true, List.of(), List.of(), use);
    }

    /// @param why it cannot be had
    /// @param harmless values that ask for nothing
    static <W> DialectRow<W> refused(String header, String of, String why, String... harmless) {
        List<String> values = List.of(harmless);
        return new DialectRow<>(
                header,
                of,
                why,
                false,
                values,
                values,
                (value, wishes) -> refuse(value, values, why));
    }

    static DialectRow<SubscribeWishes> refused(
            String header, String of, String why, List<String> onQueue, List<String> onTopic) {
        return new DialectRow<>(
                header,
                of,
                why,
                false,
                onQueue,
                onTopic,
                (value, wishes) -> refuse(value, wishes.queue ? onQueue : onTopic, why));
    }

    private static void refuse(HeaderValue value, List<String> harmless, String why) {
        if (!harmless.contains(value.value())) {
            throw value.unsupported(why);
        }
    }

    /// As docs/compatibility.md has it.
    String line() {
        return "| `" + header + "` | " + of + " | " + answer() + " | " + says + " |";
    }

    private String answer() {
        if (taken) {
            return "taken";
        }
        if (onQueue.isEmpty()) {
            return "refused";
        }
        String queue = "refused, but for " + quoted(onQueue);
        return onQueue.equals(onTopic)
                ? queue
                : queue + " on a queue and " + quoted(onTopic) + " on a topic";
    }

    private static String quoted(List<String> values) {
        return "`" + String.join("`, `", values) + "`";
    }
}
