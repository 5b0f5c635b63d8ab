package io.switchboard.client;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.switchboard.stomp.HeartBeat;
import io.switchboard.stomp.StompCommand;
import io.switchboard.stomp.StompFrame;
import io.switchboard.stomp.StompHeaders;
import io.switchboard.stomp.StompLimits;
import io.switchboard.stomp.StompVersion;
import io.switchboard.websocket.PermessageDeflate;
import java.io.IOException;
import java.net.ConnectException;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
class StompClientTest {

    static ClientOptions options(String scheme, ScriptedServer server) {
        String path = scheme.startsWith("ws") ? "/ws" : "";
        return ClientOptions.of(URI.create(scheme + "://127.0.0.1:" + server.port() + path));
    }

    private static List<StompCommand> commands(ScriptedServer server) {
        return List.copyOf(server.received).stream().map(StompFrame::command).toList();
    }

    @Nested
    class Talking {
        @ParameterizedTest
        @ValueSource(strings = {"ws", "tcp"})
        void aPublishedMessageReachesTheSubscriptionsHandler(String scheme) throws Exception {
            BlockingQueue<Message> messages = new LinkedBlockingQueue<>();
            try (ScriptedServer server = ScriptedServer.of(ScriptedServer::politely)) {
                try (StompClient client = StompClient.connect(options(scheme, server))) {
                    assertThat(client.version()).isEqualTo(StompVersion.V1_2);
                    client.subscribe("/topic/a", messages::add);
                    client.publish("/topic/a", "grüße");
                    Message message = messages.poll(10, TimeUnit.SECONDS);
                    assertThat(message).isNotNull();
                    assertThat(message.text()).isEqualTo("grüße");
                    assertThat(message.destination()).isEqualTo("/topic/a");
                }
                assertThat(commands(server))
                        .containsExactly(
                                StompCommand.CONNECT,
                                StompCommand.SUBSCRIBE,
                                StompCommand.SEND,
                                StompCommand.DISCONNECT);
            }
        }

        /// Each direction for itself.
        @ParameterizedTest
        @CsvSource({"0, 0", "0, 32768", "32768, 0", "32768, 32768"})
        void messagesReferBackAsFarAsBothAllow(int serverContext, int clientContext)
                throws Exception {
            PermessageDeflate offered = new PermessageDeflate(serverContext, clientContext);
            try (ScriptedServer server = ScriptedServer.of(ScriptedServer::politely)) {
                URI url = URI.create("ws://127.0.0.1:" + server.port() + "/takeover");
                ClientOptions options = ClientOptions.of(url).withCompression(offered);
                BlockingQueue<String> bodies = new LinkedBlockingQueue<>();
                try (StompClient client = StompClient.connect(options)) {
                    client.subscribe("/topic/a", message -> bodies.add(message.text()));
                    for (int i = 0; i < 3; i++) {
                        String body = "as before, " + "and on ".repeat(1_000) + i;
                        client.publish("/topic/a", body);
                        assertThat(bodies.poll(20, TimeUnit.SECONDS)).isEqualTo(body);
                    }
                }
                assertThat(server.compressed).isEqualTo(offered);
            }
        }

        @ParameterizedTest
        @ValueSource(strings = {"/compressed", "/ws"})
        void compressionIsOfferedAndUsedWhereTheServerAgrees(String path) throws Exception {
            BlockingQueue<Message> messages = new LinkedBlockingQueue<>();
            String body = "grüße ".repeat(20_000);
            try (ScriptedServer server = ScriptedServer.of(ScriptedServer::politely)) {
                URI url = URI.create("ws://127.0.0.1:" + server.port() + path);
                ClientOptions options = ClientOptions.of(url).withCompression(true);
                try (StompClient client = StompClient.connect(options)) {
                    client.subscribe("/topic/a", messages::add);
                    client.publish("/topic/a", body);
                    Message message = messages.poll(10, TimeUnit.SECONDS);
                    assertThat(message).isNotNull();
                    assertThat(message.text()).isEqualTo(body);
                }
                assertThat(server.compressed != null).isEqualTo(path.equals("/compressed"));
            }
        }

