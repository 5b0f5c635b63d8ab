package io.switchboard.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.broker.Node.Client;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class FanOutTest {
    @Nested
    class OneShard {
        private final Node node = new Node(1);
        private final Client alice = node.client(0, "alice");
        private final Client bob = node.client(0, "bob");

        @Test
        void nothingLeavesBeforeTheTurnEnds() {
            alice.subscribe("1", "/topic/a", null);
            bob.send("/topic/a", "x");
            node.deliverPosts();
            assertThat(alice.read()).isEmpty();
            assertThat(alice.session.bytesWaiting()).isEqualTo("1:/topic/a=x;".length());
            node.endTurn(0);
            assertThat(alice.read()).isEqualTo("1:/topic/a=x;");
            assertThat(alice.session.bytesWaiting()).isZero();
        }

        @Test
        void aTurnsMessagesToOneDestinationAreOneWriteAndOneFlush() {
            alice.subscribe("1", "/topic/a", null);
            bob.send("/topic/a", "x");
            bob.send("/topic/a", "y");
            bob.send("/topic/a", "z");
            node.run();
            assertThat(alice.writes).isEqualTo(1);
            assertThat(alice.flushes).isEqualTo(1);
            assertThat(alice.read()).isEqualTo("1:/topic/a=x;1:/topic/a=y;1:/topic/a=z;");
        }

        @Test
        void severalDestinationsReachAConnectionInTheirExactOrder() {
            alice.subscribe("1", "/topic/a", null);
            alice.subscribe("2", "/topic/b", null);
            bob.send("/topic/a", "1");
            bob.send("/topic/b", "2");
            bob.send("/topic/b", "3");
            bob.send("/topic/a", "4");
            node.run();
            assertThat(alice.read())
                    .isEqualTo("1:/topic/a=1;2:/topic/b=2;2:/topic/b=3;1:/topic/a=4;");
            assertThat(alice.flushes).isEqualTo(1);
        }

        @Test
        void eachSubscriptionOfASessionGetsItsOwnCopy() {
            alice.subscribe("1", "/topic/a", null);
            alice.subscribe("2", "/topic/a", null);
            alice.subscribe("3", "/topic/*", null);
            bob.send("/topic/a", "x");
            node.run();
            assertThat(alice.read()).isEqualTo("1:/topic/a=x;2:/topic/a=x;3:/topic/a=x;");
        }

        @Test
        void whoSendsGetsItTooIfSubscribedBeforeTheReceipt() {
            alice.subscribe("1", "/topic/a", "s");
            alice.send("/topic/a", "x", "r");
            node.run();
            assertThat(alice.read()).isEqualTo("receipt s;1:/topic/a=x;receipt r;");
        }

        @Test
        void aMessageLargerThanABatchArrivesWhole() {
            alice.subscribe("1", "/topic/a", null);
            String large = "x".repeat(200_000);
            bob.send("/topic/a", "small");
            bob.send("/topic/a", large);
            bob.send("/topic/a", "small");
            node.run();
            assertThat(alice.read())
                    .isEqualTo("1:/topic/a=small;1:/topic/a=" + large + ";1:/topic/a=small;");
        }

        @Test
        void theSocketIsAskedAgainWhenItIsWritable() {
            alice.subscribe("1", "/topic/a", null);
            alice.stopReading();
            bob.send("/topic/a", "x");
            node.run();
            bob.send("/topic/a", "y");
            node.run();
            assertThat(alice.read()).isEmpty();
            alice.readAgain();
            node.run();
            assertThat(alice.read()).isEqualTo("1:/topic/a=x;1:/topic/a=y;");
        }
    }

    @Nested
    class EncodeOnce {
        @Test
        void perWireFormAndShardHoweverManySubscribers() {
            Node node = new Node(2);
            AtomicInteger encodings = new AtomicInteger();
            for (int i = 0; i < 20; i++) {
                Client client = node.client(i % 2, "user" + i);
                client.subscribe(new TextForm("same", encodings), "/topic/a", null);
            }
            Client other = node.client(0, "other");
            other.subscribe(new TextForm("other", encodings), "/topic/a", null);
            node.run();
            other.send("/topic/a", "x");
            node.run();
            assertThat(encodings).as("two on shard 0, one on shard 1").hasValue(3);
            assertThat(node.slabs.allocated).isEqualTo(3);
        }

        @Test
        void allSubscriptionIdsKeepWorkingWhenThereAreMany() {
            Node node = new Node(1);
            Client alice = node.client(0, "alice");
            for (int i = 0; i < 30; i++) {
                alice.subscribe("s" + i, "/topic/a", null);
            }
            for (int i = 0; i < 30; i += 2) {
                alice.unsubscribe("s" + i, null);
            }
            alice.send("/topic/a", "x");
            node.run();
            StringBuilder expected = new StringBuilder();
            for (int i = 1; i < 30; i += 2) {
                expected.append("s").append(i).append(":/topic/a=x;");
            }
            assertThat(alice.read()).isEqualTo(expected.toString());
        }
    }

    @Nested
    class Reform {
        @Test
        void changesTheFormFromTheNextMessageOnAndKeepsTheOrder() {
            Node node = new Node(1);
            Client alice = node.client(0, "alice");
            Client bob = node.client(0, "bob");
            alice.subscribe("text", "/topic/a", null);
            alice.subscribe("text2", "/topic/*", null);
            bob.subscribe("text", "/topic/a", null);
            bob.send("/topic/a", "1");
            alice.shard.reform(alice.session, form -> new TextForm("B" + ((TextForm) form).id()));
            bob.send("/topic/a", "2");
            node.run();
            assertThat(alice.read())
                    .isEqualTo(
                            "text:/topic/a=1;text2:/topic/a=1;"
                                    + "Btext:/topic/a=2;Btext2:/topic/a=2;");
            assertThat(bob.read()).isEqualTo("text:/topic/a=1;text:/topic/a=2;");
            alice.close();
            bob.close();
            node.run();
            node.assertEmpty();
        }
    }

    @Nested
    class SeveralShards {
        private final Node node = new Node(3);

        @Test
        void allSeeTheOrderOfTheHomeShard() {
            String topic = node.nameAt(1);
            Client alice = node.client(0, "alice");
            Client bob = node.client(1, "bob");
            Client carol = node.client(2, "carol");
            for (Client client : new Client[] {alice, bob, carol}) {
                client.subscribe("1", topic, null);
            }
            node.run();
            carol.send(topic, "c");
            alice.send(topic, "a");
            bob.send(topic, "b");
            node.run();
            String order = bob.read();
            // Bob sits at home, so his comes first; then the inbox decides.
            assertThat(order).isEqualTo("1:%1$s=b;1:%1$s=c;1:%1$s=a;".formatted(topic));
            assertThat(alice.read()).isEqualTo(order);
            assertThat(carol.read()).isEqualTo(order);
        }

        @Test
        void aShardWithoutSubscribersHearsNothing() {
            String topic = node.nameAt(0);
            Client alice = node.client(1, "alice");
            alice.subscribe("1", topic, null);
            node.run();
            node.client(0, "bob").send(topic, "x");
            assertThat(node.inboxes.get(1)).hasSize(1);
            assertThat(node.inboxes.get(2)).isEmpty();
        }

        @Test
        void patternsWorkAcrossShards() {
            Client alice = node.client(0, "alice");
            alice.subscribe("p", "/topic/*", "active");
            node.run();
            assertThat(alice.read()).isEqualTo("receipt active;");
            StringBuilder expected = new StringBuilder();
            Client bob = node.client(1, "bob");
            for (int shard = 0; shard < 3; shard++) {
                bob.send(node.nameAt(shard), "x");
                node.run();
                expected.append("p:").append(node.nameAt(shard)).append("=x;");
            }
            assertThat(alice.read()).isEqualTo(expected.toString());
            alice.unsubscribe("p", "gone");
            node.run();
            bob.send(node.nameAt(2), "y");
            node.run();
            assertThat(alice.read()).isEqualTo("receipt gone;");
        }

        @Test
        void aPatternThatComesLaterJoinsATopicThatIsThere() {
            String topic = node.nameAt(2);
            Client alice = node.client(0, "alice");
            Client bob = node.client(1, "bob");
            alice.subscribe("1", topic, null);
            node.run();
            alice.send(topic, "1");
            node.run();
            bob.subscribe("p", "/topic/**", null);
            node.run();
            alice.send(topic, "2");
            node.run();
            bob.unsubscribe("p", null);
            node.run();
            alice.send(topic, "3");
            node.run();
            assertThat(bob.read()).isEqualTo("p:" + topic + "=2;");
            assertThat(alice.read()).isEqualTo("1:%1$s=1;1:%1$s=2;1:%1$s=3;".formatted(topic));
        }
    }

    @Nested
    class Topics {
        /// The place in the order, as the id tells it.
        private record IdForm() implements WireForm {
            @Override
            public int lengthMax(Message message, Handover handover) {
                return 100;
            }

            @Override
            public void encode(Message message, Handover handover, java.nio.ByteBuffer out) {
                out.put((message.id() + ";").getBytes(java.nio.charset.StandardCharsets.UTF_8));
            }
        }

        private final Node node = new Node(1);
        private final Client alice = node.client(0, "alice");

        private void subscribe() {
            alice.shard.handle(
                    new Command.Subscribe(
                            alice.session,
                            "1",
                            "/topic/a",
                            new IdForm(),
                            SubscribeOptions.DEFAULT,
                            null));
        }

        @Test
        void areForgottenWithTheirLastSubscriberAndComeBackWithANewEpochAndNoLowerSequence() {
            subscribe();
            alice.send("/topic/a", "x");
            alice.send("/topic/a", "x");
            alice.unsubscribe("1", null);
            node.run();
            assertThat(alice.read()).isEqualTo("3-1;3-2;");
            assertThat(node.shards.getFirst().counters().topics()).isZero();
            subscribe();
            alice.send("/topic/a", "x");
            node.run();
            assertThat(alice.read()).isEqualTo("4-3;");
        }

        @Test
        void withoutASubscriberOfTheirOwnShareAnOrder() {
            alice.shard.handle(
                    new Command.Subscribe(
                            alice.session,
                            "1",
                            "/topic/*",
                            new IdForm(),
                            SubscribeOptions.DEFAULT,
                            null));
            alice.send("/topic/a", "x");
            alice.send("/topic/b", "x");
            node.run();
            assertThat(alice.read()).isEqualTo("1-1;1-2;");
            assertThat(node.shards.getFirst().counters().topics()).isZero();
        }
    }

    @Nested
    class UserTopics {
        private final Node node = new Node(2);
        private final Client alice = node.client(0, "alice");
        private final Client elsewhere = node.client(1, "alice");
        private final Client bob = node.client(0, "bob");

        @Test
        void allSessionsOfTheUserGetThem() {
            alice.subscribe("1", "/user/topic/x", null);
            elsewhere.subscribe("1", "/user/topic/x", null);
            bob.subscribe("1", "/user/topic/x", null);
            node.run();
            bob.send("/user/alice/topic/x", "hello");
            node.run();
            assertThat(alice.read()).isEqualTo("1:/user/alice/topic/x=hello;");
            assertThat(elsewhere.read()).isEqualTo("1:/user/alice/topic/x=hello;");
            assertThat(bob.read()).isEmpty();
        }

        @Test
        void patternsOfOthersDoNotReachThem() {
            bob.subscribe("1", "/topic/**", null);
            bob.subscribe("2", "/user/topic/**", null);
            node.run();
            alice.send("/user/alice/topic/x", "secret");
            node.run();
            assertThat(bob.read()).isEmpty();
        }

        @Test
        void everySpellingOfAUsersNameIsTheSameDestination() {
            alice.subscribe("1", "/user/topic/x", null);
            node.run();
            bob.send("/user/%61lice/topic/x", "1");
            node.run();
            assertThat(alice.read()).isEqualTo("1:/user/alice/topic/x=1;");
        }
    }
}
