package io.switchboard.stomp;

import static io.switchboard.stomp.StompVersion.V1_0;
import static io.switchboard.stomp.StompVersion.V1_1;
import static io.switchboard.stomp.StompVersion.V1_2;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.stomp.StompEvent.Violation.Kind;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Section A of the statements: the frame grammar and the stream.
class FrameGrammarTest {

    @Nested
    class StompFrames {

        @ParameterizedTest
        @EnumSource
        void a01CommandHeadersEmptyLineBodyAndNulMakeAFrame(StompVersion version) {
            var frame =
                    Wire.server(version)
                            .receive("SEND\ndestination:/topic/a\nx:y\n\nhello\0")
                            .frame();

            assertThat(frame.command()).isEqualTo(StompCommand.SEND);
            assertThat(frame.headers())
                    .isEqualTo(StompHeaders.of("destination", "/topic/a", "x", "y"));
            assertThat(Wire.text(frame)).isEqualTo("hello");
        }

        @ParameterizedTest
        @EnumSource(names = {"V1_0", "V1_1"})
        void a02CrBelongsToTheLineBefore12(StompVersion version) {
            var frame = Wire.server(version).receive("SEND\ndestination:/a\r\n\n\0").frame();

            assertThat(frame.headers().get("destination")).isEqualTo("/a\r");
        }

        @ParameterizedTest
        @EnumSource(names = {"V1_0", "V1_1"})
        void a02CommandWithCrIsNoneBefore12(StompVersion version) {
            assertThat(Wire.server(version).receive("SEND\r\n").violation().rule())
                    .isEqualTo("expected a command of a client");
        }

        @ParameterizedTest
        @EnumSource(names = {"V1_0", "V1_1"})
        void a02LineOfCrAloneIsAHeaderWithoutColonBefore12(StompVersion version) {
            assertThat(Wire.server(version).receive("SEND\n\r\n\n\0").violation().rule())
                    .isEqualTo("expected a colon in a header line");
        }

        @Test
        void a03OneCrBeforeLfEndsTheLineIn12AndMayMixWithLf() {
            var frame =
                    Wire.server(V1_2)
                            .receive("SEND\r\ndestination:/a\r\nb:c\nd:\r\n\r\nbody\r\n\0")
                            .frame();

            assertThat(frame.headers())
                    .isEqualTo(StompHeaders.of("destination", "/a", "b", "c", "d", ""));
            assertThat(Wire.text(frame)).isEqualTo("body\r\n");
        }

        @Test
        void a03EmptyLineMayBeLfAfterCrLfLines() {
            assertThat(Wire.server(V1_2).receive("SEND\r\ndestination:/a\r\n\n\0").frames())
                    .hasSize(1);
        }

        @ParameterizedTest
        @ValueSource(strings = {"a:b\r\r\n", "a:b\rc\n", "a\r:b\n", "a\rb:c\n"})
        void a04RawCrInAHeaderIsRefusedIn12(String line) {
            assertThat(Wire.server(V1_2).receive("SEND\n" + line + "\n\0").violation().rule())
                    .isEqualTo("expected CR in a header to be escaped");
        }

        @Test
        void a13CommandsAreCaseSensitive() {
            for (String command : List.of("send", "Send", "SENd", "connect")) {
                assertThat(Wire.server(V1_2).receive(command + "\n").violation().rule())
                        .as(command)
                        .isEqualTo("expected a command of a client");
            }
        }

        @Test
        void a13HeaderNamesAreCaseSensitive() {
            var headers = Wire.server(V1_2).receive("SEND\nDestination:/a\n\n\0").frame().headers();

            assertThat(headers.get("destination")).isNull();
            assertThat(headers.get("Destination")).isEqualTo("/a");
        }

        @ParameterizedTest
        @EnumSource
        void a15FrameMayHaveNoHeaders(StompVersion version) {
            var frame = Wire.server(version).receive("DISCONNECT\n\n\0").frame();

            assertThat(frame.command()).isEqualTo(StompCommand.DISCONNECT);
            assertThat(frame.headers().size()).isZero();
        }

