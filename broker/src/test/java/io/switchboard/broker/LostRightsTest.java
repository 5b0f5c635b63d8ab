package io.switchboard.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.broker.AccessRules.Action;
import io.switchboard.broker.AccessRules.Decision;
import io.switchboard.broker.Node.Client;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/// A right that is lost takes whatever lives by it: what is being replayed, values and their
/// changes, who is there, and what waited for a client that was away.
class LostRightsTest {
    private static final Policies POLICIES =
            Policies.DEFAULT
                    .with("/topic/past/**", policy -> policy.withHistory(new Retention(0, 0, 0)))
                    .with("/topic/state/**", policy -> policy.withState(true))
                    .with("/topic/room", policy -> policy.withPresence(true));

    /// What is said of it; null for something with the name of the destination.
    private String because = "not any more";

    /// What nobody may but the staff.
    private final Set<String> forbidden = new HashSet<>();

    private final List<String> heard = new ArrayList<>();

    private final Application application =
            new Application() {
                @Override
                public boolean handles(String destination) {
                    return false;
                }

                @Override
                public void handle(Session from, Message message, Consumer<Refusal> answer) {
                    throw new AssertionError(message);
                }

                @Override
                public void denied(Session session, Denial denial) {
                    heard.add(session.user() + " " + denial);
                }

                @Override
                public void subscriptionEnded(Session session, String id, Denial denial) {
                    heard.add(session.user() + " lost " + id + " " + denial);
                }
            };

    private final Node node =
            new Node(3, this::decide, POLICIES, BrokerLimits.DEFAULT, Journal.NONE, application);
    private final Client publisher = node.client(0, "publisher");
    private final Client reader = node.client(1, "reader");

    private Decision decide(
            Principal who, Action action, String destination, Consumer<Decision> answer) {
        return forbidden.contains(destination) && !who.roles().contains("staff")
                ? new Decision.Denied(because == null ? "no " + destination + " now" : because)
                : Decision.ALLOWED;
    }

    private static Principal named(String name, String... roles) {
        return new Principal(name, true, "127.0.0.1", Set.of(roles), Map.of(), 0);
    }

    private void rulesChange(String... nowForbidden) {
        forbidden.clear();
        forbidden.addAll(Set.of(nowForbidden));
        node.shards.forEach(Shard::rulesChanged);
        node.run();
    }

    private void send(String destination, String body) {
        publisher.send(destination, body);
        node.run();
    }

    private static SubscribeOptions from(From from) {
        return SubscribeOptions.DEFAULT.withFrom(from);
    }

    private void subscribe(Client client, String destination, SubscribeOptions options) {
        client.subscribe(new TextForm("1"), destination, options, "r");
    }

    private void assertNothingIsLeft(Client... others) {
        for (Client each : others) {
            each.close();
        }
        publisher.close();
        reader.close();
        node.pass(100_000);
        assertThat(node.shards.stream().mapToLong(it -> it.counters().subscriptions()).sum())
                .isZero();
        assertThat(node.shards.stream().mapToLong(it -> it.counters().replays()).sum()).isZero();
    }

    // --- Replays ---

    /// The client reads a page at a time; what it has not been given it does not get.
    private void replayInPart(SubscribeOptions options) {
        String body = "x".repeat(1_000);
        for (int i = 0; i < 500; i++) {
            send("/topic/past/a", body);
        }
        reader.stopReading();
        subscribe(reader, "/topic/past/a", options);
        node.run();
        assertThat(node.shards.get(1).counters().replays()).isOne();
    }

    private int messagesRead() {
        reader.readAgain();
        node.run();
        return reader.read().split("/topic/past/a=", -1).length - 1;
    }

    @Test
    void aReplayStopsInTheMiddle() {
        replayInPart(from(From.START));
        rulesChange("/topic/past/a");
        assertThat(reader.log).endsWith("replayed r false", "subscription ended 1 not any more");
        assertThat(messagesRead()).as("what waited for the socket").isLessThan(200);
        send("/topic/past/a", "late");
        assertThat(messagesRead()).isZero();
        assertNothingIsLeft();
    }

    @Test
    void soDoesOneThatIsAcknowledged() {
        replayInPart(from(From.START).withAck(AckMode.CLIENT).withPrefetch(999, 1 << 20));
        rulesChange("/topic/past/a");
        assertThat(reader.log).endsWith("replayed r false", "subscription ended 1 not any more");
        assertThat(messagesRead()).as("what was not written goes back").isZero();
        assertNothingIsLeft();
    }

