package io.switchboard.stomp;

import static io.switchboard.stomp.StompVersion.V1_0;
import static io.switchboard.stomp.StompVersion.V1_2;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.switchboard.stomp.StompEvent.Violation.Kind;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Section C of the statements, and the repeated headers of section D.
class StandardHeadersTest {

    private static String written(StompCommand command, StompHeaders headers, String body) {
        var frame = new StompFrame(command, headers, UTF_8.encode(body));
        return UTF_8.decode(StompEncoder.encode(frame, V1_2)).toString();
    }

    @Nested
    class ContentLength {

        @ParameterizedTest
        @EnumSource
        void c01ExactlySoManyOctetsAreTheBodyNulsIncluded(StompVersion version) {
            var wire = Wire.server(version).receive("SEND\ncontent-length:5\n\na\0b\0c\0");

            assertThat(Wire.text(wire.frame())).isEqualTo("a\0b\0c");
        }

        @Test
        void c02AnyFrameMayCarryIt() {
            var wire = Wire.server(null).receive("CONNECT\ncontent-length:0\n\n\0");
            wire.connection.version(V1_2);
            wire.receive("DISCONNECT\ncontent-length:0\n\n\0");

            assertThat(wire.frames()).hasSize(2);
        }

        @ParameterizedTest
        @EnumSource
        void c03NulFollowsTheCountedOctets(StompVersion version) {
            var violation =
                    Wire.server(version)
                            .receive("SEND\nreceipt:q\ncontent-length:2\n\nabc\0")
                            .violation();

            assertThat(violation.rule())
                    .isEqualTo("expected NUL after the octets that content-length counts");
            assertThat(violation.found()).startsWith("0x63 after 2 octets.");
            assertThat(violation.receipt()).isEqualTo("q");
        }

        @Test
        void c03ShortBodyWaitsForTheRest() {
            assertThat(Wire.server(V1_2).receive("SEND\ncontent-length:6\n\nabc\0").events)
                    .isEmpty();
        }

        @Test
        void c04AndC05BodyIsWrittenWithItsLength() {
            assertThat(written(StompCommand.MESSAGE, StompHeaders.of("a", "b"), "x\0y"))
                    .isEqualTo("MESSAGE\na:b\ncontent-length:3\n\nx\0y\0");
        }

        @Test
        void c05EmptyBodyIsWrittenWithoutLength() {
            assertThat(written(StompCommand.SEND, StompHeaders.of("a", "b"), ""))
                    .isEqualTo("SEND\na:b\n\n\0");
        }

        @Test
        void c05LengthOfAPassedOnFrameIsWrittenAnew() {
            assertThat(written(StompCommand.SEND, StompHeaders.of("content-length", "9"), "abc"))
                    .isEqualTo("SEND\ncontent-length:3\n\nabc\0");
        }

