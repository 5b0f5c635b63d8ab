package io.switchboard.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.broker.Node.Client;
import org.junit.jupiter.api.Test;

class JournalTest {
    private final LateJournal journal = new LateJournal();
    private final Node node =
            new Node(
                    3,
                    AccessRules.localOnly(),
                    Policies.DEFAULT,
                    BrokerLimits.DEFAULT,
                    journal,
                    Application.NONE);
    private final Client client = node.client(0, "client");
    private final Client reader = node.client(1, "reader");

    private void send(String destination, String body, String receipt) {
        client.send(destination, body, receipt);
        node.run();
    }

    private void read(AckMode ack) {
        reader.consume("1", "/queue/a", ack);
        node.run();
    }

    @Test
    void aDurableMessageIsDeliveredAndConfirmedWhenItIsStored() {
        read(AckMode.AUTO);
        send("/queue/a", "1", "r");
        assertThat(reader.read()).isEmpty();
        assertThat(client.log).doesNotContain("completed r");
        journal.store(0, node);
        assertThat(reader.read()).isEqualTo("1:/queue/a=1;");
        assertThat(client.log).endsWith("completed r");
    }

    @Test
    void messagesComeInSequenceHoweverTheJournalAnswers() {
        read(AckMode.CLIENT_INDIVIDUAL);
        send("/queue/a", "1", "r1");
        send("/queue/a", "2", "r2");
        send("/queue/a", "3", "r3");
        journal.store(2, node);
        journal.store(1, node);
        assertThat(reader.read()).isEmpty();
        journal.store(0, node);
        assertThat(reader.read())
                .isEqualTo("1:/queue/a=1 ack 1-1;1:/queue/a=2 ack 1-2;1:/queue/a=3 ack 1-3;");
    }

    @Test
    void whatIsNotDurableWaitsBehindWhatIs() {
        read(AckMode.CLIENT_INDIVIDUAL);
        send("/queue/a", "1", null);
        client.publish(
                Client.message("/queue/a", "2").with(new SendOptions(false, 4, 0, 0, 0)),
                null,
                "r");
        node.run();
        assertThat(journal.waiting).hasSize(1);
        assertThat(reader.read()).isEmpty();
        assertThat(client.log).doesNotContain("completed r");
        journal.store(0, node);
        assertThat(reader.read()).isEqualTo("1:/queue/a=1 ack 1-1;1:/queue/a=2 ack 1-2;");
        assertThat(client.log).endsWith("completed r");
    }

    @Test
    void aFailedStoreLeavesAGapAndIsRefused() {
        read(AckMode.CLIENT_INDIVIDUAL);
        send("/queue/a", "1", "r1");
        send("/queue/a", "2", "r2");
        journal.fail(0, node);
        assertThat(client.log).endsWith("refused STORE_FULL");
        journal.store(0, node);
        assertThat(reader.read()).isEqualTo("1:/queue/a=2 ack 1-1;");
        assertThat(journal.stored).containsExactly("/queue/a 2");
    }

    @Test
    void anAckIsConfirmedWhenItIsStored() {
        read(AckMode.CLIENT_INDIVIDUAL);
        send("/queue/a", "1", null);
        journal.store(0, node);
        reader.settle(Settlement.ACCEPT, "1-1", null, "a");
        node.run();
        assertThat(reader.log).doesNotContain("completed a");
        journal.store(0, node);
        assertThat(reader.log).endsWith("completed a");
        assertThat(journal.stored).isEmpty();
    }

    @Test
    void anAckThatCannotBeStoredCountsAsNeverMade() {
        read(AckMode.CLIENT_INDIVIDUAL);
        send("/queue/a", "1", null);
        journal.store(0, node);
        reader.read();
        reader.settle(Settlement.ACCEPT, "1-1", null, "a");
        node.run();
        journal.fail(0, node);
        journal.answerReads(node);
        assertThat(reader.log).endsWith("refused STORE_FULL");
        assertThat(reader.read()).isEqualTo("1:/queue/a=1 ack 1-2 again 2;");
    }

    @Test
    void aTransactionIsOneBatch() {
        read(AckMode.CLIENT_INDIVIDUAL);
        reader.consume("2", "/topic/t", AckMode.AUTO);
        reader.send("/queue/a", "0");
        node.run();
        journal.store(0, node);
        reader.read();
        reader.begin("t");
        for (String to : new String[] {"/queue/a", "/queue/b", "/queue/c", "/topic/t"}) {
            reader.publish(Client.message(to, "x"), "t", null);
        }
        reader.settle(Settlement.ACCEPT, "1-1", "t", null);
        reader.commit("t", "r");
        node.run();
        assertThat(journal.waiting).hasSize(1);
        assertThat(journal.waiting.get(0).changes()).hasSize(4);
        assertThat(reader.read()).isEmpty();
        journal.store(0, node);
        assertThat(reader.read()).contains("1:/queue/a=x").contains("2:/topic/t=x");
        assertThat(reader.log).endsWith("completed r");
        assertThat(journal.stored).hasSize(3).allMatch(key -> !key.equals("/queue/a 1"));
    }