    /// Nothing of it is waiting, but a page has been asked for and is on its way.
    @Test
    void aPageThatIsUnderWayComesForNothing() {
        send("/topic/past/a", "x");
        subscribe(reader, "/topic/past/a", from(From.START));
        int home = node.shards.get(0).home("/topic/past/a");
        while (node.inboxes.get(home).stream().noneMatch(it -> it instanceof Post.NextPage)) {
            assertThat(node.deliverPost(0) | node.deliverPost(1) | node.endTurn(1)).isTrue();
        }
        rulesChange("/topic/past/a");
        assertThat(reader.read()).isEqualTo("receipt r false;");
        assertNothingIsLeft();
    }

    @Test
    void aReplayGoesOnForWhoKeepsTheRight() {
        replayInPart(from(From.START));
        rulesChange("/topic/past/b");
        assertThat(messagesRead()).isEqualTo(500);
        assertThat(reader.log).endsWith("replayed r true");
    }

    // --- State ---

    @Test
    void changesOfValuesStop() {
        Message value = Client.message("/topic/state/a", "v");
        SendOptions key = SendOptions.DEFAULT.withKey("k", false, false);
        publisher.publish(value.with(key), null, null);
        node.run();
        subscribe(reader, "/topic/state/**", from(new From.State()));
        node.run();
        assertThat(reader.read()).isEqualTo("1:/topic/state/a=v snapshot;receipt r true;");
        rulesChange("/topic/state/**");
        publisher.publish(value.with(key), null, null);
        node.run();
        assertThat(reader.read()).isEmpty();
        subscribe(reader, "/topic/state/**", from(new From.State()));
        node.run();
        assertThat(reader.log).endsWith("refused ACCESS_DENIED");
        assertThat(reader.read()).doesNotContain("snapshot");
        assertNothingIsLeft();
    }

    /// Values larger than what is copied in one page.
    @Test
    void aSnapshotStopsInTheMiddle() {
        SendOptions options = SendOptions.DEFAULT;
        for (int i = 0; i < 500; i++) {
            Message value = Client.message("/topic/state/a", "x".repeat(1_000));
            publisher.publish(value.with(options.withKey("k" + i, false, false)), null, null);
            node.run();
        }
        reader.stopReading();
        subscribe(reader, "/topic/state/a", from(new From.State()));
        node.run();
        assertThat(node.shards.get(1).counters().replays()).isOne();
        rulesChange("/topic/state/a");
        reader.readAgain();
        node.run();
        assertThat(reader.read().split("snapshot", -1)).hasSizeLessThan(200);
        assertThat(reader.log).contains("replayed r false");
        assertNothingIsLeft();
    }

    // --- Presence ---

    /// Who may not subscribe to a topic is not there, and may not see who is.
    @Test
    void whoLostATopicIsNotThereAndSeesNobody() {
        Client watcher = node.client(2);
        watcher.connect(named("watcher", "staff"));
        subscribe(watcher, "/presence/room", from(new From.State()));
        subscribe(reader, "/topic/room", SubscribeOptions.DEFAULT);
        Client other = node.client(0, "other");
        subscribe(other, "/presence/room", from(new From.State()));
        node.run();
        assertThat(watcher.read()).contains("{\"user\":\"reader\",\"sessions\":1}");
        other.read();

        rulesChange("/topic/room");
        assertThat(watcher.read()).isEqualTo("1:/presence/room=reader=;");
        assertThat(other.log).endsWith("subscription ended 1 not any more");

        Client staff = node.client(0);
        staff.connect(named("staff", "staff"));
        staff.subscribe("1", "/topic/room", null);
        node.run();
        assertThat(watcher.read()).contains("\"staff\"");
        assertThat(other.read()).as("nothing about who came or went").isEmpty();
        assertNothingIsLeft(watcher, other, staff);
    }

    // --- Durable subscriptions ---

    private void subscribeDurably(Client client) {
        subscribe(client, "/topic/a", SubscribeOptions.DEFAULT.withDurable("news"));
        node.run();
    }

