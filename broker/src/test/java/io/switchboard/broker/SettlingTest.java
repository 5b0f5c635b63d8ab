package io.switchboard.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.broker.Node.Client;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class SettlingTest {
    private static final String QUEUE = "/queue/a";

    private final Node node =
            new Node(2, AccessRules.localOnly(), policies(), BrokerLimits.DEFAULT);
    private final Client producer = node.client(0, "producer");
    private final Client consumer = node.client(1, "consumer");

    private static Policies policies() {
        return Policies.DEFAULT
                .with(
                        "/queue/twice",
                        it -> it.withMaxDeliveries(2).withDeadLetter("/queue/given-up"))
                .with("/queue/slow", it -> it.withRedeliveryDelay(100))
                .with("/queue/old", it -> it.withTtl(50).withDeadLetter("/topic/given-up"));
    }

    private void send(String destination, String... bodies) {
        for (String body : bodies) {
            producer.send(destination, body);
        }
        node.run();
    }

    private void settle(Settlement settlement, String ack) {
        consumer.settle(settlement, ack, null, "s");
        node.run();
    }

    private static String bodies(String read) {
        return read.replaceAll("[^=;]*=([^; ]*)[^;]*;", "$1,").replaceAll("receipt [^;]*;", "");
    }

    @Nested
    class ClientIndividual {
        @Test
        void H05_anAckSettlesOneMessageAlone() {
            consumer.consume("1", QUEUE, AckMode.CLIENT_INDIVIDUAL);
            send(QUEUE, "1", "2", "3");
            settle(Settlement.ACCEPT, "1-2");
            assertThat(consumer.log).endsWith("completed s");
            consumer.close();
            Client other = node.client(0, "other");
            other.consume("1", QUEUE, AckMode.AUTO);
            node.run();
            assertThat(bodies(other.read())).isEqualTo("1,3,");
        }

        @Test
        void H14_whatIsSettledOrUnknownIsRefused() {
            consumer.consume("1", QUEUE, AckMode.CLIENT_INDIVIDUAL);
            send(QUEUE, "1");
            settle(Settlement.ACCEPT, "1-1");
            for (String ack : List.of("1-1", "1-2", "2-1", "x", "1-", "-1", "1-0", "1--1")) {
                settle(Settlement.ACCEPT, ack);
                assertThat(consumer.log).as(ack).endsWith("refused UNKNOWN_DELIVERY");
            }
        }

        @Test
        void H15_anotherSessionsMessageIsNotTouched() {
            consumer.consume("1", QUEUE, AckMode.CLIENT_INDIVIDUAL);
            send(QUEUE, "1");
            producer.ack("1-1");
            node.run();
            assertThat(producer.log).endsWith("refused UNKNOWN_DELIVERY");
            settle(Settlement.ACCEPT, "1-1");
            assertThat(consumer.log).endsWith("completed s");
        }

        @Test
        void H13_aNackPutsTheMessageBackToItsPlace() {
            consumer.subscribe(
                    new TextForm("1"),
                    QUEUE,
                    SubscribeOptions.DEFAULT
                            .withAck(AckMode.CLIENT_INDIVIDUAL)
                            .withPrefetch(1, 1 << 20),
                    null);
            send(QUEUE, "1", "2");
            consumer.read();
            settle(Settlement.REQUEUE, "1-1");
            assertThat(consumer.read()).isEqualTo("receipt s;1:/queue/a=1 ack 1-2 again 2;");
        }

        @Test
        void whatASubscriptionHeldGoesBackInOrder() {
            consumer.consume("1", QUEUE, AckMode.CLIENT_INDIVIDUAL);
            send(QUEUE, "1", "2", "3", "4");
            settle(Settlement.ACCEPT, "1-2");
            consumer.unsubscribe("1", null);
            node.run();
            consumer.read();
            consumer.consume("1", QUEUE, AckMode.CLIENT_INDIVIDUAL);
            node.run();
            assertThat(bodies(consumer.read())).isEqualTo("1,3,4,");
            settle(Settlement.ACCEPT, "1-1");
            assertThat(consumer.log)
                    .as("acks name the subscription that got the message")
                    .endsWith("refused UNKNOWN_DELIVERY");
            settle(Settlement.ACCEPT, "2-1");
            assertThat(consumer.log).endsWith("completed s");
        }

        @Test
        void whatHeldMessagesOfSeveralConsumersComesBackInOrder() {
            Client other = node.client(0, "other");
            consumer.consume("1", QUEUE, AckMode.CLIENT_INDIVIDUAL);
            other.consume("1", QUEUE, AckMode.CLIENT_INDIVIDUAL);
            node.run();
            send(QUEUE, "1", "2", "3", "4", "5", "6");
            consumer.close();
            other.close();
            node.run();
            Client last = node.client(0, "last");
            last.consume("1", QUEUE, AckMode.AUTO);
            node.run();
            assertThat(bodies(last.read())).isEqualTo("1,2,3,4,5,6,");
        }
    }

    @Nested
    class Cumulative {
        @Test
        void H04_anAckSettlesAllThatTheSubscriptionGotBefore() {
            consumer.consume("1", QUEUE, AckMode.CLIENT);
            consumer.consume("2", "/queue/b", AckMode.CLIENT);
            send(QUEUE, "1", "2", "3");
            send("/queue/b", "other");
            settle(Settlement.ACCEPT, "1-2");
            consumer.close();
            Client other = node.client(0, "other");
            other.consume("1", QUEUE, AckMode.AUTO);
            other.consume("2", "/queue/b", AckMode.AUTO);
            node.run();
            assertThat(bodies(other.read())).isEqualTo("3,other,");
        }

        @Test
        void H12_aNackPutsBackAllThatTheSubscriptionGotBefore() {
            consumer.consume("1", QUEUE, AckMode.CLIENT);
            send(QUEUE, "1", "2", "3");
            consumer.read();
            settle(Settlement.REQUEUE, "1-2");
            assertThat(bodies(consumer.read())).startsWith("1,2,");
        }
    }

    @Nested
    class ByMessageId {
        private void settle(String messageId, String subscription) {
            consumer.shard.handle(
                    new Command.Settle(
                            consumer.session,
                            Settlement.ACCEPT,
                            Delivered.byMessage(messageId, subscription),
                            null,
                            "s"));
            node.run();
        }

        private String idOfLast() {
            return consumer.lastMessageId;
        }

        @Test
        void H06_H07_theMessageIsFoundByItsId() {
            consumer.consume("1", QUEUE, AckMode.CLIENT_INDIVIDUAL);
            send(QUEUE, "1");
            String id = idOfLast();
            settle(id, "2");
            assertThat(consumer.log).endsWith("refused UNKNOWN_DELIVERY");
            settle(id, "1");
            assertThat(consumer.log).endsWith("completed s");
        }

        @Test
        void withoutASubscriptionTheyKeepTheirOrderToo() {
            consumer.consume("1", "/queue/b", AckMode.CLIENT);
            consumer.consume("2", QUEUE, AckMode.CLIENT);
            send(QUEUE, "1");
            String first = idOfLast();
            send(QUEUE, "2");
            consumer.shard.handle(
                    new Command.Settle(
                            consumer.session,
                            Settlement.ACCEPT,
                            Delivered.byMessage(first, null),
                            null,
                            "s1"));
            consumer.settle(Settlement.ACCEPT, "2-2", null, "s2");
            node.run();
            assertThat(consumer.log).endsWith("completed s1", "completed s2");
        }

        @Test
        void withoutASubscriptionTheyCanBePartOfATransaction() {
            consumer.consume("1", QUEUE, AckMode.CLIENT);
            consumer.consume("2", "/queue/b", AckMode.CLIENT);
            send("/queue/b", "1");
            consumer.begin("t");
            consumer.shard.handle(
                    new Command.Settle(
                            consumer.session,
                            Settlement.ACCEPT,
                            Delivered.byMessage(idOfLast(), null),
                            "t",
                            null));
            consumer.commit("t", "c");
            node.run();
            assertThat(consumer.log).endsWith("completed c");
        }

        @Test
        void H06_withoutASubscriptionAllOfTheSessionsAreTried() {
            consumer.consume("1", "/queue/b", AckMode.CLIENT_INDIVIDUAL);
            consumer.consume("2", "/queue/c", AckMode.CLIENT_INDIVIDUAL);
            consumer.consume("3", QUEUE, AckMode.CLIENT_INDIVIDUAL);
            send(QUEUE, "1");
            settle(idOfLast(), null);
            assertThat(consumer.log).endsWith("completed s");
            settle(idOfLast(), null);
            assertThat(consumer.log).endsWith("refused UNKNOWN_DELIVERY");
            settle("garbage", null);
            assertThat(consumer.log).endsWith("refused UNKNOWN_DELIVERY");
        }
    }

    @Nested
    class DeadLetters {
        @Test
        void aRejectedMessageGoesThereWithTheReason() {
            producer.consume("d", DeadLetter.DESTINATION, AckMode.AUTO);
            consumer.consume("1", QUEUE, AckMode.CLIENT_INDIVIDUAL);
            send(QUEUE, "1");
            settle(Settlement.REJECT, "1-1");
            assertThat(producer.read()).isEqualTo("d:/queue/dead-letters=1;");
            assertThat(producer.lastHeaders.get(DeadLetter.REASON)).isEqualTo("rejected");
            assertThat(producer.lastHeaders.get(DeadLetter.ORIGINAL_DESTINATION)).isEqualTo(QUEUE);
            assertThat(producer.lastHeaders.get(DeadLetter.DELIVERIES)).isEqualTo("1");
        }

        @Test
        void aMessageThatWasTriedTooOftenGoesWhereThePolicySays() {
            producer.consume("d", "/queue/given-up", AckMode.AUTO);
            consumer.consume("1", "/queue/twice", AckMode.CLIENT_INDIVIDUAL);
            send("/queue/twice", "1");
            settle(Settlement.REQUEUE, "1-1");
            settle(Settlement.REQUEUE, "1-2");
            assertThat(producer.read()).isEqualTo("d:/queue/given-up=1;");
            assertThat(producer.lastHeaders.get(DeadLetter.REASON)).isEqualTo("max-deliveries");
            assertThat(producer.lastHeaders.get(DeadLetter.DELIVERIES)).isEqualTo("2");
        }

        @Test
        void aMessageThatGrewTooOldGoesThereWhereThePolicyNamesADestination() {
            producer.consume("d", "/topic/given-up", AckMode.AUTO);
            node.run();
            send("/queue/old", "1");
            node.pass(50);
            assertThat(producer.read()).isEqualTo("d:/topic/given-up=1;");
            assertThat(producer.lastHeaders.get(DeadLetter.REASON)).isEqualTo("expired");
        }

        @Test
        void aDeadLetterThatIsRejectedIsDropped() {
            consumer.consume("1", DeadLetter.DESTINATION, AckMode.CLIENT_INDIVIDUAL);
            send(DeadLetter.DESTINATION, "1");
            settle(Settlement.REJECT, "1-1");
            consumer.close();
            producer.close();
            node.run();
            node.assertEmpty();
            assertThat(node.shards.stream().mapToLong(s -> s.counters().rejected()).sum())
                    .isEqualTo(1);
        }
    }

    @Test
    void redeliveryWaitsAsThePolicySays() {
        consumer.consume("1", "/queue/slow", AckMode.CLIENT_INDIVIDUAL);
        send("/queue/slow", "1", "2");
        consumer.read();
        settle(Settlement.REQUEUE, "1-1");
        assertThat(bodies(consumer.read())).isEmpty();
        node.pass(100);
        assertThat(bodies(consumer.read())).isEqualTo("1,");
    }

    @Nested
    class OfTopics {
        private static final String TOPIC = "/topic/a";

        @Test
        void eachSubscriptionAcknowledgesForItself() {
            consumer.consume("1", TOPIC, AckMode.CLIENT_INDIVIDUAL);
            producer.consume("1", TOPIC, AckMode.CLIENT);
            Client plain = node.client(0, "plain");
            plain.consume("1", TOPIC, AckMode.AUTO);
            node.run();
            send(TOPIC, "1");
            assertThat(consumer.read()).isEqualTo("1:/topic/a=1 ack 1-1;");
            assertThat(producer.read()).isEqualTo("1:/topic/a=1 ack 1-1;");
            assertThat(plain.read()).isEqualTo("1:/topic/a=1;");
            settle(Settlement.REQUEUE, "1-1");
            assertThat(consumer.read()).contains("1:/topic/a=1 ack 1-2 again 2;");
            settle(Settlement.ACCEPT, "1-2");
            assertThat(consumer.log).endsWith("completed s");
            assertThat(producer.read()).isEmpty();
        }

        @Test
        void creditBoundsWhatIsUnderWay() {
            consumer.subscribe(
                    new TextForm("1"),
                    "/topic/*",
                    SubscribeOptions.DEFAULT.withAck(AckMode.CLIENT).withPrefetch(2, 1 << 20),
                    null);
            node.run();
            send(TOPIC, "1", "2", "3");
            assertThat(bodies(consumer.read())).isEqualTo("1,2,");
            settle(Settlement.ACCEPT, "1-2");
            assertThat(bodies(consumer.read())).contains("3,");
        }

        @Test
        void selectorsAreLookedAtOnceForAllWhoShareThem() {
            consumer.subscribe(
                    new TextForm("1"),
                    TOPIC,
                    SubscribeOptions.DEFAULT.withSelector("color = 'red'"),
                    null);
            node.run();
            producer.publish(
                    Client.message(TOPIC, "1").with(Headers.of("color", "red")), null, null);
            producer.publish(
                    Client.message(TOPIC, "2").with(Headers.of("color", "blue")), null, null);
            node.run();
            assertThat(consumer.read()).isEqualTo("1:/topic/a=1;");
        }

        @Test
        void theOldestOfAnotherDestinationAreNotDroppedForRoom() {
            Node small =
                    new Node(
                            1,
                            AccessRules.localOnly(),
                            Policies.DEFAULT.with(
                                    "/topic/old", new Policies.Policy(Overflow.DROP_OLDEST)),
                            BrokerLimits.DEFAULT.withOutboundBytesPerSession(500));
            Client slow = small.client(0, "slow");
            slow.subscribe(
                    new TextForm("1"),
                    "/topic/*",
                    SubscribeOptions.DEFAULT
                            .withAck(AckMode.CLIENT_INDIVIDUAL)
                            .withPrefetch(1, 1 << 20),
                    null);
            Client sender = small.client(0, "sender");
            for (String name : new String[] {"held", "kept", "old", "old"}) {
                sender.send("/topic/" + name, name);
            }
            small.run();
            assertThat(small.dropped(Overflow.DROP_OLDEST)).isPositive();
            slow.ack("1-1");
            small.run();
            assertThat(slow.read()).contains("/topic/kept=kept");
        }

        @Test
        void prioritiesDoNotChangeATopicsOrder() {
            consumer.subscribe(
                    new TextForm("1"),
                    TOPIC,
                    SubscribeOptions.DEFAULT.withAck(AckMode.CLIENT).withPrefetch(1, 1 << 20),
                    null);
            node.run();
            for (int priority : new int[] {1, 2, 9}) {
                producer.publish(
                        Client.message(TOPIC, "p" + priority)
                                .with(new SendOptions(true, priority, 0, 0, 0)),
                        null,
                        null);
            }
            node.run();
            settle(Settlement.ACCEPT, "1-1");
            settle(Settlement.ACCEPT, "1-2");
            assertThat(bodies(consumer.read())).isEqualTo("p1,p2,p9,");
        }

        @Test
        void nothingIsLeftWhenTheyEnd() {
            consumer.consume("1", TOPIC, AckMode.CLIENT);
            node.run();
            send(TOPIC, "1", "2");
            consumer.close();
            producer.close();
            node.run();
            node.assertEmpty();
        }
    }
}
