package io.switchboard.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A server that is killed again and again under load, and what it promised: nothing that had a
/// RECEIPT is lost, nothing whose ACK had one comes again, transactions are all or nothing.
///
/// `-Dcrash.rounds=200` kills it so often; `-Dcrash.seed=…` repeats the moments.
@Timeout(value = 60, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class CrashTest {
    private static final int ROUNDS = Integer.getInteger("crash.rounds", 8);
    private static final long SEED = Long.getLong("crash.seed", System.nanoTime());

    /// At least so long a server lives once its clients have begun, and so long at most.
    private static final int LIFE_MIN_MILLIS = 30;

    private static final int LIFE_MAX_MILLIS = 900;

    /// So long nothing comes any more when all queues are empty.
    private static final long QUIET_MILLIS = 4_000;

    @TempDir Path folder;

    /// Clients of one kind, and what they know of the server's promises.
    interface Load {
        /// Clients that work until the server is gone; closing one waits for all that came to it.
        List<AutoCloseable> begin(int port) throws IOException;

        /// Clients that only take what is there.
        List<AutoCloseable> drain(int port) throws IOException;

        /// Rises while something comes.
        long arrivals();

        /// What did not hold, once everything has been taken.
        List<String> broken();
    }

    @Test
    void killedAtAnyMomentItKeepsWhatItPromised() throws Exception {
        QueueLedger ledger = new QueueLedger();
        List<Load> loads = List.of(new QueueLoad(ledger));
        Random random = new Random(SEED);
        try (KilledServer server = new KilledServer(folder)) {
            for (int i = 0; i < ROUNDS; i++) {
                server.start();
                live(server, loads, random.nextInt(LIFE_MIN_MILLIS, LIFE_MAX_MILLIS));
            }
            server.start();
            drain(server, loads);
            assertThat(server.stop()).isZero();
        }
        for (Load load : loads) {
            assertThat(load.broken()).as("seed " + SEED).isEmpty();
        }
        assertThat(ledger.size()).as("messages with a receipt").isGreaterThan(20 * ROUNDS);
        assertThat(ledger.settledCount()).as("ACKs with a receipt").isGreaterThan(ROUNDS);
        System.out.printf(
                "killed %d times, seed %d: %d messages and %d ACKs had receipts%n",
                ROUNDS, SEED, ledger.size(), ledger.settledCount());
    }

    private static void live(KilledServer server, List<Load> loads, int millis) throws Exception {
        List<AutoCloseable> clients = new ArrayList<>();
        for (Load load : loads) {
            clients.addAll(load.begin(server.port()));
        }
        Thread.sleep(millis);
        server.kill();
        for (AutoCloseable client : clients) {
            client.close();
        }
    }

    private static void drain(KilledServer server, List<Load> loads) throws Exception {
        List<AutoCloseable> clients = new ArrayList<>();
        for (Load load : loads) {
            clients.addAll(load.drain(server.port()));
        }
        long before = -1;
        long now = 0;
        while (now != before) {
            before = now;
            Thread.sleep(QUIET_MILLIS);
            now = loads.stream().mapToLong(Load::arrivals).sum();
        }
        // All acknowledgements of what came last are through when the server has stopped.
    }
}
