package io.switchboard.broker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.broker.Node.Client;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/// Nobody is known for longer than what vouches for it holds.
class ExpiryTest {
    private final Node node = new Node(1);
    private final Client alice = node.client(0);

    /// A wire form that shows a message's headers.
    private record HeaderForm() implements WireForm {
        @Override
        public int lengthMax(Message message, Handover handover) {
            return 1_000;
        }

        @Override
        public void encode(Message message, Handover handover, ByteBuffer out) {
            StringBuilder text = new StringBuilder();
            for (int i = 0; i < message.headers().count(); i++) {
                text.append(message.headers().name(i))
                        .append('=')
                        .append(message.headers().value(i))
                        .append(' ');
            }
            out.put((text.toString().strip() + ';').getBytes(UTF_8));
        }
    }

    private Principal until(long millis) {
        return new Principal("alice", true, "here", Set.of(), Map.of(), millis);
    }

    private void connectFor(long millis) {
        alice.connect(until(node.nowMillis + millis));
    }

    private static void listen(Client client) {
        client.shard.handle(
                new Command.Subscribe(
                        client.session,
                        "events",
                        "/session/events",
                        new HeaderForm(),
                        SubscribeOptions.DEFAULT,
                        "listening"));
    }

    @Test
    void aSessionEndsWhenItsTokenDoes() {
        connectFor(100_000);
        node.pass(99_999);
        assertThat(alice.log).containsExactly("connected");
        node.pass(1);
        assertThat(alice.log).endsWith("ended TOKEN_EXPIRED", "drained");
        alice.close();
        node.assertEmpty();
    }

    @Test
    void aTokenThatHasEndedAlreadyEndsItAtOnce() {
        connectFor(-1);
        node.pass(0);
        assertThat(alice.log).contains("ended TOKEN_EXPIRED");
    }

    @Test
    void aRenewedTokenCounts() {
        connectFor(100_000);
        node.pass(90_000);
        alice.shard.renew(alice.session, until(node.nowMillis + 50_000));
        node.pass(49_999);
        assertThat(alice.log).containsExactly("connected");
        node.pass(1);
        assertThat(alice.log).contains("ended TOKEN_EXPIRED");
    }

    @Test
    void oneWithoutAnEndIsForEver() {
        connectFor(100_000);
        alice.shard.renew(alice.session, until(0));
        node.pass(1L << 40);
        assertThat(alice.log).containsExactly("connected");
    }

    @Test
    void manyThatEndTogetherEndInSeveralTurns() {
        long end = node.nowMillis + 100_000;
        for (int i = 0; i < Expiry.PER_TURN + 1; i++) {
            Client each = node.client(0);
            each.connect(until(end));
            // So that its first moment is its last.
            each.shard.renew(each.session, until(end));
        }
        Shard shard = node.shards.getFirst();
        node.pass(99_999);
        node.pass(1);
        assertThat(shard.counters().ended(Disconnect.TOKEN_EXPIRED)).isEqualTo(Expiry.PER_TURN);
        node.pass(1);
        assertThat(shard.counters().ended(Disconnect.TOKEN_EXPIRED)).isEqualTo(Expiry.PER_TURN + 1);
    }

    @Test
    void queuesAndTokensWaitForTheirMomentsSideBySide() {
        connectFor(100_000);
        Client bob = node.client(0, "bob");
        bob.subscribe("1", "/queue/a", null);
        SendOptions later = new SendOptions(true, 4, 0, 0, 5_000);
        bob.publish(Client.message("/queue/a", "x").with(later), null, null);
        node.run();
        node.pass(5_000);
        assertThat(bob.read()).isEqualTo("1:/queue/a=x;");
        node.pass(35_000);
        node.pass(60_000);
        assertThat(alice.log).contains("ended TOKEN_EXPIRED");
    }

    @Nested
    class Notice {
        @Test
        void comesInTimeToThoseWhoListen() {
            connectFor(200_000);
            listen(alice);
            node.run();
            assertThat(alice.read()).isEqualTo("receipt listening;");
            node.pass(139_999);
            assertThat(alice.read()).isEmpty();
            node.pass(1);
            assertThat(alice.read())
                    .isEqualTo("event=token-expiring expires=1200000 expires-in=60000;");
            node.pass(59_999);
            assertThat(alice.read()).isEmpty();
        }

        @Test
        void comesAtHalfTheTimeOfAShortToken() {
            connectFor(10_000);
            listen(alice);
            node.pass(4_999);
            assertThat(alice.read()).isEqualTo("receipt listening;");
            node.pass(1);
            assertThat(alice.read()).contains("expires-in=5000");
        }

        @Test
        void comesAtOnceToThoseWhoListenLate() {
            connectFor(100_000);
            node.pass(70_000);
            listen(alice);
            node.run();
            assertThat(alice.read())
                    .isEqualTo(
                            "receipt listening;"
                                    + "event=token-expiring expires=1100000 expires-in=30000;");
        }

