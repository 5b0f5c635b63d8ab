package io.switchboard.broker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.broker.Node.Client;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Subscriptions that begin in the past.
class ReplayTest {
    private static final Policies POLICIES =
            Policies.DEFAULT
                    .with("/topic/**", policy -> policy.withHistory(new Retention(10, 0, 0)))
                    .with("/topic/live/**", policy -> policy.withHistory(null))
                    .with("/topic/long/**", policy -> policy.withHistory(new Retention(0, 0, 0)))
                    .with("/topic/aged/**", policy -> policy.withHistory(new Retention(0, 0, 100)));

    private final Node node = node(BrokerLimits.DEFAULT);
    private final Client publisher = node.client(0, "publisher");
    private final Client reader = node.client(1, "reader");

    private static Node node(BrokerLimits limits) {
        return new Node(3, AccessRules.localOnly(), POLICIES, limits);
    }

    private void send(String destination, String... bodies) {
        for (String body : bodies) {
            publisher.send(destination, body);
        }
        node.run();
    }

    private static SubscribeOptions from(From from) {
        return SubscribeOptions.DEFAULT.withFrom(from);
    }

    private void subscribe(Client client, String id, String destination, From from) {
        client.subscribe(new TextForm(id), destination, from(from), "r" + id);
    }

    private String read(String destination, From from) {
        subscribe(reader, "1", destination, from);
        node.run();
        return reader.read();
    }

    private static String messages(String destination, int first, int last) {
        StringBuilder text = new StringBuilder();
        for (int i = first; i <= last; i++) {
            text.append("1:").append(destination).append('=').append(i).append(';');
        }
        return text.toString();
    }

    private void sendNumbers(String destination, int first, int last) {
        for (int i = first; i <= last; i++) {
            publisher.send(destination, Integer.toString(i));
            if (i % 500 == 0) {
                node.run();
            }
        }
        node.run();
    }

    private String idOf(String destination, int ordinal) {
        Client spy = node.client(2, "spy");
        spy.subscribe(new TextForm("s"), destination, from(new From.Last(ordinal)), null);
        spy.stopReading();
        node.run();
        spy.close();
        return spy.lastMessageId;
    }

    // --- Where it begins ---

    @Test
    void allThatTheHistoryHasComesBeforeTheReceipt() {
        send("/topic/a", "x", "y");
        assertThat(read("/topic/a", From.START))
                .isEqualTo("1:/topic/a=x;1:/topic/a=y;receipt r1 true;");
    }

    @Test
    void theLastOnesAreThoseThatCameLast() {
        sendNumbers("/topic/a", 1, 5);
        assertThat(read("/topic/a", new From.Last(2)))
                .isEqualTo(messages("/topic/a", 4, 5) + "receipt r1 true;");
    }

    @Test
    void moreThanThereAreIsAllOfThem() {
        sendNumbers("/topic/a", 1, 2);
        assertThat(read("/topic/a", new From.Last(50)))
                .isEqualTo(messages("/topic/a", 1, 2) + "receipt r1 true;");
    }

    @Test
    void anAgeTellsYoungFromOld() {
        sendNumbers("/topic/a", 1, 2);
        node.nowMillis += 1_000;
        sendNumbers("/topic/a", 3, 4);
        node.nowMillis += 10;
        assertThat(read("/topic/a", new From.Age(500)))
                .isEqualTo(messages("/topic/a", 3, 4) + "receipt r1 true;");
    }

    @Test
    void afterAMessageComesTheNext() {
        sendNumbers("/topic/a", 1, 2);
        String id = idOf("/topic/a", 1);
        sendNumbers("/topic/a", 3, 4);
        assertThat(read("/topic/a", From.After.message(id)))
                .isEqualTo(messages("/topic/a", 3, 4) + "receipt r1 true;");
    }

    @Test
    void afterTheLastMessageComesNothing() {
        sendNumbers("/topic/a", 1, 2);
        String id = idOf("/topic/a", 1);
        assertThat(read("/topic/a", From.After.message(id))).isEqualTo("receipt r1 true;");
    }

    @Test
    void afterAMessageThatIsGoneComesAllThatIsLeftAndNotEverything() {
        sendNumbers("/topic/a", 1, 1);
        String id = idOf("/topic/a", 1);
        sendNumbers("/topic/a", 2, 12);
        assertThat(read("/topic/a", From.After.message(id)))
                .isEqualTo(messages("/topic/a", 3, 12) + "receipt r1 false;");
    }

