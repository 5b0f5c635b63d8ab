package io.switchboard.server.transport;

import static io.switchboard.server.transport.Http2Client.DATA;
import static io.switchboard.server.transport.Http2Client.END_HEADERS;
import static io.switchboard.server.transport.Http2Client.END_STREAM;
import static io.switchboard.server.transport.Http2Client.ENHANCE_YOUR_CALM;
import static io.switchboard.server.transport.Http2Client.HEADERS;
import static io.switchboard.server.transport.Http2Client.PADDED;
import static io.switchboard.server.transport.Http2Client.PROTOCOL_ERROR;
import static io.switchboard.server.transport.Http2Client.RST_STREAM;
import static io.switchboard.server.transport.Http2Client.SETTINGS;
import static io.switchboard.server.transport.Http2Client.WINDOW_UPDATE;
import static io.switchboard.server.transport.Http2Client.bytes;
import static io.switchboard.server.transport.Http2Client.fields;
import static io.switchboard.server.transport.Http2Client.with;
import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.handler.codec.http2.Http2Headers;
import io.switchboard.broker.Disconnect;
import io.switchboard.server.SwitchboardServer;
import io.switchboard.server.metrics.ShardReading;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToLongFunction;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// RFC 8441 and what of RFC 9113 it stands on, with the frames that a client would not send.
@TestInstance(Lifecycle.PER_CLASS)
class Http2RulesTest {
    private static final byte[] NONE = {};

    private static final byte[] CONNECT =
            Client.frame(0x81, "CONNECT\naccept-version:1.2\nhost:localhost\n\n\0".getBytes(UTF_8));

    private static final int CONNECT_PROTOCOL = 8;

    private static final String FOREIGN_NAME =
            "this server does not go by the name in Host (setting: allowed-hosts)";
    private static final String FOREIGN_PAGE =
            "pages of this Origin may not connect to this server (setting: allowed-origins)";

    private SwitchboardServer server;

    @BeforeAll
    void start() throws Exception {
        server = Servers.start(Servers.options());
    }

    @AfterAll
    void stop() {
        server.close();
    }

    private Http2Client client() throws Exception {
        return Http2Client.to(Servers.address(server, "tls"));
    }

    private long sum(ToLongFunction<ShardReading> value) throws Exception {
        List<ShardReading> shards =
                server.readings().shards().toCompletableFuture().get(20, SECONDS);
        return shards.stream().mapToLong(value).sum();
    }

    /// The stream is refused as malformed, and the next one is served.
    private void assertMalformed(String... head) throws Exception {
        try (Http2Client client = client()) {
            assertThat(client.resetCode(client.request(0, head))).isEqualTo(PROTOCOL_ERROR);
            assertThat(client.head(client.connect()).status()).hasToString("200");
        }
    }

    /// One sentence in plain words, whose length is announced, and nothing that belongs to HTTP/1.1
    /// (RFC 9113 section 8.2.2) or to an answer that opens a WebSocket.
    private static Http2Headers assertRefused(
            Http2Client client, int stream, int status, String sentence) throws Exception {
        Http2Headers head = client.head(stream);
        assertThat(head.status()).hasToString(String.valueOf(status));
        assertThat(head.names().stream().map(CharSequence::toString))
                .doesNotContain(
                        "connection",
                        "upgrade",
                        "transfer-encoding",
                        "sec-websocket-accept",
                        "sec-websocket-protocol",
                        "sec-websocket-extensions");
        String body = client.body(stream);
        assertThat(body).isEqualToIgnoringCase(sentence + "\n");
        assertThat(head.get("content-type")).hasToString("text/plain; charset=utf-8");
        assertThat(head.get("content-length")).hasToString(String.valueOf(body.length()));
        return head;
    }

    @Test
    void J1_extendedConnectIsOfferedInTheFirstSettings() throws Exception {
        try (Http2Client client = client()) {
            assertThat(client.settings).containsEntry(CONNECT_PROTOCOL, 1);
        }
    }

