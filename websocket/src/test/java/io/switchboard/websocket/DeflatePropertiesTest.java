package io.switchboard.websocket;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// Properties that hold for all compressed streams, shown on random ones; a failure names its seed.
class DeflatePropertiesTest {
    private static final int[] CONTEXTS = {0, 512, 4096, 32_768};

    @Test
    void messagesSurviveTheWayWithAllParametersBothWays() {
        try (Zlib zlib = new Zlib(6, 50)) {
            for (int server : CONTEXTS) {
                for (int client : CONTEXTS) {
                    for (int seed = 0; seed < 8; seed++) {
                        roundTrip(new PermessageDeflate(server, client), zlib, new Random(seed));
                    }
                }
            }
        }
    }

    private static void roundTrip(PermessageDeflate agreed, Zlib zlib, Random random) {
        var server = WebSocketConnection.server(WebSocketLimits.DEFAULT, agreed, zlib);
        var client = WebSocketConnection.client(WebSocketLimits.DEFAULT, random, agreed, zlib);
        var atServer = new Wire.Recorder(server);
        var atClient = new Wire.Recorder(client);
        List<Object> sent = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            byte[] message = words(random, random.nextInt(12_000));
            sent.add(Wire.text(new String(message, UTF_8)));
            carry(client.text(ByteBuffer.wrap(message)), atServer, random);
            carry(server.text(ByteBuffer.wrap(message)), atClient, random);
        }
        assertThat(atServer.events()).as(agreed.toString()).isEqualTo(sent);
        assertThat(atClient.events()).as(agreed.toString()).isEqualTo(sent);
    }

    /// More of them than contexts are kept as they are, so that each is taken over again and again.
    @Test
    void manyConnectionsInAnyTurnEachKeepTheirContext() {
        int count = 40;
        for (int seed = 0; seed < 20; seed++) {
            Random random = new Random(seed);
            try (Zlib zlib = new Zlib(1 + seed % 9, 20)) {
                WebSocketConnection[] servers = new WebSocketConnection[count];
                Wire.Recorder[] clients = new Wire.Recorder[count];
                List<List<Object>> sent = new ArrayList<>();
                for (int i = 0; i < count; i++) {
                    servers[i] = server(WebSocketLimits.DEFAULT, FULL, zlib);
                    clients[i] =
                            new Wire.Recorder(
                                    WebSocketConnection.client(
                                            WebSocketLimits.DEFAULT, random, FULL, zlib));
                    sent.add(new ArrayList<>());
                }
                for (int i = 0; i < 300; i++) {
                    // Some of them speak more often than others.
                    int which = random.nextInt(1 + random.nextInt(count));
                    byte[] message = randomMessage(random);
                    sent.get(which).add(Wire.binary(Wire.hex(message)));
                    carry(servers[which].binary(ByteBuffer.wrap(message)), clients[which], random);
                    if (random.nextInt(50) == 0) {
                        // As if it had gone; what it sends after that starts from its window.
                        servers[which].release();
                    }
                    assertThat(zlib.contextDeflaters()).isLessThanOrEqualTo(16);
                }
                for (int i = 0; i < count; i++) {
                    assertThat(clients[i].events()).as("seed " + seed).isEqualTo(sent.get(i));
                }
            }
        }
    }

    private static final PermessageDeflate FULL = PermessageDeflate.FULL_CONTEXT;

    /// Text or noise, some of it longer than any window.
    private static byte[] randomMessage(Random random) {
        int length = random.nextInt(random.nextInt(10) == 0 ? 80_000 : 4000);
        if (random.nextBoolean()) {
            return words(random, length);
        }
        byte[] noise = new byte[length];
        random.nextBytes(noise);
        return noise;
    }

    private static void carry(ByteBuffer bytes, Wire.Recorder to, Random random) {
        byte[] all = new byte[bytes.remaining()];
        bytes.get(all);
        int cut = random.nextInt(all.length + 1);
        to.receive(all, 0, cut);
        to.receive(all, cut, all.length);
    }

    @Test
    void streamsAreTheSameWhereverTheyAreCut() {
        WebSocketLimits limits = new WebSocketLimits(20_000, 9000, 20);
        try (Zlib zlib = new Zlib(1, 0)) {
            for (int seed = 0; seed < 200; seed++) {
                Random random = new Random(seed);
                PermessageDeflate agreed =
                        new PermessageDeflate(0, CONTEXTS[random.nextInt(CONTEXTS.length)]);
                byte[] stream = stream(random, agreed, zlib);
                List<Object> expected = Wire.events(server(limits, agreed, zlib), stream);
                assertThat(Wire.events(server(limits, agreed, zlib), stream, 1))
                        .as("seed " + seed)
                        .isEqualTo(expected);
                assertThat(
                                Wire.events(
                                        server(limits, agreed, zlib),
                                        stream,
                                        1 + random.nextInt(900)))
                        .as("seed " + seed)
                        .isEqualTo(expected);
            }
        }
    }

    @Test
    void garbageInACompressedMessageGivesAViolationOrDataAndNeverAnException() {
        int violations = 0;
        try (Zlib zlib = new Zlib(1, 0)) {
            for (int seed = 0; seed < 20_000; seed++) {
                Random random = new Random(seed);
                byte[] garbage = new byte[random.nextInt(200)];
                random.nextBytes(garbage);
                PermessageDeflate agreed = new PermessageDeflate(0, CONTEXTS[seed % 4]);
                WebSocketConnection connection = server(WebSocketLimits.DEFAULT, agreed, zlib);
                List<Object> events = Wire.events(connection, Wire.masked(0xc2, garbage));
                if (events.getLast() instanceof WebSocketEvent.Violation violation) {
                    violations++;
                    assertThat(violation.closeCode()).isEqualTo(CloseCode.INVALID_PAYLOAD);
                } else {
                    assertThat(events).as("seed " + seed).hasSize(1);
                }
            }
            assertThat(zlib.idleInflaters()).isEqualTo(1);
        }
        assertThat(violations).isBetween(15_000, 19_999);
    }

    private static WebSocketConnection server(
            WebSocketLimits limits, PermessageDeflate agreed, Zlib zlib) {
        return WebSocketConnection.server(limits, agreed, zlib);
    }

    /// Messages of a client, whole and in fragments, compressed and not, with pings between; now
    /// and then a byte changed or a message over the limit.
    private static byte[] stream(Random random, PermessageDeflate agreed, Zlib zlib) {
        WebSocketConnection client =
                WebSocketConnection.client(WebSocketLimits.DEFAULT, random, agreed, zlib);
        byte[] stream = {};
        for (int i = 0; i < 6; i++) {
            byte[] message = words(random, random.nextInt(i == 5 ? 25_000 : 3000));
            ByteBuffer framed = client.text(ByteBuffer.wrap(message));
            byte[] bytes = new byte[framed.remaining()];
            framed.get(bytes);
            byte[] pinged = Wire.concat(bytes, Wire.masked(0x89, "01 02"));
            byte[] fragments = fragments(random, DeflateMessageTest.deflated(words(random, 500)));
            stream = Wire.concat(stream, pinged, random.nextBoolean() ? fragments : new byte[0]);
            if (agreed.clientContext() > 0 && random.nextBoolean()) {
                stream = Wire.concat(stream, Wire.masked(0x82, "61 62 63"));
            }
        }
        if (random.nextInt(3) == 0) {
            stream[random.nextInt(stream.length)] ^= (byte) (1 << random.nextInt(8));
        }
        return stream;
    }

    private static byte[] fragments(Random random, byte[] payload) {
        byte[] frames = {};
        int start = 0;
        while (start < payload.length) {
            int end = Math.min(payload.length, start + 20 + random.nextInt(200));
            int first = (start == 0 ? 0x41 : 0) | (end == payload.length ? 0x80 : 0);
            byte[] part = Arrays.copyOfRange(payload, start, end);
            frames = Wire.concat(frames, Wire.masked(first, part));
            start = end;
        }
        return frames;
    }

    /// Text that compresses, in letters of one to three bytes.
    private static byte[] words(Random random, int length) {
        String[] words = {"topic", "grün", "世界", "price: ", "42", "\n", "{\"id\":"};
        StringBuilder text = new StringBuilder();
        while (text.length() < length) {
            text.append(words[random.nextInt(words.length)]).append(random.nextInt(100));
        }
        return text.toString().getBytes(UTF_8);
    }
}
