package io.switchboard.storage;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Consumer;
import org.rocksdb.Options;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDBException;
import org.rocksdb.SstFileReader;
import org.rocksdb.SstFileReaderIterator;

/// Reads the tables of a damaged database one after the other, where they cannot be read as a
/// whole. Read like this they do not say what was removed.
final class FileSalvage {
    private final Path directory;
    private final Map<String, String> contents;
    private final Consumer<String> report;

    /// @param contents what is known to lie in a table, by its name
    FileSalvage(Path directory, Map<String, String> contents, Consumer<String> report) {
        this.directory = directory;
        this.contents = contents;
        this.report = report;
    }

    /// @throws RocksDBException if what was read cannot be written
    void copy(WholeSalvage.Taker taker) throws IOException, RocksDBException {
        for (Path table : StoreCheck.tables(directory)) {
            copy(table, taker);
        }
    }

    private void copy(Path table, WholeSalvage.Taker taker) throws RocksDBException {
        String name = table.getFileName().toString();
        try (Options options = new Options();
                SstFileReader reader = new SstFileReader(options)) {
            try {
                reader.open(table.toString());
            } catch (RocksDBException e) {
                String lost = contents.getOrDefault(name, "nobody knows what");
                report.accept(name + ", with " + lost + ", cannot be read: " + Damage.text(e));
                return;
            }
            try (ReadOptions how = new ReadOptions();
                    SstFileReaderIterator each = reader.newIterator(how)) {
                byte[] last = new byte[0];
                for (each.seekToFirst(); each.isValid(); each.next()) {
                    last = each.key();
                    taker.take(last, each.value());
                }
                try {
                    each.status();
                } catch (RocksDBException e) {
                    report.accept(
                            name
                                    + " cannot be read behind "
                                    + WholeSalvage.name(last)
                                    + ": "
                                    + Damage.text(e));
                }
            }
        }
    }
}