        @Test
        void c06ItCountsOctetsNotCharacters() {
            assertThat(written(StompCommand.SEND, StompHeaders.of(), "é€😀"))
                    .isEqualTo("SEND\ncontent-length:9\n\né€😀\0");
            assertThat(
                            Wire.text(
                                    Wire.server(V1_2)
                                            .receive("SEND\ncontent-length:9\n\né€😀\0")
                                            .frame()))
                    .isEqualTo("é€😀");
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "-5", "+5", "", " 5", "5 ", "5a", "0x5", "1.0", "1e3", "٥", "5,5", "--1",
                    "\\\\5"
                })
        void c07ImpossibleValueIsRefused(String value) {
            var violation =
                    Wire.server(V1_2).receive("SEND\ncontent-length:" + value + "\n\n").violation();

            assertThat(violation.kind()).isEqualTo(Kind.MALFORMED);
            assertThat(violation.rule()).isEqualTo("expected digits alone in content-length");
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "1048577",
                    "2147483647",
                    "2147483648",
                    "4294967296",
                    "4294967301",
                    "9223372036854775807",
                    "9223372036854775808",
                    "18446744073709551616",
                    "18446744073709551621",
                    "99999999999999999999999999999999999999999999"
                })
        void c07OverflowIsNoSmallNumberButOverTheLimit(String value) {
            var violation =
                    Wire.server(V1_2).receive("SEND\ncontent-length:" + value + "\n\n").violation();

            assertThat(violation.kind()).isEqualTo(Kind.BODY_LENGTH);
            assertThat(violation.rule()).isEqualTo("expected at most 1048576 octets of body");
        }

        @Test
        void c07PaddedValueIsTakenIn10WhereValuesAreTrimmed() {
            assertThat(Wire.server(V1_0).receive("SEND\ncontent-length: 1 \n\n\0\0").frames())
                    .hasSize(1);
        }

        @Test
        void c07LeadingZerosAreDigits() {
            assertThat(
                            Wire.server(V1_2)
                                    .receive("SEND\ncontent-length:0000000000001\n\n\0\0")
                                    .frames())
                    .hasSize(1);
        }

        @Test
        void c07HugeButLegalLengthAllocatesNothingBeforeTheOctetsCome() {
            var limits = StompLimits.DEFAULT.withBodyLengthMax(Integer.MAX_VALUE - 64);
            for (int i = 0; i < 64; i++) {
                // 64 of these would need 128 GiB if the array followed the announcement.
                var wire = Wire.server(V1_2, limits);
                wire.receive("SEND\ncontent-length:2000000000\n\nx");
                assertThat(wire.events).isEmpty();
            }
        }
    }

    @Nested
    class ContentTypeAndReceipt {

        @Test
        void c08ToC11ContentTypeIsCarriedUnread() {
            var frame =
                    Wire.server(V1_2)
                            .receive("SEND\ncontent-type:text/plain;charset=x\n\n\0")
                            .frame();

            assertThat(frame.headers().get("content-type")).isEqualTo("text/plain;charset=x");
            assertThat(written(StompCommand.MESSAGE, frame.headers(), "z"))
                    .isEqualTo(
                            "MESSAGE\ncontent-type:text/plain;charset=x\ncontent-length:1\n\nz\0");
        }

        @Test
        void c10MissingContentTypeIsNotInvented() {
            assertThat(written(StompCommand.MESSAGE, StompHeaders.of(), "z"))
                    .doesNotContain("content-type");
        }

        @Test
        void encoderRefusesABodyWhereNoneMayBe() {
            assertThatThrownBy(() -> written(StompCommand.RECEIPT, StompHeaders.of(), "x"))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("cannot write a body in RECEIPT");
        }

        @Test
        void encoderRefusesAHeaderWithoutName() {
            assertThatThrownBy(() -> written(StompCommand.SEND, StompHeaders.of("", "x"), ""))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Nested
    class RepeatedHeaders {

        @ParameterizedTest
        @EnumSource
        void d01AndD04FirstEntryCountsInEveryVersion(StompVersion version) {
            var headers =
                    Wire.server(version)
                            .receive("SEND\nfoo:1\nbar:2\nfoo:3\n\n\0")
                            .frame()
                            .headers();

            assertThat(headers.get("foo")).isEqualTo("1");
        }

        @Test
        void d01FirstContentLengthCounts() {
            var wire = Wire.server(V1_2).receive("SEND\ncontent-length:1\ncontent-length:2\n\na\0");

            assertThat(Wire.text(wire.frame())).isEqualTo("a");
        }

        @Test
        void d02LaterEntriesRemainReadable() {
            var headers = Wire.server(V1_2).receive("SEND\nfoo:1\nfoo:3\n\n\0").frame().headers();

            assertThat(headers.size()).isEqualTo(2);
            assertThat(headers.value(1)).isEqualTo("3");
        }
    }

    @Nested
    class WrittenFrames {

        @Test
        void encoderIsReusableAndWritesWhatTheBoundsSay() {
            ByteBuffer out = ByteBuffer.allocateDirect(256);
            StompEncoder encoder = StompEncoder.on(out, V1_2);
            encoder.command(StompCommand.SEND).header("destination", "/a").body(new byte[] {'x'});
            encoder.command(StompCommand.DISCONNECT).header("receipt", "1").end();
            encoder.into(out, V1_0).command(StompCommand.SEND).header("a", "\\").end();

            assertThat(UTF_8.decode(out.flip()).toString())
                    .isEqualTo(
                            "SEND\ndestination:/a\ncontent-length:1\n\nx\0"
                                    + "DISCONNECT\nreceipt:1\n\n\0"
                                    + "SEND\na:\\\n\n\0");
        }

        @Test
        void headMayBeWrittenInFrontOfASharedBody() {
            ByteBuffer out = ByteBuffer.allocate(64);
            StompEncoder.on(out, V1_2).command(StompCommand.MESSAGE).bodyFollows(1234567890);

            assertThat(UTF_8.decode(out.flip()).toString())
                    .isEqualTo("MESSAGE\ncontent-length:1234567890\n\n");
        }

        @Test
        void bodyKeepsItsPosition() {
            ByteBuffer body = UTF_8.encode("abc").position(1);
            StompEncoder.encode(new StompFrame(StompCommand.SEND, StompHeaders.of(), body), V1_2);

            assertThat(body.position()).isEqualTo(1);
        }

        @Test
        void numbersOfEveryLengthAreWritten() {
            for (int number : new int[] {1, 9, 10, 99, 100, 1048576, Integer.MAX_VALUE}) {
                ByteBuffer out = ByteBuffer.allocate(64);
                StompEncoder.on(out, V1_2).command(StompCommand.SEND).bodyFollows(number);
                assertThat(UTF_8.decode(out.flip()).toString())
                        .isEqualTo("SEND\ncontent-length:" + number + "\n\n");
            }
        }
    }
}
