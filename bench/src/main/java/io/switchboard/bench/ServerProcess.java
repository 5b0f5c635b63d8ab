package io.switchboard.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// A process of this machine, as `/proc` shows it.
final class ServerProcess {
    /// The unit of `/proc/PID/stat` is the same on every Linux that Java runs on (USER_HZ).
    private static final double TICKS_PER_SECOND = 100;

    private static final String LISTEN = "0A";

    private final long pid;

    ServerProcess(long pid) throws IOException {
        this.pid = pid;
        cpuSeconds();
    }

    static ServerProcess self() throws IOException {
        return new ServerProcess(ProcessHandle.current().pid());
    }

    long pid() {
        return pid;
    }

    /// The process that listens at a local port; null when there is none that we may look at.
    static @Nullable ServerProcess listeningAt(InetSocketAddress address) throws IOException {
        Set<String> sockets = new HashSet<>();
        for (String table : List.of("/proc/net/tcp", "/proc/net/tcp6")) {
            Path path = Path.of(table);
            if (Files.isReadable(path)) {
                for (String line : Files.readAllLines(path)) {
                    addListener(line.strip().split("\\s+"), address.getPort(), sockets);
                }
            }
        }
        if (sockets.isEmpty()) {
            return null;
        }
        try (DirectoryStream<Path> processes =
                Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
            for (Path process : processes) {
                if (owns(process, sockets)) {
                    return new ServerProcess(Long.parseLong(process.getFileName().toString()));
                }
            }
        }
        return null;
    }

    /// A line of `/proc/net/tcp`: number, local address and port, remote, state, …, inode.
    private static void addListener(String[] words, int port, Set<String> sockets) {
        if (words.length > 9
                && words[3].equals(LISTEN)
                && words[1].endsWith(String.format(Locale.ROOT, ":%04X", port))) {
            sockets.add("socket:[" + words[9] + "]");
        }
    }

    private static boolean owns(Path process, Set<String> sockets) {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(process.resolve("fd"))) {
            for (Path file : files) {
                if (sockets.contains(Files.readSymbolicLink(file).toString())) {
                    return true;
                }
            }
        } catch (IOException | DirectoryIteratorException e) {
            // Somebody else's, or gone: not one that we can measure.
            return false;
        }
        return false;
    }

    /// User and system time of all its threads since it began.
    double cpuSeconds() throws IOException {
        String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
        // The name in parentheses may hold anything; behind it, utime and stime are 12th and 13th.
        String[] words = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
        return (Long.parseLong(words[11]) + Long.parseLong(words[12])) / TICKS_PER_SECOND;
    }

    long residentKib() throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/status"))) {
            if (line.startsWith("VmRSS:")) {
                return Long.parseLong(line.replaceAll("[^0-9]", ""));
            }
        }
        return 0;
    }

    /// What a Java server's heap holds after a collection, in KiB; empty for another kind of
    /// server.
    OptionalLong liveHeapKib() throws IOException, InterruptedException {
        Path executable = Path.of("/proc/" + pid + "/exe");
        Path jcmd = Files.readSymbolicLink(executable).resolveSibling("jcmd");
        if (!Files.isExecutable(jcmd)) {
            return OptionalLong.empty();
        }
        run(jcmd, "GC.run");
        return usedKib(run(jcmd, "GC.heap_info"));
    }

    private String run(Path jcmd, String command) throws IOException, InterruptedException {
        Process process =
                new ProcessBuilder(jcmd.toString(), Long.toString(pid), command)
                        .redirectErrorStream(true)
                        .start();
        String output = new String(process.getInputStream().readAllBytes(), UTF_8);
        if (!process.waitFor(60, TimeUnit.SECONDS)) {
            process.destroy();
        }
        return output;
    }

    /// The sum over the generations, whatever the collector; what is not heap is left out.
    static OptionalLong usedKib(String heapInfo) {
        Pattern used = Pattern.compile("used (\\d+)([KMG])");
        long sum = 0;
        boolean found = false;
        for (String line : heapInfo.lines().toList()) {
            Matcher matcher = used.matcher(line);
            boolean heap = !line.contains("Metaspace") && !line.contains("class space");
            if (heap && matcher.find()) {
                found = true;
                int shift =
                        switch (matcher.group(2)) {
                            case "K" -> 0;
                            case "M" -> 10;
                            default -> 20;
                        };
                sum += Long.parseLong(matcher.group(1)) << shift;
            }
        }
        return found ? OptionalLong.of(sum) : OptionalLong.empty();
    }
}
