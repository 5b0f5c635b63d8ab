package io.switchboard.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.switchboard.broker.Node.Client;
import org.junit.jupiter.api.Test;

class EndsTest {
    private final Node node = new Node(2);
    private final String topic = node.nameAt(1);
    private final Client alice = node.client(0, "alice");
    private final Client bob = node.client(1, "bob");

    @Test
    void whatWaitsStillGoesOutAfterTheEnd() {
        alice.subscribe("1", topic, null);
        node.run();
        bob.send(topic, "x");
        node.deliverPosts();
        alice.shard.end(alice.session, Disconnect.SHUTDOWN);
        bob.send(topic, "y");
        node.run();
        assertThat(alice.read()).isEqualTo("1:" + topic + "=x;");
        assertThat(alice.log).endsWith("drained");
    }

    @Test
    void drainedComesOnceAndOnlyWhenTheSocketHasAll() {
        alice.stopReading();
        alice.say("goodbye");
        alice.shard.end(alice.session, Disconnect.SHUTDOWN);
        node.run();
        assertThat(alice.log).doesNotContain("drained");
        alice.readAgain();
        node.run();
        alice.readAgain();
        node.run();
        assertThat(alice.log).containsOnlyOnce("drained");
    }

    @Test
    void theFirstReasonCounts() {
        Counters counters = alice.shard.counters();
        alice.shard.end(alice.session, Disconnect.SHUTDOWN);
        alice.shard.end(alice.session, Disconnect.PEER_SILENT);
        alice.close();
        alice.close();
        node.run();
        assertThat(counters.ended(Disconnect.SHUTDOWN)).isEqualTo(1);
        assertThat(counters.ended(Disconnect.PEER_SILENT)).isZero();
        assertThat(counters.ended(Disconnect.GONE)).isZero();
        assertThat(counters.sessions()).isZero();
    }

    @Test
    void aShardThatFailsAtAMessageStillGivesTheCreditBackAndNoReceipt() {
        bob.subscribe("1", topic, null);
        node.run();
        alice.send(topic, "x", "r");
        node.slabs.failures = 1;
        assertThatThrownBy(node::run).hasMessage("no memory");
        node.run();
        assertThat(alice.log)
                .doesNotContain("completed r")
                .anyMatch(l -> l.contains("INTERNAL_ERROR"));
        assertThat(alice.shard.counters().commands()).isZero();
        Client carol = node.client(0, "carol");
        carol.send(topic, "y", "r2");
        node.run();
        assertThat(carol.log).anyMatch(l -> l.contains("r2"));
        assertThat(bob.read()).isEqualTo("1:" + topic + "=y;");
    }

    @Test
    void aClosedSessionIsToldNothingMore() {
        alice.subscribe("1", topic, "s");
        alice.send(topic, "x", "r");
        alice.close();
        node.run();
        assertThat(alice.log).containsExactly("connected");
        assertThat(alice.read()).isEmpty();
        alice.send(topic, "y", "r2");
        alice.say("too late");
        node.run();
        assertThat(alice.log).containsExactly("connected");
    }

    @Test
    void nothingIsLeftOfSessionsThatGoInTheMiddleOfEverything() {
        alice.stopReading();
        alice.subscribe("1", topic, "s1");
        alice.subscribe("2", "/topic/**", "s2");
        bob.subscribe("1", topic, null);
        node.run();
        for (int i = 0; i < 5; i++) {
            bob.send(topic, "x".repeat(100), "r");
            node.run();
        }
        assertThat(node.slabs.live).isPositive();
        alice.subscribe("3", node.nameAt(0), null);
        alice.send(topic, "y", "r");
        alice.close();
        bob.send(topic, "z");
        bob.close();
        node.run();
        node.assertEmpty();
    }

    @Test
    void aSubscriptionThatGoesBeforeItsAnswerLeavesNothing() {
        alice.subscribe("1", topic, "s1");
        alice.unsubscribe("1", "u1");
        alice.subscribe("1", topic, "s2");
        node.run();
        assertThat(alice.log)
                .containsExactly("connected", "completed u1", "completed s1", "completed s2");
        bob.send(topic, "x");
        node.run();
        assertThat(alice.read()).endsWith("1:" + topic + "=x;").containsOnlyOnce("=x;");
        alice.close();
        bob.close();
        node.run();
        node.assertEmpty();
    }

    @Test
    void subscriptionsHaveTheirLimits() {
        BrokerLimits few =
                new BrokerLimits(2, 1 << 20, 1 << 20, 3, 100, 100, 1 << 20, 100, 1 << 20);
        Node small = new Node(1, AccessRules.localOnly(), Policies.DEFAULT, few);
        Client carol = small.client(0, "carol");
        carol.subscribe("1", "/topic/a", null);
        carol.subscribe("1", "/topic/b", null);
        assertThat(carol.log).endsWith("refused DUPLICATE_SUBSCRIPTION");
        carol.subscribe("2", "/topic/b", null);
        carol.subscribe("3", "/topic/c", null);
        assertThat(carol.log).endsWith("refused TOO_MANY_SUBSCRIPTIONS");
        carol.unsubscribe("3", null);
        assertThat(carol.log).endsWith("refused UNKNOWN_SUBSCRIPTION");
        Client dave = small.client(0, "dave");
        dave.subscribe("1", "/topic/c", null);
        dave.subscribe("2", "/topic/d", "s");
        assertThat(dave.log).endsWith("refused TOO_MANY_DESTINATIONS");
        assertThat(small.shards.getFirst().counters().commands()).isZero();
        dave.subscribe("2", "/topic/a", "s");
        assertThat(dave.log).endsWith("completed s");
    }
}
