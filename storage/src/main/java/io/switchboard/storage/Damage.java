package io.switchboard.storage;

import java.nio.file.Path;
import org.rocksdb.RocksDBException;
import org.rocksdb.Status;

/// What a failure of RocksDB means for the operator. Its own messages name the file, and the offset
/// where it knows.
final class Damage {
    private Damage() {}

    static StoreFailure failure(Path messages, RocksDBException e) {
        Status status = e.getStatus();
        boolean damaged = status != null && status.getCode() == Status.Code.Corruption;
        String text = text(e);
        boolean missing = text.contains("No such file");
        if (damaged || missing) {
            return Layout.damaged(messages, text, e);
        }
        return new StoreFailure(
                "the messages in " + messages + " cannot be opened (" + text + "): see 'data'", e);
    }

    /// In one line.
    static String text(RocksDBException e) {
        return String.valueOf(e.getMessage()).strip().replaceAll("\\s*\\R\\s*", " ");
    }
}
