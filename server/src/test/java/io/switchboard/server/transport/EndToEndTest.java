package io.switchboard.server.transport;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.server.SwitchboardServer;
import java.io.EOFException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

/// STOMP through real sockets, on every kind of listener: subscribe with a receipt, send, and the
/// message comes. The server has two shards.
@TestInstance(Lifecycle.PER_CLASS)
class EndToEndTest {
    private static final String CONNECT = "CONNECT\naccept-version:1.2\nhost:localhost\n\n";

    private SwitchboardServer server;

    @BeforeAll
    void start() throws Exception {
        server = Servers.start(Servers.options().withShards(2));
    }

    @AfterAll
    void stop() {
        server.close();
    }

    private InetSocketAddress address(String listener) {
        return Servers.address(server, listener);
    }

    private Client overTls(String listener) throws Exception {
        InetSocketAddress address = address(listener);
        Socket socket =
                Servers.trusting(server)
                        .getSocketFactory()
                        .createSocket(address.getAddress(), address.getPort());
        return Client.of(socket);
    }

    private static void talkOverWebSocket(Client client) throws Exception {
        client.sendText(CONNECT + "\0");
        assertThat(client.text()).startsWith("CONNECTED\nversion:1.2\n");
        client.sendText("SUBSCRIBE\nid:a\ndestination:/topic/ws\nreceipt:r1\n\n\0");
        assertThat(client.text()).isEqualTo("RECEIPT\nreceipt-id:r1\n\n\0");
        client.sendText("SEND\ndestination:/topic/ws\nreceipt:r2\n\nhello\0");
        assertThat(client.text()).startsWith("MESSAGE\n").endsWith("\n\nhello\0");
        assertThat(client.text()).isEqualTo("RECEIPT\nreceipt-id:r2\n\n\0");
        client.sendText("DISCONNECT\nreceipt:r3\n\n\0");
        assertThat(client.text()).isEqualTo("RECEIPT\nreceipt-id:r3\n\n\0");
        assertThat(client.frame().closeCode()).isEqualTo(1000);
        client.send(Client.close(1000));
        assertThat(client.rest()).isEmpty();
    }

    private static void talkOverTcp(Client client) throws Exception {
        client.sendStomp(CONNECT);
        assertThat(client.stomp()).startsWith("CONNECTED\nversion:1.2\n");
        client.sendStomp("SUBSCRIBE\nid:a\ndestination:/topic/tcp\nreceipt:r1\n\n");
        assertThat(client.stomp()).isEqualTo("RECEIPT\nreceipt-id:r1\n\n");
        client.sendStomp("SEND\ndestination:/topic/tcp\nreceipt:r2\n\nhello");
        assertThat(client.stomp()).startsWith("MESSAGE\n").endsWith("\n\nhello");
        assertThat(client.stomp()).isEqualTo("RECEIPT\nreceipt-id:r2\n\n");
        client.sendStomp("DISCONNECT\nreceipt:r3\n\n");
        assertThat(client.stomp()).isEqualTo("RECEIPT\nreceipt-id:r3\n\n");
        assertThat(client.rest()).isEmpty();
    }

    @Test
    void overWebSocket() throws Exception {
        try (Client client = Client.webSocketTo(address("http"))) {
            talkOverWebSocket(client);
        }
    }

    @Test
    void overWebSocketAndTls() throws Exception {
        try (Client client = overTls("tls").upgraded()) {
            talkOverWebSocket(client);
        }
    }

    @Test
    void overTcp() throws Exception {
        try (Client client = Client.to(address("stomp"))) {
            talkOverTcp(client);
        }
    }

    @Test
    void overTls() throws Exception {
        try (Client client = overTls("stomp-tls")) {
            talkOverTcp(client);
        }
    }

    @Test
    void plainHttpToATlsPortIsToldSo() throws Exception {
        try (Client client = Client.to(address("tls"))) {
            client.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n" + "x".repeat(100_000));
            assertThat(client.response()).startsWith("HTTP/1.1 400 ").contains("speaks TLS");
            assertThat(client.read()).isEqualTo(-1);
        }
    }

    @Test
    void anErrorOverTcpArrivesBeforeTheEnd() throws Exception {
        try (Client client = Client.to(address("stomp"))) {
            client.sendStomp("SUBSCRIBE\nid:a\ndestination:/topic/x\n\n");
            client.send(new byte[100_000]);
            assertThat(client.stomp()).startsWith("ERROR\n");
            assertThat(client.rest()).isEmpty();
        }
    }

    @Test
    void whatCameBeforeTheEndOfTheInputIsAnswered() throws Exception {
        try (Client client = Client.to(address("stomp"))) {
            client.sendStomp(CONNECT);
            client.socket.shutdownOutput();
            assertThat(client.stomp()).startsWith("CONNECTED\n");
            assertThat(client.rest()).isEmpty();
        }
    }

