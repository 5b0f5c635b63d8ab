package io.switchboard.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.switchboard.broker.AccessRules.Action;
import io.switchboard.broker.AccessRules.Decision;
import io.switchboard.broker.Node.Client;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/// What was allowed once is asked about again when the answer may have become another one.
class RightsTest {
    /// What may not be done, what is not yet known, and the answers that are owed.
    private final Set<String> forbidden = new java.util.HashSet<>();

    private final Set<String> slow = new java.util.HashSet<>();
    private final Map<String, Consumer<Decision>> owed = new HashMap<>();
    private final List<String> asked = new ArrayList<>();

    private Decision decide(
            Principal who, Action action, String destination, Consumer<Decision> answer) {
        asked.add((who.name() + " " + action + " " + destination).strip());
        if (slow.contains(destination)) {
            owed.put(destination, answer);
            return Decision.PENDING;
        }
        boolean role = !destination.startsWith("/topic/staff") || who.roles().contains("staff");
        return role && !forbidden.contains(destination)
                ? Decision.ALLOWED
                : new Decision.Denied("not any more");
    }

    private final Node node = node(BrokerLimits.DEFAULT);
    private final Client alice = node.client(0, "alice");

    private Node node(BrokerLimits limits) {
        return new Node(1, this::decide, Policies.DEFAULT, limits);
    }

    private static Principal named(String name, String... roles) {
        return new Principal(name, true, "127.0.0.1", Set.of(roles), Map.of(), 0);
    }

    private void rulesChange(String... nowForbidden) {
        forbidden.addAll(Set.of(nowForbidden));
        asked.clear();
        alice.log.clear();
        alice.shard.rulesChanged();
        node.run();
    }

    private void sendToAll(String... destinations) {
        Client bob = node.client(0, "bob");
        for (String each : destinations) {
            bob.send(each, "x");
        }
        node.run();
        bob.close();
    }

    @Nested
    class WhenTheRulesHaveChanged {
        @Test
        void aSubscriptionThatLostItsRightEndsAndTheOthersGoOn() {
            alice.subscribe("1", "/topic/a", null);
            alice.subscribe("2", "/topic/b", null);
            node.run();
            rulesChange("/topic/a");
            assertThat(asked)
                    .containsExactly("alice SUBSCRIBE /topic/b", "alice SUBSCRIBE /topic/a");
            assertThat(alice.log).containsExactly("subscription ended 1 not any more");
            sendToAll("/topic/b");
            forbidden.clear();
            sendToAll("/topic/a");
            assertThat(alice.read()).isEqualTo("2:/topic/b=x;");
        }

        @Test
        void patternsAndQueuesAndUserDestinationsAreAskedAboutToo() {
            alice.subscribe("1", "/topic/a/#", null);
            alice.subscribe("2", "/queue/q", null);
            alice.subscribe("3", "/user/queue/x", null);
            node.run();
            rulesChange("/topic/a/**", "/queue/q", "/user/alice/queue/x");
            assertThat(alice.session.subscriptionCount()).isZero();
            alice.close();
            node.run();
            node.assertEmpty();
        }

        /// It was handed over and not yet acknowledged; somebody else may have it.
        @Test
        void whatAConsumerHeldGoesBackToItsQueue() {
            alice.consume("1", "/queue/q", AckMode.CLIENT);
            node.run();
            alice.send("/queue/q", "job");
            node.run();
            assertThat(alice.read()).isEqualTo("1:/queue/q=job ack 1-1;");
            rulesChange("/queue/q");
            forbidden.clear();
            Client bob = node.client(0, "bob");
            bob.consume("1", "/queue/q", AckMode.CLIENT);
            node.run();
            assertThat(bob.read()).startsWith("1:/queue/q=job ack 1-1 again 2;");
        }

        /// Its client may not have heard of it.
        @Test
        void theClientsOwnUnsubscribeIsNoMistake() {
            alice.subscribe("1", "/topic/a", null);
            node.run();
            rulesChange("/topic/a");
            alice.unsubscribe("1", "r");
            alice.unsubscribe("1", "again");
            assertThat(alice.log)
                    .containsExactly(
                            "subscription ended 1 not any more",
                            "completed r",
                            "refused UNKNOWN_SUBSCRIPTION");
        }

