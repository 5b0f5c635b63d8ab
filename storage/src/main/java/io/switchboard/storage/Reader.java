package io.switchboard.storage;

import io.switchboard.broker.Disconnect;
import io.switchboard.broker.Journal.Reading;
import io.switchboard.broker.Message;
import io.switchboard.broker.Post;
import io.switchboard.broker.Refusal;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDBException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The one thread that reads messages back, one wish after the other. The shards bound how many
/// wishes there are: each stands for messages that a queue is about to hand out.
final class Reader {
    private static final Logger LOG = LoggerFactory.getLogger(Reader.class);
    private static final long LOOK_UP_MILLIS = 100;

    private final Database database;
    private final Answers answers;
    private final LinkedBlockingQueue<Reading> waiting;
    private final Keys keys = new Keys();
    private final StoredRecord stored = new StoredRecord();
    private final Thread thread = new Thread(this::run, "switchboard-journal-reader");
    private volatile boolean closing;

    Reader(Database database, LinkedBlockingQueue<Reading> waiting, Answers answers) {
        this.database = database;
        this.waiting = waiting;
        this.answers = answers;
    }

    void start() {
        thread.start();
    }

    /// Every wish is answered when this returns.
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
            Reading reading = next();
            if (reading != null) {
                answers.post(reading.shard(), answer(reading));
            } else if (closing && waiting.isEmpty()) {
                return;
            }
        }
    }

    private @Nullable Reading next() {
        try {
            return waiting.poll(closing ? 0 : LOOK_UP_MILLIS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            // Nobody interrupts this thread: it ends when it is told to close.
            return null;
        }
    }

    private Post.Read answer(Reading reading) {
        try {
            return new Post.Read(reading, read(reading), null);
        } catch (RocksDBException | RuntimeException | Error e) {
            LOG.error("messages of {} cannot be read: {}", reading.home(), e.toString());
            return new Post.Read(
                    reading,
                    List.of(),
                    new Refusal(
                            Disconnect.STORE_FAILED,
                            "stored messages cannot be read; see the server's log"));
        }
    }

    private List<@Nullable Message> read(Reading reading) throws RocksDBException {
        String home = reading.home();
        long[] sequences = reading.sequences();
        List<byte[]> wanted = new ArrayList<>(sequences.length);
        for (long sequence : sequences) {
            wanted.add(keys.message(home, reading.epoch(), sequence));
        }
        // Null where there is nothing.
        List<byte[]> found =
                database.use(db -> {
                    try (ReadOptions how = new ReadOptions()) {
                        return db.multiGetAsList(how, wanted);
                    }
                });
        List<@Nullable Message> messages = new ArrayList<>(sequences.length);
        for (int i = 0; i < sequences.length; i++) {
            byte[] value = found.get(i);
            messages.add(
                    value == null
                            ? null
                            : stored.read(home, reading.epoch(), sequences[i], value).message());
        }
        return messages;
    }
}
