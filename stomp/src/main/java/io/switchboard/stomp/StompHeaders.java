package io.switchboard.stomp;

import org.jspecify.annotations.Nullable;

/// The headers of a frame in wire order. Of a repeated name the first entry counts, in every
/// version (STOMP 1.2, Repeated Header Entries). Names and values are text as the application means
/// it: unescaped. Read-only; a received one owns its bytes and may be kept.
public abstract sealed class StompHeaders permits DecodedHeaders, ListedHeaders {

    StompHeaders() {}

    public static StompHeaders of() {
        return ListedHeaders.EMPTY;
    }

    /// Names and values in turn.
    public static StompHeaders of(String... namesAndValues) {
        if (namesAndValues.length % 2 != 0) {
            throw new IllegalArgumentException(
                    "expected names and values in turn but the value of "
                            + namesAndValues[namesAndValues.length - 1]
                            + " is missing");
        }
        return namesAndValues.length == 0
                ? ListedHeaders.EMPTY
                : new ListedHeaders(namesAndValues.clone());
    }

    /// The value of the first header with this name, or null.
    public final @Nullable String get(String name) {
        int index = indexOf(name);
        return index < 0 ? null : value(index);
    }

    /// The place of the first header with this name, or -1.
    public abstract int indexOf(String name);

    public final boolean contains(String name) {
        return indexOf(name) >= 0;
    }

    public abstract int size();

    public abstract String name(int index);

    public abstract String value(int index);

    @Override
    public final boolean equals(@Nullable Object other) {
        if (!(other instanceof StompHeaders headers) || headers.size() != size()) {
            return false;
        }
        for (int i = 0; i < size(); i++) {
            if (!name(i).equals(headers.name(i)) || !value(i).equals(headers.value(i))) {
                return false;
            }
        }
        return true;
    }

    @Override
    public final int hashCode() {
        int hash = 1;
        for (int i = 0; i < size(); i++) {
            hash = 31 * (31 * hash + name(i).hashCode()) + value(i).hashCode();
        }
        return hash;
    }

    /// For logs and test failures: `passcode` is left out.
    @Override
    public final String toString() {
        StringBuilder text = new StringBuilder("[");
        for (int i = 0; i < size(); i++) {
            String name = name(i);
            text.append(i == 0 ? "" : ", ").append(name).append(':');
            text.append(name.equals("passcode") ? "***" : value(i));
        }
        return text.append(']').toString();
    }
}
