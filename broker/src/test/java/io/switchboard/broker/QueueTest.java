package io.switchboard.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.broker.Node.Client;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class QueueTest {
    private static final String QUEUE = "/queue/a";

    private final Node node = new Node(3);
    private final Client producer = node.client(0, "producer");

    @BeforeEach
    void forgetTheReceipts() {
        producer.read();
    }

    private Client consumer(int shard, SubscribeOptions options) {
        Client client = node.client(shard, "consumer");
        client.subscribe(new TextForm("1"), QUEUE, options, null);
        node.run();
        return client;
    }

    private static SubscribeOptions individual(int prefetch) {
        return SubscribeOptions.DEFAULT
                .withAck(AckMode.CLIENT_INDIVIDUAL)
                .withPrefetch(prefetch, SubscribeOptions.PREFETCH_BYTES);
    }

    private void send(String... bodies) {
        for (String body : bodies) {
            producer.send(QUEUE, body);
        }
        node.run();
    }

    private void send(String body, SendOptions options) {
        producer.publish(Client.message(QUEUE, body).with(options), null, null);
        node.run();
    }

    private static SendOptions priority(int priority) {
        return new SendOptions(true, priority, 0, 0, 0);
    }

    private static SendOptions ttl(long millis) {
        return new SendOptions(true, SendOptions.PRIORITY_DEFAULT, 0, millis, 0);
    }

    private static SendOptions delay(long millis) {
        return new SendOptions(true, SendOptions.PRIORITY_DEFAULT, 0, 0, millis);
    }

    private static String got(String body, int tag) {
        return "1:/queue/a=%s ack 1-%d;".formatted(body, tag);
    }

    private static String gotAgain(String body, int tag, int deliveries) {
        return "1:/queue/a=%s ack 1-%d again %d;".formatted(body, tag, deliveries);
    }

    private static String auto(String body) {
        return "1:/queue/a=%s;".formatted(body);
    }

    @Nested
    class Waiting {
        @AfterEach
        void nothingIsLeft() {
            Client last = consumer(1, SubscribeOptions.DEFAULT);
            node.run();
            last.close();
            producer.close();
            node.run();
            node.assertEmpty();
        }

        @Test
        void oneWhoseOnlyMessageCameTooLateIsForgotten() {
            node.nowMillis = 100;
            send("1", new SendOptions(true, SendOptions.PRIORITY_DEFAULT, 50, 0, 0));
            assertThat(node.shards.stream().mapToLong(shard -> shard.counters().queued()).sum())
                    .isZero();
            assertThat(node.shards.stream().mapToLong(shard -> shard.counters().queues()).sum())
                    .isZero();
        }

        @Test
        void messagesWaitForTheirFirstConsumerInOrder() {
            send("x", "y");
            Client consumer = consumer(1, SubscribeOptions.DEFAULT);
            assertThat(consumer.read()).isEqualTo(auto("x") + auto("y"));
            send("z");
            assertThat(consumer.read()).isEqualTo(auto("z"));
            consumer.close();
        }

        @Test
        void theReceiptOfASendSaysThatTheQueueHasIt() {
            producer.send(QUEUE, "x", "r");
            node.run();
            assertThat(producer.log).endsWith("completed r");
        }

        @Test
        void higherPrioritiesGoFirst() {
            send("low", priority(0));
            send("usual", priority(4));
            send("high", priority(9));
            send("high too", priority(9));
            Client consumer = consumer(1, SubscribeOptions.DEFAULT);
            assertThat(consumer.read())
                    .isEqualTo(auto("high") + auto("high too") + auto("usual") + auto("low"));
            consumer.close();
        }

        @Test
        void whatIsTooOldIsDropped() {
            send("short", ttl(10));
            send("long", ttl(1_000));
            node.pass(10);
            assertThat(queued()).isEqualTo(1);
            assertThat(expired()).isEqualTo(1);
            Client consumer = consumer(1, SubscribeOptions.DEFAULT);
            assertThat(consumer.read()).isEqualTo(auto("long"));
            consumer.close();
        }

        @Test
        void whatIsTooOldOnArrivalIsNotKept() {
            send("old", new SendOptions(true, 4, 1, 0, 0));
            assertThat(queued()).isZero();
            assertThat(expired()).isEqualTo(1);
        }

        @Test
        void aDelayedMessageComesWhenItsTimeHasCome() {
            send("late", delay(1_000));
            send("now");
            Client consumer = consumer(1, SubscribeOptions.DEFAULT);
            assertThat(consumer.read()).isEqualTo(auto("now"));
            node.pass(999);
            assertThat(consumer.read()).isEmpty();
            node.pass(1);
            assertThat(consumer.read()).isEqualTo(auto("late"));
            consumer.close();
        }

        @Test
        void theLongestDelayIsNeverOver() {
            send("never", new SendOptions(true, 4, 0, 500, Long.MAX_VALUE));
            Client consumer = consumer(1, SubscribeOptions.DEFAULT);
            node.pass(499);
            assertThat(consumer.read()).isEmpty();
            assertThat(queued()).isEqualTo(1);
            node.pass(1);
            assertThat(expired()).isEqualTo(1);
            consumer.close();
        }

        @Test
        void aDelayedMessageThatGrowsTooOldMeanwhileIsDropped() {
            send("late", new SendOptions(true, 4, 0, 500, 1_000));
            node.pass(500);
            assertThat(queued()).isZero();
        }
    }

    private long queued() {
        return node.shards.stream().mapToLong(shard -> shard.counters().queued()).sum();
    }

    private long expired() {
        return node.shards.stream().mapToLong(shard -> shard.counters().expired()).sum();
    }

    @Nested
    class Consumers {
        @Test
        void takeTurns() {
            Client first = consumer(1, individual(10));
            Client second = consumer(2, individual(10));
            send("1", "2", "3", "4");
            assertThat(first.read()).isEqualTo(got("1", 1) + got("3", 2));
            assertThat(second.read()).isEqualTo(got("2", 1) + got("4", 2));
        }

        @Test
        void whoHasNoCreditIsPassedOver() {
            Client first = consumer(1, individual(1));
            Client second = consumer(2, individual(3));
            send("1", "2", "3", "4", "5");
            assertThat(first.read()).isEqualTo(got("1", 1));
            assertThat(second.read()).isEqualTo(got("2", 1) + got("3", 2) + got("4", 3));
            first.ack("1-1");
            node.run();
            assertThat(first.read()).isEqualTo(got("5", 2));
        }

        @Test
        void bytesCountTooButNeverHoldBackTheOnlyMessage() {
            Client consumer =
                    consumer(
                            1,
                            SubscribeOptions.DEFAULT
                                    .withAck(AckMode.CLIENT_INDIVIDUAL)
                                    .withPrefetch(10, 1));
            send("much more than one byte", "next");
            assertThat(consumer.read()).isEqualTo(got("much more than one byte", 1));
            consumer.ack("1-1");
            node.run();
            assertThat(consumer.read()).isEqualTo(got("next", 2));
        }

        @Test
        void withAutoTheCreditReturnsWhenTheSocketHasTakenTheMessage() {
            Client consumer = consumer(1, SubscribeOptions.DEFAULT.withPrefetch(2, 1 << 20));
            consumer.stopReading();
            send("1", "2", "3", "4", "5");
            consumer.readAgain();
            node.run();
            assertThat(consumer.read())
                    .isEqualTo(auto("1") + auto("2") + auto("3") + auto("4") + auto("5"));
            assertThat(queued()).isZero();
        }

        @Test
        void whatAnAutoConsumersSocketNeverTookGoesBack() {
            Client consumer = consumer(1, SubscribeOptions.DEFAULT);
            consumer.stopReading();
            send("1", "2");
            consumer.close();
            node.run();
            assertThat(consumer.read()).isEmpty();
            Client other = consumer(2, SubscribeOptions.DEFAULT);
            assertThat(other.read())
                    .as("as if for the first time")
                    .isEqualTo(auto("1") + auto("2"));
        }

        @Test
        void theFirstExclusiveOneIsTheOnlyOneWhileItLives() {
            Client usual = consumer(0, individual(10));
            Client first = consumer(1, individual(10).withExclusive());
            Client second = consumer(2, individual(10).withExclusive());
            send("1", "2");
            assertThat(first.read()).isEqualTo(got("1", 1) + got("2", 2));
            first.close();
            node.run();
            assertThat(second.read()).isEqualTo(gotAgain("1", 1, 2) + gotAgain("2", 2, 2));
            second.close();
            node.run();
            assertThat(usual.read()).isEqualTo(gotAgain("1", 1, 3) + gotAgain("2", 2, 3));
        }

        @Test
        void theExclusiveOneWithoutCreditIsWaitedFor() {
            Client usual = consumer(0, individual(10));
            Client only = consumer(1, individual(1).withExclusive());
            send("1", "2");
            assertThat(only.read()).isEqualTo(got("1", 1));
            assertThat(usual.read()).isEmpty();
        }

        @Test
        void getOnlyWhatTheirSelectorHoldsFor() {
            Client red = consumer(1, individual(1).withSelector("color = 'red'"));
            Client any = consumer(2, individual(1));
            send("1");
            sendColored("2", "blue");
            sendColored("3", "red");
            assertThat(any.read()).isEqualTo(got("1", 1));
            assertThat(red.read()).isEqualTo(got("3", 1));
            any.ack("1-1");
            node.run();
            assertThat(any.read()).isEqualTo(got("2", 2));
        }

        private void sendColored(String body, String color) {
            producer.publish(
                    Client.message(QUEUE, body).with(Headers.of("color", color)), null, null);
            node.run();
        }

        @Test
        void whatASelectorPassedOverKeepsItsPlace() {
            Client red = consumer(1, individual(1).withSelector("color = 'red'"));
            sendColored("1", "blue");
            sendColored("2", "red");
            sendColored("3", "blue");
            assertThat(red.read()).isEqualTo(got("2", 1));
            red.nack("1-1");
            node.run();
            assertThat(red.read()).isEqualTo(gotAgain("2", 2, 2));
            red.close();
            node.run();
            Client any = consumer(2, SubscribeOptions.DEFAULT);
            assertThat(any.read()).isEqualTo(auto("1") + "1:/queue/a=2 again 3;" + auto("3"));
        }

        @Test
        void aSelectorThatDoesNotReadIsRefused() {
            Client client = node.client(1, "consumer");
            client.subscribe(
                    new TextForm("1"), QUEUE, SubscribeOptions.DEFAULT.withSelector("a ="), "r");
            node.run();
            assertThat(client.log).endsWith("refused BAD_SELECTOR");
        }

        @Test
        void aPatternOfQueuesIsRefused() {
            Client client = node.client(1, "consumer");
            client.subscribe("1", "/queue/*", "r");
            assertThat(client.log).endsWith("refused BAD_DESTINATION");
        }

        @Test
        void nothingComesAfterUnsubscribe() {
            Client consumer = consumer(1, individual(10));
            consumer.stopReading();
            send("1");
            consumer.unsubscribe("1", "u");
            send("2");
            consumer.readAgain();
            node.run();
            assertThat(consumer.read()).isEqualTo("receipt u;");
            Client other = consumer(2, SubscribeOptions.DEFAULT);
            assertThat(other.read()).isEqualTo(auto("1") + auto("2"));
        }
    }

    @Nested
    class Browsers {
        @Test
        void seeWhatWaitsAndConsumeNothing() {
            send("1", "2", "3");
            Client browser =
                    consumer(1, SubscribeOptions.DEFAULT.withBrowser().withPrefetch(2, 1 << 20));
            node.run();
            assertThat(browser.read()).startsWith("1:/queue/a=1").contains("=2").contains("=3");
            assertThat(queued()).isEqualTo(3);
            browser.close();
            node.run();
            Client consumer = consumer(2, SubscribeOptions.DEFAULT);
            assertThat(consumer.read()).isEqualTo(auto("1") + auto("2") + auto("3"));
        }

        @Test
        void endWithAMarker() {
            send("1");
            Client browser = consumer(1, SubscribeOptions.DEFAULT.withBrowser());
            node.run();
            assertThat(browser.read()).endsWith("1:/queue/a=;");
        }

        @Test
        void doNotSeeWhatIsTooOldBeforeItIsDropped() {
            send("1", ttl(10));
            node.nowMillis += 10;
            Client browser = consumer(1, SubscribeOptions.DEFAULT.withBrowser());
            assertThat(browser.read()).isEqualTo("1:/queue/a=;");
        }

        @Test
        void doNotSeeWhatAConsumerHoldsOrTookMeanwhile() {
            send("1", "2", "3");
            Client browser =
                    consumer(1, SubscribeOptions.DEFAULT.withBrowser().withPrefetch(1, 1 << 20));
            Client slow = node.client(1, "slow");
            slow.stopReading();
            slow.subscribe(
                    new TextForm("1"),
                    QUEUE,
                    SubscribeOptions.DEFAULT.withBrowser().withPrefetch(1, 1 << 20),
                    null);
            node.run();
            Client consumer = consumer(2, SubscribeOptions.DEFAULT);
            node.run();
            assertThat(consumer.read()).isEqualTo(auto("1") + auto("2") + auto("3"));
            slow.readAgain();
            node.run();
            assertThat(slow.read()).contains("=1").doesNotContain("=2").endsWith("=;");
            browser.close();
        }
    }

    @Nested
    class Bounds {
        @Test
        void aFullQueueRefuses() {
            Policies two = Policies.DEFAULT.with(QUEUE, Policies.Policy.DEFAULT.withMaxLength(2));
            Node small = new Node(1, AccessRules.localOnly(), two, BrokerLimits.DEFAULT);
            Client client = small.client(0, "producer");
            client.send(QUEUE, "1");
            client.send(QUEUE, "2");
            client.send(QUEUE, "3", "r");
            small.run();
            assertThat(client.log).endsWith("refused QUEUE_FULL");
        }

        @Test
        void theMemoryOfAllQueuesIsBounded() {
            QueueLimits usual = QueueLimits.DEFAULT;
            QueueLimits tiny =
                    new QueueLimits(
                            1_000,
                            usual.length(),
                            usual.delayed(),
                            usual.transactionBytes(),
                            usual.transactionsPerSession(),
                            usual.framesPerTransaction(),
                            usual.bytesPerTransaction());
            Node small =
                    new Node(
                            2,
                            AccessRules.localOnly(),
                            Policies.DEFAULT,
                            BrokerLimits.DEFAULT.withQueues(tiny));
            Client client = small.client(0, "producer");
            client.send("/queue/b", "x".repeat(800));
            client.send(QUEUE, "x".repeat(800), "r");
            small.run();
            assertThat(client.log).endsWith("refused QUEUE_MEMORY");
        }

        @Test
        void onlySoManyMessagesWaitForTheirTime() {
            QueueLimits usual = QueueLimits.DEFAULT;
            QueueLimits one =
                    new QueueLimits(
                            usual.bytes(),
                            usual.length(),
                            1,
                            usual.transactionBytes(),
                            usual.transactionsPerSession(),
                            usual.framesPerTransaction(),
                            usual.bytesPerTransaction());
            Node small =
                    new Node(
                            1,
                            AccessRules.localOnly(),
                            Policies.DEFAULT,
                            BrokerLimits.DEFAULT.withQueues(one));
            Client client = small.client(0, "producer");
            Message later = Client.message(QUEUE, "x").with(new SendOptions(true, 4, 0, 0, 1_000));
            client.publish(later, null, "1");
            client.publish(later, null, "2");
            small.run();
            assertThat(client.log).endsWith("completed 1", "refused TOO_MANY_DELAYED");
        }

        @Test
        void aQueueIsForgottenWhenItIsEmptyAndNobodyWantsIt() {
            send("1");
            Client consumer = consumer(1, SubscribeOptions.DEFAULT);
            consumer.leave(null);
            producer.close();
            consumer.close();
            node.run();
            node.assertEmpty();
        }
    }

    @Nested
    class PassingQueues {
        @Test
        void goWithTheirLastSubscriberAndTakeNothingWithoutOne() {
            String own = "/queue/x-user0f8fad5b-d9cb-469f-a165-70867728950e";
            producer.send(own, "nobody", "r");
            node.run();
            assertThat(producer.log).endsWith("completed r");
            Client spring = node.client(1, "spring");
            spring.subscribe(new TextForm("1"), own, individual(1), null);
            node.run();
            producer.send(own, "1");
            producer.send(own, "2");
            node.run();
            assertThat(spring.read()).contains("=1");
            spring.close();
            producer.close();
            node.run();
            node.assertEmpty();
        }

        @Test
        void whoComesAfterTheLastSubscriberGetsAQueueOfItsOwn() {
            String own = "/queue/x-user0f8fad5b-d9cb-469f-a165-70867728950e";
            Client first = node.client(1, "first");
            first.subscribe("1", own, null);
            node.run();
            producer.publish(Client.message(own, "later").with(delay(50)), null, null);
            node.run();
            first.close();
            node.run();
            Client second = node.client(2, "second");
            second.subscribe("1", own, null);
            node.run();
            producer.send(own, "now");
            node.pass(50);
            assertThat(second.read()).isEqualTo("1:" + own + "=now;");
            second.close();
            producer.close();
            node.run();
            node.assertEmpty();
        }

        @Test
        void aTemporaryQueueIsItsOwnersAndIsAnsweredByItsFullName() {
            Client service = node.client(1, "service");
            producer.subscribe("t", "/temp-queue/answers", "r");
            node.run();
            String name = producer.session.temporaryName("/temp-queue/answers");
            assertThat(name).startsWith("/temp-queue/~").endsWith("/answers");
            service.send(String.valueOf(name), "42");
            node.run();
            assertThat(producer.read()).contains("t:" + name + "=42;");
            service.subscribe("t", String.valueOf(name), null);
            assertThat(service.log).endsWith("refused BAD_DESTINATION");
            service.subscribe("t", "/temp-queue/answers", null);
            node.run();
            producer.send("/temp-queue/answers", "to myself");
            node.run();
            assertThat(producer.read()).contains("=to myself;");
            assertThat(service.read()).isEmpty();
        }
    }
}
