package io.switchboard.server.transport;

import io.switchboard.broker.Policies;
import java.util.HashMap;
import java.util.Map;

/// Which destinations' messages are never compressed (`compress: off`): where a secret stands
/// beside what others may choose, the length of what comes out tells of the secret. Owned by one
/// event loop, and asked for each message that it encodes, so answers are remembered.
final class PlainDestinations {
    private static final int REMEMBERED_MAX = 10_000;

    private final Policies policies;
    private final boolean none;
    private final Map<String, Boolean> remembered = new HashMap<>();

    PlainDestinations(Policies policies) {
        this.policies = policies;
        none = policies.compressAll();
    }

    boolean has(String destination) {
        if (none) {
            return false;
        }
        Boolean known = remembered.get(destination);
        if (known == null) {
            known = !policies.of(destination).compress();
            if (remembered.size() == REMEMBERED_MAX) {
                remembered.clear();
            }
            remembered.put(destination, known);
        }
        return known;
    }
}
