package io.switchboard.server.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.switchboard.server.ServerLimits;
import io.switchboard.server.SwitchboardServer;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Section C of the WebSocket rules: what an opening handshake may cost.
@TestInstance(Lifecycle.PER_CLASS)
class HandshakeLimitRulesTest {
    private static final String CONNECT = "CONNECT\naccept-version:1.2\nhost:localhost\n\n\0";
    private static final String HEALTH = "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n";

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

    private static Client from(SwitchboardServer server, String source, String listener)
            throws Exception {
        return Client.from(source, Servers.address(server, listener));
    }

    /// The status of the answer to these bytes, which do not make a whole head.
    private String statusOf(String bytes) throws Exception {
        try (Client client = from(server, "127.0.0.1", "http")) {
            client.send(bytes);
            return client.head().substring(9, 12);
        }
    }

    private static SwitchboardServer hasty() throws Exception {
        return started(ServerLimits.DEFAULT.withConnectTimeout(Duration.ofMillis(300)));
    }

    @Nested
    class Rfc6585Section5Sizes {
        @Test
        void C1_aLongFieldIsRefusedBeforeItIsWhole() throws Exception {
            assertThat(statusOf("GET / HTTP/1.1\r\nX: " + "x".repeat(64 << 10))).isEqualTo("431");
            assertThat(statusOf("GET / HTTP/1.1\r\n" + "x".repeat(64 << 10))).isEqualTo("431");
        }

        @Test
        void C1_aVeryLongFieldIsNotReadToItsEnd() throws Exception {
            try (Client client = from(server, "127.0.0.1", "http")) {
                client.send("GET / HTTP/1.1\r\nX: " + "x".repeat(1 << 20));
                assertThat(client.rest()).startsWith("HTTP/1.1 431 ");
            }
        }

        @Test
        void C1_aLongLineIsRefusedBeforeItIsWhole() throws Exception {
            assertThat(statusOf("GET /" + "x".repeat(64 << 10))).isEqualTo("414");
        }

        @Test
        void C2_manyFieldsAreRefused() throws Exception {
            assertThat(statusOf("GET / HTTP/1.1\r\n" + "X: y\r\n".repeat(5_000))).isEqualTo("431");
        }

        @Test
        void C6_manyOffersAreTooLongOrDeclined() throws Exception {
            try (Client client = from(server, "127.0.0.1", "http");
                    Client other = from(server, "127.0.0.1", "http")) {
                client.send(client.upgrade("Sec-WebSocket-Extensions: " + "a,".repeat(10_000)));
                assertThat(client.head()).startsWith("HTTP/1.1 431 ");
                other.send(other.upgrade("Sec-WebSocket-Extensions: " + "a,".repeat(7_000)));
                assertThat(other.head())
                        .startsWith("HTTP/1.1 101 ")
                        .doesNotContain("Sec-WebSocket-Extensions");
            }
        }
    }

    @Nested
    class Rfc9110Section15_5_9Patience {
        @ParameterizedTest
        @ValueSource(strings = {"", "GET /ws HTTP/1.1\r\nHost: local"})
        void C3_whoeverSendsNoWholeHeadInTimeIsCutOff(String bytes) throws Exception {
            try (SwitchboardServer hasty = hasty();
                    Client client = from(hasty, "127.0.0.1", "http")) {
                client.send(bytes);
                assertThat(client.rest()).startsWith("HTTP/1.1 408 ");
            }
        }

        @Test
        void C3_drippingBytesDoNotProlongIt() throws Exception {
            try (SwitchboardServer hasty = hasty();
                    Client client = from(hasty, "127.0.0.1", "http")) {
                long startNanos = System.nanoTime();
                client.socket.setSoTimeout(20);
                client.send("GET /ws HTTP/1.1\r\n");
                int first = -1;
                while (first < 0 && System.nanoTime() - startNanos < Client.PATIENCE.toNanos()) {
                    client.send("X: y\r\n");
                    try {
                        first = client.read();
                    } catch (SocketTimeoutException notYet) {
                        first = -1;
                    }
                }
                assertThat(first).isEqualTo('H');
            }
        }
    }

    @Nested
    class Rfc8446Tls {
        @ParameterizedTest
        @ValueSource(strings = {"tls", "stomp-tls"})
        void C4_aHandshakeThatStopsIsNotWaitedFor(String listener) throws Exception {
            try (SwitchboardServer hasty = hasty();
                    Client silent = from(hasty, "127.0.0.1", listener);
                    Client half = from(hasty, "127.0.0.1", listener)) {
                // The first bytes of a ClientHello.
                half.send(new byte[] {22, 3, 1, 2, 0});
                assertThat(silent.rest()).isEmpty();
                assertThat(half.rest()).isEmpty();
            }
        }

        @Test
        void C4_plainHttpIsToldSo() throws Exception {
            try (Client client = from(server, "127.0.0.1", "tls")) {
                client.send(client.upgrade());
                assertThat(client.response())
                        .startsWith("HTTP/1.1 400 ")
                        .contains("This port speaks TLS");
            }
        }

        /// The platform's own client names no server that it has only the address of.
        @Test
        void C4_noServerNameIsNeeded() throws Exception {
            try (Client client =
                    Client.of(
                            Servers.trusting(server)
                                    .getSocketFactory()
                                    .createSocket(
                                            "127.0.0.1",
                                            Servers.address(server, "tls").getPort()))) {
                client.upgraded();
            }
        }
    }