    @Test
    void theMessageBeforeTheOldestIsStillKnown() {
        sendNumbers("/topic/a", 1, 1);
        String id = idOf("/topic/a", 1);
        sendNumbers("/topic/a", 2, 11);
        assertThat(read("/topic/a", From.After.message(id)))
                .isEqualTo(messages("/topic/a", 2, 11) + "receipt r1 true;");
    }

    @Test
    void anIdOfAnotherTopicIsNotKnown() {
        sendNumbers("/topic/a", 1, 2);
        sendNumbers("/topic/b", 1, 1);
        assertThat(read("/topic/b", From.After.message(idOf("/topic/a", 1))))
                .isEqualTo(messages("/topic/b", 1, 1) + "receipt r1 false;");
    }

    @Test
    void anIdThatWasNeverGivenIsNotKnown() {
        sendNumbers("/topic/a", 1, 2);
        String id = idOf("/topic/a", 1);
        String epoch = id.substring(0, id.indexOf('-'));
        assertThat(read("/topic/a", From.After.message(epoch + "-99")))
                .isEqualTo("receipt r1 false;");
    }

    @Test
    void withoutAHistoryNothingCanBeVouchedFor() {
        send("/topic/live/a", "x");
        assertThat(read("/topic/live/a", new From.After(1, 1))).isEqualTo("receipt r1 false;");
        send("/topic/live/a", "y");
        assertThat(reader.read()).isEqualTo("1:/topic/live/a=y;");
    }

    @Test
    void withoutAHistoryTheStartIsNow() {
        send("/topic/live/a", "x");
        assertThat(read("/topic/live/a", From.START)).isEqualTo("receipt r1 true;");
    }

    @Test
    void anEmptyPastIsWhole() {
        assertThat(read("/topic/a", From.START)).isEqualTo("receipt r1 true;");
        send("/topic/a", "x");
        assertThat(reader.read()).isEqualTo("1:/topic/a=x;");
    }

    // --- What is kept ---

    @Test
    void whatIsTooOldGoesAndTheTopicWithIt() {
        sendNumbers("/topic/aged/a", 1, 2);
        node.pass(60);
        sendNumbers("/topic/aged/a", 3, 3);
        node.pass(40);
        assertThat(read("/topic/aged/a", From.START))
                .isEqualTo(messages("/topic/aged/a", 3, 3) + "receipt r1 true;");
        reader.unsubscribe("1", null);
        node.pass(60);
        assertThat(node.shards.stream().mapToLong(s -> s.counters().topics()).sum()).isZero();
        assertThat(node.shards.stream().mapToLong(s -> s.counters().historyBytes()).sum()).isZero();
        assertThat(node.shards.stream().mapToLong(s -> s.counters().historyMessages()).sum())
                .isZero();
    }

    @Test
    void aMessageThatIsTooOldByItselfIsNotShown() {
        publisher.publish(
                Client.message("/topic/a", "brief").with(new SendOptions(true, 4, 0, 10, 0)),
                null,
                null);
        send("/topic/a", "lasting");
        node.pass(10);
        assertThat(read("/topic/a", From.START)).isEqualTo("1:/topic/a=lasting;receipt r1 true;");
    }

    @Test
    void pastTheMemoryOfAllTheTopicThatTakesMoreLosesItsOldest() {
        long cost = new Kept(Client.message("/topic/long/a", "1"), 0, 0).cost();
        Node small = node(BrokerLimits.DEFAULT.withTopics(new TopicLimits(3 * cost)));
        Client client = small.client(0, "client");
        client.send("/topic/long/b", "1");
        for (int i = 1; i <= 5; i++) {
            client.send("/topic/long/a", Integer.toString(i));
        }
        small.run();
        subscribe(client, "1", "/topic/long/a", From.START);
        subscribe(client, "2", "/topic/long/b", From.START);
        small.run();
        assertThat(client.read())
                .contains(messages("/topic/long/a", 4, 5) + "receipt r1 true;")
                .contains("2:/topic/long/b=1;receipt r2 true;");
        assertThat(small.shards.stream().mapToLong(s -> s.counters().historyEvicted()).sum())
                .isEqualTo(3);
    }

    @Test
    void aTopicThatKeepsSomethingCountsAsLive() {
        Node small =
                node(
                        new BrokerLimits(
                                1_000, 1 << 20, 1 << 30, 3, 100, 1_000, 1 << 30, 1_000, 1 << 30));
        Client client = small.client(0, "client");
        for (int i = 0; i < 5; i++) {
            client.send("/topic/a" + i, "x", "r" + i);
        }
        small.run();
        assertThat(client.log).contains("refused TOO_MANY_DESTINATIONS");
    }

