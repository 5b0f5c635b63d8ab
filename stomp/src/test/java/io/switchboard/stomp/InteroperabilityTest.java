package io.switchboard.stomp;

import static io.switchboard.stomp.StompVersion.V1_0;
import static io.switchboard.stomp.StompVersion.V1_1;
import static io.switchboard.stomp.StompVersion.V1_2;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What real clients and brokers send, as far as frames are concerned; the numbers are those of the
/// project's list of quirks.
class InteroperabilityTest {

    @Test
    void q3EmojiOnTheBorderOfTwoSplitMessagesIsNamedAsTheCause() {
        // The client counts four octets for U+1F600, and sends two U+FFFD of three each.
        var violation =
                Wire.server(V1_2)
                        .receive("SEND\ndestination:/a\ncontent-length:5\n\na\ufffd")
                        .receive("\ufffd\0")
                        .violation();

        assertThat(violation.rule())
                .isEqualTo("expected NUL after the octets that content-length counts");
        assertThat(violation.found())
                .startsWith("0xbf after 5 octets.")
                .contains("splitLargeFrames", "emoji", "binary");
    }

    @Test
    void q3FrameSplitOverMessagesIsOneFrame() {
        var wire = Wire.server(V1_2).receive("SEND\ndestination:/a\ncontent-le");
        wire.receive("ngth:6\n\nabc").receive("def").receive("\0");

        assertThat(Wire.text(wire.frame())).isEqualTo("abcdef");
    }

    @Test
    void q5AndQ7WrittenFrameEndsInNulWithNothingAfter() {
        byte[] bytes =
                Wire.bytes(
                        StompEncoder.encode(
                                new StompFrame(
                                        StompCommand.RECEIPT, StompHeaders.of("receipt-id", "1")),
                                V1_2));

        assertThat(new String(bytes, UTF_8)).isEqualTo("RECEIPT\nreceipt-id:1\n\n\0");
    }

    @ParameterizedTest
    @ValueSource(strings = {"\n", "\r\n", "\n\n\n", "\r\n\n"})
    void q6LineEndsGluedBeforeAndAfterAFrameAreLifeSigns(String ends) {
        var wire = Wire.server(V1_1).receive(ends + "SEND\na:b\n\n\0" + ends);

        assertThat(wire.frames()).hasSize(1);
        assertThat(wire.events).hasSize(1 + 2 * ends.replace("\r", "").length());
    }

    @Test
    void q7SeveralFramesInOneMessageWithLineEndsAfterNul() {
        assertThat(Wire.client(V1_2).receive("MESSAGE\n\na\0\nMESSAGE\n\nb\0\n").frames())
                .extracting(Wire::text)
                .containsExactly("a", "b");
    }

    @Test
    void q9CrAndLfMayComeInTwoMessages() {
        var wire = Wire.server(V1_2).receive("SEND\r").receive("\na:b\r").receive("\n\r");
        wire.receive("\n\0\r").receive("\n");

        assertThat(wire.frames()).hasSize(1);
        assertThat(wire.frames().getFirst().headers()).isEqualTo(StompHeaders.of("a", "b"));
        assertThat(wire.events).hasSize(2);
    }

    @Test
    void q9OnlyLfIsWritten() {
        var frame = new StompFrame(StompCommand.SEND, StompHeaders.of("a", "b"), UTF_8.encode("x"));

        assertThat(Wire.bytes(StompEncoder.encode(frame, V1_2))).doesNotContain('\r');
    }

    @Test
    void q14BackslashInAPasswordIsReadAsTheSpecificationSays() {
        assertThat(
                        Wire.server(null)
                                .receive("CONNECT\naccept-version:1.2\npasscode:a\\\\b\n\n\0")
                                .frame()
                                .headers()
                                .get("passcode"))
                .isEqualTo("a\\\\b");
    }

    @Test
    void q15AndQ18CrEscapeOfSpringIsReadIn11AndPlainTextIn10() {
        assertThat(value(V1_1, "a\\rb")).isEqualTo("a\rb");
        assertThat(value(V1_0, "a\\rb")).isEqualTo("a\\rb");
    }

    @ParameterizedTest
    @EnumSource
    void q16RawColonsInValuesAreAccepted(StompVersion version) {
        assertThat(value(version, "http://a:80/")).isEqualTo("http://a:80/");
    }

    @Test
    void q19ValuesAreTrimmedIn10Only() {
        assertThat(value(V1_0, " x ")).isEqualTo("x");
        assertThat(value(V1_1, " x ")).isEqualTo(" x ");
        assertThat(value(V1_2, " x ")).isEqualTo(" x ");
    }

    @Test
    void q20OfRepeatedHeadersTheFirstCounts() {
        var frame = Wire.server(V1_2).receive("SEND\nx:1\nx:2\n\n\0").frame();

        assertThat(frame.headers().get("x")).isEqualTo("1");
    }

    @Test
    void q21ContentLengthIsUsedOnAnyFrame() {
        var wire = Wire.client(V1_2).receive("ERROR\ncontent-length:3\n\n\0\0\0\0\n");

        assertThat(wire.frames().getFirst().body().remaining()).isEqualTo(3);
    }

    @Test
    void q23WhetherThereWasAContentLengthCanBeAsked() {
        assertThat(
                        Wire.server(V1_2)
                                .receive("SEND\ncontent-length:1\n\nx\0")
                                .frame()
                                .headers()
                                .contains("content-length"))
                .isTrue();
        assertThat(
                        Wire.server(V1_2)
                                .receive("SEND\n\nx\0")
                                .frame()
                                .headers()
                                .contains("content-length"))
                .isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"SUB", "SENDX", " SEND", "SEND ", "UNSUB", "SEN"})
    void q24CommandsMatchExactly(String command) {
        assertThat(Wire.server(V1_2).receive(command + "\n").violation().rule())
                .isEqualTo("expected a command of a client");
    }

    @Test
    void q25StrangersOnThePortAreNoticedEarly() {
        assertThat(Wire.server(null).receive("GET / HTTP/1.1\r\n").violation().found())
                .startsWith("\"GET / HTTP/1.1\"");
        // A TLS hello.
        assertThat(Wire.server(null).receive(new byte[] {22, 3, 1, 2, 0, 1}).violation().found())
                .startsWith("\"<0x16><0x03><0x01><0x02><0x00>\"");
        assertThat(Wire.server(null).receive("A".repeat(34)).violation().found())
                .startsWith("\"" + "A".repeat(34) + "\"");
    }

    @Test
    void q26AndQ27And31ConnectMayLackHostBeNamedStompAndCarryOtherHeaders() {
        var frame =
                Wire.server(null).receive("STOMP\naccept-version:1.1\nrequest-id:7\n\n\0").frame();

        assertThat(frame.command().opensSession()).isTrue();
        assertThat(frame.headers().get("host")).isNull();
        assertThat(frame.headers().get("request-id")).isEqualTo("7");
    }

    @Test
    void q42ExtraHeadersOfAnAckAreCarried() {
        var headers =
                Wire.server(V1_2)
                        .receive("ACK\nid:1\nsubscription:0\nmessage-id:m\n\n\0")
                        .frame()
                        .headers();

        assertThat(headers)
                .isEqualTo(StompHeaders.of("id", "1", "subscription", "0", "message-id", "m"));
    }

    private static String value(StompVersion version, String raw) {
        return Wire.server(version).receive("SEND\nx:" + raw + "\n\n\0").frame().headers().get("x");
    }
}
