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

    private final Network network =
            new Network(
                    1,
                    ServerLimits.DEFAULT,
                    GatewayOptions.DEFAULT,
                    CompressionOptions.DEFAULT,
                    TrustedProxies.NONE,
                    null,
                    AccessRules.localOnly(),
                    Journal.NONE,
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
        CountDownLatch posted = new CountDownLatch(1);
        network.run(
                0,
                shard -> {
                    session.complete(shard.openTrusted(last));
                    await(posted);
                });
        for (int i = 0; i < MANY; i++) {
            network.post(0, new Post.NoLongerInterested(0, "/topic/a", false));
        }
        network.post(0, new Post.TakenOver(session.join()));
        posted.countDown();
        network.restore(Journal.NONE);
        assertThat(last.heard).isTrue();
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
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
}
