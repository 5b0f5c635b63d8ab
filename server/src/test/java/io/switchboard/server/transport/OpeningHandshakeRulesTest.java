package io.switchboard.server.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.server.ServerOptions;
import io.switchboard.server.SwitchboardServer;
import io.switchboard.server.endpoint.Endpoint;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Section A of the WebSocket rules: the opening handshake, with the bytes that a client would not
/// send.
@TestInstance(Lifecycle.PER_CLASS)
class OpeningHandshakeRulesTest {
    private static final String KEY = "dGhlIHNhbXBsZSBub25jZQ==";
    private static final String HEALTH = "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n";

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

    private static String head(String line, String... fields) {
        return line + "\r\n" + String.join("\r\n", fields) + "\r\n\r\n";
    }

    /// A good request but for what stands in one field.
    private static String upgrade(String upgrade, String connection, String version, String key) {
        return head(
                "GET /ws HTTP/1.1",
                "Host: localhost",
                "Upgrade: " + upgrade,
                "Connection: " + connection,
                "Sec-WebSocket-Version: " + version,
                "Sec-WebSocket-Key: " + key);
    }

    private static String upgradeOfVersion(String version) {
        return upgrade("websocket", "Upgrade", version, KEY);
    }

    private static String upgradeWithout(String name) {
        return upgradeOfVersion("13").replaceFirst("(?m)^" + name + ": .*\r\n", "");
    }

    private static String upgradeOf(String target) {
        return Client.request("GET " + target + " HTTP/1.1", "Host: localhost");
    }

    /// The head of the answer to these bytes.
    private String answer(String request) throws Exception {
        try (Client client = client()) {
            client.send(request);
            return client.head();
        }
    }

    private int status(String request) throws Exception {
        return Integer.parseInt(answer(request).substring(9, 12));
    }

    private int statusWith(String... more) throws Exception {
        return status(Client.request("GET /ws HTTP/1.1", "Host: localhost", more));
    }

    @Nested
    class Rfc6455Section4_2_2Answer {
        @Test
        void A1_aValidRequestGetsTheDigestOfItsKeyAndNothingThatItDidNotOffer() throws Exception {
            assertThat(answer(upgradeOfVersion("13")))
                    .isEqualTo(
                            "HTTP/1.1 101 Switching Protocols\r\n"
                                    + "Upgrade: websocket\r\n"
                                    + "Connection: Upgrade\r\n"
                                    + "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n");
        }

        @Test
        void A24_aRefusalComesBeforeThe101AndRepeatsNothing() throws Exception {
            try (Client client = client()) {
                client.send(
                        Client.request(
                                "GET /ws?token=s3cret HTTP/1.1",
                                "Host: localhost",
                                "Origin: https://example.com",
                                "Authorization: Bearer s3cret",
                                "Cookie: session=s3cret"));
                assertThat(client.response())
                        .startsWith("HTTP/1.1 403 ")
                        .doesNotContain("s3cret", "example.com");
            }
        }
    }

    @Nested
    class Rfc6455Section4_4Versions {
        @ParameterizedTest
        @ValueSource(strings = {"12", "14", "0", "255"})
        void A2_anotherVersionIsToldOurs(String version) throws Exception {
            assertThat(answer(upgradeOfVersion(version)))
                    .startsWith("HTTP/1.1 426 ")
                    .contains("\r\nSec-WebSocket-Version: 13\r\n", "\r\nUpgrade: websocket\r\n");
        }

        @Test
        void A3_noVersionIsToldOurs() throws Exception {
            assertThat(answer(upgradeWithout("Sec-WebSocket-Version")))
                    .startsWith("HTTP/1.1 426 ")
                    .contains("\r\nSec-WebSocket-Version: 13\r\n", "\r\nUpgrade: websocket\r\n");
        }

        @ParameterizedTest
        @ValueSource(strings = {"8", "7"})
        void A4_draftsAreNotSpoken(String version) throws Exception {
            assertThat(answer(upgradeOfVersion(version)))
                    .startsWith("HTTP/1.1 426 ")
                    .contains("\r\nSec-WebSocket-Version: 13\r\n");
        }

        @ParameterizedTest
        @ValueSource(strings = {"013", "13, 8", "+13", "13.0", ""})
        void A5_aVersionIsOneNumberInItsOneForm(String version) throws Exception {
            assertThat(status(upgradeOfVersion(version))).isBetween(400, 499);
        }

        @Test
        void A6_theVersionIsSentOnce() throws Exception {
            assertThat(statusWith("Sec-WebSocket-Version: 13")).isEqualTo(400);
        }