    @Test
    void aTransactionThatCannotBeStoredHasNotHappened() {
        read(AckMode.CLIENT_INDIVIDUAL);
        reader.consume("2", "/topic/t", AckMode.AUTO);
        node.run();
        reader.begin("t");
        reader.publish(Client.message("/queue/a", "x"), "t", null);
        reader.publish(Client.message("/topic/t", "x"), "t", null);
        reader.commit("t", "r");
        client.send("/topic/t", "behind");
        node.run();
        assertThat(reader.read()).isEmpty();
        journal.fail(0, node);
        assertThat(reader.log).endsWith("refused STORE_FULL");
        assertThat(reader.read()).isEqualTo("2:/topic/t=behind;");
        assertThat(journal.stored).isEmpty();
    }

    @Test
    void aDeadLetterLeavesItsQueueAndComesToTheOtherInOneBatch() {
        read(AckMode.CLIENT_INDIVIDUAL);
        send("/queue/a", "1", null);
        journal.store(0, node);
        reader.settle(Settlement.REJECT, "1-1", null, "n");
        node.run();
        journal.answerReads(node);
        assertThat(reader.log).doesNotContain("completed n");
        assertThat(journal.waiting).hasSize(1);
        assertThat(journal.waiting.get(0).changes()).hasSize(2);
        journal.store(0, node);
        assertThat(reader.log).endsWith("completed n");
        assertThat(journal.stored).containsExactly("/queue/dead-letters 1");
    }

    @Test
    void aDeadLetterThatCannotBeStoredStaysInItsQueue() {
        read(AckMode.CLIENT_INDIVIDUAL);
        send("/queue/a", "1", null);
        journal.store(0, node);
        reader.read();
        reader.settle(Settlement.REJECT, "1-1", null, null);
        node.run();
        journal.answerReads(node);
        journal.fail(0, node);
        journal.answerReads(node);
        assertThat(journal.stored).containsExactly("/queue/a 1");
        assertThat(reader.read()).isEqualTo("1:/queue/a=1 ack 1-2 again 2;");
    }

    private void commitThatRejects() {
        hold(2);
        reader.begin("t");
        reader.publish(Client.message("/queue/b", "x"), "t", null);
        reader.settle(Settlement.REJECT, "1-2", "t", null);
        reader.commit("t", "r");
        node.run();
    }

    @Test
    void whatATransactionRejectsIsBuriedInItsBatch() {
        commitThatRejects();
        assertThat(journal.waiting).isEmpty();
        journal.answerReads(node);
        assertThat(journal.waiting).hasSize(1);
        assertThat(journal.waiting.get(0).changes()).hasSize(5);
        assertThat(reader.log).doesNotContain("completed r");
        journal.store(0, node);
        assertThat(reader.log).endsWith("completed r");
        assertThat(journal.waiting).isEmpty();
        assertThat(journal.stored)
                .containsExactly("/queue/b 1", "/queue/dead-letters 1", "/queue/dead-letters 2");
        assertThat(node.shards.stream().mapToLong(shard -> shard.counters().deadLetters()).sum())
                .isEqualTo(2);
    }

    @Test
    void whatATransactionRejectsStaysWithItsHolderIfTheJournalFails() {
        commitThatRejects();
        journal.answerReads(node);
        journal.fail(0, node);
        assertThat(reader.log).endsWith("refused STORE_FULL");
        assertThat(journal.stored).containsExactly("/queue/a 1", "/queue/a 2");
        reader.settle(Settlement.ACCEPT, "1-2", null, "a");
        node.run();
        journal.store(0, node);
        assertThat(reader.log).endsWith("completed a");
        assertThat(journal.stored).isEmpty();
        assertNothingIsCharged();
    }

    private void assertNothingIsCharged() {
        for (Shard shard : node.shards) {
            assertThat(shard.counters().queueBytes()).isZero();
            assertThat(shard.counters().transactionBytes()).isZero();
            assertThat(shard.counters().queued()).isZero();
        }
    }

    @Test
    void aTransactionHasNotHappenedIfWhatItRejectsCannotBeRead() {
        commitThatRejects();
        journal.failRead(0, node);
        assertThat(reader.log).endsWith("refused STORE_FAILED");
        assertThat(journal.waiting).isEmpty();
        assertThat(journal.stored).containsExactly("/queue/a 1", "/queue/a 2");
    }

