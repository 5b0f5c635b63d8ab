package io.switchboard.stomp;

import org.jspecify.annotations.Nullable;

/// The header names of the specification and of this project as constants, so that a name which
/// comes with every frame is not made into a new String every time.
final class KnownNames {

    private static final String[] NAMES = {
        "accept-version",
        "ack",
        "client-id",
        "content-length",
        "content-type",
        "correlation-id",
        "dedup-id",
        "delay",
        "destination",
        "expires",
        "from",
        "heart-beat",
        "host",
        "id",
        "key",
        "login",
        "message",
        "message-id",
        "passcode",
        "persistent",
        "prefetch-count",
        "priority",
        "receipt",
        "receipt-id",
        "redelivered",
        "removed",
        "reply-to",
        "selector",
        "server",
        "session",
        "soft-errors",
        "subscription",
        "timestamp",
        "transaction",
        "ttl",
        "user-name",
        "version",
        "while-connected",
    };

    private static final int MASK = 255;

    /// Two names may share a place: the later one stands in the next free one.
    private static final @Nullable String[] TABLE = table();

    private KnownNames() {}

    private static @Nullable String[] table() {
        @Nullable String[] table = new String[MASK + 1];
        for (String name : NAMES) {
            int last = name.length() - 1;
            int place = place(name.length(), name.charAt(0), name.charAt(last));
            while (table[place] != null) {
                place = (place + 1) & MASK;
            }
            table[place] = name;
        }
        return table;
    }

    private static int place(int length, int first, int last) {
        return (length * 31 + first * 7 + last * 13) & MASK;
    }

    static @Nullable String of(byte[] bytes, int from, int to) {
        int place = place(to - from, bytes[from], bytes[to - 1]);
        for (String name = TABLE[place]; name != null; name = TABLE[place]) {
            if (DecodedHeaders.same(name, bytes, from, to)) {
                return name;
            }
            place = (place + 1) & MASK;
        }
        return null;
    }
}
