package io.switchboard.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.broker.Node.Client;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class AdmissionTest {
    private static Node node(int shards, int perShard, long bytesPerShard, int perSession) {
        return new Node(
                shards,
                AccessRules.localOnly(),
                Policies.DEFAULT,
                new BrokerLimits(
                        100,
                        1 << 20,
                        1 << 20,
                        100,
                        100,
                        perShard,
                        bytesPerShard,
                        perSession,
                        1 << 20));
    }

    private static void assertWaiting(Client... clients) {
        for (Client client : clients) {
            assertThat(client.session.parked()).isTrue();
        }
    }

    @Nested
    class PerSession {
        private final Node node = node(2, 100, 1 << 20, 2);
        private final String topic = node.nameAt(1);
        private final Client alice = node.client(0, "alice");

        @Test
        void theNextCommandWaitsUntilOneIsComplete() {
            alice.send(topic, "1", "r1");
            alice.send(topic, "2", "r2");
            assertThat(alice.session.parked()).isFalse();
            alice.send(topic, "3", "r3");
            assertWaiting(alice);
            assertThat(node.inboxes.get(1)).hasSize(2);
            assertThat(node.shards.getFirst().counters().commands()).isEqualTo(2);
            assertThat(node.shards.getFirst().counters().waitsForCredit()).isEqualTo(1);
            node.run();
            assertThat(alice.log)
                    .containsExactly(
                            "connected", "completed r1", "completed r2", "resumed", "completed r3");
            assertThat(node.shards.getFirst().counters().commands()).isZero();
        }

        @Test
        void othersAreNotHeldBack() {
            alice.send(topic, "1");
            alice.send(topic, "2");
            alice.send(topic, "3");
            Client bob = node.client(0, "bob");
            bob.send(topic, "x");
            assertThat(bob.session.parked()).isFalse();
        }

        @Test
        void aCommandLargerThanAllBytesGoesAlone() {
            alice.send(topic, "x".repeat(2 << 20), "large");
            assertThat(alice.session.parked()).isFalse();
            alice.send(topic, "y", "small");
            assertWaiting(alice);
            node.run();
            assertThat(alice.log).endsWith("completed small").contains("completed large");
        }

        @Test
        void aSubscribeWaitsToo() {
            alice.send(topic, "1");
            alice.send(topic, "2");
            alice.subscribe("1", topic, "s");
            assertWaiting(alice);
            node.run();
            assertThat(alice.log).endsWith("completed s");
        }
    }

    @Nested
    class PerTargetShard {
        /// One credit a shard towards each other.
        private final Node node = node(2, 2, 1 << 20, 100);

        private final String there = node.nameAt(1);
        private final Client alice = node.client(0, "alice");
        private final Client bob = node.client(0, "bob");
        private final Client carol = node.client(0, "carol");

        @Test
        void sessionsWaitInLineAndGoOnInOrder() {
            List<String> order = new ArrayList<>();
            for (Client client : List.of(alice, bob, carol)) {
                client.whenResumed = c -> order.add(c.session.principal.name());
            }
            alice.subscribe("1", there, null);
            node.run();
            alice.send(there, "0");
            bob.send(there, "1");
            carol.send(there, "2");
            alice.send(there, "3");
            assertWaiting(bob, carol, alice);
            assertThat(node.inboxes.get(1)).hasSize(1);
            node.run();
            assertThat(order).containsExactly("bob", "carol", "alice");
            assertThat(alice.read())
                    .isEqualTo("1:%1$s=0;1:%1$s=1;1:%1$s=2;1:%1$s=3;".formatted(there));
        }

        @Test
        void whoComesLaterDoesNotOvertakeTheLine() {
            alice.send(there, "0");
            bob.send(there, "1");
            assertWaiting(bob);
            // The credit is free again, but bob has not had his turn yet.
            node.deliverPosts();
            carol.send(there, "2");
            assertWaiting(bob, carol);
            node.run();
            assertThat(bob.session.parked() || carol.session.parked()).isFalse();
        }

        @Test
        void anotherShardIsNotAffected() {
            alice.send(there, "0");
            bob.send(there, "1");
            assertWaiting(bob);
            carol.send(node.nameAt(0), "2", "r");
            assertThat(carol.log).endsWith("completed r");
        }

        @Test
        void closedSessionsInLineAreSkipped() {
            alice.send(there, "0");
            bob.send(there, "1");
            carol.send(there, "2", "r");
            bob.close();
            node.run();
            assertThat(carol.log).containsExactly("connected", "resumed", "completed r");
            assertThat(bob.log).containsExactly("connected");
            assertThat(node.shards.getFirst().counters().messagesIn()).isEqualTo(2);
            alice.close();
            carol.close();
            node.run();
            node.assertEmpty();
        }

        @Test
        void bytesAreBoundedToo() {
            Node tight = node(1, 100, 1_000, 100);
            Client dave = tight.client(0, "dave");
            List<String> order = new ArrayList<>();
            dave.whenResumed = client -> order.add("resumed");
            // One shard completes at once: nobody ever waits, however large.
            dave.send("/topic/a", "x".repeat(5_000), "r1");
            dave.send("/topic/a", "x".repeat(5_000), "r2");
            assertThat(dave.log).endsWith("completed r2");

            tight = node(2, 100, 1_000, 100);
            dave = tight.client(0, "dave");
            Client erin = tight.client(0, "erin");
            String far = tight.nameAt(1);
            dave.send(far, "x".repeat(5_000), "r1");
            erin.send(far, "x".repeat(10), "r2");
            assertWaiting(erin);
            tight.run();
            assertThat(erin.log).contains("completed r2");
        }

        @Test
        void noTwoShardsWaitForEachOther() {
            Client dave = node.client(1, "dave");
            String here = node.nameAt(0);
            alice.subscribe("1", here, null);
            alice.subscribe("2", "/topic/**", null);
            dave.subscribe("1", there, null);
            dave.subscribe("2", "/topic/**", null);
            node.run();
            for (int i = 0; i < 50; i++) {
                // All credits both ways are out, then more ask.
                for (Client client : List.of(alice, bob, carol)) {
                    if (!client.session.parked()) {
                        client.send(there, "x", "r" + i);
                    }
                }
                if (!dave.session.parked()) {
                    dave.send(here, "x", "r" + i);
                }
                if (i % 3 == 0) {
                    node.deliverPost(i % 2);
                }
            }
            node.run();
            for (Client client : List.of(alice, bob, carol, dave)) {
                assertThat(client.session.parked()).isFalse();
                client.close();
            }
            node.run();
            node.assertEmpty();
        }
    }
}
