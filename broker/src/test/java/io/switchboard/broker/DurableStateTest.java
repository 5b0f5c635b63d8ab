package io.switchboard.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.switchboard.broker.Node.Client;
import java.util.List;
import java.util.function.ToLongFunction;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/// The current values of keys, where they outlive the process.
class DurableStateTest {
    private static final String TOPIC = "/topic/a";
    private static final String HOME = "state:/topic/a ";
    private final LateJournal journal = new LateJournal();
    private Policies policies =
            Policies.DEFAULT.with("/topic/**", it -> it.withState(true).withDurable(true));
    private BrokerLimits limits = BrokerLimits.DEFAULT;
    private long nowMillis = 1_000_000;
    private long lives;
    private Node node;
    private Client writer;
    private Client reader;

    /// A process that has what the journal has, and nothing of what was appended and not stored.
    @BeforeEach
    void restart() {
        start();
        node.run();
        writer = node.client(0, "writer");
        reader = node.client(1, "reader");
    }

    private void start() {
        journal.waiting.clear();
        journal.incarnation = (int) lives;
        node = new Node(3, AccessRules.localOnly(), policies, limits, journal, Application.NONE);
        node.nowMillis = nowMillis;
        node.epoch = 1_000 * ++lives;
        journal.restore(node);
    }

    private void storeAll() {
        while (!journal.waiting.isEmpty()) {
            journal.store(0, node);
        }
    }

    private static Message value(String key, String body) {
        return Client.message(TOPIC, key + "=" + body)
                .with(SendOptions.DEFAULT.withKey(key, false, false));
    }

    private static Message removal(String key) {
        return Client.message(TOPIC, key + "-").with(SendOptions.DEFAULT.withKey(key, true, false));
    }

    private static Message unstored(Message message) {
        SendOptions options = message.options();
        return message.with(
                new SendOptions(false, 4, 0, 0, 0)
                        .withKey(options.key(), options.removed(), false));
    }

    private static Message connected(String key, String body) {
        return value(key, body).with(SendOptions.DEFAULT.withKey(key, false, true));
    }

    private void send(Message message, String receipt) {
        writer.publish(message, null, receipt);
        node.run();
    }

    private void put(String key, String body) {
        send(value(key, body), "r" + body);
    }

    private void remove(String key) {
        send(removal(key), "gone " + key);
    }

    private static void subscribe(Client client) {
        SubscribeOptions options = SubscribeOptions.DEFAULT.withFrom(new From.State());
        client.subscribe(new TextForm("1"), TOPIC, options, "sub");
    }

    private String lastId = "";

    private String state() {
        Client fresh = node.client(2, "fresh");
        subscribe(fresh);
        node.run();
        lastId = fresh.lastMessageId;
        String text = read(fresh);
        fresh.close();
        node.run();
        assertThat(text).endsWith("receipt sub true;");
        return text.replace("receipt sub true;", "");
    }

    private static String read(Client client) {
        return client.read().replace("1:" + TOPIC + "=", "").replace(" snapshot", "");
    }

    /// Messages of the topic's values that are stored.
    private long stored() {
        return journal.stored.stream().filter(it -> it.startsWith(HOME)).count();
    }

    private long count(ToLongFunction<Counters> counter) {
        return node.shards.stream().mapToLong(it -> counter.applyAsLong(it.counters())).sum();
    }

    // --- One life after another ---

    @Test
    void aValueIsThereAndDeliveredWhenItIsStored() {
        subscribe(reader);
        put("x", "1");
        assertThat(read(reader)).isEqualTo("receipt sub true;");
        assertThat(state()).isEmpty();
        assertThat(writer.log).doesNotContain("completed r1");
        storeAll();
        assertThat(writer.log).contains("completed r1");
        assertThat(read(reader)).isEqualTo("x=1;");
        assertThat(state()).isEqualTo("x=1;");
    }

