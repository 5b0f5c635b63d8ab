package io.switchboard.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.broker.Node.Client;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Topics that keep the current value of each key.
class StateTest {
    private static final Policies POLICIES =
            Policies.DEFAULT
                    .with("/topic/s/**", policy -> policy.withState(true))
                    .with(
                            "/topic/both/**",
                            policy -> policy.withState(true).withHistory(new Retention(9, 0, 0)))
                    .with("/topic/past/**", policy -> policy.withHistory(new Retention(9, 0, 0)))
                    .with("/topic/short/**", policy -> policy.withState(true).withTtl(500));

    private final Node node = node(BrokerLimits.DEFAULT);
    private final Client writer = node.client(0, "writer");
    private final Client reader = node.client(1, "reader");

    private static Node node(BrokerLimits limits) {
        return new Node(3, AccessRules.localOnly(), POLICIES, limits);
    }

    private static BrokerLimits limits(int keys, long bytes) {
        return BrokerLimits.DEFAULT.withTopics(new TopicLimits(1 << 20, keys, bytes));
    }

    private static Message value(String destination, String key, String body, boolean connected) {
        return Client.message(destination, key + "=" + body)
                .with(SendOptions.DEFAULT.withKey(key, false, connected));
    }

    private static void put(Client client, String destination, String key, String body) {
        client.publish(value(destination, key, body, false), null, null);
    }

    private static void remove(Client client, String destination, String key) {
        Message message = Client.message(destination, key + "-");
        client.publish(message.with(SendOptions.DEFAULT.withKey(key, true, false)), null, null);
    }

    private static void subscribe(Client client, String id, String destination) {
        SubscribeOptions options = SubscribeOptions.DEFAULT.withFrom(new From.State());
        client.subscribe(new TextForm(id), destination, options, "r" + id);
    }

    private String state(String destination) {
        subscribe(reader, "1", destination);
        node.run();
        String read = reader.read();
        reader.unsubscribe("1", null);
        node.run();
        return read.replace("1:" + destination + "=", "");
    }

    private void assertNothingIsLeft(Client... others) {
        for (Client client : others) {
            client.close();
        }
        writer.close();
        reader.close();
        node.pass(100_000);
        node.assertEmpty();
        assertThat(node.shards.stream().mapToLong(it -> it.counters().stateBytes()).sum()).isZero();
        assertThat(node.shards.stream().mapToLong(it -> it.counters().stateKeys()).sum()).isZero();
    }

    // --- Values ---

    @Test
    void whoComesGetsTheCurrentValueOfEachKeyThenWhatChanges() {
        put(writer, "/topic/s/a", "x", "1");
        put(writer, "/topic/s/a", "y", "1");
        put(writer, "/topic/s/a", "x", "2");
        node.run();
        subscribe(reader, "1", "/topic/s/a");
        node.run();
        put(writer, "/topic/s/a", "y", "2");
        remove(writer, "/topic/s/a", "x");
        node.run();
        assertThat(reader.read().replace("1:/topic/s/a=", ""))
                .isEqualTo("y=1 snapshot;x=2 snapshot;receipt r1 true;y=2;x-;");
        remove(writer, "/topic/s/a", "y");
        node.run();
        assertNothingIsLeft();
    }

    @Test
    void aKeyThatWasRemovedIsNotThere() {
        put(writer, "/topic/s/a", "x", "1");
        put(writer, "/topic/s/a", "y", "1");
        remove(writer, "/topic/s/a", "x");
        remove(writer, "/topic/s/a", "unknown");
        node.run();
        assertThat(state("/topic/s/a")).isEqualTo("y=1 snapshot;receipt r1 true;");
        remove(writer, "/topic/s/a", "y");
        node.run();
        assertThat(state("/topic/s/a")).isEqualTo("receipt r1 true;");
        assertNothingIsLeft();
    }

    @Test
    void aMessageWithoutAKeyIsLiveOnly() {
        subscribe(reader, "1", "/topic/s/a");
        node.run();
        writer.send("/topic/s/a", "hello");
        node.run();
        assertThat(reader.read()).isEqualTo("receipt r1 true;1:/topic/s/a=hello;");
        reader.unsubscribe("1", null);
        assertThat(state("/topic/s/a")).isEqualTo("receipt r1 true;");
        assertNothingIsLeft();
    }

