package io.switchboard.server.transport;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.switchboard.broker.BrokerLimits;
import io.switchboard.server.ServerLimits;
import io.switchboard.server.SwitchboardServer;
import io.switchboard.websocket.WebSocketLimits;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What a client meets behind each limit, over a real socket. What concerns clients that do not
/// read is in [PressureTest], what concerns HTTP requests in [HandshakeLimitRulesTest].
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class LimitsTest {
    private static final String CONNECT = "CONNECT\naccept-version:1.2\nhost:localhost\n\n";

    private SwitchboardServer server;

    @BeforeAll
    void start() throws Exception {
        server = started(ServerLimits.DEFAULT);
    }

    @AfterAll
    void stop() {
        server.close();
    }

    private static SwitchboardServer started(ServerLimits limits) throws Exception {
        return Servers.start(Servers.options().withLimits(limits).withShards(1));
    }

    private static ServerLimits connections(int count) {
        ServerLimits d = ServerLimits.DEFAULT;
        return new ServerLimits(
                count,
                d.handshakes(),
                d.handshakesPerAddress(),
                d.httpHeadBytes(),
                d.connectTimeout(),
                d.closeTimeout(),
                d.pingAfter(),
                d.shutdownTimeout(),
                d.stomp(),
                d.webSocket(),
                d.broker());
    }

    private static Client connected(SwitchboardServer server) throws Exception {
        Client client = Client.webSocketTo(Servers.address(server, "http"));
        client.sendText(CONNECT + "\0");
        assertThat(client.text()).startsWith("CONNECTED\n");
        return client;
    }

    private static void assertEnded(Client client, int code, String message, String setting)
            throws Exception {
        assertThat(client.text())
                .startsWith("ERROR\n")
                .contains("message:" + message + "\n")
                .endsWith("; setting: " + setting + "\0");
        assertThat(client.frame().closeCode()).isEqualTo(code);
    }

    @Nested
    class Connections {
        @ParameterizedTest
        @ValueSource(strings = {"tls", "stomp", "stomp-tls"})
        void whereThereAreNoWordsForItTheyAreClosedWithoutOne(String listener) throws Exception {
            try (SwitchboardServer one = started(connections(1));
                    Client first = connected(one);
                    Client second = Client.to(Servers.address(one, listener))) {
                assertThat(second.rest()).isEmpty();
                first.sendText("DISCONNECT\nreceipt:r\n\n\0");
                assertThat(first.text()).startsWith("RECEIPT\n");
            }
        }

        @Test
        void aPlaceIsFreeAgainWhenItsConnectionHasGone() throws Exception {
            try (SwitchboardServer one = started(connections(1))) {
                try (Client first = connected(one)) {
                    first.send(Client.close(1000));
                    assertThat(first.frame().closeCode()).isEqualTo(1000);
                    assertThat(first.rest()).isEmpty();
                }
                // The server learns of the end of a socket in its own time.
                boolean taken = false;
                for (long end = System.nanoTime() + Client.PATIENCE.toNanos();
                        !taken && System.nanoTime() - end < 0; ) {
                    try (Client next = Client.to(Servers.address(one, "http"))) {
                        next.send(next.upgrade());
                        taken = next.head().startsWith("HTTP/1.1 101 ");
                    }
                }
                assertThat(taken).isTrue();
            }
        }
    }

    @Nested
    class Time {
        private SwitchboardServer hasty() throws Exception {
            return started(ServerLimits.DEFAULT.withConnectTimeout(Duration.ofMillis(300)));
        }

        @ParameterizedTest
        @ValueSource(strings = {"tls", "stomp-tls"})
        void aTlsHandshakeThatDoesNotComeIsNotWaitedFor(String listener) throws Exception {
            try (SwitchboardServer hasty = hasty();
                    Client client = Client.to(Servers.address(hasty, listener))) {
                assertThat(client.rest()).isEmpty();
            }
        }

        @Test
        void aTcpClientThatSaysNothingIsTold() throws Exception {
            try (SwitchboardServer hasty = hasty();
                    Client client = Client.to(Servers.address(hasty, "stomp"))) {
                assertThat(client.stomp())
                        .startsWith("ERROR\n")
                        .contains("message:no CONNECT in time\n")
                        .endsWith("; setting: limits.connect-timeout");
                assertThat(client.rest()).isEmpty();
            }
        }

        @Test
        void lineEndsAreNoConnect() throws Exception {
            try (SwitchboardServer hasty = hasty();
                    Client client = Client.to(Servers.address(hasty, "stomp"))) {
                client.send("\n\n\n");
                assertThat(client.stomp()).contains("message:no CONNECT in time\n");
            }
        }
    }

    @Nested
    class Http {
        @Test
        void contentThatNobodyWantsIsReadToALimit() throws Exception {
            try (Client client = Client.to(Servers.address(server, "http"))) {
                client.send(
                        "GET /health HTTP/1.1\r\n"
                                + "Host: localhost\r\n"
                                + "Content-Length: 1000000\r\n\r\n");
                client.send("x".repeat((64 << 10) + 1));
                assertThat(client.rest()).startsWith("HTTP/1.1 413 ");
            }
        }

        @ParameterizedTest
        @ValueSource(strings = {"/health", "/elsewhere"})
        void contentThatIsAnnouncedBeyondTheLimitIsNotWaitedFor(String path) throws Exception {
            try (Client client = Client.to(Servers.address(server, "http"))) {
                client.send(
                        "POST "
                                + path
                                + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: 65537\r\n\r\n");
                assertThat(client.rest()).startsWith("HTTP/1.1 413 ");
            }
        }

        @Test
        @Timeout(60)
        void whoReadsNoAnswersIsLeft() throws Exception {
            String requests = "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(1_000);
            ServerLimits limits = ServerLimits.DEFAULT.withConnectTimeout(Duration.ofMillis(300));
            try (SwitchboardServer hasty = started(limits);
                    Client client = Client.to(Servers.address(hasty, "http"), 4_096)) {
                assertThatThrownBy(
                                () -> {
                                    while (true) {
                                        client.send(requests);
                                    }
                                })
                        .isInstanceOf(IOException.class);
            }
        }
    }

    @Nested
    class WebSocket {
        @Test
        void aFrameBeyondTheLimitIsRefusedByItsLength() throws Exception {
            long length = WebSocketLimits.DEFAULT.frameLengthMax() + 1;
            try (Client client = Client.webSocketTo(Servers.address(server, "http"))) {
                client.send(
                        ByteBuffer.allocate(14)
                                .put((byte) 0x82)
                                .put((byte) 0xff)
                                .putLong(length)
                                .array());
                assertThat(client.frame().closeCode()).isEqualTo(1009);
                assertThat(client.rest()).isEmpty();
            }
        }

        @Test
        void aMessageBeyondTheLimitIsRefusedHoweverItIsCut() throws Exception {
            ServerLimits limits =
                    ServerLimits.DEFAULT.withWebSocket(new WebSocketLimits(1_000, 1_000, 100));
            try (SwitchboardServer small = started(limits);
                    Client client = connected(small)) {
                client.send(Client.frame(0x01, "\n".repeat(600).getBytes(US_ASCII)));
                client.send(Client.frame(0x80, "\n".repeat(401).getBytes(US_ASCII)));
                assertThat(client.frame().closeCode()).isEqualTo(1009);
            }
        }

        @Test
        void fragmentsBeyondTheLimitAreRefused() throws Exception {
            ServerLimits limits =
                    ServerLimits.DEFAULT.withWebSocket(new WebSocketLimits(1_000, 1_000, 3));
            try (SwitchboardServer small = started(limits);
                    Client client = connected(small)) {
                client.send(Client.frame(0x01, new byte[] {'\n'}));
                for (int i = 0; i < 3; i++) {
                    client.send(Client.frame(0x00, new byte[] {'\n'}));
                }
                assertThat(client.frame().closeCode()).isEqualTo(1008);
            }
        }

        @Test
        void aControlFrameHasAtMost125Bytes() throws Exception {
            try (Client client = connected(server)) {
                client.send(Client.frame(0x89, new byte[126]));
                assertThat(client.frame().closeCode()).isEqualTo(1002);
            }
        }
    }

    @Nested
    class Stomp {
        @Test
        void tenThousandHeaders() throws Exception {
            try (Client client = connected(server)) {
                client.sendText("SEND\ndestination:/topic/a\n" + "x:y\n".repeat(10_000) + "\n\0");
                assertEnded(client, 4520, "headers too large", "limits.stomp-headers");
            }
        }

        @Test
        void tenThousandHeadersOverTcp() throws Exception {
            try (Client client = Client.to(Servers.address(server, "stomp"))) {
                client.sendStomp(CONNECT);
                assertThat(client.stomp()).startsWith("CONNECTED\n");
                client.sendStomp("SEND\ndestination:/topic/a\n" + "x:y\n".repeat(10_000) + "\n");
                assertThat(client.stomp()).endsWith("; setting: limits.stomp-headers");
                assertThat(client.rest()).isEmpty();
            }
        }

        @Test
        void aLongHead() throws Exception {
            try (Client client = connected(server)) {
                client.sendText("SEND\ndestination:/topic/a\nx:" + "y".repeat(20_000) + "\n\n\0");
                assertEnded(client, 4520, "headers too large", "limits.stomp-header-bytes");
            }
        }

        @Test
        void aLongBody() throws Exception {
            try (Client client = connected(server)) {
                client.sendText(
                        "SEND\ndestination:/topic/a\n\n" + "x".repeat((1 << 20) + 1) + "\0");
                assertEnded(client, 1009, "body too large", "limits.stomp-body");
            }
        }

        @Test
        void muchBeforeConnect() throws Exception {
            try (Client client = Client.webSocketTo(Servers.address(server, "http"))) {
                client.sendText("\n".repeat(20_000) + CONNECT + "\0");
                assertEnded(client, 4521, "too much before CONNECT", "limits.before-connected");
            }
        }

        /// STOMP 1.2, Heart-beating: a line end is a sign of life, and no number of them is wrong.
        @Test
        void aMillionLineEndsAreNothing() throws Exception {
            byte[] many = Client.frame(0x81, "\n".repeat(10_000).getBytes(US_ASCII));
            try (Client client = connected(server)) {
                for (int i = 0; i < 100; i++) {
                    client.send(many);
                }
                client.sendText("SEND\ndestination:/topic/a\nreceipt:r\n\n\0");
                assertThat(client.text()).isEqualTo("RECEIPT\nreceipt-id:r\n\n\0");
            }
        }

        /// Each in a message of its own, which is what a browser's client sends.
        @Test
        void lineEndsInMessagesOfTheirOwnAreNothing() throws Exception {
            byte[] one = Client.frame(0x81, new byte[] {'\n'});
            byte[] many = new byte[10_000 * one.length];
            for (int i = 0; i < 10_000; i++) {
                System.arraycopy(one, 0, many, i * one.length, one.length);
            }
            try (Client client = connected(server)) {
                for (int i = 0; i < 100; i++) {
                    client.send(many);
                }
                client.sendText("SEND\ndestination:/topic/a\nreceipt:r\n\n\0");
                assertThat(client.text()).isEqualTo("RECEIPT\nreceipt-id:r\n\n\0");
            }
        }
    }

    @Nested
    class Sessions {
        private static ServerLimits few() {
            BrokerLimits d = BrokerLimits.DEFAULT;
            return ServerLimits.DEFAULT.withBroker(
                    new BrokerLimits(
                            2,
                            d.outboundBytesPerSession(),
                            d.outboundBytes(),
                            3,
                            20,
                            d.commandsPerShard(),
                            d.commandBytesPerShard(),
                            d.commandsPerSession(),
                            d.commandBytesPerSession()));
        }

        private static void subscribe(Client client, String... destinations) throws Exception {
            for (String destination : destinations) {
                client.sendText(
                        "SUBSCRIBE\nid:"
                                + destination
                                + "\ndestination:"
                                + destination
                                + "\nreceipt:r\n\n\0");
            }
        }

        @Test
        void oneSubscriptionMoreThanAllowed() throws Exception {
            try (SwitchboardServer small = started(few());
                    Client client = connected(small)) {
                subscribe(client, "/topic/a", "/topic/b", "/topic/c");
                assertThat(client.text()).startsWith("RECEIPT\n");
                assertThat(client.text()).startsWith("RECEIPT\n");
                assertEnded(
                        client, 4522, "too many subscriptions", "limits.subscriptions-per-session");
            }
        }

        @Test
        void oneDestinationMoreThanAllowed() throws Exception {
            try (SwitchboardServer small = started(few());
                    Client client = connected(small);
                    Client other = connected(small)) {
                subscribe(client, "/topic/a", "/topic/b");
                assertThat(client.text()).startsWith("RECEIPT\n");
                assertThat(client.text()).startsWith("RECEIPT\n");
                subscribe(other, "/topic/c", "/topic/d");
                assertThat(other.text()).startsWith("RECEIPT\n");
                assertEnded(other, 4523, "too many destinations", "limits.destinations");
            }
        }

        @Test
        void aLongDestination() throws Exception {
            try (SwitchboardServer small = started(few());
                    Client client = connected(small)) {
                client.sendText("SEND\ndestination:/topic/" + "x".repeat(20) + "\n\n\0");
                assertEnded(client, 4524, "destination too long", "limits.destination-length");
            }
        }
    }
}
