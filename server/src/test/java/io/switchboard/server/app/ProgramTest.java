package io.switchboard.server.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.broker.AccessRules;
import io.switchboard.broker.Application;
import io.switchboard.broker.BrokerLimits;
import io.switchboard.broker.Budget;
import io.switchboard.broker.Command;
import io.switchboard.broker.Disconnect;
import io.switchboard.broker.Journal;
import io.switchboard.broker.Loop;
import io.switchboard.broker.Policies;
import io.switchboard.broker.Post;
import io.switchboard.broker.Refusal;
import io.switchboard.broker.Session;
import io.switchboard.broker.SessionEvents;
import io.switchboard.broker.Shard;
import io.switchboard.stomp.StompLimits;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class ProgramTest {
    /// A shard that makes sessions and does nothing else.
    private static final class Idle implements Loop, SessionEvents {
        final Shard shard =
                new Shard(
                        0,
                        1,
                        new Shard.Ports(
                                this,
                                capacity -> {
                                    throw new AssertionError("nothing is written");
                                },
                                () -> 1,
                                AccessRules.localOnly(),
                                Journal.NONE,
                                Application.NONE,
                                new Budget(1),
                                new Budget(1),
                                new Budget(1),
                                new Budget(1)),
                        Policies.DEFAULT,
                        BrokerLimits.DEFAULT);

        Session session() {
            return shard.openTrusted(this);
        }

        @Override
        public void post(int to, Post post) {}

        @Override
        public void endTurnLater() {}

        @Override
        public long epochMillis() {
            return 0;
        }

        @Override
        public void wakeAt(long epochMillis) {}

        @Override
        public void connected() {}

        @Override
        public void completed(String receipt) {}

        @Override
        public void replayed(String receipt, boolean recovered) {}

        @Override
        public void left(Command.Leave command) {}

        @Override
        public void refused(Refusal refusal, String receipt, String subscription) {}

        @Override
        public void ended(Refusal why) {}

        @Override
        public void resumed() {}

        @Override
        public void drained() {}
    }

    private final Idle broker = new Idle();

    @Test
    @Timeout(60)
    void whoComesWhileTheListenersAreFarBehindIsRefused() {
        CountDownLatch slow = new CountDownLatch(1);
        SessionListener listener =
                new SessionListener() {
                    @Override
                    public void disconnected(
                            ClientSession client, Disconnect reason, Publisher publisher)
                            throws InterruptedException {
                        slow.await();
                    }
                };
        App app = App.NONE.withSessionListener(listener);
        Program program = new Program(app, StompLimits.DEFAULT, 2);
        for (int i = 0; i < 2; i++) {
            Session session = broker.session();
            assertThat(program.connected(session)).isNull();
            program.ended(session, Disconnect.GONE);
        }

        Refusal refusal = program.connected(broker.session());

        assertThat(refusal).isNotNull();
        assertThat(refusal.reason()).isEqualTo(Disconnect.APPLICATION_FAILED);
        slow.countDown();
        program.finish(Duration.ofSeconds(30));
        assertThat(program.connected(broker.session())).isNull();
    }

    @Test
    void whoComesIsTakenWithoutListeners() {
        Program program = new Program(App.NONE, StompLimits.DEFAULT, 0);
        assertThat(program.connected(broker.session())).isNull();
    }
}
