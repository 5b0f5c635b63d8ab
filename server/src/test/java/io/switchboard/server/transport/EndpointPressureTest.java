package io.switchboard.server.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.broker.BrokerLimits;
import io.switchboard.broker.Disconnect;
import io.switchboard.server.ServerLimits;
import io.switchboard.server.SwitchboardServer;
import io.switchboard.server.endpoint.BlockingWebSocket;
import io.switchboard.server.endpoint.Endpoint;
import io.switchboard.server.endpoint.WebSocket;
import io.switchboard.server.endpoint.WebSocketListener;
import io.switchboard.server.endpoint.WholeMessages;
import io.switchboard.server.metrics.ShardReading;
import io.switchboard.websocket.HandshakeRequest;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/// Clients of programs' endpoints that do not read.
class EndpointPressureTest {
    private static final int FULL = 200_000;
    private static final int LITTLE_RECEIVE_BUFFER = 4 << 10;

    private static SwitchboardServer server(
            Endpoint endpoint, int sessionMax, long memoryMax, Duration pingAfter)
            throws Exception {
        BrokerLimits d = BrokerLimits.DEFAULT;
        BrokerLimits broker =
                new BrokerLimits(
                        d.subscriptionsPerSession(),
                        sessionMax,
                        memoryMax,
                        d.destinations(),
                        d.destinationLength(),
                        d.commandsPerShard(),
                        d.commandBytesPerShard(),
                        d.commandsPerSession(),
                        d.commandBytesPerSession());
        return Servers.start(
                Servers.options()
                        .withShards(1)
                        .withLimits(
                                ServerLimits.DEFAULT.withBroker(broker).withPingAfter(pingAfter))
                        .withEndpoint("/raw", endpoint));
    }

    private static SwitchboardServer server(Endpoint endpoint, int sessionMax, long memoryMax)
            throws Exception {
        return server(endpoint, sessionMax, memoryMax, ServerLimits.DEFAULT.pingAfter());
    }

    private static Client client(SwitchboardServer server, String query) throws IOException {
        Client client = Client.to(Servers.address(server, "http"), LITTLE_RECEIVE_BUFFER);
        client.send(
                Client.request(
                        "GET /raw?" + query + " HTTP/1.1",
                        "Host: localhost:" + client.socket.getPort()));
        assertThat(client.head()).startsWith("HTTP/1.1 101 ");
        return client;
    }

    /// Clients by the query of their request, and how each ended.
    private static final class Guests implements Endpoint {
        final Map<String, CompletableFuture<WebSocket>> sockets = new ConcurrentHashMap<>();
        final BlockingQueue<String> ends = new LinkedBlockingQueue<>();

        @Override
        public WebSocketListener open(HandshakeRequest request, WebSocket socket) {
            String name = request.target().substring("/raw?".length());
            future(name).complete(socket);
            return new WebSocketListener() {
                @Override
                public void received(ByteBuffer piece, boolean text, boolean last) {}

                @Override
                public void closed(int code, String reason) {
                    ends.add(name + " " + code + " " + reason);
                }
            };
        }

        private CompletableFuture<WebSocket> future(String name) {
            return sockets.computeIfAbsent(name, it -> new CompletableFuture<>());
        }

        WebSocket socket(String name) throws Exception {
            return future(name).get(20, TimeUnit.SECONDS);
        }

        String nextEnd() throws InterruptedException {
            return String.valueOf(ends.poll(20, TimeUnit.SECONDS));
        }

        /// Offers until the socket takes no more, and then so much again that stays.
        void fill(String name, int length) throws Exception {
            WebSocket socket = socket(name);
            ByteBuffer message = ByteBuffer.allocate(length);
            EndpointConversation conversation = (EndpointConversation) socket;
            ByteBuffer small = ByteBuffer.allocate(10_000);
            for (boolean full = false; !full; ) {
                while (conversation.bytesWaiting() < FULL && socket.offer(small)) {
                    // What systems keep between the two is no business of the server's.
                }
                // The loop may only not have come to it.
                TimeUnit.MILLISECONDS.sleep(20);
                full = conversation.bytesWaiting() >= FULL;
            }
            socket.offer(message);
        }
    }

    @Test
    void forWhomMostWaitsEndsWhenTheMemoryForAllIsUsedUp() throws Exception {
        Guests guests = new Guests();
        try (SwitchboardServer server = server(guests, 4 << 20, 12 << 20);
                Client most = client(server, "most");
                Client some = client(server, "some");
                Client good = client(server, "good")) {
            guests.fill("some", 1 << 20);
            guests.fill("most", 3 << 20);
            List<Client> others = new ArrayList<>();
            for (int i = 0; guests.ends.isEmpty(); i++) {
                assertThat(i).isLessThan(20);
                others.add(client(server, "other" + i));
                guests.fill("other" + i, 500_000);
            }
            assertThat(guests.nextEnd())
                    .isEqualTo("most 1006 " + Disconnect.OUTBOUND_MEMORY.text());
            assertThat(guests.socket("some").open()).isTrue();
            assertThat(guests.socket("good").offer("still here")).isTrue();
            assertThat(good.text()).isEqualTo("still here");
            // Nothing of what it was owed comes, but a part that its system had.
            assertThat(most.socket.getInputStream().readAllBytes().length).isLessThan(3 << 20);
            assertThat(some.frame().opcode()).isEqualTo(2);
            for (Client other : others) {
                other.close();
            }
        }
    }

    /// Many times the memory for all goes through, a message at a time.
    @Test
    void whatASocketHasTakenIsNotCounted() throws Exception {
        String message = "x".repeat(10_000);
        Endpoint whole =
                (request, socket) ->
                        new WholeMessages(socket, 20_000, it -> socket.offer(it.string()));
        try (SwitchboardServer server = server(whole, 1 << 20, 1 << 20);
                Client client = client(server, "")) {
            for (int i = 0; i < 500; i++) {
                client.sendText(message);
                assertThat(client.text()).isEqualTo(message);
            }
        }
    }

