package io.switchboard.broker;

import java.util.ArrayList;
import java.util.List;

/// For which durable subscriptions a message is kept. Immutable.
///
/// @param arrivedMillis when it came, in milliseconds since 1970
record DurableCopies(List<DurableInterest> of, long arrivedMillis) {
    static final DurableCopies NONE = new DurableCopies(List.of(), 0);

    boolean none() {
        return of.isEmpty();
    }

    /// What the journal is to have of them.
    ///
    /// @param placed the message, with its place in its topic
    List<Journal.Change> puts(Message placed) {
        List<Journal.Change> puts = new ArrayList<>(of.size());
        for (DurableInterest interest : of) {
            if (interest.stores(placed)) {
                puts.add(interest.put(placed, arrivedMillis));
            }
        }
        return puts;
    }
}