        @Test
        void itsIdIsFree() {
            alice.subscribe("1", "/topic/a", null);
            node.run();
            rulesChange("/topic/a");
            alice.subscribe("1", "/topic/b", "r");
            node.run();
            assertThat(alice.log).endsWith("completed r");
            alice.unsubscribe("1", null);
            alice.unsubscribe("1", null);
            assertThat(alice.log).endsWith("refused UNKNOWN_SUBSCRIPTION");
        }

        @Test
        void onlySoManyAreAskedAboutInOneTurnAndNoneIsMissed() {
            node.client(0, "bob");
            Client[] many = new Client[6];
            for (int i = 0; i < many.length; i++) {
                many[i] = node.client(0, "m" + i);
                for (int k = 0; k < 1_000; k++) {
                    many[i].subscribe("s" + k, "/topic/" + k, null);
                }
                node.run();
            }
            forbidden.add("/topic/0");
            asked.clear();
            alice.shard.rulesChanged();
            assertThat(asked).hasSizeLessThanOrEqualTo(Questions.PER_TURN);
            assertThat(many[5].session.subscriptionCount()).isEqualTo(1_000);

            // Meanwhile one goes whose place another one takes.
            many[4].unsubscribe("s1", null);
            many[5].unsubscribe("s1", null);
            node.pass(1);
            node.pass(1);
            assertThat(asked).hasSizeBetween(5_990, 6_010);
            for (Client each : many) {
                assertThat(each.log).contains("subscription ended s0 not any more");
            }
        }

        /// Allowed by the old rules, it would live under the new ones.
        @Test
        void aSubscribeThatWaitedForACreditIsAskedAboutOnceMore() {
            Node narrow =
                    node(new BrokerLimits(9, 1 << 20, 1 << 24, 9, 99, 1, 1 << 20, 9, 1 << 20));
            Client one = narrow.client(0, "one");
            Client two = narrow.client(0, "two");
            one.subscribe("1", "/queue/a", null);
            one.send("/queue/a", "x");
            forbidden.clear();
            owed.clear();
            slow.add("/topic/late");
            two.subscribe("2", "/topic/late", "r");
            forbidden.add("/topic/late");
            slow.clear();
            two.shard.rulesChanged();
            owed.get("/topic/late").accept(Decision.ALLOWED);
            narrow.run();
            assertThat(two.log).contains("refused ACCESS_DENIED");
            assertThat(two.session.subscriptionCount()).isZero();
        }
    }

    @Nested
    class PendingAnswers {
        @Test
        void theSubscriptionGoesOnUntilTheAnswerComes() {
            alice.subscribe("1", "/topic/a", null);
            node.run();
            slow.add("/topic/a");
            rulesChange();
            sendToAll("/topic/b");
            slow.clear();
            sendToAll("/topic/a");
            assertThat(alice.read()).isEqualTo("1:/topic/a=x;");
            owed.get("/topic/a").accept(new Decision.Denied("no"));
            node.run();
            assertThat(alice.log).containsExactly("subscription ended 1 no");
        }

        @Test
        void itEndsWhenNoneComesInTime() {
            alice.subscribe("1", "/topic/a", null);
            node.run();
            slow.add("/topic/a");
            rulesChange();
            node.pass(Questions.ANSWER_MILLIS - 1);
            assertThat(alice.log).isEmpty();
            node.pass(1);
            assertThat(alice.log)
                    .containsExactly("subscription ended 1 no decision was made in time");
            owed.get("/topic/a").accept(Decision.ALLOWED);
            node.run();
            assertThat(alice.session.subscriptionCount()).isZero();
        }

        @Test
        void onlyTheAnswerToTheLastQuestionCounts() {
            alice.subscribe("1", "/topic/a", null);
            node.run();
            slow.add("/topic/a");
            rulesChange();
            Consumer<Decision> first = owed.get("/topic/a");
            rulesChange();
            first.accept(new Decision.Denied("the old rules"));
            node.run();
            assertThat(alice.log).isEmpty();
            owed.get("/topic/a").accept(Decision.ALLOWED);
            node.run();
            node.pass(Questions.ANSWER_MILLIS);
            assertThat(alice.log).isEmpty();
        }

