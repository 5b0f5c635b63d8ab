package io.switchboard.broker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.switchboard.broker.Node.Client;
import org.junit.jupiter.api.Test;

class RestoreTest {
    private static final long EPOCH = 4711;
    private final LateJournal journal = new LateJournal();
    private Policies policies = Policies.DEFAULT;
    private BrokerLimits limits = BrokerLimits.DEFAULT;
    private Node node = node();

    private Node node() {
        journal.incarnation = 1;
        return new Node(3, AccessRules.localOnly(), policies, limits, journal, Application.NONE);
    }

    private static Message message(String home, String body, long sequence, SendOptions options) {
        return Message.restored(
                home, Headers.NONE, body.getBytes(UTF_8), true, options, EPOCH, sequence);
    }

    private void restore(Journal.Change.Put... puts) {
        for (Journal.Change.Put put : puts) {
            journal.keep(put);
        }
        journal.restore(node);
        node.run();
    }

    private static Journal.Change.Put put(String body, long sequence) {
        return put(body, sequence, SendOptions.DEFAULT, 0, 0);
    }

    private static Journal.Change.Put put(
            String body, long sequence, SendOptions options, long expires, long due) {
        return new Journal.Change.Put(
                "/queue/a", message("/queue/a", body, sequence, options), 900_000, expires, due);
    }

    private Client reader(AckMode ack) {
        Client reader = node.client(1, "reader");
        reader.consume("1", "/queue/a", ack);
        node.run();
        journal.answerReads(node);
        return reader;
    }

    private long queued() {
        return node.shards.stream().mapToLong(shard -> shard.counters().queued()).sum();
    }

    @Test
    void messagesComeBackInTheirOrderAndWithTheirPriorities() {
        restore(
                put("1", 1),
                put("2", 2, new SendOptions(true, 9, 0, 0, 0), 0, 0),
                put("3", 3),
                put("4", 4));
        assertThat(reader(AckMode.CLIENT_INDIVIDUAL).read())
                .isEqualTo(
                        "1:/queue/a=2 ack 1-1 again 1;1:/queue/a=1 ack 1-2 again 1;"
                                + "1:/queue/a=3 ack 1-3 again 1;1:/queue/a=4 ack 1-4 again 1;");
    }

    @Test
    void aQueueKeepsItsEpochAndGoesOnAboveItsIncarnation() {
        restore(put("old", 5));
        Client reader = reader(AckMode.CLIENT_INDIVIDUAL);
        Client client = node.client(0, "client");
        client.send("/queue/a", "new");
        node.run();
        journal.store(0, node);
        assertThat(reader.read())
                .isEqualTo("1:/queue/a=old ack 1-1 again 1;1:/queue/a=new ack 1-2;");
        assertThat(journal.stored)
                .containsExactlyInAnyOrder("/queue/a 5", "/queue/a " + ((1L << 32) + 1));
        assertThat(journal.epochs).containsExactly(EPOCH);
    }

    /// Somebody may have had it; how often is not known, so the count begins anew.
    @Test
    void whatWasThereBeforeComesAsRedelivered() {
        restore(put("1", 1));
        Client reader = reader(AckMode.CLIENT_INDIVIDUAL);
        assertThat(reader.read()).isEqualTo("1:/queue/a=1 ack 1-1 again 1;");
        reader.settle(Settlement.REQUEUE, "1-1", null, null);
        node.run();
        journal.answerReads(node);
        assertThat(reader.read()).isEqualTo("1:/queue/a=1 ack 1-2 again 2;");
    }

    @Test
    void anAcknowledgementOfWhatCameBackRemovesIt() {
        restore(put("1", 1), put("2", 2));
        Client reader = reader(AckMode.CLIENT_INDIVIDUAL);
        reader.settle(Settlement.ACCEPT, "1-1", null, "a");
        node.run();
        assertThat(reader.log).doesNotContain("completed a");
        journal.store(0, node);
        assertThat(reader.log).endsWith("completed a");
        assertThat(journal.stored).containsExactly("/queue/a 2");
        assertThat(queued()).isEqualTo(1);
    }

