package io.switchboard.broker;

import org.jspecify.annotations.Nullable;

/// Values by the literal segments of patterns, found in a name where the segment stands: a map
/// would need it cut out of the name first, which was up to half of what a question to 1,000 rules
/// took (221 and 98 ns). What is put in comes from the configuration, so nobody can choose keys
/// that collide; of what clients ask for nothing is kept. Not changed once it is shared.
final class SegmentTable<V> {
    private @Nullable String[] keys = new @Nullable String[2];
    private @Nullable Object[] values = new @Nullable Object[2];
    private int count;

    boolean isEmpty() {
        return count == 0;
    }

    /// The value of the segment from one index up to another; null for none.
    @SuppressWarnings("unchecked")
    @Nullable V get(String name, int from, int end) {
        int mask = keys.length - 1;
        int at = hash(name, from, end) & mask;
        for (String key = keys[at]; key != null; key = keys[at]) {
            if (key.length() == end - from && name.startsWith(key, from)) {
                return (V) values[at];
            }
            at = at + 1 & mask;
        }
        return null;
    }

    /// @param key has no value yet
    void put(String key, V value) {
        if (2 * ++count > keys.length) {
            @Nullable String[] before = keys;
            @Nullable Object[] their = values;
            keys = new @Nullable String[2 * before.length];
            values = new @Nullable Object[2 * before.length];
            for (int i = 0; i < before.length; i++) {
                String old = before[i];
                if (old != null) {
                    place(old, their[i]);
                }
            }
        }
        place(key, value);
    }

    private void place(String key, @Nullable Object value) {
        int at = hash(key, 0, key.length()) & keys.length - 1;
        while (keys[at] != null) {
            at = at + 1 & keys.length - 1;
        }
        keys[at] = key;
        values[at] = value;
    }

    private static int hash(String text, int from, int end) {
        int hash = 0;
        for (int i = from; i < end; i++) {
            hash = 31 * hash + text.charAt(i);
        }
        return hash ^ hash >>> 16;
    }
}
