package io.switchboard.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.broker.Node.Client;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Who is subscribed to a topic.
class PresenceTest {
    private static final Policies POLICIES =
            Policies.DEFAULT.with("/topic/room.*", policy -> policy.withPresence(true));

    private final List<String> asked = new ArrayList<>();
    private final AccessRules rules =
            (principal, action, destination, later) -> {
                asked.add(action + " " + destination);
                return destination.contains("secret")
                        ? new AccessRules.Decision.Denied("no")
                        : AccessRules.Decision.ALLOWED;
            };
    private final Node node = new Node(3, rules, POLICIES, BrokerLimits.DEFAULT);
    private final Client watcher = node.client(0, "watcher");

    private void watch(String destination) {
        SubscribeOptions options = SubscribeOptions.DEFAULT.withFrom(new From.State());
        watcher.subscribe(new TextForm("p"), destination, options, null);
        node.run();
    }

    private String read() {
        node.run();
        return watcher.read().replace("p:/presence/room.1=", "");
    }

    private Client guest(int shard, String name) {
        Client guest = node.client(shard, name);
        guest.subscribe("1", "/topic/room.1", null);
        node.run();
        return guest;
    }

    @Test
    void whoComesSeesWhoIsThereAndThenWhoComesAndGoes() {
        Client alice = guest(0, "alice");
        Client bob = guest(1, "bo\"b\\");
        watch("/presence/room.1");
        assertThat(read())
                .isEqualTo(
                        "{\"user\":\"alice\",\"sessions\":1} snapshot;"
                                + "{\"user\":\"bo\\\"b\\\\\",\"sessions\":1} snapshot;");
        guest(2, "carol");
        assertThat(read()).isEqualTo("{\"user\":\"carol\",\"sessions\":1};");
        alice.unsubscribe("1", null);
        assertThat(read()).isEqualTo("alice=;");
        bob.close();
        assertThat(read()).isEqualTo("bo\"b\\=;");
    }

    @Test
    void aUserWithTwoTabsStaysUntilTheLastGoes() {
        watch("/presence/room.1");
        Client one = guest(1, "alice");
        Client two = guest(2, "alice");
        two.subscribe("2", "/topic/room.1", null);
        assertThat(read())
                .isEqualTo(
                        "{\"user\":\"alice\",\"sessions\":1};{\"user\":\"alice\",\"sessions\":2};");
        two.unsubscribe("2", null);
        assertThat(read()).isEmpty();
        one.close();
        assertThat(read()).isEqualTo("{\"user\":\"alice\",\"sessions\":1};");
        two.close();
        assertThat(read()).isEqualTo("alice=;");
        watcher.close();
        node.run();
        node.assertEmpty();
    }

    @Test
    void whoHasNoNameStandsForItself() {
        watch("/presence/room.1");
        Client nobody = guest(1, null);
        Client long_ = guest(1, "x".repeat(257));
        assertThat(read()).isEqualTo("{\"sessions\":1};{\"sessions\":1};");
        nobody.close();
        assertThat(read()).isEqualTo(nobody.session.id() + "=;");
        long_.close();
        assertThat(read()).isEqualTo(long_.session.id() + "=;");
    }

    @Test
    void itTakesTheRightToSubscribeToTheTopicItself() {
        watcher.subscribe("1", "/presence/room.secret", null);
        watcher.subscribe("2", "/presence/**", null);
        node.run();
        assertThat(asked).contains("SUBSCRIBE /topic/room.secret", "SUBSCRIBE /topic/**");
        assertThat(watcher.log).containsExactly("connected", "refused ACCESS_DENIED");
    }

    @Test
    void nobodyCanSendToIt() {
        watcher.send("/presence/room.1", "I am here");
        node.run();
        assertThat(watcher.log).containsExactly("connected", "refused BAD_DESTINATION");
    }

    @Test
    void ofATopicWithoutPresenceThereIsNone() {
        watch("/presence/hall");
        assertThat(watcher.log).containsExactly("connected", "refused UNSUPPORTED");
        guest(1, "alice").subscribe("2", "/topic/hall", null);
        watcher.subscribe("live", "/presence/hall", null);
        assertThat(read()).isEmpty();
    }

    @Test
    void aPatternSeesAllRooms() {
        guest(0, "alice");
        node.client(1, "bob").subscribe("1", "/topic/room.2", null);
        node.run();
        SubscribeOptions options = SubscribeOptions.DEFAULT.withFrom(new From.State());
        watcher.subscribe(new TextForm("q"), "/presence/room.*", options, null);
        node.run();
        assertThat(watcher.read().split(";"))
                .containsExactlyInAnyOrder(
                        "q:/presence/room.1={\"user\":\"alice\",\"sessions\":1} snapshot",
                        "q:/presence/room.2={\"user\":\"bob\",\"sessions\":1} snapshot");
    }

    @Test
    void whoSubscribesToAPatternIsNotShown() {
        watch("/presence/room.1");
        guest(1, "alice").subscribe("2", "/topic/*", null);
        node.client(1, "bob").subscribe("1", "/topic/room.*", null);
        assertThat(read()).isEqualTo("{\"user\":\"alice\",\"sessions\":1};");
    }
}
