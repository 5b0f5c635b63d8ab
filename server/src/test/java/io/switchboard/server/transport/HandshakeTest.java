package io.switchboard.server.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.server.ServerLimits;
import io.switchboard.server.SwitchboardServer;
import java.net.SocketTimeoutException;
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

/// The opening handshake and what surrounds it, with the bytes that a client would not send.
@TestInstance(Lifecycle.PER_CLASS)
class HandshakeTest {
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
        return Client.to(Servers.address(server, "http"));
    }

    /// The status line of the answer to these bytes.
    private String status(String request) throws Exception {
        try (Client client = client()) {
            client.send(request);
            return client.head().lines().findFirst().orElseThrow();
        }
    }

    private String upgradeWith(String... more) throws Exception {
        return status(Client.request("GET /ws HTTP/1.1", "Host: localhost", more));
    }

    @Nested
    class Rfc6455Section4Opening {
        @Test
        void aValidRequestIsAccepted() throws Exception {
            try (Client client = client()) {
                client.send(client.upgrade());
                assertThat(client.head())
                        .startsWith("HTTP/1.1 101 Switching Protocols\r\n")
                        .contains("\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n")
                        .doesNotContain("Sec-WebSocket-Protocol", "Sec-WebSocket-Extensions");
            }
        }

        @Test
        void theFirstOfOurSubprotocolsThatIsOfferedIsChosen() throws Exception {
            try (Client client = client()) {
                client.send(client.upgrade("Sec-WebSocket-Protocol: v11.stomp, v12.stomp, other"));
                assertThat(client.head()).contains("\r\nSec-WebSocket-Protocol: v12.stomp\r\n");
            }
        }

        @Test
        void anotherVersionIsToldOurs() throws Exception {
            try (Client client = client()) {
                client.send(
                        "GET /ws HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
                                + "Connection: Upgrade\r\nSec-WebSocket-Version: 12\r\n"
                                + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
                assertThat(client.head())
                        .startsWith("HTTP/1.1 426 ")
                        .contains(
                                "\r\nSec-WebSocket-Version: 13\r\n", "\r\nUpgrade: websocket\r\n");
            }
        }

        @Test
        void aSecondKeyIsRefused() throws Exception {
            assertThat(upgradeWith("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="))
                    .startsWith("HTTP/1.1 400 ");
        }

        @ParameterizedTest
        @ValueSource(strings = {"POST", "HEAD", "PUT", "get"})
        void anotherMethodIsRefused(String method) throws Exception {
            assertThat(status(Client.request(method + " /ws HTTP/1.1", "Host: localhost")))
                    .matches("HTTP/1.1 (4..|501) .*");
        }

        @Test
        void anOlderHttpIsNotUpgraded() throws Exception {
            assertThat(status(Client.request("GET /ws HTTP/1.0", "Host: localhost")))
                    .startsWith("HTTP/1.1 426 ");
        }

        @ParameterizedTest
        @ValueSource(strings = {"HTTP/2.0", "HTTP/9.9"})
        void anotherHttpIsRefused(String version) throws Exception {
            assertThat(status(Client.request("GET /ws " + version, "Host: localhost")))
                    .matches("HTTP/1.1 (505|400) .*");
        }

        @Test
        void hostIsRequiredOnce() throws Exception {
            assertThat(status(Client.request("GET /ws HTTP/1.1", "X: y")))
                    .startsWith("HTTP/1.1 400 ");
            assertThat(upgradeWith("Host: localhost")).startsWith("HTTP/1.1 400 ");
        }

        @Test
        void aHostThatIsNotOursIsRefused() throws Exception {
            assertThat(status(Client.request("GET /ws HTTP/1.1", "Host: example.com")))
                    .startsWith("HTTP/1.1 403 ");
        }

        @ParameterizedTest
        @ValueSource(strings = {"https://example.com", "null", "", "http://localhost.example.com"})
        void pagesOfOthersAreRefused(String origin) throws Exception {
            assertThat(upgradeWith("Origin: " + origin)).startsWith("HTTP/1.1 403 ");
        }

        @Test
        void ourOwnPagesAreAccepted() throws Exception {
            assertThat(upgradeWith("Origin: http://localhost")).startsWith("HTTP/1.1 101 ");
        }

        @Test
        void anAbsoluteTargetIsAsGoodAsAPath() throws Exception {
            assertThat(
                            status(
                                    Client.request(
                                            "GET http://localhost/ws HTTP/1.1", "Host: localhost")))
                    .startsWith("HTTP/1.1 101 ");
        }

        @ParameterizedTest
        @ValueSource(strings = {"/ws#part", "*", "/w s"})
        void aTargetThatIsNoneIsRefused(String target) throws Exception {
            assertThat(status(Client.request("GET " + target + " HTTP/1.1", "Host: localhost")))
                    .startsWith("HTTP/1.1 400 ");
        }

        @Test
        void aPathThatIsNotServedLeavesTheConnectionUsable() throws Exception {
            try (Client client = client()) {
                client.send(Client.request("GET /elsewhere HTTP/1.1", "Host: localhost"));
                assertThat(client.response()).startsWith("HTTP/1.1 404 ");
                client.send("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n");
                assertThat(client.response()).startsWith("HTTP/1.1 200 OK\r\n");
                client.send(client.upgrade());
                assertThat(client.head()).startsWith("HTTP/1.1 101 ");
            }
        }
    }

    @Nested
    class Rfc9112Syntax {
        @ParameterizedTest
        @ValueSource(strings = {"X : y", "X: a\0b", "X: a\rb", " X: y", "X", ": y"})
        void aMalformedFieldIsRefused(String field) throws Exception {
            assertThat(upgradeWith(field)).startsWith("HTTP/1.1 400 ");
        }

        @Test
        void aFoldedFieldIsNoSecondField() throws Exception {
            try (Client client = client()) {
                client.send(client.upgrade("X: a\r\n Host: example.com"));
                assertThat(client.head()).matches("(?s)HTTP/1.1 (101|400) .*");
            }
        }

        @Test
        void aLineEndWithoutCarriageReturnIsRefused() throws Exception {
            assertThat(upgradeWith("X: y\nZ: w")).startsWith("HTTP/1.1 400 ");
        }

        @Test
        void aLongLineIsRefusedBeforeItIsWhole() throws Exception {
            assertThat(status("GET /" + "x".repeat(64 << 10))).startsWith("HTTP/1.1 414 ");
        }

        @Test
        void aLongFieldIsRefusedBeforeItIsWhole() throws Exception {
            assertThat(status("GET / HTTP/1.1\r\nX: " + "x".repeat(64 << 10)))
                    .startsWith("HTTP/1.1 431 ");
        }

        @Test
        void manyFieldsAreRefused() throws Exception {
            assertThat(status("GET / HTTP/1.1\r\n" + "X: y\r\n".repeat(5_000)))
                    .startsWith("HTTP/1.1 431 ");
        }

        @Test
        void bytesMayComeOneByOne() throws Exception {
            try (Client client = client()) {
                for (byte each : client.upgrade().getBytes()) {
                    client.send(new byte[] {each});
                }
                assertThat(client.head()).startsWith("HTTP/1.1 101 ");
            }
        }
    }

    @Nested
    class Rfc9112Section6Boundaries {
        @ParameterizedTest
        @ValueSource(
                strings = {
                    "Content-Length: 5",
                    "Transfer-Encoding: chunked",
                    "Transfer-Encoding: chunked\r\nContent-Length: 5",
                    "Content-Length: 5\r\nContent-Length: 6",
                    "Content-Length: 5, 6",
                    "Content-Length: -1"
                })
        void anUpgradeWithContentIsRefusedAndNothingBehindItIsRead(String field) throws Exception {
            try (Client client = client()) {
                client.send(client.upgrade(field));
                client.send(Client.frame(0x81, CONNECT.getBytes()));
                String all = client.rest();
                assertThat(all).startsWith("HTTP/1.1 400 ").doesNotContain("CONNECTED");
                assertThat(all.split("HTTP/1.1 [0-9]", -1)).as("answers").hasSize(2);
            }
        }

        @Test
        void framesBehindTheRequestAreTakenAfterThe101() throws Exception {
            try (Client client = client()) {
                byte[] head = client.upgrade().getBytes();
                byte[] frame = Client.frame(0x81, CONNECT.getBytes());
                byte[] both = Arrays.copyOf(head, head.length + frame.length);
                System.arraycopy(frame, 0, both, head.length, frame.length);
                client.send(both);
                assertThat(client.head()).startsWith("HTTP/1.1 101 ");
                assertThat(client.text()).startsWith("CONNECTED\n");
            }
        }

        @Test
        void aSecondRequestBehindTheUpgradeIsNoHttpAnyMore() throws Exception {
            try (Client client = client()) {
                client.send(client.upgrade() + "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
                assertThat(client.head()).startsWith("HTTP/1.1 101 ");
                assertThat(client.frame().closeCode()).isEqualTo(1002);
                assertThat(client.rest()).isEmpty();
            }
        }

        @Test
        void afterARefusedUpgradeAFrameIsNoFrame() throws Exception {
            try (Client client = client()) {
                client.send(Client.request("GET /elsewhere HTTP/1.1", "Host: localhost"));
                assertThat(client.response()).startsWith("HTTP/1.1 404 ");
                client.send(Client.frame(0x81, CONNECT.getBytes()));
                client.send("\r\n\r\n");
                assertThat(client.rest()).startsWith("HTTP/1.1 400 ");
            }
        }

        @Test
        void aPipelinedRequestIsAnswered() throws Exception {
            String request = "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n";
            try (Client client = client()) {
                client.send(request + request);
                assertThat(client.response()).startsWith("HTTP/1.1 200 ");
                assertThat(client.response()).startsWith("HTTP/1.1 200 ");
            }
        }

        @Test
        void aRefusalOfAHeadHasNoBody() throws Exception {
            try (Client client = client()) {
                client.send(Client.request("HEAD /ws HTTP/1.1", "Host: localhost"));
                assertThat(client.head()).startsWith("HTTP/1.1 405 ");
                client.send("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n");
                assertThat(client.response()).startsWith("HTTP/1.1 200 ");
            }
        }

        @Test
        void expectIsRefused() throws Exception {
            assertThat(upgradeWith("Expect: 100-continue")).startsWith("HTTP/1.1 417 ");
        }
    }

    @Nested
    class Rfc9110Section15_5_9Patience {
        @ParameterizedTest
        @ValueSource(strings = {"", "GET /ws HTTP/1.1\r\nHost: local"})
        void whoeverSendsNoWholeHeadInTimeIsCutOff(String bytes) throws Exception {
            try (SwitchboardServer hasty = hasty();
                    Client client = Client.to(Servers.address(hasty, "http"))) {
                client.send(bytes);
                assertThat(client.rest()).startsWith("HTTP/1.1 408 ");
            }
        }

        @Test
        void drippingBytesDoNotProlongIt() throws Exception {
            try (SwitchboardServer hasty = hasty();
                    Client client = Client.to(Servers.address(hasty, "http"))) {
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

        private SwitchboardServer hasty() throws Exception {
            return Servers.start(
                    Servers.options()
                            .withLimits(
                                    ServerLimits.DEFAULT.withConnectTimeout(
                                            Duration.ofMillis(300))));
        }
    }
}
