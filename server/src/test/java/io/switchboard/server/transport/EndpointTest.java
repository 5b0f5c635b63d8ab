package io.switchboard.server.transport;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.switchboard.broker.BrokerLimits;
import io.switchboard.server.ServerLimits;
import io.switchboard.server.ServerOptions;
import io.switchboard.server.SwitchboardServer;
import io.switchboard.server.endpoint.BlockingWebSocket;
import io.switchboard.server.endpoint.Endpoint;
import io.switchboard.server.endpoint.WebSocket;
import io.switchboard.server.endpoint.WebSocketListener;
import io.switchboard.server.endpoint.WholeMessages;
import io.switchboard.websocket.HandshakeRequest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/// WebSockets without STOMP, over real sockets.
class EndpointTest {
    private static final int OUTBOUND_MAX = 256 << 10;

    private static SwitchboardServer server(String path, Endpoint endpoint) throws Exception {
        ServerLimits d = ServerLimits.DEFAULT;
        BrokerLimits b = d.broker();
        BrokerLimits broker =
                new BrokerLimits(
                        b.subscriptionsPerSession(),
                        OUTBOUND_MAX,
                        b.outboundBytes(),
                        b.destinations(),
                        b.destinationLength(),
                        b.commandsPerShard(),
                        b.commandBytesPerShard(),
                        b.commandsPerSession(),
                        b.commandBytesPerSession());
        return Servers.start(
                Servers.options().withLimits(d.withBroker(broker)).withEndpoint(path, endpoint));
    }

    private static Client client(SwitchboardServer server, String path, String... headers)
            throws IOException {
        Client client = Client.to(Servers.address(server, "http"));
        return open(client, path, headers);
    }

    private static Client open(Client client, String path, String... headers) throws IOException {
        client.send(
                Client.request(
                        "GET " + path + " HTTP/1.1",
                        "Host: localhost:" + client.socket.getPort(),
                        headers));
        String head = client.head();
        if (!head.startsWith("HTTP/1.1 101 ")) {
            throw new IOException("expected 101 but was " + head);
        }
        return client;
    }

    private static byte[] random(int length) {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return bytes;
    }

    /// What was told to it, in order.
    private static final class Recorder implements Endpoint, WebSocketListener {
        final BlockingQueue<String> heard = new LinkedBlockingQueue<>();
        final CompletableFuture<WebSocket> opened = new CompletableFuture<>();

        @Override
        public WebSocketListener open(HandshakeRequest request, WebSocket socket) {
            heard.add("open " + request.target());
            opened.complete(socket);
            return this;
        }

        @Override
        public List<String> subprotocols() {
            return List.of("chess.v2", "chess.v1");
        }

        @Override
        public void received(ByteBuffer piece, boolean text, boolean last) {
            heard.add((text ? "text " : "binary ") + UTF_8.decode(piece) + (last ? "." : ""));
        }

        @Override
        public void writable() {
            heard.add("writable");
        }

        @Override
        public void pong(ByteBuffer payload) {
            heard.add("pong " + UTF_8.decode(payload));
        }

        @Override
        public void closed(int code, String reason) {
            heard.add("closed " + code + " " + reason);
        }

        WebSocket socket() throws Exception {
            return opened.get(20, TimeUnit.SECONDS);
        }

        String next() throws InterruptedException {
            return String.valueOf(heard.poll(20, TimeUnit.SECONDS));
        }
    }

    @Nested
    class Echoing {
        @Test
        void textAndBinaryComeBack() throws Exception {
            try (SwitchboardServer server = server("/echo", Endpoint.echo());
                    Client client = client(server, "/echo?x=1")) {
                client.sendText("grüezi");
                Client.Frame text = client.frame();
                assertThat(text.opcode()).isEqualTo(1);
                assertThat(text.text()).isEqualTo("grüezi");
                client.send(Client.frame(0x82, new byte[] {1, 2, 3}));
                Client.Frame binary = client.frame();
                assertThat(binary.opcode()).isEqualTo(2);
                assertThat(binary.payload()).containsExactly(1, 2, 3);
                client.sendText("");
                assertThat(client.frame().payload()).isEmpty();
            }
        }