    @Test
    void aDurableSubscriptionThatIsThereGetsNothingMore() {
        Client laptop = laptop();
        subscribeDurably(laptop);
        send("/topic/a", "1");
        assertThat(laptop.read()).isEqualTo("receipt r;1:/topic/a=1;");
        rulesChange("/topic/a");
        assertThat(laptop.log).endsWith("subscription ended 1 not any more");
        publisher.shard.renew(publisher.session, named("publisher", "staff"));
        send("/topic/a", "2");
        assertThat(laptop.read()).isEmpty();
    }

    @Test
    void whatWaitedForOneThatWasAwayIsNotGivenWithoutTheRight() {
        Client laptop = laptop();
        subscribeDurably(laptop);
        laptop.close();
        send("/topic/a", "1");
        rulesChange("/topic/a");
        Client again = laptop();
        subscribeDurably(again);
        assertThat(again.log).endsWith("refused ACCESS_DENIED");
        assertThat(again.read()).isEmpty();

        rulesChange();
        Client allowed = laptop();
        subscribeDurably(allowed);
        assertThat(allowed.read()).contains("1:/topic/a=1;");
    }

    @Test
    void aRenewalWithoutTheRoleEndsItToo() {
        forbidden.add("/topic/a");
        Client laptop = node.client(2);
        Principal staff = named("alice", "staff");
        laptop.shard.handle(new Command.Connect(laptop.session, staff, "laptop"));
        subscribeDurably(laptop);
        laptop.shard.renew(laptop.session, named("alice"));
        node.run();
        assertThat(laptop.log).endsWith("subscription ended 1 not any more");
    }

    private Client laptop(String... roles) {
        Client client = node.client(2);
        client.shard.handle(new Command.Connect(client.session, named("alice", roles), "laptop"));
        node.run();
        return client;
    }

    private void publishAnyway(String body) {
        publisher.shard.renew(publisher.session, named("publisher", "staff"));
        send("/topic/a", body);
    }

    private String readAgain(String... roles) {
        Client again = laptop(roles);
        subscribeDurably(again);
        return again.read();
    }

    @Test
    void whatIsPublishedWhileAnAbsentClientMayNotReadItIsNotKept() {
        Client laptop = laptop();
        subscribeDurably(laptop);
        laptop.close();
        publishAnyway("1");
        rulesChange("/topic/a");
        publishAnyway("2");
        rulesChange();
        publishAnyway("3");
        assertThat(readAgain()).isEqualTo("1:/topic/a=1;1:/topic/a=3;receipt r;");
    }

    @Test
    void norForOneThatIsThere() {
        Client laptop = laptop();
        subscribeDurably(laptop);
        rulesChange("/topic/a");
        publishAnyway("2");
        rulesChange();
        laptop.close();
        assertThat(readAgain()).isEqualTo("receipt r;");
        publishAnyway("3");
    }

    @Test
    void whoTheRulesAllowAllTheTimeMissesNothing() {
        Client laptop = laptop("staff");
        subscribeDurably(laptop);
        laptop.close();
        rulesChange("/topic/a");
        publishAnyway("1");
        assertThat(readAgain("staff")).isEqualTo("1:/topic/a=1;receipt r;");
    }

    @Test
    void aRenewalCountsForWhatIsKeptToo() {
        forbidden.add("/topic/a");
        Client laptop = laptop("staff");
        subscribeDurably(laptop);
        laptop.shard.renew(laptop.session, named("alice"));
        node.run();
        publishAnyway("2");
        laptop.close();
        publishAnyway("3");
        assertThat(readAgain("staff")).isEqualTo("receipt r;");
    }

    @Test
    void whoComesBackWithoutTheRightHasNothingKeptFromThenOn() {
        forbidden.add("/topic/a");
        Client laptop = laptop("staff");
        subscribeDurably(laptop);
        laptop.close();
        publishAnyway("1");
        assertThat(readAgain()).isEmpty();
        publishAnyway("2");
        assertThat(readAgain("staff")).isEqualTo("1:/topic/a=1;receipt r;");
    }

    @Test
    void aUserThatHasGoneHasNothingKeptUntilItIsThereAgain() {
        Client laptop = laptop();
        subscribeDurably(laptop);
        laptop.close();
        node.shards.forEach(shard -> shard.reassessAbsent(who -> null));
        node.run();
        publishAnyway("2");
        rulesChange();
        publishAnyway("3");
        node.shards.forEach(shard -> shard.reassessAbsent(who -> who));
        node.run();
        publishAnyway("4");
        assertThat(readAgain()).isEqualTo("1:/topic/a=4;receipt r;");
    }

