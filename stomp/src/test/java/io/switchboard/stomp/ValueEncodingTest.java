package io.switchboard.stomp;

import static io.switchboard.stomp.StompVersion.V1_0;
import static io.switchboard.stomp.StompVersion.V1_1;
import static io.switchboard.stomp.StompVersion.V1_2;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.stomp.StompEvent.Violation.Kind;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Section B of the statements: text encoding and header escaping.
class ValueEncodingTest {

    private static StompHeaders received(StompVersion version, String lines) {
        return Wire.server(version).receive("SEND\n" + lines + "\n\0").frame().headers();
    }

    private static String written(StompVersion version, String name, String value) {
        var frame = new StompFrame(StompCommand.SEND, StompHeaders.of(name, value));
        String text = UTF_8.decode(StompEncoder.encode(frame, version)).toString();
        assertThat(text).startsWith("SEND\n").endsWith("\n\n\0");
        return text.substring(5, text.length() - 3);
    }

    @Nested
    class Utf8 {

        @ParameterizedTest
        @EnumSource
        void b01AndB02HeadersAreUtf8OfEveryLength(StompVersion version) {
            assertThat(received(version, "ключ-€😀:é€😀\n").get("ключ-€😀")).isEqualTo("é€😀");
            assertThat(written(version, "ключ-€😀", "é€😀\u07ff\uffff"))
                    .isEqualTo("ключ-€😀:é€😀\u07ff\uffff");
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "80", // a continuation alone
                    "c3", // a first octet alone
                    "c0af", // overlong
                    "eda080", // half a surrogate pair
                    "f0908d", // cut
                    "f4908080", // above U+10FFFF
                    "ff"
                })
        void b15InvalidUtf8IsRefused(String hex) {
            String octets = new String(HexFormat.of().parseHex(hex), ISO_8859_1);
            for (StompVersion version : StompVersion.values()) {
                for (String line : new String[] {"a:" + octets, octets + ":a"}) {
                    byte[] bytes = ("SEND\nreceipt:7\n" + line + "\n\n\0").getBytes(ISO_8859_1);
                    var violation = Wire.server(version).receive(bytes).violation();
                    assertThat(violation.kind()).isEqualTo(Kind.MALFORMED);
                    assertThat(violation.rule()).isEqualTo("expected UTF-8 in headers");
                    assertThat(violation.receipt()).isEqualTo("7");
                }
            }
        }

        @Test
        void b15InvalidUtf8InConnectIsRefused() {
            byte[] bytes = "CONNECT\nlogin:\u00e9\n\n\0".getBytes(ISO_8859_1);

            assertThat(Wire.server(null).receive(bytes).violation().rule())
                    .isEqualTo("expected UTF-8 in headers");
        }