        @Test
        void whatCameTogetherLeavesInOrderAndBeforeTheAnswerToTheClose() throws Exception {
            try (SwitchboardServer server = server("/echo", Endpoint.echo());
                    Client client = client(server, "/echo")) {
                ByteArrayOutputStream all = new ByteArrayOutputStream();
                for (int i = 0; i < 100; i++) {
                    all.writeBytes(Client.frame(0x81, Integer.toString(i).getBytes(UTF_8)));
                }
                all.writeBytes(Client.close(1000));
                client.send(all.toByteArray());
                for (int i = 0; i < 100; i++) {
                    assertThat(client.text()).isEqualTo(Integer.toString(i));
                }
                assertThat(client.frame().closeCode()).isEqualTo(1000);
                assertThat(client.rest()).isEmpty();
            }
        }

        @Test
        void aPingInsideAMessageIsAnsweredAndTheMessageIsWhole() throws Exception {
            try (SwitchboardServer server = server("/echo", Endpoint.echo());
                    Client client = client(server, "/echo")) {
                client.send(Client.frame(0x01, "ab".getBytes(UTF_8)));
                client.send(Client.frame(0x89, "?".getBytes(UTF_8)));
                client.send(Client.frame(0x80, "cd".getBytes(UTF_8)));
                StringBuilder text = new StringBuilder();
                int pongs = 0;
                for (boolean whole = false; !whole; ) {
                    Client.Frame frame = client.frame();
                    if (frame.opcode() == 0xa) {
                        pongs++;
                    } else {
                        text.append(frame.text());
                        whole = frame.fin();
                    }
                }
                assertThat(text).hasToString("abcd");
                assertThat(pongs).isEqualTo(1);
            }
        }

        /// Longer than all that may wait, and than all that systems keep between the two.
        @Test
        void aClientThatDoesNotTakeItsOwnWordsIsNotRead() throws Exception {
            byte[] message = random(12 << 20);
            try (SwitchboardServer server = server("/echo", Endpoint.echo());
                    Client client =
                            open(Client.to(Servers.address(server, "http"), 4 << 10), "/echo")) {
                CompletableFuture<Void> sent =
                        CompletableFuture.runAsync(() -> sendAll(client, message));
                ByteArrayOutputStream back = new ByteArrayOutputStream();
                for (boolean whole = false; !whole; ) {
                    Client.Frame frame = client.frame();
                    back.writeBytes(frame.payload());
                    whole = frame.fin();
                }
                sent.get(20, TimeUnit.SECONDS);
                assertThat(Arrays.equals(back.toByteArray(), message)).isTrue();
            }
        }

        private static void sendAll(Client client, byte[] message) {
            try {
                client.send(Client.frame(0x82, message));
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        }
    }

    @Nested
    class WhatAListenerHears {
        @Test
        void theRequestTheMessagesAndTheEnd() throws Exception {
            Recorder recorder = new Recorder();
            try (SwitchboardServer server = server("/game", recorder);
                    Client client = client(server, "/game?room=7")) {
                assertThat(recorder.next()).isEqualTo("open /game?room=7");
                WebSocket socket = recorder.socket();
                assertThat(socket.local()).isTrue();
                assertThat(socket.address()).isEqualTo("127.0.0.1:" + client.socket.getLocalPort());
                assertThat(socket.subprotocol()).isNull();
                client.sendText("move");
                assertThat(recorder.next()).isEqualTo("text move.");
                client.send(Client.frame(0x88, new byte[] {0x0f, (byte) 0xa0, 'o', 'k'}));
                assertThat(recorder.next()).isEqualTo("closed 4000 ok");
                assertThat(client.frame().closeCode()).isEqualTo(4000);
                assertThat(socket.open()).isFalse();
                assertThat(socket.offer("too late")).isFalse();
            }
        }

        @Test
        void anEndWithoutACloseIs1006() throws Exception {
            Recorder recorder = new Recorder();
            try (SwitchboardServer server = server("/game", recorder)) {
                client(server, "/game").close();
                assertThat(recorder.next()).startsWith("open");
                assertThat(recorder.next()).startsWith("closed 1006 ");
            }
        }