        @Test
        void comesAgainForTheNextToken() {
            connectFor(100_000);
            listen(alice);
            node.pass(40_000);
            alice.read();
            alice.shard.renew(alice.session, until(node.nowMillis + 200_000));
            node.pass(140_000);
            assertThat(alice.read()).contains("event=token-expiring");
        }

        @Test
        void isNotGivenWhereItIsOff() {
            Node quiet =
                    new Node(
                            1,
                            AccessRules.localOnly(),
                            Policies.DEFAULT,
                            BrokerLimits.DEFAULT.withTokenNoticeMillis(0));
            Client client = quiet.client(0);
            client.connect(until(quiet.nowMillis + 100_000));
            listen(client);
            quiet.pass(99_999);
            assertThat(client.read()).isEqualTo("receipt listening;");
            quiet.pass(1);
            assertThat(client.log).contains("ended TOKEN_EXPIRED");
        }
    }

    @Nested
    class Events {
        @Test
        void areOfNoInterestToRules() {
            Node strict =
                    new Node(
                            1,
                            (who, action, destination, answer) ->
                                    action == AccessRules.Action.CONNECT
                                            ? AccessRules.Decision.ALLOWED
                                            : new AccessRules.Decision.Denied("no"),
                            Policies.DEFAULT,
                            BrokerLimits.DEFAULT);
            Client client = strict.client(0, "x");
            listen(client);
            strict.run();
            assertThat(client.log).containsExactly("connected", "completed listening");
            client.shard.rulesChanged();
            assertThat(client.session.subscriptionCount()).isEqualTo(1);
        }

        @Test
        void areNotSentTo() {
            connectFor(0);
            alice.send("/session/events", "forged", "r");
            assertThat(alice.log).endsWith("refused BAD_DESTINATION");
        }

        @Test
        void knowNoAcknowledgementAndNoPattern() {
            connectFor(100_000);
            alice.subscribe(
                    new TextForm("1"),
                    "/session/events",
                    SubscribeOptions.DEFAULT.withAck(AckMode.CLIENT),
                    null);
            alice.subscribe("2", "/session/*", null);
            assertThat(alice.log)
                    .containsExactly("connected", "refused UNSUPPORTED", "refused BAD_DESTINATION");
        }

        @Test
        void endWithTheirSubscription() {
            connectFor(100_000);
            listen(alice);
            alice.unsubscribe("events", null);
            node.pass(60_000);
            assertThat(alice.read()).isEqualTo("receipt listening;");
            alice.close();
            node.run();
            node.assertEmpty();
        }

        @Test
        void sayThatTheServerStops() {
            connectFor(100_000);
            listen(alice);
            node.run();
            alice.read();
            alice.shard.draining();
            node.run();
            assertThat(alice.read()).isEqualTo("event=draining;");
        }

        @Test
        void sayWhichSubscriptionEnded() {
            Set<String> forbidden = new java.util.HashSet<>();
            Node live =
                    new Node(
                            1,
                            (who, action, destination, answer) ->
                                    forbidden.contains(destination)
                                            ? new AccessRules.Decision.Denied("closed")
                                            : AccessRules.Decision.ALLOWED,
                            Policies.DEFAULT,
                            BrokerLimits.DEFAULT);
            Client client = live.client(0, "x");
            listen(client);
            client.subscribe("7", "/topic/a", null);
            live.run();
            client.read();
            forbidden.add("/topic/a");
            client.shard.rulesChanged();
            live.run();
            assertThat(client.read())
                    .isEqualTo("event=subscription-ended of=/topic/a reason=closed id=7;");
        }

        @Test
        void sayWhatWasDroppedWhenTheClientHasCaughtUp() {
            for (Overflow overflow : new Overflow[] {Overflow.DROP_NEWEST, Overflow.DROP_OLDEST}) {
                Node small =
                        new Node(
                                1,
                                AccessRules.localOnly(),
                                Policies.DEFAULT.with("/topic/**", new Policies.Policy(overflow)),
                                BrokerLimits.DEFAULT.withOutboundBytesPerSession(200));
                Client slow = small.client(0, "slow");
                listen(slow);
                slow.subscribe("1", "/topic/a", null);
                small.run();
                slow.read();
                slow.stopReading();
                Client fast = small.client(0, "fast");
                for (int i = 0; i < 30; i++) {
                    fast.send("/topic/a", "0123456789");
                    small.run();
                }
                slow.readAgain();
                small.run();
                long gone = small.dropped(overflow);
                assertThat(gone).isPositive();
                assertThat(slow.read()).endsWith("event=dropped of=/topic/a count=" + gone + ";");
            }
        }

        @Test
        void tellOnlySoManyDestinationsApart() {
            connectFor(100_000);
            listen(alice);
            node.run();
            alice.read();
            for (int i = 0; i < Notices.DESTINATIONS_MAX + 5; i++) {
                alice.session.tellDropped("/topic/" + i, 2);
            }
            node.run();
            node.shards.getFirst().endTurn();
            String told = alice.read();
            assertThat(told.split(";", -1)).hasSize(Notices.DESTINATIONS_MAX + 2);
            assertThat(told).endsWith("event=dropped count=10;");
        }
    }
}
