package io.switchboard.interop;

import io.switchboard.server.CompressionOptions;
import io.switchboard.server.Listener;
import io.switchboard.server.ListenerOptions;
import io.switchboard.server.ServerOptions;
import io.switchboard.server.StartFailure;
import io.switchboard.server.SwitchboardServer;
import io.switchboard.server.WebOptions;
import io.switchboard.stomp.HeartBeat;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// A real server on free ports of loopback, with two shards and a data directory of its own. Its
/// heart-beats come so often that a test can wait for one.
final class TestServer implements AutoCloseable {
    final Path data;
    private final SwitchboardServer server;

    TestServer() throws StartFailure, IOException {
        this(CompressionOptions.DEFAULT);
    }

    TestServer(CompressionOptions compression) throws StartFailure, IOException {
        data = Files.createTempDirectory("switchboard-interop");
        server =
                SwitchboardServer.start(
                        ServerOptions.DEFAULT
                                .withListeners(ListenerOptions.FREE)
                                .withShards(2)
                                .withHeartBeat(new HeartBeat(2_000, 2_000))
                                .withWeb(WebOptions.DEFAULT.withCompression(compression))
                                .withFiles(data));
    }

    int port(String listener) {
        for (Listener each : server.listeners()) {
            if (each.name().equals(listener)) {
                return each.address().getPort();
            }
        }
        throw new AssertionError("no listener " + listener);
    }

    String ws() {
        return "ws://127.0.0.1:" + port("http") + "/ws";
    }

    String wss() {
        return "wss://localhost:" + port("tls") + "/ws";
    }

    /// The development certificate as a PEM file.
    Path certificate() {
        return data.resolve("development-certificate.pem");
    }

    @Override
    public void close() {
        server.close();
    }

    /// Runs a client in a process of its own until it ends; answers what it printed.
    ///
    /// @throws AssertionError with its output if it fails or takes longer than two minutes
    static List<String> run(List<String> command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        List<String> lines = new ArrayList<>();
        try {
            Thread reader = Thread.ofVirtual().start(() -> read(process, lines));
            if (!process.waitFor(2, TimeUnit.MINUTES)) {
                throw new AssertionError("still running: " + command + "\n" + lines);
            }
            reader.join();
        } finally {
            process.destroyForcibly();
        }
        if (process.exitValue() != 0) {
            throw new AssertionError(
                    "exit status " + process.exitValue() + "\n" + String.join("\n", lines));
        }
        return lines;
    }

    private static void read(Process process, List<String> lines) {
        try (BufferedReader reader =
                new BufferedReader(
                        new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            reader.lines().forEach(lines::add);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
