package io.switchboard.server.auth;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/// Which lines the audit log gets of what costs an address nothing to do again: logins that fail,
/// requests that are refused. So many of a period have a line each, after them one in so many. Of a
/// table that is full the entry that was used longest ago is forgotten. For all threads.
public final class AuditLines {
    static final int EACH_MAX = 100;
    static final int TOGETHER = 1_000;
    static final long PERIOD_NANOS = 60_000_000_000L;
    static final int ADDRESSES_MAX = 10_000;

    private record Period(long sinceNanos, long count) {}

    private final LongSupplier nanoTime;
    private final LinkedHashMap<String, Period> periods = new LinkedHashMap<>(16, 0.75f, true);

    public AuditLines(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /// @param address as logs have it
    /// @return which of its period this is, from 1 on; 0 if it has no line
    synchronized long next(String address) {
        String key = ClientNetwork.of(address);
        long now = nanoTime.getAsLong();
        Period period = periods.get(key);
        if (period == null || now - period.sinceNanos >= PERIOD_NANOS) {
            period = new Period(now, 0);
        }
        long count = period.count + 1;
        periods.put(key, new Period(period.sinceNanos, count));
        if (periods.size() > ADDRESSES_MAX) {
            Map.Entry<String, Period> oldest = periods.entrySet().iterator().next();
            periods.remove(oldest.getKey());
        }
        return count <= EACH_MAX || count % TOGETHER == 0 ? count : 0;
    }
}
