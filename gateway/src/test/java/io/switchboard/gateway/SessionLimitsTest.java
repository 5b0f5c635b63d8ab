package io.switchboard.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.broker.AccessRules;
import io.switchboard.broker.BrokerLimits;
import io.switchboard.broker.Disconnect;
import io.switchboard.broker.Policies;
import io.switchboard.broker.QueueLimits;
import io.switchboard.stomp.StompCommand;
import io.switchboard.stomp.StompFrame;
import org.junit.jupiter.api.Test;

/// Whoever passes a limit reads which one it was, how far it was passed, and what sets it.
class SessionLimitsTest {
    private static final BrokerLimits SMALL =
            new BrokerLimits(2, 400, 1 << 20, 3, 20, 100, 1 << 20, 100, 1 << 20);

    private final Node node = new Node(1, AccessRules.localOnly(), SMALL);
    private final Client client = new Client(node);

    private static void assertError(Client client, Disconnect reason, String... parts) {
        StompFrame error = client.next();
        assertThat(error.command()).isEqualTo(StompCommand.ERROR);
        assertThat(error.headers().get("message")).isEqualTo(reason.text());
        assertThat(Client.body(error)).contains(parts).endsWith(parts[parts.length - 1]);
        assertThat(client.nothingCame()).as("nothing follows an ERROR").isTrue();
        assertThat(client.closed).isEqualTo(reason);
    }

    @Test
    void headers() {
        client.connect();
        client.send("SEND\ndestination:/topic/a\n" + "x:y\n".repeat(10_000));
        assertError(
                client,
                Disconnect.HEADERS_TOO_LARGE,
                "at most 64 headers",
                "; setting: limits.stomp-headers");
    }

    @Test
    void theLengthOfHeaders() {
        client.connect();
        client.send("SEND\ndestination:/topic/a\nx:" + "y".repeat(1 << 20));
        assertError(
                client,
                Disconnect.HEADERS_TOO_LARGE,
                "at most 16384 octets of command and headers",
                "; setting: limits.stomp-header-bytes");
    }

    @Test
    void theBody() {
        client.connect();
        client.send("SEND\ndestination:/topic/a\ncontent-length:2000000\n\n");
        assertError(
                client,
                Disconnect.BODY_TOO_LARGE,
                "at most 1048576 octets",
                "content-length:2000000",
                "; setting: limits.stomp-body");
    }

    @Test
    void whatComesBeforeConnected() {
        client.send("\n".repeat(20_000));
        assertError(
                client,
                Disconnect.TOO_MUCH_BEFORE_CONNECT,
                "at most 16384 octets",
                "; setting: limits.before-connected");
    }

    @Test
    void theTimeBeforeConnect() {
        client.after(GatewayOptions.DEFAULT.connectTimeoutNanos());
        assertError(
                client,
                Disconnect.CONNECT_TIMEOUT,
                "within 10000 ms",
                "; setting: limits.connect-timeout");
    }

    @Test
    void silenceInsteadOfHeartBeats() {
        client.connect("heart-beat:10000,0");
        client.after(20_000_000_000L);
        client.after(10_000_000_000L);
        assertError(client, Disconnect.HEARTBEAT_MISSED, "for 30000 ms", "; setting: heart-beat");
    }

    @Test
    void subscriptions() {
        client.connect();
        for (String id : new String[] {"1", "2", "3"}) {
            client.send("SUBSCRIBE\ndestination:/topic/a\nid:" + id + "\n\n^");
        }
        assertError(
                client,
                Disconnect.TOO_MANY_SUBSCRIPTIONS,
                "at most 2 subscriptions",
                "; setting: limits.subscriptions-per-session");
    }

    @Test
    void destinations() {
        client.connect();
        client.send("SUBSCRIBE\ndestination:/topic/a\nid:1\n\n^");
        client.send("SUBSCRIBE\ndestination:/topic/b\nid:2\n\n^");
        Client other = new Client(node).connect();
        other.send("SUBSCRIBE\ndestination:/topic/c\nid:1\n\n^");
        other.send("SUBSCRIBE\ndestination:/topic/d\nid:2\n\n^");
        assertError(
                other,
                Disconnect.TOO_MANY_DESTINATIONS,
                "at most 3 live destinations",
                "; setting: limits.destinations");
    }

    @Test
    void theLengthOfADestinationInSend() {
        client.connect();
        client.send("SEND\ndestination:/topic/" + "x".repeat(20) + "\n\n^");
        assertError(
                client,
                Disconnect.DESTINATION_TOO_LONG,
                "at most 20 characters but was 27",
                "; setting: limits.destination-length");
    }

    @Test
    void theLengthOfADestinationInSubscribe() {
        client.connect();
        client.send("SUBSCRIBE\nid:1\ndestination:/topic/" + "x".repeat(20) + "\n\n^");
        assertError(
                client,
                Disconnect.DESTINATION_TOO_LONG,
                "at most 20 characters but was 27",
                "; setting: limits.destination-length");
    }

