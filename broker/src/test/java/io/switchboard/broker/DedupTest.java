package io.switchboard.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.broker.Node.Client;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/// Messages that say by a dedup id that they were sent before.
class DedupTest {
    private static final DedupLimits LIMITS = new DedupLimits(1_000, 3, 1 << 20);

    private final LateJournal journal = new LateJournal();
    private final Node node =
            new Node(
                    3,
                    AccessRules.localOnly(),
                    Policies.DEFAULT,
                    BrokerLimits.DEFAULT.withDedup(LIMITS),
                    journal,
                    Application.NONE);
    private final Client client = node.client(0, "client");
    private final Client reader = node.client(1, "reader");

    DedupTest() {
        reader.subscribe("1", "/topic/a", null);
        reader.subscribe("2", "/queue/a", null);
        node.run();
    }

    private static Message message(String destination, String body, String id) {
        return Client.message(destination, body).with(SendOptions.DEFAULT.withDedupId(id));
    }

    private void send(String destination, String body, String id, String receipt) {
        client.publish(message(destination, body, id), null, receipt);
        node.run();
    }

    private long count(java.util.function.ToLongFunction<Counters> counter) {
        return node.shards.stream().map(Shard::counters).mapToLong(counter).sum();
    }

    @Nested
    class OnATopic {
        @Test
        void aSecondMessageWithTheIdIsConfirmedAndNotDelivered() {
            send("/topic/a", "1", "x", "r1");
            send("/topic/a", "2", "x", "r2");
            send("/topic/a", "3", "y", "r3");
            assertThat(reader.read()).isEqualTo("1:/topic/a=1;1:/topic/a=3;");
            assertThat(client.log).endsWith("completed r1", "completed r2", "completed r3");
            assertThat(count(Counters::duplicates)).isOne();
        }

        @Test
        void anIdIsOneUsersAndOneDestinations() {
            reader.subscribe("3", "/topic/b", null);
            Client other = node.client(2, "other");
            send("/topic/a", "1", "x", null);
            other.publish(message("/topic/a", "2", "x"), null, null);
            send("/topic/b", "3", "x", null);
            node.run();
            assertThat(reader.read()).isEqualTo("1:/topic/a=1;1:/topic/a=2;3:/topic/b=3;");
        }

        @Test
        void allSessionsOfAUserShareTheirs() {
            send("/topic/a", "1", "x", null);
            client.close();
            Client again = node.client(2, "client");
            again.publish(message("/topic/a", "2", "x"), null, "r");
            node.run();
            assertThat(reader.read()).isEqualTo("1:/topic/a=1;");
            assertThat(again.log).endsWith("completed r");
        }

        @Test
        void namesAndIdsCannotBeMistakenForOthers() {
            Client slash = node.client(2, "client/x");
            send("/topic/a", "1", "x/y", null);
            slash.publish(message("/topic/a", "2", "y"), null, null);
            node.run();
            assertThat(reader.read()).isEqualTo("1:/topic/a=1;1:/topic/a=2;");
        }

        @Test
        void anIdIsForgottenAfterATime() {
            send("/topic/a", "1", "x", null);
            node.pass(999);
            send("/topic/a", "2", "x", null);
            node.pass(1);
            send("/topic/a", "3", "x", null);
            assertThat(reader.read()).isEqualTo("1:/topic/a=1;1:/topic/a=3;");
        }

        @Test
        void ofADestinationTheOldestIdsGoWhenThereAreTooMany() {
            for (String id : new String[] {"1", "2", "3", "4"}) {
                send("/topic/a", id, id, null);
            }
            reader.read();
            send("/topic/a", "again 2", "2", null);
            send("/topic/a", "again 1", "1", null);
            assertThat(reader.read()).isEqualTo("1:/topic/a=again 1;");
        }

        @Test
        void nothingIsLeftOfWhatIsForgotten() {
            send("/topic/a", "1", "x", null);
            send("/topic/b", "1", "x", null);
            assertThat(count(Counters::dedupBytes)).isPositive();
            node.pass(2_000);
            assertThat(count(Counters::dedupBytes)).isZero();
        }

        @Test
        void theProgramsApplicationHasNoIds() {
            client.publish(message("/app/a", "1", "x"), null, "r");
            assertThat(client.log.get(client.log.size() - 1)).startsWith("refused");
        }
    }

