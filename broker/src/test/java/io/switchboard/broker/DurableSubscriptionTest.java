package io.switchboard.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.broker.Node.Client;
import java.util.function.ToLongFunction;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/// Subscriptions that outlive their connections.
class DurableSubscriptionTest {
    private Node node = new Node(3);
    private Client publisher = node.client(0, "publisher");

    private Client connect(int shard, String user, String clientId) {
        Client client = node.client(shard);
        Principal principal = Principal.of(user, true, "127.0.0.1");
        client.shard.handle(new Command.Connect(client.session, principal, clientId));
        node.run();
        return client;
    }

    private void subscribe(Client client, String destination, AckMode ack, String selector) {
        SubscribeOptions options = SubscribeOptions.DEFAULT.withAck(ack).withDurable("news");
        client.subscribe(
                new TextForm("s"),
                destination,
                selector == null ? options : options.withSelector(selector),
                "subscribed");
        node.run();
    }

    private Client subscriber(int shard, String destination, AckMode ack) {
        Client client = connect(shard, "alice", "laptop");
        subscribe(client, destination, ack, null);
        return client;
    }

    private void send(String destination, String... bodies) {
        for (String body : bodies) {
            publisher.send(destination, body);
        }
        node.run();
    }

    /// What reached the socket, but for the receipts of SUBSCRIBE.
    private static String read(Client client) {
        return client.read().replaceAll("receipt subscribed( false)?;", "");
    }

    private long sum(ToLongFunction<Counters> counter) {
        return node.shards.stream().map(Shard::counters).mapToLong(counter).sum();
    }

    private void end(Client client, String name) {
        client.shard.handle(new Command.Unsubscribe(client.session, "s", name, "ended"));
        node.run();
    }

    @Test
    void whatIsPublishedWhileItsClientIsAwayWaitsInOrder() {
        Client client = subscriber(1, "/topic/a", AckMode.AUTO);
        assertThat(client.log).endsWith("completed subscribed");
        send("/topic/a", "1");
        assertThat(read(client)).isEqualTo("s:/topic/a=1;");
        client.close();
        send("/topic/a", "2", "3");
        send("/topic/b", "other");
        Client again = subscriber(2, "/topic/a", AckMode.AUTO);
        assertThat(read(again)).isEqualTo("s:/topic/a=2;s:/topic/a=3;");
        send("/topic/a", "4");
        assertThat(read(again)).isEqualTo("s:/topic/a=4;");
    }

    @Test
    void whatWasNotAcknowledgedComesAgain() {
        Client client = subscriber(1, "/topic/a", AckMode.CLIENT_INDIVIDUAL);
        send("/topic/a", "1", "2", "3");
        assertThat(read(client))
                .isEqualTo("s:/topic/a=1 ack 1-1;s:/topic/a=2 ack 1-2;s:/topic/a=3 ack 1-3;");
        client.ack("1-2");
        node.run();
        client.close();
        send("/topic/a", "4");
        Client again = subscriber(2, "/topic/a", AckMode.CLIENT_INDIVIDUAL);
        assertThat(read(again))
                .isEqualTo(
                        "s:/topic/a=1 ack 1-1 again 2;s:/topic/a=3 ack 1-2 again 2;"
                                + "s:/topic/a=4 ack 1-3;");
    }

    @Test
    void itsMessagesHaveTheIdsOfTheirTopic() {
        Client live = node.client(2, "live");
        live.subscribe(
                new TextForm("l"),
                "/topic/a",
                SubscribeOptions.DEFAULT.withAck(AckMode.CLIENT),
                null);
        Client client = subscriber(1, "/topic/a", AckMode.CLIENT);
        send("/topic/a", "1");
        assertThat(client.lastMessageId).isNotEmpty().isEqualTo(live.lastMessageId);
        client.shard.handle(
                new Command.Settle(
                        client.session,
                        Settlement.ACCEPT,
                        Delivered.byMessage(client.lastMessageId, "s"),
                        null,
                        "acked"));
        node.run();
        assertThat(client.log).endsWith("completed acked");
    }