        /// RFC 9110 section 15.5.22.
        @Test
        void A2_aPlainRequestToTheEndpointIsToldWhatToUpgradeTo() throws Exception {
            assertThat(answer(head("GET /ws HTTP/1.1", "Host: localhost")))
                    .startsWith("HTTP/1.1 426 ")
                    .contains(
                            "\r\nSec-WebSocket-Version: 13\r\n",
                            "\r\nUpgrade: websocket\r\n",
                            "\r\nConnection: Upgrade\r\n");
        }
    }

    @Nested
    class Rfc6455Section4_2_1Key {
        @Test
        void A7_theKeyIsNeeded() throws Exception {
            assertThat(status(upgradeWithout("Sec-WebSocket-Key"))).isEqualTo(400);
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "",
                    "not base64 at all!!",
                    "dGhlIHNhbXBsZSBub25j",
                    "dGhlIHNhbXBsZSBub25jZTE=",
                    "dGhlIHNhbXBsZSBub25jZTEyMzQ1Njc4OTAxMjM0NTY=",
                    "dGhlIHNhbXBsZSBub25jZR==",
                    "dGhlIHNhbXBsZSBub25jZQ"
                })
        void A8_theKeyIs16BytesInBase64(String key) throws Exception {
            assertThat(status(upgrade("websocket", "Upgrade", "13", key))).isEqualTo(400);
        }