        @ParameterizedTest
        @ValueSource(strings = {"ws", "tcp"})
        void aBodyNeedNotBeText(String scheme) throws Exception {
            byte[] body = new byte[100_000];
            for (int i = 0; i < body.length; i++) {
                body[i] = (byte) i;
            }
            BlockingQueue<Message> messages = new LinkedBlockingQueue<>();
            // The scripted server sends text frames only, so over ws what comes back is not read.
            try (ScriptedServer server =
                            ScriptedServer.of(frame ->
                                    frame.command() == StompCommand.SEND
                                            ? List.of(
                                                    ScriptedServer.frame(
                                                            StompCommand.RECEIPT,
                                                            "receipt-id",
                                                            frame.headers().get("receipt"),
                                                            "length",
                                                            "" + frame.body().remaining()))
                                            : ScriptedServer.politely(frame));
                    StompClient client = StompClient.connect(options(scheme, server))) {
                client.subscribe("/topic/a", messages::add);
                client.publish("/topic/a", StompHeaders.of(), ByteBuffer.wrap(body));
                assertThat(server.received.getLast().headers().get("content-length"))
                        .isEqualTo("100000");
            }
        }

        @Test
        void loginPasscodeAndHostAreInConnect() throws Exception {
            try (ScriptedServer server = ScriptedServer.of(ScriptedServer::politely)) {
                StompClient.connect(options("tcp", server).withLogin("ada", "canary-secret"))
                        .close();
                StompHeaders headers = server.received.getFirst().headers();
                assertThat(headers.get("login")).isEqualTo("ada");
                assertThat(headers.get("passcode")).isEqualTo("canary-secret");
                assertThat(headers.get("host")).isEqualTo("127.0.0.1");
                assertThat(headers.get("heart-beat")).isEqualTo("10000,10000");
            }
        }

        @Test
        void headersOfTheApplicationTravelAndCannotReplaceTheClientsOwn() throws Exception {
            try (ScriptedServer server = ScriptedServer.of(ScriptedServer::politely);
                    StompClient client = StompClient.connect(options("tcp", server))) {
                client.publish(
                        "/topic/a",
                        StompHeaders.of("key", "a:b", "destination", "/topic/b"),
                        ByteBuffer.allocate(0));
                StompHeaders headers = server.received.getLast().headers();
                assertThat(headers.get("key")).isEqualTo("a:b");
                assertThat(headers.get("destination")).isEqualTo("/topic/a");
            }
        }

        @Test
        void messagesAfterUnsubscribeReachNobody() throws Exception {
            BlockingQueue<Message> messages = new LinkedBlockingQueue<>();
            try (ScriptedServer server = ScriptedServer.of(ScriptedServer::politely);
                    StompClient client = StompClient.connect(options("ws", server))) {
                Subscription subscription = client.subscribe("/topic/a", messages::add);
                client.unsubscribe(subscription);
                client.publish("/topic/a", "late");
                assertThat(messages).isEmpty();
            }
        }
    }

    @Nested
    class Leaving {
        @Test
        void aWebSocketIsClosedWithCode1000() throws Exception {
            try (ScriptedServer server = ScriptedServer.of(ScriptedServer::politely)) {
                StompClient client = StompClient.connect(options("ws", server));
                client.close();
                client.close();
                assertThat(server.closes).containsExactly(1000);
                assertThat(client.ended()).isCompleted();
            }
        }

        /// RFC 6455 section 7.1.1.
        @Test
        void theServerEndsTheTcpConnectionFirst() throws Exception {
            try (ScriptedServer server = ScriptedServer.of(ScriptedServer::politely);
                    StompClient client = StompClient.connect(options("ws", server))) {
                client.close();
                assertThat(server.ends.poll(20, TimeUnit.SECONDS)).isEqualTo("server");
            }
        }

        @ParameterizedTest
        @CsvSource({"/close, 1012, come back", "/break, 1002, broke the WebSocket protocol"})
        void theServersCloseIsAnsweredBeforeTheEnd(String destination, int code, String words)
                throws Exception {
            try (ScriptedServer server = ScriptedServer.of(frame -> answers(frame, destination));
                    StompClient client = StompClient.connect(options("ws", server))) {
                client.send(destination, "x");
                assertThat(server.ends.poll(20, TimeUnit.SECONDS)).isEqualTo("server");
                assertThat(server.closes).containsExactly(code);
                assertThat(client.ended())
                        .failsWithin(20, TimeUnit.SECONDS)
                        .withThrowableThat()
                        .withMessageContaining(words);
            }
        }

