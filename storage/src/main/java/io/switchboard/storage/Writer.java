package io.switchboard.storage;

import io.switchboard.broker.Disconnect;
import io.switchboard.broker.Journal.Batch;
import io.switchboard.broker.Journal.Change;
import io.switchboard.broker.Post;
import io.switchboard.broker.Refusal;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;
import org.rocksdb.Status;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The one thread that writes. It takes all batches that wait, up to a few megabytes, makes one
/// write of them that is synced, and answers each. While it does, the next ones gather: the slower
/// the disk, the more share a sync.
///
/// The line of those that wait has no bound of its own: each batch is part of a command that holds
/// a credit of its shard, so the credits bound it.
///
/// A write that fails may have reached the disk or not. So the database is closed, what was written
/// is cut off its log again, and that is synced; only then is it said that the batches failed. From
/// there on batches are refused until the database could be opened again, which is tried each
/// second, and at once the first time.
final class Writer {
    private static final Logger LOG = LoggerFactory.getLogger(Writer.class);

    /// In one write, unless a single batch is longer.
    static final int GROUP_LENGTH = 4 << 20;

    private static final int CAPACITY = 64 << 10;
    private static final long TRY_AGAIN_MILLIS = 1_000;
    private static final long TRY_AGAIN = TimeUnit.MILLISECONDS.toNanos(TRY_AGAIN_MILLIS);

    /// So long it takes at most to see that there is nothing more to come.
    private static final long LOOK_UP_MILLIS = 100;

    /// An answer waits so often for a failed write to be taken back.
    private static final int TAKE_BACK_TRIES = 5;

    private final Database database;
    private final Disk disk;
    private final Room room;
    private final Clearing clearing;
    private final Answers answers;
    private final LinkedBlockingQueue<Batch> waiting;
    private final Thread thread = new Thread(this::run, "switchboard-journal");
    private final WriteBytes bytes = new WriteBytes(CAPACITY);
    private final List<Batch> group = new ArrayList<>();
    private volatile boolean closing;

    /// Of the last write that went well.
    private long lastSequence;

    /// Why nothing is stored; null while the database is open.
    private @Nullable Refusal suspended;

    /// Whether a failed write may still be in the log.
    private boolean toTakeBack;

    private boolean triedYet;
    private long triedAt;

    final AtomicLong batches = new AtomicLong();
    final AtomicLong syncs = new AtomicLong();
    final AtomicLong written = new AtomicLong();
    final AtomicLong failures = new AtomicLong();

    /// Where a write goes: the database, or a test that lets it fail.
    interface Disk {
        void write(byte[] batch) throws RocksDBException;
    }

    Writer(
            Database database,
            Disk disk,
            Room room,
            Clearing clearing,
            LinkedBlockingQueue<Batch> waiting,
            Answers answers) {
        this.database = database;
        this.disk = disk;
        this.room = room;
        this.clearing = clearing;
        this.waiting = waiting;
        this.answers = answers;
    }

    void start() {
        thread.start();
    }

    /// Everything that waits is stored and answered when this returns.
    void close() {
        closing = true;
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        while (true) {
            Batch first = next();
            if (suspended != null) {
                resume();
            }
            if (first != null) {
                gather(first);
                commit();
            } else if (closing && waiting.isEmpty()) {
                return;
            }
        }
    }

