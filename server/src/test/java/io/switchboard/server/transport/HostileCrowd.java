package io.switchboard.server.transport;

import io.switchboard.server.ServerLimits;
import io.switchboard.server.SwitchboardServer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/// As many hostile clients as it is told to let loose against a server in this process: what the
/// server holds before, during and after, and whether somebody honest is served meanwhile.
final class HostileCrowd implements AutoCloseable {
    private static final int FLOOD_MESSAGES = 30;
    private static final String FLOOD = "f".repeat(8 << 10);

    /// One look at the server.
    ///
    /// @param echoes that somebody honest got since the last look
    /// @param slowestMillis of these
    record Look(
            String when,
            long connections,
            long heapBytes,
            long directBytes,
            long residentBytes,
            int echoes,
            long slowestMillis) {
        String line() {
            return "%-8s %6d connections, heap %5d MiB, direct %5d MiB, resident %5d MiB, %5d echoes, slowest %5d ms"
                    .formatted(
                            when,
                            connections,
                            heapBytes >> 20,
                            directBytes >> 20,
                            residentBytes >> 20,
                            echoes,
                            slowestMillis);
        }
    }

    private final SwitchboardServer server;
    private final AtomicBoolean running = new AtomicBoolean(true);
    private final AtomicInteger echoes = new AtomicInteger();
    private final AtomicLong slowestMillis = new AtomicLong();
    private final Thread honest;
    private Exception failure;

    HostileCrowd(ServerLimits limits) throws Exception {
        server = Servers.start(Servers.options().withLimits(limits));
        honest = Thread.ofPlatform().start(this::beHonest);
    }

    /// Looks before, several times during, and after.
    List<Look> attack(int count, Duration howLong) throws Exception {
        List<Look> looks = new ArrayList<>();
        looks.add(look("before"));
        Process clients =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-Xmx256m",
                                "-cp",
                                System.getProperty(
                                        "surefire.test.class.path",
                                        System.getProperty("java.class.path")),
                                HostileClients.class.getName(),
                                port("http"),
                                port("stomp"),
                                String.valueOf(count))
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
        try {
            BufferedReader said =
                    new BufferedReader(
                            new InputStreamReader(
                                    clients.getInputStream(), StandardCharsets.UTF_8));
            if (!"open".equals(said.readLine())) {
                throw new IOException("the hostile clients did not open");
            }
            for (int i = 0; i < FLOOD_MESSAGES; i++) {
                server.publish("/topic/flood", FLOOD).join();
            }
            looks.add(look("open"));
            long end = System.nanoTime() + howLong.toNanos();
            while (System.nanoTime() - end < 0) {
                LockSupport.parkNanos(howLong.toNanos() / 3);
                looks.add(look("during"));
            }
        } finally {
            clients.destroyForcibly();
            clients.waitFor();
        }
        for (int i = 0; i < 100 && connections() > 1; i++) {
            LockSupport.parkNanos(200_000_000);
        }
        looks.add(look("after"));
        return looks;
    }

    private String port(String listener) {
        return String.valueOf(Servers.address(server, listener).getPort());
    }

    private long connections() {
        return server.readings().connections().values().stream().mapToLong(it -> it).sum();
    }

    private Look look(String when) throws Exception {
        if (failure != null) {
            throw failure;
        }
        ServerMemory memory = ServerMemory.now();
        return new Look(
                when,
                connections(),
                memory.heapBytes(),
                memory.directBytes(),
                resident(),
                echoes.getAndSet(0),
                slowestMillis.getAndSet(0));
    }

    private static long resident() throws IOException {
        Path statm = Path.of("/proc/self/statm");
        return Files.isReadable(statm)
                ? Long.parseLong(Files.readString(statm).split(" ", -1)[1]) * 4_096
                : 0;
    }

    /// A client that says something and waits until it comes back, again and again.
    private void beHonest() {
        try (Client client = Client.webSocketTo(Servers.address(server, "http"))) {
            client.sendText("CONNECT\naccept-version:1.2\nhost:h\n\n\0");
            client.text();
            client.sendText("SUBSCRIBE\nid:a\ndestination:/topic/honest\n\n\0");
            while (running.get()) {
                long began = System.nanoTime();
                client.sendText("SEND\ndestination:/topic/honest\n\nhello\0");
                if (!client.text().endsWith("hello\0")) {
                    throw new IOException("expected an echo");
                }
                long millis = (System.nanoTime() - began) / 1_000_000;
                slowestMillis.accumulateAndGet(millis, Math::max);
                echoes.incrementAndGet();
                LockSupport.parkNanos(10_000_000);
            }
        } catch (IOException e) {
            failure = e;
        }
    }

    @Override
    public void close() throws Exception {
        running.set(false);
        honest.join();
        server.close();
    }
}
