package io.switchboard.bench;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.stomp.StompCommand;
import io.switchboard.stomp.StompConnection;
import io.switchboard.stomp.StompEncoder;
import io.switchboard.stomp.StompEvent;
import io.switchboard.stomp.StompFrame;
import io.switchboard.stomp.StompHeaders;
import io.switchboard.stomp.StompLimits;
import io.switchboard.stomp.StompVersion;
import io.switchboard.websocket.FrameHeader;
import io.switchboard.websocket.Opcode;
import io.switchboard.websocket.WebSocketConnection;
import io.switchboard.websocket.WebSocketEvent;
import io.switchboard.websocket.WebSocketLimits;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/// The scanners look only where something must be; these tests hold them against decoders that read
/// everything, for streams that are cut anywhere.
class ScannerTest {
    private static final int BODY = 40;
    private static final int MARK = Stamp.mark(12345);
    private static final int HISTORIES = 3000;

    /// What was found, as text.
    private static final class Recorder implements Inbound {
        final List<String> found = new ArrayList<>();

        @Override
        public void stamped(ByteBuffer bytes, int at) {
            found.add("message " + Stamp.publisher(bytes, at) + "/" + Stamp.sequence(bytes, at));
        }

        @Override
        public void redelivered(ByteBuffer bytes, int at) {
            found.add("again " + Stamp.publisher(bytes, at) + "/" + Stamp.sequence(bytes, at));
        }

        @Override
        public void receipt(String id) {
            found.add("receipt " + id);
        }

        @Override
        public void foreign() {
            found.add("foreign");
        }

        @Override
        public void bad() {
            found.add("bad");
        }

        @Override
        public void ready() {
            found.add("ready");
        }

        @Override
        public void answer(byte[] protocol) {
            found.add("answer " + new String(protocol, US_ASCII).strip());
        }

        @Override
        public void pong(byte[] payload) {
            found.add("pong " + new String(payload, US_ASCII));
        }

        @Override
        public void failed(String reason) {
            found.add("failed " + reason);
        }
    }

    /// A stream of STOMP, of which most are messages of ours.
    private static final class Stream {
        final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        final Random random;

        Stream(Random random) {
            this.random = random;
        }

        void frame(StompCommand command, byte[] body, String... headers) {
            StompFrame frame =
                    new StompFrame(command, StompHeaders.of(headers), ByteBuffer.wrap(body));
            ByteBuffer encoded = StompEncoder.encode(frame, StompVersion.V1_2);
            bytes.write(encoded.array(), encoded.position(), encoded.remaining());
        }

        void message(byte[] body) {
            String[] headers = {
                "subscription", "0", "message-id", "x-" + random.nextInt(1 << random.nextInt(1, 31))
            };
            frame(StompCommand.MESSAGE, body, headers);
        }

        void anything(int sequence) {
            byte[] body = Dialect.body(BODY);
            Stamp.put(body, 0, MARK, 3, sequence, 0);
            switch (random.nextInt(14)) {
                case 0 -> bytes.write('\n');
                case 1 -> {
                    bytes.write('\r');
                    bytes.write('\n');
                }
                case 2 -> frame(StompCommand.RECEIPT, new byte[0], "receipt-id", "r");
                case 3 -> message(new byte[0]);
                case 4 -> {
                    Stamp.put(body, 0, Stamp.mark(777), 3, sequence, 0);
                    message(body);
                }
                case 5 -> message(new byte[random.nextInt(1, 200)]);
                case 6 -> {
                    byte[] longer = Dialect.body(BODY + random.nextInt(1, 100));
                    System.arraycopy(body, 0, longer, 0, BODY);
                    message(longer);
                }
                case 7 -> {
                    // A body of ours at the end of another, behind what looks like an empty line.
                    byte[] around = new byte[BODY + 2 + random.nextInt(20)];
                    Arrays.fill(around, (byte) random.nextInt(2));
                    around[around.length - BODY - 1] = '\n';
                    around[around.length - BODY - 2] = '\n';
                    System.arraycopy(body, 0, around, around.length - BODY, BODY);
                    message(around);
                }
                default -> message(body);
            }
        }
    }

    /// What full decoders find in the same bytes.
    private static final class Reference {
        final Recorder recorder = new Recorder();
        private final StompConnection stomp = StompConnection.client(StompLimits.DEFAULT);
        private final WebSocketConnection webSocket =
                WebSocketConnection.client(WebSocketLimits.DEFAULT, new SplittableRandom(1));

