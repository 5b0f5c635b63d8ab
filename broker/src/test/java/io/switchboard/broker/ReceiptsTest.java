package io.switchboard.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.broker.Node.Client;
import org.junit.jupiter.api.Test;

class ReceiptsTest {
    private final Node node = new Node(3);
    private final String topic = node.nameAt(1);
    private final Client alice = node.client(0, "alice");
    private final Client bob = node.client(2, "bob");

    @Test
    void aSubscriptionIsActiveWhenItsReceiptComes() {
        alice.subscribe("1", topic, "s");
        assertThat(alice.log).doesNotContain("completed s");
        node.deliverPost(1);
        assertThat(alice.log).as("the home shard knows, we do not").doesNotContain("completed s");
        node.deliverPost(0);
        assertThat(alice.log).contains("completed s");
        bob.send(topic, "x");
        node.run();
        assertThat(alice.read()).isEqualTo("receipt s;1:" + topic + "=x;");
    }

    @Test
    void aSecondSubscriberOfTheShardWaitsForTheSameAnswer() {
        Client carol = node.client(0, "carol");
        alice.subscribe("1", topic, "s1");
        carol.subscribe("1", topic, "s2");
        assertThat(node.inboxes.get(1)).as("one question").hasSize(1);
        assertThat(carol.log).doesNotContain("completed s2");
        node.run();
        assertThat(carol.log).contains("completed s2");
        alice.subscribe("2", topic, "s3");
        assertThat(alice.log).as("known by now").contains("completed s3");
    }

    @Test
    void aPatternIsActiveWhenAllShardsKnow() {
        alice.subscribe("1", "/topic/**", "s");
        node.deliverPost(1);
        node.deliverPost(0);
        assertThat(alice.log).doesNotContain("completed s");
        node.deliverPost(2);
        node.deliverPost(0);
        assertThat(alice.log).contains("completed s");
    }

    @Test
    void nothingMoreComesAfterTheReceiptOfAnUnsubscribe() {
        alice.subscribe("1", topic, null);
        node.run();
        bob.send(topic, "before");
        node.run();
        bob.send(topic, "on its way");
        node.deliverPost(1);
        alice.unsubscribe("1", "u");
        assertThat(alice.log).endsWith("completed u");
        node.run();
        assertThat(alice.read()).isEqualTo("1:" + topic + "=before;receipt u;");
    }

    @Test
    void aPublishIsCompleteWhenEverySubscribersShardHasTakenIt() {
        alice.subscribe("1", topic, null);
        Client carol = node.client(1, "carol");
        carol.subscribe("1", topic, null);
        node.run();
        bob.send(topic, "x", "r");
        node.deliverPost(1);
        assertThat(carol.session.bytesWaiting()).as("taken at home").isPositive();
        node.deliverPost(2);
        assertThat(bob.log).as("sequenced, not taken").doesNotContain("completed r");
        node.deliverPost(0);
        assertThat(alice.session.bytesWaiting()).as("taken by all").isPositive();
        assertThat(bob.log).doesNotContain("completed r");
        node.deliverPost(2);
        assertThat(bob.log).endsWith("completed r");
    }

    @Test
    void aPublishToNobodyIsCompleteToo() {
        bob.send(topic, "x", "r");
        node.run();
        assertThat(bob.read()).isEqualTo("receipt r;");
    }

    @Test
    void whatIsSentAfterAReceiptArrivesAfterItWhateverTheDestination() {
        String other = node.nameAt(0);
        alice.subscribe("1", topic, null);
        alice.subscribe("2", other, null);
        node.run();
        bob.send(topic, "first", "r");
        while (!bob.log.contains("completed r")) {
            node.deliverPosts();
        }
        node.client(0, "carol").send(other, "second");
        node.run();
        assertThat(alice.read()).isEqualTo("1:" + topic + "=first;2:" + other + "=second;");
    }

    @Test
    void leavingCompletesAfterAllBefore() {
        bob.send(topic, "x", "r");
        bob.subscribe("1", topic, "s");
        bob.leave("bye");
        assertThat(bob.log).doesNotContain("left");
        node.run();
        assertThat(bob.log)
                .containsExactly("connected", "completed r", "completed s", "left", "drained");
        assertThat(bob.read()).isEqualTo("receipt r;receipt s;receipt bye;");
        assertThat(node.shards.get(2).counters().ended(Disconnect.NORMAL)).isEqualTo(1);
    }

    @Test
    void leavingWithNothingUnderWayCompletesAtOnce() {
        bob.leave(null);
        assertThat(bob.log).containsExactly("connected", "left");
        node.run();
        assertThat(bob.log).endsWith("drained");
    }

    @Test
    void whatComesAfterLeavingIsIgnored() {
        bob.send(topic, "x", "r");
        bob.leave(null);
        bob.send(topic, "y", "r2");
        bob.leave(null);
        node.run();
        assertThat(bob.log).containsExactly("connected", "completed r", "left", "drained");
        assertThat(node.shards.get(2).counters().messagesIn()).isEqualTo(1);
    }
}
