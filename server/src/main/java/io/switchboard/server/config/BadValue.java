package io.switchboard.server.config;

/// A value that its setting does not take: "expected … but was …". Does not leave this package.
final class BadValue extends RuntimeException {
    private static final long serialVersionUID = 1;

    BadValue(String expected, String found) {
        super("expected " + expected + " but was " + shown(found), null, false, false);
    }

    /// Short, and on one line whatever it holds.
    static String shown(String found) {
        if (found.isEmpty()) {
            return "nothing";
        }
        StringBuilder text = new StringBuilder();
        found.codePoints()
                .limit(60)
                .forEach(c -> text.appendCodePoint(Character.isISOControl(c) ? '?' : c));
        return found.length() > 60 ? text + "…" : text.toString();
    }
}
