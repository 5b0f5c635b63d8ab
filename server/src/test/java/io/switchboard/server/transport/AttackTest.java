package io.switchboard.server.transport;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import io.switchboard.broker.AccessRule;
import io.switchboard.broker.AccessRules.Action;
import io.switchboard.broker.BrokerLimits;
import io.switchboard.broker.RuleSet;
import io.switchboard.server.ClientLimits;
import io.switchboard.server.ServerLimits;
import io.switchboard.server.SwitchboardServer;
import io.switchboard.server.auth.AuthOptions;
import io.switchboard.server.auth.UsersFile;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.zip.Deflater;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/// Attacks from outside, over real sockets, each with what must come of it; those of HTTP/2 are in
/// [Http2AttackTest], many at once in [HostileCrowdTest]. SECURITY.md has the whole list. A server
/// with users, rules and small budgets stands all of them, serves somebody honest after each, and
/// holds no more memory than before.
@TestInstance(Lifecycle.PER_CLASS)
@Timeout(120)
class AttackTest {
    private static final String SECRET = "canary-attack-4be1-password";
    private static final String BODY = "canary-attack-90c3-body";

    /// What buffers and tables that are kept for the next client may make of difference.
    private static final long LEFT_MAX = 32L << 20;

    private static final long INBOUND = 8L << 20;

    private SwitchboardServer server;
    private ServerMemory before;
    private final Queue<String> logged = new ConcurrentLinkedQueue<>();
    private final Logger root = (Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME);
    private final Logger ours = (Logger) LoggerFactory.getLogger("io.switchboard");
    private final Level level = ours.getLevel();
    private final AppenderBase<ILoggingEvent> recorder =
            new AppenderBase<>() {
                @Override
                protected void append(ILoggingEvent event) {
                    String text = event.getFormattedMessage();
                    if (text.contains("canary-") || text.indexOf('\n') >= 0) {
                        logged.add(text);
                    }
                }
            };

    @BeforeAll
    void start(@TempDir Path folder) throws Exception {
        recorder.start();
        root.addAppender(recorder);
        ours.setLevel(Level.TRACE);
        Path users = folder.resolve("users");
        UsersFile.put(users, "alice", SECRET.toCharArray(), List.of());
        UsersFile.put(users, "bob", SECRET.toCharArray(), List.of());
        BrokerLimits broker = ServerLimits.DEFAULT.broker();
        server =
                Servers.start(
                        Servers.options()
                                .withShards(2)
                                .withFiles(folder)
                                .withAuth(
                                        new AuthOptions(
                                                true,
                                                users,
                                                null,
                                                null,
                                                Duration.ofSeconds(30),
                                                List.of()))
                                .withAccess(rules())
                                .withLimits(
                                        ServerLimits.DEFAULT
                                                .withConnectTimeout(Duration.ofSeconds(3))
                                                .withBroker(
                                                        broker.withOutboundBytesPerSession(
                                                                256 << 10))
                                                .withClients(
                                                        ClientLimits.DEFAULT.withInboundBytes(
                                                                INBOUND))));
        assertServed();
        before = ServerMemory.now();
    }

    private static RuleSet rules() {
        AccessRule.Who anyone = AccessRule.Who.of("anyone");
        List<AccessRule> rules = new ArrayList<>();
        for (Action action : List.of(Action.SEND, Action.SUBSCRIBE)) {
            rules.add(new AccessRule(action, "/topic/open/**", anyone, "test"));
            rules.add(new AccessRule(action, "/queue/open/**", anyone, "test"));
        }
        rules.add(
                new AccessRule(
                        Action.SUBSCRIBE,
                        "/user/{user}/**",
                        AccessRule.Who.of("authenticated"),
                        "test"));
        return RuleSet.of(rules);
    }

    @AfterEach
    void itServesOnAndHoldsNoMoreThanBefore() throws Exception {
        assertServed();
        before.assertAtMost(LEFT_MAX);
    }

    @AfterAll
    void stop() {
        server.close();
        root.detachAppender(recorder);
        ours.setLevel(level);
        assertThat(logged).isEmpty();
    }

    private void assertServed() throws Exception {
        try (Client honest = connected("login:alice\npasscode:" + SECRET + "\n")) {
            honest.sendText("SUBSCRIBE\nid:a\ndestination:/topic/open/echo\n\n\0");
            honest.sendText("SEND\ndestination:/topic/open/echo\n\n" + BODY + "\0");
            assertThat(honest.text()).startsWith("MESSAGE\n").endsWith(BODY + "\0");
        }
    }

