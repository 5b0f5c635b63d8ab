package io.switchboard.storage;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.rocksdb.NativeLibraryLoader;

/// RocksDB's code for this machine, once a process.
///
/// RocksDB itself unpacks it into a file that a killed process leaves behind, 17 MB each time. Here
/// the file is gone as soon as it is loaded, where the system allows that.
final class NativeLibrary {
    private static boolean loaded;

    private NativeLibrary() {}

    /// @param other where to unpack it if nothing can be run from the folder for temporary files
    static synchronized void load(Path other) {
        if (loaded) {
            return;
        }
        try {
            unpack(Files.createTempDirectory("switchboard-native"));
        } catch (IOException | LinkageError | RuntimeException e) {
            try {
                unpack(Files.createTempDirectory(other, "native"));
            } catch (IOException | LinkageError | RuntimeException again) {
                again.addSuppressed(e);
                throw new StoreFailure(
                        "RocksDB, which keeps messages, cannot be loaded on this machine ("
                                + again.getMessage()
                                + "): run without data, or with a rocksdbjni jar for it",
                        again);
            }
        }
        loaded = true;
    }

    private static void unpack(Path folder) throws IOException {
        try {
            NativeLibraryLoader.getInstance().loadLibrary(folder.toString());
        } finally {
            try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
                for (Path file : files) {
                    Files.deleteIfExists(file);
                }
            } finally {
                Files.deleteIfExists(folder);
            }
        }
    }
}
