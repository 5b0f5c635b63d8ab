package io.switchboard.server.transport;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.broker.AccessRules;
import io.switchboard.broker.Principal;
import io.switchboard.server.ProxyOptions;
import io.switchboard.server.ServerLimits;
import io.switchboard.server.ServerOptions;
import io.switchboard.server.SwitchboardServer;
import java.net.Socket;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Proxies in front of the server: 127.0.0.2 is trusted, 127.0.0.1 is anybody. Whom a session comes
/// from is what the access rules are told at its CONNECT.
@TestInstance(Lifecycle.PER_CLASS)
class ProxyTest {
    private static final String CONNECT = "CONNECT\naccept-version:1.2\nhost:localhost\n\n\0";
    private static final String PROXY = "127.0.0.2";
    private static final String ANYBODY = "127.0.0.1";
    private static final String V1 = "PROXY TCP4 192.0.2.1 192.0.2.9 4711 443\r\n";
    private static final String V2_SIGNATURE = "0d0a0d0a000d0a515549540a";

    private static final ServerOptions OPTIONS =
            Servers.options()
                    .withShards(1)
                    .withProxies(
                            new ProxyOptions(
                                    List.of(PROXY), Set.of("tls", "stomp", "stomp-tls", "admin")));

    private final BlockingQueue<Principal> connected = new LinkedBlockingQueue<>();
    private SwitchboardServer server;

    @BeforeAll
    void start() throws Exception {
        server = started(OPTIONS);
    }

    @AfterAll
    void stop() {
        server.close();
    }

    private SwitchboardServer started(ServerOptions options) throws Exception {
        return SwitchboardServer.start(
                options,
                (principal, action, destination, answer) -> {
                    connected.add(principal);
                    return AccessRules.Decision.ALLOWED;
                });
    }

    private Client from(String source, String listener) throws Exception {
        return Client.from(source, Servers.address(server, listener));
    }

    /// TLS behind what was said already.
    private Client tls(Client client) throws Exception {
        Socket socket =
                Servers.trusting(server)
                        .getSocketFactory()
                        .createSocket(client.socket, ANYBODY, client.socket.getPort(), true);
        return Client.of(socket);
    }

    private Principal principal() throws Exception {
        return connected.poll(Client.PATIENCE.toSeconds(), SECONDS);
    }

    private Principal connectedOverWebSocket(Client client) throws Exception {
        client.sendText(CONNECT);
        assertThat(client.text()).startsWith("CONNECTED\n");
        return principal();
    }

    private Principal connectedOverTcp(Client client) throws Exception {
        client.send(CONNECT);
        assertThat(client.stomp()).startsWith("CONNECTED\n");
        return principal();
    }

    private static byte[] v2(String rest) {
        return HexFormat.of().parseHex(V2_SIGNATURE + rest.replace(" ", ""));
    }

    @Nested
    class TheProxyProtocol {
        @Test
        void version1NamesTheClient() throws Exception {
            try (Client client = from(PROXY, "stomp")) {
                client.send(V1);
                assertThat(connectedOverTcp(client))
                        .isEqualTo(Principal.of(null, false, "192.0.2.1:4711"));
            }
        }

        @Test
        void version2NamesTheClient() throws Exception {
            try (Client client = from(PROXY, "stomp")) {
                client.send(v2("21 11 000c c0000201 c0000209 1267 01bb"));
                assertThat(connectedOverTcp(client))
                        .isEqualTo(Principal.of(null, false, "192.0.2.1:4711"));
            }
        }

        @Test
        void addressesMayBeOfVersion6() throws Exception {
            try (Client client = from(PROXY, "stomp")) {
                client.send("PROXY TCP6 2001:db8::1 2001:db8::9 4711 443\r\n");
                assertThat(connectedOverTcp(client).address())
                        .isEqualTo("[2001:db8:0:0:0:0:0:1]:4711");
            }
        }

        @Test
        void headerAndDataMayComeInOnePiece() throws Exception {
            try (Client client = from(PROXY, "stomp")) {
                client.send(V1 + CONNECT);
                assertThat(client.stomp()).startsWith("CONNECTED\n");
                assertThat(principal().address()).isEqualTo("192.0.2.1:4711");
            }
        }

