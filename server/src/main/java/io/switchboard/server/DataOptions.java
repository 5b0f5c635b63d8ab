package io.switchboard.server;

import java.nio.file.Path;

/// Where the server keeps its files, and whether messages are among them.
///
/// @param durable whether what is stored outlives the process
/// @param reserveBytes with less than this free on the disk no more messages are stored
public record DataOptions(Path directory, boolean durable, long reserveBytes) {
    private static final long RESERVE = 64L << 20;

    /// The development certificate in `data`, and nothing else.
    public static final DataOptions DEFAULT = new DataOptions(Path.of("data"), false, RESERVE);

    public DataOptions {
        if (reserveBytes < 0) {
            throw new IllegalArgumentException("a reserve of " + reserveBytes + " bytes");
        }
    }

    /// Messages are kept there too.
    public DataOptions in(Path where) {
        return new DataOptions(where, true, reserveBytes);
    }

    /// Everything but messages.
    public DataOptions withoutMessagesIn(Path where) {
        return new DataOptions(where, false, reserveBytes);
    }

    public DataOptions withReserve(long bytes) {
        return new DataOptions(directory, durable, bytes);
    }
}
