package io.switchboard.testkit;

import io.switchboard.broker.Journal;
import io.switchboard.broker.Journal.Change;
import io.switchboard.broker.Message;
import io.switchboard.broker.Shard;
import io.switchboard.broker.Unclaimed;
import io.switchboard.testkit.SimulatedJournal.Place;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/// What outlives the lives of a simulated server: what was synced, and of what was only written as
/// much as chance left when the server was killed. It also remembers what ever happened, for those
/// who check.
final class SimulatedDisk {
    private record Value(String home, String name) {}

    private record Id(long epoch, long sequence) {}

    private final boolean durable;
    private final Faults faults;
    private final Map<Place, Change.Put> messages = new HashMap<>();
    private final Map<Value, byte[]> values = new HashMap<>();
    private int lives;

    // What ever happened.
    private final Set<Place> stored = new HashSet<>();
    private final Set<Id> storedIds = new HashSet<>();
    private final Set<Place> failedRemovals = new HashSet<>();
    private final List<Change.Put> removed = new ArrayList<>();

    /// Removed with a range, and perhaps once more by itself.
    private final Set<Place> withRange = new HashSet<>();

    SimulatedDisk(boolean durable, Faults faults) {
        this.durable = durable;
        this.faults = faults;
    }

    boolean durable() {
        return durable;
    }

    /// Which life of the server begins now, from 1 on.
    int begin() {
        if (lives == 0 || !faults.strike(Fault.INCARNATION_KEPT)) {
            lives++;
        }
        return lives;
    }

    /// Synced: from now on it is there.
    void apply(List<Change> changes) {
        changes.forEach(this::apply);
    }

    private void apply(Change change) {
        switch (change) {
            case Change.Put put -> {
                Message message = put.message();
                Place place = new Place(put.home(), message.epoch(), message.sequence());
                stored.add(place);
                storedIds.add(new Id(message.epoch(), message.sequence()));
                if (messages.put(place, put) != null) {
                    throw new AssertionError("stored twice: " + place);
                }
            }
            case Change.Remove remove -> {
                Change.Put put = messages.remove(place(remove));
                if (put != null) {
                    removed.add(put);
                } else if (!withRange.contains(place(remove))) {
                    throw new AssertionError("removed and not there: " + place(remove));
                }
            }
            case Change.RemoveThrough through -> removeThrough(through);
            case Change.Set set -> values.put(new Value(set.home(), set.name()), set.value());
            case Change.Unset unset -> values.remove(new Value(unset.home(), unset.name()));
        }
    }

    private void removeThrough(Change.RemoveThrough through) {
        messages.keySet()
                .removeIf(place -> {
                    boolean within =
                            place.home().equals(through.home())
                                    && place.epoch() == through.epoch()
                                    && place.sequence() <= through.sequence();
                    return within && withRange.add(place);
                });
    }

    static Place place(Change.Remove remove) {
        return new Place(remove.home(), remove.epoch(), remove.sequence());
    }

    void failedToRemove(List<Change> changes) {
        for (Change change : changes) {
            if (change instanceof Change.Remove remove) {
                failedRemovals.add(place(remove));
            }
        }
    }

    @Nullable Message read(Place place) {
        Change.Put put = messages.get(place);
        return put == null ? null : put.message();
    }

    // --- A crash, and what is found after it ---

    /// The server was killed: of the batches that were written and not synced a part is there, in
    /// their order, each of them whole.
    void crash(List<Journal.Batch> written, SplittableRandom random) {
        int survivors = random.nextInt(written.size() + 1);
        for (int i = 0; i < survivors; i++) {
            apply(written.get(i).changes());
        }
        for (Journal.Batch lost : written.subList(survivors, written.size())) {
            List<Change> changes = lost.changes();
            if (changes.size() > 1 && faults.strike(Fault.BATCH_TORN)) {
                apply(changes.subList(0, changes.size() / 2));
            }
        }
        if (faults.strike(Fault.REMOVED_COMES_BACK)) {
            for (Change.Put put : removed) {
                Message message = put.message();
                messages.put(new Place(put.home(), message.epoch(), message.sequence()), put);
            }
            removed.clear();
        }
    }

    /// Gives the shards of a new life what is theirs.
    void restore(Shard[] shards) {
        List<Journal.Restoring> takers = new ArrayList<>();
        for (Shard shard : shards) {
            takers.add(shard.restoring());
        }
        if (faults.strike(Fault.VALUES_FORGOTTEN)) {
            values.clear();
        }
        values.forEach((value, bytes) ->
                takers.get(Shard.home(value.home, shards.length))
                        .value(value.home, value.name, bytes));
        List<Place> places = new ArrayList<>(messages.keySet());
        places.sort(
                Comparator.comparing(Place::home)
                        .thenComparingLong(Place::epoch)
                        .thenComparingLong(Place::sequence));
        if (faults.strike(Fault.RESTORED_BACKWARDS)) {
            Collections.reverse(places);
        }
        for (Place place : places) {
            Change.Put put = messages.get(place);
            if (put != null && !faults.strike(Fault.RESTORE_FORGETS)) {
                takers.get(Shard.home(place.home(), shards.length))
                        .message(place.home(), new Stored(put));
            }
        }
        Unclaimed.check(List.of(shards));
        for (Shard shard : shards) {
            shard.restored();
        }
        for (Shard shard : shards) {
            shard.begin();
        }
    }

    private record Stored(Change.Put put) implements Journal.StoredMessage {
        @Override
        public long epoch() {
            return put.message().epoch();
        }

        @Override
        public long sequence() {
            return put.message().sequence();
        }

        @Override
        public long arrivedMillis() {
            return put.arrivedMillis();
        }

        @Override
        public long expiresMillis() {
            return put.expiresMillis();
        }

        @Override
        public long dueMillis() {
            return put.dueMillis();
        }

        @Override
        public int priority() {
            return put.message().options().priority();
        }

        @Override
        public long cost() {
            return put.message().cost();
        }

        @Override
        public Message message() {
            return put.message();
        }
    }

    // --- For those who check ---

    Set<Place> contents() {
        return Set.copyOf(messages.keySet());
    }

    Set<Place> contentsOfQueues() {
        Set<Place> contents = new HashSet<>(messages.keySet());
        contents.removeIf(place -> !place.home().startsWith("/queue/"));
        return contents;
    }

    boolean hasStored(Place place) {
        return stored.contains(place);
    }

    /// Whether a message of this id was ever stored, wherever.
    boolean hasStored(long epoch, long sequence) {
        return storedIds.contains(new Id(epoch, sequence));
    }

    /// What of this kind of homes there is, messages and values.
    List<String> contentsOf(String homePrefix) {
        List<String> contents = new ArrayList<>();
        messages.keySet().forEach(place -> contents.add(place.toString()));
        values.keySet().forEach(value -> contents.add(value.toString()));
        contents.removeIf(each -> !each.contains("[home=" + homePrefix));
        return contents;
    }

    /// Whether it was ever failed to store that this message left its queue.
    boolean failedToRemove(Place place) {
        return failedRemovals.contains(place);
    }
}
