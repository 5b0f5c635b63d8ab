package io.switchboard.server.transport;

import io.netty.channel.Channel;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/// How many connections there are at a time of one address, or of one user. Shared by all threads.
final class PlacesPer {
    private final int max;
    private final ConcurrentMap<String, Integer> taken = new ConcurrentHashMap<>();

    /// @param max 0 for any number, which are not counted
    PlacesPer(int max) {
        this.max = max;
    }

    int max() {
        return max;
    }

    /// Until the channel is closed.
    ///
    /// @return false if there are as many as there may be
    boolean take(String whose, Channel channel) {
        if (max == 0) {
            return true;
        }
        boolean found = taken.merge(whose, 1, Integer::sum) <= max;
        if (found) {
            channel.closeFuture().addListener(closed -> leave(whose));
        } else {
            leave(whose);
        }
        return found;
    }

    private void leave(String whose) {
        taken.computeIfPresent(whose, (key, count) -> count == 1 ? null : count - 1);
    }
}
