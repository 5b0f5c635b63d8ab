package io.switchboard.cli;

/// Text from elsewhere, made fit for one line of a terminal.
final class Printable {

    private Printable() {}

    /// Control characters become visible escapes: a message must not move somebody's cursor.
    static String line(String text) {
        StringBuilder line = new StringBuilder(text.length());
        text.codePoints()
                .forEach(character -> {
                    switch (character) {
                        case '\n' -> line.append("\\n");
                        case '\r' -> line.append("\\r");
                        case '\t' -> line.append('\t');
                        default -> {
                            if (Character.isISOControl(character)) {
                                line.append("\\x%02x".formatted(character));
                            } else {
                                line.appendCodePoint(character);
                            }
                        }
                    }
                });
        return line.toString();
    }
}