        @ParameterizedTest
        @EnumSource
        void a16WithoutContentLengthTheBodyEndsAtTheFirstNul(StompVersion version) {
            var wire = Wire.server(version).receive("SEND\ndestination:/a\n\none\0");
            wire.receive("SEND\ndestination:/a\n\ntwo\0");

            assertThat(wire.frames()).extracting(Wire::text).containsExactly("one", "two");
        }
    }

    @Nested
    class Headers {

        @Test
        void a05ValueMayHoldColonsIn10() {
            var frame = Wire.server(V1_0).receive("SEND\ndestination:a:b:c\n\n\0").frame();

            assertThat(frame.headers().get("destination")).isEqualTo("a:b:c");
        }

        @ParameterizedTest
        @EnumSource
        void a06OtherOctetsMakeNamesAndValues(StompVersion version) {
            var frame =
                    Wire.server(version)
                            .receive("SEND\n!#\u0001=/ \u007f:\u0002\"{}\0;\n\n\0")
                            .frame();

            assertThat(frame.headers())
                    .isEqualTo(StompHeaders.of("!#\u0001=/ \u007f", "\u0002\"{}\0;"));
        }

        @ParameterizedTest
        @EnumSource
        void a07AndA08EmptyValueIsTakenInEveryVersion(StompVersion version) {
            var frame = Wire.server(version).receive("SEND\ndestination:\n\n\0").frame();

            assertThat(frame.headers().get("destination")).isEmpty();
        }

        @ParameterizedTest
        @EnumSource
        void a09LineWithoutColonIsMalformed(StompVersion version) {
            var violation =
                    Wire.server(version).receive("SEND\na:b\nnocolon\nc:d\n\n\0").violation();

            assertThat(violation.kind()).isEqualTo(Kind.MALFORMED);
            assertThat(violation.rule()).isEqualTo("expected a colon in a header line");
            assertThat(violation.found()).isEqualTo("\"nocolon\"");
        }

        @ParameterizedTest
        @EnumSource
        void a09EmptyNameIsMalformed(StompVersion version) {
            assertThat(Wire.server(version).receive("SEND\n:value\n\n\0").violation().rule())
                    .isEqualTo("expected a name in a header line");
        }

        @Test
        void a09ForgottenEmptyLineIsToldAtOnceAndNotAwaited() {
            var violation = Wire.server(V1_2).receive("DISCONNECT\nreceipt:1\n\0").violation();

            assertThat(violation.rule()).isEqualTo("expected an empty line after the headers");
            assertThat(violation.found()).isEqualTo("NUL before it, in a DISCONNECT");
        }
    }

    @Nested
    class LineEndsBetweenFrames {

        @ParameterizedTest
        @EnumSource
        void a10AnyNumberOfLineEndsMayFollowTheNul(StompVersion version) {
            var wire =
                    Wire.server(version).receive("SEND\na:b\n\n1\0\n\r\n\n\nSEND\na:b\n\n2\0\r\n");

            assertThat(wire.frames()).extracting(Wire::text).containsExactly("1", "2");
        }

        @ParameterizedTest
        @EnumSource
        void a11LineEndIsALifeSignAndNeedsNoFrame(StompVersion version) {
            assertThat(Wire.server(version).receive("\n").receive("\r").receive("\n").events)
                    .containsExactly(StompEvent.HEARTBEAT_RECEIVED, StompEvent.HEARTBEAT_RECEIVED);
        }

        @Test
        void a11LineEndRightAfterConnectIsSkipped() {
            var wire = Wire.server(null).receive("CONNECT\naccept-version:1.2\n\n\0");
            wire.connection.version(V1_2);
            wire.receive("\n\r\nDISCONNECT\n\n\0");

            assertThat(wire.frames())
                    .extracting(StompFrame::command)
                    .containsExactly(StompCommand.CONNECT, StompCommand.DISCONNECT);
        }

