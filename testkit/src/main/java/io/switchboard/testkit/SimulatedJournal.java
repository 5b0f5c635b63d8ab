package io.switchboard.testkit;

import io.switchboard.broker.Disconnect;
import io.switchboard.broker.Journal;
import io.switchboard.broker.Message;
import io.switchboard.broker.Post;
import io.switchboard.broker.Refusal;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/// A journal in memory that takes its time: it stores the batches of each shard in their order,
/// those of different shards as chance has it, and answers later, in any order. One that fails does
/// so without effect. It knows what would outlive the process.
final class SimulatedJournal implements Journal {
    /// How it behaves.
    enum Temper {
        /// There is none: nothing is durable.
        NONE,
        RELIABLE,
        /// It fails now and then.
        FAILING
    }

    /// Names a message.
    record Place(String home, long epoch, long sequence) {
        static Place of(Message message) {
            return new Place(message.destination(), message.epoch(), message.sequence());
        }
    }

    private record Value(String home, String name) {}

    private Temper temper;
    private final SplittableRandom random;
    private final Faults faults;
    private final BiConsumer<Integer, Post> answered;

    /// Appended and not stored, by shard.
    private final ArrayDeque<Batch>[] waiting;

    private final List<Post> answers = new ArrayList<>();
    private final Map<Place, Change.Put> durable = new HashMap<>();
    private final Map<Value, byte[]> values = new HashMap<>();

    // What ever happened.
    private final Set<Place> stored = new HashSet<>();
    private final Set<Place> failedRemovals = new HashSet<>();
    private long failures;

    @SuppressWarnings({"unchecked", "rawtypes"})
    SimulatedJournal(
            Terms terms,
            SplittableRandom random,
            Faults faults,
            BiConsumer<Integer, Post> answered) {
        temper = terms.journal();
        this.random = random;
        this.faults = faults;
        this.answered = answered;
        waiting = new ArrayDeque[terms.shards()];
        Arrays.setAll(waiting, i -> new ArrayDeque<Batch>());
    }

    @Override
    public boolean durable() {
        return temper != Temper.NONE;
    }

    @Override
    public void append(Batch batch) {
        if (batch.changes().isEmpty()) {
            throw new AssertionError("an empty batch");
        }
        waiting[batch.shard()].add(batch);
    }

    /// It stores something or answers something.
    ///
    /// @return whether it had anything to do
    boolean work() {
        int first = random.nextInt(waiting.length);
        if (answers.isEmpty() || random.nextBoolean()) {
            for (int i = 0; i < waiting.length; i++) {
                Batch batch = waiting[(first + i) % waiting.length].poll();
                if (batch != null) {
                    store(batch);
                    return true;
                }
            }
        }
        if (answers.isEmpty()) {
            return false;
        }
        Post answer = answers.remove(random.nextInt(answers.size()));
        if (!faults.strike(Fault.JOURNAL_SILENT)) {
            answered.accept(shard(answer), answer);
        }
        return true;
    }

    private static int shard(Post answer) {
        return switch (answer) {
            case Post.Stored stored -> stored.batch().shard();
            case Post.Read read -> read.reading().shard();
            default -> throw new AssertionError(answer);
        };
    }

    @Override
    public int incarnation() {
        return durable() ? 1 : 0;
    }

    @Override
    public void read(Reading reading) {
        List<@Nullable Message> messages = new ArrayList<>();
        for (long sequence : reading.sequences()) {
            Change.Put put = durable.get(new Place(reading.home(), reading.epoch(), sequence));
            messages.add(put == null ? null : put.message());
        }
        answers.add(new Post.Read(reading, messages, null));
    }

    @Override
    public void restore(Restoring restoring) {
        if (!durable.isEmpty() || !values.isEmpty()) {
            throw new AssertionError("this one has had one life only");
        }
    }

    private void store(Batch batch) {
        boolean fails = temper == Temper.FAILING && random.nextInt(6) == 0;
        Refusal failure = null;
        if (fails) {
            failures++;
            failure =
                    random.nextBoolean()
                            ? new Refusal(Disconnect.STORE_FULL, "full")
                            : new Refusal(Disconnect.STORE_FAILED, "broken");
            for (Change change : batch.changes()) {
                if (change instanceof Change.Remove remove) {
                    failedRemovals.add(place(remove));
                }
            }
        }
        if (!fails && !faults.strike(Fault.JOURNAL_LIES)
                || fails && faults.strike(Fault.JOURNAL_FAILS_DONE)) {
            batch.changes().forEach(this::apply);
        }
        answers.add(new Post.Stored(batch, failure));
    }

    private static Place place(Change.Remove remove) {
        return new Place(remove.home(), remove.epoch(), remove.sequence());
    }

    private void apply(Change change) {
        switch (change) {
            case Change.Put put -> {
                Message message = put.message();
                Place place = new Place(put.home(), message.epoch(), message.sequence());
                stored.add(place);
                if (durable.put(place, put) != null) {
                    throw new AssertionError("stored twice: " + place);
                }
            }
            case Change.Remove remove -> {
                if (durable.remove(place(remove)) == null) {
                    throw new AssertionError("removed and not there: " + place(remove));
                }
            }
            case Change.RemoveThrough through ->
                    durable.keySet()
                            .removeIf(place ->
                                    place.home.equals(through.home())
                                            && place.epoch == through.epoch()
                                            && place.sequence <= through.sequence());
            case Change.Set set -> values.put(new Value(set.home(), set.name()), set.value());
            case Change.Unset unset -> values.remove(new Value(unset.home(), unset.name()));
        }
    }

    /// From now on it does not fail.
    void heal() {
        if (temper == Temper.FAILING) {
            temper = Temper.RELIABLE;
        }
    }

    /// What would be found after a restart.
    Set<Place> contents() {
        return Set.copyOf(durable.keySet());
    }

    boolean hasStored(Place place) {
        return stored.contains(place);
    }

    /// Whether it failed to store that this message left its queue.
    boolean failedToRemove(Place place) {
        return failedRemovals.contains(place);
    }

    long failures() {
        return failures;
    }
}