    private @Nullable Batch next() {
        try {
            return waiting.poll(closing ? 0 : LOOK_UP_MILLIS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            // Nobody interrupts this thread: it ends when it is told to close.
            return null;
        }
    }

    private void gather(Batch first) {
        bytes.clear();
        group.clear();
        Batch batch = first;
        while (batch != null) {
            Refusal refusal = suspended != null ? suspended : add(batch);
            if (refusal != null) {
                refuse(batch, refusal);
            }
            batch = bytes.length() < GROUP_LENGTH ? waiting.poll() : null;
        }
    }

    private @Nullable Refusal add(Batch batch) {
        int before = bytes.length();
        try {
            bytes.add(batch);
        } catch (RuntimeException | Error e) {
            LOG.error("a batch cannot be written", e);
            return new Refusal(Disconnect.STORE_FAILED, "the message cannot be stored: " + e);
        }
        if (!room.allows(bytes.length() - before, removes(batch))) {
            bytes.takeBack();
            return full();
        }
        group.add(batch);
        return null;
    }

    private static boolean removes(Batch batch) {
        for (Change change : batch.changes()) {
            if (change instanceof Change.Put || change instanceof Change.Set) {
                return false;
            }
        }
        return true;
    }

    private void commit() {
        if (group.isEmpty()) {
            return;
        }
        try {
            lastSequence = database.lastSequence();
            disk.write(bytes.finished());
        } catch (RocksDBException | RuntimeException | Error e) {
            failed(e);
            return;
        }
        if (bytes.removals() > 0 || !bytes.ranges().isEmpty()) {
            clearing.removed(bytes.removals(), bytes.ranges());
        }
        batches.setRelease(batches.getPlain() + group.size());
        syncs.setRelease(syncs.getPlain() + 1);
        written.setRelease(written.getPlain() + bytes.length());
        for (Batch batch : group) {
            answers.post(batch.shard(), new Post.Stored(batch, null));
        }
    }

    private void refuse(Batch batch, Refusal refusal) {
        failures.incrementAndGet();
        answers.post(batch.shard(), new Post.Stored(batch, refusal));
    }

    // --- When a write failed ---

    private void failed(Throwable cause) {
        boolean noSpace = cause instanceof RocksDBException e && isNoSpace(e);
        Refusal refusal =
                noSpace
                        ? full()
                        : new Refusal(
                                Disconnect.STORE_FAILED,
                                "the disk did not take the message; try again, and see the"
                                        + " server's log");
        if (noSpace) {
            LOG.error("the disk with {} is full: nothing is stored", database.directory());
        } else {
            LOG.error("could not write to {}: nothing is stored", database.directory(), cause);
        }
        suspended = refusal;
        toTakeBack = true;
        bytes.forgetPlaces();
        for (int i = 0; i < TAKE_BACK_TRIES && !takenBack(); i++) {
            pause();
        }
        if (toTakeBack) {
            LOG.error(
                    "a write that failed could not be taken back: it is not known whether its {}"
                            + " batches will be there after a restart",
                    group.size());
        }
        resume();
        for (Batch batch : group) {
            refuse(batch, refusal);
        }
    }

    private boolean takenBack() {
        try {
            database.suspend(lastSequence);
            toTakeBack = false;
        } catch (IOException | RuntimeException e) {
            LOG.error("could not take back a write that failed", e);
        }
        return !toTakeBack;
    }

    /// Opens the database again, if it can be; not more than once a second.
    private void resume() {
        long now = System.nanoTime();
        if (triedYet && now - triedAt < TRY_AGAIN) {
            return;
        }
        triedYet = true;
        triedAt = now;
        if (toTakeBack && !takenBack() || !room.allows(0, true)) {
            return;
        }
        try {
            database.open();
            if (database.lastSequence() < lastSequence) {
                database.suspend(lastSequence);
                LOG.error("{} lacks what was stored: see 'check'", database.directory());
                return;
            }
            suspended = null;
            triedYet = false;
            LOG.warn("messages are stored again");
        } catch (RocksDBException | IOException | RuntimeException e) {
            LOG.error("could not open {} again: {}", database.directory(), e.getMessage());
        }
    }

    private static void pause() {
        try {
            Thread.sleep(TRY_AGAIN_MILLIS);
        } catch (InterruptedException e) {
            // As in next: nobody does that.
            Thread.onSpinWait();
        }
    }

    private Refusal full() {
        return new Refusal(
                Disconnect.STORE_FULL,
                "the server's disk has less than "
                        + room.reserve()
                        + " bytes left (data-reserve); try again when there is room");
    }

    private static boolean isNoSpace(RocksDBException e) {
        Status status = e.getStatus();
        return status != null && status.getSubCode() == Status.SubCode.NoSpace;
    }
}