        @Test
        void headersMayComeByteByByte() throws Exception {
            try (Client client = from(PROXY, "stomp")) {
                for (byte each : v2("21 11 000f c0000201 c0000209 1267 01bb 04 0000")) {
                    client.send(new byte[] {each});
                }
                assertThat(connectedOverTcp(client).address()).isEqualTo("192.0.2.1:4711");
            }
        }

        @Test
        void theHeaderComesBeforeTls() throws Exception {
            try (Client plain = from(PROXY, "stomp-tls")) {
                plain.send(V1);
                try (Client client = tls(plain)) {
                    assertThat(connectedOverTcp(client).address()).isEqualTo("192.0.2.1:4711");
                }
            }
            try (Client plain = from(PROXY, "tls")) {
                plain.send(v2("21 11 000c c0000201 c0000209 1267 01bb"));
                try (Client client = tls(plain).upgraded()) {
                    assertThat(connectedOverWebSocket(client))
                            .isEqualTo(Principal.of(null, false, "192.0.2.1:4711"));
                }
            }
        }

        @Test
        void theAdministratorsListenerKnowsItToo() throws Exception {
            try (Client client = from(PROXY, "admin")) {
                client.send(V1 + "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n");
                assertThat(client.response()).startsWith("HTTP/1.1 200 ");
            }
        }

        /// A health check, for instance. It comes through a proxy all the same, and so is not
        /// local.
        @ParameterizedTest
        @ValueSource(strings = {"PROXY UNKNOWN\r\n", "0d0a0d0a000d0a515549540a20000000"})
        void aProxyMaySpeakForItself(String header) throws Exception {
            try (Client client = from(PROXY, "stomp")) {
                client.send(
                        header.startsWith("P")
                                ? header.getBytes(US_ASCII)
                                : HexFormat.of().parseHex(header));
                assertThat(connectedOverTcp(client))
                        .isEqualTo(
                                Principal.of(
                                        null, false, PROXY + ":" + client.socket.getLocalPort()));
            }
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "PROXY TCP4 192.0.2.1 192.0.2.9 4711\r\n",
                    "PROXY TCP4 localhost 192.0.2.9 4711 443\r\n",
                    "PROXY TCP4 192.0.2.1 192.0.2.9 4711 65536\r\n",
                    "CONNECT\naccept-version:1.2\nhost:localhost\r\n\n\0",
                    "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
                })
        void whatIsNoHeaderEndsTheConnection(String bytes) throws Exception {
            try (Client client = from(PROXY, "stomp")) {
                client.send(bytes);
                assertThat(client.rest()).isEmpty();
            }
        }

        @Test
        void aLongHeaderEndsTheConnection() throws Exception {
            try (Client client = from(PROXY, "stomp")) {
                client.send("PROXY TCP4 " + "1".repeat(200));
                assertThat(client.rest()).isEmpty();
            }
            try (Client client = from(PROXY, "stomp")) {
                client.send(v2("21 11 ffff c0000201 c0000209 1267 01bb"));
                assertThat(client.rest()).isEmpty();
            }
        }

        @Test
        void aHeaderThatDoesNotComeIsNotWaitedFor() throws Exception {
            ServerLimits hasty = ServerLimits.DEFAULT.withConnectTimeout(Duration.ofMillis(300));
            try (SwitchboardServer other = started(OPTIONS.withLimits(hasty));
                    Client silent = Client.from(PROXY, Servers.address(other, "stomp"));
                    Client half = Client.from(PROXY, Servers.address(other, "tls"))) {
                half.send("PROXY TCP4 ");
                assertThat(silent.rest()).isEmpty();
                assertThat(half.rest()).isEmpty();
            }
        }