    @Test
    void theTableOutlivesTheProcessWithItsPlaces() {
        put("x", "1");
        put("y", "2");
        put("x", "3");
        storeAll();
        assertThat(state()).isEqualTo("y=2;x=3;");
        String last = lastId;
        restart();
        assertThat(state()).isEqualTo("y=2;x=3;");
        assertThat(lastId).isEqualTo(last);
        assertThat(count(Counters::stateKeys)).isEqualTo(2);
        put("y", "4");
        storeAll();
        assertThat(state()).isEqualTo("x=3;y=4;");
        int hyphen = last.indexOf('-');
        assertThat(lastId).startsWith(last.substring(0, hyphen + 1));
        assertThat(Long.parseLong(lastId.substring(hyphen + 1)))
                .isGreaterThan(Long.parseLong(last.substring(hyphen + 1)));
        restart();
        assertThat(state()).isEqualTo("x=3;y=4;");
    }

    @Test
    void whatWasNotStoredIsNotThereAndItsPublisherHeardNothing() {
        put("x", "1");
        storeAll();
        put("x", "2");
        remove("x");
        assertThat(writer.log).doesNotContain("completed r2", "completed gone x");
        restart();
        assertThat(state()).isEqualTo("x=1;");
    }

    @Test
    void whatCannotBeStoredIsRefusedAndNobodySeesIt() {
        put("x", "1");
        storeAll();
        subscribe(reader);
        node.run();
        read(reader);
        put("x", "2");
        put("y", "3");
        remove("x");
        for (int i = 0; i < 3; i++) {
            journal.fail(0, node);
        }
        assertThat(writer.log.stream().filter("refused STORE_FULL"::equals)).hasSize(3);
        assertThat(read(reader)).isEmpty();
        assertThat(state()).isEqualTo("x=1;");
        assertThat(count(Counters::stateKeys)).isOne();
        storeAll();
        restart();
        assertThat(state()).isEqualTo("x=1;");
    }

    @Test
    void aRemovalIsStored() {
        put("x", "1");
        put("y", "2");
        storeAll();
        remove("x");
        assertThat(state()).isEqualTo("x=1;y=2;");
        storeAll();
        assertThat(writer.log).contains("completed gone x");
        assertThat(state()).isEqualTo("y=2;");
        restart();
        assertThat(state()).isEqualTo("y=2;");
        remove("nothing");
        assertThat(journal.waiting).isEmpty();
        assertThat(writer.log).contains("completed gone nothing");
    }

    @Test
    void whenTheLastKeyHasGoneNothingIsLeft() {
        put("x", "1");
        storeAll();
        remove("x");
        storeAll();
        assertThat(journal.stored).isEmpty();
        assertThat(count(Counters::topics)).isZero();
        assertThat(count(Counters::stateBytes)).isZero();
        restart();
        assertThat(count(Counters::topics)).isZero();
    }

    // --- What the journal has ---

    @Test
    void theValueBeforeLeavesTheJournalWithTheOneThatReplacesIt() {
        put("x", "1");
        storeAll();
        put("x", "2");
        assertThat(journal.waiting).hasSize(1);
        assertThat(journal.waiting.getFirst().changes())
                .hasSize(2)
                .hasAtLeastOneElementOfType(Journal.Change.Put.class)
                .hasAtLeastOneElementOfType(Journal.Change.Remove.class);
        storeAll();
        assertThat(stored()).isOne();
        for (int i = 0; i < 100; i++) {
            put("x", "fast " + i);
        }
        storeAll();
        assertThat(stored()).isOne();
        assertThat(state()).isEqualTo("x=fast 99;");
    }

    @Test
    void whatFailsAmongOthersLeavesWhatWasThere() {
        put("x", "1");
        storeAll();
        put("x", "2");
        remove("x");
        put("x", "3");
        journal.fail(0, node);
        assertThat(state()).isEqualTo("x=1;");
        journal.store(0, node);
        assertThat(state()).isEmpty();
        journal.fail(0, node);
        restart();
        assertThat(state()).isEmpty();
        storeAll();
        assertThat(journal.stored).isEmpty();
        assertThat(count(Counters::topics)).isZero();
    }

    @Test
    void whatIsLeftOverGoesAlsoWhenTheJournalRefusesThatAtFirst() {
        put("x", "1");
        put("x", "2");
        journal.store(0, node);
        journal.store(0, node);
        assertThat(stored()).isEqualTo(2);
        journal.fail(0, node);
        assertThat(journal.waiting).isEmpty();
        node.pass(1_000);
        storeAll();
        assertThat(stored()).isOne();
        assertThat(state()).isEqualTo("x=2;");
        restart();
        assertThat(state()).isEqualTo("x=2;");
    }

