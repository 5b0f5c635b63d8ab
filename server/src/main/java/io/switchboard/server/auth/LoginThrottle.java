package io.switchboard.server.auth;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/// Who has failed too often lately is not looked at: an address, and a name that somebody gives,
/// whether or not there is such a user. All of the failures are forgiven in one period, evenly. Of
/// a table that is full the entry that was used longest ago is forgotten. For all threads.
final class LoginThrottle {
    static final int ADDRESS_FAILURES_MAX = 30;
    static final int NAME_FAILURES_MAX = 10;
    static final long PERIOD_NANOS = 60_000_000_000L;
    static final int ENTRIES_MAX = 10_000;

    /// Of a name, or of an address that is none.
    private static final int KEY_LENGTH_MAX = 128;

    /// To the client a failure like any other: it learns nothing of who else has failed.
    static final Verdict BLOCKED = new Verdict.Refused("too many failures");

    private final LongSupplier nanoTime;
    private final Table addresses = new Table(ADDRESS_FAILURES_MAX);
    private final Table names = new Table(NAME_FAILURES_MAX);

    LoginThrottle(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    boolean blocks(Credentials who) {
        long now = nanoTime.getAsLong();
        return addresses.blocks(ClientNetwork.of(who.address()), now)
                || (who.login() != null && names.blocks(cut(who.login()), now));
    }

    void failed(Credentials who) {
        long now = nanoTime.getAsLong();
        addresses.failed(ClientNetwork.of(who.address()), now);
        if (who.login() != null) {
            names.failed(cut(who.login()), now);
        }
    }

    private static String cut(String key) {
        return key.length() > KEY_LENGTH_MAX ? key.substring(0, KEY_LENGTH_MAX) : key;
    }

    /// When all failures of a key will be forgiven; each of them takes its share of the period.
    private static final class Table {
        private final int failuresMax;
        private final long share;
        private final LinkedHashMap<String, Long> forgivenAt = new LinkedHashMap<>(16, 0.75f, true);

        Table(int failuresMax) {
            this.failuresMax = failuresMax;
            share = PERIOD_NANOS / failuresMax;
        }

        synchronized boolean blocks(String key, long now) {
            Long until = forgivenAt.get(key);
            return until != null && until - now > (failuresMax - 1) * share;
        }

        synchronized void failed(String key, long now) {
            Long until = forgivenAt.get(key);
            forgivenAt.put(key, (until == null || until - now < 0 ? now : until) + share);
            if (forgivenAt.size() > ENTRIES_MAX) {
                Map.Entry<String, Long> oldest = forgivenAt.entrySet().iterator().next();
                forgivenAt.remove(oldest.getKey());
            }
        }
    }
}
