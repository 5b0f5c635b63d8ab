package io.switchboard.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.broker.Node.Client;
import io.switchboard.broker.Policies.Policy;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class ConflationTest {
    private static final Policies POLICIES =
            Policies.DEFAULT.with("/topic/now/**", new Policy(Overflow.CONFLATE));

    private final Node node = new Node(1, AccessRules.localOnly(), POLICIES, BrokerLimits.DEFAULT);
    private final Client slow = node.client(0, "slow");
    private final Client fast = node.client(0, "fast");

    private static void publish(Client client, String destination, String key, String body) {
        Message message = Client.message(destination, body);
        SendOptions options = SendOptions.DEFAULT.withKey(key, false, false);
        client.publish(key == null ? message : message.with(options), null, null);
    }

    /// `key=body` each, in a turn of its own.
    private void send(String destination, String... values) {
        for (String value : values) {
            int equals = value.indexOf('=');
            publish(fast, destination, equals < 0 ? null : value.substring(0, equals), value);
            node.run();
        }
    }

    private String readAgain() {
        slow.readAgain();
        node.run();
        return slow.read().replace("/topic/now/", "");
    }

    private void assertNothingIsLeft() {
        slow.close();
        fast.close();
        node.run();
        node.assertEmpty();
    }

    @Test
    void whoIsSlowGetsTheLatestOfEachKeyInThePlaceOfTheOldest() {
        slow.subscribe("1", "/topic/now/a", null);
        fast.subscribe("1", "/topic/now/a", null);
        slow.stopReading();
        send("/topic/now/a", "x=1", "y=1", "x=2", "z=1", "x=3", "y=2", "x=4");
        assertThat(readAgain()).isEqualTo("1:a=x=4;1:a=y=2;1:a=z=1;");
        assertThat(fast.read().split(";")).as("who reads gets all").hasSize(7);
        assertThat(node.dropped(Overflow.CONFLATE)).isEqualTo(4);
        assertNothingIsLeft();
    }

    @Test
    void whatWaitsIsAtMostTwiceWhatTheKeysTake() {
        slow.subscribe("1", "/topic/now/a", null);
        slow.stopReading();
        int length = "1:/topic/now/a=x=000;".length();
        for (int i = 0; i < 500; i++) {
            send("/topic/now/a", (i % 2 == 0 ? "x=" : "y=") + (100 + i));
            assertThat(slow.session.bytesWaiting()).isLessThanOrEqualTo(2L * 2 * length);
        }
        assertThat(readAgain()).contains("x=598").contains("y=599");
        assertNothingIsLeft();
    }

    @Test
    void messagesOfOneTurnAreForWhoReadsAll() {
        fast.subscribe("1", "/topic/now/a", null);
        for (int i = 0; i < 5; i++) {
            publish(fast, "/topic/now/a", "x", "x=" + i);
        }
        node.run();
        assertThat(fast.read().split(";")).hasSize(5);
        assertThat(node.dropped(Overflow.CONFLATE)).isZero();
        assertNothingIsLeft();
    }

    @Test
    void withoutAKeyItIsTheDestinationsLatest() {
        slow.subscribe("1", "/topic/now/*", null);
        slow.stopReading();
        send("/topic/now/a", "1", "x=1");
        send("/topic/now/b", "1", "2");
        send("/topic/now/a", "2", "3", "x=2", "4");
        assertThat(readAgain()).isEqualTo("1:a=4;1:a=x=2;1:b=2;");
        assertNothingIsLeft();
    }

    @Test
    void nothingElseIsTouched() {
        slow.subscribe("1", "/topic/now/a", null);
        slow.subscribe("2", "/topic/other", null);
        slow.consume("3", "/queue/q", AckMode.AUTO);
        slow.stopReading();
        for (int i = 0; i < 4; i++) {
            send("/topic/now/a", "x=" + i);
            send("/topic/other", "x=" + i);
            fast.send("/queue/q", "" + i);
            slow.send("/topic/nobody", "", "r" + i);
            node.run();
        }
        assertThat(readAgain().split(";"))
                .containsExactly(
                        "1:a=x=3",
                        "2:/topic/other=x=0",
                        "3:/queue/q=0",
                        "receipt r0",
                        "2:/topic/other=x=1",
                        "3:/queue/q=1",
                        "receipt r1",
                        "2:/topic/other=x=2",
                        "3:/queue/q=2",
                        "receipt r2",
                        "2:/topic/other=x=3",
                        "3:/queue/q=3",
                        "receipt r3");
        slow.unsubscribe("3", null);
        node.run();
        assertThat(node.dropped(Overflow.CONFLATE)).isEqualTo(3);
    }

    @Test
    void eachSubscriptionHasItsOwn() {
        slow.subscribe("1", "/topic/now/a", null);
        slow.subscribe("2", "/topic/now/*", null);
        slow.stopReading();
        send("/topic/now/a", "x=1", "x=2", "x=3", "x=4");
        assertThat(readAgain()).isEqualTo("1:a=x=4;2:a=x=4;");
        assertNothingIsLeft();
    }

    @Test
    void whoIsSlowDoesNotHoldWhatItIsNotSentAnyMore() {
        slow.subscribe("1", "/topic/now/a", null);
        slow.stopReading();
        String padding = "x".repeat(1_000);
        for (int turn = 0; turn < 64; turn++) {
            publish(fast, "/topic/now/a", "k" + turn, "small");
            for (int i = 0; i < 20; i++) {
                publish(fast, "/topic/now/a", "same", padding);
            }
            node.run();
        }
        long waiting = slow.session.bytesWaiting();
        assertThat(node.shards.getFirst().counters().bytesWaiting())
                .as("some times what is waiting, not the batches of all turns")
                .isLessThan(8 * waiting + (64 << 10));
        assertNothingIsLeft();
    }

    @Nested
    class WhereThereIsNoRoom {
        /// `1:/topic/now/a=x=1;` has 18 bytes: ten fit.
        private static final int LENGTH = "1:/topic/now/a=x=1;".length();

        private final BrokerLimits limits =
                BrokerLimits.DEFAULT.withOutboundBytesPerSession(10 * LENGTH);
        private final Node node = new Node(1, AccessRules.localOnly(), POLICIES, limits);
        private final Client slow = node.client(0, "slow");

        private void send(String destination, String key, String body) {
            publish(slow, destination, key, body);
        }

        @Test
        void inOneTurnTooTheLatestOfEachKeyStays() {
            slow.subscribe("1", "/topic/now/a", null);
            for (int i = 0; i < 10; i++) {
                send("/topic/now/a", "x", "x=" + i);
            }
            send("/topic/now/a", "y", "y=0");
            node.run();
            assertThat(slow.read()).isEqualTo("1:/topic/now/a=x=9;1:/topic/now/a=y=0;");
            assertThat(node.dropped(Overflow.CONFLATE)).isEqualTo(9);
        }

        @Test
        void moreKeysThanFitMakeRoomOldestFirst() {
            slow.subscribe("1", "/topic/now/a", null);
            slow.stopReading();
            for (char key = 'a'; key < 'a' + 12; key++) {
                send("/topic/now/a", "" + key, key + "=1");
                node.run();
            }
            assertThat(slow.session.bytesWaiting()).isLessThanOrEqualTo(10L * LENGTH);
            slow.readAgain();
            node.run();
            String read = slow.read();
            assertThat(read).doesNotContain("a=a=1").endsWith("=k=1;1:/topic/now/a=l=1;");
            assertThat(node.dropped(Overflow.CONFLATE) + read.split(";").length).isEqualTo(12);
        }

        @Test
        void ofAnotherDestinationNothingIsDropped() {
            slow.subscribe("1", "/topic/now/a", null);
            slow.subscribe("2", "/topic/b", null);
            slow.stopReading();
            for (int i = 0; i < 11; i++) {
                send("/topic/b", null, "x=" + i);
            }
            for (int i = 0; i < 20; i++) {
                send("/topic/now/a", "k" + i, "x=" + i);
            }
            node.run();
            slow.readAgain();
            node.run();
            String read = slow.read();
            for (int i = 0; i < 11; i++) {
                assertThat(read).contains("2:/topic/b=x=" + i + ";");
            }
        }

        @Test
        void withAcknowledgementsTheOldestGo() {
            slow.consume("1", "/topic/now/a", AckMode.CLIENT);
            slow.stopReading();
            String large = "x".repeat(10 * LENGTH);
            for (int i = 0; i < 150; i++) {
                send("/topic/now/a", "k", large + i);
                node.run();
            }
            assertThat(slow.log).doesNotContain("ended SLOW_CONSUMER");
            assertThat(node.dropped(Overflow.CONFLATE)).as("all but the one held").isEqualTo(149);
        }
    }

    /// Some subscribers that read now and then; whatever they miss, they know the latest of each
    /// key in the end, and of one key nothing out of order.
    @Test
    void inTheEndEverybodyKnowsTheLatestOfEachKey() {
        for (long seed = 1; seed <= 200; seed++) {
            Random random = new Random(seed);
            Node node = new Node(2, AccessRules.localOnly(), POLICIES, BrokerLimits.DEFAULT);
            Client publisher = node.client(0, "publisher");
            List<Client> readers = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                Client reader = node.client(i % 2, "reader" + i);
                reader.subscribe("1", "/topic/now/a", null);
                readers.add(reader);
            }
            node.run();
            Map<String, Integer> latest = new LinkedHashMap<>();
            for (int i = 0; i < 300; i++) {
                Client reader = readers.get(random.nextInt(4));
                if (random.nextInt(10) == 0) {
                    reader.readAgain();
                } else if (random.nextInt(10) == 0) {
                    reader.stopReading();
                }
                String key = "k" + random.nextInt(1 + random.nextInt(20));
                latest.put(key, i);
                publish(publisher, "/topic/now/a", key, key + "=" + i);
                if (random.nextBoolean()) {
                    node.run();
                }
            }
            for (Client reader : readers) {
                reader.readAgain();
                node.run();
                assertThat(view(reader.read(), seed)).as("seed %d", seed).isEqualTo(latest);
                reader.close();
            }
            publisher.close();
            node.run();
            node.assertEmpty();
        }
    }

    private static Map<String, Integer> view(String read, long seed) {
        Map<String, Integer> view = new LinkedHashMap<>();
        for (String message : read.split(";")) {
            String[] parts = message.split("=");
            Integer before = view.put(parts[1], Integer.valueOf(parts[2]));
            assertThat(before == null ? -1 : before)
                    .as("seed %d: %s", seed, message)
                    .isLessThan(Integer.parseInt(parts[2]));
        }
        return view.entrySet().stream()
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
    }
}