    @Test
    void aRemovalHoldsAlsoWhereWhatIsLeftOverStays() {
        put("x", "1");
        put("x", "2");
        journal.store(0, node);
        journal.store(0, node);
        assertThat(journal.waiting).hasSize(1);
        remove("x");
        journal.store(1, node);
        journal.fail(0, node);
        assertThat(writer.log).contains("completed gone x");
        restart();
        assertThat(state()).isEmpty();
        storeAll();
        assertThat(journal.stored).isEmpty();
    }

    /// The batch of a commit may reach the journal after one that has a later place.
    @Test
    void aRemovalHoldsAgainstACommitThatIsStoredAfterIt() {
        writer.begin("t");
        writer.publish(value("x", "1"), "t", null);
        writer.publish(value("y", "1"), "t", null);
        writer.commit("t", "c");
        node.run();
        remove("x");
        put("y", "2");
        assertThat(journal.waiting).hasSize(3);
        journal.store(1, node);
        journal.store(1, node);
        assertThat(writer.log).doesNotContain("completed gone x", "completed r2");
        journal.store(0, node);
        assertThat(writer.log).contains("completed c", "completed gone x", "completed r2");
        restart();
        assertThat(state()).isEqualTo("y=2;");
        storeAll();
        assertThat(stored()).isOne();
    }

    @Test
    void aTransactionChangesAllItsKeysOrNone() {
        put("x", "1");
        storeAll();
        for (boolean fails : new boolean[] {true, false}) {
            writer.begin("t");
            writer.publish(removal("x"), "t", null);
            writer.publish(value("y", "2"), "t", null);
            writer.publish(value("y", "3"), "t", null);
            writer.commit("t", "c");
            node.run();
            assertThat(journal.waiting).hasSize(1);
            if (fails) {
                journal.fail(0, node);
                assertThat(state()).isEqualTo("x=1;");
            }
        }
        storeAll();
        assertThat(state()).isEqualTo("y=3;");
        assertThat(stored()).isOne();
        restart();
        assertThat(state()).isEqualTo("y=3;");
    }

    // --- What does not want to be stored ---

    @Test
    void aValueThatIsNotStoredTakesOutTheOneThatIs() {
        put("x", "1");
        put("y", "1");
        storeAll();
        send(unstored(value("x", "2")), "now");
        send(unstored(removal("y")), "now too");
        assertThat(writer.log).contains("completed now", "completed now too");
        assertThat(state()).isEqualTo("x=2;");
        storeAll();
        restart();
        assertThat(state()).isEmpty();
        assertThat(journal.stored).isEmpty();
    }

    @Test
    void whatIsStoredAfterItStays() {
        put("x", "1");
        send(unstored(value("x", "2")), "waits");
        put("x", "3");
        assertThat(writer.log).doesNotContain("completed waits");
        storeAll();
        assertThat(state()).isEqualTo("x=3;");
        assertThat(stored()).isOne();
        restart();
        assertThat(state()).isEqualTo("x=3;");
    }

    @Test
    void presenceIsNotStored() {
        policies =
                Policies.DEFAULT.with(
                        "/topic/**", it -> it.withState(true).withDurable(true).withPresence(true));
        restart();
        reader.subscribe("1", TOPIC, null);
        node.run();
        assertThat(count(Counters::stateKeys)).isOne();
        assertThat(journal.waiting).isEmpty();
    }

    // --- Limits and configuration ---

    @Test
    void whatIsThereBeyondALimitStaysAndNothingIsAdded() {
        put("x", "1");
        put("y", "2");
        storeAll();
        limits = BrokerLimits.DEFAULT.withTopics(new TopicLimits(1 << 20, 1, 1));
        restart();
        assertThat(state()).isEqualTo("x=1;y=2;");
        put("z", "3");
        put("x", "4");
        assertThat(writer.log).contains("refused STATE_FULL", "refused STATE_MEMORY");
        assertThat(journal.waiting).isEmpty();
        remove("x");
        storeAll();
        assertThat(state()).isEqualTo("y=2;");
    }