    @Test
    void allIdsTogetherHoldOnlySoManyBytes() {
        DedupLimits little = new DedupLimits(1_000, 1_000, 2_000);
        Node small =
                new Node(
                        1,
                        AccessRules.localOnly(),
                        Policies.DEFAULT,
                        BrokerLimits.DEFAULT.withDedup(little));
        Client sender = small.client(0, "sender");
        Client listener = small.client(0, "listener");
        listener.subscribe("1", "/topic/**", null);
        for (int i = 0; i < 100; i++) {
            sender.publish(message("/topic/" + i, "x", "x"), null, null);
            small.run();
            assertThat(small.shards.get(0).counters().dedupBytes()).isBetween(1L, 2_000L);
        }
        listener.read();
        sender.publish(message("/topic/0", "0", "x"), null, null);
        sender.publish(message("/topic/99", "99", "x"), null, null);
        small.run();
        assertThat(listener.read()).isEqualTo("1:/topic/0=0;");
    }

    @Nested
    class OnAQueue {
        @Test
        void aSecondMessageIsConfirmedWhenTheFirstIsStored() {
            send("/queue/a", "1", "x", "r1");
            send("/queue/a", "2", "x", "r2");
            assertThat(client.log).doesNotContain("completed r2");
            journal.store(0, node);
            assertThat(client.log).endsWith("completed r1", "completed r2");
            assertThat(reader.read()).isEqualTo("2:/queue/a=1;");
            assertThat(count(Counters::duplicates)).isOne();
        }

        @Test
        void theIdIsStoredWithItsMessage() {
            send("/queue/a", "1", "x", "r1");
            assertThat(journal.waiting).hasSize(1);
            assertThat(journal.waiting.get(0).changes()).hasSize(2);
            journal.store(0, node);
            assertThat(journal.stored).anyMatch(it -> it.startsWith("dedup:/queue/a = "));
        }

        @Test
        void theIdLeavesTheJournalWhenItIsForgotten() {
            send("/queue/a", "1", "x", "r1");
            journal.store(0, node);
            journal.store(0, node);
            node.pass(2_000);
            assertThat(journal.waiting).hasSize(1);
            journal.store(0, node);
            assertThat(journal.stored).isEmpty();
        }

        @Test
        void theIdOfAMessageThatIsNotStoredIsNot() {
            SendOptions options = new SendOptions(false, 4, 0, 0, 0).withDedupId("x");
            client.publish(Client.message("/queue/a", "1").with(options), null, "r1");
            client.publish(Client.message("/queue/a", "2").with(options), null, "r2");
            node.run();
            assertThat(journal.waiting).isEmpty();
            assertThat(reader.read()).isEqualTo("2:/queue/a=1;");
        }

        @Test
        void whenTheFirstFailsTheSecondIsAFirst() {
            send("/queue/a", "1", "x", "r1");
            send("/queue/a", "2", "x", "r2");
            send("/queue/a", "3", "x", "r3");
            journal.fail(0, node);
            assertThat(client.log).endsWith("refused STORE_FULL");
            assertThat(journal.waiting).hasSize(1);
            journal.store(0, node);
            assertThat(client.log).endsWith("completed r2", "completed r3");
            assertThat(reader.read()).isEqualTo("2:/queue/a=2;");
        }

        @Test
        void aDeadLetterIsNobodysDuplicate() {
            client.consume("c", "/queue/b", AckMode.CLIENT_INDIVIDUAL);
            send("/queue/b", "1", "x", null);
            journal.store(0, node);
            client.settle(Settlement.REJECT, "1-1", null, null);
            node.run();
            journal.answerReads(node);
            journal.store(0, node);
            send("/queue/dead-letters", "2", "x", "r");
            journal.store(0, node);
            assertThat(client.log).endsWith("completed r");
            assertThat(journal.stored).contains("/queue/dead-letters 1", "/queue/dead-letters 2");
        }
    }

    @Nested
    class InATransaction {
        private void send(String transaction, String destination, String body, String id) {
            client.publish(message(destination, body, id), transaction, null);
        }

        private void commit(String transaction, String receipt) {
            client.commit(transaction, receipt);
            node.run();
        }

        @Test
        void twoMessagesWithOneIdAreOne() {
            client.begin("t");
            send("t", "/topic/a", "1", "x");
            send("t", "/topic/a", "2", "x");
            send("t", "/topic/a", "3", "y");
            commit("t", "r");
            assertThat(reader.read()).isEqualTo("1:/topic/a=1;1:/topic/a=3;");
            assertThat(client.log).endsWith("completed r");
        }

