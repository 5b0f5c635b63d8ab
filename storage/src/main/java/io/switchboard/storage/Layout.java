package io.switchboard.storage;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The files of a data directory that are not RocksDB's, and the lock that keeps a second process
/// away:
///
/// ```
/// DIR/messages.lock          held while a process has the messages; holds its id
/// DIR/messages/FORMAT        what this is, and the version of the layout
/// DIR/messages/INCARNATION   how often it was opened
/// DIR/messages/…             RocksDB's
/// ```
///
/// Owned by who opened it, until it is closed.
final class Layout implements AutoCloseable {
    private static final int VERSION = 1;
    private static final String FORMAT_TEXT = "switchboard messages, version ";
    private static final String LOCK = "messages.lock";
    private static final String MESSAGES = "messages";
    private static final String FORMAT = "FORMAT";
    private static final String INCARNATION = "INCARNATION";

    /// RocksDB's own name for the file that everything hangs on.
    private static final String CURRENT = "CURRENT";

    private final Path data;
    private final FileChannel lockFile;
    private final FileLock lock;

    private Layout(Path data, FileChannel lockFile, FileLock lock) {
        this.data = data;
        this.lockFile = lockFile;
        this.lock = lock;
    }

    /// Makes the data directory if it is not there, for its owner alone, and locks it.
    ///
    /// @throws StoreFailure if another process has it, or it cannot be written
    static Layout lock(Path data) {
        try {
            createDirectory(data);
            FileChannel file =
                    FileChannel.open(
                            data.resolve(LOCK),
                            StandardOpenOption.CREATE,
                            StandardOpenOption.READ,
                            StandardOpenOption.WRITE);
            FileLock lock = tryLock(file);
            if (lock == null) {
                String owner = owner(file);
                file.close();
                throw new StoreFailure(
                        "the data directory "
                                + data
                                + " is in use by another process"
                                + owner
                                + ": stop that one, or choose another directory");
            }
            file.truncate(0);
            file.write(UTF_8.encode(ProcessHandle.current().pid() + "\n"), 0);
            return new Layout(data, file, lock);
        } catch (IOException e) {
            throw cannot("use", data, e);
        }
    }

    private static @Nullable FileLock tryLock(FileChannel file) throws IOException {
        try {
            return file.tryLock();
        } catch (OverlappingFileLockException e) {
            return null;
        }
    }

    private static String owner(FileChannel file) throws IOException {
        ByteBuffer text = ByteBuffer.allocate(20);
        file.read(text, 0);
        String pid = UTF_8.decode(text.flip()).toString().strip();
        return pid.matches("[0-9]+") ? " (" + pid + ")" : "";
    }

    static void createDirectory(Path directory) throws IOException {
        if (Files.isDirectory(directory)) {
            return;
        }
        boolean posix = directory.getFileSystem().supportedFileAttributeViews().contains("posix");
        FileAttribute<?>[] mode =
                posix
                        ? new FileAttribute<?>[] {
                            PosixFilePermissions.asFileAttribute(
                                    PosixFilePermissions.fromString("rwx------"))
                        }
                        : new FileAttribute<?>[0];
        Files.createDirectories(directory, mode);
    }

    Path data() {
        return data;
    }

    /// Where RocksDB's files are.
    Path messages() {
        return data.resolve(MESSAGES);
    }

    /// Whether anything was ever stored.
    boolean isEmpty() {
        return !Files.exists(messages().resolve(FORMAT))
                && !Files.exists(messages().resolve(CURRENT));
    }

    /// Where a repair puts what it saves.
    Path repaired() {
        return data.resolve(MESSAGES + ".repaired");
    }

    /// Whether the old messages were put aside and what was saved of them is not in their place.
    boolean repairWasInterrupted() {
        return !Files.exists(messages()) && Files.exists(repaired().resolve(FORMAT));
    }

    void checkNoRepairWasInterrupted() {
        if (repairWasInterrupted()) {
            throw new StoreFailure(
                    "a repair of "
                            + messages()
                            + " was interrupted: run 'switchboard check --data "
                            + data
                            + " --repair' again, which finishes it");
        }
    }

    /// Whether the directory holds messages, or did before a repair that was interrupted.
    static boolean isThere(Path data) {
        return Files.isDirectory(data.resolve(MESSAGES))
                || Files.isDirectory(data.resolve(MESSAGES + ".repaired"));
    }

    /// Makes the folder ready where nothing was stored yet, and says no to what is not ours.
    void prepare() {
        checkNoRepairWasInterrupted();
        try {
            createDirectory(messages());
            if (isEmpty()) {
                replace(messages().resolve(FORMAT), FORMAT_TEXT + VERSION + "\n");
                replace(messages().resolve(INCARNATION), "0\n");
                sync(data);
            }
            checkVersion();
            checkFormat();
            checkCurrent();
        } catch (IOException e) {
            throw cannot("use", messages(), e);
        }
    }

