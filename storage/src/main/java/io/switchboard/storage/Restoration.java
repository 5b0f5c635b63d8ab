package io.switchboard.storage;

import io.switchboard.broker.Journal;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One pass over everything that is stored, in the order of the keys. Says how far it is each
/// second.
final class Restoration {
    private static final Logger LOG = LoggerFactory.getLogger(Restoration.class);
    private static final long READ_AHEAD = 2L << 20;
    private static final long SAY_EVERY = TimeUnit.SECONDS.toNanos(1);

    /// Between looks at the clock.
    private static final int STEP = 4_096;

    private final RocksDB db;
    private final Journal.Restoring restoring;
    private final LongSupplier nanoTime;
    private final KeyReader key = new KeyReader();
    private final StoredRecord record = new StoredRecord();
    private long values;
    private long messages;

    Restoration(RocksDB db, Journal.Restoring restoring, LongSupplier nanoTime) {
        this.db = db;
        this.restoring = restoring;
        this.nanoTime = nanoTime;
    }

    /// @throws BadRecord for what is whole and cannot be understood
    void run() throws RocksDBException {
        long started = nanoTime.getAsLong();
        long said = started;
        long about = db.getLongProperty("rocksdb.estimate-num-keys");
        try (ReadOptions how = new ReadOptions().setReadaheadSize(READ_AHEAD).setFillCache(false);
                RocksIterator each = db.newIterator(how)) {
            for (each.seekToFirst(); each.isValid(); each.next()) {
                take(each.key(), each.value());
                if ((messages + values) % STEP == 0) {
                    long now = nanoTime.getAsLong();
                    if (now - said > SAY_EVERY) {
                        said = now;
                        LOG.info("restored {} messages of about {}", messages, about);
                    }
                }
            }
            each.status();
        }
        long millis = TimeUnit.NANOSECONDS.toMillis(nanoTime.getAsLong() - started);
        if (messages + values > 0) {
            LOG.info("restored {} messages and {} values in {} ms", messages, values, millis);
        }
    }

    private void take(byte[] itsKey, byte[] value) {
        key.read(itsKey);
        if (key.isValue()) {
            values++;
            restoring.value(key.home(), key.name(), value);
        } else {
            messages++;
            restoring.message(
                    key.home(), record.read(key.home(), key.epoch(), key.sequence(), value));
        }
    }

    /// The last thing that it came to.
    String at() {
        return messages + values == 0 ? "at the beginning" : "at or behind " + key.text();
    }
}