    /// RFC 6455 section 7.1.4 and its like for TCP: `printf … | nc -N` gets all its receipts, from
    /// topics at home on both shards.
    @Test
    void whatWasSentBeforeTheEndOfTheInputHasItsReceipts() throws Exception {
        try (Client client = Client.to(address("stomp"))) {
            StringBuilder frames = new StringBuilder(CONNECT + "\0");
            for (int i = 0; i < 8; i++) {
                frames.append("SEND\ndestination:/topic/" + i + "\nreceipt:" + i + "\n\nx\0");
            }
            client.send(frames + "DISCONNECT\nreceipt:bye\n\n\0");
            client.socket.shutdownOutput();
            assertThat(client.stomp()).startsWith("CONNECTED\n");
            List<String> receipts = new ArrayList<>();
            for (int i = 0; i < 9; i++) {
                receipts.add(client.stomp().replace("RECEIPT\nreceipt-id:", "").strip());
            }
            assertThat(receipts)
                    .containsExactlyInAnyOrder("0", "1", "2", "3", "4", "5", "6", "7", "bye");
            assertThat(receipts.getLast()).isEqualTo("bye");
            assertThat(client.rest()).isEmpty();
        }
    }

    /// All kinds of listeners, both shards: the same messages in the same order for everybody.
    @Test
    void subscribersOnAllListenersSeeTheSameOrder() throws Exception {
        List<Client> subscribers = new ArrayList<>();
        int count = 200;
        try (Client one = Client.to(address("stomp"));
                Client two = Client.to(address("stomp"))) {
            for (String listener : List.of("stomp", "stomp", "stomp-tls", "stomp-tls")) {
                Client client =
                        listener.equals("stomp") ? Client.to(address(listener)) : overTls(listener);
                subscribers.add(client);
                client.sendStomp(CONNECT);
                client.sendStomp("SUBSCRIBE\nid:a\ndestination:/topic/order\nreceipt:r\n\n");
                assertThat(client.stomp()).startsWith("CONNECTED\n");
                assertThat(client.stomp()).startsWith("RECEIPT\n");
            }
            one.sendStomp(CONNECT);
            two.sendStomp(CONNECT);
            for (int i = 0; i < count / 2; i++) {
                one.sendStomp("SEND\ndestination:/topic/order\n\none " + i);
                two.sendStomp("SEND\ndestination:/topic/order\n\ntwo " + i);
            }
            List<String> expected = bodies(subscribers.getFirst(), count);
            assertThat(expected.stream().filter(body -> body.startsWith("one ")))
                    .containsExactly(numbered("one ", count / 2));
            assertThat(expected.stream().filter(body -> body.startsWith("two ")))
                    .containsExactly(numbered("two ", count / 2));
            for (Client client : subscribers.subList(1, subscribers.size())) {
                assertThat(bodies(client, count)).isEqualTo(expected);
            }
        } finally {
            for (Client client : subscribers) {
                client.close();
            }
        }
    }

    private static String[] numbered(String prefix, int count) {
        String[] texts = new String[count];
        for (int i = 0; i < count; i++) {
            texts[i] = prefix + i;
        }
        return texts;
    }

    private static List<String> bodies(Client client, int count) throws Exception {
        List<String> bodies = new ArrayList<>();
        while (bodies.size() < count) {
            String frame = client.stomp();
            bodies.add(frame.substring(frame.indexOf("\n\n") + 2));
        }
        return bodies;
    }

    @Test
    void theJdksOwnClientTalksToUs() throws Exception {
        LinkedBlockingQueue<String> received = new LinkedBlockingQueue<>();
        WebSocket.Listener listener =
                new WebSocket.Listener() {
                    @Override
                    public CompletionStage<?> onText(
                            WebSocket socket, CharSequence data, boolean last) {
                        received.add(data.toString());
                        socket.request(1);
                        return null;
                    }
                };
        try (HttpClient http =
                HttpClient.newBuilder().sslContext(Servers.trusting(server)).build()) {
            WebSocket socket =
                    http.newWebSocketBuilder()
                            .subprotocols("v12.stomp")
                            .buildAsync(
                                    URI.create(
                                            "wss://localhost:" + address("tls").getPort() + "/ws"),
                                    listener)
                            .get(20, SECONDS);
            assertThat(socket.getSubprotocol()).isEqualTo("v12.stomp");
            socket.sendText(CONNECT + "\0", true).get(20, SECONDS);
            assertThat(received.poll(20, SECONDS)).startsWith("CONNECTED\n");
            socket.sendClose(WebSocket.NORMAL_CLOSURE, "").get(20, SECONDS);
        }
    }

    @Test
    void aRequestThatAProxyPassedOnIsNotLocal() throws Exception {
        try (Client client = Client.to(address("http"))) {
            client.send(client.upgrade("X-Forwarded-For: 192.0.2.1"));
            assertThat(client.head()).startsWith("HTTP/1.1 101 ");
            client.sendText(CONNECT + "\0");
            assertThat(client.text()).startsWith("ERROR\n").contains("access denied");
            assertThat(client.frame().closeCode()).isEqualTo(4510);
        }
    }

    @Test
    void openConnectionsAreCounted() throws Exception {
        long before = server.readings().connections().get("stomp");
        try (Client client = Client.to(address("stomp"))) {
            client.sendStomp(CONNECT);
            assertThat(client.stomp()).startsWith("CONNECTED\n");
            assertThat(server.readings().connections().get("stomp")).isGreaterThan(before);
            long sessions =
                    server.readings().shards().toCompletableFuture().get(20, SECONDS).stream()
                            .mapToLong(reading -> reading.sessions())
                            .sum();
            assertThat(sessions).isPositive();
        } catch (EOFException e) {
            throw new AssertionError("the server ended the connection", e);
        }
    }
}