    @Test
    void J1_aValueAboveOneEndsTheConnection() throws Exception {
        try (Http2Client client = client()) {
            byte[] two =
                    ByteBuffer.allocate(6).putShort((short) CONNECT_PROTOCOL).putInt(2).array();
            client.send(SETTINGS, 0, 0, two);
            assertThat(client.goAway()).isEqualTo(PROTOCOL_ERROR);
            client.awaitEnd();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {":scheme", ":path", ":authority", ":method"})
    void J2_schemePathAndAuthorityAreNeeded(String missing) throws Exception {
        try (Http2Client client = client()) {
            List<String> head = new ArrayList<>(List.of(client.connectHead("/ws")));
            int at = head.indexOf(missing);
            head.remove(at);
            head.remove(at);
            assertMalformed(head.toArray(String[]::new));
        }
    }

    @Test
    void J3_aProtocolIsForConnectAlone() throws Exception {
        try (Http2Client client = client()) {
            String[] head = client.connectHead("/ws");
            head[1] = "GET";
            assertMalformed(head);
        }
    }

    @Test
    void J3_aProtocolIsNamedOnce() throws Exception {
        try (Http2Client client = client()) {
            assertMalformed(with(new String[] {":protocol", "websocket"}, client.connectHead("/")));
        }
    }

    @Test
    void J3_pseudoHeadersComeFirst() throws Exception {
        try (Http2Client client = client()) {
            assertMalformed(with(new String[] {"origin", "null"}, client.connectHead("/ws")));
        }
    }

    @Test
    void J3_namesAreInLowerCase() throws Exception {
        try (Http2Client client = client()) {
            assertMalformed(with(client.connectHead("/ws"), "X-Name", "value"));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"chat", "WebSocket", "connect-udp"})
    void J4_anotherProtocolIsNotImplemented(String protocol) throws Exception {
        try (Http2Client client = client()) {
            String[] head = client.connectHead("/ws");
            head[3] = protocol;
            int stream = client.request(0, head);
            assertRefused(client, stream, 501, "Expected the protocol websocket.");
            assertThat(client.head(client.connect()).status()).hasToString("200");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "connection, upgrade",
        "upgrade, websocket",
        "host, localhost",
        "transfer-encoding, chunked",
        "keep-alive, 5",
        "proxy-connection, keep-alive",
        "te, gzip"
    })
    void J5_whatBelongsToHttp1IsMalformed(String name, String value) throws Exception {
        try (Http2Client client = client()) {
            assertMalformed(with(client.connectHead("/ws"), name, value));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"dGhlIHNhbXBsZSBub25jZQ==", "?"})
    void J6_aKeyIsIgnoredAndNotAnswered(String key) throws Exception {
        try (Http2Client client = client()) {
            Http2Headers head = client.head(client.connect("sec-websocket-key", key));
            assertThat(head.status()).hasToString("200");
            assertThat(head.names()).hasSize(1);
        }
    }

    @Test
    void J6_noKeyIsNeeded() throws Exception {
        try (Http2Client client = client()) {
            Http2Headers head = client.head(client.connect());
            assertThat(head.status()).hasToString("200");
            assertThat(head.names()).hasSize(1);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"12", "8", "013"})
    void J7_anotherVersionIsToldOurs(String version) throws Exception {
        try (Http2Client client = client()) {
            String[] head = client.connectHead("/ws");
            head[head.length - 1] = version;
            Http2Headers answer =
                    assertRefused(
                            client,
                            client.request(0, head),
                            400,
                            "Expected that the version is 13.");
            assertThat(answer.get("sec-websocket-version")).hasToString("13");
        }
    }

    @Test
    void J7_noVersionIsToldOurs() throws Exception {
        try (Http2Client client = client()) {
            String[] head = client.connectHead("/ws");
            String[] without = Arrays.copyOf(head, head.length - 2);
            Http2Headers answer =
                    assertRefused(
                            client,
                            client.request(0, without),
                            400,
                            "Expected that the version is 13.");
            assertThat(answer.get("sec-websocket-version")).hasToString("13");
        }
    }

    /// 426 would have to name an upgrade (RFC 9110 section 15.5.22), and HTTP/2 has none.
    @Test
    void A2_aPlainRequestToTheEndpointIsToldTheVersion() throws Exception {
        try (Http2Client client = client()) {
            Http2Headers head =
                    assertRefused(
                            client,
                            client.get("/ws"),
                            400,
                            "this is where WebSockets are opened: STOMP, RFC 6455");
            assertThat(head.get("sec-websocket-version")).hasToString("13");
        }
    }

    @Test
    void J8_anEndWithoutCloseIsAHalfClose() throws Exception {
        try (Http2Client client = client()) {
            Http2WebSocket one = client.webSocket().connected();
            one.sendText("SEND\ndestination:/topic/j8\nreceipt:last\n\n\0");
            one.end();
            assertThat(one.text()).isEqualTo("RECEIPT\nreceipt-id:last\n\n\0");
            one.awaitEnd();
            assertThat(client.head(client.connect()).status()).hasToString("200");
        }
    }

    @Test
    void J8_aResetEndsTheSession() throws Exception {
        try (Http2Client client = client()) {
            long before = sum(ShardReading::sessions);
            Http2WebSocket one = client.webSocket().connected();
            Http2WebSocket other = client.webSocket().connected();
            assertThat(sum(ShardReading::sessions) - before).isEqualTo(2);
            client.reset(one.stream, Http2Client.CANCEL);
            await().until(() -> sum(ShardReading::sessions) - before == 1);
            other.subscribed("/topic/j8");
        }
    }

    @Test
    void J8_theEndOfTheConnectionEndsAllItsSessions() throws Exception {
        long before = sum(ShardReading::sessions);
        try (Http2Client client = client()) {
            client.webSocket().connected();
            client.webSocket().connected();
        }
        await().until(() -> sum(ShardReading::sessions) == before);
    }

    @Test
    void J9_framesMayBeCutAnywhere() throws Exception {
        byte[] frame =
                Client.frame(0x81, "SEND\ndestination:/topic/j9\nreceipt:r\n\n\0".getBytes(UTF_8));
        try (Http2Client client = client()) {
            Http2WebSocket one = client.webSocket().connected();
            for (int at = 0; at <= frame.length; at++) {
                one.send(Arrays.copyOf(frame, at));
                one.send(Arrays.copyOfRange(frame, at, frame.length));
                assertThat(one.text()).startsWith("RECEIPT\n");
            }
        }
    }

    @Test
    void J9_paddingIsNoPartOfIt() throws Exception {
        byte[] frame =
                Client.frame(0x81, "SEND\ndestination:/topic/j9\nreceipt:r\n\n\0".getBytes(UTF_8));
        try (Http2Client client = client()) {
            Http2WebSocket one = client.webSocket().connected();
            // More padding than the window holds, so that it must come back too.
            for (int i = 0; i < 400; i++) {
                ByteArrayOutputStream padded = new ByteArrayOutputStream();
                padded.write(200);
                padded.writeBytes(frame);
                padded.writeBytes(new byte[200]);
                client.send(DATA, PADDED, one.stream, padded.toByteArray());
                assertThat(one.text()).startsWith("RECEIPT\n");
            }
        }
    }

    @Test
    void J9_aFloodOfEmptyDataEndsTheConnection() throws Exception {
        try (Http2Client client = client()) {
            Http2WebSocket one = client.webSocket().connected();
            byte[][] flood = new byte[100][];
            Arrays.fill(flood, bytes(DATA, 0, one.stream, NONE));
            client.sendAll(flood);
            assertThat(client.goAway()).isEqualTo(ENHANCE_YOUR_CALM);
            client.awaitEnd();
        }
    }

    @Test
    void J10_aStreamThatIsNotReadHoldsUpNoOther() throws Exception {
        String send = "SEND\ndestination:/topic/j10\n\n" + "x".repeat(10_000) + "\0";
        try (Http2Client client = client();
                Http2Client sender = client()) {
            // The connection's window is never the reason.
            client.send(WINDOW_UPDATE, 0, 0, ByteBuffer.allocate(4).putInt(1_000_000_000).array());
            Http2WebSocket slow = client.webSocket().connected().subscribed("/topic/j10");
            Http2WebSocket fast = client.webSocket().connected().subscribed("/topic/j10");
            Http2WebSocket publisher = sender.webSocket().connected();
            long before = sum(it -> it.ended().getOrDefault(Disconnect.SLOW_CONSUMER, 0L));
            for (int i = 0; i < 300; i++) {
                publisher.sendText(send.replace("\n\n", "\nreceipt:r\n\n"));
                assertThat(publisher.text()).startsWith("RECEIPT\n");
                assertThat(fast.text()).startsWith("MESSAGE\n");
            }
            assertThat(sum(it -> it.ended().getOrDefault(Disconnect.SLOW_CONSUMER, 0L)) - before)
                    .isEqualTo(1);
            assertThat(client.resetCode(slow.stream)).isEqualTo(Http2Client.CANCEL);
        }
    }

    @Test
    void J11_whatComesBeforeTheAnswerIsTakenBehindIt() throws Exception {
        try (Http2Client client = client()) {
            int stream = client.nextStream();
            client.sendAll(
                    bytes(HEADERS, END_HEADERS, stream, fields(client.connectHead("/ws"))),
                    bytes(DATA, 0, stream, CONNECT));
            assertThat(client.head(stream).status()).hasToString("200");
            assertThat(new Http2WebSocket(client, stream).text()).startsWith("CONNECTED\n");
        }
    }

    @Test
    void J11_whatComesBehindARefusalIsNoWebSocket() throws Exception {
        try (Http2Client client = client()) {
            int stream = client.nextStream();
            client.sendAll(
                    bytes(HEADERS, END_HEADERS, stream, fields(client.connectHead("/none"))),
                    bytes(DATA, 0, stream, CONNECT));
            assertRefused(client, stream, 404, "WebSockets are opened at /ws.");
            assertThat(client.resetCode(stream)).isZero();
        }
    }

    @Test
    void J12_rapidResetsEndTheConnection() throws Exception {
        byte[] reset = ByteBuffer.allocate(4).putInt(Http2Client.CANCEL).array();
        try (Http2Client client = client()) {
            byte[] head = fields(client.connectHead("/ws"));
            byte[][] flood = new byte[600][];
            for (int i = 0; i < flood.length; i += 2) {
                int stream = client.nextStream();
                flood[i] = bytes(HEADERS, END_HEADERS, stream, head);
                flood[i + 1] = bytes(RST_STREAM, 0, stream, reset);
            }
            client.sendAll(flood);
            assertThat(client.goAway()).isEqualTo(ENHANCE_YOUR_CALM);
            client.awaitEnd();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/health", "/ws", "/none"})
    void J13_noAnswerOffersHttp3(String path) throws Exception {
        try (Http2Client client = client()) {
            assertThat(client.head(client.get(path)).contains("alt-svc")).isFalse();
            assertThat(client.head(client.connect()).contains("alt-svc")).isFalse();
        }
    }

    // --- What holds for the handshake whichever HTTP carries it ---

    @ParameterizedTest
    @ValueSource(strings = {"https://example.com", "null"})
    void A25_pagesOfOthersAreRefused(String origin) throws Exception {
        try (Http2Client client = client()) {
            assertRefused(client, client.connect("origin", origin), 403, FOREIGN_PAGE);
        }
    }

    @Test
    void A25_ourOwnPagesAreAccepted() throws Exception {
        try (Http2Client client = client()) {
            assertThat(
                            client.head(client.connect("origin", "https://" + client.authority()))
                                    .status())
                    .hasToString("200");
        }
    }

    @Test
    void A13_anAuthorityThatIsNotOursIsRefused() throws Exception {
        try (Http2Client client = client()) {
            String[] head = client.connectHead("/ws");
            head[7] = "example.com";
            assertRefused(client, client.request(0, head), 403, FOREIGN_NAME);
            String[] page = client.requestHead("GET", "/");
            page[5] = "example.com";
            assertRefused(client, client.request(END_STREAM, page), 403, FOREIGN_NAME);
        }
    }

    @Test
    void A13_aHostThatIsNotTheAuthorityIsMalformed() throws Exception {
        try (Http2Client client = client()) {
            assertThat(client.resetCode(client.get("/", "host", "127.0.0.1")))
                    .isEqualTo(PROTOCOL_ERROR);
            int same = client.get("/health", "host", client.authority());
            Http2Headers head = client.head(same);
            assertThat(head.status()).hasToString("200");
            assertThat(head.get("content-type")).hasToString("application/json");
            assertThat(client.body(same)).contains("\"ok\"");
        }
    }

    @Test
    void D1_theFirstOfOurSubprotocolsThatIsOfferedIsChosen() throws Exception {
        try (Http2Client client = client()) {
            Http2Headers head =
                    client.head(client.connect("sec-websocket-protocol", "v11.stomp, v12.stomp"));
            assertThat(head.status()).hasToString("200");
            assertThat(head.get("sec-websocket-protocol")).hasToString("v12.stomp");
            assertThat(head.names()).hasSize(2);
        }
    }
}
