package io.switchboard.broker;

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

class AccessTest {
    /// What was asked, and the answers that are still owed.
    private final List<String> asked = new ArrayList<>();

    private final List<Consumer<Decision>> owed = new ArrayList<>();
    private Decision next = Decision.ALLOWED;

    private Decision decide(
            Principal principal, Action action, String destination, Consumer<Decision> answer) {
        asked.add((principal.name() + ' ' + action + ' ' + destination).strip());
        if (next instanceof Decision.Pending) {
            owed.add(answer);
        }
        return next;
    }

    private final Node node = new Node(1, this::decide, Policies.DEFAULT, BrokerLimits.DEFAULT);
    private final Client alice = node.client(0);

    @Test
    void isAskedOnConnectSendAndSubscribeWithCanonicalNames() {
        alice.connect("alice");
        alice.send("/user/%62ob/topic/x", "x");
        alice.subscribe("1", "/topic/a/#", null);
        alice.subscribe("2", "/user/topic/x", null);
        alice.unsubscribe("1", null);
        alice.leave(null);
        assertThat(asked)
                .containsExactly(
                        "alice CONNECT",
                        "alice SEND /user/bob/topic/x",
                        "alice SUBSCRIBE /topic/a/**",
                        "alice SUBSCRIBE /user/alice/topic/x");
    }

    @Test
    void isAskedOnEverySendToTheSameDestination() {
        alice.connect("alice");
        alice.subscribe("1", "/topic/a", null);
        alice.send("/topic/a", "x");
        next = new Decision.Denied("not any more");
        alice.send("/topic/a", "y");
        node.run();
        assertThat(alice.read()).isEqualTo("1:/topic/a=x;");
        assertThat(alice.log).endsWith("refused ACCESS_DENIED");
    }

    @Test
    void nothingIsDoneBeforeConnect() {
        assertThatThrownBy(() -> alice.send("/topic/a", "x"))
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aBadDestinationIsRefusedBeforeAnybodyIsAsked() {
        alice.connect("alice");
        alice.send("/nowhere", "x", "r");
        alice.subscribe("1", "/topic/**/a", "s");
        node.run();
        assertThat(asked).containsExactly("alice CONNECT");
        assertThat(alice.log)
                .containsExactly("connected", "refused BAD_DESTINATION", "refused BAD_DESTINATION");
    }

    @Nested
    class Denied {
        @Test
        void aCommandHasNoEffect() {
            alice.connect("alice");
            alice.subscribe("1", "/topic/a", null);
            next = new Decision.Denied("no");
            alice.send("/topic/a", "x", "r");
            alice.subscribe("2", "/topic/b", "s");
            node.run();
            assertThat(alice.log)
                    .containsExactly("connected", "refused ACCESS_DENIED", "refused ACCESS_DENIED");
            assertThat(alice.read()).isEmpty();
            assertThat(alice.session.subscriptionCount()).isEqualTo(1);
            assertThat(node.shards.getFirst().counters().messagesIn()).isZero();
        }
    }

    @Nested
    class Pending {
        @Test
        void nothingFurtherIsHandled() {
            next = Decision.PENDING;
            alice.connect("alice");
            assertThat(alice.session.parked()).isTrue();
            assertThatThrownBy(() -> alice.send("/topic/a", "x"))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("a command waits");
            assertThat(alice.log).isEmpty();
        }

        @Test
        void theAnswerComesFromElsewhereAndTheSessionGoesOn() {
            next = Decision.PENDING;
            alice.connect("alice");
            owed.getFirst().accept(Decision.ALLOWED);
            assertThat(alice.log).as("not before the shard's own thread has it").isEmpty();
            node.run();
            assertThat(alice.log).containsExactly("connected", "resumed");
            assertThat(alice.session.parked()).isFalse();
        }

        @Test
        void aLateNoRefuses() {
            alice.connect("alice");
            next = Decision.PENDING;
            alice.send("/topic/a", "x", "r");
            owed.getFirst().accept(new Decision.Denied("no"));
            node.run();
            assertThat(alice.log).containsExactly("connected", "refused ACCESS_DENIED", "resumed");
        }

        @Test
        void anAnswerThatIsPendingAgainCountsAsNo() {
            alice.connect("alice");
            next = Decision.PENDING;
            alice.send("/topic/a", "x", "r");
            owed.getFirst().accept(Decision.PENDING);
            node.run();
            assertThat(alice.log).containsExactly("connected", "refused ACCESS_DENIED", "resumed");
        }

        @Test
        void aSecondAnswerIsIgnored() {
            alice.connect("alice");
            next = Decision.PENDING;
            alice.send("/topic/a", "x", "r");
            owed.getFirst().accept(new Decision.Denied("no"));
            owed.getFirst().accept(Decision.ALLOWED);
            node.run();
            alice.send("/topic/a", "y", "r2");
            owed.getFirst().accept(Decision.ALLOWED);
            node.run();
            assertThat(alice.log)
                    .as("an answer to the first question is none to the second")
                    .containsExactly("connected", "refused ACCESS_DENIED", "resumed");
            assertThat(alice.session.parked()).isTrue();
            assertThat(node.shards.getFirst().counters().messagesIn()).isZero();
        }

        @Test
        void anAnswerForAClosedSessionIsIgnored() {
            alice.connect("alice");
            next = Decision.PENDING;
            alice.subscribe("1", "/topic/a", "s");
            alice.close();
            owed.getFirst().accept(Decision.ALLOWED);
            node.run();
            assertThat(alice.log).containsExactly("connected");
            node.assertEmpty();
        }

        @Test
        void anAnswerAtOnceCountsOnce() {
            Node eager =
                    new Node(
                            1,
                            (principal, action, destination, answer) -> {
                                answer.accept(Decision.ALLOWED);
                                return Decision.ALLOWED;
                            },
                            Policies.DEFAULT,
                            BrokerLimits.DEFAULT);
            Client bob = eager.client(0, "bob");
            bob.subscribe("1", "/topic/a", null);
            bob.send("/topic/a", "x", "r");
            eager.run();
            assertThat(bob.read()).isEqualTo("1:/topic/a=x;receipt r;");
        }
    }

    @Nested
    class LocalOnly {
        @Test
        void allowsLocalSessionsAndNobodyElse() {
            Node local = new Node(1);
            Client near = local.client(0, "near");
            Client far = local.client(0);
            far.shard.handle(
                    new Command.Connect(far.session, Principal.of("far", false, "192.0.2.1")));
            assertThat(near.log).containsExactly("connected");
            assertThat(far.log).containsExactly("refused ACCESS_DENIED");
        }
    }
}