        @Test
        void onlySoManyAreOpenAndTheNextOnesWaitForThem() {
            Client[] two = {node.client(0, "one"), node.client(0, "two")};
            for (Client each : two) {
                for (int k = 0; k < 600; k++) {
                    each.subscribe("s" + k, "/topic/" + k, null);
                }
                node.run();
            }
            List<Consumer<Decision>> answers = new ArrayList<>();
            for (int k = 0; k < 600; k++) {
                slow.add("/topic/" + k);
            }
            rulesChange();
            assertThat(asked).hasSize(Questions.UNANSWERED_MAX);
            answers.addAll(owed.values());
            answers.forEach(each -> each.accept(Decision.ALLOWED));
            node.run();
            node.pass(1);
            assertThat(asked).hasSize(1_200);
        }
    }

    @Nested
    class Renewals {
        @Test
        void theNewRolesCountFromThenOn() {
            alice.shard.renew(alice.session, named("alice", "staff"));
            alice.subscribe("1", "/topic/staff", "r");
            node.run();
            assertThat(alice.log).endsWith("completed r");
            alice.shard.renew(alice.session, named("alice"));
            assertThat(alice.log).endsWith("subscription ended 1 not any more");
            alice.send("/topic/staff", "x", "s");
            assertThat(alice.log).endsWith("refused ACCESS_DENIED");
        }

        @Test
        void areOfTheSameUser() {
            assertThatThrownBy(() -> alice.shard.renew(alice.session, named("bob")))
                    .isInstanceOf(IllegalArgumentException.class);
        }

        @Test
        void aSessionWhoseUserHasGoneEnds() {
            Client bob = node.client(0, "bob");
            alice.shard.reassess(who -> "bob".equals(who.name()) ? null : named("alice", "staff"));
            node.run();
            assertThat(bob.log).contains("ended LOGIN_REVOKED");
            alice.send("/topic/staff", "x", "s");
            node.run();
            assertThat(alice.log).endsWith("completed s");
        }
    }

    @Nested
    class OpenTransactions {
        private void sendInTransaction(String... destinations) {
            alice.begin("t");
            for (String each : destinations) {
                alice.publish(Client.message(each, "x"), "t", null);
            }
            node.run();
        }

        @Test
        void whatWasSentIsAskedAboutAgainAtTheCommit() {
            alice.subscribe("1", "/topic/a", null);
            sendInTransaction("/topic/a", "/topic/b");
            rulesChange("/topic/b");
            asked.clear();
            alice.commit("t", "r");
            node.run();
            assertThat(asked).containsExactly("alice SEND /topic/a", "alice SEND /topic/b");
            assertThat(alice.log).containsExactly("refused ACCESS_DENIED");
            assertThat(alice.read()).as("all or nothing").isEmpty();
            alice.commit("t", "r");
            assertThat(alice.log).endsWith("refused UNKNOWN_TRANSACTION");
            assertThat(node.shards.getFirst().counters().transactionBytes()).isZero();
        }

        @Test
        void nobodyIsAskedWhereNothingHasChanged() {
            sendInTransaction("/topic/a");
            asked.clear();
            alice.commit("t", "r");
            node.run();
            assertThat(asked).isEmpty();
            assertThat(alice.log).endsWith("completed r");
        }

        @Test
        void slowAnswersAreWaitedForOneAfterTheOther() {
            alice.subscribe("1", "/topic/a", null);
            sendInTransaction("/topic/a", "/topic/b");
            alice.shard.renew(alice.session, named("alice", "staff"));
            slow.addAll(Set.of("/topic/a", "/topic/b"));
            asked.clear();
            alice.commit("t", "r");
            assertThat(asked).containsExactly("alice SEND /topic/a");
            owed.get("/topic/a").accept(Decision.ALLOWED);
            node.run();
            assertThat(asked).containsExactly("alice SEND /topic/a", "alice SEND /topic/b");
            assertThat(alice.session.parked()).isTrue();
            owed.get("/topic/b").accept(Decision.ALLOWED);
            node.run();
            assertThat(alice.log).endsWith("completed r", "resumed");
            assertThat(alice.read()).isEqualTo("1:/topic/a=x;receipt r;");
        }
    }
}
