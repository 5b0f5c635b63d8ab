package io.switchboard.server.transport;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.broker.Policies;
import io.switchboard.server.CompressionOptions;
import io.switchboard.server.CompressionOptions.Mode;
import io.switchboard.server.SwitchboardServer;
import io.switchboard.server.WebOptions;
import java.io.ByteArrayOutputStream;
import java.net.Socket;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import java.util.zip.Deflater;
import java.util.zip.Inflater;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// permessage-deflate on a socket, with STOMP in it.
@TestInstance(Lifecycle.PER_CLASS)
class CompressionTest {
    private static final String OFFER =
            "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits";
    private static final String CONNECT = "CONNECT\naccept-version:1.2\nhost:localhost\n\n\0";
    private static final String SUBSCRIBE =
            "SUBSCRIBE\nid:a\ndestination:/topic/z\nreceipt:r\n\n\0";

    private SwitchboardServer server;

    @BeforeAll
    void start() throws Exception {
        server = server(Mode.ON);
    }

    @AfterAll
    void stop() {
        server.close();
    }

    private static SwitchboardServer server(Mode mode) throws Exception {
        CompressionOptions compression = new CompressionOptions(mode, 6, 200);
        return Servers.start(
                Servers.options().withWeb(WebOptions.DEFAULT.withCompression(compression)));
    }

    /// The head of the answer to an upgrade with these header lines.
    private static String answer(SwitchboardServer to, String... headers) throws Exception {
        try (Client client = Client.to(Servers.address(to, "http"))) {
            client.send(client.upgrade(headers));
            return client.head();
        }
    }

    private Client open(SwitchboardServer to, String offer) throws Exception {
        Client client = Client.to(Servers.address(to, "http"));
        client.send(client.upgrade(offer));
        assertThat(client.head()).startsWith("HTTP/1.1 101 ").contains("permessage-deflate");
        return client;
    }

    private Client subscribed(Client client) throws Exception {
        client.sendText(CONNECT);
        assertThat(client.text()).startsWith("CONNECTED\n");
        client.sendText(SUBSCRIBE);
        assertThat(client.text()).startsWith("RECEIPT\n");
        return client;
    }

    private static byte[] deflated(String plain) {
        Deflater deflater = new Deflater(9, true);
        deflater.setInput(plain.getBytes(UTF_8));
        byte[] out = new byte[plain.length() + 100];
        int length = deflater.deflate(out, 0, out.length, Deflater.SYNC_FLUSH);
        deflater.end();
        return Arrays.copyOf(out, length - 4);
    }

