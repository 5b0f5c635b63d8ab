package io.switchboard.stomp;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.stomp.StompEvent.Violation;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What holds for all inputs, on random ones. Every assertion names the seed of its input.
class StompPropertyTest {

    private static final int SEEDS = 2_000;

    /// Everything that is special to some version, and characters of each UTF-8 length.
    private static final String ALPHABET = "ab:\\\n\r c\t\0né€😀n-";

    @ParameterizedTest
    @EnumSource
    void whatIsWrittenIsReadBack(StompVersion version) {
        for (long seed = 0; seed < SEEDS; seed++) {
            StompFrame frame = randomFrame(new Random(seed), version);
            ByteBuffer wire = StompEncoder.encode(frame, version);
            StompFrame back = Wire.server(version).receive(Wire.bytes(wire)).frames().getFirst();

            assertThat(back.command()).as("seed %d", seed).isEqualTo(frame.command());
            assertThat(Wire.withoutLength(back.headers()))
                    .as("seed %d", seed)
                    .isEqualTo(frame.headers());
            assertThat(back.body()).as("seed %d", seed).isEqualTo(frame.body());
        }
    }

    @ParameterizedTest
    @EnumSource
    void writtenLengthIsWithinItsBound(StompVersion version) {
        for (long seed = 0; seed < SEEDS; seed++) {
            Random random = new Random(seed);
            String name = "n" + text(random, 6);
            String value = text(random, 12);
            ByteBuffer out = ByteBuffer.allocate(StompEncoder.lengthMax(name, value));
            StompEncoder encoder = StompEncoder.on(ByteBuffer.allocate(16), version);
            encoder.command(StompCommand.SEND).into(out, version).header(name, value);
            assertThat(out.position()).as("seed %d", seed).isPositive();
        }
    }

