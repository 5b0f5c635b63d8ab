package io.switchboard.testkit;

import io.switchboard.testkit.Conversation.Published;
import java.util.ArrayList;
import java.util.List;

/// One dedup id of one user for one destination, and all SENDs with it: the first that comes in is
/// delivered, the others are not.
final class Repeated {
    final String id;
    final List<Published> sends = new ArrayList<>(2);

    Repeated(String id) {
        this.id = id;
    }

    /// Whether another of them stands for this one, which was not delivered.
    boolean standsFor(Published message) {
        for (Published other : sends) {
            if (other != message
                    && (other.delivered()
                            || other.index < message.index && Fate.of(other) == Fate.DONE)) {
                return true;
            }
        }
        return false;
    }
}