    private static String inflated(byte[] payload) throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Inflater inflater = new Inflater(true);
        byte[] whole = Arrays.copyOf(payload, payload.length + 4);
        Arrays.fill(whole, payload.length + 2, whole.length, (byte) 0xff);
        inflater.setInput(whole);
        byte[] piece = new byte[1000];
        for (int n = inflater.inflate(piece); n > 0; n = inflater.inflate(piece)) {
            out.write(piece, 0, n);
        }
        inflater.end();
        return out.toString(UTF_8);
    }

    @Test
    void byDefaultNoContextIsTakenOver() throws Exception {
        assertThat(answer(server, OFFER))
                .containsIgnoringCase(
                        "sec-websocket-extensions: permessage-deflate;"
                                + " server_no_context_takeover; client_no_context_takeover\r\n");
        assertThat(answer(server)).doesNotContainIgnoringCase("sec-websocket-extensions");
    }

    /// What is secret and what others choose must not be compressed together; the rest still is.
    @ParameterizedTest
    @EnumSource(
            value = Mode.class,
            names = {"ON", "TAKEOVER"})
    void aDestinationMayBeLeftUncompressed(Mode mode) throws Exception {
        CompressionOptions compression = new CompressionOptions(mode, 6, 200);
        Policies policies =
                Policies.DEFAULT
                        .with("/topic/secret/**", policy -> policy.withCompress(false))
                        .with("/queue/secret", policy -> policy.withCompress(false))
                        .with("/topic/secret/not", policy -> policy.withCompress(true));
        try (SwitchboardServer to =
                        Servers.start(
                                Servers.options()
                                        .withPolicies(policies)
                                        .withWeb(WebOptions.DEFAULT.withCompression(compression)));
                Client client = open(to, OFFER)) {
            client.sendText(CONNECT);
            assertThat(client.text()).startsWith("CONNECTED\n");
            String body = "all the same ".repeat(100);
            for (String name :
                    List.of("/topic/secret/a", "/queue/secret", "/topic/secret/not", "/topic/z")) {
                boolean plain = name.endsWith("/a") || name.startsWith("/queue");
                client.sendText("SUBSCRIBE\nid:" + name + "\ndestination:" + name + "\n\n\0");
                client.sendText("SEND\ndestination:" + name + "\n\n" + body + "\0");
                Client.Frame message = client.frame();
                assertThat(message.compressed()).as(name).isEqualTo(!plain);
                if (plain) {
                    assertThat(message.text()).contains(body);
                } else {
                    assertThat(message.payload().length).isLessThan(body.length() / 2);
                }
            }
        }
    }

    @Test
    void whatIsOffIsNotAgreed() throws Exception {
        try (SwitchboardServer off = server(Mode.OFF)) {
            assertThat(answer(off, OFFER))
                    .startsWith("HTTP/1.1 101 ")
                    .doesNotContainIgnoringCase("sec-websocket-extensions");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like"
                        + " Gecko) Version/15.0 Safari/605.1.15",
                "Mozilla/5.0 (iPhone; CPU iPhone OS 15_3_1 like Mac OS X) AppleWebKit/605.1.15"
                        + " (KHTML, like Gecko) Version/15.3 Mobile/15E148 Safari/604.1",
                "Mozilla/5.0 (iPhone; CPU iPhone OS 15_1 like Mac OS X) AppleWebKit/605.1.15"
                        + " (KHTML, like Gecko) CriOS/96.0.4664.53 Mobile/15E148 Safari/604.1",
            })
    void safari15_0To15_3DoesNotGetWhatItDoesNotUnderstand(String userAgent) throws Exception {
        assertThat(answer(server, OFFER, "User-Agent: " + userAgent))
                .startsWith("HTTP/1.1 101 ")
                .doesNotContainIgnoringCase("sec-websocket-extensions");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like"
                        + " Gecko) Version/15.4 Safari/605.1.15",
                "Mozilla/5.0 (iPhone; CPU iPhone OS 15_10 like Mac OS X) AppleWebKit/605.1.15"
                        + " (KHTML, like Gecko) Version/15.10 Mobile/15E148 Safari/604.1",
                "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko)"
                        + " Chrome/126.0.0.0 Safari/537.36",
            })
    void otherBrowsersGetIt(String userAgent) throws Exception {
        assertThat(answer(server, OFFER, "User-Agent: " + userAgent))
                .containsIgnoringCase("sec-websocket-extensions: permessage-deflate");
    }

    @Test
    void subscribersWithCompressionGetTheSameBytesAndOthersThePlainText() throws Exception {
        String body = "{\"price\": 42.17, \"name\": \"grün\"}, ".repeat(50);
        try (Client first = subscribed(open(server, OFFER));
                Client second = subscribed(open(server, OFFER));
                Client plain = subscribed(Client.webSocketTo(Servers.address(server, "http")))) {
            plain.sendText("SEND\ndestination:/topic/z\n\n" + body + "\0");

            Client.Frame frame = first.frame();
            assertThat(frame.compressed()).isTrue();
            assertThat(frame.opcode()).isEqualTo(1);
            assertThat(frame.payload().length).isLessThan(400);
            assertThat(second.frame().payload()).isEqualTo(frame.payload());
            Client.Frame asItIs = plain.frame();
            assertThat(asItIs.compressed()).isFalse();
            assertThat(inflated(frame.payload())).isEqualTo(asItIs.text()).contains(body);

            plain.sendText("SEND\ndestination:/topic/z\n\nshort\0");
            assertThat(first.frame().compressed()).as("a short one").isFalse();
        }
    }

    @Test
    void whatAClientCompressesIsUnderstood() throws Exception {
        try (Client client = open(server, OFFER)) {
            client.send(Client.frame(0xc1, deflated(CONNECT)));
            assertThat(client.text()).startsWith("CONNECTED\n");
            client.send(Client.frame(0xc1, deflated(SUBSCRIBE)));
            assertThat(client.text()).startsWith("RECEIPT\n");
            byte[] noise = new byte[300];
            new Random(1).nextBytes(noise);
            String body = Base64.getEncoder().encodeToString(noise);
            client.send(
                    Client.frame(0xc1, deflated("SEND\ndestination:/topic/z\n\n" + body + "\0")));
            Client.Frame message = client.frame();
            assertThat(message.compressed() ? inflated(message.payload()) : message.text())
                    .contains(body);
        }
    }

    @Test
    void withTakeoverAClientMayReferBack() throws Exception {
        try (SwitchboardServer takeover = server(Mode.TAKEOVER);
                Client client = open(takeover, "Sec-WebSocket-Extensions: permessage-deflate")) {
            client.sendText(CONNECT);
            assertThat(client.text()).startsWith("CONNECTED\n");
            Deflater deflater = new Deflater(9, true);
            byte[] out = new byte[1000];
            for (int i = 0; i < 3; i++) {
                deflater.setInput(
                        ("SUBSCRIBE\nid:" + i + "\ndestination:/topic/t\nreceipt:" + i + "\n\n\0")
                                .getBytes(UTF_8));
                int length = deflater.deflate(out, 0, out.length, Deflater.SYNC_FLUSH);
                client.send(Client.frame(0xc1, Arrays.copyOf(out, length - 4)));
                assertThat(client.text()).contains("receipt-id:" + i + "\n");
            }
            deflater.end();
        }
    }

    @Test
    void takeoverIsAgreedBothWays() throws Exception {
        try (SwitchboardServer takeover = server(Mode.TAKEOVER)) {
            assertThat(answer(takeover, OFFER))
                    .containsIgnoringCase("sec-websocket-extensions: permessage-deflate\r\n");
            assertThat(answer(takeover, OFFER + "; server_no_context_takeover"))
                    .contains("permessage-deflate; server_no_context_takeover\r\n");
            assertThat(
                            answer(
                                    takeover,
                                    "Sec-WebSocket-Extensions: permessage-deflate;"
                                            + " client_max_window_bits=10"))
                    .contains("permessage-deflate; client_max_window_bits=10\r\n");
        }
    }

    @Test
    void aBombBeforeConnectMeetsTheLimitOfWhatComesBeforeConnect() throws Exception {
        try (Client client = open(server, OFFER)) {
            client.send(Client.frame(0xc1, deflated("CONNECT\nx:" + "a".repeat(10_000_000))));
            assertThat(client.text()).startsWith("ERROR\n");
            assertThat(client.frame().closeCode()).isIn(4520, 4521);
        }
    }

    @Test
    void aBombBehindConnectMeetsTheLimitOfABody() throws Exception {
        try (Client client = open(server, OFFER)) {
            client.sendText(CONNECT);
            assertThat(client.text()).startsWith("CONNECTED\n");
            byte[] bomb =
                    deflated("SEND\ndestination:/topic/z\n\n" + "a".repeat(10_000_000) + "\0");
            assertThat(bomb.length).isLessThan(15_000);
            client.send(Client.frame(0xc1, bomb));
            assertThat(client.text()).startsWith("ERROR\n");
            assertThat(client.frame().closeCode()).isEqualTo(1009);
        }
    }

    @Test
    void corruptDataClosesWith1007() throws Exception {
        try (Client client = open(server, OFFER)) {
            client.send(Client.frame(0xc1, new byte[] {7}));
            assertThat(client.frame().closeCode()).isEqualTo(1007);
        }
    }

    @Test
    void aClientMayGoInTheMiddleOfACompressedMessage() throws Exception {
        try (Client client = open(server, OFFER)) {
            client.send(Client.frame(0x41, Arrays.copyOf(deflated(CONNECT), 10)));
            try (Socket socket = client.socket) {
                socket.setSoLinger(true, 0);
            }
        }
        try (Client client = open(server, OFFER)) {
            client.send(Client.frame(0xc1, deflated(CONNECT)));
            assertThat(client.text()).startsWith("CONNECTED\n");
        }
    }
}
