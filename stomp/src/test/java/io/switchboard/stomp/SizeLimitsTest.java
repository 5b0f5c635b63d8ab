package io.switchboard.stomp;

import static io.switchboard.stomp.StompVersion.V1_0;
import static io.switchboard.stomp.StompVersion.V1_2;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.switchboard.stomp.StompEvent.Violation.Kind;
import java.lang.reflect.Field;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/// The size limits of section D: each holds before the frame is complete, at the octet that passes
/// it, however the octets are cut.
class SizeLimitsTest {

    private static final StompLimits SMALL = new StompLimits(3, 40, 10, 60);

    /// The whole and the dripped stream give the same last event.
    private static Wire read(StompVersion version, String stream) {
        Wire whole = Wire.server(version, SMALL).receive(stream);
        assertThat(Wire.server(version, SMALL).drip(stream.getBytes(UTF_8)).events)
                .isEqualTo(whole.events);
        return whole;
    }

    @Nested
    class Defaults {

        @Test
        void d05EveryBoundHasADefault() {
            assertThat(StompLimits.DEFAULT).isEqualTo(new StompLimits(64, 16384, 1048576, 16384));
        }

        @Test
        void d05BoundsCanBeChangedOneByOne() {
            assertThat(
                            StompLimits.DEFAULT
                                    .withHeaderCountMax(1)
                                    .withHeaderBytesMax(2)
                                    .withBodyLengthMax(3)
                                    .withBeforeConnectedMax(4))
                    .isEqualTo(new StompLimits(1, 2, 3, 4));
        }

        @Test
        void d05BoundsThatLetNothingThroughAreAMistake() {
            assertThatThrownBy(() -> StompLimits.DEFAULT.withHeaderBytesMax(0))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> StompLimits.DEFAULT.withBeforeConnectedMax(0))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> StompLimits.DEFAULT.withBodyLengthMax(Integer.MAX_VALUE))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Nested
    class HeaderCount {

        @Test
        void d05AsManyHeadersAsAllowedPass() {
            assertThat(read(V1_2, "SEND\na:1\nb:2\nc:3\n\n\0").frames()).hasSize(1);
        }

        @Test
        void d06AndD08OneMoreIsRefusedAtItsLineEnd() {
            var violation = read(V1_2, "SEND\na:1\nb:2\nc:3\nd:4\n").violation();

            assertThat(violation.kind()).isEqualTo(Kind.HEADER_COUNT);
            assertThat(violation.kind().limit()).isTrue();
            assertThat(violation.rule()).isEqualTo("expected at most 3 headers");
            assertThat(violation.found()).isEqualTo("more in a SEND");
        }
    }

    @Nested
    class HeaderBytes {

        // "SEND\n" 5, "a:" 2, "\n\n" 2
        private final String longest = "v".repeat(40 - 9);

        @Test
        void d05HeadOfTheLengthAllowedPasses() {
            assertThat(read(V1_2, "SEND\na:" + longest + "\n\n\0").frames()).hasSize(1);
        }

        @Test
        void d06OneOctetMoreIsRefused() {
            assertThat(read(V1_2, "SEND\na:" + longest + "v\n\n\0").violation().kind())
                    .isEqualTo(Kind.HEADER_BYTES);
        }

        @Test
        void d08EndlessLineIsRefusedBeforeItEnds() {
            assertThat(read(V1_2, "SEND\n" + "a".repeat(36)).violation().rule())
                    .isEqualTo("expected at most 40 octets of command and headers");
            assertThat(read(V1_2, "SEND\n" + "a".repeat(35)).events).isEmpty();
        }

        @Test
        void d08EndlessCommandIsRefusedAfter32Octets() {
            assertThat(read(V1_2, "A".repeat(33)).events).isEmpty();
            assertThat(read(V1_2, "A".repeat(34)).violation().rule())
                    .isEqualTo("expected a command of a client");
        }

        @Test
        void d05BoundBelowACommandHoldsForTheCommandToo() {
            var limits = SMALL.withHeaderBytesMax(4);

            for (String command : new String[] {"SEND\n", "NONE\n"}) {
                assertThat(Wire.server(V1_2, limits).receive(command).violation().kind())
                        .as(command)
                        .isEqualTo(Kind.HEADER_BYTES);
            }
        }
    }

    @Nested
    class BodyLength {

        @Test
        void d05BodyOfTheLengthAllowedPasses() {
            assertThat(read(V1_2, "SEND\n\n0123456789\0").frames()).hasSize(1);
            assertThat(read(V1_2, "SEND\ncontent-length:10\n\n0123456789\0").frames()).hasSize(1);
        }

        @Test
        void d08LongerBodyWithoutLengthIsRefusedWhenItGrowsTooLong() {
            var violation = read(V1_2, "SEND\nreceipt:1\n\n0123456789a").violation();

            assertThat(violation.kind()).isEqualTo(Kind.BODY_LENGTH);
            assertThat(violation.rule()).isEqualTo("expected at most 10 octets of body");
            assertThat(violation.receipt()).isEqualTo("1");
        }

