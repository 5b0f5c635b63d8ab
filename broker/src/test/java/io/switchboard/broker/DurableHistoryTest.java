package io.switchboard.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.broker.Node.Client;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Histories of topics that outlive the process.
class DurableHistoryTest {
    private static final String TOPIC = "/topic/a";
    private static final SendOptions UNSTORED = new SendOptions(false, 4, 0, 0, 0);
    private final LateJournal journal = new LateJournal();
    private Policies policies = keeping(new Retention(1_000, 0, 0));
    private long lives;
    private Node node;
    private Client publisher;
    private Client reader;

    private static Policies keeping(Retention retention) {
        return Policies.DEFAULT.with(
                "/topic/**", it -> it.withHistory(retention).withDurable(true));
    }

    /// A process that has what the journal has.
    @BeforeEach
    void restart() {
        journal.waiting.clear();
        journal.incarnation = (int) lives;
        node =
                new Node(
                        3,
                        AccessRules.localOnly(),
                        policies,
                        BrokerLimits.DEFAULT,
                        journal,
                        Application.NONE);
        node.epoch = 1_000 * ++lives;
        journal.restore(node);
        node.run();
        publisher = node.client(0, "publisher");
        reader = node.client(1, "reader");
    }

    private void send(int first, int last) {
        for (int i = first; i <= last; i++) {
            publisher.send(TOPIC, Integer.toString(i), "r" + i);
            node.run();
        }
    }

    private void storeAll() {
        while (!journal.waiting.isEmpty()) {
            journal.store(0, node);
        }
    }

    private void sendStored(int first, int last) {
        send(first, last);
        storeAll();
    }

    private void sendUnstored(int number) {
        publisher.publish(
                Client.message(TOPIC, Integer.toString(number)).with(UNSTORED), null, "r" + number);
        node.run();
    }

    private String read(From from) {
        Client fresh = node.client(2, "fresh");
        fresh.subscribe(new TextForm("1"), TOPIC, SubscribeOptions.DEFAULT.withFrom(from), "sub");
        node.run();
        lastId = fresh.lastMessageId;
        String text = fresh.read();
        fresh.close();
        node.run();
        return text;
    }

    private String lastId = "";

    private static String messages(int first, int last) {
        StringBuilder text = new StringBuilder();
        for (int i = first; i <= last; i++) {
            text.append("1:").append(TOPIC).append('=').append(i).append(';');
        }
        return text.toString();
    }

    @Test
    void aMessageIsHistoryAndDeliveredWhenItIsStored() {
        reader.subscribe("1", TOPIC, null);
        send(1, 1);
        assertThat(reader.read()).isEmpty();
        assertThat(read(From.START)).isEqualTo("receipt sub true;");
        assertThat(publisher.log).doesNotContain("completed r1");
        storeAll();
        assertThat(publisher.log).contains("completed r1");
        assertThat(reader.read()).isEqualTo(messages(1, 1));
        assertThat(read(From.START)).isEqualTo(messages(1, 1) + "receipt sub true;");
    }

    @Test
    void itOutlivesTheProcessWithItsPlaces() {
        sendStored(1, 3);
        read(new From.Last(3));
        String third = lastId;
        restart();
        assertThat(read(From.START)).isEqualTo(messages(1, 3) + "receipt sub true;");
        assertThat(lastId).isEqualTo(third);
        sendStored(4, 5);
        assertThat(read(From.After.message(third))).isEqualTo(messages(4, 5) + "receipt sub true;");
    }

    @Test
    void whatWasNotStoredIsNotThereAndItsPublisherHeardNothing() {
        sendStored(1, 1);
        send(2, 2);
        assertThat(publisher.log).doesNotContain("completed r2");
        restart();
        assertThat(read(From.START)).isEqualTo(messages(1, 1) + "receipt sub true;");
    }

    @Test
    void aMessageThatCannotBeStoredIsRefusedAndNobodySeesIt() {
        reader.subscribe("1", TOPIC, null);
        send(1, 2);
        journal.fail(0, node);
        assertThat(publisher.log).contains("refused STORE_FULL");
        storeAll();
        assertThat(reader.read()).isEqualTo(messages(2, 2));
        assertThat(read(From.START)).isEqualTo(messages(2, 2) + "receipt sub true;");
    }

    @Test
    void whoDoesNotWantToBeStoredWaitsBehindWhoDoes() {
        send(1, 1);
        sendUnstored(2);
        assertThat(publisher.log).doesNotContain("completed r2");
        storeAll();
        assertThat(publisher.log).contains("completed r1", "completed r2");
        assertThat(read(From.START)).isEqualTo(messages(1, 2) + "receipt sub true;");
        sendUnstored(3);
        assertThat(publisher.log).contains("completed r3");
        storeAll();
        restart();
        assertThat(read(From.START)).isEqualTo(messages(1, 1) + "receipt sub true;");
    }

    @Test
    void afterALifeWithMessagesThatWereNotStoredNothingIsVouchedFor() {
        sendStored(1, 1);
        read(new From.Last(1));
        String first = lastId;
        sendUnstored(2);
        storeAll();
        restart();
        sendStored(3, 3);
        assertThat(read(From.After.message(first)))
                .isEqualTo(messages(3, 3) + "receipt sub false;");
        String third = lastId;
        restart();
        sendStored(4, 4);
        assertThat(read(From.After.message(third))).isEqualTo(messages(4, 4) + "receipt sub true;");
    }