        /// Nothing where the server has said Close already.
        private static List<StompFrame> answers(StompFrame frame, String ending) {
            return ending.equals(frame.headers().get("destination"))
                    ? List.of()
                    : ScriptedServer.politely(frame);
        }

        @Test
        void nothingCanBeSentAfterwards() throws Exception {
            try (ScriptedServer server = ScriptedServer.of(ScriptedServer::politely)) {
                StompClient client = StompClient.connect(options("tcp", server));
                client.close();
                assertThatThrownBy(() -> client.send("/topic/a", "x"))
                        .isInstanceOf(IOException.class)
                        .hasMessageContaining("ended");
            }
        }
    }

    @Nested
    class Trouble {
        @Test
        void nobodyListens() throws Exception {
            int port;
            try (ServerSocket free = new ServerSocket(0)) {
                port = free.getLocalPort();
            }
            assertThatThrownBy(() ->
                            StompClient.connect(
                                    ClientOptions.of(URI.create("tcp://127.0.0.1:" + port))))
                    .isInstanceOf(ConnectException.class)
                    .hasMessageContaining("127.0.0.1:" + port);
        }

        @Test
        void anErrorIsAnExceptionWithItsText() throws Exception {
            try (ScriptedServer server =
                    ScriptedServer.of(frame ->
                            List.of(
                                    new StompFrame(
                                            StompCommand.ERROR,
                                            StompHeaders.of("message", "access denied"),
                                            UTF_8.encode("who are you"))))) {
                assertThatThrownBy(() -> StompClient.connect(options("ws", server)))
                        .isInstanceOfSatisfying(
                                StompErrorException.class,
                                error -> {
                                    assertThat(error.summary()).isEqualTo("access denied");
                                    assertThat(error.detail()).isEqualTo("who are you");
                                });
            }
        }

        @Test
        void aRefusedUpgradeSaysWhy() throws Exception {
            try (ScriptedServer server = ScriptedServer.of(ScriptedServer::politely)) {
                URI elsewhere = URI.create("ws://127.0.0.1:" + server.port() + "/elsewhere");
                assertThatThrownBy(() -> StompClient.connect(ClientOptions.of(elsewhere)))
                        .isInstanceOf(IOException.class)
                        .hasMessageContaining("404 Not Found");
            }
        }

        @Test
        void aMissingReceiptIsTimedOut() throws Exception {
            try (ScriptedServer server =
                            ScriptedServer.of(frame ->
                                    frame.command() == StompCommand.CONNECT
                                            ? ScriptedServer.politely(frame)
                                            : List.of());
                    StompClient client =
                            StompClient.connect(
                                    options("tcp", server).withTimeout(Duration.ofMillis(200)))) {
                assertThatThrownBy(() -> client.publish("/topic/a", "x"))
                        .isInstanceOf(IOException.class)
                        .hasMessage("no RECEIPT of SEND after 200 ms");
            }
        }

        @Test
        void aServerThatDropsTheConnectionFailsWhatWaits() throws Exception {
            try (ScriptedServer server = ScriptedServer.of(ScriptedServer::politely);
                    StompClient client = StompClient.connect(options("ws", server))) {
                server.dropClients();
                assertThatThrownBy(() -> client.ended().get(10, TimeUnit.SECONDS))
                        .hasCauseInstanceOf(IOException.class);
            }
        }

        @Test
        void aServerThatPromisedHeartBeatsMayNotFallSilent() throws Exception {
            try (ScriptedServer server =
                            ScriptedServer.of(frame ->
                                    List.of(
                                            ScriptedServer.frame(
                                                    StompCommand.CONNECTED,
                                                    "version",
                                                    "1.2",
                                                    "heart-beat",
                                                    "50,0")));
                    StompClient client =
                            StompClient.connect(
                                    options("tcp", server).withHeartBeat(new HeartBeat(0, 50)))) {
                assertThatThrownBy(() -> client.ended().get(10, TimeUnit.SECONDS))
                        .hasMessageContaining("silent");
            }
        }