    @Nested
    class Rfc6455Section10_4HandshakesAtATime {
        @Test
        void C5_handshakesInAllAreBounded() throws Exception {
            try (SwitchboardServer two = started(ServerLimits.DEFAULT.withHandshakes(2, 2));
                    Client established = from(two, "127.0.0.1", "http").upgraded();
                    Client first = from(two, "127.0.0.1", "http");
                    Client second = from(two, "127.0.0.2", "http")) {
                first.send(HEALTH);
                assertThat(first.response()).startsWith("HTTP/1.1 200 ");
                second.send(HEALTH);
                assertThat(second.response()).startsWith("HTTP/1.1 200 ");
                try (Client third = from(two, "127.0.0.3", "http");
                        Client overTls = from(two, "127.0.0.3", "tls")) {
                    assertThat(third.head())
                            .startsWith("HTTP/1.1 503 ")
                            .contains("\r\nRetry-After: ");
                    assertThat(overTls.rest()).isEmpty();
                }
                established.sendText(CONNECT);
                assertThat(established.text()).startsWith("CONNECTED\n");
                // An upgrade makes room for the next one.
                first.upgraded();
                try (Client third = from(two, "127.0.0.3", "http")) {
                    third.upgraded();
                }
            }
        }

        @Test
        void C5_handshakesOfOneAddressAreBounded() throws Exception {
            try (SwitchboardServer one = started(ServerLimits.DEFAULT.withHandshakes(10, 1));
                    Client first = from(one, "127.0.0.1", "http")) {
                first.send(HEALTH);
                assertThat(first.response()).startsWith("HTTP/1.1 200 ");
                try (Client second = from(one, "127.0.0.1", "http")) {
                    assertThat(second.head()).startsWith("HTTP/1.1 503 ");
                }
                try (Client elsewhere = from(one, "127.0.0.2", "http")) {
                    elsewhere.upgraded();
                }
                first.upgraded();
                try (Client second = from(one, "127.0.0.1", "http")) {
                    second.upgraded();
                }
            }
        }

        /// A client has sent its request before it knows, and a reset for that would take the
        /// answer from it.
        @Test
        void C5_whoIsRefusedMayFinishItsRequest() throws Exception {
            try (SwitchboardServer one = started(ServerLimits.DEFAULT.withHandshakes(10, 1));
                    Client first = from(one, "127.0.0.1", "http")) {
                first.send(HEALTH);
                assertThat(first.response()).startsWith("HTTP/1.1 200 ");
                try (Client second = from(one, "127.0.0.1", "http")) {
                    assertThat(second.head()).startsWith("HTTP/1.1 503 ");
                    for (int i = 0; i < 20; i++) {
                        second.send(HEALTH);
                    }
                    assertThat(second.rest()).isEmpty();
                }
            }
        }

        @Test
        void C5_whoIsRefusedAndStaysIsCutOff() throws Exception {
            ServerLimits d = ServerLimits.DEFAULT;
            ServerLimits limits =
                    new ServerLimits(
                            d.connections(),
                            10,
                            1,
                            d.httpHeadBytes(),
                            d.connectTimeout(),
                            Duration.ofMillis(100),
                            d.pingAfter(),
                            d.shutdownTimeout(),
                            d.stomp(),
                            d.webSocket(),
                            d.broker());
            try (SwitchboardServer one = started(limits);
                    Client first = from(one, "127.0.0.1", "http")) {
                first.send(HEALTH);
                assertThat(first.response()).startsWith("HTTP/1.1 200 ");
                try (Client second = from(one, "127.0.0.1", "http")) {
                    assertThat(second.head()).startsWith("HTTP/1.1 503 ");
                    assertThatThrownBy(
                                    () -> {
                                        while (true) {
                                            second.send(HEALTH);
                                        }
                                    })
                            .isInstanceOf(IOException.class);
                }
            }
        }

        @Test
        void C5_aConnectionThatEndsMakesRoom() throws Exception {
            try (SwitchboardServer one = started(ServerLimits.DEFAULT.withHandshakes(10, 1))) {
                try (Client first = from(one, "127.0.0.1", "http")) {
                    first.send("GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
                    assertThat(first.rest()).startsWith("HTTP/1.1 ");
                }
                // The server learns of the end of a socket in its own time.
                boolean taken = false;
                for (long end = System.nanoTime() + Client.PATIENCE.toNanos();
                        !taken && System.nanoTime() - end < 0; ) {
                    try (Client next = from(one, "127.0.0.1", "http")) {
                        next.send(next.upgrade());
                        taken = next.head().startsWith("HTTP/1.1 101 ");
                    }
                }
                assertThat(taken).isTrue();
            }
        }

        @Test
        void C5_tcpClientsHandshakeUntilTheFirstAnswer() throws Exception {
            try (SwitchboardServer one = started(ServerLimits.DEFAULT.withHandshakes(10, 1));
                    Client first = from(one, "127.0.0.1", "stomp")) {
                first.send("CONN");
                try (Client second = from(one, "127.0.0.1", "stomp")) {
                    assertThat(second.rest()).isEmpty();
                }
                first.send(CONNECT.substring(4));
                assertThat(first.stomp()).startsWith("CONNECTED\n");
                try (Client second = from(one, "127.0.0.1", "stomp")) {
                    second.send(CONNECT);
                    assertThat(second.stomp()).startsWith("CONNECTED\n");
                }
            }
        }
    }
}
