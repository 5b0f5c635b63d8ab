package io.switchboard.server.transport;

import com.sun.management.UnixOperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.concurrent.Semaphore;

/// How many connections the server takes, all listeners together. Shared by all threads.
final class Places {
    /// Descriptors that are left for files, listeners, and the answer that there is no place.
    private static final int RESERVE_MIN = 64;

    private static final int RESERVE_PARTS = 20;

    /// Of them, for connections that still hear that there is no place.
    private static final int LAST_MAX = RESERVE_MIN / 2;

    private final Semaphore free;
    private final Semaphore last = new Semaphore(LAST_MAX);

    /// @param wanted 0 for what the file descriptors allow
    Places(int wanted) {
        int possible = possible();
        free = new Semaphore(wanted == 0 ? possible : Math.min(wanted, possible));
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
        return free.tryAcquire();
    }

    void leave() {
        free.release();
    }

    /// For a connection that has no place, until it has heard so.
    boolean takeLast() {
        return last.tryAcquire();
    }

    void leaveLast() {
        last.release();
    }
}