        @Test
        void theAnswerToItsPing() throws Exception {
            Recorder recorder = new Recorder();
            try (SwitchboardServer server = server("/game", recorder);
                    Client client = client(server, "/game")) {
                assertThat(recorder.next()).startsWith("open");
                assertThat(recorder.socket().ping(ByteBuffer.wrap("?".getBytes(UTF_8)))).isTrue();
                Client.Frame ping = client.frame();
                assertThat(ping.opcode()).isEqualTo(9);
                client.send(Client.frame(0x8a, ping.payload()));
                assertThat(recorder.next()).isEqualTo("pong ?");
            }
        }

        @Test
        void nothingWhileItPauses() throws Exception {
            Recorder recorder = new Recorder();
            Endpoint pausing =
                    (request, socket) -> {
                        recorder.open(request, socket);
                        return (piece, text, last) -> {
                            socket.pause();
                            recorder.received(piece, text, last);
                        };
                    };
            try (SwitchboardServer server = server("/game", pausing);
                    Client client = client(server, "/game")) {
                assertThat(recorder.next()).startsWith("open");
                ByteArrayOutputStream all = new ByteArrayOutputStream();
                for (String each : List.of("one", "two", "three")) {
                    all.writeBytes(Client.frame(0x81, each.getBytes(UTF_8)));
                }
                client.send(all.toByteArray());
                assertThat(recorder.next()).isEqualTo("text one.");
                // Leaves when the loop is through with what it has read.
                assertThat(recorder.socket().ping(ByteBuffer.allocate(0))).isTrue();
                assertThat(client.frame().opcode()).isEqualTo(9);
                assertThat(recorder.heard).isEmpty();
                recorder.socket().resume();
                assertThat(recorder.next()).isEqualTo("text two.");
                recorder.socket().resume();
                assertThat(recorder.next()).isEqualTo("text three.");
            }
        }

        @Test
        void thatTheServerStops() throws Exception {
            Recorder recorder = new Recorder();
            SwitchboardServer server = server("/game", recorder);
            try (Client client = client(server, "/game")) {
                assertThat(recorder.next()).startsWith("open");
                CompletableFuture<Void> stopped = CompletableFuture.runAsync(server::close);
                assertThat(client.frame().closeCode()).isEqualTo(1001);
                client.send(Client.close(1001));
                assertThat(recorder.next()).startsWith("closed 1001");
                stopped.get(20, TimeUnit.SECONDS);
            } finally {
                server.close();
            }
        }
    }

    @Nested
    class WhatAProgramSays {
        @Test
        void leavesAtOnceFromAnyThread() throws Exception {
            Recorder recorder = new Recorder();
            try (SwitchboardServer server = server("/game", recorder);
                    Client client = client(server, "/game", "Sec-WebSocket-Protocol: chess.v1")) {
                WebSocket socket = recorder.socket();
                assertThat(socket.subprotocol()).isEqualTo("chess.v1");
                assertThat(socket.offer("für dich")).isTrue();
                assertThat(client.text()).isEqualTo("für dich");
                assertThat(socket.offer(ByteBuffer.wrap(new byte[] {1, 2}))).isTrue();
                assertThat(client.frame().payload()).containsExactly(1, 2);
                assertThat(socket.offer(UTF_8.encode("a"), true, false)).isTrue();
                assertThatIllegalStateException().isThrownBy(() -> socket.offer("b"));
                assertThat(socket.offer(UTF_8.encode("c"), true, true)).isTrue();
                Client.Frame first = client.frame();
                assertThat(first.opcode()).isEqualTo(1);
                assertThat(first.fin()).isFalse();
                Client.Frame second = client.frame();
                assertThat(second.opcode()).isZero();
                assertThat(second.fin()).isTrue();
                assertThat(first.text() + second.text()).isEqualTo("ac");
            }
        }

        @Test
        void aCloseLeavesBehindWhatWasOffered() throws Exception {
            Recorder recorder = new Recorder();
            try (SwitchboardServer server = server("/game", recorder);
                    Client client = client(server, "/game")) {
                WebSocket socket = recorder.socket();
                assertThat(socket.offer("bye")).isTrue();
                socket.close(4321, "enough");
                socket.close(1000, "again");
                assertThat(socket.offer("late")).isFalse();
                assertThat(client.text()).isEqualTo("bye");
                Client.Frame close = client.frame();
                assertThat(close.closeCode()).isEqualTo(4321);
                client.send(Client.close(4321));
                assertThat(recorder.next()).startsWith("open");
                assertThat(recorder.next()).isEqualTo("closed 4321 ");
                assertThat(client.rest()).isEmpty();
            }
        }

