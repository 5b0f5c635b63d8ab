package io.switchboard.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.broker.Disconnect;
import io.switchboard.stomp.StompCommand;
import io.switchboard.stomp.StompFrame;
import io.switchboard.stomp.StompHeaders;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What real clients and other brokers do, and how a session takes it. The quirks are numbered in
/// the project's notes on interoperability.
class QuirksTest {
    private final Node node = Node.local();
    private final Client client = new Client(node);

    @Test
    void Q13_aClientHasTenSecondsForItsConnect() {
        client.after(9_999_000_000L);
        assertThat(client.nothingCame()).isTrue();
        client.after(1_000_000L);
        client.refused(Disconnect.CONNECT_TIMEOUT);
    }

    /// stompjs reads an escaped backslash wrongly, and trims.
    @Test
    void Q17_whatTheServerMakesUpNeedsNoEscape() {
        client.connect();
        client.send("SUBSCRIBE\nid:s\ndestination:/queue/q\nack:client\n\n^");
        client.send("SEND\ndestination:/queue/q\nreply-to:/temp-queue/x\n\n^");
        StompHeaders headers = client.message().headers();
        for (String name : List.of("message-id", "ack", "timestamp", "reply-to")) {
            assertThat(headers.get(name)).as(name).matches("[A-Za-z0-9/~-]+");
        }
    }

    @Test
    void Q22_aBodyWhereNoneBelongsIsIgnoredIn1_0AndAnErrorLater() {
        Client old = new Client(node).connectAs("1.0");
        old.send("SUBSCRIBE\ndestination:/topic/a\nreceipt:r\n\nbody^");
        assertThat(old.next().headers().get("receipt-id")).isEqualTo("r");
        client.connectAs("1.1").send("SUBSCRIBE\nid:1\ndestination:/topic/a\n\nbody^");
        client.refused(Disconnect.MALFORMED_FRAME);
    }

    @Test
    void Q28_springsRelayConnectsOnItsOwnBehalf() {
        client.send(
                "CONNECT\naccept-version:1.1,1.2\nlogin:guest\npasscode:guest\n"
                        + "heart-beat:10000,10000\n\n^");
        StompHeaders connected = client.next().headers();
        assertThat(connected.get("version")).isEqualTo("1.2");
        assertThat(connected.get("heart-beat")).isEqualTo("10000,10000");
        client.send("SUBSCRIBE\nid:0\ndestination:/topic/unresolved-user-destination\n\n^");
        client.send("SUBSCRIBE\nid:1\ndestination:/topic/simp-user-registry\n\n^\n");
        client.send("SEND\ndestination:/topic/simp-user-registry\ncontent-length:2\n\n{}^");
        assertThat(client.bodies()).containsExactly("{}");
    }

    @Test
    void Q29_springsRelayPassesOnWhatTheBrowserSaid() {
        client.send(
                "CONNECT\naccept-version:1.1,1.0\nlogin:guest\npasscode:guest\nhost:virtual\n"
                        + "heart-beat:10000,10000\nX-CSRF-TOKEN:t\nsimpUser:alice\n\n^");
        assertThat(client.next().headers().get("version")).isEqualTo("1.1");
        client.send("\n\n\n");
        client.send("DISCONNECT\nreceipt:bye\n\n^");
        assertThat(client.next().headers().get("receipt-id")).isEqualTo("bye");
        assertThat(client.closed).isEqualTo(Disconnect.NORMAL);
    }

    @Test
    void Q29_springsRelayMayCloseAtOnce() {
        client.connect().send("SUBSCRIBE\nid:1\ndestination:/topic/a\n\n^");
        client.send("DISCONNECT\n\n^");
        client.session.closed();
        node.settle();
        Client other = new Client(node).connect();
        other.send("SEND\ndestination:/topic/a\nreceipt:r\n\n^");
        assertThat(other.next().headers().get("receipt-id")).isEqualTo("r");
        assertThat(client.nothingCame()).isTrue();
    }