    @Test
    void ofAPatternItIsTheStateOfEachDestination() {
        put(writer, "/topic/s/a", "x", "1");
        put(writer, "/topic/s/b", "x", "2");
        put(writer, "/topic/both/c", "x", "3");
        writer.send("/topic/past/d", "history");
        node.run();
        subscribe(reader, "1", "/topic/**");
        node.run();
        assertThat(reader.read().split(";"))
                .containsExactlyInAnyOrder(
                        "1:/topic/s/a=x=1 snapshot",
                        "1:/topic/s/b=x=2 snapshot",
                        "1:/topic/both/c=x=3 snapshot",
                        "receipt r1 true");
    }

    @Test
    void whoWantsTheStateMissesNothingOfATopicThatHasAnotherPast() {
        subscribe(reader, "1", "/topic/**");
        node.deliverPosts();
        for (int i = 0; i < 30; i++) {
            writer.send("/topic/past/" + i, "live");
        }
        node.run();
        for (int i = 0; i < 30; i++) {
            assertThat(reader.socket.toString()).containsOnlyOnce("1:/topic/past/" + i + "=live;");
        }
    }

    @Test
    void aTransactionChangesAllItsKeysOrNone() {
        writer.begin("t");
        writer.publish(value("/topic/s/a", "x", "1", false), "t", null);
        writer.publish(value("/topic/s/b", "y", "1", false), "t", null);
        node.run();
        assertThat(state("/topic/s/a")).isEqualTo("receipt r1 true;");
        writer.commit("t", null);
        node.run();
        assertThat(state("/topic/s/a")).isEqualTo("x=1 snapshot;receipt r1 true;");
        assertThat(state("/topic/s/b")).isEqualTo("y=1 snapshot;receipt r1 true;");
        remove(writer, "/topic/s/a", "x");
        remove(writer, "/topic/s/b", "y");
        node.run();
        assertNothingIsLeft();
    }

    // --- Ends of values ---

    @Test
    void aValueThatIsTooOldIsRemovedAndSubscribersHearOfIt() {
        subscribe(reader, "1", "/topic/**");
        put(writer, "/topic/short/a", "x", "1");
        put(writer, "/topic/s/a", "forever", "1");
        Message own = value("/topic/s/a", "y", "1", false);
        writer.publish(
                own.with(new SendOptions(true, 4, 0, 300, 0).withKey("y", false, false)),
                null,
                null);
        node.run();
        reader.read();
        node.pass(299);
        assertThat(reader.read()).isEmpty();
        node.pass(1);
        assertThat(reader.read()).isEqualTo("1:/topic/s/a=y=;");
        node.pass(200);
        assertThat(reader.read()).isEqualTo("1:/topic/short/a=x=;");
        reader.unsubscribe("1", null);
        assertThat(state("/topic/s/a")).isEqualTo("forever=1 snapshot;receipt r1 true;");
        remove(writer, "/topic/s/a", "forever");
        node.run();
        assertNothingIsLeft();
    }

    @Test
    void aNewValueLivesItsOwnTime() {
        put(writer, "/topic/short/a", "x", "1");
        node.run();
        node.pass(400);
        put(writer, "/topic/short/a", "x", "2");
        node.run();
        node.pass(400);
        assertThat(state("/topic/short/a")).isEqualTo("x=2 snapshot;receipt r1 true;");
        node.pass(100);
        assertThat(state("/topic/short/a")).isEqualTo("receipt r1 true;");
        assertNothingIsLeft();
    }

    @Nested
    class WhileConnected {
        private final Client guest = node.client(2, "guest");

        private void write(String key, String body) {
            guest.publish(value("/topic/s/a", key, body, true), null, null);
            node.run();
        }

        @Test
        void goesWithTheSessionThatWroteItLast() {
            write("mine", "1");
            write("ours", "1");
            put(writer, "/topic/s/a", "ours", "2");
            put(writer, "/topic/s/a", "theirs", "1");
            node.run();
            subscribe(reader, "1", "/topic/s/a");
            node.run();
            reader.read();
            guest.close();
            node.run();
            assertThat(reader.read()).isEqualTo("1:/topic/s/a=mine=;");
            reader.unsubscribe("1", null);
            assertThat(state("/topic/s/a"))
                    .isEqualTo("ours=2 snapshot;theirs=1 snapshot;receipt r1 true;");
            remove(writer, "/topic/s/a", "ours");
            remove(writer, "/topic/s/a", "theirs");
            node.run();
            assertNothingIsLeft(guest);
        }

