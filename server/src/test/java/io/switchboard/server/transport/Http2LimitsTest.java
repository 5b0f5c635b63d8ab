package io.switchboard.server.transport;

import static io.switchboard.server.transport.Http2Client.ACK;
import static io.switchboard.server.transport.Http2Client.CONTINUATION;
import static io.switchboard.server.transport.Http2Client.END_HEADERS;
import static io.switchboard.server.transport.Http2Client.END_STREAM;
import static io.switchboard.server.transport.Http2Client.ENHANCE_YOUR_CALM;
import static io.switchboard.server.transport.Http2Client.GOAWAY;
import static io.switchboard.server.transport.Http2Client.HEADERS;
import static io.switchboard.server.transport.Http2Client.PING;
import static io.switchboard.server.transport.Http2Client.SETTINGS;
import static io.switchboard.server.transport.Http2Client.WINDOW_UPDATE;
import static io.switchboard.server.transport.Http2Client.bytes;
import static io.switchboard.server.transport.Http2Client.fields;
import static io.switchboard.server.transport.Http2Client.with;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.switchboard.broker.BrokerLimits;
import io.switchboard.server.ServerLimits;
import io.switchboard.server.ServerOptions;
import io.switchboard.server.SwitchboardServer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What an HTTP/2 connection may cost, and how it ends.
class Http2LimitsTest {
    private static final int REFUSED_STREAM = 7;
    private static final int NO_ERROR = 0;

    private static SwitchboardServer start(ServerLimits limits) throws Exception {
        return Servers.start(Servers.options().withShards(1).withLimits(limits));
    }

    private static Http2Client client(SwitchboardServer server) throws Exception {
        return Http2Client.to(Servers.address(server, "tls"));
    }

    private static byte[] number(int value) {
        return ByteBuffer.allocate(4).putInt(value).array();
    }

    @Test
    void oneStreamMoreThanAllowedIsRefused() throws Exception {
        try (SwitchboardServer server = start(ServerLimits.DEFAULT);
                Http2Client client = client(server)) {
            Http2WebSocket first = client.webSocket();
            for (int i = 1; i < 100; i++) {
                client.webSocket();
            }
            assertThat(client.resetCode(client.connect())).isEqualTo(REFUSED_STREAM);
            first.connected();
            client.reset(first.stream, Http2Client.CANCEL);
            client.webSocket().connected();
        }
    }

    /// In two frames, as one may have 16 KiB.
    private static void sendLongHead(Http2Client client, int stream, int length)
            throws IOException {
        byte[] head = fields(with(client.requestHead("GET", "/"), "x", "y".repeat(length)));
        int cut = 16_000;
        client.sendAll(
                bytes(HEADERS, END_STREAM, stream, Arrays.copyOf(head, cut)),
                bytes(
                        CONTINUATION,
                        END_HEADERS,
                        stream,
                        Arrays.copyOfRange(head, cut, head.length)));
    }

    @Test
    void aLongHeadIsRefusedAndTheConnectionGoesOn() throws Exception {
        try (SwitchboardServer server = start(ServerLimits.DEFAULT);
                Http2Client client = client(server)) {
            int stream = client.nextStream();
            sendLongHead(client, stream, 17_000);
            assertThat(client.head(stream).status()).hasToString("431");
            assertThat(client.head(client.get("/health")).status()).hasToString("200");
        }
    }

    @Test
    void aMuchLongerHeadEndsTheConnection() throws Exception {
        try (SwitchboardServer server = start(ServerLimits.DEFAULT);
                Http2Client client = client(server)) {
            sendLongHead(client, client.nextStream(), 28_000);
            assertThat(client.goAway()).isNotEqualTo(NO_ERROR);
            client.awaitEnd();
        }
    }

    @Test
    void aHeadInManySmallPiecesEndsTheConnection() throws Exception {
        try (SwitchboardServer server = start(ServerLimits.DEFAULT);
                Http2Client client = client(server)) {
            int stream = client.nextStream();
            byte[][] flood = new byte[100][];
            Arrays.fill(flood, bytes(CONTINUATION, 0, stream, new byte[0]));
            flood[0] = bytes(HEADERS, END_STREAM, stream, fields(":method", "GET"));
            client.sendAll(flood);
            assertThat(client.goAway()).isEqualTo(ENHANCE_YOUR_CALM);
            client.awaitEnd();
        }
    }

