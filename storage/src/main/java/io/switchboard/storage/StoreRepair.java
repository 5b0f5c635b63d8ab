package io.switchboard.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Clock;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;

/// Saves what can be read of damaged messages: into a fresh database, which then takes the place of
/// the old one. That one stays beside it. Says what could not be read.
public final class StoreRepair {
    private static final int WRITE_LENGTH = 1 << 20;

    /// Starts that may have been, where their count is lost.
    private static final int STARTS_LOST = 1_000;

    private final Path from;
    private final Path to;
    private final Consumer<String> out;
    private final WriteBytes bytes = new WriteBytes(2 * WRITE_LENGTH);
    private final KeyReader key = new KeyReader();
    private final StoredRecord record = new StoredRecord();
    private long saved;
    private boolean lost;
    private long sequenceMax;

    private StoreRepair(Path from, Path to, Consumer<String> out) {
        this.from = from;
        this.to = to;
        this.out = out;
    }

    /// Looks first, as [StoreCheck] does, and does nothing where all is well.
    ///
    /// @param out takes lines for the operator
    /// @return whether everything was saved
    /// @throws StoreFailure if it cannot be done, or another version wrote them; then nothing was
    ///   changed
    public static boolean run(Path data, Clock clock, Consumer<String> out) {
        try (Layout layout = StoreCheck.lockExisting(data)) {
            Path messages = layout.messages();
            Path fresh = layout.repaired();
            if (layout.repairWasInterrupted()) {
                Files.move(fresh, messages, StandardCopyOption.ATOMIC_MOVE);
                Layout.sync(data);
                out.accept("finished a repair that was interrupted");
                return true;
            }
            // What another version wrote would be taken for damage, and lost.
            layout.checkVersion();
            if (new StoreCheck(messages, out).all(layout)) {
                out.accept("nothing to repair");
                return true;
            }
            delete(fresh);
            Layout.createDirectory(fresh);
            StoreRepair repair = new StoreRepair(messages, fresh, out);
            repair.save(layout);
            swap(layout, clock, out);
            return !repair.lost;
        } catch (IOException e) {
            throw Layout.cannot("repair", data, e);
        } catch (RocksDBException e) {
            throw new StoreFailure("cannot write what was saved: " + Damage.text(e), e);
        }
    }

    private static void delete(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        Files.walkFileTree(
                folder,
                new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                            throws IOException {
                        Files.delete(file);
                        return FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult postVisitDirectory(Path it, IOException failure)
                            throws IOException {
                        Files.delete(it);
                        return FileVisitResult.CONTINUE;
                    }
                });
    }

    private static void swap(Layout layout, Clock clock, Consumer<String> out) throws IOException {
        String time =
                LocalDateTime.now(clock).format(DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss"));
        Path aside = layout.data().resolve("messages.damaged-" + time);
        Files.move(layout.messages(), aside, StandardCopyOption.ATOMIC_MOVE);
        Files.move(layout.repaired(), layout.messages(), StandardCopyOption.ATOMIC_MOVE);
        Layout.sync(layout.data());
        out.accept("the damaged files are kept in " + aside);
    }

    private void save(Layout layout) throws IOException, RocksDBException {
        try (Database fresh = new Database(to)) {
            fresh.open();
            WholeSalvage tables = new WholeSalvage(from, this::lost);
            if (!tables.copy((k, v) -> put(fresh, k, v))) {
                lost(
                        "the files had to be read one by one: what was removed may come again, and"
                                + " a value may be an older one");
                new FileSalvage(from, tables.contents(), this::lost)
                        .copy((k, v) -> put(fresh, k, v));
            }
            flush(fresh);
            if (Logs.missing(from)) {
                lost("the log is missing, and with it what was written last");
            }
            long inTables = tables.lastSequence();
            new LogSalvage(from, this::lost, write -> apply(fresh, inTables, write)).copy();
            fresh.use(this::keepWhatIsUnderstood);
            fresh.flush();
        }
        int incarnation = (int) (sequenceMax >>> 32) + STARTS_LOST;
        try {
            incarnation = Math.max(layout.incarnation(), (int) (sequenceMax >>> 32));
        } catch (StoreFailure e) {
            out.accept("how often the directory was opened is lost: goes on from " + incarnation);
        }
        // Last, so that a folder that has it is whole.
        Layout.write(to, incarnation);
        out.accept("saved " + saved + " messages and values");
    }

    private void lost(String what) {
        lost = true;
        out.accept(what);
    }

    private void put(Database fresh, byte[] itsKey, byte[] value) throws RocksDBException {
        bytes.put(itsKey, value, value.length);
        if (bytes.length() >= WRITE_LENGTH) {
            flush(fresh);
        }
    }

    /// A write out of a log, as it is. One that is in the tables too is left out: what a later one
    /// removed, which cannot be read, would come again.
    ///
    /// Not synced, as nothing counts before the flush at the end.
    private void apply(Database fresh, long inTables, ByteBuffer write) throws RocksDBException {
        if (write.getLong(0) <= inTables) {
            return;
        }
        byte[] batch = new byte[write.remaining()];
        write.duplicate().get(batch);
        fresh.use(db -> {
            try (WriteOptions how = new WriteOptions();
                    WriteBatch changes = new WriteBatch(batch)) {
                db.write(how, changes);
            }
            return true;
        });
    }

    /// Looks through what was saved, when all that was removed has gone.
    private boolean keepWhatIsUnderstood(RocksDB fresh) throws RocksDBException {
        List<byte[]> strange = new ArrayList<>();
        try (ReadOptions how = new ReadOptions().setFillCache(false);
                RocksIterator each = fresh.newIterator(how)) {
            for (each.seekToFirst(); each.isValid(); each.next()) {
                try {
                    read(each.key(), each.value());
                    saved++;
                } catch (BadRecord e) {
                    lost("left out, at or behind " + key.text() + ": " + e.getMessage());
                    strange.add(each.key());
                }
            }
            each.status();
        }
        for (byte[] its : strange) {
            fresh.delete(its);
        }
        return true;
    }

    private void read(byte[] itsKey, byte[] value) {
        key.read(itsKey);
        if (!key.isValue()) {
            record.read(key.home(), key.epoch(), key.sequence(), value).message();
            sequenceMax = Math.max(sequenceMax, key.sequence());
        }
    }

    private void flush(Database fresh) throws RocksDBException {
        if (!bytes.isEmpty()) {
            fresh.write(bytes.finished());
            bytes.clear();
        }
    }
}
