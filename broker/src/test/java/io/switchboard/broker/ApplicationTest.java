package io.switchboard.broker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.switchboard.broker.AccessRules.Action;
import io.switchboard.broker.AccessRules.Decision;
import io.switchboard.broker.Node.Client;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/// The program around the broker: what it is told, and what it publishes itself.
class ApplicationTest {
    /// Handles everything below `/app/known` when it is told to, and writes down what it is told.
    private static final class Recorder implements Application {
        final List<String> log = new ArrayList<>();
        final List<Consumer<Refusal>> owed = new ArrayList<>();

        @Override
        public boolean handles(String destination) {
            return destination.startsWith("/app/known");
        }

        @Override
        public void handle(Session from, Message message, Consumer<Refusal> answer) {
            log.add(from.user() + " " + new String(message.body(), UTF_8));
            owed.add(answer);
        }

        @Override
        public Refusal connected(Session session) {
            if ("mallory".equals(session.user())) {
                return new Refusal(Disconnect.APPLICATION_FAILED, "not now");
            }
            log.add(session.user() + " came from " + session.address());
            return null;
        }

        @Override
        public void ended(Session session, Disconnect reason) {
            log.add(session.user() + " went " + reason);
        }
    }

    private final Recorder program = new Recorder();
    private final List<String> asked = new ArrayList<>();
    private final List<Consumer<Decision>> pending = new ArrayList<>();
    private Decision next = Decision.ALLOWED;
    private final Node node = node(BrokerLimits.DEFAULT);
    private final Client alice = node.client(0);

    private Node node(BrokerLimits limits) {
        return new Node(2, this::decide, Policies.DEFAULT, limits, Journal.NONE, program);
    }

    private Decision decide(
            Principal principal, Action action, String destination, Consumer<Decision> answer) {
        if (action == Action.CONNECT) {
            return Decision.ALLOWED;
        }
        asked.add(principal.name() + ' ' + action + ' ' + destination);
        if (next instanceof Decision.Pending) {
            pending.add(answer);
        }
        return next;
    }

    @Nested
    class Handling {
        @Test
        void theReceiptComesWhenTheProgramHasHandledTheMessage() {
            alice.connect("alice");
            alice.send("/app/known", "x", "r");
            node.run();
            assertThat(program.log).endsWith("alice x");
            assertThat(alice.log).doesNotContain("completed r");
            program.owed.getFirst().accept(null);
            node.run();
            assertThat(alice.log).endsWith("completed r");
        }

        @Test
        void whatIsPartOfATransactionIsHandledAtItsCommit() {
            alice.connect("alice");
            alice.begin("t");
            alice.publish(Client.message("/app/known", "x"), "t", null);
            node.run();
            assertThat(program.owed).isEmpty();
            alice.commit("t", "r");
            node.run();
            assertThat(program.log).endsWith("alice x");
            assertThat(alice.log).doesNotContain("completed r");
            program.owed.getFirst().accept(null);
            node.run();
            assertThat(alice.log).endsWith("completed r");
            assertThat(node.shards.getFirst().counters().commands()).isZero();
        }

        @Test
        void whatTheProgramRefusesIsRefused() {
            alice.connect("alice");
            alice.send("/app/known", "x", "r");
            program.owed.getFirst().accept(new Refusal(Disconnect.APPLICATION_FAILED, "no"));
            node.run();
            assertThat(alice.log).endsWith("refused APPLICATION_FAILED");
        }

        @Test
        void whatNothingHandlesIsRefusedToThoseWhoMaySendThere() {
            alice.connect("alice");
            alice.send("/app/unknown", "x");
            assertThat(alice.log).endsWith("refused NO_HANDLER");
            assertThat(asked).containsExactly("alice SEND /app/unknown");
            assertThat(node.shards.getFirst().counters().commands()).isZero();
        }

        /// Else anybody could find out what is there.
        @Test
        void othersDoNotHearWhetherAnythingHandlesIt() {
            alice.connect("alice");
            next = new AccessRules.Decision.Denied("no");
            alice.send("/app/unknown", "x");
            alice.send("/app/known", "x");
            assertThat(alice.log)
                    .containsExactly("connected", "refused ACCESS_DENIED", "refused ACCESS_DENIED");
        }

        /// Its credits are of a kind of their own.
        @Test
        void slowHandlersHoldUpNothingElse() {
            BrokerLimits d = BrokerLimits.DEFAULT;
            Node small =
                    node(
                            new BrokerLimits(
                                    d.subscriptionsPerSession(),
                                    d.outboundBytesPerSession(),
                                    d.outboundBytes(),
                                    d.destinations(),
                                    d.destinationLength(),
                                    2,
                                    d.commandBytesPerShard(),
                                    d.commandsPerSession(),
                                    d.commandBytesPerSession()));
            Client slow = small.client(0, "slow");
            Client further = small.client(0, "further");
            Client other = small.client(0, "other");
            slow.send("/app/known", "1");
            further.send("/app/known", "2");
            assertThat(further.session.parked()).isTrue();
            other.send(small.nameAt(0), "x", "r");
            small.run();
            assertThat(other.log).endsWith("completed r");
        }
    }

    @Nested
    class Sessions {
        @Test
        void areToldOfFromConnectToTheirEnd() {
            alice.connect("alice");
            alice.leave(null);
            node.run();
            assertThat(program.log)
                    .containsExactly("alice came from 127.0.0.1", "alice went NORMAL");
        }