    private Client connected(String... headers) throws Exception {
        Client client = Client.webSocketTo(Servers.address(server, "http"));
        client.sendText(connect(headers));
        assertThat(client.text()).startsWith("CONNECTED\n");
        return client;
    }

    private static String connect(String... headers) {
        return "CONNECT\naccept-version:1.2\nhost:h\n" + String.join("", headers) + "\n\0";
    }

    private String handshake(String line, String host, String... headers) throws Exception {
        try (Client client = Client.to(Servers.address(server, "http"))) {
            client.send(Client.request(line, host, headers));
            return client.head();
        }
    }

    /// Sends until the server has had enough.
    private static void flood(Client client, int count, byte[] bytes) {
        try {
            client.socket.setSoTimeout(100);
            for (int i = 0; i < count; i++) {
                client.send(bytes);
            }
        } catch (IOException cutOff) {
            // The server has closed before all was sent.
        }
    }

    private static byte[] times(int count, byte[] bytes) {
        ByteBuffer all = ByteBuffer.allocate(count * bytes.length);
        while (all.hasRemaining()) {
            all.put(bytes);
        }
        return all.array();
    }

    private static String error(Client client) throws Exception {
        String frame = client.text();
        assertThat(frame).startsWith("ERROR\n");
        return frame;
    }

    /// Whose page, whose name, whose credentials.
    @Nested
    class TheHandshake {
        @ParameterizedTest
        @ValueSource(
                strings = {
                    "https://evil.example",
                    "http://localhost.evil.example",
                    "null",
                    "file://",
                    "http://localhost:1"
                })
        void aPageOfAnotherSiteOpensNoWebSocketWhateverCookieItBrings(String origin)
                throws Exception {
            assertThat(
                            handshake(
                                    "GET /ws HTTP/1.1",
                                    "Host: localhost:8080",
                                    "Origin: " + origin,
                                    "Cookie: session=" + SECRET))
                    .startsWith("HTTP/1.1 403 ");
        }

        @Test
        void aNameThatWasReboundToThisMachineDoesNotGetIn() throws Exception {
            assertThat(
                            handshake(
                                    "GET /ws HTTP/1.1",
                                    "Host: evil.example",
                                    "Origin: http://evil.example"))
                    .startsWith("HTTP/1.1 403 ");
        }

        @Test
        void aTokenInTheUrlIsNoCredentialAndNotLogged() throws Exception {
            try (Client client = Client.to(Servers.address(server, "http"))) {
                String target = "/ws?login=alice&passcode=" + SECRET + "&access_token=" + SECRET;
                client.send(Client.request("GET " + target + " HTTP/1.1", "Host: localhost"));
                assertThat(client.head()).startsWith("HTTP/1.1 101 ").doesNotContain(SECRET);
                client.sendText(connect());
                assertThat(client.text()).startsWith("CONNECTED\n").doesNotContain("user-name");
            }
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "CONNECT 127.0.0.1:22 HTTP/1.1",
                    "GET http://127.0.0.1:22/ HTTP/1.1",
                    "GET //evil.example/ws HTTP/1.1",
                    "TRACE / HTTP/1.1"
                })
        void theServerIsNobodysWayToAnotherServer(String line) throws Exception {
            try (Client client = Client.to(Servers.address(server, "http"))) {
                client.send(line + "\r\nHost: localhost\r\nX-Secret: " + SECRET + "\r\n\r\n");
                assertThat(client.response())
                        .startsWith("HTTP/1.1 4")
                        .doesNotContain(SECRET, "SSH");
            }
        }

        @Test
        void twoWaysToReadOneRequestAreNoWay() throws Exception {
            try (Client client = Client.to(Servers.address(server, "http"))) {
                client.send(
                        "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n"
                                + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
                                + "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n");
                assertThat(client.rest()).startsWith("HTTP/1.1 400 ").doesNotContain("\"ok\"");
            }
        }

