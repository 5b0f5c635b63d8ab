package io.switchboard.server.transport;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.server.CompressionOptions;
import io.switchboard.server.CompressionOptions.Mode;
import io.switchboard.server.SwitchboardServer;
import io.switchboard.server.WebOptions;
import io.switchboard.server.endpoint.WebSocket;
import io.switchboard.server.endpoint.WebSocketListener;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Base64;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.zip.Inflater;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

/// What the server sends where it compresses for each connection: messages that refer back, and
/// those of programs' endpoints.
@TestInstance(Lifecycle.PER_CLASS)
class ContextTakeoverTest {
    private static final String OFFER = "Sec-WebSocket-Extensions: permessage-deflate";
    private static final String WITHOUT_OURS = OFFER + "; server_no_context_takeover";
    private static final int LENGTH_MIN = 200;

    private final BlockingQueue<WebSocket> opened = new LinkedBlockingQueue<>();
    private SwitchboardServer server;

    @BeforeAll
    void start() throws Exception {
        CompressionOptions compression = new CompressionOptions(Mode.TAKEOVER, 6, LENGTH_MIN);
        server =
                Servers.start(
                        Servers.options()
                                .withWeb(WebOptions.DEFAULT.withCompression(compression))
                                .withEndpoint(
                                        "/program",
                                        (request, socket) -> {
                                            opened.add(socket);
                                            return new Listener();
                                        }));
    }

    @AfterAll
    void stop() {
        server.close();
    }

    /// Says nothing by itself.
    private static final class Listener implements WebSocketListener {
        @Override
        public void received(ByteBuffer piece, boolean text, boolean last) {}
    }

    private Client open(String path, String... offer) throws Exception {
        Client client = Client.to(Servers.address(server, "http"));
        client.send(
                Client.request(
                        "GET " + path + " HTTP/1.1",
                        "Host: localhost:" + client.socket.getPort(),
                        offer));
        assertThat(client.head()).startsWith("HTTP/1.1 101 ");
        return client;
    }

    private Client subscriber(String destination, String... offer) throws Exception {
        Client client = open("/ws", offer);
        client.sendText("CONNECT\naccept-version:1.2\nhost:localhost\n\n\0");
        assertThat(client.text()).startsWith("CONNECTED\n");
        client.sendText("SUBSCRIBE\nid:a\ndestination:" + destination + "\nreceipt:r\n\n\0");
        assertThat(client.text()).startsWith("RECEIPT\n");
        return client;
    }

