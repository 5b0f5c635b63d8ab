package io.switchboard.stomp;

import static io.switchboard.stomp.StompVersion.V1_0;
import static io.switchboard.stomp.StompVersion.V1_1;
import static io.switchboard.stomp.StompVersion.V1_2;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Sections E (negotiation), L (headers of each frame) and M (what differs between the versions).
class NegotiationTest {

    @Nested
    class ProtocolNegotiation {

        @ParameterizedTest
        @EnumSource
        void e14VersionNamesItself(StompVersion version) {
            assertThat(StompVersion.negotiate(version.text())).contains(version);
            assertThat(StompVersion.of(version.text())).isEqualTo(version);
        }

        @Test
        void e15WithoutHeaderItIs10() {
            assertThat(StompVersion.negotiate(null)).contains(V1_0);
        }

        @ParameterizedTest
        @CsvSource(
                delimiter = '|',
                value = {"1.0,1.1,1.2|V1_2", "1.0,1.1,2.0|V1_1", "1.0,2.0|V1_0", "1.1,1.2|V1_2"})
        void e16HighestCommonVersionIsTaken(String offered, StompVersion expected) {
            assertThat(StompVersion.negotiate(offered)).contains(expected);
        }

        @ParameterizedTest
        @CsvSource(
                delimiter = '|',
                value = {
                    "1.2,1.0|V1_2",
                    "9.9,1.1|V1_1",
                    "1.2,1.1,1.0|V1_2",
                    "1.1, 1.0|V1_1",
                    "x,,1.0,|V1_0",
                    "1.0,1.0|V1_0",
                    "1.2 ,1.20|V1_2"
                })
        void e17OrderAndUnknownEntriesDoNotMatter(String offered, StompVersion expected) {
            assertThat(StompVersion.negotiate(offered)).contains(expected);
        }

        @ParameterizedTest
        @ValueSource(strings = {"2.0", "", "1", "1.20", "01.2", "1.2.0", "1.1;1.2"})
        void e18AndE19NoCommonVersionIsNone(String offered) {
            assertThat(StompVersion.negotiate(offered)).isEmpty();
        }

        @Test
        void e18SupportedVersionsAreListedForTheError() {
            assertThat(StompVersion.SUPPORTED.split(",")).containsExactly("1.0", "1.1", "1.2");
        }

        @Test
        void q1Q2SubprotocolsNameTheVersions() {
            for (StompVersion version : StompVersion.values()) {
                assertThat(StompVersion.ofSubprotocol(version.subprotocol())).isEqualTo(version);
            }
            assertThat(V1_2.subprotocol()).isEqualTo("v12.stomp");
            assertThat(V1_1.subprotocol()).isEqualTo("v11.stomp");
            assertThat(V1_0.subprotocol()).isEqualTo("v10.stomp");
            assertThat(StompVersion.ofSubprotocol("V12.STOMP")).isNull();
            assertThat(StompVersion.ofSubprotocol("mqtt")).isNull();
        }

        @Test
        void e13ServerHeaderPassesWithSlashAndComments() {
            var wire =
                    Wire.client(null)
                            .receive("CONNECTED\nversion:1.2\nserver:Switchboard/0.1 (x y)\n\n\0");

            assertThat(wire.frame().headers().get("server")).isEqualTo("Switchboard/0.1 (x y)");
        }

        @Test
        void versionAppliesToTheFollowingFramesOfTheSameBuffer() {
            byte[] stream =
                    "CONNECT\naccept-version:1.1\n\n\0SEND\na:b\\cc\r\n\n\0".getBytes(UTF_8);
            var connection = StompConnection.server(StompLimits.DEFAULT);
            connection.receive(ByteBuffer.wrap(stream), 0);
            connection.next();
            connection.version(V1_1);

            assertThat(connection.version()).isEqualTo(V1_1);
            assertThat(connection.next())
                    .isInstanceOfSatisfying(
                            StompEvent.FrameReceived.class,
                            event ->
                                    assertThat(event.frame().headers().get("a"))
                                            .isEqualTo("b:c\r"));
        }

        @Test
        void frameBeforeTheVersionIsSettledIsNotUnescaped() {
            var wire = Wire.client(null).receive("ERROR\nmessage:a\\tb\\c\nversion:1.2\n\nwhy\0");

            assertThat(wire.frame().headers().get("message")).isEqualTo("a\\tb\\c");
        }
    }

    @Nested
    class RequiredHeaders {

