package io.switchboard.server.transport;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.switchboard.server.ServerLimits;
import io.switchboard.server.SwitchboardServer;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Section H of the WebSocket rules: how a connection ends.
@TestInstance(Lifecycle.PER_CLASS)
class CloseRulesTest {
    private static final String CONNECT = "CONNECT\naccept-version:1.2\nhost:localhost\n\n\0";

    private SwitchboardServer server;

    @BeforeAll
    void start() throws Exception {
        server = Servers.start(Servers.options());
    }

    @AfterAll
    void stop() {
        server.close();
    }

    private Client client() throws Exception {
        return Client.webSocketTo(Servers.address(server, "http"));
    }

    private static Client connected(Client client) throws Exception {
        client.sendText(CONNECT);
        assertThat(client.text()).startsWith("CONNECTED\n");
        return client;
    }

    private static byte[] close(int code, String latin1Reason) {
        byte[] reason = latin1Reason.getBytes(ISO_8859_1);
        return Client.frame(
                0x88,
                ByteBuffer.allocate(2 + reason.length).putShort((short) code).put(reason).array());
    }

    /// One Close with this code, nothing behind it, and the end of the server's direction, though
    /// ours is open.
    private static void assertEnds(Client client, int code) throws Exception {
        Client.Frame close = client.frame();
        assertThat(close.firstByte()).isEqualTo(0x88);
        assertThat(close.closeCode()).isEqualTo(code);
        assertThat(client.rest()).isEmpty();
    }

    @Nested
    class Rfc6455Section7_4StatusCodes {
        @ParameterizedTest
        @ValueSource(
                ints = {
                    1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000,
                    3999, 4000, 4999
                })
        void H1_registeredAndPrivateCodesAreEchoed(int code) throws Exception {
            try (Client client = client()) {
                client.send(Client.close(code));
                assertEnds(client, code);
            }
        }

        @ParameterizedTest
        @ValueSource(ints = {1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999})
        void H2_reservedCodesFail(int code) throws Exception {
            try (Client client = client()) {
                client.send(Client.close(code));
                assertEnds(client, 1002);
            }
        }

        @ParameterizedTest
        @ValueSource(ints = {0, 999, 5000, 65535})
        void H3_codesOutsideOfAllRangesFail(int code) throws Exception {
            try (Client client = client()) {
                client.send(Client.close(code));
                assertEnds(client, 1002);
            }
        }
    }

    @Nested
    class Rfc6455Section5_5_1Close {
        @ParameterizedTest
        @ValueSource(strings = {"\u00ff", "abc\u00c3", "\u00ed\u00a0\u0080", "\u00c0\u00af"})
        void H4_aReasonIsUtf8(String latin1) throws Exception {
            try (Client client = client()) {
                client.send(close(1000, latin1));
                assertEnds(client, 1007);
            }
        }

        @Test
        void H4_aReasonInUtf8IsGood() throws Exception {
            try (Client client = client()) {
                byte[] reason = "tschüß 😀".getBytes(UTF_8);
                client.send(
                        Client.frame(
                                0x88,
                                ByteBuffer.allocate(2 + reason.length)
                                        .putShort((short) 1000)
                                        .put(reason)
                                        .array()));
                assertEnds(client, 1000);
            }
        }

        @Test
        void H5_aCloseIsNotFragmented() throws Exception {
            try (Client client = client()) {
                client.send(Client.frame(0x08, new byte[] {3, (byte) 0xe8}));
                assertEnds(client, 1002);
            }
        }

        @Test
        void H5_aCodeHasTwoBytes() throws Exception {
            try (Client client = client()) {
                client.send(Client.frame(0x88, new byte[] {3}));
                assertEnds(client, 1002);
            }
        }

        @Test
        void H5_aCloseHasAtMost125Bytes() throws Exception {
            try (Client client = client()) {
                client.send(close(1000, "x".repeat(124)));
                assertEnds(client, 1002);
            }
            try (Client client = client()) {
                client.send(close(1000, "x".repeat(123)));
                assertEnds(client, 1000);
            }
        }

        @Test
        void H5_aCloseMayBeEmpty() throws Exception {
            try (Client client = client()) {
                client.send(Client.frame(0x88, new byte[0]));
                assertThat(client.frame().payload()).isEmpty();
                assertThat(client.rest()).isEmpty();
            }
        }

        @Test
        void H6_nothingFollowsOurClose() throws Exception {
            try (Client reader = connected(client());
                    Client sender = connected(client())) {
                reader.sendText("SUBSCRIBE\nid:a\ndestination:/topic/H6\nreceipt:r\n\n\0");
                assertThat(reader.text()).startsWith("RECEIPT\n");
                reader.sendText("DISCONNECT\nreceipt:bye\n\n\0");
                assertThat(reader.text()).startsWith("RECEIPT\n");
                assertThat(reader.frame().closeCode()).isEqualTo(1000);
                // It has not answered yet, and there is a message for it.
                sender.sendText("SEND\ndestination:/topic/H6\nreceipt:r\n\nlate\0");
                assertThat(sender.text()).startsWith("RECEIPT\n");
                reader.send(Client.frame(0x89, new byte[0]));
                reader.send(Client.close(1000));
                assertThat(reader.rest()).isEmpty();
            }
        }

        @ParameterizedTest
        @ValueSource(ints = {0x81, 0x82, 0x89, 0x8a, 0x88, 0x83})
        void H7_whatFollowsThePeersCloseIsIgnored(int firstByte) throws Exception {
            try (Client client = connected(client())) {
                byte[] close = Client.close(1000);
                byte[] more = Client.frame(firstByte, "x\n".getBytes(US_ASCII));
                byte[] both = Arrays.copyOf(close, close.length + more.length);
                System.arraycopy(more, 0, both, close.length, more.length);
                client.send(both);
                client.send(more);
                assertEnds(client, 1000);
            }
        }
    }