    @Test
    void aPatternKeepsTheOrderOfEachTopic() {
        Client client = subscriber(1, "/topic/*", AckMode.AUTO);
        client.close();
        for (int i = 0; i < 9; i++) {
            send("/topic/" + i % 3, "" + i);
        }
        Client again = subscriber(2, "/topic/*", AckMode.AUTO);
        assertThat(read(again))
                .containsSubsequence("/topic/0=0;", "/topic/0=3;", "/topic/0=6;")
                .containsSubsequence("/topic/1=1;", "/topic/1=4;", "/topic/1=7;")
                .containsSubsequence("/topic/2=2;", "/topic/2=5;", "/topic/2=8;");
    }

    @Test
    void aSelectorHoldsAlsoWhileItsClientIsAway() {
        Client client = connect(1, "alice", "laptop");
        subscribe(client, "/topic/a", AckMode.AUTO, "colour = 'red'");
        client.close();
        for (String colour : new String[] {"red", "blue", "red"}) {
            publisher.publish(
                    Client.message("/topic/a", colour).with(Headers.of("colour", colour)),
                    null,
                    null);
        }
        node.run();
        assertThat(sum(Counters::queued)).isEqualTo(2);
        Client again = connect(1, "alice", "laptop");
        subscribe(again, "/topic/a", AckMode.AUTO, "colour = 'red'");
        assertThat(read(again)).isEqualTo("s:/topic/a=red;s:/topic/a=red;");
    }

    @Test
    void anotherDestinationOrSelectorBeginsANewSubscription() {
        subscriber(1, "/topic/a", AckMode.AUTO).close();
        send("/topic/a", "1");
        subscriber(1, "/topic/b", AckMode.AUTO).close();
        send("/topic/a", "2");
        send("/topic/b", "3");
        Client client = subscriber(1, "/topic/b", AckMode.AUTO);
        assertThat(read(client)).isEqualTo("s:/topic/b=3;");
        client.close();
        send("/topic/b", "4");
        Client choosy = connect(1, "alice", "laptop");
        subscribe(choosy, "/topic/b", AckMode.AUTO, "TRUE");
        assertThat(read(choosy)).isEmpty();
        assertThat(sum(Counters::durableSubscriptions)).isOne();
        assertThat(sum(Counters::queued)).isZero();
    }

    @Test
    void anUnsubscribeAloneLeavesItThere() {
        Client client = subscriber(1, "/topic/a", AckMode.AUTO);
        client.unsubscribe("s", null);
        send("/topic/a", "1");
        client.read();
        subscribe(client, "/topic/a", AckMode.AUTO, null);
        assertThat(read(client)).isEqualTo("s:/topic/a=1;");
    }

    @Test
    void itEndsForGoodWhenItsClientSaysSo() {
        Client client = subscriber(1, "/topic/a", AckMode.AUTO);
        client.stopReading();
        send("/topic/a", "1", "2");
        end(client, "news");
        assertThat(client.log).endsWith("completed ended");
        assertThat(sum(Counters::durableSubscriptions)).isZero();
        send("/topic/a", "3");
        assertThat(sum(Counters::queued)).isZero();
        end(client, "news");
        assertThat(client.log).endsWith("refused UNKNOWN_SUBSCRIPTION");
        client.close();
        publisher.close();
        node.run();
        node.assertEmpty();
    }