        @Test
        void b01HalfASurrogatePairLeavesAsAQuestionMark() {
            assertThat(written(V1_2, "a", "x\ud83dy")).isEqualTo("a:x?y");
            assertThat(written(V1_2, "a", "\ude00")).isEqualTo("a:?");
        }
    }

    @Nested
    class Unescaping {

        @Test
        void b03BackslashIsAPlainCharacterIn10() {
            assertThat(received(V1_0, "a\\n:\\n\\c\\\\\\t\\\n").get("a\\n"))
                    .isEqualTo("\\n\\c\\\\\\t\\");
        }

        @ParameterizedTest
        @EnumSource(names = {"V1_1", "V1_2"})
        void b04AndB05EscapesAreReadInNamesAndValues(StompVersion version) {
            var headers = received(version, "a\\nb\\cc\\\\d:1\\n2\\c3\\\\4\n");

            assertThat(headers.name(0)).isEqualTo("a\nb:c\\d");
            assertThat(headers.value(0)).isEqualTo("1\n2:3\\4");
            assertThat(headers.get("a\nb:c\\d")).isEqualTo("1\n2:3\\4");
        }

        @Test
        void b05EscapedBackslashIsNotTheBeginningOfAnother() {
            assertThat(received(V1_2, "a:\\\\n\\\\\\n\n").get("a")).isEqualTo("\\n\\\n");
        }

        @ParameterizedTest
        @EnumSource(names = {"V1_1", "V1_2"})
        void b05AndB06CrEscapeIsReadIn12AndForSpringIn11(StompVersion version) {
            assertThat(received(version, "a:x\\ry\n").get("a")).isEqualTo("x\ry");
        }

        @ParameterizedTest
        @ValueSource(strings = {"\\t", "\\N", "\\0", "\\:", "\\ ", "\\€"})
        void b06AndB07OtherPairsAreFatal(String pair) {
            for (StompVersion version : new StompVersion[] {V1_1, V1_2}) {
                var violation =
                        Wire.server(version)
                                .receive("SEND\nreceipt:9\na:b" + pair + "c\n\n\0")
                                .violation();
                assertThat(violation.rule())
                        .isEqualTo("expected a defined escape after a backslash in a header");
                assertThat(violation.receipt()).isEqualTo("9");
            }
        }

        @Test
        void b07UndefinedPairInANameIsFatal() {
            assertThat(Wire.server(V1_2).receive("SEND\na\\tb:c\n\n\0").violation().found())
                    .startsWith("\"\\t\"");
        }

        @ParameterizedTest
        @ValueSource(strings = {"a:b\\\n", "a\\:b\n", "a:\\\\\\\n", "a:b\\\r\n"})
        void b08LoneBackslashAtTheEndIsFatal(String line) {
            assertThat(Wire.server(V1_2).receive("SEND\n" + line + "\n\0").violation().rule())
                    .isEqualTo("expected a defined escape after a backslash in a header");
        }

        @Test
        void b10ConnectIsReadLiterally() {
            for (String command : new String[] {"CONNECT", "STOMP"}) {
                var headers =
                        Wire.server(null)
                                .receive(
                                        command
                                                + "\n"
                                                + "accept-version:1.2\n"
                                                + "passcode:a\\nb:\\t\\\n\n"
                                                + "\0")
                                .frame()
                                .headers();
                assertThat(headers.get("passcode")).as(command).isEqualTo("a\\nb:\\t\\");
            }
        }

        @Test
        void b10ConnectedIsReadLiterally() {
            var wire = Wire.client(null).receive("CONNECTED\nversion:1.2\nsession:a\\c:b\n\n\0");

            assertThat(wire.frame().headers().get("session")).isEqualTo("a\\c:b");
        }

        @Test
        void b10SecondConnectIsReadLiterallyToo() {
            assertThat(
                            Wire.server(V1_2)
                                    .receive("CONNECT\nlogin:a\\t\n\n\0")
                                    .frame()
                                    .headers()
                                    .get("login"))
                    .isEqualTo("a\\t");
        }
    }

    @Nested
    class Escaping {

        @Test
        void b09LfColonAndBackslashAreEscapedFor11() {
            assertThat(written(V1_1, "n\n:\\", "v\n:\\")).isEqualTo("n\\n\\c\\\\:v\\n\\c\\\\");
        }

        @Test
        void b09CrTooIsEscapedFor12() {
            assertThat(written(V1_2, "n\r\n:\\", "v\r\n:\\"))
                    .isEqualTo("n\\r\\n\\c\\\\:v\\r\\n\\c\\\\");
        }

        @ParameterizedTest
        @EnumSource
        void b10ConnectAndConnectedAreNotEscaped(StompVersion version) {
            for (StompCommand command :
                    new StompCommand[] {
                        StompCommand.CONNECT, StompCommand.STOMP, StompCommand.CONNECTED
                    }) {
                var frame = new StompFrame(command, StompHeaders.of("login", "a\\b:c"));
                assertThat(UTF_8.decode(StompEncoder.encode(frame, version)).toString())
                        .isEqualTo(command + "\nlogin:a\\b:c\n\n\0");
            }
        }

        @Test
        void b10WhatConnectedCannotCarryBecomesASpaceAndForgesNoHeader() {
            var headers = StompHeaders.of("user-name", "eve\r\nversion:1.0", "a:b\n", "c");
            var frame = new StompFrame(StompCommand.CONNECTED, headers);

            assertThat(UTF_8.decode(StompEncoder.encode(frame, V1_2)).toString())
                    .isEqualTo("CONNECTED\nuser-name:eve  version:1.0\na b :c\n\n\0");
        }

        @Test
        void b11ColonOfA12SenderArrivesAsTheReceiversVersionWritesIt() {
            String value = received(V1_2, "x:a\\cb\n").get("x");

            assertThat(written(V1_2, "x", value)).isEqualTo("x:a\\cb");
            assertThat(written(V1_1, "x", value)).isEqualTo("x:a\\cb");
            assertThat(written(V1_0, "x", value)).isEqualTo("x:a:b");
        }

        @Test
        void b11BackslashOfA10SenderIsEscapedForLaterVersions() {
            String value = received(V1_0, "x:a\\nb\n").get("x");

            assertThat(written(V1_2, "x", value)).isEqualTo("x:a\\\\nb");
            assertThat(written(V1_0, "x", value)).isEqualTo("x:a\\nb");
        }

        @Test
        void b11CrGoesRawTo10And11() {
            assertThat(written(V1_1, "x", "a\rb")).isEqualTo("x:a\rb");
            assertThat(written(V1_0, "x", "a\rb")).isEqualTo("x:a\rb");
        }

        @Test
        void b11LfToA10ReceiverBecomesASpaceSoThatItForgesNoHeader() {
            assertThat(written(V1_0, "x", "a\nmessage-id:1")).isEqualTo("x:a message-id:1");
            assertThat(written(V1_0, "x\ny", "z")).isEqualTo("x y:z");
        }

        @Test
        void b11ColonInANameToA10ReceiverBecomesASpace() {
            assertThat(written(V1_0, "subscription:1", "x")).isEqualTo("subscription 1:x");
        }
    }

    @Nested
    class Padding {

        @ParameterizedTest
        @EnumSource(names = {"V1_1", "V1_2"})
        void b12SpacesCountFrom11On(StompVersion version) {
            assertThat(received(version, " foo : bar \n").get(" foo ")).isEqualTo(" bar ");
            assertThat(written(version, " foo ", " bar ")).isEqualTo(" foo : bar ");
        }

        @Test
        void b13ValuesAreTrimmedIn10NamesAreNot() {
            var headers = received(V1_0, " foo : \t bar baz \t\nblank:  \n");

            assertThat(headers).isEqualTo(StompHeaders.of(" foo ", "bar baz", "blank", ""));
        }

        @Test
        void b13PaddedConnectOfA10ClientIsTrimmed() {
            String frame = "CONNECT\nlogin: guest\npasscode: x \n\n\0";

            assertThat(Wire.server(null).receive(frame).frame().headers())
                    .isEqualTo(StompHeaders.of("login", "guest", "passcode", "x"));
        }

        @Test
        void b12ConnectOfALaterClientIsNotTrimmed() {
            String frame = "CONNECT\naccept-version:1.1\npasscode: x \n\n\0";

            assertThat(Wire.server(null).receive(frame).frame().headers().get("passcode"))
                    .isEqualTo(" x ");
        }

        @Test
        void b13ConnectedOfA10ServerIsTrimmed() {
            assertThat(
                            Wire.client(null)
                                    .receive("CONNECTED\nsession: 77\n\n\0")
                                    .frame()
                                    .headers()
                                    .get("session"))
                    .isEqualTo("77");
        }
    }

    @Nested
    class Bodies {

        @ParameterizedTest
        @EnumSource
        void b14EveryOctetPassesUnchanged(StompVersion version) {
            byte[] body = new byte[512];
            for (int i = 0; i < body.length; i++) {
                body[i] = (byte) i;
            }
            var frame = new StompFrame(StompCommand.SEND, StompHeaders.of(), ByteBuffer.wrap(body));
            var wire = Wire.server(version).receive(StompEncoder.encode(frame, version));

            assertThat(Wire.bytes(wire.frame().body())).isEqualTo(body);
        }
    }
}