    /// Whatever the names and values are, a frame never becomes two, and never gets a header more.
    @ParameterizedTest
    @EnumSource
    void noTextForgesAHeaderOrAFrame(StompVersion version) {
        for (long seed = 0; seed < SEEDS; seed++) {
            Random random = new Random(seed);
            List<String> headers = new ArrayList<>();
            for (int i = random.nextInt(5); i >= 0; i--) {
                headers.add("n" + text(random, 8));
                headers.add(text(random, 12));
            }
            var listed = StompHeaders.of(headers.toArray(String[]::new));
            for (boolean connected : new boolean[] {true, false}) {
                var command = connected ? StompCommand.CONNECTED : StompCommand.MESSAGE;
                ByteBuffer wire = StompEncoder.encode(new StompFrame(command, listed), version);
                Wire client = Wire.client(connected ? null : version).receive(Wire.bytes(wire));
                assertThat(client.frame().headers().size())
                        .as("seed %d %s", seed, command)
                        .isEqualTo(listed.size());
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void cutsDoNotMatterInLegalStreams(StompVersion version) {
        for (long seed = 0; seed < SEEDS / 4; seed++) {
            Random random = new Random(seed);
            ByteArrayOutputStream stream = new ByteArrayOutputStream();
            for (int i = 1 + random.nextInt(4); i > 0; i--) {
                stream.writeBytes(
                        Wire.bytes(StompEncoder.encode(randomFrame(random, version), version)));
                stream.writeBytes("\n".repeat(random.nextInt(3)).getBytes(UTF_8));
            }
            assertCutsDoNotMatter(seed, random, version, stream.toByteArray(), StompLimits.DEFAULT);
        }
    }

    @Test
    void cutsDoNotMatterInGarbageAndNothingButAViolationComesOfIt() {
        StompVersion[] versions = {null, StompVersion.V1_0, StompVersion.V1_1, StompVersion.V1_2};
        StompLimits small = new StompLimits(4, 60, 20, 90);
        int violations = 0;
        for (long seed = 0; seed < 20_000; seed++) {
            Random random = new Random(seed);
            byte[] garbage = garbage(random);
            StompLimits limits = random.nextBoolean() ? small : StompLimits.DEFAULT;
            List<StompEvent> events =
                    assertCutsDoNotMatter(
                            seed, random, versions[random.nextInt(4)], garbage, limits);
            long broken = events.stream().filter(Violation.class::isInstance).count();
            assertThat(broken).as("seed %d", seed).isLessThanOrEqualTo(1);
            violations += (int) broken;
        }
        assertThat(violations).as("garbage that was noticed").isGreaterThan(5_000);
    }

    @ParameterizedTest
    @EnumSource
    void anyFrameOverALimitIsRefused(StompVersion version) {
        for (long seed = 0; seed < SEEDS; seed++) {
            StompFrame frame = randomFrame(new Random(seed), version);
            byte[] bytes = Wire.bytes(StompEncoder.encode(frame, version));
            int body = frame.body().remaining();
            int head = bytes.length - body - 1;
            int count = Wire.server(version).receive(bytes.clone()).frame().headers().size();
            StompLimits exact = new StompLimits(count, head, body, 1);

            assertThat(Wire.server(version, exact).receive(bytes.clone()).frames())
                    .as("seed %d at the limit", seed)
                    .hasSize(1);
            assertRefused(seed, version, exact.withHeaderBytesMax(head - 1), bytes);
            if (count > 0) {
                assertRefused(seed, version, exact.withHeaderCountMax(count - 1), bytes);
            }
            if (body > 0) {
                assertRefused(seed, version, exact.withBodyLengthMax(body - 1), bytes);
            }
        }
    }

    private static void assertRefused(
            long seed, StompVersion version, StompLimits limits, byte[] bytes) {
        Violation violation = Wire.server(version, limits).receive(bytes.clone()).violation();
        assertThat(violation.kind().limit()).as("seed %d %s", seed, violation).isTrue();
        assertThat(Wire.server(version, limits).drip(bytes).events)
                .as("seed %d octet by octet", seed)
                .containsExactly(violation);
    }

    private static List<StompEvent> assertCutsDoNotMatter(
            long seed, Random random, StompVersion version, byte[] stream, StompLimits limits) {
        List<StompEvent> whole = Wire.server(version, limits).receive(stream.clone()).events;
        assertThat(Wire.server(version, limits).drip(stream).events)
                .as("seed %d octet by octet", seed)
                .isEqualTo(whole);
        Wire cut = Wire.server(version, limits);
        for (int from = 0; from < stream.length; ) {
            int to = Math.min(stream.length, from + 1 + random.nextInt(20));
            cut.receive(Arrays.copyOfRange(stream, from, to));
            from = to;
        }
        assertThat(cut.events).as("seed %d cut at random", seed).isEqualTo(whole);
        return whole;
    }

    /// Pieces of frames in random order, so that the states behind the first line are reached.
    private static byte[] garbage(Random random) {
        String[] pieces = {
            "SEND\n",
            "CONNECT\r\n",
            "SUBSCRIBE\n",
            "NACK\n",
            "a:b\n",
            "a:b\r\n",
            "\n",
            "\r\n",
            "\r",
            "\0",
            "content-length:3\n",
            "content-length:x\n",
            "content-length:99999999999\n",
            ":",
            "accept-version:1.2\n",
            "\\",
            "\\c",
            "\\x",
            "receipt:1\n",
            "é",
            "x".repeat(19),
        };
        ByteArrayOutputStream stream = new ByteArrayOutputStream();
        if (random.nextInt(4) != 0) {
            stream.writeBytes("SEND\n".getBytes(UTF_8));
        }
        for (int i = random.nextInt(12); i >= 0; i--) {
            if (random.nextInt(8) == 0) {
                stream.write(random.nextInt(256));
            } else {
                stream.writeBytes(pieces[random.nextInt(pieces.length)].getBytes(UTF_8));
            }
        }
        return stream.toByteArray();
    }

    /// A frame of a client that the version can carry.
    private static StompFrame randomFrame(Random random, StompVersion version) {
        boolean send = random.nextInt(4) != 0;
        String[] headers = new String[2 * random.nextInt(6)];
        for (int i = 0; i < headers.length; i += 2) {
            headers[i] = carried(version, "n" + text(random, 6), true);
            headers[i + 1] = carried(version, text(random, 10), false);
        }
        byte[] body = new byte[send ? random.nextInt(40) : 0];
        random.nextBytes(body);
        return new StompFrame(
                send ? StompCommand.SEND : StompCommand.SUBSCRIBE,
                StompHeaders.of(headers),
                ByteBuffer.wrap(body));
    }

    private static String carried(StompVersion version, String text, boolean name) {
        if (version != StompVersion.V1_0) {
            return text;
        }
        String line = text.replace('\n', ' ');
        return name ? line.replace(':', ' ') : ("x" + line + "x");
    }

    private static String text(Random random, int lengthMax) {
        int[] characters = ALPHABET.codePoints().toArray();
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(lengthMax + 1); i > 0; i--) {
            text.appendCodePoint(characters[random.nextInt(characters.length)]);
        }
        return text.toString();
    }
}
