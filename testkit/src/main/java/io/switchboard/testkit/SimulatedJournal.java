package io.switchboard.testkit;

import io.switchboard.broker.Disconnect;
import io.switchboard.broker.Journal;
import io.switchboard.broker.Message;
import io.switchboard.broker.Post;
import io.switchboard.broker.Refusal;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/// The journal of one life of a simulated server. It takes its time: it writes the batches of each
/// shard in their order, those of different shards as chance has it, syncs several at once, and
/// answers later, in any order. One that fails does so without effect: a batch because the disk is
/// full, for a while, all that was written because a sync failed, or a read. What was synced is on
/// the [SimulatedDisk].
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

    private Temper temper;
    private final SimulatedDisk disk;
    private final int incarnation;
    private final SplittableRandom random;
    private final Faults faults;
    private final BiConsumer<Integer, Post> answered;

    /// Appended and not written, by shard.
    private final ArrayDeque<Batch>[] waiting;

    /// Written and not synced, and those of them that were answered nevertheless.
    private final List<Batch> written = new ArrayList<>();

    private final Set<Batch> early = new HashSet<>();

    private final List<Post> answers = new ArrayList<>();

    /// The disk is full for so many more batches.
    private int full;

    private long failures;

    @SuppressWarnings({"unchecked", "rawtypes"})
    SimulatedJournal(
            Terms terms,
            SimulatedDisk disk,
            SplittableRandom random,
            Faults faults,
            BiConsumer<Integer, Post> answered) {
        temper = terms.journal();
        this.disk = disk;
        incarnation = disk.begin();
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
    public int incarnation() {
        return durable() ? incarnation : 0;
    }

    @Override
    public void append(Batch batch) {
        if (batch.changes().isEmpty()) {
            throw new AssertionError("an empty batch");
        }
        waiting[batch.shard()].add(batch);
    }

    /// It writes, syncs or answers something.
    ///
    /// @return whether it had anything to do
    boolean work() {
        if (!answers.isEmpty() && random.nextBoolean()) {
            answer();
            return true;
        }
        if (written.isEmpty() || random.nextInt(3) == 0) {
            int first = random.nextInt(waiting.length);
            for (int i = 0; i < waiting.length; i++) {
                Batch batch = waiting[(first + i) % waiting.length].poll();
                if (batch != null) {
                    write(batch);
                    return true;
                }
            }
        }
        if (!written.isEmpty()) {
            sync();
            return true;
        }
        if (answers.isEmpty()) {
            return false;
        }
        answer();
        return true;
    }

    private void answer() {
        Post answer = answers.remove(random.nextInt(answers.size()));
        if (!faults.strike(Fault.JOURNAL_SILENT)) {
            answered.accept(shard(answer), answer);
        }
    }

    private static int shard(Post answer) {
        return switch (answer) {
            case Post.Stored stored -> stored.batch().shard();
            case Post.Read read -> read.reading().shard();
            default -> throw new AssertionError(answer);
        };
    }

    private void write(Batch batch) {
        if (temper == Temper.FAILING && full == 0 && random.nextInt(40) == 0) {
            full = 1 + random.nextInt(10);
        }
        if (full > 0) {
            full--;
            fail(batch, new Refusal(Disconnect.STORE_FULL, "full"));
            return;
        }
        written.add(batch);
        if (faults.strike(Fault.SYNC_SKIPPED)) {
            early.add(batch);
            answers.add(new Post.Stored(batch, null));
        }
    }

    private void sync() {
        boolean fails = temper == Temper.FAILING && random.nextInt(8) == 0;
        for (Batch batch : written) {
            if (early.remove(batch)) {
                disk.apply(batch.changes());
            } else if (fails) {
                fail(batch, new Refusal(Disconnect.STORE_FAILED, "broken"));
            } else {
                if (!faults.strike(Fault.JOURNAL_LIES)) {
                    disk.apply(batch.changes());
                }
                answers.add(new Post.Stored(batch, null));
            }
        }
        written.clear();
    }

    private void fail(Batch batch, Refusal failure) {
        failures++;
        disk.failedToRemove(batch.changes());
        if (faults.strike(Fault.JOURNAL_FAILS_DONE)) {
            disk.apply(batch.changes());
        }
        answers.add(new Post.Stored(batch, failure));
    }

    @Override
    public void read(Reading reading) {
        if (temper == Temper.FAILING && random.nextInt(10) == 0) {
            Refusal failure = new Refusal(Disconnect.STORE_FAILED, "unreadable");
            answers.add(new Post.Read(reading, List.of(), failure));
            return;
        }
        List<@Nullable Message> messages = new ArrayList<>();
        for (long sequence : reading.sequences()) {
            messages.add(disk.read(new Place(reading.home(), reading.epoch(), sequence)));
        }
        answers.add(new Post.Read(reading, messages, null));
    }

    /// The disk does that, shard by shard.
    @Override
    public void restore(Restoring restoring) {
        throw new AssertionError("asked for by no shard");
    }

    /// Its server is killed, at any moment of what it was about to write.
    void crash() {
        for (ArrayDeque<Batch> batches : waiting) {
            for (int n = random.nextInt(batches.size() + 1); n > 0 && full == 0; n--) {
                written.add(batches.remove());
            }
        }
        disk.crash(written, random);
    }

    /// From now on it does not fail.
    void heal() {
        full = 0;
        if (temper == Temper.FAILING) {
            temper = Temper.RELIABLE;
        }
    }

    long failures() {
        return failures;
    }
}
