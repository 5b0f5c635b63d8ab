package io.switchboard.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.broker.Disconnect;
import io.switchboard.stomp.StompCommand;
import io.switchboard.stomp.StompFrame;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Subscriptions that outlive their connections, as the clients of each broker ask for them.
class DurableHeadersTest {
    private final Node node = Node.local();
    private final Client sender = new Client(node).connect();

    private Client connect() {
        return new Client(node).connect("login:alice", "client-id:laptop");
    }

    private static Client subscribe(Client client, String... headers) {
        client.send("SUBSCRIBE\nid:s\ndestination:/topic/t\n" + lines(headers) + "\n^");
        return client;
    }

    private static String lines(String... headers) {
        return headers.length == 0 ? "" : String.join("\n", headers) + "\n";
    }

    private void goAway(Client client) {
        client.session.closed();
        node.settle();
    }

    private void send(String body) {
        sender.send("SEND\ndestination:/topic/t\n\n" + body + "^");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "durable:true",
                "persistent:true",
                "activemq.subscriptionName:news",
                "durable-subscription-name:news",
                "durable-subscriber-name:news"
            })
    void whatIsSentWhileTheClientIsAwayWaits(String header) {
        goAway(subscribe(connect(), header));
        send("1");
        Client again = subscribe(connect(), header);
        StompFrame message = again.message();
        assertThat(Client.body(message)).isEqualTo("1");
        assertThat(message.headers().get("destination")).isEqualTo("/topic/t");
        assertThat(message.headers().get("subscription")).isEqualTo("s");
    }

    @ParameterizedTest
    @CsvSource({"durable:true, auto-delete:false", "durable:true, x-queue-name:news"})
    void aClientOfRabbitMqNeedsNoClientId(String first, String second) {
        goAway(subscribe(new Client(node).connect("login:alice"), first, second));
        send("1");
        Client again = subscribe(new Client(node).connect("login:alice"), first, second);
        assertThat(again.bodies()).containsExactly("1");
    }

    @Test
    void theNamesOfArtemisComeBeforeThatOfActiveMq() {
        goAway(subscribe(connect(), "durable-subscription-name:x"));
        send("1");
        Client again =
                subscribe(
                        connect(),
                        "activemq.subscriptionName:z",
                        "durable-subscriber-name:y",
                        "durable-subscription-name:x");
        assertThat(again.bodies()).containsExactly("1");
    }

    @Test
    void withoutAClientIdItIsAnError() {
        Client client = subscribe(new Client(node).connect("login:alice"), "durable:true");
        assertThat(Client.body(client.refused(Disconnect.MISSING_HEADER))).contains("client-id");
    }

    @Test
    void aNameAndAClientIdHaveTheirLength() {
        String longName = "x".repeat(129);
        Client client = subscribe(connect(), "durable-subscription-name:" + longName);
        client.refused(Disconnect.BAD_HEADER);
        Client other = new Client(node);
        other.send("CONNECT\naccept-version:1.2\nhost:h\nclient-id:" + longName + "\n\n^");
        other.refused(Disconnect.BAD_HEADER);
    }

    @ParameterizedTest
    @CsvSource({
        "/topic/t, auto-delete:false",
        "/topic/t, x-queue-name:q",
        "/queue/q, auto-delete:true",
        "/queue/q, x-queue-name:q",
        "/queue/q, activemq.subscriptionName:q"
    })
    void whatIsOnlyHalfSaidIsRefusedByName(String destination, String header) {
        Client client = connect();
        client.send("SUBSCRIBE\nid:s\ndestination:" + destination + "\n" + header + "\n\n^");
        assertThat(Client.body(client.refused(Disconnect.UNSUPPORTED))).startsWith(header);
    }

    @ParameterizedTest
    @ValueSource(strings = {"durable:true", "durable:false", "auto-delete:false"})
    void aQueueLastsAnyway(String header) {
        Client client = connect();
        client.send("SUBSCRIBE\nid:s\ndestination:/queue/q\nreceipt:r\n" + header + "\n\n^");
        assertThat(client.next().command()).isEqualTo(StompCommand.RECEIPT);
        client.send("UNSUBSCRIBE\nid:s\nreceipt:u\n" + header + "\n\n^");
        assertThat(client.next().command()).isEqualTo(StompCommand.RECEIPT);
    }

    @Test
    void aPlainUnsubscribeOnlyStopsTheMessages() {
        Client client = subscribe(connect(), "durable:true");
        client.send("UNSUBSCRIBE\nid:s\n\n^");
        send("1");
        assertThat(client.nothingCame()).isTrue();
        assertThat(subscribe(client, "durable:true").bodies()).containsExactly("1");
    }

    @ParameterizedTest
    @CsvSource({
        "durable:true, id:s",
        "activemq.subscriptionName:s, id:s",
        "durable-subscription-name:s, destination:/topic/t",
        "durable-subscriber-name:s, x:y"
    })
    void anUnsubscribeThatNamesItEndsItForGood(String header, String other) {
        Client client = subscribe(connect(), "durable:true");
        client.send("UNSUBSCRIBE\nreceipt:u\n" + header + "\n" + other + "\n\n^");
        assertThat(client.next().headers().get("receipt-id")).isEqualTo("u");
        send("1");
        assertThat(subscribe(client, "durable:true").bodies()).isEmpty();
    }

    @Test
    void oneThatIsNotThereCannotBeEnded() {
        Client client = connect();
        client.send("UNSUBSCRIBE\nid:s\ndurable:true\n\n^");
        client.refused(Disconnect.UNKNOWN_SUBSCRIPTION);
    }

    @Test
    void aSecondConnectionTakesOver() {
        Client first = subscribe(connect(), "durable:true");
        Client second = subscribe(connect(), "durable:true");
        first.refused(Disconnect.TAKEN_OVER);
        send("1");
        assertThat(second.bodies()).containsExactly("1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"1.0", "1.1", "1.2"})
    void everyVersionAcknowledgesWhatItGot(String version) {
        String connect = "CONNECT\naccept-version:" + version + "\nhost:h\nclient-id:c\n\n^";
        Client client = new Client(node);
        client.send(connect);
        client.next();
        subscribe(client, "durable:true", "ack:client-individual");
        send("1");
        send("2");
        StompFrame message = client.message();
        client.message();
        String id = message.headers().get("message-id");
        client.send(
                version.equals("1.2")
                        ? "ACK\nid:" + message.headers().get("ack") + "\nreceipt:a\n\n^"
                        : "ACK\nmessage-id:"
                                + id
                                + (version.equals("1.1") ? "\nsubscription:s" : "")
                                + "\nreceipt:a\n\n^");
        assertThat(client.next().headers().get("receipt-id")).isEqualTo("a");
        goAway(client);
        Client again = new Client(node);
        again.send(connect);
        again.next();
        subscribe(again, "durable:true");
        assertThat(again.bodies()).containsExactly("2");
    }
}