    @Test
    void whatIsDelayedWaitsForItsTimeAndWhatGrewTooOldIsRemovedWhenTheShardRuns() {
        restore(
                put("late", 1, new SendOptions(true, 4, 0, 0, 200_000), 0, node.nowMillis + 50),
                put("old", 2, SendOptions.DEFAULT, node.nowMillis - 1, 0),
                put("was due", 3, SendOptions.DEFAULT, 0, node.nowMillis - 1));
        node.pass(0);
        journal.store(0, node);
        assertThat(journal.stored).containsExactly("/queue/a 1", "/queue/a 3");
        Client reader = reader(AckMode.CLIENT_INDIVIDUAL);
        assertThat(reader.read()).isEqualTo("1:/queue/a=was due ack 1-1 again 1;");
        node.pass(50);
        journal.answerReads(node);
        assertThat(reader.read()).isEqualTo("1:/queue/a=late ack 1-2 again 1;");
    }

    @Test
    void limitsRefuseOnlyWhatIsNew() {
        QueueLimits few = new QueueLimits(500, 1, 1, 1 << 20, 16, 1_000, 1 << 20);
        limits = BrokerLimits.DEFAULT.withQueues(few);
        node = node();
        restore(put("1", 1), put("x".repeat(1_000), 2), put("3", 3));
        Client client = node.client(0, "client");
        client.send("/queue/a", "4", "r");
        node.run();
        assertThat(client.log).endsWith("refused QUEUE_FULL");
        assertThat(queued()).isEqualTo(3);
        assertThat(reader(AckMode.CLIENT_INDIVIDUAL).read()).contains("=1 ").contains("=3 ");
    }

    @Test
    void aQueueThatIsNotDurableAnyMoreStillServesWhatWasStored() {
        policies = Policies.DEFAULT.with("/queue/**", Policies.Policy.DEFAULT.withDurable(false));
        node = node();
        restore(put("1", 1));
        Client reader = reader(AckMode.AUTO);
        assertThat(reader.read()).isEqualTo("1:/queue/a=1 again 1;");
        journal.store(0, node);
        assertThat(journal.stored).isEmpty();
        assertThat(queued()).isZero();
    }

    @Test
    void allOfItCountsAndIsGivenBackWhenItIsGone() {
        restore(put("1", 1), put("2", 2));
        assertThat(queued()).isEqualTo(2);
        assertThat(node.shards.stream().mapToLong(it -> it.counters().queueBytes()).sum())
                .isPositive();
        Client reader = reader(AckMode.AUTO);
        assertThat(reader.read()).isEqualTo("1:/queue/a=1 again 1;1:/queue/a=2 again 1;");
        while (!journal.waiting.isEmpty()) {
            journal.store(0, node);
        }
        reader.close();
        node.run();
        assertThat(queued()).isZero();
        assertThat(node.shards.stream().mapToLong(it -> it.counters().queueBytes()).sum()).isZero();
        assertThat(node.shards.stream().mapToLong(it -> it.counters().queues()).sum()).isZero();
    }

    @Test
    void aHomeOfAKindThatIsNotKnownStopsTheStart() {
        Shard shard = node.shards.get(node.shards.get(0).home("later:/queue/a"));
        assertThatThrownBy(() -> shard.restoring().value("later:/queue/a", "x", new byte[0]))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("later:/queue/a");
    }

    @Test
    void aHomeOfAnotherShardStopsTheStart() {
        Shard shard = node.shards.get((node.shards.get(0).home("/queue/a") + 1) % 3);
        assertThatThrownBy(() -> shard.restoring().value("/queue/a", "x", new byte[0]))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("/queue/a");
    }
}
