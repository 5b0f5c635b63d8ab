package io.switchboard.bench;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// What a disk allows at most: a journal can be no faster than writing its bytes one behind the
/// other and syncing them in groups.
@Command(
        name = "disk",
        mixinStandardHelpOptions = true,
        description = {
            "Appends bytes to a file and syncs them in groups: the limit that the disk sets to a"
                    + " journal with as many bytes a message and as many messages a sync."
        })
final class DiskCommand implements Callable<Integer> {
    /// As a journal does, the file begins again now and then.
    private static final long FILE_LENGTH_MAX = 64L << 20;

    @Option(
            names = "--dir",
            paramLabel = "DIR",
            required = true,
            description = "A folder on that disk; the file in it is removed at the end.")
    private Path directory = Path.of("");

    @Option(
            names = "--message-bytes",
            paramLabel = "BYTES",
            defaultValue = "256",
            description = "Bytes that a message takes (default: ${DEFAULT-VALUE}).")
    private int messageBytes;

    @Option(
            names = "--group",
            paramLabel = "N",
            defaultValue = "64",
            description = "Messages that share a sync (default: ${DEFAULT-VALUE}).")
    private int group;

    @Option(
            names = "--warm",
            paramLabel = "SECONDS",
            defaultValue = "1",
            description = "Run so long before measuring (default: ${DEFAULT-VALUE}).")
    private double warm;

    @Option(
            names = "--secs",
            paramLabel = "SECONDS",
            defaultValue = "5",
            description = "Measure so long (default: ${DEFAULT-VALUE}).")
    private double seconds;

    @Option(names = "--label", paramLabel = "TEXT", description = "Goes into the RESULT line.")
    private String label = "";

    @Spec private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws IOException {
        if (messageBytes < 1 || group < 1) {
            throw new IllegalArgumentException("expected --message-bytes and --group from 1 on");
        }
        Path file = Files.createTempFile(directory, "bench", ".log");
        try (FileChannel to = FileChannel.open(file, StandardOpenOption.WRITE)) {
            ByteBuffer bytes = ByteBuffer.allocateDirect(Math.multiplyExact(messageBytes, group));
            groups(to, bytes, warm);
            long started = System.nanoTime();
            long groups = groups(to, bytes, seconds);
            double took = (System.nanoTime() - started) / 1e9;
            print(groups, took);
        } finally {
            Files.delete(file);
        }
        return 0;
    }

    private static long groups(FileChannel to, ByteBuffer bytes, double howLong)
            throws IOException {
        long end = System.nanoTime() + (long) (howLong * TimeUnit.SECONDS.toNanos(1));
        long groups = 0;
        while (System.nanoTime() < end) {
            if (to.position() > FILE_LENGTH_MAX) {
                to.truncate(0);
            }
            bytes.clear();
            while (bytes.hasRemaining()) {
                to.write(bytes);
            }
            to.force(false);
            groups++;
        }
        return groups;
    }

    private void print(long groups, double took) {
        double messages = groups * group / took;
        PrintWriter out = spec.commandLine().getOut();
        out.printf(
                Locale.ROOT,
                "disk: %.0f messages/s of %d bytes, %.0f syncs/s of %d messages%n",
                messages,
                messageBytes,
                groups / took,
                group);
        out.println(
                "RESULT "
                        + new Json()
                                .put("label", label)
                                .put("mode", "disk")
                                .put("ok", groups > 0)
                                .put("message_bytes", messageBytes)
                                .put("group", group)
                                .put("syncs_per_s", groups / took)
                                .put("messages_per_s", messages));
        out.flush();
    }
}