        @Test
        void staysForWhomeverWroteItLast() {
            put(writer, "/topic/s/a", "x", "1");
            node.run();
            write("x", "2");
            writer.close();
            node.run();
            assertThat(state("/topic/s/a")).isEqualTo("x=2 snapshot;receipt r1 true;");
            guest.close();
            node.run();
            assertThat(state("/topic/s/a")).isEqualTo("receipt r1 true;");
            assertNothingIsLeft(guest);
        }

        @Test
        void goesAlsoWhatWasUnderWayWhenTheSessionEnded() {
            guest.publish(value("/topic/s/a", "x", "1", true), null, null);
            guest.begin("t");
            guest.publish(value("/topic/s/b", "y", "1", true), "t", null);
            guest.commit("t", null);
            guest.close();
            node.run();
            assertThat(state("/topic/s/a")).isEqualTo("receipt r1 true;");
            assertThat(state("/topic/s/b")).isEqualTo("receipt r1 true;");
            assertNothingIsLeft(guest);
        }

        @Test
        void needsATopicWithState() {
            guest.publish(value("/topic/other", "x", "1", true), null, null);
            guest.publish(value("/queue/other", "x", "1", true), null, null);
            node.run();
            assertThat(guest.log)
                    .containsExactly("connected", "refused UNSUPPORTED", "refused UNSUPPORTED");
        }
    }

    // --- A subscriber in the middle ---

    /// Whose snapshot takes several pages, with only some of them read.
    private final class Slow {
        final Map<String, String> view = new TreeMap<>();
        final Client client;
        boolean complete;
        boolean recovered;

        Slow(Client client, String destination) {
            this.client = client;
            subscribe(client, "1", destination);
        }

        void look() {
            for (String text : client.read().split(";")) {
                String body = text.substring(text.indexOf("=") + 1).replace(" snapshot", "");
                if (text.startsWith("receipt")) {
                    complete = true;
                    recovered = text.endsWith("true");
                } else if (body.endsWith("-") || body.endsWith("=")) {
                    view.remove(body.substring(0, body.length() - 1));
                } else if (!body.isEmpty()) {
                    String[] keyAndValue = body.split("=");
                    view.put(keyAndValue[0], keyAndValue[1]);
                }
            }
        }
    }

