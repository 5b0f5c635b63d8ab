package io.switchboard.cli;

import java.io.BufferedReader;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// A server process on a data directory, with STOMP over TCP, that can be killed and started again.
final class KilledServer implements AutoCloseable {
    private final Path folder;
    private final List<String> command = new ArrayList<>();
    private Process process;
    private int port;

    /// With little memory and few shards, and compiled quickly.
    KilledServer(Path folder, String... flags) {
        this(
                folder,
                List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx256m",
                        "-XX:TieredStopAtLevel=1",
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        "io.switchboard.cli.Switchboard"));
        command.add("--shards=2");
        command.addAll(List.of(flags));
    }

    /// @param program what a shell would call `switchboard`
    KilledServer(Path folder, List<String> program) {
        this.folder = folder;
        command.addAll(program);
        command.addAll(
                List.of(
                        "serve",
                        "--http-port=off",
                        "--tls-port=off",
                        "--stomp-port=0",
                        "--admin-port=off",
                        "--data=" + folder.resolve("data")));
    }

    void start() throws IOException {
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

    /// What it has used so far, of all cores.
    Duration cpu() {
        return process.info().totalCpuDuration().orElse(Duration.ZERO);
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