    @Test
    void whoAsksForAnswersAndReadsNoneIsCutOff() throws Exception {
        try (SwitchboardServer server = start(ServerLimits.DEFAULT);
                Http2Client client = client(server)) {
            byte[][] flood = new byte[1_000][];
            Arrays.fill(flood, bytes(PING, 0, 0, new byte[8]));
            assertThatThrownBy(
                            () -> {
                                for (int i = 0; i < 10_000; i++) {
                                    client.sendAll(flood);
                                }
                            })
                    .isInstanceOf(IOException.class);
            try (Http2Client other = client(server)) {
                other.webSocket().connected();
            }
        }
    }

    @Test
    void whoAsksForAnswersWithoutEndIsCutOffThoughItReadsThem() throws Exception {
        try (SwitchboardServer server = start(ServerLimits.DEFAULT);
                Http2Client client = client(server)) {
            Http2WebSocket webSocket = client.webSocket();
            for (int i = 0; i < 900; i++) {
                client.send(PING, 0, 0, new byte[8]);
                assertThat(answer(client, PING).type()).isEqualTo(PING);
            }
            webSocket.connected();
            assertCalmed(client, PING, new byte[8]);
            try (Http2Client other = client(server)) {
                other.webSocket().connected();
            }
        }
    }

    @Test
    void settingsAreNotChangedWithoutEndEither() throws Exception {
        try (SwitchboardServer server = start(ServerLimits.DEFAULT);
                Http2Client client = client(server)) {
            // The answer to its own first ones comes before: one behind, it would still write to a
            // server that has gone.
            answer(client, SETTINGS);
            assertCalmed(client, SETTINGS, new byte[0]);
        }
    }

    /// Reads every answer until the one that ends it.
    private static void assertCalmed(Http2Client client, int type, byte[] payload)
            throws Exception {
        Http2Client.Frame answer;
        int asked = 0;
        do {
            assertThat(asked++).isLessThanOrEqualTo(1_000);
            client.send(type, 0, 0, payload);
            answer = answer(client, type);
        } while (answer.type() == type);
        assertThat(answer.errorCode()).isEqualTo(ENHANCE_YOUR_CALM);
    }

    private static Http2Client.Frame answer(Http2Client client, int type) throws Exception {
        Http2Client.Frame frame = client.next(0);
        while (frame.type() != GOAWAY && (frame.type() != type || frame.flags() != ACK)) {
            frame = client.next(0);
        }
        return frame;
    }

    /// Who gets no receipts is not read, and its window is not given back.
    @Test
    void whoIsNotReadIsGivenNoWindowAndHoldsUpNoOther() throws Exception {
        BrokerLimits d = BrokerLimits.DEFAULT;
        BrokerLimits small =
                new BrokerLimits(
                        d.subscriptionsPerSession(),
                        2_000,
                        d.outboundBytes(),
                        d.destinations(),
                        d.destinationLength(),
                        d.commandsPerShard(),
                        d.commandBytesPerShard(),
                        d.commandsPerSession(),
                        d.commandBytesPerSession());
        String send = "SEND\ndestination:/topic/w\nreceipt:r\n\n\0";
        byte[] frame = Client.frame(0x81, send.getBytes(UTF_8));
        try (SwitchboardServer server = start(ServerLimits.DEFAULT.withBroker(small));
                Http2Client client = Http2Client.to(Servers.address(server, "tls"), 1_000)) {
            Http2WebSocket other = client.webSocket().connected();
            int stream = client.connect();
            assertThat(client.head(stream).status()).hasToString("200");
            Http2WebSocket greedy = new Http2WebSocket(client, stream).connected();
            int window = client.settings.get(Http2Client.SETTINGS_WINDOW) - 100;
            int sent = 0;
            boolean stopped = false;
            while (!stopped) {
                while (window >= frame.length) {
                    greedy.send(frame);
                    window -= frame.length;
                    sent++;
                }
                // What the server has to say to all that comes before this.
                other.sendText(send);
                int given = windowUntilReceipt(client, greedy.stream, other);
                stopped = given == 0;
                window += given;
                assertThat(sent).isLessThan(20_000);
            }
            client.sendAll(
                    bytes(WINDOW_UPDATE, 0, 0, number(1 << 24)),
                    bytes(WINDOW_UPDATE, 0, stream, number(1 << 24)));
            for (int i = 0; i < sent; i++) {
                assertThat(greedy.text()).startsWith("RECEIPT\n");
            }
        }
    }

    private static int windowUntilReceipt(Http2Client client, int stream, Http2WebSocket other)
            throws IOException {
        int before = client.given(stream);
        assertThat(other.text()).startsWith("RECEIPT\n");
        return client.given(stream) - before;
    }