    @Test
    void whoLostTheRightGetsNothingOfWhatWaits() {
        boolean[] allowed = {true};
        AccessRules rules =
                (principal, action, destination, answer) ->
                        allowed[0]
                                        || action != AccessRules.Action.SUBSCRIBE
                                        || !destination.equals("/topic/a")
                                ? AccessRules.Decision.ALLOWED
                                : new AccessRules.Decision.Denied("not yours");
        node = new Node(3, rules, Policies.DEFAULT, BrokerLimits.DEFAULT);
        publisher = node.client(0, "publisher");
        Client client = subscriber(1, "/topic/a", AckMode.AUTO);
        allowed[0] = false;
        client.shard.rulesChanged();
        node.run();
        send("/topic/a", "1");
        assertThat(read(client)).isEmpty();
        Client again = subscriber(1, "/topic/a", AckMode.AUTO);
        assertThat(again.log).endsWith("refused ACCESS_DENIED");
        assertThat(read(again)).isEmpty();
        allowed[0] = true;
        subscribe(again, "/topic/a", AckMode.AUTO, null);
        send("/topic/a", "2");
        assertThat(read(again)).isEqualTo("s:/topic/a=2;");
    }

    @Test
    void queuesAreNotSubscribedToDurably() {
        Client client = connect(1, "alice", "laptop");
        subscribe(client, "/queue/a", AckMode.AUTO, null);
        assertThat(client.log).endsWith("refused UNSUPPORTED");
    }

    @Test
    void aTransactionBringsItsMessagesToo() {
        subscriber(1, "/topic/a", AckMode.AUTO).close();
        publisher.begin("t");
        publisher.publish(Client.message("/topic/a", "1"), "t", null);
        publisher.publish(Client.message("/topic/a", "2"), "t", null);
        publisher.commit("t", "r");
        node.run();
        assertThat(publisher.log).endsWith("completed r");
        assertThat(read(subscriber(1, "/topic/a", AckMode.AUTO)))
                .isEqualTo("s:/topic/a=1;s:/topic/a=2;");
    }

    @Test
    void whatIsRejectedTooOftenGoesToTheDeadLetters() {
        Client client = subscriber(1, "/topic/a", AckMode.CLIENT_INDIVIDUAL);
        Client undertaker = node.client(2, "undertaker");
        undertaker.subscribe("d", "/queue/dead-letters", null);
        send("/topic/a", "1");
        client.settle(Settlement.REJECT, "1-1", null, null);
        node.run();
        assertThat(read(undertaker)).isEqualTo("d:/queue/dead-letters=1;");
    }

    @Nested
    class Clients {
        @Test
        void theSecondWithOneIdTakesOver() {
            Client first = subscriber(1, "/topic/a", AckMode.CLIENT_INDIVIDUAL);
            send("/topic/a", "1");
            Client second = subscriber(2, "/topic/a", AckMode.CLIENT_INDIVIDUAL);
            assertThat(first.log).endsWith("ended TAKEN_OVER", "drained");
            assertThat(read(second)).isEqualTo("s:/topic/a=1 ack 1-1 again 2;");
            send("/topic/a", "2");
            assertThat(read(second)).isEqualTo("s:/topic/a=2 ack 1-2;");
        }

        @Test
        void otherUsersHaveTheirOwnIds() {
            Client alice = subscriber(1, "/topic/a", AckMode.AUTO);
            Client bob = connect(2, "bob", "laptop");
            subscribe(bob, "/topic/b", AckMode.AUTO, null);
            assertThat(alice.log).doesNotContain("ended TAKEN_OVER");
            send("/topic/a", "1");
            send("/topic/b", "2");
            assertThat(read(alice)).isEqualTo("s:/topic/a=1;");
            assertThat(read(bob)).isEqualTo("s:/topic/b=2;");
            assertThat(sum(Counters::durableSubscriptions)).isEqualTo(2);
        }

        @Test
        void whoHasLeftIsNotTakenOver() {
            Client first = connect(1, "alice", "laptop");
            first.close();
            node.run();
            Client second = connect(1, "alice", "laptop");
            second.leave(null);
            node.run();
            connect(0, "alice", "laptop");
            assertThat(second.log).endsWith("left", "drained");
        }