    // --- One page after the other ---

    @Test
    void whoReadsSlowlyHasOnePageWaitingAndGetsEverythingOnce() {
        sendNumbers("/topic/long/a", 1, 10_000);
        reader.stopReading();
        subscribe(reader, "1", "/topic/long/a", From.START);
        node.run();
        StringBuilder all = new StringBuilder();
        for (int sent = 10_001; !reader.log.contains("replayed r1 true"); sent++) {
            assertThat(reader.session.bytesWaiting()).isLessThan(64 << 10);
            sendNumbers("/topic/long/a", sent, sent);
            reader.readAgain();
            node.endTurn(1);
            reader.stopReading();
            node.run();
            all.append(reader.read());
        }
        reader.readAgain();
        sendNumbers("/topic/long/a", 20_000, 20_000);
        all.append(reader.read());
        String text = all.toString();
        int last = Integer.parseInt(text.replaceAll("(?s).*=(\\d+);receipt r1 true;.*", "$1"));
        assertThat(last).isGreaterThan(10_000);
        assertThat(text)
                .isEqualTo(
                        messages("/topic/long/a", 1, last)
                                + "receipt r1 true;"
                                + messages("/topic/long/a", 20_000, 20_000));
    }

    @Test
    void whatIsTrimmedBeforeItsTurnIsSaidToBeMissing() {
        sendNumbers("/topic/a", 1, 10);
        reader.stopReading();
        subscribe(reader, "1", "/topic/a", From.START);
        reader.say("full;");
        node.run();
        sendNumbers("/topic/a", 11, 15);
        reader.readAgain();
        node.run();
        // It had not begun when the first five went: this is all that there is.
        assertThat(reader.read())
                .isEqualTo("full;" + messages("/topic/a", 6, 15) + "receipt r1 true;");
    }

    @Test
    void whatIsTrimmedBehindThePageIsSaidToBeMissing() {
        String big = "x".repeat(30_000);
        for (int i = 0; i < 10; i++) {
            send("/topic/a", i + big);
        }
        reader.stopReading();
        subscribe(reader, "1", "/topic/a", From.START);
        reader.say("full;");
        node.run();
        reader.readAgain();
        node.endTurn(1);
        reader.stopReading();
        node.run();
        for (int i = 10; i < 16; i++) {
            send("/topic/a", i + big);
        }
        reader.readAgain();
        node.run();
        String text = reader.read().replace(big, "");
        assertThat(text).startsWith("full;1:/topic/a=0;").endsWith("receipt r1 false;");
        assertThat(text).contains("=15;").doesNotContain("=5;");
    }

    @Test
    void oneSessionHasOnePageUnderWayForAllItsSubscriptions() {
        String big = "x".repeat(40_000);
        for (int i = 0; i < 10; i++) {
            send("/topic/a" + i, big, big, big);
        }
        reader.stopReading();
        reader.say("full;");
        for (int i = 0; i < 10; i++) {
            subscribe(reader, "s" + i, "/topic/a" + i, From.START);
        }
        node.run();
        for (int turns = 0; turns < 40; turns++) {
            reader.readAgain();
            node.endTurn(1);
            reader.stopReading();
            node.run();
            assertThat(reader.session.bytesWaiting()).isLessThan(2 * 64 << 10);
        }
        reader.readAgain();
        node.run();
        assertThat(reader.log.stream().filter(it -> it.endsWith(" true"))).hasSize(10);
    }

    // --- Between past and live ---

    @Test
    void whatComesDuringTheReplayIsNotDoubledThoughTheShardGetsItForOthers() {
        Client other = node.client(1, "other");
        other.subscribe("o", "/topic/a", null);
        sendNumbers("/topic/a", 1, 3);
        subscribe(reader, "1", "/topic/a", From.START);
        publisher.send("/topic/a", "4");
        // The SUBSCRIBE and the SEND meet at the home shard in any order.
        while (node.deliverPosts() | node.endTurn(0) | node.endTurn(1) | node.endTurn(2)) {
            publisher.send("/topic/a", "x");
            if (reader.log.contains("replayed r1 true")) {
                break;
            }
        }
        node.run();
        String text = reader.read().replace("receipt r1 true;", "");
        String others = other.read().replace("o:", "1:");
        assertThat(text).isEqualTo(others);
    }

