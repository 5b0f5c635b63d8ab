package io.switchboard.storage;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The write-ahead logs of a store that is not open: what stands in them when it opens.
///
/// RocksDB takes an end that is torn for the end in each of them, and skips what is blank. Here
/// only the last write of all may be torn; it is cut off, so that the next start finds no damage.
final class Logs {
    private static final Logger LOG = LoggerFactory.getLogger(Logs.class);
    private static final String SUFFIX = ".log";

    private Logs() {}

    /// In the order in which they were written.
    static List<Path> of(Path directory) throws IOException {
        List<Path> logs = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, "*" + SUFFIX)) {
            for (Path file : files) {
                if (file.getFileName().toString().matches("[0-9]+\\.log")) {
                    logs.add(file);
                }
            }
        }
        logs.sort(Comparator.comparingLong(Logs::number));
        return logs;
    }

    private static long number(Path log) {
        String name = log.getFileName().toString();
        return Long.parseLong(name.substring(0, name.length() - SUFFIX.length()));
    }

    /// What is wrong, if anything but the end is.
    ///
    /// @param file where
    /// @param offset in it
    record Damage(Path file, long offset, String what) {
        String text() {
            return file + " at offset " + offset + ": " + what;
        }
    }

    /// All damage to what was stored.
    static List<Damage> damage(Path directory) throws IOException {
        List<Damage> found = new ArrayList<>();
        for (Torn torn : torn(directory)) {
            if (torn.followed) {
                found.add(torn.damage);
            }
        }
        return found;
    }

    /// RocksDB begins a log whenever it opens, and takes none for nothing to read.
    static boolean missing(Path directory) throws IOException {
        return of(directory).isEmpty() && Files.exists(directory.resolve("CURRENT"));
    }

    /// Cuts a torn last write off.
    ///
    /// @throws StoreFailure if something else is damaged
    static void mend(Path directory) throws IOException {
        if (missing(directory)) {
            throw Layout.damaged(directory, directory + ": its log is missing", null);
        }
        for (Torn torn : torn(directory)) {
            if (torn.followed) {
                throw Layout.damaged(directory, torn.damage.text(), null);
            }
            LOG.info("dropped a write that was not finished: {}", torn.damage.text());
            cut(torn.damage.file, torn.goodEnd);
        }
    }

    /// @param followed whether something was stored behind it, in this log or a later one
    private record Torn(Damage damage, long goodEnd, boolean followed) {}

    private static List<Torn> torn(Path directory) throws IOException {
        List<Torn> torn = new ArrayList<>();
        boolean later = false;
        for (Path log : of(directory).reversed()) {
            LogFile.Reading reading = LogFile.read(log, (offset, end, write) -> {});
            if (reading.damaged()) {
                Damage damage =
                        new Damage(log, reading.damageAt(), String.valueOf(reading.damage()));
                torn.add(new Torn(damage, reading.goodEnd(), later || reading.followed()));
            }
            later |= reading.writes() > 0 || reading.damaged();
        }
        return torn;
    }

    /// Makes it that nothing was written after the write that ended with that sequence: what comes
    /// behind it leaves the logs, and that is synced.
    static void forgetBehind(Path directory, long lastSequence) throws IOException {
        for (Path log : of(directory)) {
            long[] end = {0};
            LogFile.Reading reading =
                    LogFile.read(
                            log,
                            (offset, itsEnd, write) -> {
                                if (write.getLong(0) <= lastSequence) {
                                    end[0] = itsEnd;
                                }
                            });
            if (reading.damaged() || reading.goodEnd() > end[0]) {
                cut(log, end[0]);
            }
        }
    }

    private static void cut(Path log, long length) throws IOException {
        try (FileChannel file = FileChannel.open(log, StandardOpenOption.WRITE)) {
            file.truncate(length);
            file.force(true);
        }
    }
}