    @Test
    void whatWaitsForOneClient() {
        client.connect();
        client.send("SUBSCRIBE\ndestination:/topic/a\nid:1\n\n^");
        client.writable = false;
        Client publisher = new Client(node).connect();
        while (client.ending == null) {
            publisher.send("SEND\ndestination:/topic/a\n\n" + "x".repeat(100) + "^");
        }
        client.writable = true;
        client.session.writable();
        node.settle();
        assertError(
                client,
                Disconnect.SLOW_CONSUMER,
                "more than 400 bytes",
                "; setting: limits.outbound-bytes-per-session");
    }

    @Test
    void whatWaitsForAllClients() {
        BrokerLimits little =
                new BrokerLimits(2, 1 << 20, 4_096, 3, 20, 100, 1 << 20, 100, 1 << 20);
        Node small = new Node(1, AccessRules.localOnly(), little);
        Client slow = new Client(small).connect();
        slow.send("SUBSCRIBE\ndestination:/topic/a\nid:1\n\n^");
        slow.writable = false;
        Client publisher = new Client(small).connect();
        while (slow.ending == null) {
            publisher.send("SEND\ndestination:/topic/a\n\n" + "x".repeat(100) + "^");
        }
        slow.writable = true;
        slow.session.writable();
        small.settle();
        assertError(
                slow,
                Disconnect.OUTBOUND_MEMORY,
                "of the 4096 bytes for all clients",
                "; setting: limits.outbound-bytes");
    }

    @Test
    void theLengthOfAQueueByItsOwnPolicy() {
        Node queues = Node.with(Policies.DEFAULT.with("/queue/a", it -> it.withMaxLength(1)));
        Client sender = new Client(queues).connect();
        sender.send("SEND\ndestination:/queue/a\n\n^");
        sender.send("SEND\ndestination:/queue/a\n\n^");
        assertError(
                sender,
                Disconnect.QUEUE_FULL,
                "fewer than 1 messages in /queue/a, its max-length, but was 1",
                "; setting: destinations.<pattern>.max-length");
    }

    @Test
    void theLengthOfAnyOtherQueue() {
        BrokerLimits limits =
                BrokerLimits.DEFAULT.withQueues(
                        new QueueLimits(1 << 20, 1, 100, 1 << 20, 16, 1_000, 4 << 20));
        Client sender = new Client(new Node(1, AccessRules.localOnly(), limits)).connect();
        sender.send("SEND\ndestination:/queue/a\n\n^");
        sender.send("SEND\ndestination:/queue/a\n\n^");
        assertError(
                sender,
                Disconnect.QUEUE_FULL,
                "fewer than 1 messages in /queue/a but was 1",
                "; setting: limits.queue-length");
    }

    @Test
    void theLengthOfATransaction() {
        Client sender = new Client(Node.local()).connect();
        sender.send("BEGIN\ntransaction:t\n\n^");
        while (sender.ending == null) {
            sender.send("SEND\ndestination:/queue/a\ntransaction:t\n\n^");
        }
        assertError(
                sender,
                Disconnect.TRANSACTION_TOO_LARGE,
                "frames in a transaction",
                "; setting: limits.frames-per-transaction");
        Client other = new Client(Node.local()).connect();
        other.send("BEGIN\ntransaction:t\n\n^");
        String big = "x".repeat(500_000);
        while (other.ending == null) {
            other.send("SEND\ndestination:/queue/a\ntransaction:t\n\n" + big + "^");
        }
        assertError(
                other,
                Disconnect.TRANSACTION_TOO_LARGE,
                "bytes in a transaction",
                "; setting: limits.bytes-per-transaction");
    }

    @Test
    void whatWaitsForTheRateOfAClient() {
        Node usual = Node.local();
        Client slow = new Client(usual).connect();
        slow.send("SUBSCRIBE\ndestination:/topic/a\nid:1\nmax-rate:1\n\n^");
        Client publisher = new Client(usual).connect();
        for (int key = 0; slow.ending == null; key++) {
            publisher.send("SEND\ndestination:/topic/a\nkey:" + key + "\n\n^");
        }
        slow.next();
        assertError(
                slow,
                Disconnect.SLOW_CONSUMER,
                "keys were waiting for the max-rate",
                "; setting: destinations.<pattern>.overflow");
    }

    @Test
    void whatIsWrongAtAnySizeNamesNoSetting() {
        client.connect();
        client.send("NONSENSE\n\n^");
        assertThat(Client.body(client.next())).doesNotContain("setting:");
    }

    /// Line ends are heart-beats (STOMP 1.2, Heart-beating), and no limit is about their number.
    @Test
    void aMillionLineEndsAreNothing() {
        client.connect();
        String many = "\n".repeat(10_000);
        for (int i = 0; i < 100; i++) {
            client.send(many);
        }
        client.send("SEND\ndestination:/topic/a\nreceipt:r\n\n^");
        assertThat(client.next().headers().get("receipt-id")).isEqualTo("r");
    }
}
