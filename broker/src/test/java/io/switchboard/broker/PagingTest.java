package io.switchboard.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.broker.Node.Client;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// With so little memory that a queue keeps two messages of its line, and reads one at a time.
class PagingTest {
    private static final int LENGTH = 1_000;

    /// A message of the test costs some 1,150 bytes; all windows may have a quarter, and one queue
    /// a quarter of that.
    private static final QueueLimits LITTLE =
            new QueueLimits(40_000, 1_000_000, 100, 1 << 20, 16, 1_000, 1 << 20);

    private final LateJournal journal = new LateJournal();
    private final Node node =
            new Node(
                    1,
                    AccessRules.localOnly(),
                    Policies.DEFAULT,
                    BrokerLimits.DEFAULT.withQueues(LITTLE),
                    journal,
                    Application.NONE);
    private final Client client = node.client(0, "client");

    private Message message(int number, SendOptions options) {
        String body = number + "x".repeat(LENGTH);
        return Message.of(
                        "/queue/a",
                        Headers.of("n", Integer.toString(number)),
                        body.getBytes(java.nio.charset.StandardCharsets.UTF_8),
                        true)
                .with(options);
    }

    private void send(int number, SendOptions options) {
        client.publish(message(number, options), null, null);
        node.run();
        if (!journal.waiting.isEmpty()) {
            journal.store(0, node);
        }
    }

    private void fill(int from, int to) {
        for (int i = from; i < to; i++) {
            send(i, SendOptions.DEFAULT);
        }
    }

    private Client reader(SubscribeOptions options) {
        Client reader = node.client(0, "reader");
        reader.subscribe(new TextForm("1"), "/queue/a", options, null);
        node.run();
        return reader;
    }

    private static SubscribeOptions oneByOne() {
        return SubscribeOptions.DEFAULT.withAck(AckMode.CLIENT_INDIVIDUAL).withPrefetch(1, 1 << 20);
    }

    /// All that it is handed, acknowledging each.
    private List<Integer> drain(Client reader) {
        List<Integer> numbers = new ArrayList<>();
        for (int tag = 1; ; tag++) {
            journal.answerReads(node);
            String text = reader.read();
            if (text.isEmpty()) {
                return numbers;
            }
            numbers.add(number(text));
            reader.ack("1-" + tag);
            node.run();
            store();
        }
    }

    private static int number(String text) {
        return Integer.parseInt(text.substring(text.indexOf('=') + 1, text.indexOf('x')));
    }

    private void store() {
        while (!journal.waiting.isEmpty()) {
            journal.store(0, node);
        }
    }

    private Counters counters() {
        return node.shards.get(0).counters();
    }

    private static List<Integer> numbers(int from, int to) {
        List<Integer> numbers = new ArrayList<>();
        for (int i = from; i < to; i++) {
            numbers.add(i);
        }
        return numbers;
    }

    @Test
    void aBacklogCostsItsStubsAndTheHeadOfTheLine() {
        fill(0, 100);
        assertThat(counters().queued()).isEqualTo(100);
        assertThat(counters().queueBytes())
                .isBetween(100L * Backlog.STUB, 100L * Backlog.STUB + 4_000);
    }

    @Test
    void allOfItComesInOrder() {
        fill(0, 100);
        assertThat(drain(reader(oneByOne()))).isEqualTo(numbers(0, 100));
        assertThat(counters().queued()).isZero();
        assertThat(counters().queueBytes()).isZero();
        assertThat(journal.stored).isEmpty();
    }

    @Test
    void aDurableMessageIsRefusedOnlyWhenThereIsNoMemoryForItsStub() {
        fill(0, 300);
        assertThat(client.log).doesNotContain("refused QUEUE_MEMORY");
        fill(300, 500);
        assertThat(client.log).endsWith("refused QUEUE_MEMORY");
        assertThat(counters().queueBytes()).isLessThanOrEqualTo(LITTLE.bytes());
    }

    @Test
    void higherPrioritiesComeFirstAlsoOutOfMemory() {
        for (int i = 0; i < 20; i++) {
            send(i, new SendOptions(true, i % 2 == 0 ? 4 : 9, 0, 0, 0));
        }
        List<Integer> expected = new ArrayList<>();
        for (int i = 1; i < 20; i += 2) {
            expected.add(i);
        }
        for (int i = 0; i < 20; i += 2) {
            expected.add(i);
        }
        assertThat(drain(reader(oneByOne()))).isEqualTo(expected);
    }

    @Test
    void whatIsNotDurableStandsBetween() {
        for (int i = 0; i < 20; i++) {
            send(i, new SendOptions(i % 2 == 0, 4, 0, 0, 0));
        }
        assertThat(drain(reader(oneByOne()))).isEqualTo(numbers(0, 20));
    }

    @Test
    void aSelectorFindsWhatIsNotInMemoryAndLeavesTheRestThere() {
        fill(0, 60);
        Client odd = reader(oneByOne().withSelector("n BETWEEN 50 AND 52"));
        assertThat(drain(odd)).containsExactly(50, 51, 52);
        assertThat(counters().queueBytes()).isLessThan(57 * Backlog.STUB + 6_000);
        odd.close();
        node.run();
        List<Integer> rest = numbers(0, 50);
        rest.addAll(numbers(53, 60));
        assertThat(drain(reader(oneByOne()))).isEqualTo(rest);
    }