        @Test
        void lClientFramesOf10() {
            assertThat(V1_0.requiredHeaders(StompCommand.CONNECT)).isEmpty();
            assertThat(V1_0.requiredHeaders(StompCommand.SEND)).containsExactly("destination");
            assertThat(V1_0.requiredHeaders(StompCommand.SUBSCRIBE)).containsExactly("destination");
            assertThat(V1_0.requiredHeaders(StompCommand.UNSUBSCRIBE)).isEmpty();
            assertThat(V1_0.requiredHeaders(StompCommand.ACK)).containsExactly("message-id");
            assertThat(V1_0.requiredHeaders(StompCommand.DISCONNECT)).isEmpty();
        }

        @Test
        void lClientFramesOf11() {
            assertThat(V1_1.requiredHeaders(StompCommand.SEND)).containsExactly("destination");
            assertThat(V1_1.requiredHeaders(StompCommand.SUBSCRIBE))
                    .containsExactly("destination", "id");
            assertThat(V1_1.requiredHeaders(StompCommand.UNSUBSCRIBE)).containsExactly("id");
            assertThat(V1_1.requiredHeaders(StompCommand.ACK))
                    .containsExactly("message-id", "subscription");
            assertThat(V1_1.requiredHeaders(StompCommand.NACK))
                    .containsExactly("message-id", "subscription");
        }

        @Test
        void lAndQ42ClientFramesOf12() {
            assertThat(V1_2.requiredHeaders(StompCommand.SUBSCRIBE))
                    .containsExactly("destination", "id");
            assertThat(V1_2.requiredHeaders(StompCommand.UNSUBSCRIBE)).containsExactly("id");
            assertThat(V1_2.requiredHeaders(StompCommand.ACK)).containsExactly("id");
            assertThat(V1_2.requiredHeaders(StompCommand.NACK)).containsExactly("id");
        }

        @ParameterizedTest
        @EnumSource
        void lTransactionIsRequiredOnItsFrames(StompVersion version) {
            for (StompCommand command :
                    List.of(StompCommand.BEGIN, StompCommand.COMMIT, StompCommand.ABORT)) {
                assertThat(version.requiredHeaders(command)).containsExactly("transaction");
            }
        }

        @Test
        void lServerFrames() {
            assertThat(V1_0.requiredHeaders(StompCommand.MESSAGE))
                    .containsExactly("destination", "message-id");
            assertThat(V1_1.requiredHeaders(StompCommand.MESSAGE))
                    .containsExactly("destination", "message-id", "subscription");
            assertThat(V1_2.requiredHeaders(StompCommand.CONNECTED)).containsExactly("version");
            assertThat(V1_0.requiredHeaders(StompCommand.CONNECTED)).isEmpty();
            for (StompVersion version : StompVersion.values()) {
                assertThat(version.requiredHeaders(StompCommand.RECEIPT))
                        .containsExactly("receipt-id");
                assertThat(version.requiredHeaders(StompCommand.ERROR)).isEmpty();
            }
        }
    }

    @Nested
    class WhatDiffers {

        @Test
        void m1From10To11() {
            assertThat(V1_0.escapes()).isFalse();
            assertThat(V1_1.escapes()).isTrue();
            assertThat(V1_0.trimsValues()).isTrue();
            assertThat(V1_1.trimsValues()).isFalse();
            assertThat(V1_0.heartbeats()).isFalse();
            assertThat(V1_1.heartbeats()).isTrue();
            assertThat(V1_0.knows(StompCommand.NACK)).isFalse();
            assertThat(V1_1.knows(StompCommand.NACK)).isTrue();
            assertThat(V1_0.acksIndividually()).isFalse();
            assertThat(V1_1.acksIndividually()).isTrue();
            assertThat(V1_0.strayBodyRefused()).isFalse();
            assertThat(V1_1.strayBodyRefused()).isTrue();
        }

        @Test
        void m2From11To12() {
            assertThat(V1_1.crEndsLine()).isFalse();
            assertThat(V1_2.crEndsLine()).isTrue();
            assertThat(V1_1.escapesCr()).isFalse();
            assertThat(V1_2.escapesCr()).isTrue();
            assertThat(V1_1.acksById()).isFalse();
            assertThat(V1_2.acksById()).isTrue();
        }

        @ParameterizedTest
        @ValueSource(strings = {"CONNECT", "STOMP"})
        void m3ConnectWithCrLfLineEndsIsTakenBeforeTheVersionIsKnown(String command) {
            var frame =
                    Wire.server(null)
                            .receive(command + "\r\naccept-version:1.2\r\nhost:a\r\n\r\n\0")
                            .frame();

            assertThat(frame.headers())
                    .isEqualTo(StompHeaders.of("accept-version", "1.2", "host", "a"));
        }

        @Test
        void m3ConnectedWithCrLfLineEndsIsTaken() {
            var frame = Wire.client(null).receive("CONNECTED\r\nversion:1.2\r\n\r\n\0").frame();

            assertThat(frame.headers().get("version")).isEqualTo("1.2");
        }
    }
}