    @Test
    void aTransactionDropsWhatItRejectsWhereThereIsNoRoomForIt() {
        Policies small =
                Policies.DEFAULT.with(
                        "/queue/dead-letters",
                        Policies.Policy.DEFAULT.withMaxLength(1).withMaxDeliveries(16));
        Node full =
                new Node(
                        3,
                        AccessRules.localOnly(),
                        small,
                        BrokerLimits.DEFAULT,
                        Journal.NONE,
                        Application.NONE);
        Client one = full.client(0, "one");
        one.consume("1", "/queue/a", AckMode.CLIENT);
        one.send("/queue/a", "1");
        one.send("/queue/a", "2");
        full.run();
        one.begin("t");
        one.publish(Client.message("/queue/b", "x"), "t", null);
        one.settle(Settlement.REJECT, "1-2", "t", null);
        one.commit("t", "r");
        full.run();
        assertThat(one.log).endsWith("completed r");
        assertThat(full.shards.stream().mapToLong(shard -> shard.counters().rejected()).sum())
                .isEqualTo(2);
        assertThat(full.shards.stream().mapToLong(shard -> shard.counters().queued()).sum())
                .as("the message that was sent")
                .isEqualTo(1);
    }

    private void sendBrief() {
        client.publish(
                Client.message("/queue/a", "1").with(new SendOptions(true, 4, 0, 10, 0)),
                null,
                null);
        node.run();
        journal.store(0, node);
    }

    @Test
    void whatIsTooOldIsRemovedOnceThoughAConsumerMeetsItBeforeItsTimeIsNoticed() {
        sendBrief();
        node.nowMillis += 10;
        read(AckMode.AUTO);
        assertThat(journal.waiting).hasSize(1);
        node.pass(0);
        assertThat(journal.waiting).hasSize(1);
        journal.store(0, node);
        assertThat(reader.read()).isEmpty();
        assertThat(node.shards.stream().mapToLong(shard -> shard.counters().queued()).sum())
                .isZero();
    }

    @Test
    void whatIsTooOldAndCannotBeRemovedIsTriedAgainLater() {
        sendBrief();
        node.pass(10);
        journal.fail(0, node);
        assertThat(journal.waiting).isEmpty();
        node.pass(1_000);
        journal.store(0, node);
        assertThat(journal.stored).isEmpty();
    }

    private void hold(int count) {
        read(AckMode.CLIENT);
        for (int i = 1; i <= count; i++) {
            send("/queue/a", Integer.toString(i), null);
            journal.store(0, node);
        }
        reader.read();
    }

    @Test
    void allThatOneNackRejectsIsBuriedInOneBatch() {
        hold(3);
        reader.settle(Settlement.REJECT, "1-3", null, "n");
        node.run();
        journal.answerReads(node);
        assertThat(journal.waiting).hasSize(1);
        assertThat(journal.waiting.get(0).changes()).hasSize(6);
        assertThat(reader.log).doesNotContain("completed n");
        journal.store(0, node);
        assertThat(reader.log).endsWith("completed n");
        assertThat(journal.stored)
                .containsExactly(
                        "/queue/dead-letters 1", "/queue/dead-letters 2", "/queue/dead-letters 3");
    }

    @Test
    void ifThatCannotBeStoredAllStayInTheirQueueInTheirOrder() {
        hold(3);
        reader.settle(Settlement.REJECT, "1-3", null, "n");
        node.run();
        journal.answerReads(node);
        journal.fail(0, node);
        journal.answerReads(node);
        assertThat(reader.log).endsWith("refused STORE_FULL");
        assertThat(journal.waiting).isEmpty();
        assertThat(journal.stored).containsExactly("/queue/a 1", "/queue/a 2", "/queue/a 3");
        assertThat(reader.read())
                .isEqualTo(
                        "1:/queue/a=1 ack 1-4 again 2;1:/queue/a=2 ack 1-5 again 2;"
                                + "1:/queue/a=3 ack 1-6 again 2;");
    }

    @Test
    void whatIsRejectedAndCannotBeReadStaysInItsQueue() {
        hold(2);
        reader.settle(Settlement.REJECT, "1-2", null, "n");
        node.run();
        journal.failRead(0, node);
        assertThat(reader.log).endsWith("refused STORE_FAILED");
        journal.answerReads(node);
        assertThat(reader.read())
                .isEqualTo("1:/queue/a=1 ack 1-3 again 2;1:/queue/a=2 ack 1-4 again 2;");
        assertThat(journal.stored).containsExactly("/queue/a 1", "/queue/a 2");
    }

    @Test
    void whileTheDiskIsFullWhatIsNotDurableGoesOnAndServiceResumes() {
        send("/queue/a", "1", "r1");
        journal.fail(0, node);
        assertThat(client.log).endsWith("refused STORE_FULL");
        client.publish(
                Client.message("/queue/b", "2").with(new SendOptions(false, 4, 0, 0, 0)),
                null,
                "r2");
        node.run();
        assertThat(client.log).endsWith("completed r2");
        send("/queue/a", "3", "r3");
        journal.store(0, node);
        assertThat(client.log).endsWith("completed r3");
    }
}
