package io.switchboard.storage;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Properties;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.rocksdb.Options;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.SstFileReader;

/// Reads everything in a data directory that no server is using, against its checksums, and says
/// what it finds, a line a file. Changes nothing that was stored.
public final class StoreCheck {
    private final Path messages;
    private final Consumer<String> out;
    private boolean well = true;
    private boolean tornEnd;
    private boolean damagedLog;

    StoreCheck(Path messages, Consumer<String> out) {
        this.messages = messages;
        this.out = out;
    }

    /// @param out takes the lines
    /// @return whether all is well
    /// @throws StoreFailure if it cannot be looked at, for instance because a server is using it
    public static boolean run(Path data, Consumer<String> out) {
        try (Layout layout = lockExisting(data)) {
            layout.checkNoRepairWasInterrupted();
            layout.checkVersion();
            return new StoreCheck(layout.messages(), out).all(layout);
        } catch (IOException e) {
            throw Layout.cannot("read", data, e);
        }
    }

    static Layout lockExisting(Path data) {
        if (!Layout.isThere(data)) {
            throw new StoreFailure("there are no messages in " + data);
        }
        return Layout.lock(data);
    }

    boolean all(Layout layout) throws IOException {
        try {
            layout.checkFormat();
            layout.incarnation();
        } catch (StoreFailure e) {
            damaged(String.valueOf(e.getMessage()));
        }
        logs();
        tables();
        contents();
        return well;
    }

    private void damaged(String line) {
        well = false;
        out.accept(line);
    }

    private void logs() throws IOException {
        if (Logs.missing(messages)) {
            damaged(messages + ": its log is missing");
        }
        List<Logs.Damage> damage = Logs.damage(messages);
        for (Path log : Logs.of(messages)) {
            LogFile.Reading reading = LogFile.read(log, (offset, end, write) -> {});
            String name = log.getFileName() + ": " + reading.writes() + " writes, ";
            Logs.Damage found =
                    damage.stream().filter(it -> it.file().equals(log)).findFirst().orElse(null);
            if (found != null) {
                damagedLog = true;
                damaged(name + "damaged at offset " + found.offset() + ": " + found.what());
            } else if (reading.damaged()) {
                tornEnd = true;
                out.accept(
                        name
                                + "and at offset "
                                + reading.damageAt()
                                + " one that was not finished, which the next start drops");
            } else {
                out.accept(name + "good");
            }
        }
    }

    /// The tables of a folder, by their names.
    static List<Path> tables(Path messages) throws IOException {
        try (Stream<Path> files = Files.list(messages)) {
            return files.filter(file -> file.toString().endsWith(".sst")).sorted().toList();
        }
    }

    private void tables() throws IOException {
        NativeLibrary.load(messages);
        for (Path table : tables(messages)) {
            String name = table.getFileName() + ": ";
            try (Options options = new Options();
                    SstFileReader reader = new SstFileReader(options)) {
                reader.open(table.toString());
                reader.verifyChecksum();
                out.accept(name + reader.getTableProperties().getNumEntries() + " entries, good");
            } catch (RocksDBException e) {
                damaged(name + "damaged: " + Damage.text(e));
            }
        }
    }

    /// All of it together: that nothing is missing, and that this version understands it.
    private void contents() {
        try (Database database = new Database(messages, asTheStart())) {
            database.openToRead();
            database.use(this::decodeAll);
        } catch (RocksDBException e) {
            damaged("the messages cannot be read as a whole: " + Damage.text(e));
        }
    }

    /// A start cuts a torn end off before it opens them. Nothing is cut here, so reading ends
    /// there.
    private Properties asTheStart() {
        Properties options = new Properties();
        if (tornEnd && !damagedLog) {
            options.setProperty("wal_recovery_mode", "kPointInTimeRecovery");
        }
        return options;
    }

    private boolean decodeAll(RocksDB db) throws RocksDBException {
        KeyReader key = new KeyReader();
        StoredRecord record = new StoredRecord();
        long stored = 0;
        long homes = 0;
        String home = "";
        try (ReadOptions how = new ReadOptions().setFillCache(false);
                RocksIterator each = db.newIterator(how)) {
            for (each.seekToFirst(); each.isValid(); each.next()) {
                try {
                    key.read(each.key());
                    if (!key.isValue()) {
                        record.read(key.home(), key.epoch(), key.sequence(), each.value())
                                .message();
                    }
                    stored++;
                    homes += key.home().equals(home) ? 0 : 1;
                    home = key.home();
                } catch (BadRecord e) {
                    damaged(
                            "cannot be understood, at or behind "
                                    + key.text()
                                    + ": "
                                    + e.getMessage());
                }
            }
            each.status();
        }
        out.accept(stored + " messages and values of " + homes + " destinations");
        return true;
    }
}