    @Test
    void otherRolesOfAnAbsentUserCount() {
        forbidden.add("/topic/a");
        Client laptop = laptop("staff");
        subscribeDurably(laptop);
        laptop.close();
        node.shards.forEach(shard -> shard.reassessAbsent(who -> who.withRoles(Set.of())));
        node.run();
        publishAnyway("2");
        assertThat(readAgain("staff")).isEqualTo("receipt r;");
    }

    @Test
    void oneThatEndedIsNotKeptForAgain() {
        Client laptop = laptop();
        subscribeDurably(laptop);
        rulesChange("/topic/a");
        laptop.shard.handle(new Command.Unsubscribe(laptop.session, "1", "news", "ended"));
        node.run();
        rulesChange();
        publishAnyway("1");
        assertThat(node.shards.stream().mapToLong(it -> it.counters().queued()).sum()).isZero();
        assertThat(readAgain()).isEqualTo("receipt r;");
    }

    // --- Clients without a name ---

    @Test
    void aClientWithoutANameSubscribesToNothingThatOthersCouldTake() {
        Client nameless = node.client(2);
        Principal nobody = Principal.of(null, true, "127.0.0.1");
        nameless.shard.handle(new Command.Connect(nameless.session, nobody, "laptop"));
        subscribeDurably(nameless);
        assertThat(nameless.log).endsWith("refused UNSUPPORTED");
    }

    @Test
    void norDoesItTakeOverFromAnother() {
        Principal nobody = Principal.of(null, true, "127.0.0.1");
        Client one = node.client(2);
        one.shard.handle(new Command.Connect(one.session, nobody, "laptop"));
        node.run();
        Client other = node.client(1);
        other.shard.handle(new Command.Connect(other.session, nobody, "laptop"));
        node.run();
        assertThat(one.session.hasEnded()).isFalse();
        assertThat(other.session.hasEnded()).isFalse();
    }

    // --- Who watches hears of it ---

    @Test
    void theProgramHearsWhichSubscriptionWasLost() {
        subscribe(reader, "/topic/a", SubscribeOptions.DEFAULT);
        node.run();
        rulesChange("/topic/a");
        assertThat(heard)
                .containsExactly(
                        "reader lost 1 "
                                + new Denial(
                                        Action.SUBSCRIBE, "/topic/a", null, "not any more", 1));
    }

    @Test
    void aCommitThatIsDeniedIsToldWithItsDestinationAndTransaction() {
        publisher.begin("t");
        publisher.publish(Client.message("/topic/a", "1"), "t", null);
        publisher.publish(Client.message("/topic/b", "2"), "t", null);
        rulesChange("/topic/b");
        publisher.commit("t", "r");
        node.run();
        assertThat(heard)
                .containsExactly(
                        "publisher " + new Denial(Action.SEND, "/topic/b", "t", "not any more", 1));
    }

    @Test
    void namesOfTemporaryQueuesAreNotTold() {
        publisher.begin("t");
        publisher.publish(Client.message("/temp-queue/a", "1"), "t", null);
        node.run();
        forbidden.add(publisher.session.temporaryName("/temp-queue/a"));
        node.shards.forEach(Shard::rulesChanged);
        publisher.commit("t", "r");
        node.run();
        assertThat(heard)
                .containsExactly(
                        "publisher "
                                + new Denial(Action.SEND, "/temp-queue/", "t", "not any more", 1));
    }

    /// Whoever knows it may send there.
    @Test
    void norInTheWordsOfARuleOrOfAnError() {
        because = null;
        String name = publisher.session.temporaryName("/temp-queue/a");
        subscribe(publisher, "/temp-queue/a", SubscribeOptions.DEFAULT);
        node.run();
        rulesChange(name);
        subscribe(publisher, "/temp-queue/a", SubscribeOptions.DEFAULT);
        publisher.send("/temp-queue/a", "1");
        reader.send(name, "2");
        publisher.publish(
                Client.message("/topic/a", "3").with(Headers.of("reply-to", name)), null, null);
        reader.publish(
                Client.message("/topic/a", "3").with(Headers.of("reply-to", name)), null, null);
        node.run();
        assertThat(heard).hasSize(5).allSatisfy(it -> assertThat(it).contains("no /temp-queue/"));
        assertThat(heard).noneSatisfy(it -> assertThat(it).contains("~"));
    }
}