    /// Of which nothing repeats within it.
    private static String noise(int seed, int length) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return Base64.getEncoder().encodeToString(bytes);
    }

    /// A client's side of a connection with context.
    private static final class Reader implements AutoCloseable {
        private final Inflater inflater = new Inflater(true);

        String text(Client.Frame frame) throws Exception {
            if (!frame.compressed()) {
                return frame.text();
            }
            byte[] payload = frame.payload();
            byte[] whole = Arrays.copyOf(payload, payload.length + 4);
            Arrays.fill(whole, payload.length + 2, whole.length, (byte) 0xff);
            inflater.setInput(whole);
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            byte[] piece = new byte[1000];
            for (int n = inflater.inflate(piece); n > 0; n = inflater.inflate(piece)) {
                out.write(piece, 0, n);
            }
            return out.toString(UTF_8);
        }

        @Override
        public void close() {
            inflater.end();
        }
    }

    @Nested
    class OverStomp {
        @Test
        void messagesReferBackToEarlierOnesOfTheSameConnection() throws Exception {
            String body = noise(1, 1500);
            try (Client first = subscriber("/topic/a", OFFER);
                    Client late = subscriber("/topic/b", OFFER);
                    Reader reader = new Reader();
                    Reader lateReader = new Reader()) {
                first.sendText("SEND\ndestination:/topic/a\n\n" + body + "\0");
                Client.Frame whole = first.frame();
                assertThat(whole.compressed()).isTrue();
                assertThat(whole.payload().length).isGreaterThan(1400);
                assertThat(reader.text(whole)).startsWith("MESSAGE\n").contains(body);

                late.sendText("SUBSCRIBE\nid:b\ndestination:/topic/a\nreceipt:r\n\n\0");
                assertThat(late.text()).startsWith("RECEIPT\n");
                first.sendText("SEND\ndestination:/topic/a\n\n" + body + "\0");
                Client.Frame again = first.frame();
                assertThat(again.compressed()).isTrue();
                assertThat(again.payload().length).isLessThan(100);
                assertThat(reader.text(again)).startsWith("MESSAGE\n").contains(body);
                Client.Frame itsFirst = late.frame();
                assertThat(itsFirst.payload().length).isGreaterThan(1400);
                assertThat(lateReader.text(itsFirst)).contains(body);
            }
        }

        @Test
        void aTurnOfManyMessagesComesInOrderWithReceiptsShortOnesAndPongsBetween()
                throws Exception {
            ByteArrayOutputStream all = new ByteArrayOutputStream();
            for (int i = 0; i < 60; i++) {
                String body = i % 3 == 0 ? "short " + i : noise(i % 7, 400);
                String send =
                        "SEND\ndestination:/topic/turn\nn:" + i + "\nreceipt:" + i + "\n\n" + body;
                all.writeBytes(Client.frame(0x81, (send + "\0").getBytes(UTF_8)));
                all.writeBytes(Client.frame(0x89, new byte[] {(byte) i}));
            }
            try (Client client = subscriber("/topic/turn", OFFER);
                    Reader reader = new Reader()) {
                client.send(all.toByteArray());
                int messages = 0;
                int receipts = 0;
                int pongs = 0;
                while (messages < 60 || receipts < 60 || pongs < 60) {
                    Client.Frame frame = client.frame();
                    if (frame.opcode() == 10) {
                        assertThat(frame.compressed()).isFalse();
                        pongs++;
                        continue;
                    }
                    String text = reader.text(frame);
                    if (text.startsWith("RECEIPT\n")) {
                        assertThat(frame.compressed()).isFalse();
                        assertThat(text).contains("receipt-id:" + receipts + "\n");
                        receipts++;
                    } else {
                        assertThat(frame.compressed()).isEqualTo(messages % 3 != 0);
                        assertThat(text).contains("\nn:" + messages + "\n");
                        messages++;
                    }
                }
            }
        }

        @Test
        void aClientMayHaveItWithoutOurContext() throws Exception {
            String body = noise(2, 600);
            try (Client first = subscriber("/topic/c", WITHOUT_OURS);
                    Client second = subscriber("/topic/c", WITHOUT_OURS);
                    Client with = subscriber("/topic/c", OFFER)) {
                with.sendText("SEND\ndestination:/topic/c\n\n" + body + "\0");
                Client.Frame frame = first.frame();
                assertThat(frame.compressed()).isTrue();
                assertThat(second.frame().payload()).isEqualTo(frame.payload());
                assertThat(with.frame().compressed()).isTrue();
                with.sendText("SEND\ndestination:/topic/c\n\n" + body + "\0");
                assertThat(first.frame().payload().length).isGreaterThan(500);
                assertThat(with.frame().payload().length).isLessThan(100);
            }
        }

        @Test
        void onStreamsOfHttp2Too() throws Exception {
            String body = noise(3, 900);
            try (Http2Client client = Http2Client.to(Servers.address(server, "tls"));
                    Reader reader = new Reader()) {
                Http2WebSocket socket =
                        client.webSocket("sec-websocket-extensions", "permessage-deflate")
                                .connected()
                                .subscribed("/topic/h2");
                for (int i = 0; i < 3; i++) {
                    socket.sendText("SEND\ndestination:/topic/h2\n\n" + body + "\0");
                    Client.Frame frame = socket.frame();
                    assertThat(frame.compressed()).isTrue();
                    assertThat(frame.payload().length < 100).isEqualTo(i > 0);
                    assertThat(reader.text(frame)).contains(body);
                }
            }
        }
    }

    @Nested
    class AtEndpoints {
        private WebSocket program() throws Exception {
            WebSocket socket = opened.poll(20, TimeUnit.SECONDS);
            assertThat(socket).isNotNull();
            return socket;
        }

        @Test
        void wholeMessagesOfAnyThreadAreCompressed() throws Exception {
            String text = noise(4, 900);
            try (Client client = open("/program", OFFER);
                    Reader reader = new Reader()) {
                WebSocket socket = program();
                for (int i = 0; i < 3; i++) {
                    assertThat(socket.offer(text)).isTrue();
                    assertThat(socket.ping(ByteBuffer.allocate(5))).isTrue();
                    assertThat(socket.offer(ByteBuffer.wrap(text.getBytes(UTF_8)))).isTrue();
                    assertThat(socket.offer("short")).isTrue();
                }
                for (int i = 0; i < 3; i++) {
                    Client.Frame first = client.frame();
                    assertThat(first.firstByte()).isEqualTo(0xc1);
                    assertThat(first.payload().length < 100).isEqualTo(i > 0);
                    assertThat(reader.text(first)).isEqualTo(text);
                    assertThat(client.frame().firstByte()).isEqualTo(0x89);
                    Client.Frame second = client.frame();
                    assertThat(second.firstByte()).isEqualTo(0xc2);
                    assertThat(reader.text(second)).isEqualTo(text);
                    assertThat(client.frame().firstByte()).isEqualTo(0x81);
                }
            }
        }

        @Test
        void withoutContextEachStandsAlone() throws Exception {
            String text = noise(5, 900);
            try (Client client = open("/program", WITHOUT_OURS)) {
                WebSocket socket = program();
                assertThat(socket.offer(text)).isTrue();
                assertThat(socket.offer(text)).isTrue();
                Client.Frame first = client.frame();
                assertThat(first.compressed()).isTrue();
                assertThat(client.frame().payload()).isEqualTo(first.payload());
            }
        }

        @Test
        void messagesInPartsAreNotCompressed() throws Exception {
            ByteBuffer part = ByteBuffer.wrap(noise(6, 900).getBytes(UTF_8));
            try (Client client = open("/program", OFFER)) {
                WebSocket socket = program();
                assertThat(socket.offer(part, true, false)).isTrue();
                assertThat(socket.offer(part, true, true)).isTrue();
                assertThat(socket.offer(part, true, true)).isTrue();
                assertThat(client.frame().firstByte()).isEqualTo(0x01);
                assertThat(client.frame().firstByte()).isEqualTo(0x80);
                assertThat(client.frame().firstByte()).as("a whole one").isEqualTo(0xc1);
            }
        }

        @Test
        void whoDoesNotOfferItGetsPlainMessages() throws Exception {
            String text = noise(7, 900);
            try (Client client = open("/program")) {
                assertThat(program().offer(text)).isTrue();
                assertThat(client.frame().text()).isEqualTo(text);
            }
        }
    }
}
