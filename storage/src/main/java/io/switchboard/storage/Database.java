package io.switchboard.storage;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.jspecify.annotations.Nullable;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.ColumnFamilyOptions;
import org.rocksdb.CompressionType;
import org.rocksdb.ConfigOptions;
import org.rocksdb.DBOptions;
import org.rocksdb.FlushOptions;
import org.rocksdb.InfoLogLevel;
import org.rocksdb.LRUCache;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.TablePropertiesCollectorFactory;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;

/// RocksDB, as this module uses it: one key space, every write synced. It can be closed and opened
/// again while others use it ([#suspend], [#resume]).
///
/// Safe for all threads; only the writer writes, suspends and resumes.
final class Database implements AutoCloseable {
    private static final long WRITE_BUFFER_LENGTH = 32L << 20;
    private static final long CACHE_LENGTH = 32L << 20;
    private static final int BLOCK_LENGTH = 16 << 10;
    private static final int BLOOM_BITS = 10;
    private static final int JOBS = 2;
    private static final long FILE_LENGTH = 64L << 20;
    private static final long SYNC_EVERY = 1L << 20;
    private static final int OWN_LOG_LENGTH = 1 << 20;

    /// A file of which this many of that many neighbours are deletions is compacted soon, and so is
    /// one of which half are.
    private static final int DELETIONS = 4_096;

    private static final int DELETIONS_OF = 8_192;
    private static final double DELETIONS_SHARE = 0.5;

    /// Reading looks at all range deletions of a memory table, so that is flushed before there are
    /// too many.
    private static final int RANGE_DELETIONS = 1_000;

    private final Path directory;
    private final ConfigOptions reading = new ConfigOptions();
    private final LRUCache cache = new LRUCache(CACHE_LENGTH);
    private final BloomFilter filter = new BloomFilter(BLOOM_BITS);
    private final TablePropertiesCollectorFactory deletions =
            TablePropertiesCollectorFactory.NewCompactOnDeletionCollectorFactory(
                    DELETIONS_OF, DELETIONS, DELETIONS_SHARE);
    private final DBOptions databaseOptions;
    private final ColumnFamilyOptions familyOptions;
    private final Options options;
    private final WriteOptions synced = new WriteOptions().setSync(true);

    /// Who uses the database holds it for reading; who closes or opens it, for writing.
    private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();

    private volatile @Nullable RocksDB db;

    Database(Path directory) {
        this(directory, new Properties());
    }

    /// @param further options, by RocksDB's names
    Database(Path directory, Properties further) {
        NativeLibrary.load(directory);
        this.directory = directory;
        Properties properties = new Properties();
        properties.setProperty("track_and_verify_wals_in_manifest", "true");
        properties.setProperty("wal_recovery_mode", "kTolerateCorruptedTailRecords");
        properties.putAll(further);
        databaseOptions =
                DBOptions.getDBOptionsFromProps(reading, properties)
                        .setCreateIfMissing(true)
                        .setRecycleLogFileNum(0)
                        .setMaxBackgroundJobs(JOBS)
                        .setBytesPerSync(SYNC_EVERY)
                        .setInfoLogLevel(InfoLogLevel.WARN_LEVEL)
                        .setMaxLogFileSize(OWN_LOG_LENGTH)
                        .setKeepLogFileNum(2)
                        .setStatsDumpPeriodSec(0);
        familyOptions =
                new ColumnFamilyOptions()
                        .setWriteBufferSize(WRITE_BUFFER_LENGTH)
                        .setTargetFileSizeBase(FILE_LENGTH)
                        .setMemtableMaxRangeDeletions(RANGE_DELETIONS)
                        .setCompressionPerLevel(
                                List.of(
                                        CompressionType.NO_COMPRESSION,
                                        CompressionType.NO_COMPRESSION,
                                        CompressionType.LZ4_COMPRESSION))
                        .setTableFormatConfig(
                                new BlockBasedTableConfig()
                                        .setBlockSize(BLOCK_LENGTH)
                                        .setBlockCache(cache)
                                        .setFilterPolicy(filter));
        options = new Options(databaseOptions, familyOptions);
        options.setTablePropertiesCollectorFactory(List.of(deletions));
    }

    Path directory() {
        return directory;
    }

    /// @throws RocksDBException if RocksDB finds damage, or cannot write
    void open() throws RocksDBException {
        lock.writeLock().lock();
        try {
            db = RocksDB.open(options, directory.toString());
        } finally {
            lock.writeLock().unlock();
        }
    }

    /// Changes nothing on the disk, and so cannot be written to.
    void openToRead() throws RocksDBException {
        lock.writeLock().lock();
        try {
            db = RocksDB.openReadOnly(options, directory.toString());
        } finally {
            lock.writeLock().unlock();
        }
    }

    /// @param logs where it looks for logs; an empty folder, to read the tables alone
    void openToRead(Path logs) throws RocksDBException {
        options.setWalDir(logs.toString());
        openToRead();
    }

    boolean isOpen() {
        return db != null;
    }

    private RocksDB db() throws RocksDBException {
        RocksDB open = db;
        if (open == null) {
            throw new RocksDBException("the store is closed at the moment");
        }
        return open;
    }

    /// All or nothing; on the disk when it returns.
    void write(byte[] batch) throws RocksDBException {
        try (WriteBatch changes = new WriteBatch(batch)) {
            db().write(synced, changes);
        }
    }

    /// Of the last change that was written and synced.
    long lastSequence() throws RocksDBException {
        return db().getLatestSequenceNumber();
    }

    interface Use<T> {
        T with(RocksDB db) throws RocksDBException;
    }

    /// Uses the database while it cannot be closed.
    <T> T use(Use<T> use) throws RocksDBException {
        lock.readLock().lock();
        try {
            return use.with(db());
        } finally {
            lock.readLock().unlock();
        }
    }

    /// Closes it as it is, and takes back whatever was written behind that sequence.
    ///
    /// @throws IOException if that cannot be taken back, or is not synced; it is to be tried again
    void suspend(long lastSequence) throws IOException {
        endCompactions();
        lock.writeLock().lock();
        try {
            closeNow();
            Logs.forgetBehind(directory, lastSequence);
        } finally {
            lock.writeLock().unlock();
        }
    }

    /// In good order: the logs are empty then.
    void flush() throws RocksDBException {
        try (FlushOptions wait = new FlushOptions().setWaitForFlush(true)) {
            db().flush(wait);
        }
    }

    /// Lets go who waits for a compaction; nothing is flushed after this.
    private void endCompactions() {
        lock.readLock().lock();
        try {
            RocksDB open = db;
            if (open != null) {
                open.cancelAllBackgroundWork(false);
            }
        } finally {
            lock.readLock().unlock();
        }
    }

    private void closeNow() {
        RocksDB open = db;
        db = null;
        if (open != null) {
            open.close();
        }
    }

    @Override
    public void close() {
        endCompactions();
        lock.writeLock().lock();
        try {
            closeNow();
        } finally {
            lock.writeLock().unlock();
        }
        synced.close();
        options.close();
        familyOptions.close();
        databaseOptions.close();
        deletions.close();
        filter.close();
        cache.close();
        reading.close();
    }
}