        @Test
        void withoutAnIdTheNextOneWaitsInLine() {
            Client first = connect(1, "alice", null);
            subscribe(first, "/topic/a", AckMode.AUTO, null);
            Client second = connect(2, "alice", null);
            subscribe(second, "/topic/a", AckMode.AUTO, null);
            send("/topic/a", "1");
            assertThat(read(first)).isEqualTo("s:/topic/a=1;");
            first.close();
            send("/topic/a", "2");
            assertThat(read(second)).isEqualTo("s:/topic/a=2;");
        }

        @Test
        void aConsumerThatGoesWhileItsSubscriptionIsBeingMadeHoldsNobodyUp() {
            Client first = connect(1, "alice", "laptop");
            first.subscribe(
                    new TextForm("s"),
                    "/topic/*",
                    SubscribeOptions.DEFAULT.withDurable("news"),
                    null);
            first.close();
            node.run();
            send("/topic/a", "1");
            assertThat(read(subscriber(1, "/topic/*", AckMode.AUTO))).isEqualTo("s:/topic/a=1;");
        }
    }

    @Nested
    class Bounds {
        private void bounded(Policies policies, BrokerLimits limits) {
            node = new Node(1, AccessRules.localOnly(), policies, limits);
            publisher = node.client(0, "publisher");
        }

        @Test
        void pastItsLengthTheOldestGo() {
            Policies two =
                    Policies.DEFAULT.with("/topic/**", Policies.Policy.DEFAULT.withMaxLength(2));
            bounded(two, BrokerLimits.DEFAULT);
            subscriber(0, "/topic/a", AckMode.AUTO).close();
            send("/topic/a", "1", "2", "3", "4");
            assertThat(sum(Counters::durableDropped)).isEqualTo(2);
            assertThat(read(subscriber(0, "/topic/a", AckMode.AUTO)))
                    .isEqualTo("s:/topic/a=3;s:/topic/a=4;");
        }

        private void ofTwo() {
            bounded(
                    Policies.DEFAULT.with("/topic/**", it -> it.withMaxLength(2)),
                    BrokerLimits.DEFAULT);
        }

        @Test
        void whoComesBackHearsThatTheOldestWent() {
            ofTwo();
            subscriber(0, "/topic/a", AckMode.AUTO).close();
            send("/topic/a", "1", "2", "3");
            Client again = subscriber(0, "/topic/a", AckMode.AUTO);
            assertThat(again.log).contains("replayed subscribed false");
            again.close();
            Client third = subscriber(0, "/topic/a", AckMode.AUTO);
            assertThat(third.log).contains("completed subscribed");
        }

        @Test
        void whoDoesNotAskForAReceiptHasNotHeardOfIt() {
            ofTwo();
            subscriber(0, "/topic/a", AckMode.AUTO).close();
            send("/topic/a", "1", "2", "3");
            Client silent = connect(0, "alice", "laptop");
            SubscribeOptions options = SubscribeOptions.DEFAULT.withDurable("news");
            silent.subscribe(new TextForm("s"), "/topic/a", options, null);
            node.run();
            assertThat(subscriber(0, "/topic/a", AckMode.AUTO).log)
                    .contains("replayed subscribed false");
        }

        /// Of six the first is in its hands, and the last two wait.
        @Test
        void whoIsThereHearsOfItOnItsEvents() {
            ofTwo();
            Client client = connect(0, "alice", "laptop");
            client.subscribe("events", "/session/events", null);
            SubscribeOptions one =
                    new SubscribeOptions(AckMode.CLIENT, 1, 1_000, false, false, null);
            client.subscribe(new TextForm("s"), "/topic/a", one.withDurable("news"), null);
            node.run();
            send("/topic/a", "1", "2", "3", "4", "5", "6");
            assertThat(sum(Counters::durableDropped)).isEqualTo(3);
            assertThat(client.read()).contains("events:/session/events=;");
        }