        void stomp(ByteBuffer bytes) {
            stomp.receive(bytes, 0);
            StompEvent event = stomp.next();
            while (!(event instanceof StompEvent.NeedBytes)) {
                if (event instanceof StompEvent.FrameReceived(StompFrame frame)) {
                    if (frame.command() == StompCommand.CONNECTED) {
                        stomp.version(StompVersion.V1_2);
                        recorder.ready();
                    } else if (frame.command() == StompCommand.MESSAGE) {
                        message(frame.body());
                    }
                }
                event = stomp.next();
            }
        }

        private void message(ByteBuffer body) {
            boolean stamped = body.remaining() >= Stamp.LENGTH && body.get(body.position()) == 'B';
            int mark = stamped ? (int) Stamp.INTS.get(body, body.position()) : 0;
            if (stamped && mark != MARK) {
                recorder.foreign();
            } else if (stamped && body.remaining() == BODY) {
                recorder.stamped(body, body.position());
            } else {
                recorder.bad();
            }
        }

        void webSocket(ByteBuffer bytes) {
            webSocket.receive(bytes, 0);
            WebSocketEvent event = webSocket.next();
            while (!(event instanceof WebSocketEvent.NeedBytes)) {
                if (event instanceof WebSocketEvent.Payload payload) {
                    stomp(payload.bytes());
                } else if (event instanceof WebSocketEvent.PingReceived ping) {
                    byte[] copy = new byte[ping.payload().remaining()];
                    ping.payload().get(copy);
                    recorder.pong(copy);
                }
                event = webSocket.next();
            }
        }
    }

    /// Hands over in pieces, each at another place of a buffer that is then overwritten.
    private static void feed(byte[] stream, Random random, Held input) {
        int at = 0;
        while (at < stream.length) {
            int length = Math.min(stream.length - at, 1 + random.nextInt(1 << random.nextInt(10)));
            int offset = random.nextInt(20);
            ByteBuffer buffer = ByteBuffer.allocateDirect(offset + length + 8);
            buffer.put(offset, stream, at, length);
            input.receive(buffer, offset, offset + length);
            buffer.put(0, new byte[buffer.capacity()]);
            at += length;
        }
    }

    private static byte[] stompStream(Random random, int frames) {
        Stream stream = new Stream(random);
        stream.frame(StompCommand.CONNECTED, new byte[0], "version", "1.2");
        for (int i = 0; i < frames; i++) {
            stream.anything(i);
        }
        return stream.bytes.toByteArray();
    }

    @Nested
    class Stomp {
        @Test
        void isReadAsTheDecoderReadsIt() {
            for (int seed = 0; seed < HISTORIES; seed++) {
                Random random = new Random(seed);
                byte[] stream = stompStream(random, 1 + random.nextInt(40));
                Reference reference = new Reference();
                reference.stomp(ByteBuffer.wrap(stream));
                Recorder recorder = new Recorder();
                Held input = new Held(new StompScanner(BODY, MARK, recorder), 1 << 20, recorder);
                feed(stream, random, input);
                assertThat(recorder.found).as("seed %d", seed).isEqualTo(reference.recorder.found);
            }
        }

        @Test
        void anErrorIsAFailure() {
            Stream stream = new Stream(new Random(1));
            stream.frame(StompCommand.CONNECTED, new byte[0], "version", "1.2");
            stream.frame(StompCommand.ERROR, "why".getBytes(US_ASCII), "message", "no");
            Recorder recorder = new Recorder();
            feed(
                    stream.bytes.toByteArray(),
                    new Random(2),
                    new Held(new StompScanner(BODY, MARK, recorder), 1 << 20, recorder));
            assertThat(recorder.found).containsExactly("ready", "failed ERROR no: why");
        }

        @Test
        void aFrameWithoutAnEndIsAFailure() {
            Recorder recorder = new Recorder();
            Held input = new Held(new StompScanner(BODY, MARK, recorder), 1000, recorder);
            byte[] piece = Dialect.body(600);
            input.receive(ByteBuffer.wrap(piece), 0, 600);
            input.receive(ByteBuffer.wrap(piece), 0, 600);
            assertThat(recorder.found).singleElement().asString().startsWith("failed more than");
        }
    }