        @Test
        void canBeRefused() {
            alice.connect("mallory");
            assertThat(alice.log).containsExactly("refused APPLICATION_FAILED");
            alice.close();
            node.run();
            assertThat(program.log).isEmpty();
        }

        @Test
        void areNotToldOfBeforeTheirConnectIsAllowed() {
            alice.close();
            node.run();
            assertThat(program.log).isEmpty();
        }
    }

    @Nested
    class Publishing {
        private final Client answers = new Client(node, node.shards.getFirst());
        private final Session own = node.shards.getFirst().openTrusted(answers);

        private void publish(String destination, Session answered) {
            node.shards
                    .getFirst()
                    .handle(
                            new Command.Publish(
                                    own, Client.message(destination, "x"), null, "r", answered));
            node.run();
        }

        private void aliceHears(String destination) {
            alice.connect("alice");
            alice.subscribe("1", destination, null);
            node.run();
            asked.clear();
        }

        @Test
        void needsNoConnectAndAsksNobody() {
            aliceHears("/topic/a");
            publish("/topic/a", null);
            assertThat(alice.read()).isEqualTo("1:/topic/a=x;");
            assertThat(answers.log).containsExactly("completed r");
            assertThat(asked).isEmpty();
        }

        @Test
        void doesNotCountAsASession() {
            node.shards.get(1).openTrusted(answers);
            assertThat(node.shards.get(1).counters().sessions()).isZero();
        }

        @Test
        void neverWaitsForACredit() {
            Node small = node(BrokerLimits.DEFAULT);
            Client heard = new Client(small, small.shards.getFirst());
            Session trusted = small.shards.getFirst().openTrusted(heard);
            for (int i = 0; i <= BrokerLimits.DEFAULT.commandsPerSession(); i++) {
                small.shards
                        .getFirst()
                        .handle(
                                new Command.Publish(
                                        trusted,
                                        Client.message(small.nameAt(1), "x"),
                                        null,
                                        "r" + i));
                assertThat(trusted.parked()).isFalse();
            }
            small.run();
            assertThat(heard.log).endsWith("completed r1024");
        }

        @Test
        void livesOnWhenSomethingIsRefused() {
            publish("/nowhere", null);
            publish("/app/known", null);
            publish("/topic/a", null);
            assertThat(answers.log)
                    .containsExactly(
                            "refused BAD_DESTINATION", "refused NO_HANDLER", "completed r");
            assertThat(program.log).isEmpty();
        }

        @Test
        void isAllThatItCanDo() {
            assertThatThrownBy(() ->
                            node.shards
                                    .getFirst()
                                    .handle(
                                            new Command.Subscribe(
                                                    own,
                                                    "1",
                                                    "/topic/a",
                                                    new TextForm("1"),
                                                    SubscribeOptions.DEFAULT,
                                                    null)))
                    .isInstanceOf(IllegalStateException.class);
        }
    }

    /// A `reply-to` is what a client says, so it must not be a way round the rules.
    @Nested
    class Answering {
        private final Client answers = new Client(node, node.shards.getFirst());
        private final Session own = node.shards.getFirst().openTrusted(answers);

        private void answerAlice(String destination) {
            node.shards
                    .getFirst()
                    .handle(
                            new Command.Publish(
                                    own,
                                    Client.message(destination, "x"),
                                    null,
                                    "r",
                                    alice.session));
            node.run();
        }

        private void connectAndListen(String destination) {
            alice.connect("alice");
            if (destination != null) {
                alice.subscribe("1", destination, null);
            }
            node.run();
            asked.clear();
            next = new Decision.Denied("no");
        }

        @Test
        void reachesTheClientsOwnTemporaryQueue() {
            connectAndListen("/temp-queue/a");
            answerAlice("/temp-queue/a");
            assertThat(alice.read()).contains("=x;");
            assertThat(answers.log).containsExactly("completed r");
            assertThat(asked).isEmpty();
        }

        @Test
        void reachesTheClientsOwnUserDestinations() {
            connectAndListen("/user/queue/a");
            answerAlice("/user/queue/a");
            assertThat(alice.read()).isEqualTo("1:/user/alice/queue/a=x;");
            assertThat(asked).isEmpty();
        }

        @Test
        void goesNowhereThatTheClientItselfMayNotSendTo() {
            connectAndListen(null);
            answerAlice("/queue/secret");
            answerAlice("/user/bob/queue/a");
            answerAlice("/temp-queue/~bob/a");
            assertThat(asked)
                    .containsExactly(
                            "alice SEND /queue/secret",
                            "alice SEND /user/bob/queue/a",
                            "alice SEND /temp-queue/~bob/a");
            assertThat(answers.log)
                    .containsExactly(
                            "refused ACCESS_DENIED",
                            "refused ACCESS_DENIED",
                            "refused ACCESS_DENIED");
        }

        @Test
        void mayWaitForTheRulesWhileOthersGoOn() {
            connectAndListen("/topic/a");
            next = Decision.PENDING;
            answerAlice("/topic/a");
            assertThat(own.parked()).isFalse();
            node.shards
                    .getFirst()
                    .handle(
                            new Command.Publish(
                                    own, Client.message("/topic/b", "y"), null, "other"));
            node.run();
            assertThat(answers.log).containsExactly("completed other");
            pending.getFirst().accept(Decision.ALLOWED);
            node.run();
            assertThat(alice.read()).isEqualTo("1:/topic/a=x;");
            assertThat(answers.log).endsWith("completed r");
        }
    }
}
