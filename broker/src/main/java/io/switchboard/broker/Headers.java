package io.switchboard.broker;

import org.jspecify.annotations.Nullable;

/// The headers of a [Message] that travel from its publisher to its subscribers, in the order in
/// which they were sent. Immutable; shared by all shards.
public final class Headers {
    public static final Headers NONE = new Headers(new String[0]);

    private final String[] namesAndValues;

    private Headers(String[] namesAndValues) {
        this.namesAndValues = namesAndValues;
    }

    /// Names and values in turn. The array is not copied: the caller gives it away.
    public static Headers of(String... namesAndValues) {
        if (namesAndValues.length % 2 != 0) {
            throw new IllegalArgumentException("a name without a value");
        }
        return namesAndValues.length == 0 ? NONE : new Headers(namesAndValues);
    }

    public int count() {
        return namesAndValues.length / 2;
    }

    public String name(int index) {
        return namesAndValues[2 * index];
    }

    public String value(int index) {
        return namesAndValues[2 * index + 1];
    }

    /// The value of the first header of that name.
    public @Nullable String get(String name) {
        for (int i = 0; i < namesAndValues.length; i += 2) {
            if (namesAndValues[i].equals(name)) {
                return namesAndValues[i + 1];
            }
        }
        return null;
    }
}