        @Test
        void isRefusedPastTheLimitAndTakenAgainWhenThereIsRoom() throws Exception {
            Recorder recorder = new Recorder();
            try (SwitchboardServer server = server("/game", recorder);
                    Client client =
                            open(Client.to(Servers.address(server, "http"), 4 << 10), "/game")) {
                WebSocket socket = recorder.socket();
                assertThat(recorder.next()).startsWith("open");
                ByteBuffer message = ByteBuffer.wrap(random(50_000));
                int taken = 0;
                for (String told = "writable"; told.equals("writable"); ) {
                    while (socket.offer(message)) {
                        taken++;
                        assertThat(taken).isLessThan(2_000);
                    }
                    // The loop may only not have come to it.
                    String soon = recorder.heard.poll(1, TimeUnit.SECONDS);
                    told = soon == null ? "nothing" : soon;
                }
                assertThat(socket.writable()).isFalse();
                for (int i = 0; i < taken; i++) {
                    assertThat(client.frame().payload()).hasSize(50_000);
                }
                assertThat(recorder.next()).isEqualTo("writable");
                assertThat(socket.offer("room")).isTrue();
                assertThat(client.text()).isEqualTo("room");
            }
        }

        /// Even one that is longer than all that may wait.
        @Test
        void anyMessageIsTakenWhereNothingWaits() throws Exception {
            Recorder recorder = new Recorder();
            try (SwitchboardServer server = server("/game", recorder);
                    Client client = client(server, "/game")) {
                byte[] message = random(3 * OUTBOUND_MAX);
                assertThat(recorder.socket().offer(ByteBuffer.wrap(message))).isTrue();
                assertThat(client.frame().payload()).isEqualTo(message);
            }
        }
    }

    @Nested
    class WholeMessagesOnly {
        @Test
        void arePutTogetherUpToALimit() throws Exception {
            Endpoint upper =
                    (request, socket) ->
                            new WholeMessages(
                                    socket,
                                    10,
                                    it -> socket.offer(it.string().toUpperCase(Locale.ROOT)));
            try (SwitchboardServer server = server("/upper", upper);
                    Client client = client(server, "/upper")) {
                client.send(Client.frame(0x01, "abc".getBytes(UTF_8)));
                client.send(Client.frame(0x80, "defghij".getBytes(UTF_8)));
                assertThat(client.text()).isEqualTo("ABCDEFGHIJ");
                client.sendText("abcdefghijk");
                assertThat(client.frame().closeCode()).isEqualTo(1009);
            }
        }

        @Test
        void canBeWaitedForByAThread() throws Exception {
            Endpoint shout =
                    BlockingWebSocket.endpoint(
                            1000,
                            socket -> {
                                for (var it = socket.receive();
                                        it != null && !it.string().equals("stop");
                                        it = socket.receive()) {
                                    socket.send(it.string().toUpperCase(Locale.ROOT));
                                }
                            });
            try (SwitchboardServer server = server("/shout", shout);
                    Client client = client(server, "/shout")) {
                for (int i = 0; i < 50; i++) {
                    client.sendText("hey " + i);
                }
                for (int i = 0; i < 50; i++) {
                    assertThat(client.text()).isEqualTo("HEY " + i);
                }
                client.sendText("stop");
                assertThat(client.frame().closeCode()).isEqualTo(1000);
            }
        }

        @Test
        void aThreadThatSendsWaitsForTheClient() throws Exception {
            int count = 500;
            byte[] message = random(20_000);
            Endpoint flood =
                    BlockingWebSocket.endpoint(
                            1000,
                            socket -> {
                                for (int i = 0; i < count; i++) {
                                    socket.send(ByteBuffer.wrap(message));
                                }
                            });
            try (SwitchboardServer server = server("/flood", flood);
                    Client client =
                            open(Client.to(Servers.address(server, "http"), 4 << 10), "/flood")) {
                for (int i = 0; i < count; i++) {
                    assertThat(client.frame().payload()).hasSize(20_000);
                }
                assertThat(client.frame().closeCode()).isEqualTo(1000);
            }
        }

