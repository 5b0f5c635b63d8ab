package io.switchboard.cli;

import java.io.BufferedReader;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// A server process on a data directory, with STOMP over TCP, that can be killed and started again.
final class KilledServer implements AutoCloseable {
    private final Path folder;
    private final List<String> flags;
    private Process process;
    private int port;

    KilledServer(Path folder, String... flags) {
        this.folder = folder;
        this.flags = List.of(flags);
    }

    void start() throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(
                List.of(
                        "-Xmx256m",
                        "-XX:TieredStopAtLevel=1",
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        "io.switchboard.cli.Switchboard",
                        "serve",
                        "--shards=2",
                        "--http-port=off",
                        "--tls-port=off",
                        "--stomp-port=0",
                        "--admin-port=off",
                        "--data=" + folder.resolve("data")));
        command.addAll(flags);
        process =
                new ProcessBuilder(command)
                        .directory(folder.toFile())
                        .redirectErrorStream(true)
                        .start();
        port = port(process.inputReader());
    }

    private static int port(BufferedReader out) throws IOException {
        StringBuilder said = new StringBuilder();
        int port = 0;
        while (true) {
            String line = out.readLine();
            if (line == null) {
                throw new EOFException("it did not start: " + said);
            }
            said.append(line).append('\n');
            if (line.startsWith("stomp ")) {
                port = Integer.parseInt(line.substring(line.lastIndexOf(':') + 1).strip());
            }
            if (line.equals("Switchboard is ready")) {
                return port;
            }
        }
    }

    int port() {
        return port;
    }

    /// As `kill -9` does.
    void kill() throws InterruptedException {
        process.destroyForcibly();
        process.waitFor();
    }

    /// As SIGTERM does; waits for the end.
    int stop() throws InterruptedException {
        // Process.destroy would close its output before it has said its last words.
        process.toHandle().destroy();
        return process.waitFor();
    }

    @Override
    public void close() throws InterruptedException {
        if (process != null && process.isAlive()) {
            kill();
        }
    }
}