    @Test
    void aConnectionWithoutStreamsEnds() throws Exception {
        ServerLimits hasty = ServerLimits.DEFAULT.withConnectTimeout(Duration.ofSeconds(3));
        try (SwitchboardServer server = start(hasty);
                Http2Client never = client(server)) {
            assertThat(never.goAway()).isEqualTo(NO_ERROR);
            never.awaitEnd();
        }
        try (SwitchboardServer server = start(hasty);
                Http2Client once = client(server)) {
            int page = once.get("/health");
            assertThat(once.head(page).status()).hasToString("200");
            assertThat(once.goAway()).isEqualTo(NO_ERROR);
            once.awaitEnd();
        }
    }

    @Test
    void anAnswerThatIsNotTakenIsNotWaitedFor() throws Exception {
        ServerLimits hasty = ServerLimits.DEFAULT.withConnectTimeout(Duration.ofSeconds(3));
        try (SwitchboardServer server = start(hasty);
                Http2Client client = Http2Client.to(Servers.address(server, "tls"), 0)) {
            int page = client.get("/health");
            assertThat(client.head(page).status()).hasToString("200");
            assertThat(client.resetCode(page)).isEqualTo(Http2Client.CANCEL);
        }
    }

    /// Both directions have ended, but the server's end waits for a window.
    @Test
    void lastWordsThatAreNotTakenAreNotWaitedFor() throws Exception {
        try (SwitchboardServer server = start(ServerLimits.DEFAULT);
                Http2Client client = Http2Client.to(Servers.address(server, "tls"), 0)) {
            int stream = client.connect();
            assertThat(client.head(stream).status()).hasToString("200");
            Http2WebSocket one = new Http2WebSocket(client, stream);
            one.send(Client.close(1000));
            one.end();
            assertThat(client.resetCode(stream)).isEqualTo(Http2Client.CANCEL);
        }
    }

    @Test
    void aWebSocketOnAStreamIsAClientLikeAnyOther() throws Exception {
        ServerLimits d = ServerLimits.DEFAULT;
        ServerLimits two =
                new ServerLimits(
                        2,
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
        try (SwitchboardServer server = start(two);
                Http2Client client = client(server)) {
            Http2WebSocket one = client.webSocket().connected();
            int second = client.connect();
            var head = client.head(second);
            assertThat(head.status()).hasToString("503");
            assertThat(head.get("retry-after")).isNotNull();
            one.send(Client.close(1000));
            assertThat(one.frame().opcode()).isEqualTo(8);
            one.awaitEnd();
            one.end();
            client.webSocket().connected();
        }
    }

    @Test
    void aServerThatStopsSaysGoAwayAndLetsItsStreamsFinish() throws Exception {
        ServerOptions options = Servers.options().withShards(1);
        SwitchboardServer server = Servers.start(options);
        try (Http2Client client = client(server)) {
            Http2WebSocket one = client.webSocket().connected();
            Http2WebSocket other = client.webSocket().connected();
            Thread closing = Thread.ofVirtual().start(server::close);
            List<Integer> codes = new ArrayList<>();
            for (Http2WebSocket each : List.of(one, other)) {
                Client.Frame last = each.frame();
                while (last.opcode() != 8) {
                    last = each.frame();
                }
                codes.add(last.closeCode());
                each.send(Client.close(last.closeCode()));
                each.awaitEnd();
                each.end();
            }
            assertThat(codes).containsExactly(1001, 1001);
            assertThat(client.goAway()).isEqualTo(NO_ERROR);
            client.awaitEnd();
            closing.join();
        } finally {
            server.close();
        }
    }

    /// TLS makes one record of each write.
    @Test
    void whatATurnWritesToManyStreamsIsOneWrite() throws Exception {
        try (SwitchboardServer server = start(ServerLimits.DEFAULT);
                Http2Client client = client(server);
                Http2Client sender = client(server)) {
            for (int i = 0; i < 20; i++) {
                client.webSocket().connected().subscribed("/topic/once");
            }
            Http2WebSocket publisher = sender.webSocket().connected();
            publisher.sendText("SEND\ndestination:/topic/once\n\nhello\0");
            byte[] record = new byte[16_384];
            int length = client.socket.getInputStream().read(record);
            String text = new String(record, 0, length, UTF_8);
            assertThat(text.split("\n\nhello", -1)).hasSize(21);
        }
    }
}