        @Test
        void aThreadThatFailsEndsItsConnection() throws Exception {
            Endpoint failing =
                    BlockingWebSocket.endpoint(
                            1000,
                            socket -> {
                                if ("error".equals(socket.receive().string())) {
                                    throw new StackOverflowError("for the test");
                                }
                                throw new IllegalStateException("for the test");
                            });
            try (SwitchboardServer server = server("/fail", failing)) {
                for (String how : List.of("error", "exception")) {
                    try (Client client = client(server, "/fail")) {
                        client.sendText(how);
                        assertThat(client.frame().closeCode()).as(how).isEqualTo(1011);
                    }
                }
            }
        }

        @Test
        void aThreadHearsThatTheClientHasGone() throws Exception {
            BlockingQueue<String> told = new LinkedBlockingQueue<>();
            Endpoint waiting =
                    BlockingWebSocket.endpoint(
                            1000, socket -> told.add(String.valueOf(socket.receive())));
            try (SwitchboardServer server = server("/wait", waiting)) {
                client(server, "/wait").close();
                assertThat(told.poll(20, TimeUnit.SECONDS)).isEqualTo("null");
            }
        }
    }

    @Nested
    class TheSameRulesAsForStomp {
        @Test
        void originAndHostAreChecked() throws Exception {
            try (SwitchboardServer server = server("/echo", Endpoint.echo());
                    Client stranger = Client.to(Servers.address(server, "http"));
                    Client rebound = Client.to(Servers.address(server, "http"))) {
                stranger.send(
                        Client.request(
                                "GET /echo HTTP/1.1",
                                "Host: localhost:" + stranger.socket.getPort(),
                                "Origin: https://evil.example"));
                assertThat(stranger.head()).startsWith("HTTP/1.1 403 ");
                rebound.send(Client.request("GET /echo HTTP/1.1", "Host: evil.example"));
                assertThat(rebound.head()).doesNotStartWith("HTTP/1.1 101 ");
            }
        }

        @Test
        void messagesHaveTheirLimits() throws Exception {
            ServerOptions options =
                    Servers.options()
                            .withLimits(
                                    ServerLimits.DEFAULT.withWebSocket(
                                            new io.switchboard.websocket.WebSocketLimits(
                                                    100, 100, 10)))
                            .withEndpoint("/echo", Endpoint.echo());
            try (SwitchboardServer server = Servers.start(options);
                    Client client = client(server, "/echo")) {
                client.sendText("x".repeat(101));
                assertThat(client.frame().closeCode()).isEqualTo(1009);
            }
        }

        @Test
        void badUtf8IsNotEchoed() throws Exception {
            try (SwitchboardServer server = server("/echo", Endpoint.echo());
                    Client client = client(server, "/echo")) {
                client.send(Client.frame(0x81, new byte[] {'C', (byte) 0xff}));
                assertThat(client.frame().closeCode()).isEqualTo(1007);
            }
        }

        @Test
        void aSilentClientIsPingedAndThenGivenUp() throws Exception {
            ServerLimits hasty = ServerLimits.DEFAULT.withPingAfter(Duration.ofMillis(200));
            Recorder recorder = new Recorder();
            try (SwitchboardServer server =
                            Servers.start(
                                    Servers.options()
                                            .withLimits(hasty)
                                            .withEndpoint("/game", recorder));
                    Client client = client(server, "/game")) {
                assertThat(client.frame().opcode()).isEqualTo(9);
                assertThat(client.frame().opcode()).isEqualTo(9);
                assertThat(client.frame().closeCode()).isEqualTo(4004);
                assertThat(recorder.next()).startsWith("open");
                assertThat(recorder.next()).isEqualTo("closed 1006 no sign of life");
            }
        }

        @Test
        void aMistakeOfTheProgramEndsOneConnectionAlone() throws Exception {
            Endpoint broken =
                    (request, socket) ->
                            (piece, text, last) -> {
                                throw new IllegalStateException("broken on purpose");
                            };
            try (SwitchboardServer server = server("/broken", broken);
                    Client other = client(server, "/broken");
                    Client client = client(server, "/broken")) {
                client.sendText("x");
                assertThat(client.frame().closeCode()).isEqualTo(4005);
                other.send(Client.frame(0x89, new byte[0]));
                assertThat(other.frame().opcode()).isEqualTo(0xa);
            }
        }
    }
}
