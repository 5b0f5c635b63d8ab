package io.switchboard.server.transport;

import java.net.InetAddress;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Semaphore;

/// How many connections are still handshaking, all listeners together, in all and by address (RFC
/// 6455 section 10.4). Shared by all threads.
final class Handshakes {
    private final Semaphore free;
    private final int perAddressMax;
    private final ConcurrentMap<InetAddress, Integer> byAddress = new ConcurrentHashMap<>();

    Handshakes(int max, int perAddressMax) {
        free = new Semaphore(max);
        this.perAddressMax = perAddressMax;
    }

    boolean take() {
        return free.tryAcquire();
    }

    void leave() {
        free.release();
    }

    boolean take(InetAddress address) {
        if (byAddress.merge(address, 1, Integer::sum) > perAddressMax) {
            leave(address);
            return false;
        }
        return true;
    }

    void leave(InetAddress address) {
        byAddress.computeIfPresent(address, (key, count) -> count == 1 ? null : count - 1);
    }
}
