package io.switchboard.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.broker.Node.Client;
import io.switchboard.broker.Policies.Policy;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PacingTest {
    private static final Policies POLICIES =
            Policies.DEFAULT
                    .with("/topic/old/**", new Policy(Overflow.DROP_OLDEST))
                    .with("/topic/new/**", new Policy(Overflow.DROP_NEWEST));

    private final Node node = new Node(1, AccessRules.localOnly(), POLICIES, BrokerLimits.DEFAULT);
    private final Client paced = node.client(0, "paced");
    private final Client other = node.client(0, "other");

    private void subscribe(String id, String destination, int rate) {
        SubscribeOptions options = SubscribeOptions.DEFAULT.withMaxRate(rate);
        paced.subscribe(new TextForm(id), destination, options, "subscribed");
        node.run();
        assertThat(paced.read()).isEqualTo("receipt subscribed;");
    }

    private void send(String destination, String key, String body) {
        Message message = Client.message(destination, body);
        SendOptions options = SendOptions.DEFAULT.withKey(key, false, false);
        other.publish(key == null ? message : message.with(options), null, null);
    }

    /// What it got, without the destination.
    private String read() {
        return paced.read().replaceAll("[0-9]:/topic/[a-z/]*=", "");
    }

    private void assertNothingIsLeft() {
        paced.close();
        other.close();
        node.pass(2_000);
        node.assertEmpty();
    }

    @Test
    void theFirstComesAtOnceThenTheLatestAsOftenAsTheRateAllows() {
        subscribe("1", "/topic/a", 10);
        for (int i = 0; i < 50; i++) {
            send("/topic/a", "x", "x" + i);
            node.pass(10);
        }
        assertThat(read()).isEqualTo("x0;x9;x19;x29;x39;x49;");
        send("/topic/a", "x", "last");
        node.run();
        assertThat(read()).isEmpty();
        node.pass(100);
        assertThat(read()).isEqualTo("last;");
        node.pass(10_000);
        assertThat(read()).isEmpty();
        assertNothingIsLeft();
    }

    @Test
    void keysTakeTurnsInTheOrderInWhichTheyBeganToWait() {
        subscribe("1", "/topic/a", 10);
        for (int i = 0; i < 40; i++) {
            send("/topic/a", "x", "x" + i);
            send("/topic/a", "y", "y" + i);
            send("/topic/a", "z", "z" + i);
            node.pass(10);
        }
        assertThat(read()).isEqualTo("x0;y9;z19;x29;y39;");
        node.pass(100);
        node.pass(100);
        assertThat(read()).isEqualTo("z39;x39;");
        node.pass(1_000);
        assertThat(read()).isEmpty();
        assertNothingIsLeft();
    }

    @Test
    void withoutAKeyItIsTheDestinationsLatest() {
        subscribe("1", "/topic/*", 1);
        for (int i = 0; i < 5; i++) {
            send("/topic/a", null, "a" + i);
            send("/topic/b", null, "b" + i);
            node.run();
        }
        node.pass(1_000);
        node.pass(1_000);
        node.pass(1_000);
        assertThat(read()).isEqualTo("a0;b4;a4;");
        assertNothingIsLeft();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 7, 10, 60, 999, 1_000, 1_001, 1_500, 2_000, 30_000})
    void neverMoreThanTheRateInAnySecond(int rate) {
        subscribe("1", "/topic/a", rate);
        int[] sent = new int[3_000];
        for (int i = 0; i < sent.length; i++) {
            node.pass(1);
            for (int key = 0; key < 40; key++) {
                send("/topic/a", "k" + key, "x");
            }
            node.run();
            String read = read();
            sent[i] = read.length() / 2;
        }
        int inTheLast = 0;
        for (int i = 0; i < sent.length; i++) {
            inTheLast += sent[i] - (i < 1_000 ? 0 : sent[i - 1_000]);
            assertThat(inTheLast).isLessThanOrEqualTo(rate);
        }
        assertThat(inTheLast).as("and nearly as often").isGreaterThan(rate * 9 / 10);
    }

    @Test
    void othersAreNotSlowed() {
        subscribe("1", "/topic/a", 1);
        other.subscribe("1", "/topic/a", null);
        for (int i = 0; i < 5; i++) {
            send("/topic/a", "x", "" + i);
            node.run();
        }
        assertThat(other.read().split(";")).hasSize(5);
        assertThat(read()).isEqualTo("0;");
        node.pass(1_000);
        assertThat(read()).isEqualTo("4;");
        assertNothingIsLeft();
    }

    @Test
    void oneEncodingServesAllWhoAreSentTheSame() {
        TextForm form = new TextForm("1");
        SubscribeOptions options = SubscribeOptions.DEFAULT.withMaxRate(10);
        Client[] clients = new Client[5];
        for (int i = 0; i < clients.length; i++) {
            clients[i] = node.client(0, "c" + i);
            node.shards
                    .getFirst()
                    .handle(
                            new Command.Subscribe(
                                    clients[i].session, "1", "/topic/a", form, options, null));
        }
        node.run();
        send("/topic/a", "x", "0");
        node.run();
        assertThat(form.encodings()).hasValue(1);
        send("/topic/a", "x", "1");
        send("/topic/a", "x", "2");
        node.pass(100);
        for (Client client : clients) {
            assertThat(client.read()).isEqualTo("1:/topic/a=0;1:/topic/a=2;");
        }
        assertThat(form.encodings()).hasValue(2);
    }

    @Test
    void whatASocketHasNoRoomForGoesOnWaitingAndIsNeverLost() {
        BrokerLimits small = BrokerLimits.DEFAULT.withOutboundBytesPerSession(100);
        Node node = new Node(1, AccessRules.localOnly(), Policies.DEFAULT, small);
        Client paced = node.client(0, "paced");
        Client other = node.client(0, "other");
        SubscribeOptions options = SubscribeOptions.DEFAULT.withMaxRate(100);
        paced.subscribe(new TextForm("1"), "/topic/a", options, null);
        node.run();
        paced.stopReading();
        for (int i = 0; i < 200; i++) {
            Message message = Client.message("/topic/a", "x" + i);
            other.publish(
                    message.with(SendOptions.DEFAULT.withKey("k" + i % 3, false, false)),
                    null,
                    null);
            node.pass(10);
        }
        assertThat(paced.session.bytesWaiting()).isLessThanOrEqualTo(100);
        assertThat(paced.log).doesNotContain("ended SLOW_CONSUMER");
        paced.readAgain();
        for (int i = 0; i < 10; i++) {
            node.pass(50);
        }
        assertThat(paced.read()).contains("=x197;", "=x198;", "=x199;");
        paced.close();
        other.close();
        node.pass(1_000);
        node.assertEmpty();
    }

    @Test
    void nothingComesAfterTheReceiptOfUnsubscribe() {
        subscribe("1", "/topic/a", 1);
        send("/topic/a", "x", "0");
        send("/topic/a", "x", "1");
        node.run();
        assertThat(read()).isEqualTo("0;");
        paced.unsubscribe("1", "done");
        node.pass(1_000);
        assertThat(read()).isEqualTo("receipt done;");
        assertNothingIsLeft();
    }

    @Test
    void whatWaitsMovesToAnotherForm() {
        subscribe("1", "/topic/a", 1);
        send("/topic/a", "x", "0");
        send("/topic/a", "x", "1");
        send("/topic/a", "y", "2");
        node.run();
        paced.shard.reform(paced.session, form -> new TextForm("7"));
        node.pass(1_000);
        node.pass(1_000);
        assertThat(paced.read()).isEqualTo("1:/topic/a=0;7:/topic/a=1;7:/topic/a=2;");
        assertNothingIsLeft();
    }

    @Test
    void whatGrewTooOldWhileItWaitedIsNotSent() {
        subscribe("1", "/topic/a", 1);
        send("/topic/a", "x", "0");
        Message message = Client.message("/topic/a", "old");
        other.publish(
                message.with(new SendOptions(true, 4, node.nowMillis + 500, 0, 0)), null, null);
        node.run();
        node.pass(1_000);
        assertThat(read()).isEqualTo("0;");
        assertNothingIsLeft();
    }

    @Test
    void aClockThatIsSetBackStopsNobody() {
        subscribe("1", "/topic/a", 1);
        send("/topic/a", "x", "0");
        send("/topic/a", "x", "1");
        node.run();
        node.nowMillis -= 500_000;
        node.shards.getFirst().onDeadline();
        node.run();
        assertThat(read()).isEqualTo("0;1;");
        assertNothingIsLeft();
    }

    private void sendKeys(String destination, int count) {
        for (int i = 0; i < count; i++) {
            send(destination, "k" + i, "" + i);
            if (i % 100 == 0) {
                node.run();
            }
        }
        node.run();
    }

    @Test
    void soManyKeysWaitAtMost() {
        int most = Pacing.WAITING_MAX + 1;
        subscribe("1", "/topic/a", 1);
        sendKeys("/topic/a", most);
        assertThat(paced.log).doesNotContain("ended SLOW_CONSUMER");
        send("/topic/a", "k5", "again");
        node.run();
        assertThat(paced.log).as("a key that waits takes no more").hasSize(2);
        send("/topic/a", "one more", "");
        node.run();
        assertThat(paced.log).endsWith("ended SLOW_CONSUMER", "drained");
        assertNothingIsLeft();
    }

    @Test
    void pastThatTheOldestOrTheNewestGoWherePoliciesSaySo() {
        int most = Pacing.WAITING_MAX + 1;
        subscribe("1", "/topic/old/a", 1);
        sendKeys("/topic/old/a", most + 2);
        node.pass(1_000);
        assertThat(read()).isEqualTo("0;3;");
        assertThat(node.dropped(Overflow.DROP_OLDEST)).isEqualTo(2);
        paced.unsubscribe("1", null);
        subscribe("2", "/topic/new/a", 1_000_000);
        node.pass(1);
        subscribe("3", "/topic/new/b", 1);
        sendKeys("/topic/new/b", most + 2);
        assertThat(node.dropped(Overflow.DROP_NEWEST)).isEqualTo(2);
        assertNothingIsLeft();
    }

    @Test
    void whatWaitsCountsAgainstTheMemoryForAllThatWaits() {
        BrokerLimits small =
                new BrokerLimits(100, 1 << 20, 64 << 10, 100, 100, 100, 1 << 20, 100, 1 << 20);
        Node node = new Node(1, AccessRules.localOnly(), Policies.DEFAULT, small);
        Client paced = node.client(0, "paced");
        Client other = node.client(0, "other");
        SubscribeOptions options = SubscribeOptions.DEFAULT.withMaxRate(1);
        paced.subscribe(new TextForm("1"), "/topic/a", options, null);
        node.run();
        for (int i = 0; i < 80 && !paced.log.contains("ended OUTBOUND_MEMORY"); i++) {
            Message message = Client.message("/topic/a", "x".repeat(1_000));
            other.publish(
                    message.with(SendOptions.DEFAULT.withKey("k" + i, false, false)), null, null);
            node.run();
            assertThat(node.shards.getFirst().counters().bytesWaiting())
                    .isLessThanOrEqualTo(small.outboundBytes());
        }
        assertThat(paced.log).contains("ended OUTBOUND_MEMORY");
        paced.close();
        other.close();
        node.pass(2_000);
        node.assertEmpty();
    }

    @Test
    void isForTopicsWithoutAcknowledgements() {
        SubscribeOptions options = SubscribeOptions.DEFAULT.withMaxRate(1);
        paced.subscribe(new TextForm("1"), "/queue/q", options, null);
        paced.subscribe(new TextForm("2"), "/topic/a", options.withAck(AckMode.CLIENT), null);
        node.run();
        assertThat(paced.log)
                .containsExactly("connected", "refused UNSUPPORTED", "refused UNSUPPORTED");
    }
}
