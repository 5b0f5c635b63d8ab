package io.switchboard.broker;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What the journal has of one key of a topic whose state outlives the process ([StoredStates]).
/// Owned by the topic's home shard.
///
/// Of the key's messages there the one with the highest place says what holds: its value, or that
/// it has none. Changes may be stored in another order than they have their places in, since those
/// of a commit go to the journal from another shard. So a change takes out only what is stored for
/// certain, and a removal that something is under way beside leaves a message of its own. What is
/// left over is cleared when nothing is under way any more.
final class StoredKey extends Timed {
    final StateTable table;
    final String key;

    /// Stored, and not being taken out.
    private final List<Place> stored = new ArrayList<>(1);

    private final List<Change> underWay = new ArrayList<>(1);

    /// Left over, and being taken out.
    private List<Place> leaving = List.of();

    /// All up to this place is left over: something that is not stored came after it.
    private long overtaken;

    StoredKey(StateTable table, String key) {
        this.table = table;
        this.key = key;
    }

    /// @param removal that the key has no value any more
    private record Place(long epoch, long sequence, boolean removal) {
        static Place of(Message message) {
            return new Place(message.epoch(), message.sequence(), message.options().removed());
        }

        Journal.Change remove(String home) {
            return new Journal.Change.Remove(home, epoch, sequence);
        }
    }

    /// @param puts whether the message itself is to be stored
    /// @param out what is to go with it
    private record Change(long sequence, boolean puts, List<Place> out) {}

    boolean busy() {
        return !underWay.isEmpty();
    }

    /// The journal has nothing of it, and will not have.
    boolean over() {
        return stored.isEmpty() && underWay.isEmpty() && leaving.isEmpty();
    }

    /// A message has got its place.
    ///
    /// @return what is to be stored for it
    List<Journal.Change> begin(Kept kept) {
        Message placed = kept.message();
        List<Journal.Change> changes = new ArrayList<>();
        List<Place> out = List.of();
        boolean puts = false;
        if (placed.options().persistent()) {
            puts = !placed.options().removed() || busy() || !leaving.isEmpty();
            out = List.copyOf(stored);
            stored.clear();
        }
        if (puts) {
            changes.add(
                    new Journal.Change.Put(
                            table.home, placed, kept.arrivedMillis(), kept.expiresMillis(), 0));
        }
        out.forEach(place -> changes.add(place.remove(table.home)));
        underWay.add(new Change(placed.sequence(), puts, out));
        return changes;
    }

    boolean isUnderWay(Message placed) {
        return underWay.stream().anyMatch(it -> it.sequence == placed.sequence());
    }

    /// It has come to its place, and is stored where it must be.
    void done(Message placed) {
        Change change = end(placed);
        if (change != null && change.puts) {
            stored.add(Place.of(placed));
        }
        if (change != null && !placed.options().persistent()) {
            overtaken = placed.sequence();
        }
    }

    /// There is no such message.
    void failed(Message placed) {
        Change change = end(placed);
        if (change != null) {
            stored.addAll(change.out);
        }
    }

    private @Nullable Change end(Message placed) {
        for (Change change : underWay) {
            if (change.sequence == placed.sequence()) {
                underWay.remove(change);
                return change;
            }
        }
        return null;
    }

    /// The journal gives it back.
    void restore(Message message) {
        stored.add(Place.of(message));
    }

    // --- What is left over ---

    /// Begins to take it out, if there is something and nothing is under way.
    ///
    /// @return what is to leave the journal, all at once
    List<Journal.Change> clear() {
        if (busy() || !leaving.isEmpty()) {
            return List.of();
        }
        long holds = overtaken;
        for (Place place : stored) {
            // A removal is left over itself when it is the last: nothing says the same.
            holds = Math.max(holds, place.removal ? place.sequence + 1 : place.sequence);
        }
        long from = holds;
        leaving = stored.stream().filter(place -> place.sequence < from).toList();
        stored.removeAll(leaving);
        return leaving.stream().map(place -> place.remove(table.home)).toList();
    }

    /// The journal has answered.
    void cleared(@Nullable Refusal failure) {
        if (failure != null) {
            stored.addAll(leaving);
        }
        leaving = List.of();
    }
}
