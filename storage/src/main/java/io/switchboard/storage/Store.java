package io.switchboard.storage;

import io.switchboard.broker.Journal;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Messages on the disk, in a data directory: the [Journal] of a server that has one.
///
/// [#open] locks the directory and looks whether all is well, [#restore] gives back what is there,
/// [#start] begins to write and to answer, [#close] ends when everything is stored and answered.
/// For all threads from [#start] on.
public final class Store implements Journal, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Store.class);

    private final Layout layout;
    private final Database database;
    private final int incarnation;
    private final Room room;
    private final Writer.Disk disk;
    private final LongSupplier free;
    private final LongSupplier nanoTime;
    private final LinkedBlockingQueue<Batch> batches = new LinkedBlockingQueue<>();
    private final LinkedBlockingQueue<Reading> readings = new LinkedBlockingQueue<>();
    private volatile @Nullable Writer writer;
    private volatile @Nullable Reader reader;
    private volatile @Nullable Clearing clearing;
    private boolean closed;

    private Store(
            Layout layout,
            Database database,
            int incarnation,
            StoreOptions options,
            Faults faults) {
        this.layout = layout;
        this.database = database;
        this.incarnation = incarnation;
        free = faults.free(() -> free(layout.messages()));
        nanoTime = faults.nanoTime();
        room = new Room(options.reserveBytes(), free, nanoTime);
        disk = faults.disk(database::write);
    }

    /// What a test may put between the store and its disk.
    interface Faults {
        Faults NONE = new Faults() {};

        default Writer.Disk disk(Writer.Disk real) {
            return real;
        }

        default LongSupplier free(LongSupplier real) {
            return real;
        }

        default LongSupplier nanoTime() {
            return System::nanoTime;
        }
    }

    /// @param data made if it is not there
    /// @throws StoreFailure if what is there is damaged, of another version, or in use
    public static Store open(Path data, StoreOptions options) {
        return open(data, options, Faults.NONE);
    }

    static Store open(Path data, StoreOptions options, Faults faults) {
        Layout layout = Layout.lock(data);
        Database database = null;
        try {
            layout.prepare();
            Logs.mend(layout.messages());
            int incarnation = layout.nextIncarnation();
            database = new Database(layout.messages());
            database.open();
            return new Store(layout, database, incarnation, options, faults);
        } catch (IOException | RocksDBException | RuntimeException | Error e) {
            if (database != null) {
                database.close();
            }
            layout.close();
            throw failure(layout, e);
        }
    }

    private static RuntimeException failure(Layout layout, Throwable cause) {
        return switch (cause) {
            case RocksDBException e -> Damage.failure(layout.messages(), e);
            case IOException e -> Layout.cannot("read", layout.messages(), e);
            case RuntimeException e -> e;
            default -> throw (Error) cause;
        };
    }

    @Override
    public boolean durable() {
        return true;
    }

    @Override
    public int incarnation() {
        return incarnation;
    }

    /// @throws StoreFailure if something cannot be read
    @Override
    public void restore(Restoring restoring) {
        Restoration[] restoration = new Restoration[1];
        try {
            database.use(db -> {
                restoration[0] = new Restoration(db, restoring, nanoTime);
                restoration[0].run();
                return true;
            });
        } catch (RocksDBException e) {
            throw Damage.failure(layout.messages(), e);
        } catch (BadRecord e) {
            throw Layout.damaged(layout.messages(), e.getMessage() + ", " + restoration[0].at(), e);
        }
    }

    /// Begins to store and to read. What was asked for before is done first.
    ///
    /// @param answers the way to the shards
    public void start(Answers answers) {
        Clearing itsClearing = new Clearing(database);
        Writer itsWriter = new Writer(database, disk, room, itsClearing, batches, answers);
        Reader itsReader = new Reader(database, readings, answers);
        writer = itsWriter;
        reader = itsReader;
        clearing = itsClearing;
        itsClearing.start();
        itsWriter.start();
        itsReader.start();
    }

    @Override
    public void append(Batch batch) {
        batches.add(batch);
    }

    @Override
    public void read(Reading reading) {
        readings.add(reading);
    }

    /// What it has done and holds. From any thread.
    public StoreReading reading() {
        return Measures.of(database, writer, free);
    }

    /// 0 where that cannot be found out, so nothing is stored until it can: the directory was moved
    /// away, perhaps.
    private static long free(Path directory) {
        try {
            FileStore disk = Files.getFileStore(directory);
            return disk.getUsableSpace();
        } catch (IOException e) {
            LOG.error("cannot see how much room there is for {}", directory, e);
            return 0;
        }
    }

    /// Idempotent.
    @Override
    public void close() {
        close(true);
    }

    /// Closes and leaves the files as the end of the process would.
    void abandon() {
        close(false);
    }

    private synchronized void close(boolean flush) {
        if (closed) {
            return;
        }
        closed = true;
        Writer itsWriter = writer;
        Reader itsReader = reader;
        Clearing itsClearing = clearing;
        if (itsClearing != null) {
            itsClearing.close();
        }
        if (itsWriter != null && itsReader != null) {
            itsWriter.close();
            itsReader.close();
        }
        try {
            if (flush && database.isOpen()) {
                database.flush();
            }
        } catch (RocksDBException e) {
            LOG.warn("what was written last stays in the log: {}", e.getMessage());
        }
        database.close();
        layout.close();
    }
}
