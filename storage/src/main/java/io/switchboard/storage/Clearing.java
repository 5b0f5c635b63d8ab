package io.switchboard.storage;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.rocksdb.FlushOptions;
import org.rocksdb.RocksDBException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Sees to it that what was removed gives its space back also when nothing more comes.
///
/// RocksDB clears away by itself what was removed, once the removals lie in a table: one with many
/// of them is compacted soon. But they get there with what is written after them, and of a range
/// that was removed at once it does not know how much that is. So now and then removals are written
/// into a table, and ranges compacted. For all threads.
final class Clearing {
    private static final Logger LOG = LoggerFactory.getLogger(Clearing.class);
    private static final long EVERY_MILLIS = 10_000;

    /// Fewer removals are not worth a table of their own.
    private static final int REMOVALS_MIN = 1_000;

    /// Ranges that are known and not compacted; later ones wait for RocksDB to come by.
    private static final int RANGES_MAX = 256;

    record KeyRange(byte[] from, byte[] to) {}

    private final Database database;
    private final long everyMillis;
    private final Thread thread = new Thread(this::run, "switchboard-journal-clearing");
    private final CountDownLatch closing = new CountDownLatch(1);

    /// Both under the monitor.
    private long removals;

    private final ArrayDeque<KeyRange> ranges = new ArrayDeque<>();

    Clearing(Database database) {
        this(database, EVERY_MILLIS);
    }

    Clearing(Database database, long everyMillis) {
        this.database = database;
        this.everyMillis = everyMillis;
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    /// Does not wait for what is being compacted: that ends with the database.
    void close() {
        closing.countDown();
    }

    /// So much was removed, and that is stored.
    synchronized void removed(int count, List<KeyRange> these) {
        removals += count;
        for (KeyRange range : these) {
            if (ranges.size() < RANGES_MAX) {
                ranges.add(range);
            }
        }
    }

    private void run() {
        try {
            while (!closing.await(everyMillis, TimeUnit.MILLISECONDS)) {
                clear();
            }
        } catch (InterruptedException e) {
            // Nobody interrupts this thread: it ends when it is told to close.
            return;
        }
    }

    private void clear() {
        List<KeyRange> these;
        synchronized (this) {
            if (removals < REMOVALS_MIN && ranges.isEmpty()) {
                return;
            }
            removals = 0;
            these = new ArrayList<>(ranges);
            ranges.clear();
        }
        try {
            database.use(db -> {
                try (FlushOptions wait = new FlushOptions().setWaitForFlush(true)) {
                    db.flush(wait);
                }
                return true;
            });
            for (KeyRange range : these) {
                if (closing.getCount() == 0) {
                    return;
                }
                database.use(db -> {
                    db.compactRange(range.from, range.to);
                    return true;
                });
            }
        } catch (RocksDBException e) {
            LOG.debug("did not clear away what was removed: {}", e.getMessage());
        }
    }
}
