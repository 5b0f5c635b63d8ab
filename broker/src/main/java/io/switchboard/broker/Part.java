package io.switchboard.broker;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What one home shard does of a [Commit]. Filled by the coordinating shard, then owned by the home
/// shard, which hands it back with each answer.
public final class Part {
    final Commit commit;
    final int home;

    /// Its sends are dead letters of the same commit, which go where there is room for them.
    final boolean ofLetters;

    final List<Message> sends = new ArrayList<>(2);
    final List<Promise> promises = new ArrayList<>(2);

    // What the home shard has prepared.

    /// One for each message that has got a place.
    final List<Places.Place> places = new ArrayList<>(2);

    final List<Settling> settling = new ArrayList<>(2);
    final List<Journal.Change> changes = new ArrayList<>(2);

    /// What gives everything back that was prepared.
    final List<Runnable> undo = new ArrayList<>(2);

    /// Of what it rejects: for where they go, when it is prepared.
    final List<Message> letters = new ArrayList<>(0);

    /// What it read for them, in bytes.
    long bytesRead;

    /// Readings under way, and one for the preparing itself.
    int unread = 1;

    /// Why it cannot.
    @Nullable Refusal refusal;

    /// As the coordinator heard it.
    boolean prepared;

    Part(Commit commit, int home, boolean ofLetters) {
        this.commit = commit;
        this.home = home;
        this.ofLetters = ofLetters;
    }

    /// The first reason counts.
    void refuse(@Nullable Refusal why) {
        if (refusal == null) {
            refusal = why;
        }
    }

    /// An ACK or NACK.
    record Promise(Commands.Attempt attempt, Settlement settlement) {}

    /// What it settles, as found when it was prepared.
    record Settling(
            Consumer consumer, Settlement settlement, List<Long> tags, List<Entry> entries) {}
}
