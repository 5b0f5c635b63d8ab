package io.switchboard.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A server that is killed again and again under load, and what it promised: nothing that had a
/// RECEIPT is lost, nothing whose ACK had one comes again, transactions are all or nothing, the
/// past of a topic stays as it was, its keys have what they had, and what is sent twice under one
/// `dedup-id` comes once.
///
/// `-Dcrash.rounds=200` kills it so often; `-Dcrash.seed=…` repeats the moments.
@Timeout(value = 60, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class CrashTest {
    private static final int ROUNDS = Integer.getInteger("crash.rounds", 8);
    private static final long SEED = Long.getLong("crash.seed", System.nanoTime());

    /// A server is killed a moment after it has given a number of receipts, this one at most.
    private static final int RECEIPTS_MAX = 600;

    private static final int MOMENT_MAX_MICROS = 5_000;

    @TempDir Path folder;

    /// Clients of one kind, and what they know of the server's promises.
    interface Load {
        /// Clients that work until the server is gone; closing one waits for all that came to it.
        List<AutoCloseable> begin(int port) throws Exception;

        /// Takes all that is there, to the last message.
        void drain(int port) throws Exception;

        /// What did not hold, once everything has been taken.
        List<String> broken();

        /// What had a receipt, in words.
        String promised();
    }

    @Test
    void killedAtAnyMomentItKeepsWhatItPromised() throws Exception {
        Semaphore receipts = new Semaphore(0);
        TopicLedger topics = new TopicLedger();
        List<Load> loads =
                List.of(
                        new QueueLoad(receipts),
                        new HistoryLoad(receipts, topics),
                        new DurableLoad(receipts, topics),
                        new DedupLoad(receipts),
                        new StateLoad(receipts));
        Random random = new Random(SEED);
        Path configuration = folder.resolve("switchboard.yaml");
        Files.writeString(configuration, HistoryLoad.POLICIES);
        try (KilledServer server = new KilledServer(folder, "--config=" + configuration)) {
            for (int i = 0; i < ROUNDS; i++) {
                server.start();
                live(server, loads, receipts, random);
            }
            server.start();
            for (Load load : loads) {
                load.drain(server.port());
            }
            assertThat(server.stop()).isZero();
        }
        List<String> promised = new ArrayList<>();
        for (Load load : loads) {
            assertThat(load.broken()).as("seed " + SEED).isEmpty();
            assertThat(load.promised()).doesNotStartWith("0 ");
            promised.add(load.promised());
        }
        System.out.printf(
                "killed %d times, seed %d: receipts for %s%n",
                ROUNDS, SEED, String.join(", ", promised));
    }

    private static void live(
            KilledServer server, List<Load> loads, Semaphore receipts, Random random)
            throws Exception {
        receipts.drainPermits();
        List<AutoCloseable> clients = new ArrayList<>();
        for (Load load : loads) {
            clients.addAll(load.begin(server.port()));
        }
        boolean busy = receipts.tryAcquire(1 + random.nextInt(RECEIPTS_MAX), 2, TimeUnit.MINUTES);
        // So that it is not always killed just when it has given one.
        LockSupport.parkNanos(TimeUnit.MICROSECONDS.toNanos(random.nextInt(MOMENT_MAX_MICROS)));
        server.kill();
        for (AutoCloseable client : clients) {
            client.close();
        }
        assertThat(busy).as("receipts came").isTrue();
    }

    /// For what must come.
    static <T> T await(CompletableFuture<T> something) throws Exception {
        return something.get(2, TimeUnit.MINUTES);
    }
}