    @Test
    void aSelectorHoldsForThePastToo() {
        publisher.publish(
                Message.of("/topic/a", Headers.of("kind", "red"), "1".getBytes(UTF_8), true),
                null,
                null);
        publisher.publish(
                Message.of("/topic/a", Headers.of("kind", "blue"), "2".getBytes(UTF_8), true),
                null,
                null);
        node.run();
        reader.subscribe(
                new TextForm("1"),
                "/topic/a",
                from(From.START).withSelector("kind = 'blue'"),
                "r1");
        node.run();
        assertThat(reader.read()).isEqualTo("1:/topic/a=2;receipt r1 true;");
    }

    @Test
    void whoAcknowledgesGetsThePastAsItsCreditAllows() {
        sendNumbers("/topic/a", 1, 5);
        reader.subscribe(
                new TextForm("1"),
                "/topic/a",
                from(From.START).withAck(AckMode.CLIENT_INDIVIDUAL).withPrefetch(2, 1 << 20),
                "r1");
        node.run();
        assertThat(reader.read())
                .isEqualTo("1:/topic/a=1 ack 1-1;1:/topic/a=2 ack 1-2;receipt r1 true;");
        sendNumbers("/topic/a", 6, 6);
        for (int i = 1; i <= 4; i++) {
            reader.ack("1-" + i);
        }
        node.run();
        assertThat(reader.read())
                .isEqualTo(
                        "1:/topic/a=3 ack 1-3;1:/topic/a=4 ack 1-4;1:/topic/a=5 ack 1-5;"
                                + "1:/topic/a=6 ack 1-6;");
    }

    @Test
    void whoDoesNotAcknowledgeHasOnePageWaiting() {
        String big = "x".repeat(30_000);
        for (int i = 0; i < 10; i++) {
            send("/topic/a", i + big);
        }
        reader.subscribe(
                new TextForm("1"),
                "/topic/a",
                from(From.START).withAck(AckMode.CLIENT_INDIVIDUAL).withPrefetch(1, 1 << 20),
                "r1");
        node.run();
        assertThat(node.shards.get(1).counters().queued()).isLessThanOrEqualTo(4);
        for (int i = 1; i <= 10; i++) {
            assertThat(reader.read()).contains("=" + (i - 1));
            reader.ack("1-" + i);
            node.run();
        }
        assertThat(reader.log).contains("replayed r1 true");
    }

    @Test
    void aMessageThatWaitsForItsTransactionIsLive() {
        sendNumbers("/topic/a", 1, 1);
        publisher.begin("t");
        publisher.publish(Client.message("/topic/a", "2"), "t", null);
        publisher.commit("t", null);
        node.deliverPost(node.shards.get(0).home("/topic/a"));
        subscribe(reader, "1", "/topic/a", From.START);
        node.run();
        assertThat(reader.read().replace("receipt r1 true;", ""))
                .isEqualTo(messages("/topic/a", 1, 2));
    }

    // --- Its end ---

    @Test
    void unsubscribeEndsItAndSaysThatItIsNotWhole() {
        sendNumbers("/topic/a", 1, 3);
        subscribe(reader, "1", "/topic/a", From.START);
        reader.unsubscribe("1", "u");
        node.run();
        assertThat(reader.read()).isEqualTo("receipt r1 false;receipt u;");
        reader.close();
        publisher.close();
        node.run();
        assertThat(node.shards.get(1).counters().replays()).isZero();
        assertThat(node.shards.get(1).counters().destinations()).isZero();
        node.slabs.assertAllGivenBack();
    }

    @Test
    void disconnectEndsItBeforeItsReceipt() {
        sendNumbers("/topic/a", 1, 3);
        subscribe(reader, "1", "/topic/a", From.START);
        reader.leave("bye");
        node.run();
        assertThat(reader.read()).isEqualTo("receipt r1 false;receipt bye;");
    }

    @Test
    void aConnectionThatGoesTakesItsReplayWithIt() {
        sendNumbers("/topic/a", 1, 3);
        subscribe(reader, "1", "/topic/a", From.START);
        node.endTurn(1);
        reader.close();
        node.run();
        assertThat(node.shards.get(1).counters().replays()).isZero();
        assertThat(reader.read()).isEmpty();
    }

    @Test
    void aReplayHoldsNoCredit() {
        sendNumbers("/topic/a", 1, 3);
        reader.stopReading();
        reader.say("full;");
        subscribe(reader, "1", "/topic/a", From.START);
        node.run();
        assertThat(node.shards.get(1).counters().commands()).isZero();
        assertThat(reader.log).doesNotContain("replayed r1 true");
    }