    @Test
    void whatIsPutOffLeavesTheJournal() {
        put("x", "1");
        put("y", "2");
        storeAll();
        policies = Policies.DEFAULT.with("/topic/**", it -> it.withDurable(false));
        restart();
        storeAll();
        assertThat(journal.stored).isEmpty();
        assertThat(count(Counters::topics)).isZero();
    }

    @Test
    void whatIsNotDurableAnyMoreIsStillThereOnce() {
        put("x", "1");
        send(connected("y", "2"), null);
        storeAll();
        policies = Policies.DEFAULT.with("/topic/**", it -> it.withState(true).withDurable(false));
        restart();
        assertThat(state()).isEqualTo("x=1;");
        storeAll();
        assertThat(journal.stored).isEmpty();
        put("x", "3");
        assertThat(journal.waiting).isEmpty();
        assertThat(state()).isEqualTo("x=3;");
        remove("x");
        assertThat(count(Counters::topics)).isZero();
        assertThat(count(Counters::stateBytes)).isZero();
    }

    @Test
    void aStoredMessageWithoutAKeyStopsTheStart() {
        journal.keep(
                new Journal.Change.Put(
                        HOME.strip(), Client.message(TOPIC, "odd").at(1, 1), 1, 0, 0));
        assertThatThrownBy(this::start).hasMessageContaining("expected values of keys in state:");
    }

    // --- Values that go ---

    @Nested
    class Age {
        private void putFor(long millis, String key, String body) {
            send(
                    value(key, body)
                            .with(
                                    new SendOptions(true, 4, 0, millis, 0)
                                            .withKey(key, false, false)),
                    null);
        }

        @Test
        void countsAcrossRestarts() {
            putFor(500, "x", "1");
            putFor(5_000, "y", "1");
            put("z", "1");
            storeAll();
            nowMillis += 300;
            restart();
            assertThat(state()).isEqualTo("x=1;y=1;z=1;");
            subscribe(reader);
            node.run();
            read(reader);
            node.pass(199);
            assertThat(journal.waiting).isEmpty();
            node.pass(1);
            assertThat(read(reader)).isEmpty();
            storeAll();
            assertThat(read(reader)).isEqualTo("x=;");
            assertThat(reader.lastHeaders.get("removed")).isEqualTo("true");
            assertThat(state()).isEqualTo("y=1;z=1;");
            assertThat(stored()).isEqualTo(2);
            assertThat(count(Counters::expired)).isOne();
        }

        @Test
        void thatPassedWhileNothingRanHidesTheValueAtOnce() {
            putFor(500, "x", "1");
            put("z", "1");
            storeAll();
            nowMillis += 1_000;
            restart();
            assertThat(state()).isEqualTo("z=1;");
            node.pass(1);
            storeAll();
            assertThat(stored()).isOne();
        }

        @Test
        void isTriedAgainWhereTheJournalRefusesTheRemoval() {
            putFor(500, "x", "1");
            storeAll();
            node.pass(500);
            journal.fail(0, node);
            assertThat(journal.waiting).isEmpty();
            node.pass(1_000);
            storeAll();
            assertThat(journal.stored).isEmpty();
            assertThat(count(Counters::topics)).isZero();
            assertThat(count(Counters::expired)).isOne();
        }

        @Test
        void waitsForAChangeThatIsUnderWay() {
            putFor(500, "x", "1");
            storeAll();
            put("x", "2");
            node.pass(500);
            assertThat(journal.waiting).hasSize(1);
            storeAll();
            assertThat(state()).isEqualTo("x=2;");
            node.pass(1_000);
            storeAll();
            assertThat(state()).isEqualTo("x=2;");
        }

        @Test
        void ofWhatGrewTooOldOnItsWayTakesTheKeyAway() {
            put("x", "1");
            storeAll();
            long moment = node.nowMillis + 500;
            SendOptions brief = new SendOptions(true, 4, moment, 0, 0).withKey("x", false, false);
            send(value("x", "2").with(brief), null);
            node.pass(500);
            storeAll();
            assertThat(state()).isEmpty();
            node.pass(1);
            storeAll();
            assertThat(journal.stored).isEmpty();
            assertThat(count(Counters::topics)).isZero();
        }
    }