    @Test
    void aTransactionIsOneBatchWithItsHistory() {
        publisher.begin("t");
        publisher.publish(Client.message(TOPIC, "1"), "t", null);
        publisher.publish(Client.message(TOPIC, "2"), "t", null);
        publisher.publish(Client.message("/queue/q", "x"), "t", null);
        publisher.commit("t", "c");
        node.run();
        assertThat(journal.waiting).hasSize(1);
        assertThat(journal.waiting.getFirst().changes()).hasSize(3);
        assertThat(read(From.START)).isEqualTo("receipt sub true;");
        storeAll();
        assertThat(publisher.log).contains("completed c");
        restart();
        assertThat(read(From.START)).isEqualTo(messages(1, 2) + "receipt sub true;");
    }

    @Test
    void aTransactionThatFailsLeavesNothing() {
        publisher.begin("t");
        publisher.publish(Client.message(TOPIC, "1"), "t", null);
        publisher.commit("t", "c");
        node.run();
        journal.fail(0, node);
        assertThat(read(From.START)).isEqualTo("receipt sub true;");
        storeAll();
        assertThat(node.shards.stream().mapToLong(s -> s.counters().topics()).sum()).isZero();
    }

    // --- What leaves ---

    @Test
    void whatIsTrimmedLeavesTheJournalManyAtATime() {
        policies = keeping(new Retention(10, 0, 0));
        restart();
        sendStored(1, 1_000);
        long kept = journal.stored.stream().filter(it -> it.startsWith(TOPIC + " ")).count();
        assertThat(kept).isBetween(10L, 10L + 256 + 1);
        restart();
        assertThat(read(From.START)).isEqualTo(messages(991, 1_000) + "receipt sub true;");
    }

    @Test
    void aLaterLifeKnowsHowFarBackTheHistoryReaches() {
        policies = keeping(new Retention(10, 0, 0));
        restart();
        sendStored(1, 1);
        read(new From.Last(1));
        String first = lastId;
        sendStored(2, 400);
        read(new From.Last(5));
        String last = lastId;
        restart();
        assertThat(read(From.After.message(first)))
                .isEqualTo(messages(391, 400) + "receipt sub false;");
        assertThat(read(From.After.message(last))).isEqualTo("receipt sub true;");
    }

    @Test
    void whenAllIsTooOldTheJournalForgetsTheTopicAndThenTheBroker() {
        policies = keeping(new Retention(0, 0, 100));
        restart();
        sendStored(1, 3);
        read(new From.Last(1));
        String third = lastId;
        node.pass(100);
        assertThat(journal.waiting).hasSize(1);
        journal.fail(0, node);
        assertThat(node.shards.stream().mapToLong(s -> s.counters().topics()).sum()).isOne();
        node.pass(1_000);
        storeAll();
        assertThat(journal.stored).isEmpty();
        assertThat(node.shards.stream().mapToLong(s -> s.counters().topics()).sum()).isZero();
        sendStored(4, 4);
        assertThat(read(From.After.message(third)))
                .isEqualTo(messages(4, 4) + "receipt sub false;");
    }

    @Test
    void aMessageThatComesWhileTheJournalForgetsDoesNotHideWhatIsGone() {
        policies = keeping(new Retention(0, 0, 100));
        restart();
        sendStored(1, 3);
        read(new From.Last(3));
        int hyphen = lastId.indexOf('-');
        long third = Long.parseLong(lastId.substring(hyphen + 1));
        String first = lastId.substring(0, hyphen + 1) + (third - 2);
        node.pass(100);
        assertThat(journal.waiting).hasSize(1);
        send(4, 4);
        storeAll();
        restart();
        assertThat(read(From.After.message(first)))
                .isEqualTo(messages(4, 4) + "receipt sub false;");
    }

    @Test
    void whatIsPutOffLeavesTheJournal() {
        sendStored(1, 3);
        policies = Policies.DEFAULT.with("/topic/**", it -> it.withDurable(false));
        restart();
        storeAll();
        assertThat(journal.stored).isEmpty();
        assertThat(node.shards.stream().mapToLong(s -> s.counters().topics()).sum()).isZero();
    }

    @Test
    void whatIsNotDurableAnyMoreIsStillThereOnce() {
        sendStored(1, 3);
        policies =
                Policies.DEFAULT.with(
                        "/topic/**", it -> it.withHistory(Retention.DEFAULT).withDurable(false));
        restart();
        storeAll();
        assertThat(journal.stored).isEmpty();
        assertThat(read(From.START)).isEqualTo(messages(1, 3) + "receipt sub true;");
    }

    @Test
    void withoutDurableNothingIsStored() {
        policies = Policies.DEFAULT.with("/topic/**", it -> it.withHistory(Retention.DEFAULT));
        restart();
        send(1, 3);
        assertThat(journal.waiting).isEmpty();
        assertThat(read(From.START)).isEqualTo(messages(1, 3) + "receipt sub true;");
    }
}
