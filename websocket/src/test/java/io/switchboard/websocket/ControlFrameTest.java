package io.switchboard.websocket;

import static io.switchboard.websocket.Wire.bytes;
import static io.switchboard.websocket.Wire.client;
import static io.switchboard.websocket.Wire.concat;
import static io.switchboard.websocket.Wire.events;
import static io.switchboard.websocket.Wire.hex;
import static io.switchboard.websocket.Wire.masked;
import static io.switchboard.websocket.Wire.server;
import static io.switchboard.websocket.Wire.violation;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.switchboard.websocket.WebSocketEvent.CloseReceived;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ControlFrameTest {
    private static final byte[] NORMAL_CLOSE = masked(0x88, "03 e8");

    @Nested
    class Rfc6455Section5_5ControlFrames {
        @ParameterizedTest(name = "H5 fragmented control frame {0} fails with 1002")
        @ValueSource(ints = {0x08, 0x09, 0x0a})
        void controlFramesAreNotFragmented(int firstByte) {
            assertThat(violation(events(server(), masked(firstByte, "03 e8")))).isEqualTo(1002);
        }

        @ParameterizedTest(name = "H5 control frame {0} of 126 bytes fails with 1002")
        @ValueSource(ints = {0x88, 0x89, 0x8a})
        void controlFramesHaveAtMost125Bytes(int firstByte) {
            assertThat(violation(events(server(), masked(firstByte, new byte[126]))))
                    .isEqualTo(1002);
        }

        @Test
        void pingsAndPongsCarryTheirPayload() {
            byte[] payload = new byte[125];
            payload[124] = 7;
            assertThat(events(server(), concat(masked(0x89, payload), masked(0x8a, payload))))
                    .containsExactly("PING " + hex(payload), "PONG " + hex(payload));
        }

        @Test
        void aPongEchoesThePayloadOfItsPing() {
            assertThat(hex(server().pong(Wire.hex("70 69")))).isEqualTo("8a 02 70 69");
            assertThat(hex(server().ping(ByteBuffer.allocate(0)))).isEqualTo("89 00");
        }
    }

    @Nested
    class Rfc6455Section5_5_1Close {
        @Test
        @DisplayName("H5 a Close with a payload of 1 byte fails with 1002")
        void aCodeHasTwoBytes() {
            assertThat(violation(events(server(), masked(0x88, "03")))).isEqualTo(1002);
        }

        @Test
        void aCloseMayBeEmpty() {
            assertThat(events(server(), masked(0x88, "")))
                    .containsExactly(new CloseReceived(CloseCode.NO_CODE, ""));
        }

        @Test
        void aCloseMayHaveAReason() {
            assertThat(
                            events(
                                    server(),
                                    masked(0x88, concat(bytes("0f a0"), "grün".getBytes(UTF_8)))))
                    .containsExactly(new CloseReceived(4000, "grün"));
        }

        @ParameterizedTest(name = "H4 a reason that is not UTF-8 fails with 1007: {0}")
        @ValueSource(strings = {"03 e8 c0 80", "03 e8 61 e2 82", "03 e8 ff"})
        void reasonsAreUtf8(String payload) {
            assertThat(violation(events(server(), masked(0x88, payload)))).isEqualTo(1007);
        }

        @ParameterizedTest(name = "H7 after the peer''s Close {0} is ignored")
        @ValueSource(ints = {0x81, 0x82, 0x89, 0x88, 0xff})
        void whatFollowsAPeersCloseIsIgnored(int firstByte) {
            var connection = server();
            byte[] more = masked(firstByte, "03 e9");

            assertThat(events(connection, concat(NORMAL_CLOSE, more)))
                    .containsExactly(new CloseReceived(1000, ""));
            assertThat(events(connection, more)).isEmpty();
        }

        @Test
        @DisplayName("H6 exactly one Close per direction")
        void oneCloseIsSent() {
            var connection = server();
            assertThat(hex(connection.close(1000, "bye", 0))).isEqualTo("88 05 03 e8 62 79 65");
            assertThat(connection.close(1002, "again", 0).hasRemaining()).isFalse();
        }

        @Test
        @DisplayName("H6 no frame after our Close: data and pings are the owner's mistake")
        void nothingIsSentAfterOurClose() {
            var connection = server();
            connection.close(1000, "", 0);
            ByteBuffer payload = ByteBuffer.allocate(0);

            assertThatThrownBy(() -> connection.text(payload))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("cannot send TEXT in state CLOSE_SENT");
            assertThatThrownBy(() -> connection.binary(payload))
                    .isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> connection.ping(payload))
                    .isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> connection.pong(payload))
                    .isInstanceOf(IllegalStateException.class);
        }

        @Test
        void betweenThePeersCloseAndOursTheRestMayBeSent() {
            var connection = server();
            events(connection, NORMAL_CLOSE);
            assertThat(hex(connection.text(Wire.hex("61")))).isEqualTo("81 01 61");
        }

        @Test
        void afterOurCloseDataIsStillReadAndPingsAreNot() {
            var connection = server();
            connection.close(1000, "", 0);
            byte[] stream = concat(masked(0x89, "01"), masked(0x81, "61"), NORMAL_CLOSE);

            assertThat(events(connection, stream))
                    .containsExactly(Wire.text("a"), new CloseReceived(1000, ""));
        }

        @Test
        void aReasonIsCutBetweenCharactersToFit() {
            for (int padding = 120; padding <= 124; padding++) {
                String reason = "a".repeat(padding) + "\ud83d\ude00";
                ByteBuffer frame = server().close(1000, reason, 0);

                int kept = Math.min(padding, 123);
                assertThat(frame.remaining()).as("padding " + padding).isEqualTo(4 + kept);
                assertThat(hex(frame.slice(4, kept)))
                        .isEqualTo(hex("a".repeat(kept).getBytes(UTF_8)));
            }
            String fits = "a".repeat(119) + "\ud83d\ude00";
            assertThat(server().close(1000, fits, 0).remaining()).isEqualTo(4 + 123);
        }

        @Test
        void aCloseWithoutACodeIsEmpty() {
            assertThat(hex(server().close(CloseCode.NO_CODE, "unsaid", 0))).isEqualTo("88 00");
        }

        @ParameterizedTest
        @ValueSource(ints = {0, 999, 1004, 1006, 1015, 1016, 2999, 5000, 66536})
        void codesThatMustNotBeSentAreMisuse(int code) {
            assertThatThrownBy(() -> server().close(code, "", 0))
                    .isInstanceOf(IllegalArgumentException.class);
        }

        @Test
        void aClientsCloseIsMasked() {
            ByteBuffer frame = client().close(1000, "bye", 0);
            assertThat(events(server(), frame.array()))
                    .containsExactly(new CloseReceived(1000, "bye"));
        }
    }

    @Nested
    class Rfc6455Section7_4StatusCodes {
        @ParameterizedTest(name = "H1 code {0} is accepted")
        @ValueSource(
                ints = {
                    1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000,
                    3999, 4000, 4999
                })
        void registeredAndPrivateCodesAreAccepted(int code) {
            assertThat(events(server(), close(code))).containsExactly(new CloseReceived(code, ""));
        }

        @ParameterizedTest(name = "H2 H3 code {0} fails with 1002")
        @ValueSource(
                ints = {0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535})
        void otherCodesFail(int code) {
            assertThat(violation(events(server(), close(code)))).isEqualTo(1002);
        }

        private byte[] close(int code) {
            return masked(0x88, new byte[] {(byte) (code >> 8), (byte) code});
        }
    }

    @Nested
    class Rfc6455Section7_1ClosingTheConnection {
        private static final long START = Long.MAX_VALUE - 5;
        private static final long TEN_SECONDS = TimeUnit.SECONDS.toNanos(10);

        @Test
        void aCloseAndItsAnswerCloseTheConnection() {
            var connection = server();
            events(connection, NORMAL_CLOSE);
            assertThat(connection.state()).isEqualTo(WebSocketState.CLOSE_RECEIVED);
            connection.close(1000, "", 0);
            assertThat(connection.state()).isEqualTo(WebSocketState.CLOSED);
            assertThat(connection.deadlineNanos()).isEqualTo(Long.MAX_VALUE);
        }

        @Test
        @DisplayName("H9 a Close that is not answered times out after 10 s")
        void aCloseThatIsNotAnsweredTimesOut() {
            var connection = server();
            assertThat(connection.deadlineNanos()).isEqualTo(Long.MAX_VALUE);
            connection.close(1000, "", START);

            // The clock may pass the largest number on the way.
            assertThat(connection.deadlineNanos()).isEqualTo(START + TEN_SECONDS);
            connection.onDeadline(START + 1);
            connection.onDeadline(START + TEN_SECONDS - 1);
            assertThat(connection.next()).isEqualTo(WebSocketEvent.NEED_BYTES);
            connection.onDeadline(START + TEN_SECONDS);
            assertThat(connection.next()).isEqualTo(WebSocketEvent.CLOSE_TIMED_OUT);
            assertThat(connection.next()).isEqualTo(WebSocketEvent.NEED_BYTES);
            assertThat(connection.state()).isEqualTo(WebSocketState.CLOSED);
            assertThat(connection.deadlineNanos()).isEqualTo(Long.MAX_VALUE);
        }

        @Test
        void anAnswerInTimeEndsTheWait() {
            var connection = server();
            connection.close(1000, "", 0);
            events(connection, NORMAL_CLOSE);

            connection.onDeadline(TEN_SECONDS);

            assertThat(connection.next()).isEqualTo(WebSocketEvent.NEED_BYTES);
            assertThat(connection.state()).isEqualTo(WebSocketState.CLOSED);
        }

        @Test
        @DisplayName("H10 after a violation there is nothing to wait for once our Close is sent")
        void aViolationIsNotWaitedFor() {
            var connection = server();
            violation(events(connection, masked(0x83, "")));
            assertThat(hex(connection.close(1002, "", 0))).isEqualTo("88 02 03 ea");
            assertThat(connection.state()).isEqualTo(WebSocketState.CLOSED);
        }

        @Test
        void aViolationAfterOurCloseClosesTheConnection() {
            var connection = server();
            connection.close(1000, "", 0);
            violation(events(connection, masked(0x83, "")));
            assertThat(connection.state()).isEqualTo(WebSocketState.CLOSED);
        }
    }
}