    @Nested
    class WebSocket {
        private byte[] frames(byte[] stream, Random random) {
            ByteBuffer out = ByteBuffer.allocate(stream.length * 12 + 1000);
            int at = 0;
            boolean inMessage = false;
            while (at < stream.length || inMessage) {
                if (random.nextInt(10) == 0) {
                    FrameHeader.put(out, Opcode.PING, true, 2);
                    out.put((byte) 'h').put((byte) 'i');
                }
                // Mostly whole messages with a whole frame, as servers send them.
                int length = nextLength(stream, at, random);
                boolean last = at + length == stream.length || random.nextInt(8) > 0;
                Opcode opcode = inMessage ? Opcode.CONTINUATION : Opcode.BINARY;
                FrameHeader.put(out, opcode, last, length);
                out.put(stream, at, length);
                inMessage = !last;
                at += length;
            }
            return Arrays.copyOf(out.array(), out.position());
        }

        private int nextLength(byte[] stream, int at, Random random) {
            if (random.nextInt(6) == 0) {
                return random.nextInt(stream.length - at + 1);
            }
            int end = at;
            while (end < stream.length - 1 && stream[end] != 0) {
                end++;
            }
            return Math.min(stream.length, end + 1) - at;
        }

        @Test
        void isReadAsTheDecodersReadIt() {
            for (int seed = 0; seed < HISTORIES; seed++) {
                Random random = new Random(seed);
                byte[] stream = frames(stompStream(random, 1 + random.nextInt(40)), random);
                Reference reference = new Reference();
                reference.webSocket(ByteBuffer.wrap(stream.clone()));
                Recorder recorder = new Recorder();
                Held payload = new Held(new StompScanner(BODY, MARK, recorder), 1 << 20, recorder);
                WebSocketScanner frames =
                        new WebSocketScanner(payload, new SplittableRandom(1), recorder);
                feed(stream, random, new Held(frames, 1 << 20, recorder));
                assertThat(recorder.found).as("seed %d", seed).isEqualTo(reference.recorder.found);
            }
        }

        @Test
        void aMaskedFrameAndACloseAreFailures() {
            for (String hex : List.of("81 80 00 00 00 00", "88 02 03 e9")) {
                Recorder recorder = new Recorder();
                WebSocketScanner frames =
                        new WebSocketScanner(
                                new Held((_, _, to) -> to, 1000, recorder),
                                new SplittableRandom(1),
                                recorder);
                byte[] bytes = HexFormat.ofDelimiter(" ").parseHex(hex);
                feed(bytes, new Random(3), new Held(frames, 1000, recorder));
                assertThat(recorder.found)
                        .singleElement()
                        .asString()
                        .startsWith("failed the server");
            }
        }
    }

    @Nested
    class Nats {
        @Test
        void linesAndMessagesAreReadHoweverTheyAreCut() {
            for (int seed = 0; seed < 500; seed++) {
                Random random = new Random(seed);
                ByteArrayOutputStream stream = new ByteArrayOutputStream();
                List<String> expected = new ArrayList<>();
                stream.writeBytes("INFO {\"x\":1}\r\nPONG\r\n+OK\r\n".getBytes(US_ASCII));
                expected.add("ready");
                for (int i = 0; i < 30; i++) {
                    byte[] body = Dialect.body(BODY);
                    switch (random.nextInt(5)) {
                        case 0 -> {
                            stream.writeBytes("PING\r\n".getBytes(US_ASCII));
                            expected.add("answer PONG");
                        }
                        case 1 -> {
                            message(stream, Dialect.body(random.nextInt(300)));
                            expected.add("bad");
                        }
                        default -> {
                            Stamp.put(body, 0, MARK, 1, i, 0);
                            message(stream, body);
                            expected.add("message 1/" + i);
                        }
                    }
                }
                Recorder recorder = new Recorder();
                Held input = new Held(new NatsScanner(BODY, MARK, recorder), 1 << 20, recorder);
                feed(stream.toByteArray(), random, input);
                assertThat(recorder.found).as("seed %d", seed).isEqualTo(expected);
            }
        }

        private void message(ByteArrayOutputStream stream, byte[] body) {
            stream.writeBytes(("MSG bench.0 1 " + body.length + "\r\n").getBytes(US_ASCII));
            stream.writeBytes(body);
            stream.writeBytes("\r\n".getBytes(US_ASCII));
        }
    }
}
