package io.switchboard.storage;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.rocksdb.LiveFileMetaData;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;

/// Reads the tables of a damaged database as a whole, past what cannot be read. The logs are left
/// to [LogSalvage]: RocksDB, which would read them too, leaves out more than is damaged.
///
/// RocksDB reads in the order of the keys and stops at the damage; it cannot say which key comes
/// behind it. That one is searched for: keys are numbers, from the last good one upwards in steps
/// that double until something can be read, and then back by halves to the first.
final class WholeSalvage {
    private final Path directory;
    private final Consumer<String> report;
    private final Map<String, String> contents = new HashMap<>();
    private long lastSequence = -1;

    interface Taker {
        void take(byte[] key, byte[] value) throws RocksDBException;
    }

    /// @param report takes a line for each gap
    WholeSalvage(Path directory, Consumer<String> report) {
        this.directory = directory;
        this.report = report;
    }

    private static Properties lenient() {
        Properties lenient = new Properties();
        lenient.setProperty("paranoid_checks", "false");
        lenient.setProperty("track_and_verify_wals_in_manifest", "false");
        return lenient;
    }

    /// @return false if nothing could be read in this way, though there is something
    boolean copy(Taker taker) throws IOException, RocksDBException {
        Path noLogs = directory.resolveSibling("messages.no-logs");
        Layout.createDirectory(noLogs);
        try (Database database = new Database(directory, lenient())) {
            try {
                database.openToRead(noLogs);
            } catch (RocksDBException e) {
                report.accept("cannot be opened as a whole: " + Damage.text(e));
                return false;
            }
            database.use(this::noteContents);
            boolean any = database.use(db -> copy(db, taker));
            if (any) {
                lastSequence = database.use(WholeSalvage::lastSequence);
            }
            return any;
        } finally {
            Files.deleteIfExists(noLogs);
        }
    }

    /// Between which messages what is in a table lies, by the table's name: of those that the
    /// database names, be they readable or not.
    Map<String, String> contents() {
        return contents;
    }

    private boolean noteContents(RocksDB db) {
        for (LiveFileMetaData file : db.getLiveFilesMetaData()) {
            contents.put(
                    file.fileName().replace("/", ""),
                    name(file.smallestKey()) + " to " + name(file.largestKey()));
        }
        return true;
    }

    /// Of the last write that is in the tables; -1 if it is not known.
    long lastSequence() {
        return lastSequence;
    }

    /// The database's own last one may be of a write that is in a log only.
    private static long lastSequence(RocksDB db) {
        long last = -1;
        for (LiveFileMetaData file : db.getLiveFilesMetaData()) {
            last = Math.max(last, file.largestSeqno());
        }
        return last;
    }

    private boolean copy(RocksDB db, Taker taker) throws RocksDBException {
        int width = width(db);
        byte @Nullable [] from = new byte[0];
        byte @Nullable [] last = null;
        boolean any = false;
        while (from != null) {
            RocksDBException damage = null;
            try (ReadOptions how = new ReadOptions().setFillCache(false);
                    RocksIterator each = db.newIterator(how)) {
                for (each.seek(from); each.isValid(); each.next()) {
                    last = each.key();
                    taker.take(last, each.value());
                    any = true;
                }
                damage = failure(each);
            }
            if (damage == null) {
                return true;
            }
            byte[] failed = last == null ? from : Arrays.copyOf(last, last.length + 1);
            from = firstReadable(db, failed, Math.max(width, failed.length + 1));
            report.accept(
                    "missing "
                            + (last == null ? "from the beginning" : "behind " + name(last))
                            + (from == null ? "" : " up to " + name(first(db, from)))
                            + ": "
                            + Damage.text(damage));
        }
        return any;
    }

    /// Longer than any key.
    private static int width(RocksDB db) {
        int width = 0;
        for (LiveFileMetaData file : db.getLiveFilesMetaData()) {
            width = Math.max(width, Math.max(file.largestKey().length, file.smallestKey().length));
        }
        return width + 1;
    }

    private static @Nullable RocksDBException failure(RocksIterator each) {
        try {
            each.status();
            return null;
        } catch (RocksDBException e) {
            return e;
        }
    }

    static String name(byte @Nullable [] key) {
        if (key == null) {
            return "the end";
        }
        KeyReader reader = new KeyReader();
        try {
            reader.read(key);
            return reader.text();
        } catch (BadRecord e) {
            return "something that cannot be understood";
        }
    }

    private static byte @Nullable [] first(RocksDB db, byte[] from) {
        try (RocksIterator each = db.newIterator()) {
            each.seek(from);
            return each.isValid() ? each.key() : null;
        }
    }

    /// @return null if nothing behind it can be read
    private static byte @Nullable [] firstReadable(RocksDB db, byte[] failed, int width) {
        BigInteger low = new BigInteger(1, Arrays.copyOf(failed, width));
        BigInteger end = BigInteger.ONE.shiftLeft(8 * width);
        BigInteger step = BigInteger.ONE;
        BigInteger high = low.add(step);
        while (high.compareTo(end) < 0 && !readable(db, bytes(high, width))) {
            low = high;
            step = step.shiftLeft(1);
            high = high.add(step);
        }
        if (high.compareTo(end) >= 0) {
            high = end;
        }
        while (high.subtract(low).compareTo(BigInteger.ONE) > 0) {
            BigInteger middle = high.add(low).shiftRight(1);
            if (readable(db, bytes(middle, width))) {
                high = middle;
            } else {
                low = middle;
            }
        }
        return high.equals(end) ? null : bytes(high, width);
    }

    private static byte[] bytes(BigInteger number, int width) {
        byte[] digits = number.toByteArray();
        byte[] bytes = new byte[width];
        int length = Math.min(width, digits.length);
        System.arraycopy(digits, digits.length - length, bytes, width - length, length);
        return bytes;
    }

    private static boolean readable(RocksDB db, byte[] key) {
        try (RocksIterator each = db.newIterator()) {
            each.seek(key);
            return each.isValid() || failure(each) == null;
        }
    }
}
