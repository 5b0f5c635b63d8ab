package io.switchboard.storage;

import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;

/// Puts together what a store says of itself.
final class Measures {
    private Measures() {}

    static StoreReading of(Database database, @Nullable Writer writer, LongSupplier free) {
        long[] held = new long[3];
        try {
            database.use(db -> {
                held[0] = db.getLongProperty("rocksdb.estimate-num-keys");
                long unflushed = db.getLongProperty("rocksdb.cur-size-all-mem-tables");
                held[1] = db.getLongProperty("rocksdb.estimate-live-data-size") + unflushed;
                held[2] = db.getLongProperty("rocksdb.total-sst-files-size") + unflushed;
                return true;
            });
        } catch (RocksDBException closedAtTheMoment) {
            held[0] = 0;
        }
        return writer == null
                ? new StoreReading(0, 0, 0, 0, held[0], held[1], held[2], free.getAsLong())
                : new StoreReading(
                        count(writer.batches),
                        count(writer.syncs),
                        count(writer.written),
                        count(writer.failures),
                        held[0],
                        held[1],
                        held[2],
                        free.getAsLong());
    }

    private static long count(AtomicLong counter) {
        return counter.getAcquire();
    }
}