        @Test
        void aSecondCommitOfTheSameBringsNothing() {
            for (String transaction : new String[] {"t", "u"}) {
                client.begin(transaction);
                send(transaction, "/topic/a", transaction, "x");
                send(transaction, "/queue/a", transaction, "x");
                commit(transaction, "r" + transaction);
                if (!journal.waiting.isEmpty()) {
                    journal.store(0, node);
                }
            }
            assertThat(client.log).endsWith("completed rt", "completed ru");
            assertThat(reader.read())
                    .contains("1:/topic/a=t;", "2:/queue/a=t;")
                    .doesNotContain("=u");
        }

        @Test
        void theIdsAreStoredWithTheCommit() {
            client.begin("t");
            send("t", "/queue/a", "1", "x");
            commit("t", "r");
            assertThat(journal.waiting).hasSize(1);
            assertThat(journal.waiting.get(0).changes()).hasSize(2);
            journal.store(0, node);
            assertThat(journal.stored).anyMatch(it -> it.startsWith("dedup:/queue/a = "));
        }

        @Test
        void whoSendsTheSameOutsideWaitsForTheCommit() {
            client.begin("t");
            send("t", "/queue/a", "1", "x");
            commit("t", "r");
            DedupTest.this.send("/queue/a", "2", "x", "r2");
            assertThat(client.log).doesNotContain("completed r2");
            journal.store(0, node);
            assertThat(client.log).contains("completed r", "completed r2");
            assertThat(reader.read()).isEqualTo("2:/queue/a=1;");
        }

        @Test
        void anIdOfACommitThatFailedIsFree() {
            client.begin("t");
            send("t", "/queue/a", "1", "x");
            send("t", "/topic/a", "1", "x");
            commit("t", "r");
            DedupTest.this.send("/topic/a", "2", "x", "r2");
            journal.fail(0, node);
            assertThat(client.log).contains("refused STORE_FULL", "completed r2");
            DedupTest.this.send("/queue/a", "3", "x", "r3");
            journal.store(0, node);
            assertThat(reader.read()).isEqualTo("1:/topic/a=2;2:/queue/a=3;");
        }

        @Test
        void aCommitDoesNotWaitForTheSameMessageButIsRefused() {
            DedupTest.this.send("/queue/a", "1", "x", "r1");
            client.begin("t");
            send("t", "/queue/a", "2", "x");
            send("t", "/topic/a", "2", "y");
            commit("t", "r");
            assertThat(client.log).endsWith("refused DUPLICATE_UNDER_WAY");
            journal.store(0, node);
            client.begin("t");
            send("t", "/queue/a", "2", "x");
            send("t", "/topic/a", "2", "y");
            commit("t", "r");
            assertThat(client.log).endsWith("completed r");
            assertThat(reader.read()).isEqualTo("2:/queue/a=1;1:/topic/a=2;");
        }

        @Test
        void anAbortedOneHasUsedNoId() {
            client.begin("t");
            send("t", "/topic/a", "1", "x");
            client.abort("t");
            DedupTest.this.send("/topic/a", "2", "x", null);
            assertThat(reader.read()).isEqualTo("1:/topic/a=2;");
        }
    }

    @Nested
    class AfterARestart {
        private void restore(Object... idsAndTimes) {
            Shard shard = node.shards.get(node.shards.get(0).home("dedup:/queue/a"));
            Journal.Restoring restoring = shard.restoring();
            for (int i = 0; i < idsAndTimes.length; i += 2) {
                String at = Long.toString((long) idsAndTimes[i + 1], Character.MAX_RADIX);
                String name = at + " client/" + idsAndTimes[i];
                restoring.value("dedup:/queue/a", name, new byte[0]);
            }
            shard.restored();
        }

        @Test
        void anIdIsKnownAsLongAsItWouldHaveBeen() {
            restore("x", node.nowMillis - 999, "y", node.nowMillis - 1_000);
            send("/queue/a", "1", "x", "r1");
            assertThat(client.log).endsWith("completed r1");
            send("/queue/a", "2", "y", "r2");
            assertThat(client.log).doesNotContain("completed r2");
        }

        @Test
        void whatIsTooOldLeavesTheJournal() {
            journal.stored.add("dedup:/queue/a = " + Long.toString(5, 36) + " client/x");
            restore("x", 5L);
            journal.store(0, node);
            assertThat(journal.stored).noneMatch(it -> it.endsWith("client/x"));
        }

        @Test
        void theOldestGoFirstInWhateverOrderTheyCame() {
            long now = node.nowMillis;
            restore("new", now - 1, "old", now - 3, "older", now - 4, "middle", now - 2);
            send("/queue/a", "1", "old", "r1");
            assertThat(client.log).endsWith("completed r1");
            send("/queue/a", "2", "older", "r2");
            assertThat(client.log).doesNotContain("completed r2");
        }
    }
}