    @Nested
    class WhileConnected {
        @Test
        void goesWithTheSessionAndThatIsStored() {
            send(connected("x", "1"), null);
            put("y", "1");
            storeAll();
            subscribe(reader);
            node.run();
            read(reader);
            writer.close();
            node.run();
            assertThat(journal.waiting).hasSize(1);
            assertThat(read(reader)).isEmpty();
            storeAll();
            assertThat(read(reader)).isEqualTo("x=;");
            assertThat(state()).isEqualTo("y=1;");
            restart();
            assertThat(state()).isEqualTo("y=1;");
        }

        @Test
        void goesLaterWhereTheJournalRefusesIt() {
            send(connected("x", "1"), null);
            storeAll();
            writer.close();
            node.run();
            journal.fail(0, node);
            node.pass(1_000);
            storeAll();
            assertThat(journal.stored).isEmpty();
            assertThat(count(Counters::topics)).isZero();
        }

        @Test
        void isNotThereAfterACrashForAnybody() {
            send(connected("x", "1"), null);
            put("y", "1");
            send(connected("y", "2"), null);
            put("z", "1");
            storeAll();
            restart();
            assertThat(state()).isEqualTo("z=1;");
            assertThat(count(Counters::stateKeys)).isOne();
            storeAll();
            assertThat(stored()).isOne();
            restart();
            assertThat(journal.waiting).isEmpty();
            assertThat(state()).isEqualTo("z=1;");
        }

        @Test
        void isAskedToGoAgainWhereTheJournalRefusesThat() {
            send(connected("x", "1"), null);
            storeAll();
            restart();
            journal.fail(0, node);
            assertThat(state()).isEmpty();
            node.pass(1_000);
            storeAll();
            assertThat(journal.stored).isEmpty();
            assertThat(count(Counters::topics)).isZero();
        }

        @Test
        void mayBeWrittenAgainBeforeThatIsStored() {
            send(connected("x", "1"), null);
            storeAll();
            restart();
            put("x", "2");
            List<Journal.Batch> both = List.copyOf(journal.waiting);
            assertThat(both).hasSize(2);
            journal.fail(0, node);
            storeAll();
            assertThat(state()).isEqualTo("x=2;");
            node.pass(1_000);
            storeAll();
            assertThat(state()).isEqualTo("x=2;");
            assertThat(stored()).isOne();
            restart();
            assertThat(state()).isEqualTo("x=2;");
        }

        @Test
        void isToldToWhoSubscribesDurablyAndIsAway() {
            for (int shard = 0; shard < 3; shard++) {
                keepNews(shard, "laptop" + shard).close();
            }
            storeAll();
            send(connected("x", "1"), null);
            storeAll();
            restart();
            storeAll();
            for (int shard = 0; shard < 3; shard++) {
                Client again = keepNews(shard, "laptop" + shard);
                assertThat(read(again)).isEqualTo("receipt kept;x=1 again 1;x=;");
            }
        }

        private Client keepNews(int shard, String clientId) {
            Client client = node.client(shard);
            Principal principal = Principal.of("alice", true, "127.0.0.1");
            client.shard.handle(new Command.Connect(client.session, principal, clientId));
            node.run();
            SubscribeOptions options = SubscribeOptions.DEFAULT.withDurable("news");
            client.subscribe(new TextForm("1"), TOPIC, options, "kept");
            node.run();
            storeAll();
            journal.answerReads(node);
            node.run();
            return client;
        }

        /// Who comes back with the id of what it had is told like of any change.
        @Test
        void isAChangeInTheHistoryToo() {
            policies =
                    Policies.DEFAULT.with(
                            "/topic/**",
                            it ->
                                    it.withState(true)
                                            .withDurable(true)
                                            .withHistory(Retention.DEFAULT));
            restart();
            send(connected("x", "1"), null);
            storeAll();
            state();
            String id = lastId;
            restart();
            storeAll();
            for (int life = 0; life < 2; life++) {
                SubscribeOptions after = SubscribeOptions.DEFAULT.withFrom(From.After.message(id));
                reader.subscribe(new TextForm("1"), TOPIC, after, "sub");
                node.run();
                assertThat(read(reader)).isEqualTo("x=;receipt sub true;");
                assertThat(reader.lastHeaders.get("removed")).isEqualTo("true");
                restart();
                storeAll();
            }
        }
    }
}
