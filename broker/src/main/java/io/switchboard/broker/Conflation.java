package io.switchboard.broker;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What waits for one slow client, brought down to the latest message of each key. Lives for one
/// look at an [OutboundQueue], on its shard.
///
/// The latest takes the **place of the oldest** that waited with its key. Behind the others, as it
/// was published, a key that changes faster than the client reads would move back for ever and
/// never be sent. So the messages of one key keep their order, those of different keys do not.
///
/// What stays is copied together: the batches that it was in may be long, and a client that reads
/// slowly would hold all of each for the sake of one message.
final class Conflation {
    private record Place(Members stream, Slot slot) {}

    private record Stream(Members members, @Nullable String destination) {}

    /// Where copies are put.
    interface Copies {
        /// A batch like that one, open.
        Batch open(Batch of, int capacity);
    }

    interface Entry {
        void take(Batch batch, int index);
    }

    private final List<Batch> batches = new ArrayList<>();
    private final List<Integer> indexes = new ArrayList<>();
    private final Map<Place, Integer> places = new HashMap<>();
    private final Map<Stream, Batch> open = new HashMap<>();
    private final List<Batch> copies = new ArrayList<>();

    /// One reference for each run that was taken, so that none goes while it moves.
    private final List<Batch> held = new ArrayList<>();

    private int dropped;

    /// The run `[from, to)` waits behind what was taken before.
    void take(Batch batch, int from, int to) {
        batch.retain();
        held.add(batch);
        for (int index = from; index < to; index++) {
            Integer earlier = placeOf(batch, index);
            if (earlier == null) {
                batches.add(batch);
                indexes.add(index);
            } else {
                batches.set(earlier, batch);
                indexes.set(earlier, index);
                dropped++;
            }
        }
    }

    /// Where its key waits already, or null.
    private @Nullable Integer placeOf(Batch batch, int index) {
        Members stream = batch.stream;
        String destination = batch.destination;
        if (stream == null || destination == null) {
            return null;
        }
        Place place = new Place(stream, new Slot(destination, batch.key(index)));
        return places.putIfAbsent(place, batches.size());
    }

    int dropped() {
        return dropped;
    }

    void copy(Copies source) {
        for (int i = 0; i < batches.size(); i++) {
            Batch from = batches.get(i);
            if (from.stream != null) {
                int index = indexes.get(i);
                Batch to = openFor(from, from.stream, from.length(index), source);
                indexes.set(i, to.append(from, index));
                batches.set(i, to);
            }
        }
    }

    private Batch openFor(Batch from, Members members, int length, Copies source) {
        Stream stream = new Stream(members, from.destination);
        Batch batch = open.get(stream);
        if (batch == null || !batch.takes(length)) {
            batch = source.open(from, length);
            open.put(stream, batch);
            copies.add(batch);
        }
        return batch;
    }

    void forEach(Entry to) {
        for (int i = 0; i < batches.size(); i++) {
            to.take(batches.get(i), indexes.get(i));
        }
    }

    /// The queue has references of its own to what stays.
    void done() {
        copies.forEach(Batch::seal);
        held.forEach(Batch::release);
    }
}