    @Test
    void sessionsAndClientsOfEndpointsShareTheMemory() throws Exception {
        Guests guests = new Guests();
        try (SwitchboardServer server = server(guests, 8 << 20, 6 << 20);
                Client guest = client(server, "guest");
                Client publisher = Client.to(Servers.address(server, "stomp"));
                Client slow = Client.to(Servers.address(server, "stomp"), LITTLE_RECEIVE_BUFFER)) {
            String connect = "CONNECT\naccept-version:1.2\nhost:localhost\n\n";
            slow.sendStomp(connect);
            slow.stomp();
            slow.sendStomp("SUBSCRIBE\nid:1\ndestination:/topic/a\nreceipt:1\n\n");
            slow.stomp();
            publisher.sendStomp(connect);
            publisher.stomp();
            guests.fill("guest", 3 << 20);
            String body = "x".repeat(100_000);
            for (int i = 0; guests.ends.isEmpty(); i++) {
                publisher.sendStomp("SEND\ndestination:/topic/a\nreceipt:" + i + "\n\n" + body);
                assertThat(publisher.stomp()).startsWith("RECEIPT");
                assertThat(i).isLessThan(1_000);
            }
            assertThat(guests.nextEnd())
                    .isEqualTo("guest 1006 " + Disconnect.OUTBOUND_MEMORY.text());
            assertThat(ended(server, Disconnect.OUTBOUND_MEMORY)).isZero();
            // Now the session is the one for whom most waits.
            try (Client other = client(server, "other")) {
                guests.fill("other", 100_000);
                for (int i = 0; ended(server, Disconnect.OUTBOUND_MEMORY) == 0; i++) {
                    publisher.sendStomp(
                            "SEND\ndestination:/topic/a\nreceipt:x" + i + "\n\n" + body);
                    assertThat(publisher.stomp()).startsWith("RECEIPT");
                    assertThat(i).isLessThan(1_000);
                }
                assertThat(guests.socket("other").open()).isTrue();
                assertThat(other.frame().opcode()).isEqualTo(2);
            }
            assertThat(guest.socket.isClosed()).isFalse();
        }
    }

    private static long ended(SwitchboardServer server, Disconnect reason) throws Exception {
        return server.readings().shards().toCompletableFuture().get(20, TimeUnit.SECONDS).stream()
                .map(ShardReading::ended)
                .mapToLong(it -> it.get(reason))
                .sum();
    }

    /// It was paused because it did not read, and would have been held for as long as it liked.
    @Test
    void aPausedClientThatReadsNothingIsCutOff() throws Exception {
        BlockingQueue<String> ends = new LinkedBlockingQueue<>();
        Endpoint echo =
                (request, socket) -> {
                    WebSocketListener inner = Endpoint.echo().open(request, socket);
                    return new WebSocketListener() {
                        @Override
                        public void received(ByteBuffer piece, boolean text, boolean last) {
                            inner.received(piece, text, last);
                        }

                        @Override
                        public void writable() {
                            inner.writable();
                        }

                        @Override
                        public void closed(int code, String reason) {
                            ends.add(code + " " + reason);
                        }
                    };
                };
        try (SwitchboardServer server = server(echo, 1 << 20, 64 << 20, Duration.ofMillis(100));
                Client deaf = client(server, "")) {
            byte[] message = Client.frame(0x82, new byte[100_000]);
            try {
                while (ends.isEmpty()) {
                    deaf.send(message);
                }
            } catch (IOException cut) {
                assertThat(cut).isNotNull();
            }
            assertThat(ends.poll(20, TimeUnit.SECONDS))
                    .isEqualTo("1006 " + Disconnect.SLOW_CONSUMER.text());
        }
    }

    @Test
    void aThreadThatSendsGivesUpInTime() throws Exception {
        BlockingQueue<String> told = new LinkedBlockingQueue<>();
        Endpoint flood =
                BlockingWebSocket.endpoint(
                        1_000,
                        Duration.ofMillis(50),
                        socket -> {
                            try {
                                while (true) {
                                    socket.send(ByteBuffer.allocate(100_000));
                                }
                            } catch (SocketTimeoutException e) {
                                told.add(e.getMessage());
                                throw e;
                            }
                        });
        try (SwitchboardServer server = server(flood, 1 << 20, 64 << 20);
                Client deaf = client(server, "")) {
            assertThat(told.poll(20, TimeUnit.SECONDS))
                    .isEqualTo("expected the client to make room within 50 ms but it did not");
            Client.Frame frame = deaf.frame();
            while (frame.opcode() == 2) {
                frame = deaf.frame();
            }
            assertThat(frame.closeCode()).isEqualTo(1013);
        }
    }

    @Test
    void aThreadThatReceivesGivesUpInTimeAndMayGoOn() throws Exception {
        Endpoint patient =
                BlockingWebSocket.endpoint(
                        1_000,
                        socket -> {
                            try {
                                socket.receive(Duration.ofMillis(50));
                            } catch (SocketTimeoutException e) {
                                socket.send("anybody there?");
                            }
                            var answer = socket.receive(Duration.ofSeconds(20));
                            socket.send(answer == null ? "gone" : answer.string());
                        });
        try (SwitchboardServer server = server(patient, 1 << 20, 64 << 20);
                Client client = client(server, "")) {
            assertThat(client.text()).isEqualTo("anybody there?");
            client.sendText("yes");
            assertThat(client.text()).isEqualTo("yes");
            assertThat(client.frame().closeCode()).isEqualTo(1000);
        }
    }
}