    @Test
    void theFormMayChangeMeanwhile() {
        String big = "x".repeat(40_000);
        send("/topic/a", "1" + big, "2" + big, "3" + big);
        reader.stopReading();
        reader.say("full;");
        subscribe(reader, "1", "/topic/a", From.START);
        node.run();
        reader.readAgain();
        node.endTurn(1);
        reader.shard.reform(reader.session, form -> new TextForm("2"));
        node.run();
        send("/topic/a", "4");
        String text = reader.read().replace(big, "");
        assertThat(text)
                .isEqualTo(
                        "full;2:/topic/a=1;2:/topic/a=2;2:/topic/a=3;receipt r1"
                                + " true;2:/topic/a=4;");
    }

    // --- Patterns ---

    @Test
    void eachDestinationThatAPatternMatchesHasItsOwnPast() {
        for (String name : List.of("a", "b", "c", "d", "e", "f")) {
            sendNumbers("/topic/room." + name, 1, 3);
        }
        sendNumbers("/topic/hall.a", 1, 3);
        subscribe(reader, "1", "/topic/room.*", new From.Last(2));
        node.run();
        String text = reader.read();
        for (String name : List.of("a", "b", "c", "d", "e", "f")) {
            assertThat(text).contains(messages("/topic/room." + name, 2, 3));
        }
        assertThat(text).doesNotContain("=1;").doesNotContain("hall").endsWith("receipt r1 true;");
        sendNumbers("/topic/room.a", 4, 4);
        sendNumbers("/topic/room.new", 1, 1);
        assertThat(reader.read())
                .isEqualTo(messages("/topic/room.a", 4, 4) + messages("/topic/room.new", 1, 1));
    }

    @Test
    void aPatternIsLivePieceByPiece() {
        String big = "x".repeat(20_000);
        for (int i = 0; i < 40; i++) {
            send("/topic/long/" + i, "a" + big);
        }
        reader.stopReading();
        reader.say("full;");
        subscribe(reader, "1", "/topic/long/*", From.START);
        node.run();
        StringBuilder all = new StringBuilder();
        for (int turn = 0; turn < 30; turn++) {
            // Also names that come into being before and behind where the replay is.
            for (int i = 0; i < 40; i += 7) {
                publisher.send("/topic/long/" + i, "turn " + turn);
                publisher.send("/topic/long/" + i + "-" + turn, "new");
            }
            reader.readAgain();
            node.endTurn(1);
            reader.stopReading();
            node.run();
            all.append(reader.read());
        }
        reader.readAgain();
        node.run();
        all.append(reader.read());
        String text = all.toString().replace(big, "");
        assertThat(text).contains("receipt r1 ");
        for (int i = 0; i < 40; i++) {
            StringBuilder seen = new StringBuilder();
            for (String each : text.split(";")) {
                if (each.startsWith("1:/topic/long/" + i + "=")) {
                    seen.append(each.substring(each.indexOf('=') + 1)).append(',');
                }
            }
            StringBuilder expected = new StringBuilder("a,");
            for (int turn = 0; i % 7 == 0 && turn < 30; turn++) {
                expected.append("turn ").append(turn).append(',');
            }
            assertThat(seen.toString()).as("/topic/long/" + i).isEqualTo(expected.toString());
        }
        for (int turn = 0; turn < 30; turn++) {
            for (int i = 0; i < 40; i += 7) {
                assertThat(text.split("1:/topic/long/" + i + "-" + turn + "=new;", -1)).hasSize(2);
            }
        }
    }

    @Test
    void whatKeepsNoPastIsLiveAtOnceUnderAPattern() {
        sendNumbers("/topic/long/a", 1, 5_000);
        reader.stopReading();
        reader.say("full;");
        subscribe(reader, "1", "/topic/**", From.START);
        node.run();
        send("/topic/live/x", "live");
        assertThat(reader.log).doesNotContain("replayed r1 true");
        reader.readAgain();
        node.run();
        assertThat(reader.read())
                .startsWith("full;1:/topic/live/x=live;1:/topic/long/a=1;")
                .endsWith("receipt r1 true;");
    }

    // --- What is refused ---

    @Test
    void aQueueHasNoPast() {
        subscribe(reader, "1", "/queue/a", From.START);
        assertThat(reader.log).endsWith("refused UNSUPPORTED");
    }

    @Test
    void aPatternCannotGoOnAfterAMessage() {
        subscribe(reader, "1", "/topic/*", new From.After(1, 1));
        assertThat(reader.log).endsWith("refused UNSUPPORTED");
    }
}
