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

    /// A server is killed a moment after it has given a number of receipts, this one at most.
    private static final int RECEIPTS_MAX = 300;

    private static final int MOMENT_MAX_MICROS = 5_000;

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

        /// Rises with each receipt.
        long receipts();

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
                live(server, loads, random);
            }
            server.start();
            drain(server, loads);
            assertThat(server.stop()).isZero();
        }
        for (Load load : loads) {
            assertThat(load.broken()).as("seed " + SEED).isEmpty();
        }
        assertThat(ledger.size()).as("messages with a receipt").isPositive();
        assertThat(ledger.settledCount()).as("ACKs with a receipt").isPositive();
        System.out.printf(
                "killed %d times, seed %d: %d messages and %d ACKs had receipts%n",
                ROUNDS, SEED, ledger.size(), ledger.settledCount());
    }

    private static void live(KilledServer server, List<Load> loads, Random random)
            throws Exception {
        long until = receipts(loads) + 1 + random.nextInt(RECEIPTS_MAX);
        List<AutoCloseable> clients = new ArrayList<>();
        for (Load load : loads) {
            clients.addAll(load.begin(server.port()));
        }
        while (receipts(loads) < until) {
            Thread.sleep(1);
        }
        TimeUnit.MICROSECONDS.sleep(random.nextInt(MOMENT_MAX_MICROS));
        server.kill();
        for (AutoCloseable client : clients) {
            client.close();
        }
    }

    private static long receipts(List<Load> loads) {
        return loads.stream().mapToLong(Load::receipts).sum();
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
    }
}