    /// Says no to the messages of another version, which are not damaged. What does not name one is
    /// for [#checkFormat].
    void checkVersion() throws IOException {
        String version = version();
        if (!version.isEmpty() && Integer.parseInt(version) != VERSION) {
            throw new StoreFailure(
                    messages()
                            + " has messages in format version "
                            + version
                            + ", and this server knows only version "
                            + VERSION
                            + ": run the server that wrote them, or choose another directory");
        }
    }

    /// That it names a version at all.
    void checkFormat() throws IOException {
        Path file = messages().resolve(FORMAT);
        if (!Files.exists(file)) {
            throw damaged(messages(), file + ": missing", null);
        }
        if (version().isEmpty()) {
            throw damaged(messages(), file + ": expected '" + FORMAT_TEXT + VERSION + "'", null);
        }
    }

    /// The number that the file names; empty if it names none.
    private String version() throws IOException {
        String text = text(messages().resolve(FORMAT));
        String version = text.startsWith(FORMAT_TEXT) ? text.substring(FORMAT_TEXT.length()) : "";
        return version.matches("[0-9]{1,9}") ? version : "";
    }

    /// Any bytes are a text here: garbled ones are a damage, and no failure to read.
    private static String text(Path file) throws IOException {
        return Files.exists(file) ? Files.readString(file, ISO_8859_1).strip() : "";
    }

    /// Without it RocksDB would take the folder for a new one, and what is there for rubbish.
    private void checkCurrent() throws IOException {
        if (Files.exists(messages().resolve(CURRENT))) {
            return;
        }
        try (Stream<Path> files = Files.list(messages())) {
            if (files.anyMatch(file -> file.toString().matches(".*\\.(sst|log)"))) {
                throw damaged(messages(), messages().resolve(CURRENT) + ": missing", null);
            }
        }
    }

    /// Counts one start more; on the disk when this returns.
    int nextIncarnation() {
        try {
            int incarnation = Math.addExact(incarnation(), 1);
            replace(messages().resolve(INCARNATION), incarnation + "\n");
            return incarnation;
        } catch (IOException e) {
            throw cannot("write to", messages(), e);
        }
    }

    int incarnation() throws IOException {
        Path file = messages().resolve(INCARNATION);
        String text = text(file);
        if (!text.matches("[0-9]{1,9}")) {
            throw damaged(messages(), file + ": expected a number", null);
        }
        return Integer.parseInt(text);
    }

    /// The files of a folder that is to take this one's place.
    static void write(Path messages, int incarnation) throws IOException {
        replace(messages.resolve(FORMAT), FORMAT_TEXT + VERSION + "\n");
        replace(messages.resolve(INCARNATION), incarnation + "\n");
    }

    /// All or nothing, and on the disk.
    private static void replace(Path file, String text) throws IOException {
        Path fresh = file.resolveSibling(file.getFileName() + ".new");
        try (FileChannel to =
                FileChannel.open(
                        fresh,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.TRUNCATE_EXISTING,
                        StandardOpenOption.WRITE)) {
            ByteBuffer bytes = UTF_8.encode(text);
            while (bytes.hasRemaining()) {
                to.write(bytes);
            }
            to.force(true);
        }
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
        sync(file.toAbsolutePath().getParent());
    }

    /// What was made or renamed in a folder is on the disk.
    static void sync(@Nullable Path folder) throws IOException {
        if (folder != null) {
            try (FileChannel it = FileChannel.open(folder, StandardOpenOption.READ)) {
                it.force(true);
            }
        }
    }

    static StoreFailure cannot(String what, Path path, IOException e) {
        String reason =
                e instanceof FileSystemException file && file.getReason() != null
                        ? file.getReason()
                        : e.getClass().getSimpleName() + ": " + e.getMessage();
        return new StoreFailure("cannot " + what + " " + path + " (" + reason + "): see 'data'", e);
    }

    /// @param messages the folder with RocksDB's files
    static StoreFailure damaged(Path messages, String where, @Nullable Throwable cause) {
        Path data = messages.getParent();
        return new StoreFailure(
                "stored messages are damaged: "
                        + where
                        + ". Nothing was changed. 'switchboard check --data "
                        + data
                        + "' says what can be read; with --repair it keeps that and puts the rest"
                        + " aside",
                cause);
    }

    @Override
    public void close() {
        try {
            lock.release();
            lockFile.close();
        } catch (IOException e) {
            throw cannot("close", data, e);
        }
    }
}