    @Test
    void Q30_theUserIsNamedAndACleanDisconnectIsNoError() {
        client.send("CONNECT\naccept-version:1.2\nhost:h\nlogin:alice@example.com\n\n^");
        assertThat(client.next().headers().get("user-name")).isEqualTo("alice@example.com");
        client.send("DISCONNECT\n\n^");
        assertThat(client.nothingCame()).isTrue();
        assertThat(client.closed).isEqualTo(Disconnect.NORMAL);
    }

    /// `convertAndSendToUser` of a program in front of the relay: the user's destination has become
    /// a queue of the browser's session there.
    @ParameterizedTest
    @ValueSource(strings = {"3f0a1c52-9b7e-4d8e-8f53-0c9d1c2b7a11", "k2x0ab3c"})
    void springsUserQueuesGoWithTheirSession(String id) {
        String queue = "/queue/news-user" + id;
        Client relay = new Client(node).connect();
        client.connect().send("SUBSCRIBE\nid:sub-0\ndestination:" + queue + "\n\n^");
        relay.send("SEND\ndestination:" + queue + "\n\nfor you^");
        assertThat(client.bodies()).containsExactly("for you");
        client.session.closed();
        node.settle();
        relay.send("SEND\ndestination:" + queue + "\nreceipt:r\n\ntoo late^");
        assertThat(relay.next().command()).isEqualTo(StompCommand.RECEIPT);
        Client next = new Client(node).connect();
        next.send("SUBSCRIBE\nid:sub-0\ndestination:" + queue + "\n\n^");
        assertThat(next.nothingCame()).as("nothing is kept for nobody").isTrue();
    }

    @Test
    void aUsersQueueReachesAllSessionsOfThatUser() {
        client.connect("login:alice").send("SUBSCRIBE\nid:1\ndestination:/user/queue/x\n\n^");
        Client second = new Client(node).connect("login:alice");
        second.send("SUBSCRIBE\nid:1\ndestination:/user/queue/x\nack:client\n\n^");
        Client bob = new Client(node).connect("login:bob");
        bob.send("SEND\ndestination:/user/alice/queue/x\n\nhi^");
        assertThat(client.bodies()).containsExactly("hi");
        assertThat(second.ackOf("hi")).isNotEmpty();
    }

    @Test
    void aUserDestinationNeedsAUser() {
        client.connect().send("SUBSCRIBE\nid:1\ndestination:/user/queue/x\n\n^");
        assertThat(Client.body(client.refused(Disconnect.BAD_DESTINATION)))
                .contains("needs a user name");
    }

    @ParameterizedTest
    @ValueSource(strings = {"1.0", "1.1"})
    void Q32_connectedAlwaysHasVersionSessionAndHeartBeat(String version) {
        client.send("CONNECT\naccept-version:" + version + "\nhost:h\n\n^");
        StompHeaders connected = client.next().headers();
        assertThat(connected.get("version")).isEqualTo(version);
        assertThat(connected.get("session")).isNotEmpty();
        assertThat(connected.get("heart-beat")).isNotEmpty();
    }

    @Test
    void Q36_theErrorIsWithTheWireBeforeTheConnectionIsClosed() {
        client.connect();
        client.writable = false;
        client.send("SEND\ndestination:/nowhere\n\n^");
        assertThat(client.ending).isEqualTo(Disconnect.BAD_DESTINATION);
        assertThat(client.closed).isNull();
        client.writable = true;
        client.session.writable();
        node.settle();
        client.refused(Disconnect.BAD_DESTINATION);
    }

    @Test
    void Q38_withoutConnectNothingIsServed() {
        client.send("SUBSCRIBE\nid:1\ndestination:/topic/a\n\n^");
        client.refused(Disconnect.WRONG_STATE);
    }

    @Test
    void Q47_aMessageNamesThePublishedDestination() {
        client.connect().send("SUBSCRIBE\nid:1\ndestination:/topic/news.*\n\n^");
        client.send("SEND\ndestination:/topic/news.sport\n\n^");
        StompFrame message = client.message();
        assertThat(message.headers().get("destination")).isEqualTo("/topic/news.sport");
        assertThat(Objects.requireNonNull(message.headers().get("message-id"))).isNotEmpty();
    }
}
