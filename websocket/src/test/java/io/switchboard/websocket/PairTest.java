package io.switchboard.websocket;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.websocket.WebSocketEvent.CloseReceived;
import io.switchboard.websocket.WebSocketEvent.Payload;
import io.switchboard.websocket.WebSocketEvent.PingReceived;
import java.net.URI;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/// A client and a server joined by a wire in memory that cuts as it likes, on a clock that jumps to
/// the next deadline.
class PairTest {

    @Test
    void aConversationFromTheHandshakeToTheClose() {
        for (int seed = 0; seed < 200; seed++) {
            Pair pair = new Pair(new Random(seed));
            pair.shakeHands();

            List<String> sentByClient = new ArrayList<>();
            List<String> sentByServer = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                sentByClient.add(pair.client.sayText());
                sentByServer.add(pair.server.sayText());
                if (pair.random.nextInt(3) == 0) {
                    pair.client.say(pair.client.connection.ping(Wire.hex("01 02 03")));
                }
                pair.carry();
            }
            boolean clientFirst = pair.random.nextBoolean();
            End first = clientFirst ? pair.client : pair.server;
            first.say(first.connection.close(1000, "bye", pair.nowNanos));
            pair.carry();

            String seeded = "seed " + seed;
            assertThat(pair.server.texts).as(seeded).isEqualTo(sentByClient);
            assertThat(pair.client.texts).as(seeded).isEqualTo(sentByServer);
            assertThat(pair.client.pongs).as(seeded).isEqualTo(pair.server.pings);
            for (End end : List.of(pair.client, pair.server)) {
                assertThat(end.closes).as(seeded).containsExactly(new CloseReceived(1000, "bye"));
                assertThat(end.connection.state()).as(seeded).isEqualTo(WebSocketState.CLOSED);
            }
        }
    }

    @Test
    void closesThatCrossOnTheWireCloseBothEnds() {
        Pair pair = new Pair(new Random(1));
        pair.client.say(pair.client.connection.close(1000, "client", 0));
        pair.server.say(pair.server.connection.close(1001, "server", 0));
        pair.carry();

        assertThat(pair.client.closes).containsExactly(new CloseReceived(1001, "server"));
        assertThat(pair.server.closes).containsExactly(new CloseReceived(1000, "client"));
        assertThat(pair.client.connection.state()).isEqualTo(WebSocketState.CLOSED);
        assertThat(pair.server.connection.state()).isEqualTo(WebSocketState.CLOSED);
    }

    @Test
    void aPeerThatNeverAnswersIsGivenUpAtTheDeadline() {
        Pair pair = new Pair(new Random(1));
        pair.nowNanos = 7;
        pair.server.say(pair.server.connection.close(1001, "going", pair.nowNanos));

        pair.jumpToTheNextDeadline();

        assertThat(pair.nowNanos).isEqualTo(7 + TimeUnit.SECONDS.toNanos(10));
        assertThat(pair.server.timedOut).isTrue();
        assertThat(pair.server.connection.state()).isEqualTo(WebSocketState.CLOSED);
    }

    private static final class Pair {
        final Random random;
        final End client;
        final End server;
        long nowNanos;

        Pair(Random random) {
            this.random = random;
            this.client =
                    new End(WebSocketConnection.client(WebSocketLimits.DEFAULT, random), random);
            this.server = new End(WebSocketConnection.server(WebSocketLimits.DEFAULT), random);
        }

        void shakeHands() {
            URI uri = URI.create("ws://localhost/ws");
            List<String> offered = List.of("v11.stomp", "v12.stomp");
            var handshake = new ClientHandshake(uri, offered, List.of(), random, 1000);
            var answer =
                    (ServerHandshake.Answer.Accepted)
                            ServerHandshake.answer(
                                    parse(ISO_8859_1.decode(handshake.request()).toString()),
                                    List.of("v12.stomp"));
            StringBuilder response = new StringBuilder("HTTP/1.1 101 Switching Protocols\r\n");
            answer.headers()
                    .forEach(header ->
                            response.append(header.getKey())
                                    .append(": ")
                                    .append(header.getValue())
                                    .append("\r\n"));
            ByteBuffer bytes =
                    ByteBuffer.wrap(response.append("\r\n").toString().getBytes(ISO_8859_1));
            assertThat(handshake.receive(bytes))
                    .isInstanceOfSatisfying(
                            ClientHandshake.Answer.Accepted.class,
                            accepted -> assertThat(accepted.subprotocol()).isEqualTo("v12.stomp"));
        }

        private static HandshakeRequest parse(String head) {
            String[] lines = head.split("\r\n");
            String[] first = lines[0].split(" ");
            List<Map.Entry<String, String>> headers = new ArrayList<>();
            for (int i = 1; i < lines.length; i++) {
                String[] field = lines[i].split(": ", 2);
                headers.add(Map.entry(field[0], field[1]));
            }
            return new HandshakeRequest(first[0], first[2], first[1], headers, false);
        }

        /// Carries bytes both ways until nobody has more to say.
        void carry() {
            while (client.says.length + server.says.length > 0) {
                server.hear(client.cutWhatIsSaid(), nowNanos);
                client.hear(server.cutWhatIsSaid(), nowNanos);
            }
        }

        void jumpToTheNextDeadline() {
            nowNanos =
                    Math.min(client.connection.deadlineNanos(), server.connection.deadlineNanos());
            client.connection.onDeadline(nowNanos);
            server.connection.onDeadline(nowNanos);
            client.hear(new byte[0], nowNanos);
            server.hear(new byte[0], nowNanos);
        }
    }

    /// What an owner does with its connection.
    private static final class End {
        final WebSocketConnection connection;
        final Random random;
        final List<String> texts = new ArrayList<>();
        final List<String> pings = new ArrayList<>();
        final List<String> pongs = new ArrayList<>();
        final List<CloseReceived> closes = new ArrayList<>();
        boolean timedOut;
        byte[] says = {};
        private byte[] message = {};

        End(WebSocketConnection connection, Random random) {
            this.connection = connection;
            this.random = random;
        }

        String sayText() {
            String text = "\u00fc\u4e16\ud83d\ude00a".repeat(random.nextInt(100));
            say(connection.text(ByteBuffer.wrap(text.getBytes(UTF_8))));
            return text;
        }

        void say(ByteBuffer bytes) {
            byte[] more = new byte[bytes.remaining()];
            bytes.get(more);
            says = Wire.concat(says, more);
        }

        byte[] cutWhatIsSaid() {
            int length = random.nextInt(says.length + 1);
            byte[] cut = Arrays.copyOf(says, length);
            says = Arrays.copyOfRange(says, length, says.length);
            return cut;
        }

        void hear(byte[] bytes, long nowNanos) {
            connection.receive(ByteBuffer.wrap(bytes), nowNanos);
            while (true) {
                switch (connection.next()) {
                    case Payload(var piece, var text, var last) -> {
                        byte[] copy = new byte[piece.remaining()];
                        piece.get(copy);
                        message = Wire.concat(message, copy);
                        if (last) {
                            texts.add(new String(message, UTF_8));
                            message = new byte[0];
                        }
                    }
                    case PingReceived(var payload) -> {
                        pings.add(Wire.hex(payload));
                        say(connection.pong(payload));
                    }
                    case WebSocketEvent.PongReceived(var payload) -> pongs.add(Wire.hex(payload));
                    case CloseReceived close -> {
                        closes.add(close);
                        say(connection.close(close.code(), close.reason(), nowNanos));
                    }
                    case WebSocketEvent.CloseTimedOut ignored -> timedOut = true;
                    case WebSocketEvent.Violation violation ->
                            throw new AssertionError(violation.toString());
                    case WebSocketEvent.NeedBytes needBytes -> {
                        return;
                    }
                }
            }
        }
    }
}
