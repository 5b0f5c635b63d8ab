package io.switchboard.bench;

import java.util.Locale;

/// One flat object, for the line that other programs read.
final class Json {
    private final StringBuilder text = new StringBuilder("{");

    Json put(String name, String value) {
        key(name).append('"');
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c == '"' || c == '\\') {
                text.append('\\').append(c);
            } else {
                text.append(c < ' ' ? ' ' : c);
            }
        }
        text.append('"');
        return this;
    }

    Json put(String name, long value) {
        key(name).append(value);
        return this;
    }

    Json put(String name, double value) {
        key(name).append(String.format(Locale.ROOT, "%.3f", value));
        return this;
    }

    Json put(String name, boolean value) {
        key(name).append(value);
        return this;
    }

    private StringBuilder key(String name) {
        return text.append(text.length() == 1 ? "\"" : ",\"").append(name).append("\":");
    }

    @Override
    public String toString() {
        return text + "}";
    }
}