        @Test
        void guessingPasswordsIsCutOff() throws Exception {
            String last = "";
            for (int i = 0; i < 12; i++) {
                try (Client client = Client.webSocketTo(Servers.address(server, "http"))) {
                    client.sendText(connect("login:bob\npasscode:canary-guess-" + i + "\n"));
                    last = error(client);
                }
            }
            try (Client client = Client.webSocketTo(Servers.address(server, "http"))) {
                client.sendText(connect("login:bob\npasscode:" + SECRET + "\n"));
                assertThat(error(client)).as("the right one, too late").isEqualTo(last);
            }
            assertThat(last).contains("message:login failed\n");
        }
    }

    /// What comes in messages, after the upgrade.
    @Nested
    class ThePipe {
        @ParameterizedTest
        @ValueSource(strings = {"SEND", "SUBSCRIBE", "BEGIN", "ACK", "DISCONNECT"})
        void nothingIsDoneForWhoHasNotConnected(String command) throws Exception {
            try (Client client = Client.webSocketTo(Servers.address(server, "http"))) {
                client.sendText(command + "\nid:a\ndestination:/topic/open/a\n\n\0");
                assertThat(error(client)).contains("message:command not allowed now\n");
            }
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "/topic/**",
                    "/topic/*",
                    "/**",
                    "/topic/open",
                    "/topic/open/../secret",
                    "/topic/open%2fsecret",
                    "/user/bob/queue/a",
                    "/topic.secret.a",
                    "topic/secret"
                })
        void noSpellingReachesAroundTheRules(String destination) throws Exception {
            try (Client client = connected("login:alice\npasscode:" + SECRET + "\n")) {
                client.sendText(
                        "SUBSCRIBE\nid:a\nreceipt:r\ndestination:" + destination + "\n\n\0");
                String answer = client.text();
                // A name that is within the rules after all is one that says nothing of others.
                assertThat(answer.startsWith("ERROR\n") || destination.contains("/open/")).isTrue();
            }
        }

        @Test
        void whoASenderIsCannotBeForged() throws Exception {
            try (Client client = connected()) {
                client.sendText("SUBSCRIBE\nid:a\ndestination:/topic/open/a\n\n\0");
                client.sendText(
                        "SEND\ndestination:/topic/open/a\nuser-name:root\nmessage-id:1\n"
                                + "subscription:b\n\n\0");
                assertThat(client.text())
                        .startsWith("MESSAGE\n")
                        .doesNotContain("root")
                        .doesNotContain("message-id:1\n")
                        .doesNotContain("subscription:b\n");
            }
        }

        @Test
        void aHeaderBringsNoFrameOfItsOwn() throws Exception {
            try (Client client = connected()) {
                client.sendText("SUBSCRIBE\nid:a\ndestination:/topic/open/a\n\n\0");
                client.sendText(
                        "SEND\ndestination:/topic/open/a\nx:1\\nERROR\\n\\nmessage\\cfalse\n\n\0");
                assertThat(client.text()).contains("\nx:1\\nERROR\\n\\nmessage\\cfalse\n");
            }
        }

        @Test
        void anErrorSaysNothingThatWasSecret() throws Exception {
            try (Client client = Client.webSocketTo(Servers.address(server, "http"))) {
                client.sendText(
                        "CONNECT\naccept-version:9\nlogin:a\npasscode:" + SECRET + "\n\n\0");
                assertThat(error(client)).doesNotContain(SECRET, "java.", "Exception");
            }
        }

        @Test
        void anUnmaskedFrameEndsTheConnection() throws Exception {
            try (Client client = connected()) {
                client.send(new byte[] {(byte) 0x81, 1, 'a'});
                assertThat(client.frame().closeCode()).isEqualTo(1002);
            }
        }

        @Test
        void textThatIsNoneEndsTheConnection() throws Exception {
            try (Client client = connected()) {
                client.send(Client.frame(0x81, new byte[] {(byte) 0xc0, (byte) 0xaf}));
                assertThat(client.frame().closeCode()).isEqualTo(1007);
            }
        }
    }

    /// Bytes, frames and names without end.
    @Nested
    class TooMuch {
        @Test
        void aHeaderBombInHttp() throws Exception {
            try (Client client = Client.to(Servers.address(server, "http"))) {
                flood(client, 1, ("GET /ws HTTP/1.1\r\nHost: localhost\r\n").getBytes(US_ASCII));
                flood(client, 2_000, "X-Bomb: 0123456789\r\n".getBytes(US_ASCII));
                client.socket.setSoTimeout((int) Client.PATIENCE.toMillis());
                assertThat(client.head()).startsWith("HTTP/1.1 431 ");
            }
        }

        @Test
        void aHeaderBombInStomp() throws Exception {
            try (Client client = connected()) {
                client.sendText("SEND\ndestination:/topic/open/a\n" + "a:b\n".repeat(100_000));
                assertThat(error(client)).contains("message:headers too large\n");
            }
        }

        @Test
        void aLengthThatIsOnlyAnnounced() throws Exception {
            byte[] terabytes = {(byte) 0x82, (byte) 0xff, 0, 0, 1, 0, 0, 0, 0, 0, 1, 2, 3, 4};
            try (Client client = connected()) {
                client.send(terabytes);
                assertThat(client.frame().closeCode()).isEqualTo(1009);
            }
            try (Client client = connected()) {
                client.sendText("SEND\ndestination:/topic/open/a\ncontent-length:9999999999\n\n");
                assertThat(error(client)).contains("message:");
            }
        }

        @Test
        void aDeflateBomb() throws Exception {
            byte[] zeros = new byte[64 << 20];
            Arrays.fill(zeros, (byte) 'a');
            Deflater deflater = new Deflater(9, true);
            deflater.setInput(zeros);
            byte[] bomb = new byte[256 << 10];
            int length = deflater.deflate(bomb, 0, bomb.length, Deflater.SYNC_FLUSH);
            deflater.end();
            try (Client client = Client.to(Servers.address(server, "http"))) {
                client.send(client.upgrade("Sec-WebSocket-Extensions: permessage-deflate"));
                assertThat(client.head()).contains("permessage-deflate");
                client.sendText(connect());
                assertThat(client.text()).startsWith("CONNECTED\n");
                client.sendText("SEND\ndestination:/topic/open/a\n\n");
                client.send(Client.frame(0xc1, Arrays.copyOf(bomb, length - 4)));
                assertThat(error(client)).contains("message:body too large\n");
            }
        }

        @Test
        void aPingFlood() throws Exception {
            byte[] pings = times(1_000, Client.frame(0x89, new byte[125]));
            try (Client client = connected()) {
                for (byte i = 1; i <= 50; i++) {
                    client.send(pings);
                    client.send(Client.frame(0x89, new byte[] {i}));
                    // Where they come faster than their answers leave, the last is answered.
                    byte[] pong = client.frame().payload();
                    while (pong.length != 1) {
                        pong = client.frame().payload();
                    }
                    assertThat(pong).containsExactly(i);
                }
            }
        }

        @Test
        void aPingFloodOfWhoReadsNoPongs() throws Exception {
            byte[] pings = times(1_000, Client.frame(0x89, new byte[125]));
            try (Client client = connected()) {
                flood(client, 100, pings);
                before.assertAtMost(LEFT_MAX);
            }
        }

        @Test
        void subscriptionsThatComeAndGo() throws Exception {
            try (Client client = connected()) {
                StringBuilder frames = new StringBuilder();
                for (int i = 0; i < 20_000; i++) {
                    frames.append("SUBSCRIBE\nid:a\ndestination:/topic/open/")
                            .append(i)
                            .append("\n\n\0UNSUBSCRIBE\nid:a\n\n\0");
                }
                frames.append("SEND\ndestination:/topic/open/end\nreceipt:end\n\n\0");
                client.sendText(frames.toString());
                assertThat(client.text()).contains("receipt-id:end\n");
            }
        }

        @Test
        void aMillionNamesThatNobodySubscribesTo() throws Exception {
            try (Client client = connected()) {
                for (int i = 0; i < 50; i++) {
                    StringBuilder frames = new StringBuilder();
                    for (int n = 0; n < 20_000; n++) {
                        frames.append("SEND\ndestination:/topic/open/")
                                .append(i * 20_000 + n)
                                .append("\n\n\0");
                    }
                    client.sendText(frames.toString());
                }
                client.sendText("SEND\ndestination:/topic/open/end\nreceipt:end\n\n\0");
                assertThat(client.text()).contains("receipt-id:end\n");
            }
        }

        @Test
        void moreSubscriptionsThanOneMayHave() throws Exception {
            try (Client client = connected()) {
                StringBuilder frames = new StringBuilder();
                for (int i = 0; i < 1_001; i++) {
                    frames.append("SUBSCRIBE\nid:")
                            .append(i)
                            .append("\ndestination:/topic/open/a\n\n\0");
                }
                client.sendText(frames.toString());
                assertThat(error(client)).contains("message:too many subscriptions\n");
            }
        }

        @Test
        void halfFramesOfMany() throws Exception {
            String half =
                    "SEND\ndestination:/topic/open/a\ncontent-length:1000000\n\n"
                            + "x".repeat(500_000);
            List<Client> crowd = new ArrayList<>();
            try {
                for (int i = 0; i < 60; i++) {
                    Client client = connected();
                    crowd.add(client);
                    client.sendText(half);
                }
                assertServed();
                before.assertAtMost(INBOUND + LEFT_MAX);
            } finally {
                for (Client each : crowd) {
                    each.close();
                }
            }
        }
    }

    /// Who takes its time.
    @Nested
    class TooSlow {
        private void assertCutOff(Client client, String drop) throws Exception {
            client.socket.setSoTimeout(200);
            long end = System.nanoTime() + Client.PATIENCE.toNanos();
            boolean gone = false;
            while (!gone && System.nanoTime() - end < 0) {
                try {
                    client.send(drop);
                    gone = client.read() < 0;
                } catch (SocketTimeoutException goOn) {
                    gone = false;
                } catch (IOException reset) {
                    gone = true;
                }
            }
            assertThat(gone).isTrue();
        }

        @Test
        void anHttpHeadThatDrips() throws Exception {
            try (Client client = Client.to(Servers.address(server, "http"))) {
                client.send("GET /ws HTTP/1.1\r\nHost: localhost\r\n");
                assertCutOff(client, "X: a\r\n");
            }
        }

        @Test
        void aWebSocketFrameThatDripsBeforeConnect() throws Exception {
            try (Client client = Client.webSocketTo(Servers.address(server, "http"))) {
                client.send(Arrays.copyOf(Client.frame(0x81, new byte[10_000]), 14));
                assertCutOff(client, "\n");
            }
        }

        @Test
        void aStompFrameThatDripsBeforeConnect() throws Exception {
            try (Client client = Client.to(Servers.address(server, "stomp"))) {
                client.send("CONNECT\n");
                assertCutOff(client, "a:b\n");
            }
        }

        @Test
        void aFrameThatDripsForEverIsLittleAndHoldsUpNobody() throws Exception {
            try (Client client = connected()) {
                client.sendText("SEND\ndestination:/topic/open/a\n\n");
                for (int i = 0; i < 100; i++) {
                    client.sendText("x");
                }
                assertServed();
                before.assertAtMost(LEFT_MAX);
            }
        }

        @Test
        void whoSubscribesAndDoesNotRead() throws Exception {
            String message = "SEND\ndestination:/topic/open/flood\n\n" + "x".repeat(10_000) + "\0";
            try (Client slow = Client.withReceiveBuffer(Servers.address(server, "http"), 8 << 10);
                    Client fast = connected()) {
                slow.sendText(connect());
                slow.sendText("SUBSCRIBE\nid:a\ndestination:/topic/open/flood\nreceipt:r\n\n\0");
                assertThat(slow.text()).startsWith("CONNECTED\n");
                assertThat(slow.text()).startsWith("RECEIPT\n");
                for (int i = 0; i < 2_000; i++) {
                    fast.sendText(message);
                }
                fast.sendText("SEND\ndestination:/topic/open/a\nreceipt:end\n\n\0");
                assertThat(fast.text()).contains("receipt-id:end\n");
                before.assertAtMost(LEFT_MAX);
                assertThatThrownBy(
                                () -> {
                                    while (slow.frame().opcode() != 8) {
                                        // What had left before it was given up.
                                    }
                                    throw new IOException("closed");
                                })
                        .isInstanceOf(IOException.class);
            }
        }

        @Test
        void whoAsksForReceiptsAndDoesNotRead() throws Exception {
            byte[] frames =
                    Client.frame(
                            0x81,
                            "SEND\ndestination:/topic/open/a\nreceipt:r\n\n\0"
                                    .repeat(2_000)
                                    .getBytes(UTF_8));
            try (Client client =
                    Client.withReceiveBuffer(Servers.address(server, "http"), 8 << 10)) {
                client.sendText(connect());
                assertThat(client.text()).startsWith("CONNECTED\n");
                client.socket.setSoTimeout(100);
                Thread writer = Thread.ofVirtual().start(() -> flood(client, 1_000, frames));
                assertServed();
                before.assertAtMost(LEFT_MAX);
                client.close();
                writer.join();
            }
        }
    }
}
