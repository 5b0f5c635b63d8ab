package io.switchboard.websocket;

import static io.switchboard.websocket.Wire.binary;
import static io.switchboard.websocket.Wire.bytes;
import static io.switchboard.websocket.Wire.concat;
import static io.switchboard.websocket.Wire.events;
import static io.switchboard.websocket.Wire.hex;
import static io.switchboard.websocket.Wire.masked;
import static io.switchboard.websocket.Wire.server;
import static io.switchboard.websocket.Wire.violation;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.nio.ByteBuffer;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LimitsTest {

    @Nested
    class Rfc6455Section10_4ImplementationLimits {
        @ParameterizedTest(name = "F4 a header claiming too much fails with 1009 alone: {0}")
        @ValueSource(
                strings = {
                    "82 ff 00 00 00 00 40 00 00 00 00 00 00 00", // 1 GiB
                    "82 ff 40 00 00 00 00 00 00 00 00 00 00 00", // 2^62
                    "82 ff 7f ff ff ff ff ff ff ff 00 00 00 00", // 2^63 - 1
                })
        void aLengthOverTheLimitFailsBeforeItsPayload(String header) {
            assertThat(violation(events(server(), bytes(header)))).isEqualTo(1009);
        }

        @Test
        void aFrameMayHaveJustTheLimit() {
            var limits = new WebSocketLimits(1000, 200, 10);
            assertThat(events(WebSocketConnection.server(limits), masked(0x82, new byte[200])))
                    .containsExactly(binary(hex(new byte[200])));
            assertThat(
                            violation(
                                    events(
                                            WebSocketConnection.server(limits),
                                            masked(0x82, new byte[201]))))
                    .isEqualTo(1009);
        }

        @Test
        @DisplayName("I3 fragments fail with 1009 where they add up to more than the limit")
        void aMessageMayHaveJustTheLimit() {
            var limits = new WebSocketLimits(500, 400, 10);
            byte[] first = masked(0x02, new byte[400]);

            assertThat(
                            events(
                                    WebSocketConnection.server(limits),
                                    concat(first, masked(0x80, new byte[100]))))
                    .containsExactly(binary(hex(new byte[500])));
            assertThat(
                            violation(
                                    events(
                                            WebSocketConnection.server(limits),
                                            concat(first, masked(0x00, new byte[101])))))
                    .isEqualTo(1009);
        }

        @Test
        void theNextMessageStartsFromZero() {
            var limits = new WebSocketLimits(500, 400, 10);
            byte[] most = concat(masked(0x02, new byte[400]), masked(0x80, new byte[100]));
            assertThat(events(WebSocketConnection.server(limits), concat(most, most))).hasSize(2);
        }

        @Test
        void theSumOfLengthsDoesNotOverflow() {
            var limits = new WebSocketLimits(Long.MAX_VALUE, Long.MAX_VALUE, 10);
            byte[] huge = bytes("80 ff 7f ff ff ff ff ff ff ff 00 00 00 00");
            byte[] stream = concat(masked(0x02, "01"), huge);
            assertThat(violation(events(WebSocketConnection.server(limits), stream)))
                    .isEqualTo(1009);
        }

        @Test
        @DisplayName("I2 empty continuation frames fail with 1008 past the fragment limit")
        void fragmentsAreCounted() {
            var limits = new WebSocketLimits(500, 400, 3);
            byte[] three = concat(masked(0x02, ""), masked(0x00, ""), masked(0x80, ""));

            assertThat(events(WebSocketConnection.server(limits), concat(three, three)))
                    .containsExactly(binary(""), binary(""));
            byte[] four =
                    concat(masked(0x02, ""), masked(0x00, ""), masked(0x00, ""), masked(0x80, ""));
            assertThat(violation(events(WebSocketConnection.server(limits), four))).isEqualTo(1008);
        }

        @Test
        @DisplayName("I2 a million empty continuation frames stop at the default limit")
        void theDefaultStopsEndlessFragments() {
            var connection = server();
            byte[] thousand =
                    concat(Collections.nCopies(1000, masked(0, "")).toArray(byte[][]::new));
            assertThat(events(connection, masked(0x01, ""))).isEmpty();

            int sent = 1;
            List<Object> events = List.of();
            while (events.isEmpty() && sent < 1_000_000) {
                events = events(connection, thousand);
                sent += 1000;
            }

            assertThat(violation(events)).isEqualTo(1008);
            assertThat(sent).isBetween(65_536, 67_000);
        }

        @Test
        @DisplayName("I4 4 MiB in fragments of 64 bytes are within the default limits")
        void theDefaultTakes4MebibytesInSmallFragments() {
            var connection = server();
            byte[] fragment = masked(0x00, new byte[64]);
            events(connection, masked(0x02, new byte[64]));
            long pieces = 1;
            for (; pieces < (4 << 20) / 64 - 1; pieces++) {
                connection.receive(ByteBuffer.wrap(fragment), 0);
                assertThat(connection.next()).isInstanceOf(WebSocketEvent.Payload.class);
                assertThat(connection.next()).isEqualTo(WebSocketEvent.NEED_BYTES);
            }
            connection.receive(ByteBuffer.wrap(masked(0x80, new byte[64])), 0);
            assertThat(connection.next())
                    .isEqualTo(new WebSocketEvent.Payload(ByteBuffer.allocate(64), false, true));
        }

        @Test
        void controlFramesDoNotCountAsFragments() {
            var limits = new WebSocketLimits(2, 2, 2);
            byte[] stream =
                    concat(
                            masked(0x01, "61"),
                            masked(0x89, "01 02 03"),
                            masked(0x89, ""),
                            masked(0x80, "62"));
            assertThat(events(WebSocketConnection.server(limits), stream))
                    .containsExactly("PING 01 02 03", "PING ", Wire.text("ab"));
        }

        @Test
        void limitsThatCannotBeAreMisuse() {
            assertThatThrownBy(() -> new WebSocketLimits(-1, 0, 1))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> new WebSocketLimits(0, -1, 1))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> new WebSocketLimits(0, 0, 0))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Nested
    class IdleConnections {
        @Test
        void ownNoBuffer() throws IllegalAccessException {
            byte[] stream =
                    concat(
                            masked(0x01, "61"),
                            masked(0x89, "01 02"),
                            masked(0x80, "62"),
                            masked(0x81, "63 64"));
            var connection = server();
            for (int cut = 1; cut <= stream.length; cut++) {
                connection.receive(ByteBuffer.wrap(stream.clone(), cut - 1, 1), 0);
                while (!(connection.next() instanceof WebSocketEvent.NeedBytes)) {
                    // drained
                }
                int held = heldBytes(connection);
                // The ping's two bytes are the only ones that wait, from its first to its last.
                assertThat(held)
                        .as("bytes held after " + cut)
                        .isLessThanOrEqualTo(cut == 14 ? 2 : 0);
            }
        }

        /// With compressed references: 12 bytes of header an object, rounded up to 8.
        @Test
        void areSmall() {
            int size = size(WebSocketConnection.class) + size(IncomingFrame.class);
            assertThat(size).as("bytes of an idle connection").isLessThanOrEqualTo(136);
        }

        private int heldBytes(WebSocketConnection connection) throws IllegalAccessException {
            int held = 0;
            for (Field field : instanceFields(WebSocketConnection.class)) {
                field.setAccessible(true);
                if (field.get(connection) instanceof ByteBuffer buffer) {
                    held += buffer.capacity();
                }
            }
            return held;
        }

        private int size(Class<?> type) {
            int size = 12;
            for (Field field : instanceFields(type)) {
                size +=
                        switch (field.getType().getName()) {
                            case "long", "double" -> 8;
                            case "boolean", "byte" -> 1;
                            case "short", "char" -> 2;
                            default -> 4;
                        };
            }
            return (size + 7) / 8 * 8;
        }

        private List<Field> instanceFields(Class<?> type) {
            return List.of(type.getDeclaredFields()).stream()
                    .filter(field -> !Modifier.isStatic(field.getModifiers()))
                    .toList();
        }
    }
}
