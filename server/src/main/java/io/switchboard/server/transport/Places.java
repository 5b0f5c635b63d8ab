package io.switchboard.server.transport;

import com.sun.management.UnixOperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.concurrent.atomic.AtomicInteger;

/// How many connections the server takes, all listeners together. Shared by all threads.
final class Places {
    /// Descriptors that are left for files, listeners, and the answer that there is no place.
    private static final int RESERVE_MIN = 64;

    private static final int RESERVE_PARTS = 20;

    /// Of them, for connections that still hear that there is no place.
    private static final int LAST_MAX = RESERVE_MIN / 2;

    private final int max;
    private final AtomicInteger last = new AtomicInteger();
    private final AtomicInteger taken = new AtomicInteger();

    /// @param wanted 0 for what the file descriptors allow
    Places(int wanted) {
        int possible = possible();
        max = wanted == 0 ? possible : Math.min(wanted, possible);
    }

    private static int possible() {
        return ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean os
                ? possible(os.getMaxFileDescriptorCount())
                : Integer.MAX_VALUE;
    }

    /// @param files descriptors that the process may have
    static int possible(long files) {
        long reserve = Math.max(RESERVE_MIN, files / RESERVE_PARTS);
        return (int) Math.max(1, Math.min(Integer.MAX_VALUE, files - reserve));
    }

    boolean take() {
        if (taken.incrementAndGet() > max) {
            taken.decrementAndGet();
            return false;
        }
        return true;
    }

    void leave() {
        taken.decrementAndGet();
    }

    /// For a connection that has no place, until it has heard so.
    boolean takeLast() {
        if (last.incrementAndGet() > LAST_MAX) {
            last.decrementAndGet();
            return false;
        }
        return true;
    }

    void leaveLast() {
        last.decrementAndGet();
    }
}