        @Test
        void A9_theKeyIsSentOnce() throws Exception {
            assertThat(statusWith("Sec-WebSocket-Key: " + KEY)).isEqualTo(400);
        }
    }

    @Nested
    class Rfc9112Section3RequestLine {
        @ParameterizedTest
        @ValueSource(strings = {"POST", "HEAD", "PUT", "get"})
        void A10_theMethodIsGet(String method) throws Exception {
            assertThat(answer(Client.request(method + " /ws HTTP/1.1", "Host: localhost")))
                    .startsWith("HTTP/1.1 405 ")
                    .contains("\r\nAllow: GET\r\n");
        }

        /// RFC 9110 section 15.5.6.
        @ParameterizedTest
        @CsvSource({"POST, /ws", "DELETE, /", "OPTIONS, /health", "get, /"})
        void A10_pagesAreForGetAndHead(String method, String target) throws Exception {
            assertThat(answer(head(method + " " + target + " HTTP/1.1", "Host: localhost")))
                    .startsWith("HTTP/1.1 405 ")
                    .contains("\r\nAllow: GET, HEAD\r\n");
        }

        @Test
        void A11_upgradeMeansNothingInHttp10() throws Exception {
            assertThat(status(Client.request("GET /ws HTTP/1.0", "Host: localhost")))
                    .isEqualTo(426);
        }

        @ParameterizedTest
        @CsvSource({
            "HTTP/2.0, 505",
            "HTTP/9.9, 505",
            "HTTP/0.9, 505",
            "HTTP/1, 400",
            "HTTP/1.10, 400",
            "http/1.1, 400",
            "HTTPS/1.1, 400",
            "HTTP/ 1.1, 400"
        })
        void A12_theVersionIsHttp1(String version, int status) throws Exception {
            assertThat(status(Client.request("GET /ws " + version, "Host: localhost")))
                    .isEqualTo(status);
        }

        @Test
        void A12_aHigherMinorVersionIsReadAsOurs() throws Exception {
            assertThat(status(Client.request("GET /ws HTTP/1.2", "Host: localhost")))
                    .isEqualTo(101);
        }

        @Test
        void A21_anAbsoluteTargetIsAsGoodAsAPath() throws Exception {
            assertThat(status(upgradeOf("http://localhost/ws"))).isEqualTo(101);
        }

        @Test
        void A21_anAbsoluteTargetNamesTheHostOfTheField() throws Exception {
            assertThat(status(upgradeOf("http://example.com/ws"))).isEqualTo(400);
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "/ws#part",
                    "*",
                    "/w s",
                    "/ws\0",
                    "/ws%",
                    "/ws%2",
                    "/ws%zz",
                    "ws",
                    "/ws\u00e4",
                    "ftp://localhost/ws",
                    "/ws\\"
                })
        void A22_aTargetIsAPathOrAnAbsoluteUri(String target) throws Exception {
            assertThat(status(upgradeOf(target))).isEqualTo(400);
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "GET  /ws HTTP/1.1",
                    "GET /ws  HTTP/1.1",
                    "GET\t/ws HTTP/1.1",
                    "GET /ws\tHTTP/1.1",
                    "GET\f/ws HTTP/1.1",
                    "GET /ws\u000bHTTP/1.1",
                    "GET /ws\rHTTP/1.1",
                    "GET /ws HTTP/1.1 ",
                    "GET /ws HTTP/1.1\t",
                    " GET /ws HTTP/1.1",
                    "\tGET /ws HTTP/1.1",
                    "\r\n GET /ws HTTP/1.1",
                    "\0GET /ws HTTP/1.1",
                })
        void A27_singleSpacesStandBetweenTheWordsOfARequestLine(String line) throws Exception {
            assertThat(status(Client.request(line, "Host: localhost"))).isEqualTo(400);
        }

        @Test
        void A27_emptyLinesMayStandBeforeIt() throws Exception {
            try (Client client = client()) {
                client.send("\r\n" + HEALTH + "\r\n\r\n" + HEALTH);
                assertThat(client.response()).startsWith("HTTP/1.1 200 OK\r\n");
                assertThat(client.response()).startsWith("HTTP/1.1 200 OK\r\n");
                client.send(" " + HEALTH);
                assertThat(client.rest()).startsWith("HTTP/1.1 400 ");
            }
        }

        @Test
        void A23_theAnswerSaysWhereWebSocketsAreOpened() throws Exception {
            try (Client client = client()) {
                client.send(upgradeOf("/elsewhere"));
                assertThat(client.response()).endsWith("\nWebSockets are opened at /ws.\n");
            }
            ServerOptions more =
                    Servers.options()
                            .withEndpoint("/other", Endpoint.echo())
                            .withEndpoint("/echo", Endpoint.echo());
            try (SwitchboardServer server = Servers.start(more);
                    Client client = Client.to(Servers.address(server, "http"))) {
                client.send(upgradeOf("/elsewhere"));
                assertThat(client.response())
                        .endsWith("\nWebSockets are opened at /ws, /echo, /other.\n");
            }
        }

        @Test
        void A23_aPathThatIsNotServedLeavesTheConnectionUsable() throws Exception {
            try (Client client = client()) {
                client.send(upgradeOf("/elsewhere"));
                assertThat(client.response()).startsWith("HTTP/1.1 404 ");
                client.send(HEALTH);
                assertThat(client.response()).startsWith("HTTP/1.1 200 OK\r\n");
                client.upgraded();
            }
        }
    }

    @Nested
    class Rfc9112Section3_2Host {
        @Test
        void A13_hostIsNeeded() throws Exception {
            assertThat(status(upgradeWithout("Host"))).isEqualTo(400);
            assertThat(status(head("GET / HTTP/1.1", "X: y"))).isEqualTo(400);
        }

        @Test
        void A13_hostIsSentOnce() throws Exception {
            assertThat(statusWith("Host: localhost")).isEqualTo(400);
            assertThat(status(head("GET / HTTP/1.1", "Host: localhost", "host: localhost")))
                    .isEqualTo(400);
        }

        @ParameterizedTest
        @ValueSource(
                strings = {"", "local host", "localhost:port", "local/host", "@", "[::1", "::1"})
        void A13_hostIsANameOrAddress(String host) throws Exception {
            assertThat(status(Client.request("GET /ws HTTP/1.1", "Host: " + host))).isEqualTo(400);
        }

        @Test
        void A13_aHostThatIsNotOursIsRefused() throws Exception {
            assertThat(status(Client.request("GET /ws HTTP/1.1", "Host: example.com")))
                    .isEqualTo(403);
        }
    }

    @Nested
    class Rfc9110Section7_8Upgrade {
        @ParameterizedTest
        @CsvSource({
            "WEBSOCKET, Upgrade",
            "WebSocket, UPGRADE",
            "websocket, 'keep-alive, Upgrade'",
            "'  websocket\t', '\tkeep-alive ,  upgrade '",
            "websocket, 'Upgrade,,'"
        })
        void A14_tokensAreFoundWhateverTheirCaseAndSpacing(String upgrade, String connection)
                throws Exception {
            assertThat(status(upgrade(upgrade, connection, "13", KEY))).isEqualTo(101);
        }

        @ParameterizedTest
        @ValueSource(strings = {"foo, websocket", "h2c,websocket", "websocket, foo/2"})
        void A15_oneOfSeveralProtocolsIsEnough(String upgrade) throws Exception {
            assertThat(status(upgrade(upgrade, "Upgrade", "13", KEY))).isEqualTo(101);
        }

        @ParameterizedTest
        @CsvSource({
            "websockets, Upgrade",
            "notwebsocket, Upgrade",
            "web, Upgrade",
            "'', Upgrade",
            "websocket, notupgrade",
            "websocket, keep-alive",
            "websocket, ''",
            "web socket, Upgrade"
        })
        void A16_partsOfTokensAreNoTokens(String upgrade, String connection) throws Exception {
            assertThat(answer(upgrade(upgrade, connection, "13", KEY)))
                    .startsWith("HTTP/1.1 426 ")
                    .doesNotContain("Sec-WebSocket-Accept");
        }

        @ParameterizedTest
        @ValueSource(strings = {"Upgrade", "Connection"})
        void A16_withoutOneOfBothItIsAnOrdinaryRequest(String name) throws Exception {
            try (Client client = client()) {
                client.send(upgradeWithout(name));
                assertThat(client.response()).startsWith("HTTP/1.1 426 ");
                client.send(HEALTH);
                assertThat(client.response()).startsWith("HTTP/1.1 200 ");
            }
        }
    }

    @Nested
    class Rfc9112Section5Fields {
        @ParameterizedTest
        @ValueSource(strings = {"X : y", "Content-Length : 0", ": y", "X y", "X\t: y", "(X): y"})
        void A17_theColonIsRightBehindTheName(String field) throws Exception {
            assertThat(statusWith(field)).isEqualTo(400);
        }

        @ParameterizedTest
        @ValueSource(strings = {"X: a\r\n Host: example.com", "X: a\r\n\tContent-Length: 5"})
        void A18_aFoldedLineIsNoSecondField(String field) throws Exception {
            try (Client client = client()) {
                client.send(client.upgrade(field));
                assertThat(client.head()).matches("(?s)HTTP/1.1 (101|400) .*");
            }
        }

        @ParameterizedTest
        @ValueSource(strings = {"X: a\0b", "X: a\rb", "X: a\u000bb", "X: a\u007fb", "X\0: b"})
        void A19_valuesHaveNoControlCharacters(String field) throws Exception {
            assertThat(statusWith(field)).isEqualTo(400);
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "GET /health HTTP/1.1\nHost: localhost\r\n\r\n",
                    "GET /health HTTP/1.1\r\nHost: localhost\n\r\n",
                    "GET /health HTTP/1.1\r\nHost: localhost\r\nX: y\nZ: w\r\n\r\n",
                    "GET /health HTTP/1.1\r\nHost: localhost\r\n\n"
                })
        void A20_aLineFeedAloneIsNoLineEnd(String request) throws Exception {
            assertThat(status(request)).isEqualTo(400);
        }
    }

    @Nested
    class Rfc6455Section10_2Origins {
        @ParameterizedTest
        @ValueSource(
                strings = {
                    "https://example.com",
                    "null",
                    "",
                    "http://localhost.example.com",
                    "http://localhost\u00e9",
                    "http://localhost, http://localhost",
                    "localhost",
                    "file://"
                })
        void A25_pagesOfOthersAreRefused(String origin) throws Exception {
            assertThat(statusWith("Origin: " + origin)).isEqualTo(403);
        }

        @Test
        void A25_longAndRepeatedOriginsAreRefused() throws Exception {
            assertThat(statusWith("Origin: http://" + "x".repeat(8_000))).isEqualTo(403);
            assertThat(statusWith("Origin: http://localhost", "Origin: http://localhost"))
                    .isEqualTo(403);
        }

        @Test
        void A25_ourOwnPagesAndClientsThatAreNoBrowsersAreAccepted() throws Exception {
            assertThat(statusWith("Origin: http://localhost")).isEqualTo(101);
            assertThat(statusWith()).isEqualTo(101);
        }
    }

    @Nested
    class Rfc9110Section5_5Reflection {
        @ParameterizedTest
        @ValueSource(
                strings = {
                    "/ws?a%0d%0aInjected:%20yes",
                    "/Injected%0d%0aInjected:%20yes",
                    "/%0d%0aInjected:%20yes/",
                    "http://localhost/%0aInjected:yes"
                })
        void A26_nothingOfTheTargetIsReflected(String target) throws Exception {
            assertThat(answer(head("GET " + target + " HTTP/1.1", "Host: localhost")))
                    .doesNotContain("Injected");
            assertThat(answer(upgradeOf(target))).doesNotContain("Injected");
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "Sec-WebSocket-Protocol: Injected",
                    "Sec-WebSocket-Protocol: v12.stomp, Injected",
                    "Sec-WebSocket-Protocol: v12.stomp\rInjected: yes",
                    "Sec-WebSocket-Extensions: Injected",
                    "Sec-WebSocket-Extensions: permessage-deflate; Injected=yes",
                    "Origin: http://Injected",
                    "X-Forwarded-For: Injected",
                    "Injected: yes"
                })
        void A26_nothingOfAFieldIsReflected(String field) throws Exception {
            assertThat(answer(Client.request("GET /ws HTTP/1.1", "Host: localhost", field)))
                    .doesNotContain("Injected");
        }
    }
}
