package io.switchboard.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A server that is killed with many messages of 256 bytes in ten queues, and how long the next
/// start takes.
///
/// With `-Drecovery.messages=1000000` it is `./switchboard serve` as anybody has it, which is built
/// first where it has to be, with so many messages.
@Timeout(value = 20, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class RecoveryTest {
    private static final boolean MEASURED = System.getProperty("recovery.messages") != null;
    private static final int MESSAGES = Integer.getInteger("recovery.messages", 20_000);
    private static final int QUEUES = 10;
    private static final int BODY_LENGTH = 256;

    private static final String LETTERS =
            new Random(7)
                    .ints(2 * BODY_LENGTH, 'a', 'z' + 1)
                    .mapToObj(Character::toString)
                    .collect(Collectors.joining());

    @TempDir Path folder;

    @Test
    void afterAKillTheFirstMessageComesFirst() throws Exception {
        try (KilledServer server = server()) {
            server.start();
            fill(server.port());
            server.kill();
            long begun = System.nanoTime();
            server.start();
            try (FirstMessage first = new FirstMessage(server.port())) {
                CrashTest.await(first.connected);
                long accepting = System.nanoTime();
                double cpu = server.cpu().toMillis() / 1e3;
                first.subscribe();
                assertThat(CrashTest.await(first.body)).isEqualTo(body(0));
                long arrived = System.nanoTime();
                System.out.printf(
                        "%d messages: connected %.2f s after the start of the process, which had"
                            + " used %.2f s of its cores; the first message came %.3f s later%n",
                        MESSAGES, (accepting - begun) / 1e9, cpu, (arrived - accepting) / 1e9);
            }
            assertThat(server.stop()).isZero();
        }
    }

    private KilledServer server() {
        // The tests of a module run in its folder.
        Path launcher = Path.of("..", "switchboard").toAbsolutePath().normalize();
        return MEASURED
                ? new KilledServer(folder, List.of(launcher.toString()))
                : new KilledServer(folder);
    }

    /// Its receipt says that all is stored.
    private static void fill(int port) throws Exception {
        CompletableFuture<Void> full = new CompletableFuture<>();
        try (RawStomp stomp =
                new RawStomp(
                        port,
                        frame -> {
                            if (frame.command().equals("RECEIPT")) {
                                full.complete(null);
                            }
                        })) {
            for (int i = 0; i < MESSAGES; i++) {
                stomp.say("SEND\ndestination:/queue/" + i % QUEUES + "\n\n" + body(i));
            }
            stomp.say("DISCONNECT\nreceipt:full\n\n");
            full.get(10, TimeUnit.MINUTES);
        }
    }

    /// Each begins elsewhere in the same letters, and with its number.
    private static String body(int number) {
        int from = number % BODY_LENGTH;
        return "%08d".formatted(number) + LETTERS.substring(from, from + BODY_LENGTH - 8);
    }

    /// A consumer of the first queue.
    private static final class FirstMessage implements AutoCloseable {
        final CompletableFuture<Void> connected = new CompletableFuture<>();
        final CompletableFuture<String> body = new CompletableFuture<>();
        private final RawStomp stomp;

        FirstMessage(int port) throws IOException {
            stomp = new RawStomp(port, this::came);
        }

        private void came(RawStomp.Frame frame) {
            switch (frame.command()) {
                case "CONNECTED" -> connected.complete(null);
                case "MESSAGE" -> body.complete(frame.body());
                default -> throw new AssertionError(frame.toString());
            }
        }

        void subscribe() {
            stomp.say("SUBSCRIBE\nid:1\ndestination:/queue/0\nack:client\n\n");
        }

        @Override
        public void close() throws Exception {
            stomp.close();
        }
    }
}