    @Test
    void aBrowserSeesAllAndNothingStaysInMemory() {
        fill(0, 30);
        long before = counters().queueBytes();
        Client browser = reader(SubscribeOptions.DEFAULT.withPrefetch(5, 1 << 20).withBrowser());
        StringBuilder seen = new StringBuilder(browser.read());
        for (int i = 0; i < 100; i++) {
            journal.answerReads(node);
            seen.append(browser.read());
        }
        for (int i = 0; i < 30; i++) {
            assertThat(seen.toString()).contains("=" + i + "x");
        }
        assertThat(counters().queueBytes()).isEqualTo(before);
        assertThat(counters().queued()).isEqualTo(30);
    }

    @Test
    void whatComesBackIsReadAgainAndKeepsItsPlace() {
        fill(0, 10);
        Client holder =
                reader(
                        SubscribeOptions.DEFAULT
                                .withAck(AckMode.CLIENT_INDIVIDUAL)
                                .withPrefetch(4, 1 << 20));
        journal.answerReads(node);
        holder.close();
        node.run();
        assertThat(drain(reader(oneByOne()))).isEqualTo(numbers(0, 10));
    }

    @Test
    void aReadThatFailsIsTriedAgainAndNothingIsLost() {
        fill(0, 10);
        Client reader = reader(oneByOne());
        List<Integer> numbers = new ArrayList<>();
        for (int tag = 1; tag <= 10; tag++) {
            while (!journal.reading.isEmpty()) {
                journal.failRead(0, node);
            }
            node.pass(1_000);
            journal.answerReads(node);
            numbers.add(number(reader.read()));
            reader.ack("1-" + tag);
            node.run();
            store();
        }
        assertThat(numbers).isEqualTo(numbers(0, 10));
        assertThat(counters().readsFailed()).isPositive();
        assertThat(counters().lost()).isZero();
    }

    @Test
    void nothingIsReadWhileReadsFailBeforeTheirTime() {
        fill(0, 10);
        Client holder =
                reader(
                        SubscribeOptions.DEFAULT
                                .withAck(AckMode.CLIENT_INDIVIDUAL)
                                .withPrefetch(10, 1 << 20));
        assertThat(journal.reading).hasSize(1);
        journal.failRead(0, node);
        holder.ack("1-1");
        node.run();
        assertThat(journal.reading).isEmpty();
        node.pass(1_000);
        assertThat(journal.reading).hasSize(1);
    }

    @Test
    void whatGrowsTooOldOutOfMemoryIsRemoved() {
        for (int i = 0; i < 20; i++) {
            send(i, new SendOptions(true, 4, 0, 50, 0));
        }
        node.pass(50);
        store();
        assertThat(journal.stored).isEmpty();
        assertThat(journal.reading).isEmpty();
        assertThat(counters().queueBytes()).isZero();
        assertThat(counters().expired()).isEqualTo(20);
    }

    @Test
    void delayedMessagesWaitOutOfMemory() {
        for (int i = 0; i < 20; i++) {
            send(i, new SendOptions(true, 4, 0, 0, 50));
        }
        assertThat(counters().queueBytes()).isEqualTo(20L * Backlog.STUB);
        node.pass(50);
        assertThat(drain(reader(oneByOne()))).isEqualTo(numbers(0, 20));
    }

    @Test
    void manyDeadLettersAtOnceAreReadALittleAtATime() {
        Policies graves =
                Policies.DEFAULT.with(
                        "/queue/a", Policies.Policy.DEFAULT.withDeadLetter("/queue/graves"));
        LateJournal own = new LateJournal();
        Node other =
                new Node(
                        1,
                        AccessRules.localOnly(),
                        graves,
                        BrokerLimits.DEFAULT,
                        own,
                        Application.NONE);
        Client sender = other.client(0, "client");
        int count = 30;
        for (int i = 0; i < count; i++) {
            byte[] body = new byte[100_000];
            sender.publish(
                    Message.of("/queue/a", Headers.NONE, body, true)
                            .with(new SendOptions(true, 4, 0, 50, 0)),
                    null,
                    null);
            other.run();
            own.store(0, other);
        }
        other.pass(50);
        int most = 0;
        while (!own.reading.isEmpty() || !own.waiting.isEmpty()) {
            most = Math.max(most, own.reading.size() + own.waiting.size());
            own.answerReads(other);
            most = Math.max(most, own.reading.size() + own.waiting.size());
            own.store(0, other);
        }
        // What was in memory goes at once; of the others as many as fit.
        assertThat(most).isLessThan(count);
        assertThat(own.stored).hasSize(count).allMatch(key -> key.startsWith("/queue/graves "));
    }

    @Test
    void whatTheJournalHasLostIsCountedAndHoldsNothingUp() {
        fill(0, 10);
        Client reader = reader(oneByOne());
        journal.forget("/queue/a", 5);
        assertThat(drain(reader)).hasSize(9).doesNotContain(4);
        assertThat(counters().lost()).isEqualTo(1);
        assertThat(counters().queueBytes()).isZero();
    }
}