        @Test
        void a12LineEndsBeforeTheFirstFrameAreSkippedWithoutAnEvent() {
            assertThat(Wire.server(null).receive("\n\r\n\nCONNECT\n\n\0").frame().command())
                    .isEqualTo(StompCommand.CONNECT);
        }

        @ParameterizedTest
        @ValueSource(strings = {"\rSEND", "\r\r\n", "\r\0"})
        void a10CrWithoutLfBetweenFramesIsMalformed(String bytes) {
            assertThat(Wire.server(V1_2).receive(bytes).violation().rule())
                    .isEqualTo("expected LF after CR between frames");
        }

        @Test
        void a10SecondNulIsNoLineEnd() {
            assertThat(Wire.server(V1_2).receive("DISCONNECT\n\n\0\0").violation().rule())
                    .isEqualTo("expected a command of a client");
        }
    }

    @Nested
    class ReliableStream {

        private final byte[] stream =
                ("\r\n"
                                + "SEND\r\n"
                                + "destination:/topic/\\c€😀\r\n"
                                + "id:a\\\\b\r\n"
                                + "content-length:7\r\n\r\n"
                                + "nul\0€\0\n\n"
                                + "SUBSCRIBE\n"
                                + "id:1\n"
                                + "destination:x\n\n"
                                + "\0SEND\n"
                                + "a:b\n\n"
                                + "open body, longer than one word\0\r\n")
                        .getBytes(UTF_8);

        private final List<StompEvent> whole = Wire.server(V1_2).receive(stream.clone()).events;

        @Test
        void a14WholeStreamIsThreeFramesAndFourLineEnds() {
            assertThat(whole).hasSize(7);
            assertThat(whole).filteredOn(StompEvent.FrameReceived.class::isInstance).hasSize(3);
        }

        @Test
        void a14OctetByOctetGivesTheSame() {
            assertThat(Wire.server(V1_2).drip(stream).events).isEqualTo(whole);
        }

        @Test
        void a14EveryCutGivesTheSame() {
            for (int cut = 0; cut <= stream.length; cut++) {
                var wire = Wire.server(V1_2);
                wire.receive(Arrays.copyOfRange(stream, 0, cut));
                wire.receive(Arrays.copyOfRange(stream, cut, stream.length));
                assertThat(wire.events).as("cut at %d", cut).isEqualTo(whole);
            }
        }

        @Test
        void a14DirectBuffersOfEitherByteOrderGiveTheSame() {
            for (ByteOrder order : List.of(ByteOrder.BIG_ENDIAN, ByteOrder.LITTLE_ENDIAN)) {
                ByteBuffer direct = ByteBuffer.allocateDirect(stream.length + 3).order(order);
                direct.position(3).put(stream).position(3);
                assertThat(Wire.server(V1_2).receive(direct).events)
                        .as("%s", order)
                        .isEqualTo(whole);
            }
        }

        @Test
        void a14ReadOnlyBufferGivesTheSame() {
            ByteBuffer readOnly = ByteBuffer.wrap(stream).asReadOnlyBuffer();

            assertThat(Wire.server(V1_2).receive(readOnly).events).isEqualTo(whole);
        }
    }

    @Nested
    class Commands {

        @ParameterizedTest
        @EnumSource
        void a13EveryCommandIsKnownToTheOtherSide(StompCommand command) {
            var wire = command.fromClient() ? Wire.server(V1_2) : Wire.client(V1_2);

            assertThat(wire.receive(command + "\n\n\0").frame().command()).isEqualTo(command);
        }

        @ParameterizedTest
        @EnumSource
        void a19CommandOfTheOwnSideIsRefused(StompCommand command) {
            var wire = command.fromClient() ? Wire.client(V1_2) : Wire.server(V1_2);

            assertThat(wire.receive(command + "\n\n\0").violation().kind())
                    .isEqualTo(Kind.MALFORMED);
        }

        @Test
        void a19UnknownCommandIsRefusedAtItsLineEnd() {
            var violation = Wire.server(V1_2).receive("PUBLISH\n").violation();

            assertThat(violation.rule()).isEqualTo("expected a command of a client");
            assertThat(violation.found()).isEqualTo("\"PUBLISH\"; commands are case-sensitive");
        }