        @Test
        void pastTheMemoryOfAllQueuesTheOldestGo() {
            QueueLimits little = new QueueLimits(2_000, 100, 100, 2_000, 2, 3, 1_000);
            bounded(Policies.DEFAULT, BrokerLimits.DEFAULT.withQueues(little));
            subscriber(0, "/topic/a", AckMode.AUTO).close();
            send("/topic/a", "1".repeat(700), "2".repeat(700), "3".repeat(700), "x".repeat(3_000));
            assertThat(sum(Counters::queueBytes)).isLessThanOrEqualTo(2_000);
            assertThat(sum(Counters::durableDropped)).isEqualTo(4);
            send("/topic/a", "5");
            assertThat(read(subscriber(0, "/topic/a", AckMode.AUTO))).isEqualTo("s:/topic/a=5;");
        }

        @Test
        void whatIsTooOldGoes() {
            Policies brief =
                    Policies.DEFAULT.with("/topic/**", Policies.Policy.DEFAULT.withTtl(1_000));
            bounded(brief, BrokerLimits.DEFAULT);
            subscriber(0, "/topic/a", AckMode.AUTO).close();
            send("/topic/a", "1");
            node.pass(1_000);
            assertThat(sum(Counters::queued)).isZero();
        }

        @Test
        void aUserHasOnlySoMany() {
            bounded(Policies.DEFAULT, BrokerLimits.DEFAULT.withDurable(new DurableLimits(2, 1)));
            subscriber(0, "/topic/a", AckMode.AUTO).close();
            Client other = connect(0, "alice", "phone");
            subscribe(other, "/topic/a", AckMode.AUTO, null);
            assertThat(other.log).endsWith("refused TOO_MANY_DURABLE");
            Client bob = connect(0, "bob", "phone");
            subscribe(bob, "/topic/a", AckMode.AUTO, null);
            assertThat(bob.log).endsWith("completed subscribed");
            Client carol = connect(0, "carol", "phone");
            subscribe(carol, "/topic/a", AckMode.AUTO, null);
            assertThat(carol.log).endsWith("refused TOO_MANY_DURABLE");
            end(bob, "news");
            subscribe(carol, "/topic/a", AckMode.AUTO, null);
            assertThat(carol.log).endsWith("completed subscribed");
        }
    }

    @Nested
    class WithAJournal {
        private final LateJournal journal = new LateJournal();
        private Policies policies = Policies.DEFAULT;

        WithAJournal() {
            start();
        }

        private void start() {
            journal.incarnation++;
            node =
                    new Node(
                            3,
                            AccessRules.localOnly(),
                            policies,
                            BrokerLimits.DEFAULT,
                            journal,
                            Application.NONE);
            publisher = node.client(0, "publisher");
        }

        private void storeAll() {
            while (!journal.waiting.isEmpty()) {
                journal.store(0, node);
            }
        }

        private void restart() {
            journal.waiting.clear();
            start();
            journal.restore(node);
            node.run();
        }

        private Client subscribed(AckMode ack) {
            Client client = subscriber(1, "/topic/a", ack);
            storeAll();
            journal.answerReads(node);
            return client;
        }

        @Test
        void aSubscriptionIsMadeWhenItIsStored() {
            Client client = subscriber(1, "/topic/a", AckMode.AUTO);
            assertThat(client.log).doesNotContain("completed subscribed");
            journal.fail(0, node);
            assertThat(client.log).endsWith("refused STORE_FULL");
            subscribe(client, "/topic/a", AckMode.AUTO, null);
            journal.store(0, node);
            assertThat(client.log).endsWith("completed subscribed");
        }

        @Test
        void nobodyHasTheMessageBeforeTheCopiesAreStored() {
            Client live = node.client(2, "live");
            live.subscribe("l", "/topic/a", null);
            Client client = subscribed(AckMode.AUTO);
            client.read();
            publisher.send("/topic/a", "1", "r");
            publisher.send("/topic/a", "2", "s");
            node.run();
            assertThat(read(live)).isEmpty();
            assertThat(read(client)).isEmpty();
            journal.store(1, node);
            assertThat(read(live)).isEmpty();
            journal.fail(0, node);
            assertThat(publisher.log).contains("refused STORE_FULL", "completed s");
            assertThat(read(live)).isEqualTo("l:/topic/a=2;");
            assertThat(read(client)).isEqualTo("s:/topic/a=2;");
        }

