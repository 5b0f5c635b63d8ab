package io.switchboard.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.broker.Node.Client;
import io.switchboard.broker.Policies.Policy;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class OverflowTest {
    /// `1:/topic/old/a=xx;` has 18 bytes: three fit.
    private static final BrokerLimits LIMITS =
            BrokerLimits.DEFAULT.withOutboundBytesPerSession(3 * 18);

    private static final Policies POLICIES =
            Policies.DEFAULT
                    .with("/topic/old/**", new Policy(Overflow.DROP_OLDEST))
                    .with("/topic/new/**", new Policy(Overflow.DROP_NEWEST));

    private final Node node = new Node(1, AccessRules.localOnly(), POLICIES, LIMITS);
    private final Client slow = node.client(0, "slow");
    private final Client fast = node.client(0, "fast");

    private void subscribe(String destination) {
        slow.subscribe("1", destination, null);
        fast.subscribe("1", destination, null);
        slow.stopReading();
    }

    /// Each in a turn of its own.
    private void send(String destination, String... bodies) {
        for (String body : bodies) {
            fast.send(destination, body);
            node.run();
        }
    }

    private String readAgain() {
        slow.readAgain();
        node.run();
        return slow.read();
    }

    @Nested
    class DropOldest {
        @Test
        void keepsTheNewestThatFit() {
            subscribe("/topic/old/a");
            send("/topic/old/a", "01", "02", "03", "04", "05");
            assertThat(slow.session.bytesWaiting()).isEqualTo(3 * 18);
            assertThat(readAgain())
                    .isEqualTo("1:/topic/old/a=03;1:/topic/old/a=04;1:/topic/old/a=05;");
            assertThat(fast.read()).contains("01", "02", "03", "04", "05");
            assertThat(node.dropped(Overflow.DROP_OLDEST)).isEqualTo(2);
            assertThat(node.shards.getFirst().counters().messagesOut()).isEqualTo(10);
        }

        @Test
        void takesNothingOfOtherDestinations() {
            subscribe("/topic/old/a");
            slow.subscribe("2", "/topic/old/b", null);
            send("/topic/old/b", "b1", "b2", "b3");
            send("/topic/old/a", "a1");
            assertThat(readAgain())
                    .as("no room and nothing of its own to drop: the new one goes")
                    .isEqualTo("2:/topic/old/b=b1;2:/topic/old/b=b2;2:/topic/old/b=b3;");
            assertThat(node.dropped(Overflow.DROP_OLDEST)).isEqualTo(1);
        }

        @Test
        void aMessageThatNeverFitsReplacesAllOfItsDestination() {
            subscribe("/topic/old/a");
            String large = "x".repeat(500);
            send("/topic/old/a", "01", "02", large);
            assertThat(readAgain()).isEqualTo("1:/topic/old/a=" + large + ";");
            assertThat(node.dropped(Overflow.DROP_OLDEST)).isEqualTo(2);
        }
    }

    @Nested
    class DropNewest {
        @Test
        void keepsTheOldest() {
            subscribe("/topic/new/a");
            send("/topic/new/a", "01", "02", "03", "04", "05");
            assertThat(readAgain())
                    .isEqualTo("1:/topic/new/a=01;1:/topic/new/a=02;1:/topic/new/a=03;");
            assertThat(node.dropped(Overflow.DROP_NEWEST)).isEqualTo(2);
            assertThat(node.shards.getFirst().counters().messagesOut()).isEqualTo(8);
        }

        @Test
        void anEmptyQueueTakesAnyMessage() {
            subscribe("/topic/new/a");
            String large = "x".repeat(500);
            send("/topic/new/a", large, "02");
            assertThat(readAgain()).isEqualTo("1:/topic/new/a=" + large + ";");
            assertThat(node.dropped(Overflow.DROP_NEWEST)).isEqualTo(1);
        }
    }

    @Nested
    class DisconnectTheSlow {
        @Test
        void endsTheSessionAndFreesWhatWaited() {
            subscribe("/topic/a");
            send("/topic/a", "01", "02", "03", "04", "05");
            assertThat(slow.log).contains("ended SLOW_CONSUMER");
            assertThat(slow.session.subscriptionCount()).isZero();
            assertThat(node.shards.getFirst().counters().ended(Disconnect.SLOW_CONSUMER))
                    .isEqualTo(1);
            assertThat(node.shards.getFirst().counters().sessions()).isEqualTo(1);
            assertThat(readAgain()).isEqualTo("error SLOW_CONSUMER;");
            assertThat(slow.log).endsWith("drained");
            assertThat(fast.read()).contains("01", "02", "03", "04", "05");
        }

        @Test
        void doesNotLetItLeaveInPeaceInTheSameTurn() {
            subscribe("/topic/a");
            for (int i = 0; i < 5; i++) {
                fast.send("/topic/b", "x");
                slow.send("/topic/a", "x".repeat(20), "r" + i);
            }
            slow.leave("bye");
            node.run();
            assertThat(slow.log).contains("ended SLOW_CONSUMER").doesNotContain("left");
            assertThat(readAgain())
                    .as("no message behind the gap, no receipt of a message that is dropped")
                    .isEqualTo("receipt r0;error SLOW_CONSUMER;");
        }

        @Test
        void happensOncePerSessionHoweverManyMessagesOfATurn() {
            subscribe("/topic/a");
            for (int i = 0; i < 10; i++) {
                fast.send("/topic/a", "x".repeat(30));
            }
            node.run();
            assertThat(slow.log).containsOnlyOnce("ended SLOW_CONSUMER");
            assertThat(fast.log)
                    .as("a turn's messages count against the limit before the socket is asked")
                    .containsOnlyOnce("ended SLOW_CONSUMER");
        }
    }

    @Nested
    class Receipts {
        @Test
        void areNeverDropped() {
            subscribe("/topic/old/a");
            for (int i = 0; i < 3; i++) {
                slow.send("/topic/old/a", "0" + i, "r" + i);
                node.run();
            }
            send("/topic/old/a", "10", "11");
            assertThat(readAgain()).contains("receipt r0;", "receipt r1;", "receipt r2;");
        }

        @Test
        void whoAsksForMuchAndReadsNothingIsNotReadAnyMore() {
            subscribe("/topic/new/b");
            int asked = 0;
            while (!slow.session.parked()) {
                slow.send("/topic/none", "x", "r" + asked++);
                node.run();
            }
            assertThat(slow.session.bytesWaiting()).isBetween(54L, 54L + 11);
            assertThat(slow.log).doesNotContain("resumed");
            slow.readAgain();
            node.run();
            assertThat(slow.session.parked()).isFalse();
            assertThat(slow.log).contains("resumed");
        }
    }

    @Nested
    class TheNodesBudget {
        private final BrokerLimits small =
                new BrokerLimits(100, 1 << 20, 8 << 10, 100, 100, 100, 1 << 20, 100, 1 << 20);
        private final Node node = new Node(1, AccessRules.localOnly(), Policies.DEFAULT, small);

        @Test
        void endsTheSlowestFirstAndOnlyAsManyAsNeeded() {
            Client most = node.client(0, "most");
            Client some = node.client(0, "some");
            Client reader = node.client(0, "reader");
            most.subscribe("1", "/topic/a", null);
            most.subscribe("2", "/topic/b", null);
            some.subscribe("2", "/topic/b", null);
            reader.subscribe("1", "/topic/a", null);
            most.stopReading();
            some.stopReading();
            reader.send("/topic/b", "x".repeat(1_000));
            for (int i = 0; i < 20 && !most.log.contains("ended OUTBOUND_MEMORY"); i++) {
                assertThat(node.shards.getFirst().counters().bytesWaiting())
                        .isLessThanOrEqualTo(small.outboundBytes());
                reader.send("/topic/a", "x".repeat(1_000));
                node.run();
            }
            assertThat(most.log).contains("ended OUTBOUND_MEMORY");
            assertThat(some.log).doesNotContain("ended OUTBOUND_MEMORY");
            assertThat(reader.log).doesNotContain("ended OUTBOUND_MEMORY");
            assertThat(node.shards.getFirst().counters().bytesWaiting())
                    .isLessThanOrEqualTo(small.outboundBytes());
            some.readAgain();
            node.run();
            assertThat(some.read()).startsWith("2:/topic/b=x");
            for (Client client : new Client[] {most, some, reader}) {
                client.close();
            }
            node.run();
            node.assertEmpty();
        }
    }
}