        @ParameterizedTest
        @EnumSource(
                value = StompCommand.class,
                names = {"NACK", "STOMP"})
        void a20NackAndStompAreNotIn10(StompCommand command) {
            assertThat(Wire.server(V1_0).receive(command + "\n\n\0").violation().rule())
                    .isEqualTo("expected a command of the session's version");
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "CONNECT",
                    "SEND",
                    "SUBSCRIBE",
                    "UNSUBSCRIBE",
                    "BEGIN",
                    "COMMIT",
                    "ABORT",
                    "ACK",
                    "DISCONNECT"
                })
        void a20CommandsOf10AreTaken(String command) {
            assertThat(Wire.server(V1_0).receive(command + "\n\n\0").frames()).hasSize(1);
        }
    }

    @Nested
    class BodyWhereNoneMayBe {

        @Test
        void a17OnlySendMessageAndErrorMayHaveABody() {
            for (StompCommand command : StompCommand.values()) {
                var wire = command.fromClient() ? Wire.server(V1_2) : Wire.client(V1_2);
                wire.receive(command + "\n\nb\0");
                boolean allowed =
                        List.of(StompCommand.SEND, StompCommand.MESSAGE, StompCommand.ERROR)
                                .contains(command);
                assertThat(wire.frames()).as("%s", command).hasSize(allowed ? 1 : 0);
                if (!allowed) {
                    assertThat(wire.violation().rule())
                            .isEqualTo("expected no body but in SEND, MESSAGE and ERROR");
                }
            }
        }

        @ParameterizedTest
        @EnumSource(names = {"V1_1", "V1_2"})
        void a18BodyIsRefusedFrom11On(StompVersion version) {
            var wire = Wire.server(version).receive("SUBSCRIBE\nid:1\nreceipt:r7\n\nx");

            assertThat(wire.violation().found()).isEqualTo("a body in a SUBSCRIBE");
            assertThat(wire.violation().receipt()).isEqualTo("r7");
        }

        @Test
        void a18AnnouncedBodyIsRefusedBeforeItComes() {
            var wire = Wire.server(V1_2).receive("SUBSCRIBE\ncontent-length:5\n\n");

            assertThat(wire.violation().rule())
                    .isEqualTo("expected no body but in SEND, MESSAGE and ERROR");
        }

        @Test
        void a18EmptyBodyIsNone() {
            var wire = Wire.server(V1_2).receive("SUBSCRIBE\ncontent-length:0\n\n\0");

            assertThat(wire.frames()).hasSize(1);
        }

        @Test
        void a17BodyIsIgnoredIn10AndTheFramingStaysRight() {
            var wire = Wire.server(V1_0);
            wire.receive("SUBSCRIBE\ndestination:/a\n\nignored\0");
            wire.receive("SUBSCRIBE\ncontent-length:3\n\n\0\0\0\0SEND\na:b\n\nnext\0");

            assertThat(wire.frames()).extracting(Wire::text).containsExactly("", "", "next");
        }

        @Test
        void a17IgnoredBodyMayBeCutAnywhere() {
            byte[] stream = "ACK\ncontent-length:4\n\nfour\0ACK\n\nopen\0".getBytes(ISO_8859_1);

            assertThat(Wire.server(V1_0).drip(stream).events)
                    .isEqualTo(Wire.server(V1_0).receive(stream.clone()).events)
                    .hasSize(2);
        }

        @Test
        void a17BodyOfAFirstFrameFollowsTheVersionThatTheFrameOffers() {
            assertThat(Wire.server(null).receive("CONNECT\nlogin:x\n\nbody\0").frames()).hasSize(1);
            assertThat(
                            Wire.server(null)
                                    .receive("CONNECT\naccept-version:1.2\n\nbody\0")
                                    .violation()
                                    .found())
                    .isEqualTo("a body in a CONNECT");
        }
    }

    @Nested
    class AfterAViolation {

        @Test
        void theRestIsDroppedAndNothingFollows() {
            var wire = Wire.server(V1_1).receive("NONSENSE\n\n\0SEND\na:b\n\n\0");
            wire.receive("SEND\na:b\n\nx\0\n");

            assertThat(wire.events).hasSize(1);
            assertThat(wire.connection.next()).isEqualTo(StompEvent.NEED_BYTES);
        }

        @Test
        void framesBeforeItAreDelivered() {
            var wire = Wire.server(V1_2).receive("SEND\na:b\n\n1\0SEND\na\n\n");

            assertThat(wire.frames()).extracting(Wire::text).containsExactly("1");
            assertThat(wire.events).hasSize(2);
            assertThat(wire.violation().rule()).isEqualTo("expected a colon in a header line");
        }
    }

    @Nested
    class Lending {

        @Test
        void bodyOfAWholeFrameIsAReadOnlyViewOfTheReceivedBytes() {
            byte[] bytes = "SEND\na:b\n\nbody\0".getBytes(UTF_8);
            var connection = StompConnection.server(StompLimits.DEFAULT);
            connection.version(V1_2);
            connection.receive(ByteBuffer.wrap(bytes), 0);
            var received = (StompEvent.FrameReceived) connection.next();
            bytes[bytes.length - 2] = 'Y';

            assertThat(Wire.text(received.frame())).isEqualTo("bodY");
            assertThat(received.frame().body().isReadOnly()).isTrue();
        }

        @Test
        void bodyOfACutFrameIsReadOnlyToo() {
            var connection = StompConnection.server(StompLimits.DEFAULT);
            connection.version(V1_2);
            connection.receive(ByteBuffer.wrap("SEND\na:b\n\nbo".getBytes(UTF_8)), 0);
            connection.next();
            connection.receive(ByteBuffer.wrap("dy\0".getBytes(UTF_8)), 0);
            var received = (StompEvent.FrameReceived) connection.next();

            assertThat(Wire.text(received.frame())).isEqualTo("body");
            assertThat(received.frame().body().isReadOnly()).isTrue();
        }

        @Test
        void headersAreTheFramesOwn() {
            byte[] bytes = "SEND\ndestination:/a\n\n\0".getBytes(UTF_8);
            var connection = StompConnection.server(StompLimits.DEFAULT);
            connection.version(V1_2);
            connection.receive(ByteBuffer.wrap(bytes), 0);
            var received = (StompEvent.FrameReceived) connection.next();
            Arrays.fill(bytes, (byte) 'x');

            assertThat(received.frame().headers().get("destination")).isEqualTo("/a");
        }

        @Test
        void unreadBytesComeBeforeThoseOfTheNextCall() {
            var connection = StompConnection.server(StompLimits.DEFAULT);
            connection.version(V1_2);
            connection.receive(ByteBuffer.wrap("ACK\n\n\0SEND\na".getBytes(UTF_8)), 0);
            connection.next();
            connection.receive(ByteBuffer.wrap(":b\n\nx\0".getBytes(UTF_8)), 0);

            assertThat(connection.next())
                    .isInstanceOfSatisfying(
                            StompEvent.FrameReceived.class,
                            event -> assertThat(Wire.text(event.frame())).isEqualTo("x"));
        }

        @Test
        void keptBytesNoLongerDependOnTheirLender() {
            byte[] bytes = "CONNECT\n\n\0SEND\na:b\n\nx\0".getBytes(UTF_8);
            var connection = StompConnection.server(StompLimits.DEFAULT);
            connection.receive(ByteBuffer.wrap(bytes), 0);
            connection.next();
            connection.keepUnread();
            Arrays.fill(bytes, (byte) 'x');
            connection.version(V1_0);

            assertThat(connection.next())
                    .isInstanceOfSatisfying(
                            StompEvent.FrameReceived.class,
                            event -> assertThat(Wire.text(event.frame())).isEqualTo("x"));
            assertThat(connection.next()).isEqualTo(StompEvent.NEED_BYTES);
        }
    }
}