        @Test
        void handshakesCountForTheAddressInTheHeader() throws Exception {
            ServerLimits few = ServerLimits.DEFAULT.withHandshakes(100, 1);
            ServerOptions options =
                    OPTIONS.withLimits(few)
                            .withProxies(new ProxyOptions(List.of(PROXY), Set.of("http")));
            try (SwitchboardServer other = started(options);
                    Client one = Client.from(PROXY, Servers.address(other, "http"));
                    Client same = Client.from(PROXY, Servers.address(other, "http"));
                    Client another = Client.from(PROXY, Servers.address(other, "http"))) {
                String health = "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n";
                one.send(V1 + health);
                assertThat(one.response()).startsWith("HTTP/1.1 200 ");
                same.send(V1);
                assertThat(same.head()).startsWith("HTTP/1.1 503 ").contains("\r\nRetry-After: ");
                another.send(V1.replace("192.0.2.1", "192.0.2.2") + health);
                assertThat(another.response()).startsWith("HTTP/1.1 200 ");
            }
        }
    }

    @Nested
    class FromAnybodyElse {
        @Test
        void aProxyHeaderIsNoStomp() throws Exception {
            try (Client client = from(ANYBODY, "stomp")) {
                client.send(V1 + CONNECT);
                assertThat(client.stomp()).startsWith("ERROR\n");
            }
        }

        @ParameterizedTest
        @ValueSource(strings = {"http", "admin"})
        void aProxyHeaderIsNoHttp(String listener) throws Exception {
            try (Client client = from(ANYBODY, listener)) {
                client.send(V1 + "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n");
                assertThat(client.rest()).startsWith("HTTP/1.1 400 ");
            }
        }

        @Test
        void aProxyHeaderIsNoTls() throws Exception {
            try (Client client = from(ANYBODY, "tls")) {
                client.send(v2("21 11 000c c0000201 c0000209 1267 01bb"));
                assertThat(client.response()).contains("This port speaks TLS");
            }
        }

        @Test
        void noHeaderIsNeeded() throws Exception {
            try (Client client = from(ANYBODY, "stomp")) {
                assertThat(connectedOverTcp(client))
                        .isEqualTo(
                                Principal.of(
                                        null, true, ANYBODY + ":" + client.socket.getLocalPort()));
            }
        }

        @Test
        void forwardingHeadersNameNobody() throws Exception {
            try (Client client = from(ANYBODY, "http")) {
                client.send(client.upgrade("X-Forwarded-For: 192.0.2.1"));
                assertThat(client.head()).startsWith("HTTP/1.1 101 ");
                assertThat(connectedOverWebSocket(client))
                        .isEqualTo(
                                Principal.of(
                                        null, false, ANYBODY + ":" + client.socket.getLocalPort()));
            }
        }
    }

    @Nested
    class ForwardedRequests {
        @ParameterizedTest
        @ValueSource(strings = {"X-Forwarded-For: 192.0.2.1", "Forwarded: for=192.0.2.1"})
        void nameTheClient(String header) throws Exception {
            try (Client client = from(PROXY, "http")) {
                client.send(client.upgrade(header));
                assertThat(client.head()).startsWith("HTTP/1.1 101 ");
                assertThat(connectedOverWebSocket(client))
                        .isEqualTo(Principal.of(null, false, "192.0.2.1"));
            }
        }

        @Test
        void withoutThoseHeadersAreNotLocalEither() throws Exception {
            try (Client client = from(PROXY, "http").upgraded()) {
                assertThat(connectedOverWebSocket(client).local()).isFalse();
            }
        }

        @Test
        void thatSayTwoThingsAreRefused() throws Exception {
            try (Client client = from(PROXY, "http")) {
                client.send(
                        client.upgrade("X-Forwarded-For: 192.0.2.1", "Forwarded: for=127.0.0.1"));
                assertThat(client.response()).startsWith("HTTP/1.1 400 ");
            }
        }

        /// The page came by TLS, which ended at the proxy.
        @Test
        void haveTheSchemeOfTheirOrigin() throws Exception {
            String origin = "Origin: https://localhost";
            try (Client client = from(PROXY, "http")) {
                String host = "Host: localhost";
                String line = "GET /ws HTTP/1.1";
                client.send(Client.request(line, host, origin));
                assertThat(client.response()).startsWith("HTTP/1.1 403 ");
                client.send(Client.request(line, host, origin, "X-Forwarded-Proto: https"));
                assertThat(client.head()).startsWith("HTTP/1.1 101 ");
            }
            try (Client client = from(ANYBODY, "http")) {
                client.send(
                        Client.request(
                                "GET /ws HTTP/1.1",
                                "Host: localhost",
                                origin,
                                "X-Forwarded-Proto: https"));
                assertThat(client.response()).startsWith("HTTP/1.1 403 ");
            }
        }
    }
}
