package io.switchboard.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.broker.Node.Client;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class TransactionTest {
    private final Node node = new Node(4);
    private final Client client = node.client(0, "client");
    private final Client reader = node.client(1, "reader");

    private void send(String destination, String body, String transaction) {
        client.publish(Client.message(destination, body), transaction, null);
    }

    private void subscribe(String... destinations) {
        for (String destination : destinations) {
            reader.subscribe(destination, destination, null);
        }
        node.run();
        reader.read();
    }

    @Test
    void I03_I04_nothingIsSeenBeforeTheCommitAndThenAll() {
        subscribe("/topic/a", "/topic/b", "/queue/c", "/queue/d");
        client.begin("t");
        send("/topic/a", "1", "t");
        send("/queue/c", "2", "t");
        send("/topic/b", "3", "t");
        send("/queue/d", "4", "t");
        send("/topic/a", "5", "t");
        node.run();
        assertThat(reader.read()).isEmpty();
        client.commit("t", "r");
        node.run();
        assertThat(reader.read())
                .containsSubsequence("/topic/a=1;", "/topic/a=5;")
                .contains("/queue/c=2;")
                .contains("/topic/b=3;")
                .contains("/queue/d=4;");
        assertThat(client.log).endsWith("completed r");
    }

    @Test
    void I05_abortDropsAllOfIt() {
        subscribe("/topic/a", "/queue/c");
        client.begin("t");
        send("/topic/a", "1", "t");
        send("/queue/c", "2", "t");
        client.abort("t");
        node.run();
        assertThat(reader.read()).isEmpty();
    }

    @Test
    void I05_anAckWithinAnAbortedTransactionIsUndone() {
        client.consume("1", "/queue/c", AckMode.CLIENT_INDIVIDUAL);
        node.run();
        client.send("/queue/c", "1");
        node.run();
        client.begin("t");
        client.settle(Settlement.ACCEPT, "1-1", "t", "a");
        assertThat(client.log).endsWith("completed a");
        client.abort("t");
        client.ack("1-1");
        node.run();
        assertThat(client.log).as("it was still held").doesNotContain("refused UNKNOWN_DELIVERY");
        client.close();
        reader.close();
        node.run();
        node.assertEmpty();
    }

    @Test
    void I06_theEndOfTheSessionAborts() {
        subscribe("/topic/a");
        client.begin("t");
        send("/topic/a", "1", "t");
        client.leave("r");
        node.run();
        assertThat(client.log).endsWith("left", "drained");
        assertThat(reader.read()).isEmpty();
    }

    @Test
    void I07_whatIsNotOpenOrOpenAlreadyIsRefused() {
        client.commit("t", null);
        assertThat(client.log).endsWith("refused UNKNOWN_TRANSACTION");
        client.abort("t");
        assertThat(client.log).endsWith("refused UNKNOWN_TRANSACTION");
        send("/topic/a", "1", "t");
        assertThat(client.log).endsWith("refused UNKNOWN_TRANSACTION");
        client.begin("t");
        client.begin("t");
        assertThat(client.log).endsWith("refused DUPLICATE_TRANSACTION");
    }

    @Test
    void aTopicIsForgottenWhoseLastPlaceWasGivenUpBehindOneThatWasKept() {
        LateJournal journal = new LateJournal();
        Node stored =
                new Node(
                        2,
                        AccessRules.localOnly(),
                        Policies.DEFAULT,
                        BrokerLimits.DEFAULT,
                        journal,
                        Application.NONE);
        Client both = stored.client(0, "both");
        for (String id : new String[] {"t1", "t2"}) {
            both.begin(id);
            both.publish(Client.message("/topic/a", id), id, null);
            both.publish(Client.message("/queue/" + id, id), id, null);
            both.commit(id, null);
            stored.run();
        }
        journal.fail(1, stored);
        journal.store(0, stored);
        assertThat(stored.shards.stream().mapToLong(shard -> shard.counters().topics()).sum())
                .isZero();
    }

    @Test
    void I08_anIdMayBeUsedAgain() {
        client.begin("t");
        client.commit("t", "1");
        client.begin("t");
        client.abort("t");
        client.begin("t");
        client.commit("t", "2");
        node.run();
        assertThat(client.log).containsSubsequence("completed 1", "completed 2");
        assertThat(client.log).noneMatch(line -> line.startsWith("refused"));
    }

    @Test
    void I10_whatIsSentAfterTheCommitComesBehindIt() {
        subscribe("/queue/c", "/topic/a");
        client.begin("t");
        send("/queue/c", "1", "t");
        send("/queue/d", "far", "t");
        send("/topic/a", "1", "t");
        client.commit("t", null);
        client.send("/queue/c", "2");
        client.send("/topic/a", "2");
        node.run();
        assertThat(reader.read())
                .contains("/queue/c=1;/queue/c:/queue/c=2;")
                .contains("/topic/a=1;/topic/a:/topic/a=2;");
    }

    @Nested
    class AllOrNothing {
        private final Node small =
                new Node(
                        4,
                        AccessRules.localOnly(),
                        Policies.DEFAULT.with(
                                "/queue/full", Policies.Policy.DEFAULT.withMaxLength(1)),
                        BrokerLimits.DEFAULT);
        private final Client sender = small.client(0, "sender");
        private final Client taker = small.client(1, "taker");

        private void send(String destination, String transaction) {
            sender.publish(Client.message(destination, "x"), transaction, null);
        }

        @Test
        void aRefusalAnywhereUndoesItEverywhere() {
            for (String topic : new String[] {"/topic/a", "/topic/b", "/queue/c"}) {
                taker.subscribe(topic, topic, null);
            }
            taker.consume("held", "/queue/h", AckMode.CLIENT_INDIVIDUAL);
            sender.consume("own", "/queue/h", AckMode.CLIENT_INDIVIDUAL);
            small.run();
            taker.send("/queue/h", "1");
            taker.send("/queue/h", "2");
            small.run();
            send("/queue/full", null);
            taker.read();
            sender.begin("t");
            send("/topic/a", "t");
            send("/queue/c", "t");
            sender.settle(Settlement.ACCEPT, "1-1", "t", null);
            send("/queue/full", "t");
            send("/topic/b", "t");
            sender.commit("t", "r");
            small.run();
            assertThat(sender.log).endsWith("refused QUEUE_FULL");
            assertThat(taker.read()).isEmpty();
            sender.settle(Settlement.ACCEPT, "1-1", null, "again");
            small.run();
            assertThat(sender.log).as("the ack was undone").endsWith("completed again");
            sender.send("/topic/a", "goes on");
            sender.send("/queue/c", "goes on");
            small.run();
            assertThat(taker.read()).contains("/topic/a=goes on;").contains("/queue/c=goes on;");
        }

        @Test
        void anAckOfWhatIsNotHeldAnyMoreUndoesIt() {
            sender.consume("1", "/queue/h", AckMode.CLIENT_INDIVIDUAL);
            taker.subscribe("2", "/topic/a", null);
            small.run();
            taker.send("/queue/h", "1");
            small.run();
            sender.begin("t");
            sender.settle(Settlement.ACCEPT, "1-1", "t", null);
            send("/topic/a", "t");
            sender.ack("1-1");
            sender.commit("t", "r");
            small.run();
            assertThat(sender.log).endsWith("refused UNKNOWN_DELIVERY");
            assertThat(taker.read()).isEmpty();
        }

        @Test
        void aSessionThatIsCutAfterItsCommitHasCommitted() {
            taker.subscribe("1", "/queue/c", null);
            taker.subscribe("2", "/topic/a", null);
            small.run();
            taker.read();
            sender.begin("t");
            send("/queue/c", "t");
            send("/topic/a", "t");
            sender.commit("t", null);
            sender.close();
            small.run();
            assertThat(taker.read()).contains("1:/queue/c=x;").contains("2:/topic/a=x;");
            taker.close();
            small.run();
            small.assertEmpty();
        }

        @Test
        void aConsumerThatIsCutBetweenItsCommitAndTheEndLosesNothing() {
            sender.consume("1", "/queue/h", AckMode.CLIENT_INDIVIDUAL);
            small.run();
            taker.send("/queue/h", "1");
            taker.send("/queue/h", "2");
            small.run();
            sender.begin("t");
            sender.settle(Settlement.ACCEPT, "1-1", "t", null);
            send("/queue/c", "t");
            sender.commit("t", null);
            sender.close();
            small.run();
            taker.subscribe("1", "/queue/h", null);
            taker.subscribe("2", "/queue/c", null);
            small.run();
            assertThat(taker.read()).contains("1:/queue/h=2 again 2;").contains("2:/queue/c=x;");
        }
    }

    @Nested
    class Limits {
        private final QueueLimits tight = new QueueLimits(1 << 20, 100, 100, 2_000, 2, 3, 1_000);
        private final Node small =
                new Node(
                        1,
                        AccessRules.localOnly(),
                        Policies.DEFAULT,
                        BrokerLimits.DEFAULT.withQueues(tight));
        private final Client sender = small.client(0, "sender");

        private void send(String body, String transaction) {
            sender.publish(Client.message("/topic/a", body), transaction, null);
        }

        @Test
        void aSessionHasOnlySoManyOpen() {
            sender.begin("1");
            sender.begin("2");
            sender.begin("3");
            assertThat(sender.log).endsWith("refused TOO_MANY_TRANSACTIONS");
        }

        @Test
        void oneHoldsOnlySoManyFramesAndBytes() {
            sender.begin("1");
            for (int i = 0; i < 4; i++) {
                send("x", "1");
            }
            assertThat(sender.log).endsWith("refused TRANSACTION_TOO_LARGE");
            sender.begin("2");
            send("x".repeat(1_000), "2");
            assertThat(sender.log).endsWith("refused TRANSACTION_TOO_LARGE");
        }

        @Test
        void allTogetherHoldOnlySoManyBytesAndGiveThemBack() {
            Client other = small.client(0, "other");
            sender.begin("1");
            other.begin("1");
            send("x".repeat(800), "1");
            other.publish(Client.message("/topic/a", "x".repeat(800)), "1", null);
            sender.begin("2");
            send("x".repeat(800), "2");
            assertThat(sender.log).endsWith("refused TRANSACTION_MEMORY");
            other.close();
            send("x".repeat(800), "2");
            sender.commit("1", "r1");
            sender.commit("2", "r2");
            small.run();
            assertThat(sender.log).endsWith("completed r1", "completed r2");
        }
    }
}
