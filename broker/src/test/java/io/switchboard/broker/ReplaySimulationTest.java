package io.switchboard.broker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.broker.Node.Client;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// Random histories of several shards, with subscriptions that begin in the past, readers that stop
/// reading, histories that forget, commits, and a journal that answers late, out of step and with
/// failures. An ordinary subscriber of everything knows what the order is; every other one is held
/// against it.
class ReplaySimulationTest {
    private static final int SEEDS = 1_500;
    private static final int STEPS = 400;
    private static final List<String> TOPICS =
            List.of(
                    "/topic/m/a",
                    "/topic/m/b",
                    "/topic/m/c",
                    "/topic/d/a",
                    "/topic/d/b",
                    "/topic/n");

    private record Seen(String destination, int number, String id) {}

    /// One subscription as its client knows it.
    private static final class Reading {
        final Client client;
        final From from;
        final String destination;
        final List<Seen> seen = new ArrayList<>();
        @Nullable Boolean recovered;

        /// What it had when the receipt came.
        int past;

        boolean live = true;

        Reading(Client client, From from, String destination) {
            this.client = client;
            this.from = from;
            this.destination = destination;
        }
    }

    /// `2|/topic/a|17|epoch-41;`
    private record Form(String id) implements WireForm {
        private String text(Message message) {
            return id
                    + '|'
                    + message.destination()
                    + '|'
                    + new String(message.body(), UTF_8)
                    + '|'
                    + message.id()
                    + ';';
        }

        @Override
        public int lengthMax(Message message, @Nullable Handover handover) {
            return text(message).length();
        }

        @Override
        public void encode(Message message, @Nullable Handover handover, ByteBuffer out) {
            out.put(text(message).getBytes(UTF_8));
        }
    }

    private final class Play {
        final SplittableRandom random;
        final LateJournal journal = new LateJournal();
        final Node node;
        final List<Client> publishers = new ArrayList<>();
        final List<Client> readers = new ArrayList<>();
        final Map<String, Reading> readings = new LinkedHashMap<>();
        final Map<String, Integer> numbers = new LinkedHashMap<>();
        final Client oracle;
        final Reading all;
        int subscriptions;
        int transactions;

        Play(long seed) {
            random = new SplittableRandom(seed);
            int kept = 1 + random.nextInt(12);
            Policies policies =
                    Policies.DEFAULT
                            .with("/topic/m/*", it -> it.withHistory(new Retention(kept, 0, 0)))
                            .with(
                                    "/topic/d/*",
                                    it ->
                                            it.withHistory(new Retention(0, 0, 200))
                                                    .withDurable(true));
            // Small outbound queues make small pages.
            BrokerLimits limits =
                    BrokerLimits.DEFAULT.withOutboundBytesPerSession(
                            random.nextBoolean() ? 1 << 20 : 4_000);
            int shards = 1 + random.nextInt(4);
            node =
                    new Node(
                            shards,
                            AccessRules.localOnly(),
                            policies.with("/topic/**", it -> it.withOverflow(Overflow.DISCONNECT)),
                            limits,
                            journal,
                            Application.NONE);
            oracle = node.client(0, "oracle");
            all = new Reading(oracle, From.NOW, "/topic/**");
            oracle.shard.handle(
                    new Command.Subscribe(
                            oracle.session,
                            "all",
                            "/topic/**",
                            new Form("all"),
                            SubscribeOptions.DEFAULT,
                            null));
            readings.put("all", all);
            node.run();
            for (int i = 0; i < 3; i++) {
                publishers.add(node.client(random.nextInt(shards), "p" + i));
                readers.add(node.client(random.nextInt(shards), "r" + i));
            }
        }

        void play() {
            for (int i = 0; i < STEPS; i++) {
                step();
            }
            for (Client reader : readers) {
                reader.readAgain();
            }
            do {
                node.run();
                while (!journal.waiting.isEmpty()) {
                    answer(0, false);
                }
                node.run();
            } while (!journal.waiting.isEmpty());
            listen();
            check();
            readers.forEach(Client::close);
            publishers.forEach(Client::close);
            oracle.close();
            node.run();
            node.slabs.assertAllGivenBack();
            for (Shard shard : node.shards) {
                assertThat(shard.counters().replays()).isZero();
                assertThat(shard.counters().destinations()).isZero();
            }
        }

        private void step() {
            int shard = random.nextInt(node.shards.size());
            switch (random.nextInt(20)) {
                case 0, 1, 2, 3 -> publish();
                case 4, 5 -> subscribe();
                case 6 -> unsubscribe();
                case 7 -> readers.get(random.nextInt(3)).stopReading();
                case 8, 9 -> readers.get(random.nextInt(3)).readAgain();
                case 10 -> {
                    if (!journal.waiting.isEmpty()) {
                        answer(random.nextInt(journal.waiting.size()), random.nextInt(5) == 0);
                    }
                }
                case 11 -> node.nowMillis += random.nextInt(20);
                case 12 -> {
                    if (node.wakeAt[shard] <= node.nowMillis) {
                        node.wakeAt[shard] = Long.MAX_VALUE;
                        node.shards.get(shard).onDeadline();
                    }
                }
                case 13, 14 -> node.endTurn(shard);
                case 15 -> listen();
                default -> node.deliverPost(shard);
            }
        }

        private void publish() {
            Client publisher = publishers.get(random.nextInt(3));
            if (publisher.session.parked()) {
                return;
            }
            if (random.nextInt(5) > 0) {
                publisher.publish(message(), null, null);
                return;
            }
            String transaction = "t" + transactions++;
            publisher.begin(transaction);
            for (int n = 1 + random.nextInt(3); n > 0; n--) {
                publisher.publish(message(), transaction, null);
            }
            publisher.commit(transaction, null);
        }