    @Nested
    class Rfc6455Section7_1ClosingTheConnection {
        @Test
        void H8_theServerEndsTcpFirst() throws Exception {
            try (Client client = connected(client())) {
                client.send(Client.close(1000));
                assertThat(client.frame().closeCode()).isEqualTo(1000);
                assertThat(client.read()).isEqualTo(-1);
            }
        }

        @Test
        void H9_aPeerThatDoesNotAnswerOurCloseLosesItsPlace() throws Exception {
            ServerLimits d = ServerLimits.DEFAULT;
            ServerLimits hasty =
                    new ServerLimits(
                            d.connections(),
                            d.handshakes(),
                            d.handshakesPerAddress(),
                            d.httpHeadBytes(),
                            d.connectTimeout(),
                            Duration.ofMillis(200),
                            d.pingAfter(),
                            d.shutdownTimeout(),
                            d.stomp(),
                            d.webSocket(),
                            d.broker());
            try (SwitchboardServer other = Servers.start(Servers.options().withLimits(hasty));
                    Client client = connected(Client.webSocketTo(Servers.address(other, "http")))) {
                client.sendText("DISCONNECT\n\n\0");
                assertThat(client.frame().closeCode()).isEqualTo(1000);
                await().atMost(Client.PATIENCE)
                        .untilAsserted(() ->
                                assertThat(other.readings().connections())
                                        .containsEntry("http", 0L));
            }
        }

        @Test
        void H10_afterAViolationTcpEnds() throws Exception {
            try (Client client = connected(client())) {
                client.send(Client.frame(0x83, new byte[0]));
                assertEnds(client, 1002);
            }
        }

        @Test
        void H11_whatCameBeforeTheEndOfTheInputIsAnswered() throws Exception {
            try (Client client = connected(client())) {
                client.sendText("SUBSCRIBE\nid:a\ndestination:/topic/H11\nreceipt:1\n\n\0");
                client.sendText("SEND\ndestination:/topic/H11\nreceipt:2\n\nhello\0");
                client.socket.shutdownOutput();
                assertThat(client.text()).startsWith("RECEIPT\nreceipt-id:1\n");
                assertThat(client.text()).startsWith("MESSAGE\n");
                assertThat(client.text()).startsWith("RECEIPT\nreceipt-id:2\n");
                client.rest();
            }
        }

        @ParameterizedTest
        @ValueSource(strings = {"GET /ws HTTP/1.1\r\nHost: loc", "message", "close"})
        void H12_aResetLeavesNothing(String where) throws Exception {
            try (SwitchboardServer other = Servers.start(Servers.options())) {
                Client client = Client.to(Servers.address(other, "http"));
                if (where.startsWith("GET")) {
                    client.send(where);
                } else {
                    connected(client.upgraded());
                    client.sendText("SUBSCRIBE\nid:a\ndestination:/topic/H12\nreceipt:r\n\n\0");
                    assertThat(client.text()).startsWith("RECEIPT\n");
                    byte[] bytes =
                            where.equals("close")
                                    ? Client.close(1000)
                                    : Client.frame(0x81, new byte[100]);
                    client.send(Arrays.copyOf(bytes, 5));
                }
                // The system sends a reset instead of a proper end.
                client.socket.setSoLinger(true, 0);
                client.close();
                await().atMost(Client.PATIENCE)
                        .untilAsserted(() ->
                                assertThat(other.readings().connections())
                                        .containsEntry("http", 0L));
            }
        }
    }

    @Nested
    class Rfc8446Section6_1EndOfData {
        /// A whole SEND that goes through, and half of one that does not.
        @ParameterizedTest
        @ValueSource(strings = {"no close_notify", "truncated record"})
        void H14_aTruncatedTlsStreamDeliversNoHalfMessage(String how) throws Exception {
            try (Client reader = connected(client())) {
                reader.sendText("SUBSCRIBE\nid:a\ndestination:/topic/H14\nreceipt:r\n\n\0");
                assertThat(reader.text()).startsWith("RECEIPT\n");
                int port = Servers.address(server, "tls").getPort();
                try (Socket plain = new Socket("127.0.0.1", port)) {
                    Client client =
                            Client.of(
                                    Servers.trusting(server)
                                            .getSocketFactory()
                                            .createSocket(plain, "127.0.0.1", port, false));
                    connected(client.upgraded());
                    client.sendText("SEND\ndestination:/topic/H14\nreceipt:r\n\nwhole\0");
                    assertThat(client.text()).startsWith("RECEIPT\n");
                    byte[] half =
                            Client.frame(
                                    0x81, "SEND\ndestination:/topic/H14\n\nhalf\0".getBytes(UTF_8));
                    client.send(Arrays.copyOf(half, half.length - 1));
                    if (how.equals("truncated record")) {
                        plain.getOutputStream().write(new byte[] {23, 3, 3, 1, 0, 1, 2, 3});
                    }
                }
                await().atMost(Client.PATIENCE)
                        .untilAsserted(() ->
                                assertThat(server.readings().connections())
                                        .containsEntry("tls", 0L));
                reader.sendText("SEND\ndestination:/topic/H14\n\nlast\0");
                assertThat(reader.text()).endsWith("\n\nwhole\0");
                assertThat(reader.text()).endsWith("\n\nlast\0");
            }
        }
    }
}