        @Test
        void d08AnnouncedLongerBodyIsRefusedBeforeItComes() {
            var violation = read(V1_2, "SEND\nreceipt:1\ncontent-length:11\n\n").violation();

            assertThat(violation.kind()).isEqualTo(Kind.BODY_LENGTH);
            assertThat(violation.found()).isEqualTo("content-length:11 in a SEND");
            assertThat(violation.receipt()).isEqualTo("1");
        }

        @Test
        void d08IgnoredBodyIsBoundedToo() {
            assertThat(read(V1_0, "ACK\n\n0123456789a").violation().kind())
                    .isEqualTo(Kind.BODY_LENGTH);
        }
    }

    @Nested
    class BeforeConnected {

        @Test
        void d08LineEndsBeforeTheFirstFrameAreBounded() {
            assertThat(read(null, "\n".repeat(60)).events).isEmpty();
            var violation = read(null, "\n".repeat(61)).violation();
            assertThat(violation.kind()).isEqualTo(Kind.BEFORE_CONNECTED);
            assertThat(violation.rule()).isEqualTo("expected at most 60 octets before CONNECTED");
        }

        @Test
        void d08LineEndsAndHeadTogetherAreBounded() {
            // 30 line ends leave 30 octets: "CONNECT\n" 8, "a:" 2, "\n\n" 2, NUL 1
            String ends = "\n".repeat(30);

            assertThat(read(null, ends + "CONNECT\na:" + "v".repeat(17) + "\n\n\0").frames())
                    .hasSize(1);
            assertThat(
                            read(null, ends + "CONNECT\na:" + "v".repeat(20) + "\n\n\0")
                                    .violation()
                                    .kind())
                    .isEqualTo(Kind.BEFORE_CONNECTED);
        }

        @Test
        void d08SecondFrameBeforeTheVersionIsSettledCountsOn() {
            String connect = "CONNECT\na:" + "v".repeat(17) + "\n\n\0";

            assertThat(read(null, connect + connect + "\n").violation().kind())
                    .isEqualTo(Kind.BEFORE_CONNECTED);
        }

        @Test
        void d08BodyBeforeTheVersionIsSettledCountsToo() {
            var limits = SMALL.withBodyLengthMax(100);
            var wire = Wire.server(null, limits).receive("SEND\ncontent-length:50\n\n");

            assertThat(wire.violation().kind()).isEqualTo(Kind.BEFORE_CONNECTED);
        }

        @Test
        void d08BoundEndsWithTheVersion() {
            var wire = Wire.server(null, SMALL).receive("CONNECT\n\n\0");
            wire.connection.version(V1_2);
            wire.receive("\n".repeat(500)).receive("SEND\na:b\n\n12345\0".repeat(50));

            assertThat(wire.events).hasSize(1 + 500 + 50);
        }
    }

    @Nested
    class Memory {

        /// Were any octet looked at again for each that follows, this would take hours.
        @Test
        void d08DripOfALongBodyIsLinear() {
            int length = 1024 * 1024;
            for (String head :
                    new String[] {"SEND\n\n", "SEND\ncontent-length:" + length + "\n\n"}) {
                var wire = Wire.server(V1_2).receive(head);
                byte[] body = new byte[length];
                Arrays.fill(body, (byte) 'x');
                wire.drip(body).receive("\0");
                assertThat(wire.frame().body().remaining()).isEqualTo(length);
            }
        }

        @Test
        void d08HeldOctetsGrowByDoublingUpToWhatMayCome() {
            int lengthMax = 1000;
            var held = new HeldOctets(lengthMax);
            ByteBuffer octets = ByteBuffer.allocate(lengthMax);
            List<Integer> capacities = new ArrayList<>();
            for (int i = 0; i < lengthMax; i++) {
                held.add(octets, 1, lengthMax);
                if (capacities.isEmpty() || capacities.getLast() != held.array().length) {
                    capacities.add(held.array().length);
                }
            }

            assertThat(capacities).containsExactly(128, 256, 512, 1000);
            assertThat(new HeldOctets(10).array()).hasSize(10);
        }

        @Test
        void idleConnectionHoldsNeitherOctetsNorTheReceivedBuffer() throws Exception {
            var decoder = new FrameDecoder(StompLimits.DEFAULT, true);
            decoder.version(V1_2);
            for (byte octet : "SEND\na:b\ncontent-length:3\n\nabc\0\n".getBytes(UTF_8)) {
                decoder.receive(ByteBuffer.wrap(new byte[] {octet}));
                while (decoder.next() != StompEvent.NEED_BYTES) {
                    // Drained.
                }
            }

            for (String name : new String[] {"held", "headers"}) {
                Field field = FrameDecoder.class.getDeclaredField(name);
                field.setAccessible(true);
                assertThat(field.get(decoder)).as(name).isNull();
            }
            Field in = FrameDecoder.class.getDeclaredField("in");
            in.setAccessible(true);
            assertThat(((ByteBuffer) in.get(decoder)).capacity()).isZero();
        }
    }
}