        /// The server adds headers of its own to those of a SEND, and escapes what a sender of
        /// STOMP 1.0 did not.
        @Test
        void aMessageMayHaveMoreHeadersThanItsSend() throws Exception {
            StompLimits send = StompLimits.DEFAULT;
            String value = ":".repeat(send.headerBytesMax() / send.headerCountMax() - 4);
            String[] headers = new String[2 * (send.headerCountMax() + 4)];
            for (int i = 0; i < headers.length; i += 2) {
                headers[i] = "h" + i;
                headers[i + 1] = value;
            }
            headers[0] = "subscription";
            headers[1] = "sub-1";
            StompFrame message = ScriptedServer.frame(StompCommand.MESSAGE, headers);
            CompletableFuture<Message> received = new CompletableFuture<>();
            try (ScriptedServer server =
                            ScriptedServer.of(frame ->
                                    frame.command() == StompCommand.SEND
                                            ? List.of(message)
                                            : ScriptedServer.politely(frame));
                    StompClient client = StompClient.connect(options("tcp", server))) {
                client.subscribe("/topic/a", received::complete);
                client.send("/topic/a", "x");
                assertThat(received.get(10, TimeUnit.SECONDS).headers().size())
                        .isEqualTo(headers.length / 2);
            }
        }

        @Test
        void aBodyBeyondTheLimitEndsTheConnection() throws Exception {
            try (ScriptedServer server = ScriptedServer.of(ScriptedServer::politely);
                    StompClient big = StompClient.connect(options("tcp", server));
                    StompClient small =
                            StompClient.connect(
                                    options("tcp", server)
                                            .withLimits(
                                                    StompLimits.DEFAULT.withBodyLengthMax(10)))) {
                assertThatThrownBy(() -> small.send("/topic/a", "more than ten"))
                        .hasMessageContaining("at most 10 bytes");
                big.subscribe("/topic/a", message -> {});
                big.publish("/topic/a", "more than ten");
            }
        }

        @Test
        void aHandlerMustNotWaitForAReceipt() throws Exception {
            BlockingQueue<Throwable> thrown = new LinkedBlockingQueue<>();
            try (ScriptedServer server = ScriptedServer.of(ScriptedServer::politely);
                    StompClient client = StompClient.connect(options("ws", server))) {
                client.subscribe(
                        "/topic/a",
                        message -> {
                            try {
                                client.publish("/topic/b", "answer");
                            } catch (IllegalStateException | IOException e) {
                                thrown.add(e);
                            }
                        });
                client.publish("/topic/a", "question");
                assertThat(thrown.poll(10, TimeUnit.SECONDS))
                        .isInstanceOf(IllegalStateException.class);
            }
        }

        @Test
        void aHandlerThatThrowsEndsTheConnection() throws Exception {
            try (ScriptedServer server = ScriptedServer.of(ScriptedServer::politely);
                    StompClient client = StompClient.connect(options("tcp", server))) {
                client.subscribe(
                        "/topic/a",
                        message -> {
                            throw new IllegalArgumentException("cannot read this");
                        });
                client.send("/topic/a", "x");
                assertThatThrownBy(() -> client.ended().get(10, TimeUnit.SECONDS))
                        .hasMessageContaining("cannot read this");
            }
        }
    }

    @Nested
    class Options {
        @ParameterizedTest
        @ValueSource(
                strings = {
                    "http://localhost/ws",
                    "localhost:8080",
                    "ws:///ws",
                    "ws://ada:secret@localhost/ws",
                    "wss://localhost/ws#part"
                })
        void aUrlThatCannotBeUsedIsRefused(String url) {
            assertThatThrownBy(() -> ClientOptions.of(URI.create(url)))
                    .isInstanceOf(IllegalArgumentException.class);
        }

        @Test
        void theTextLeavesThePasscodeOut() {
            assertThat(
                            ClientOptions.of(URI.create("tcp://localhost"))
                                    .withLogin("ada", "canary-secret")
                                    .toString())
                    .isEqualTo("ada at tcp://localhost");
        }
    }
}