        private Message message() {
            String topic = TOPICS.get(random.nextInt(TOPICS.size()));
            int number = numbers.merge(topic, 1, Integer::sum);
            boolean persistent = random.nextInt(4) > 0;
            return Client.message(topic, Integer.toString(number))
                    .with(new SendOptions(persistent, 4, 0, 0, 0));
        }

        private void subscribe() {
            Client reader = readers.get(random.nextInt(3));
            if (reader.session.parked() || reader.session.closed()) {
                return;
            }
            String id = "s" + subscriptions++;
            boolean pattern = random.nextInt(4) == 0;
            String destination =
                    pattern
                            ? List.of("/topic/**", "/topic/m/*", "/topic/d/*")
                                    .get(random.nextInt(3))
                            : TOPICS.get(random.nextInt(TOPICS.size()));
            From from = from(destination, pattern);
            readings.put(id, new Reading(reader, from, destination));
            reader.shard.handle(
                    new Command.Subscribe(
                            reader.session,
                            id,
                            destination,
                            new Form(id),
                            SubscribeOptions.DEFAULT.withFrom(from),
                            id));
        }

        private From from(String destination, boolean pattern) {
            List<Seen> known =
                    all.seen.stream().filter(it -> it.destination.equals(destination)).toList();
            return switch (random.nextInt(pattern || known.isEmpty() ? 3 : 6)) {
                case 0 -> From.START;
                case 1 -> new From.Last(1 + random.nextInt(5));
                case 2 -> new From.Age(random.nextInt(200));
                default -> {
                    int index = Math.max(0, known.size() - 1 - random.nextInt(15));
                    From.After after = From.After.message(known.get(index).id);
                    yield after == null ? From.START : after;
                }
            };
        }

        private void unsubscribe() {
            Client reader = readers.get(random.nextInt(3));
            int count = reader.session.subscriptionCount();
            if (count > 0 && !reader.session.parked()) {
                String id = reader.session.subscriptionAt(random.nextInt(count)).id;
                readings.get(id).live = false;
                reader.unsubscribe(id, null);
            }
        }

        private void answer(int index, boolean fail) {
            Journal.Batch batch = journal.waiting.remove(index);
            Refusal refusal = fail ? new Refusal(Disconnect.STORE_FULL, "no room") : null;
            node.inboxes.get(batch.shard()).add(new Post.Stored(batch, refusal));
        }

        /// What reached the sockets.
        private void listen() {
            listen(oracle);
            readers.forEach(this::listen);
        }

        private void listen(Client client) {
            for (String part : client.read().split(";")) {
                if (part.startsWith("receipt s")) {
                    String[] words = part.split(" ");
                    Reading reading = readings.get(words[1]);
                    assertThat(reading.recovered).as(part).isNull();
                    reading.recovered = Boolean.valueOf(words[2]);
                    reading.past = reading.seen.size();
                } else if (part.contains("|")) {
                    String[] words = part.split("\\|");
                    readings.get(words[0])
                            .seen
                            .add(new Seen(words[1], Integer.parseInt(words[2]), words[3]));
                }
            }
        }

        // --- The promises ---

        private void check() {
            Map<String, List<Seen>> orders = new LinkedHashMap<>();
            for (Seen each : all.seen) {
                orders.computeIfAbsent(each.destination, it -> new ArrayList<>()).add(each);
            }
            readings.forEach((id, reading) -> {
                if (reading != all) {
                    check(id, reading, orders);
                }
            });
        }

        private void check(String id, Reading reading, Map<String, List<Seen>> orders) {
            String told =
                    id + " " + reading.from + " " + reading.destination + " " + reading.recovered;
            // Who reads too slowly what is live is cut off, and hears of it.
            boolean cut = reading.client.session.closed();
            assertThat(cut || reading.recovered != null).as(told).isTrue();
            boolean live = reading.live && !cut;
            Map<String, List<Seen>> mine = new LinkedHashMap<>();
            for (Seen each : reading.seen) {
                mine.computeIfAbsent(each.destination, it -> new ArrayList<>()).add(each);
            }
            mine.forEach((topic, seen) -> {
                List<Seen> order = orders.get(topic);
                boolean whole = Boolean.TRUE.equals(reading.recovered);
                int before = -1;
                for (int i = 0; i < seen.size(); i++) {
                    int index = order.indexOf(seen.get(i));
                    assertThat(index)
                            .as(told + " " + topic + " in order, once")
                            .isGreaterThan(before);
                    boolean hole = i > 0 && index != before + 1;
                    boolean afterwards = reading.seen.indexOf(seen.get(i)) > reading.past;
                    assertThat(hole && (whole || afterwards && i > 1 && live))
                            .as(told + " " + topic + " silent hole before " + seen.get(i))
                            .isFalse();
                    before = index;
                }
                if (live) {
                    assertThat(before)
                            .as(told + " " + topic + " to the end")
                            .isEqualTo(order.size() - 1);
                }
                if (whole && reading.from instanceof From.After after) {
                    String last = Long.toUnsignedString(after.epoch(), 36) + '-' + after.sequence();
                    int start = order.stream().map(Seen::id).toList().indexOf(last);
                    assertThat(order.indexOf(seen.getFirst())).as(told).isEqualTo(start + 1);
                }
            });
        }
    }

    @Test
    void everyMessageComesOnceInOrderAndNoHoleIsSilent() {
        for (long seed = 0; seed < SEEDS; seed++) {
            try {
                new Play(seed).play();
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError("seed " + seed + ": " + e.getMessage(), e);
            }
        }
    }
}
