package io.switchboard.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.switchboard.broker.AccessRules.Decision;
import io.switchboard.broker.Node.Client;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/// What is known of the owner of a durable subscription outlives its connection and the server, so
/// that nothing is kept for who may not read it any more.
class DurableOwnerTest {
    private static final Principal STAFF =
            new Principal(
                    "a:lice\0",
                    true,
                    "127.0.0.1:5",
                    Set.of("staff", "7:x"),
                    Map.of("rooms", List.of("red", "", "3:a"), "empty", List.of()),
                    99,
                    "token");

    private final LateJournal journal = new LateJournal();
    private final List<Consumer<Decision>> asked = new ArrayList<>();
    private String role = "staff";
    private boolean pending;
    private long lives;
    private Node node = start();
    private Client publisher = node.client(0, "publisher");

    private Node start() {
        journal.waiting.clear();
        journal.incarnation = (int) lives;
        Node started =
                new Node(
                        3,
                        this::decide,
                        Policies.DEFAULT,
                        BrokerLimits.DEFAULT,
                        journal,
                        Application.NONE);
        started.epoch = 1_000 * ++lives;
        return started;
    }

    private Decision decide(
            Principal who,
            AccessRules.Action action,
            String destination,
            Consumer<Decision> answer) {
        if (action != AccessRules.Action.SUBSCRIBE) {
            return Decision.ALLOWED;
        }
        if (pending) {
            asked.add(answer);
            return Decision.PENDING;
        }
        return who.roles().contains(role) ? Decision.ALLOWED : new Decision.Denied("not yours");
    }

    private Client subscribed() {
        Client client = node.client(1);
        client.shard.handle(new Command.Connect(client.session, STAFF, "laptop"));
        node.run();
        client.subscribe(
                new TextForm("s"),
                "/topic/a",
                SubscribeOptions.DEFAULT.withDurable("news"),
                "subscribed");
        node.run();
        storeAll();
        return client;
    }

    private void storeAll() {
        while (!journal.waiting.isEmpty()) {
            journal.store(0, node);
        }
    }

    private void restart() {
        node = start();
        journal.restore(node);
        node.run();
        publisher = node.client(0, "publisher");
    }

    private long kept(String body) {
        publisher.send("/topic/a", body, "r");
        node.run();
        storeAll();
        return node.shards.stream().mapToLong(shard -> shard.counters().queued()).sum();
    }

    @Test
    void readsWhatItWrote() {
        for (DurableWish wish :
                List.of(
                        new DurableWish("/topic/a", false, null),
                        new DurableWish("/topic/**", true, "x = '1:2'"))) {
            Principal owner = DurableSubscription.owner(STAFF);
            DurableDefinition read =
                    DurableDefinition.of(new DurableDefinition(wish, owner).bytes());
            assertThat(read).isEqualTo(new DurableDefinition(wish, owner));
            assertThat(read.owner().roles()).containsExactlyInAnyOrder("staff", "7:x");
        }
    }

    @Test
    void anotherFormatIsNotGuessedAt() {
        assertThatThrownBy(() -> DurableDefinition.of("1n/topic/a".getBytes()))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("another version");
    }

    @Test
    void claimsWithoutEndAreNotKept() {
        Principal talkative =
                new Principal(
                        "a", true, "", Set.of("x"), Map.of("c", List.of("y".repeat(4_096))), 0);
        assertThat(DurableSubscription.owner(talkative).claims()).isEmpty();
        assertThat(DurableSubscription.owner(talkative).roles()).containsExactly("x");
    }

    @Test
    void itsRightOutlivesTheServer() {
        subscribed();
        restart();
        assertThat(kept("1")).isOne();
    }

    @Test
    void rulesThatChangedWhileTheServerWasDownCount() {
        subscribed();
        role = "boss";
        restart();
        assertThat(kept("1")).isZero();
        role = "staff";
        node.shards.forEach(Shard::rulesChanged);
        node.run();
        assertThat(kept("2")).isOne();
    }

    @Test
    void whatChangedOfTheOwnerIsStored() {
        subscribed().close();
        node.shards.forEach(shard -> shard.reassessAbsent(who -> who.withRoles(Set.of("boss"))));
        node.run();
        assertThat(kept("1")).isZero();
        role = "boss";
        restart();
        assertThat(kept("2")).isOne();
    }

    @Test
    void itGoesOnWhileTheAnswerIsMissingButNotForEver() {
        subscribed().close();
        pending = true;
        node.shards.forEach(Shard::rulesChanged);
        node.run();
        assertThat(asked).hasSize(1);
        assertThat(kept("1")).isOne();
        node.pass(Questions.ANSWER_MILLIS);
        assertThat(kept("2")).isOne();
        asked.getFirst().accept(Decision.ALLOWED);
        node.run();
        assertThat(kept("3")).as("the answer came too late").isOne();
    }

    @Test
    void aLateAnswerCountsAndAnOlderOneDoesNot() {
        subscribed().close();
        pending = true;
        node.shards.forEach(Shard::rulesChanged);
        node.shards.forEach(Shard::rulesChanged);
        node.run();
        asked.get(0).accept(new Decision.Denied("then"));
        node.run();
        assertThat(kept("1")).isOne();
        asked.get(1).accept(new Decision.Denied("now"));
        node.run();
        assertThat(kept("2")).isOne();
    }
}
