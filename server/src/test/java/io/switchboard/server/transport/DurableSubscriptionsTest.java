package io.switchboard.server.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.switchboard.server.ServerOptions;
import io.switchboard.server.SwitchboardServer;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Subscriptions that outlive their connections, through real sockets, two shards and a data
/// directory: who goes and comes back gets what it missed, also from another server process.
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class DurableSubscriptionsTest {
    private static final String TOPIC = "/topic/news.durable";
    private static final String OF_ITS_OWN = "durable:true";

    @TempDir Path folder;
    private SwitchboardServer server;

    @BeforeEach
    void start() throws Exception {
        ServerOptions options = Servers.options().withShards(2).withData(folder.resolve("data"));
        server = Servers.start(options);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    // --- Clients ---

    private Client connect(String... headers) throws IOException {
        Client client = Client.to(Servers.address(server, "stomp"));
        String more = headers.length == 0 ? "" : String.join("\n", headers) + '\n';
        client.sendStomp("CONNECT\naccept-version:1.2\nhost:localhost\n" + more + '\n');
        assertThat(client.stomp()).startsWith("CONNECTED\n");
        return client;
    }

    private Client laptop() throws IOException {
        return connect("client-id:laptop");
    }

    private static Client subscribe(Client client, String headers) throws IOException {
        client.sendStomp(
                "SUBSCRIBE\nid:s\nreceipt:sub\nack:client-individual\ndestination:"
                        + TOPIC
                        + '\n'
                        + headers
                        + "\n\n");
        return client;
    }

    private static void confirmed(Client client, String receipt) throws IOException {
        assertThat(client.stomp()).startsWith("RECEIPT\nreceipt-id:" + receipt + '\n');
    }

    /// Its RECEIPT may be before what waits or behind it.
    private static List<String> goOn(Client client, String headers, int count) throws IOException {
        subscribe(client, headers);
        List<String> bodies = new ArrayList<>();
        for (int i = 0; i < count + 1; i++) {
            String frame = client.stomp();
            if (!frame.startsWith("RECEIPT")) {
                bodies.add(taken(client, frame));
            }
        }
        return bodies;
    }

    /// Acknowledges it.
    private static String taken(Client client, String frame) throws IOException {
        assertThat(frame).startsWith("MESSAGE\n").contains("\ndestination:" + TOPIC + '\n');
        client.sendStomp("ACK\nid:" + header(frame, "ack").replace(":", "\\c") + "\n\n");
        return frame.substring(frame.indexOf("\n\n") + 2);
    }

    private static String header(String frame, String name) {
        int at = frame.indexOf('\n' + name + ':') + name.length() + 2;
        return frame.substring(at, frame.indexOf('\n', at)).replace("\\c", ":");
    }

    /// Behind it everything that this client said is done.
    private static void leave(Client client) throws IOException {
        client.sendStomp("DISCONNECT\nreceipt:bye\n\n");
        confirmed(client, "bye");
        client.close();
    }

    private void publish(String... bodies) throws IOException {
        try (Client publisher = connect()) {
            for (String body : bodies) {
                publisher.sendStomp("SEND\nreceipt:p\ndestination:" + TOPIC + "\n\n" + body);
                confirmed(publisher, "p");
            }
        }
    }

    /// What comes next is a message that was sent after everything else: so nothing was before it.
    private void nothingWaits(Client client, String headers) throws IOException {
        subscribe(client, headers);
        confirmed(client, "sub");
        publish("marker");
        assertThat(taken(client, client.stomp())).isEqualTo("marker");
    }

    // --- Absence and return ---

    @Test
    void whoComesBackGetsWhatWasPublishedMeanwhile() throws Exception {
        try (Client client = subscribe(laptop(), OF_ITS_OWN)) {
            confirmed(client, "sub");
            publish("1");
            assertThat(taken(client, client.stomp())).isEqualTo("1");
            leave(client);
        }
        publish("2", "3");
        try (Client client = laptop()) {
            assertThat(goOn(client, OF_ITS_OWN, 2)).containsExactly("2", "3");
            publish("4");
            assertThat(taken(client, client.stomp())).isEqualTo("4");
            leave(client);
        }
        try (Client client = laptop()) {
            nothingWaits(client, OF_ITS_OWN);
        }
    }

    @Test
    void whatWasNotAcknowledgedComesAgain() throws Exception {
        try (Client client = subscribe(laptop(), OF_ITS_OWN)) {
            confirmed(client, "sub");
            publish("1", "2");
            assertThat(client.stomp()).endsWith("\n\n1");
            assertThat(client.stomp()).endsWith("\n\n2");
        }
        try (Client client = subscribe(laptop(), OF_ITS_OWN)) {
            List<String> frames = List.of(client.stomp(), client.stomp(), client.stomp());
            assertThat(frames.stream().filter(it -> it.startsWith("MESSAGE")))
                    .hasSize(2)
                    .allMatch(it -> it.contains("\nredelivered:true\n"));
        }
    }

    @Test
    void itOutlivesTheServer() throws Exception {
        try (Client client = subscribe(laptop(), OF_ITS_OWN)) {
            confirmed(client, "sub");
            leave(client);
        }
        publish("1");
        stop();
        start();
        publish("2");
        try (Client client = laptop()) {
            assertThat(goOn(client, OF_ITS_OWN, 2)).containsExactly("1", "2");
        }
    }

    @Test
    void anotherClientOfThatTopicHasItsOwn() throws Exception {
        for (String name : List.of("laptop", "phone")) {
            try (Client client = subscribe(connect("client-id:" + name), OF_ITS_OWN)) {
                confirmed(client, "sub");
                leave(client);
            }
        }
        publish("1");
        for (String name : List.of("laptop", "phone")) {
            try (Client client = connect("client-id:" + name)) {
                assertThat(goOn(client, OF_ITS_OWN, 1)).containsExactly("1");
            }
        }
    }

    // --- Takeover ---

    @Test
    void aSecondClientWithTheSameIdTakesOver() throws Exception {
        try (Client first = subscribe(laptop(), OF_ITS_OWN)) {
            confirmed(first, "sub");
            publish("held");
            assertThat(first.stomp()).endsWith("\n\nheld");
            try (Client second = laptop()) {
                assertThat(first.stomp())
                        .startsWith("ERROR\n")
                        .contains("message:another connection has taken over the client id");
                assertEnds(first);
                assertThat(goOn(second, OF_ITS_OWN, 1)).containsExactly("held");
                publish("new");
                assertThat(taken(second, second.stomp())).isEqualTo("new");
            }
        }
    }

    private static void assertEnds(Client client) {
        assertThatThrownBy(client::stomp).isInstanceOf(EOFException.class);
    }

    // --- The end ---

    @ParameterizedTest
    @CsvSource({
        "durable:true, durable:true",
        "activemq.subscriptionName:news, activemq.subscriptionName:news",
        "durable-subscription-name:news, durable-subscriber-name:news"
    })
    void unsubscribeEndsItForGood(String headers, String end) throws Exception {
        try (Client client = subscribe(laptop(), headers)) {
            confirmed(client, "sub");
            publish("1");
            assertThat(client.stomp()).endsWith("\n\n1");
            client.sendStomp("UNSUBSCRIBE\nid:s\nreceipt:end\n" + end + "\n\n");
            confirmed(client, "end");
            leave(client);
        }
        publish("2");
        try (Client client = laptop()) {
            nothingWaits(client, headers);
        }
    }

    @Test
    void aPlainUnsubscribeDoesNot() throws Exception {
        try (Client client = subscribe(laptop(), OF_ITS_OWN)) {
            confirmed(client, "sub");
            client.sendStomp("UNSUBSCRIBE\nid:s\nreceipt:end\n\n");
            confirmed(client, "end");
            leave(client);
        }
        publish("1");
        try (Client client = laptop()) {
            assertThat(goOn(client, OF_ITS_OWN, 1)).containsExactly("1");
        }
    }

    // --- In the words of other brokers ---

    @ParameterizedTest
    @ValueSource(
            strings = {
                "durable:true",
                "persistent:true",
                "activemq.subscriptionName:news",
                "durable-subscription-name:news",
                "durable-subscriber-name:news"
            })
    void everyNameOfItKeepsWhatIsPublishedMeanwhile(String headers) throws Exception {
        try (Client client = subscribe(laptop(), headers)) {
            confirmed(client, "sub");
            leave(client);
        }
        publish("1");
        try (Client client = laptop()) {
            assertThat(goOn(client, headers, 1)).containsExactly("1");
        }
    }

    /// RabbitMQ knows no client-id: the user and the name are enough.
    @ParameterizedTest
    @ValueSource(
            strings = {
                "durable:true\nauto-delete:false",
                "durable:true\nauto-delete:false\nx-queue-name:news",
                "persistent:true\nx-queue-name:news"
            })
    void rabbitMqsClientsNeedNoClientId(String headers) throws Exception {
        try (Client client = subscribe(connect("login:alice"), headers)) {
            confirmed(client, "sub");
            leave(client);
        }
        publish("1");
        try (Client client = connect("login:alice")) {
            assertThat(goOn(client, headers, 1)).containsExactly("1");
            client.sendStomp("UNSUBSCRIBE\nid:s\nreceipt:end\n" + headers + "\n\n");
            confirmed(client, "end");
            leave(client);
        }
        publish("2");
        try (Client client = connect("login:alice")) {
            nothingWaits(client, headers);
        }
    }
}