        @Test
        void aTransactionIsOneBatchWithItsCopies() {
            subscribed(AckMode.AUTO);
            publisher.begin("t");
            publisher.publish(Client.message("/topic/a", "1"), "t", null);
            publisher.publish(Client.message("/queue/a", "2"), "t", null);
            publisher.commit("t", "r");
            node.run();
            assertThat(journal.waiting).hasSize(1);
            assertThat(journal.waiting.get(0).changes()).hasSize(2);
        }

        @Test
        void itAndWhatWaitsForItOutliveTheServer() {
            Client client = subscribed(AckMode.CLIENT_INDIVIDUAL);
            send("/topic/a", "1", "2", "3");
            storeAll();
            client.ack("1-2");
            node.run();
            storeAll();
            restart();
            assertThat(sum(Counters::durableSubscriptions)).isOne();
            send("/topic/a", "4");
            storeAll();
            Client again = subscribed(AckMode.CLIENT_INDIVIDUAL);
            assertThat(read(again))
                    .contains(
                            "s:/topic/a=1 ack 1-1", "s:/topic/a=3 ack 1-2", "s:/topic/a=4 ack 1-3")
                    .doesNotContain("=2");
            for (String ack : new String[] {"1-1", "1-2", "1-3"}) {
                again.ack(ack);
            }
            node.run();
            storeAll();
            restart();
            assertThat(read(subscribed(AckMode.AUTO))).isEmpty();
        }

        @Test
        void whatIsNotPersistentIsKeptWithoutTheJournal() {
            subscribed(AckMode.AUTO).close();
            publisher.publish(
                    Client.message("/topic/a", "1").with(new SendOptions(false, 4, 0, 0, 0)),
                    null,
                    "r");
            node.run();
            assertThat(journal.waiting).isEmpty();
            assertThat(publisher.log).endsWith("completed r");
            assertThat(read(subscribed(AckMode.AUTO))).isEqualTo("s:/topic/a=1;");
        }

        @Test
        void nothingIsLeftOfOneThatEnded() {
            Client client = subscribed(AckMode.CLIENT);
            send("/topic/a", "1", "2");
            storeAll();
            end(client, "news");
            storeAll();
            assertThat(client.log).endsWith("completed ended");
            assertThat(journal.stored).isEmpty();
            restart();
            assertThat(sum(Counters::durableSubscriptions)).isZero();
        }

        @Test
        void howeverMuchWaitsItIsRemovedInOneWrite() {
            Client client = subscribed(AckMode.CLIENT);
            client.close();
            send("/topic/a", "1", "2", "3", "4", "5", "6", "7", "8");
            storeAll();
            Client again = connect(1, "alice", "laptop");
            end(again, "news");
            journal.store(0, node);
            assertThat(again.log).endsWith("completed ended");
            assertThat(journal.waiting).hasSize(1);
            assertThat(journal.waiting.get(0).changes()).hasSize(1);
            assertThat(sum(Counters::queued)).isEqualTo(8);
            storeAll();
            assertThat(sum(Counters::queued)).isZero();
            assertThat(sum(Counters::queueBytes)).isZero();
            assertThat(journal.stored).isEmpty();
        }

        @Test
        void ifThatFailsTheNextStartRemovesItInOneWrite() {
            Client client = subscribed(AckMode.CLIENT);
            client.close();
            send("/topic/a", "1", "2", "3");
            storeAll();
            end(connect(1, "alice", "laptop"), "news");
            journal.store(0, node);
            journal.fail(0, node);
            assertThat(sum(Counters::queued)).isZero();
            assertThat(journal.stored).hasSize(3);
            restart();
            assertThat(journal.waiting).hasSize(1);
            assertThat(journal.waiting.get(0).changes()).hasSize(1);
            storeAll();
            assertThat(journal.stored).isEmpty();
        }

