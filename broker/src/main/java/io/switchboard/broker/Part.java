package io.switchboard.broker;

import java.util.ArrayList;
import java.util.List;

/// What one home shard does of a [Commit]. Filled by the coordinating shard, then owned by the home
/// shard, which hands it back with each answer.
public final class Part {
    final Commit commit;
    final int home;
    final List<Message> sends = new ArrayList<>(2);
    final List<Promise> promises = new ArrayList<>(2);

    // What the home shard has prepared.

    /// One for each message that has got a place.
    final List<Places.Place> places = new ArrayList<>(2);

    final List<Settling> settling = new ArrayList<>(2);
    final List<Journal.Change> changes = new ArrayList<>(2);

    /// What gives everything back that was prepared.
    final List<Runnable> undo = new ArrayList<>(2);

    /// Settlements under way, and one for the resolving itself.
    int unsettled = 1;

    /// As the coordinator heard it.
    boolean prepared;

    Part(Commit commit, int home) {
        this.commit = commit;
        this.home = home;
    }

    /// An ACK or NACK.
    record Promise(Commands.Attempt attempt, Settlement settlement) {}

    /// What it settles, as found when it was prepared.
    record Settling(
            Consumer consumer, Settlement settlement, List<Long> tags, List<Entry> entries) {}
}
