package io.switchboard.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/// Properties that hold for all streams of bytes, shown on random ones; a failure names its seed.
class CutAnywhereTest {
    private static final WebSocketLimits LIMITS = new WebSocketLimits(5000, 3000, 8);

    @Test
    @DisplayName("F11 small streams give the same events cut at every offset")
    void smallStreamsAreTheSameCutAtEveryOffset() {
        for (int seed = 0; seed < 300; seed++) {
            Random random = new Random(seed);
            byte[] stream = stream(random, 4, 40);
            List<Object> expected = Wire.events(connection(), stream);
            for (int cut = 0; cut <= stream.length; cut++) {
                var recorder = new Wire.Recorder(connection());
                recorder.receive(stream, 0, cut);
                recorder.receive(stream, cut, stream.length);
                assertThat(recorder.events())
                        .as("seed " + seed + " cut at " + cut)
                        .isEqualTo(expected);
            }
            assertThat(Wire.events(connection(), stream, 1)).as("seed " + seed).isEqualTo(expected);
        }
    }

    @Test
    @DisplayName("F11 large streams give the same events with random cuts")
    void largeStreamsAreTheSameWithRandomCuts() {
        for (int seed = 0; seed < 500; seed++) {
            Random random = new Random(seed);
            byte[] stream = stream(random, 30, 2000);
            List<Object> expected = Wire.events(connection(), stream);
            var recorder = new Wire.Recorder(connection());
            int start = 0;
            while (start < stream.length) {
                int end = Math.min(stream.length, start + 1 + random.nextInt(700));
                if (random.nextBoolean()) {
                    recorder.receive(stream, start, end);
                } else {
                    ByteBuffer direct = ByteBuffer.allocateDirect(end - start);
                    recorder.receive(direct.put(stream, start, end - start).flip());
                }
                start = end;
            }
            assertThat(recorder.events()).as("seed " + seed).isEqualTo(expected);
        }
    }

    @Test
    void garbageGivesAViolationOrNothingAndNeverAnException() {
        int violations = 0;
        for (int seed = 0; seed < 20_000; seed++) {
            Random random = new Random(seed);
            byte[] garbage = new byte[random.nextInt(300)];
            random.nextBytes(garbage);
            var connection = connection();

            List<Object> events = Wire.events(connection, garbage);

            long failures =
                    events.stream().filter(WebSocketEvent.Violation.class::isInstance).count();
            assertThat(failures).as("seed " + seed).isLessThanOrEqualTo(1);
            if (failures == 1) {
                violations++;
                assertThat(events.getLast())
                        .as("seed " + seed)
                        .isInstanceOf(WebSocketEvent.Violation.class);
                assertThat(connection.state())
                        .as("seed " + seed)
                        .isEqualTo(WebSocketState.CLOSE_RECEIVED);
            }
        }
        assertThat(violations).isGreaterThan(15_000);
    }

    private static WebSocketConnection connection() {
        return WebSocketConnection.server(LIMITS);
    }

    /// Frames of a client, mostly good: messages in fragments with control frames in between, now
    /// and then a byte changed or a frame too much.
    private static byte[] stream(Random random, int messages, int lengthMax) {
        byte[] stream = {};
        for (int i = 0; i < messages; i++) {
            int fragments = 1 + random.nextInt(4);
            for (int fragment = 0; fragment < fragments; fragment++) {
                int fin = fragment == fragments - 1 ? 0x80 : 0;
                int opcode = fragment > 0 ? 0 : random.nextBoolean() ? 1 : 2;
                byte[] payload = payload(random, random.nextInt(lengthMax));
                stream = Wire.concat(stream, frame(random, fin | opcode, payload));
                if (random.nextInt(4) == 0) {
                    byte[] control = payload(random, random.nextInt(20));
                    int controlOpcode = random.nextInt(40) == 0 ? 8 : 9 + random.nextInt(2);
                    stream = Wire.concat(stream, frame(random, 0x80 | controlOpcode, control));
                }
            }
        }
        if (random.nextInt(3) == 0) {
            stream[random.nextInt(stream.length)] ^= (byte) (1 << random.nextInt(8));
        }
        return stream;
    }

    private static byte[] frame(Random random, int firstByte, byte[] payload) {
        byte[] key = new byte[4];
        random.nextBytes(key);
        return Wire.frame(firstByte, payload, key);
    }

    /// Text in two bytes a character, so that frames and cuts fall inside characters.
    private static byte[] payload(Random random, int length) {
        byte[] payload = new byte[length / 2 * 2];
        for (int i = 0; i < payload.length; i += 2) {
            payload[i] = (byte) (0xc2 + random.nextInt(30));
            payload[i + 1] = (byte) (0x80 + random.nextInt(64));
        }
        return payload;
    }
}