    private static String padded(int number) {
        return number + "_" + "x".repeat(2_000);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whatChangesInTheMiddleIsNeitherMissedNorDoubled(boolean pattern) {
        Map<String, String> truth = new TreeMap<>();
        for (int i = 0; i < 200; i++) {
            put(writer, "/topic/s/a", "k" + i, padded(i));
            truth.put("k" + i, padded(i));
        }
        node.run();
        Slow slow = new Slow(reader, pattern ? "/topic/s/*" : "/topic/s/a");
        node.deliverPosts();
        node.run();
        // It took some pages at most: the rest waits for its socket.
        reader.stopReading();
        node.run();
        for (int i = 0; i < 200; i += 3) {
            put(writer, "/topic/s/a", "k" + i, padded(1_000 + i));
            truth.put("k" + i, padded(1_000 + i));
            remove(writer, "/topic/s/a", "k" + (i + 1));
            truth.remove("k" + (i + 1));
        }
        put(writer, "/topic/s/a", "k1", padded(5));
        truth.put("k1", padded(5));
        node.run();
        reader.readAgain();
        node.run();
        slow.look();
        assertThat(slow.complete).isTrue();
        assertThat(slow.recovered).isTrue();
        assertThat(slow.view).isEqualTo(truth);
        for (String key : truth.keySet()) {
            remove(writer, "/topic/s/a", key);
        }
        node.run();
        slow.look();
        assertThat(slow.view).isEmpty();
        assertNothingIsLeft();
    }

    @Test
    void theRemovalsThatAreRememberedForWhoIsInTheMiddleAreBounded() {
        Node node = node(limits(50, 1 << 20));
        Client writer = node.client(0, "writer");
        Client reader = node.client(1, "reader");
        for (int i = 0; i < 50; i++) {
            put(writer, "/topic/s/a", "k" + i, padded(i));
        }
        node.run();
        Slow slow = new Slow(reader, "/topic/s/a");
        reader.stopReading();
        node.run();
        for (int i = 0; i < 300; i++) {
            remove(writer, "/topic/s/a", "k" + i);
            put(writer, "/topic/s/a", "k" + (i + 50), padded(i));
            node.run();
        }
        assertThat(node.shards.stream().mapToLong(it -> it.counters().stateBytes()).sum())
                .isLessThan(50 * 3_000 + 50 * 1_000);
        reader.readAgain();
        node.run();
        slow.look();
        assertThat(slow.complete).isTrue();
        assertThat(slow.recovered).as("never silently").isFalse();
    }

    // --- Bounds ---

    @Test
    void aTopicHasOnlySoManyKeys() {
        Node node = node(limits(2, 1 << 20));
        Client writer = node.client(0, "writer");
        put(writer, "/topic/s/a", "1", "");
        put(writer, "/topic/s/a", "2", "");
        node.run();
        put(writer, "/topic/s/a", "3", "");
        put(writer, "/topic/s/b", "3", "");
        put(writer, "/topic/s/a", "2", "again");
        node.run();
        assertThat(writer.log).containsExactly("connected", "refused STATE_FULL");
        remove(writer, "/topic/s/a", "1");
        put(writer, "/topic/s/a", "3", "");
        node.run();
        assertThat(writer.log).hasSize(2);
    }

    @Test
    void allTopicsTogetherHoldOnlySoManyBytes() {
        Node node = node(limits(100, 10_000));
        Client writer = node.client(0, "writer");
        for (int i = 0; i < 4; i++) {
            put(writer, "/topic/s/" + i, "k", "x".repeat(2_000));
            node.run();
        }
        assertThat(writer.log).containsExactly("connected");
        put(writer, "/topic/s/9", "k", "x".repeat(2_000));
        writer.begin("t");
        writer.publish(value("/topic/s/8", "k", "x".repeat(2_000), false), "t", null);
        writer.commit("t", null);
        node.run();
        assertThat(writer.log)
                .containsExactly("connected", "refused STATE_MEMORY", "refused STATE_MEMORY");
        remove(writer, "/topic/s/0", "k");
        put(writer, "/topic/s/0", "other", "x".repeat(2_000));
        node.run();
        assertThat(writer.log).hasSize(3);
        for (int i = 0; i < 10; i++) {
            remove(writer, "/topic/s/" + i, "k");
        }
        remove(writer, "/topic/s/0", "other");
        node.run();
        assertThat(node.shards.stream().mapToLong(it -> it.counters().stateBytes()).sum()).isZero();
    }

    @Test
    void isForTopicsWithStateAndWholeOnes() {
        SubscribeOptions options = SubscribeOptions.DEFAULT.withFrom(new From.State());
        reader.subscribe(new TextForm("1"), "/topic/other", options, null);
        reader.subscribe(new TextForm("2"), "/queue/q", options, null);
        reader.subscribe(new TextForm("3"), "/topic/s/a", options.withAck(AckMode.CLIENT), null);
        reader.subscribe(new TextForm("4"), "/topic/s/a", options.withSelector("a = 1"), null);
        node.run();
        assertThat(reader.log.subList(1, reader.log.size()))
                .hasSize(4)
                .containsOnly("refused UNSUPPORTED");
    }

    /// Writers, some of whose values go with them or with time, and readers who come, read now and
    /// then, and go: in the end every reader's view is the table.
    @Test
    void inTheEndEveryViewIsTheTable() {
        for (long seed = 1; seed <= 300; seed++) {
            new Run(seed).check();
        }
    }

    private static final class Run {
        private final long seed;
        private final Random random;
        private final Node node = node(BrokerLimits.DEFAULT);
        private final List<Client> writers = new ArrayList<>();
        private final List<Client> readers = new ArrayList<>();
        private final List<Map<String, String>> views = new ArrayList<>();
        private final List<StringBuilder> texts = new ArrayList<>();
        private int names;

        Run(long seed) {
            this.seed = seed;
            random = new Random(seed);
        }

        void check() {
            for (int step = 0; step < 250; step++) {
                step();
                if (random.nextInt(3) == 0) {
                    partly();
                }
            }
            for (Client reader : readers) {
                reader.readAgain();
            }
            node.run();
            node.pass(10_000);
            Client last = subscriber();
            node.run();
            Map<String, String> truth = view(last);
            for (Client reader : readers) {
                assertThat(view(reader)).as("seed %d", seed).isEqualTo(truth);
            }
            for (Client client : writers) {
                client.close();
            }
            node.run();
            for (Client reader : readers) {
                assertThat(view(reader).toString())
                        .as("seed %d: while connected", seed)
                        .doesNotContain("c_");
            }
        }

        private void partly() {
            if (random.nextInt(4) == 0) {
                node.run();
                return;
            }
            for (int i = random.nextInt(20); i > 0; i--) {
                int shard = random.nextInt(3);
                if (random.nextInt(3) == 0) {
                    node.endTurn(shard);
                } else {
                    node.deliverPost(shard);
                }
            }
        }

        private Client any(List<Client> clients) {
            return clients.get(random.nextInt(clients.size()));
        }

        private Client writer() {
            Client writer = node.client(random.nextInt(3), "w" + names++);
            writers.add(writer);
            return writer;
        }

        private Client subscriber() {
            Client reader = node.client(random.nextInt(3), "r" + names++);
            readers.add(reader);
            subscribe(reader, "1", random.nextBoolean() ? "/topic/s/*" : "/topic/s/**");
            return reader;
        }

        private void step() {
            String topic = "/topic/s/" + random.nextInt(3);
            String key = "k" + random.nextInt(40);
            Client writer = writers.isEmpty() ? writer() : any(writers);
            switch (random.nextInt(14)) {
                case 0 -> writer();
                case 1 -> {
                    if (readers.size() < 6) {
                        subscriber();
                    }
                }
                case 2 -> {
                    writer.close();
                    writers.remove(writer);
                }
                case 3, 4 -> removeIfFree(writer, topic, key);
                case 5 -> {
                    if (!readers.isEmpty()) {
                        any(readers).stopReading();
                    }
                }
                case 6 -> {
                    if (!readers.isEmpty()) {
                        any(readers).readAgain();
                    }
                }
                case 7 -> node.pass(random.nextInt(200));
                case 8 -> transaction(writer, topic, key);
                default -> write(writer, topic, key, null);
            }
        }

        private void removeIfFree(Client writer, String topic, String key) {
            if (!writer.session.parked()) {
                Message message = Client.message(topic, key + "=");
                writer.publish(
                        message.with(SendOptions.DEFAULT.withKey(key, true, false)), null, null);
            }
        }

        private void transaction(Client writer, String topic, String key) {
            if (!writer.session.parked()) {
                writer.begin("t");
                write(writer, topic, key, "t");
                write(writer, "/topic/s/0", "k" + random.nextInt(40), "t");
                writer.commit("t", null);
            }
        }

        private void write(Client writer, String topic, String key, String transaction) {
            if (writer.session.parked()) {
                return;
            }
            boolean connected = random.nextInt(3) == 0;
            long ttl = random.nextInt(4) == 0 ? 1 + random.nextInt(300) : 0;
            String body = (connected ? "c_" : "") + names++ + "x".repeat(random.nextInt(3_000));
            SendOptions options =
                    new SendOptions(true, 4, 0, ttl, 0).withKey(key, false, connected);
            Message message = Client.message(topic, key + "=" + body);
            writer.publish(message.with(options), transaction, null);
        }

        private Map<String, String> view(Client reader) {
            Map<String, String> view = new TreeMap<>();
            for (String text : reader.socket.toString().split(";")) {
                if (text.startsWith("1:")) {
                    String[] parts = text.substring(2).replace(" snapshot", "").split("=", -1);
                    String place = parts[0] + " " + parts[1];
                    if (parts.length < 3 || parts[2].isEmpty()) {
                        view.remove(place);
                    } else {
                        view.put(place, parts[2]);
                    }
                }
            }
            return view;
        }
    }
}