        /// Both were sent while nobody was there; the first is stored, and nothing else yet.
        private void dropTheFirstForTheSecond() {
            policies = Policies.DEFAULT.with("/topic/**", it -> it.withMaxLength(1));
            start();
            subscribed(AckMode.AUTO).close();
            send("/topic/a", "1");
            storeAll();
            send("/topic/a", "2");
        }

        @Test
        void thatSomethingWasDroppedIsKnownAfterARestart() {
            policies = Policies.DEFAULT.with("/topic/**", it -> it.withMaxLength(2));
            start();
            subscribed(AckMode.AUTO).close();
            send("/topic/a", "1", "2", "3", "4");
            storeAll();
            restart();
            assertThat(subscribed(AckMode.AUTO).log).contains("replayed subscribed false");
            storeAll();
            restart();
            assertThat(subscribed(AckMode.AUTO).log).contains("completed subscribed");
            end(connect(1, "alice", "laptop"), "news");
            storeAll();
            assertThat(journal.stored).isEmpty();
        }

        @Test
        void thatSomethingWasDroppedIsForgottenAlsoIfItWasWhileTheEndWasStored() {
            dropTheFirstForTheSecond();
            Client client = connect(1, "alice", "laptop");
            end(client, "news");
            storeAll();
            assertThat(client.log).endsWith("completed ended");
            assertThat(sum(Counters::durableDropped)).isOne();
            assertThat(journal.stored).isEmpty();
        }

        @Test
        void nothingIsDroppedWhereThatCannotBeRemembered() {
            dropTheFirstForTheSecond();
            journal.store(0, node);
            Client client = subscriber(1, "/topic/a", AckMode.CLIENT);
            assertThat(read(client)).isEmpty();
            journal.fail(0, node);
            assertThat(read(client)).isEqualTo("s:/topic/a=1 ack 1-1;s:/topic/a=2 ack 1-2;");
            restart();
            assertThat(read(subscribed(AckMode.AUTO)))
                    .isEqualTo("s:/topic/a=1 again 1;s:/topic/a=2 again 1;");
        }

        @Test
        void aCopyThatComesTooLateIsRemoved() {
            Client client = subscribed(AckMode.AUTO);
            send("/topic/a", "1");
            end(client, "news");
            journal.store(1, node);
            assertThat(client.log).endsWith("completed ended");
            storeAll();
            assertThat(journal.stored).isEmpty();
        }

        @Test
        void aCopyWithoutASubscriptionIsRemovedAtTheStart() {
            Client client = subscribed(AckMode.AUTO);
            send("/topic/a", "1");
            end(client, "news");
            journal.store(1, node);
            Journal.Batch late = journal.waiting.remove(0);
            late.changes().forEach(change -> journal.keep((Journal.Change.Put) change));
            restart();
            storeAll();
            assertThat(journal.stored).isEmpty();
        }

        @Test
        void aNewOneOfTheNameHasNothingOfTheOld() {
            Client client = subscribed(AckMode.AUTO);
            client.stopReading();
            send("/topic/a", "1", "2");
            storeAll();
            subscriber(1, "/topic/b", AckMode.AUTO);
            journal.store(0, node);
            restart();
            storeAll();
            assertThat(journal.stored).hasSize(1).allMatch(it -> it.endsWith(" = definition"));
            assertThat(read(subscriber(1, "/topic/b", AckMode.AUTO))).isEmpty();
        }

        @Test
        void aDedupIdIsStoredWithTheCopies() {
            subscribed(AckMode.AUTO);
            publisher.publish(
                    Client.message("/topic/a", "1").with(SendOptions.DEFAULT.withDedupId("x")),
                    null,
                    null);
            node.run();
            assertThat(journal.waiting.get(0).changes()).hasSize(2);
        }
    }
}
