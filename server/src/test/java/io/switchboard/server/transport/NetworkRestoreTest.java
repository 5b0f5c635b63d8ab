package io.switchboard.server.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.broker.AccessRules;
import io.switchboard.broker.Application;
import io.switchboard.broker.Command;
import io.switchboard.broker.Journal;
import io.switchboard.broker.Policies;
import io.switchboard.broker.Post;
import io.switchboard.broker.Refusal;
import io.switchboard.broker.Session;
import io.switchboard.broker.SessionEvents;
import io.switchboard.broker.Slab;
import io.switchboard.broker.Wire;
import io.switchboard.gateway.GatewayOptions;
import io.switchboard.server.CompressionOptions;
import io.switchboard.server.ServerLimits;
import io.switchboard.server.http.TrustedProxies;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class NetworkRestoreTest {
    /// Far more than a shard takes in one turn.
    private static final int MANY = 200_000;

    private final SpeakingJournal journal = new SpeakingJournal();
    private final Network network =
            new Network(
                    1,
                    ServerLimits.DEFAULT,
                    GatewayOptions.DEFAULT,
                    CompressionOptions.DEFAULT,
                    TrustedProxies.NONE,
                    null,
                    AccessRules.localOnly(),
                    journal,
                    Policies.DEFAULT,
                    Application.NONE,
                    () -> 1);

    @AfterEach
    void close() {
        network.close(Duration.ofSeconds(5), () -> {});
    }

    /// Listeners are opened when it returns: a client that came before a shard knew whose durable
    /// subscriptions want what could publish past them.
    @Test
    void whatTheShardsHaveToldEachOtherIsHeardHoweverMuchItIs() {
        LastHeard last = new LastHeard();
        CompletableFuture<Session> session = new CompletableFuture<>();
        network.run(0, shard -> session.complete(shard.open(last, new NoSocket())));
        journal.last = new Post.TakenOver(session.join());
        network.restore(journal);
        assertThat(last.heard).isTrue();
    }

    /// As if the other shards had much to say while this one is busy.
    private final class SpeakingJournal implements Journal {
        private @Nullable Post last;

        @Override
        public boolean durable() {
            return false;
        }

        @Override
        public int incarnation() {
            return 0;
        }

        @Override
        public void append(Batch batch) {
            throw new AssertionError("nothing is to be stored");
        }

        @Override
        public void read(Reading reading) {
            throw new AssertionError("nothing is to be read");
        }

        @Override
        public void restore(Restoring restoring) {
            CountDownLatch posted = new CountDownLatch(1);
            network.run(0, shard -> await(posted));
            for (int i = 0; i < MANY; i++) {
                network.post(0, new Post.NoLongerInterested(0, "/topic/a", false));
            }
            if (last != null) {
                network.post(0, last);
            }
            posted.countDown();
        }

        private static void await(CountDownLatch latch) {
            try {
                latch.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static final class LastHeard implements SessionEvents {
        private volatile boolean heard;

        @Override
        public void ended(Refusal why) {
            heard = true;
        }

        @Override
        public void connected() {}

        @Override
        public void completed(String receipt) {}

        @Override
        public void replayed(String receipt, boolean recovered) {}

        @Override
        public void left(Command.Leave command) {}

        @Override
        public void refused(
                Refusal refusal, @Nullable String receipt, @Nullable String subscription) {}

        @Override
        public void resumed() {}

        @Override
        public void drained() {}
    }

    private static final class NoSocket implements Wire {
        @Override
        public boolean writable() {
            return true;
        }

        @Override
        public void write(Slab slab, int offset, int length) {}

        @Override
        public void flush() {}
    }
}
