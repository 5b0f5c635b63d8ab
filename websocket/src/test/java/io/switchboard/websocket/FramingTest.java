package io.switchboard.websocket;

import static io.switchboard.websocket.Wire.binary;
import static io.switchboard.websocket.Wire.bytes;
import static io.switchboard.websocket.Wire.client;
import static io.switchboard.websocket.Wire.concat;
import static io.switchboard.websocket.Wire.events;
import static io.switchboard.websocket.Wire.frame;
import static io.switchboard.websocket.Wire.hex;
import static io.switchboard.websocket.Wire.masked;
import static io.switchboard.websocket.Wire.server;
import static io.switchboard.websocket.Wire.text;
import static io.switchboard.websocket.Wire.unmasked;
import static io.switchboard.websocket.Wire.violation;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FramingTest {

    @Nested
    class Rfc6455Section5_1Masking {
        @ParameterizedTest(name = "F1 unmasked frame with first byte {0} fails with 1002")
        @ValueSource(ints = {0x80, 0x81, 0x82, 0x88, 0x89, 0x8a})
        void serversRefuseUnmaskedFrames(int firstByte) {
            assertThat(violation(events(server(), unmasked(firstByte, bytes("61 62")))))
                    .isEqualTo(1002);
        }

        @ParameterizedTest
        @ValueSource(ints = {0x80, 0x81, 0x82, 0x88, 0x89, 0x8a})
        void clientsRefuseMaskedFrames(int firstByte) {
            assertThat(violation(events(client(), masked(firstByte, "03 e8")))).isEqualTo(1002);
        }

        @Test
        @DisplayName("F1 the second byte is enough to see that a frame is not masked")
        void theMaskBitIsJudgedBeforeTheRest() {
            assertThat(violation(events(server(), bytes("81 7f")))).isEqualTo(1002);
        }
    }

    @Nested
    class Rfc6455Section5_2BaseFraming {
        @ParameterizedTest(name = "F5 F6 F7 reserved bits in {0} fail with 1002: no extension")
        @ValueSource(ints = {0xc1, 0xa1, 0x91, 0xf1, 0xc0, 0xc2, 0xc8, 0xc9, 0xca, 0x41})
        void reservedBitsAreZero(int firstByte) {
            assertThat(violation(events(server(), masked(firstByte, "03 e8")))).isEqualTo(1002);
            assertThat(violation(events(client(), unmasked(firstByte, bytes("03 e8")))))
                    .isEqualTo(1002);
        }

        @ParameterizedTest
        @ValueSource(ints = {0x3, 0x4, 0x5, 0x6, 0x7, 0xb, 0xc, 0xd, 0xe, 0xf})
        void reservedOpcodesFail(int opcode) {
            assertThat(violation(events(server(), masked(0x80 | opcode, "")))).isEqualTo(1002);
        }

        @Test
        @DisplayName("F2 a length with the top bit set fails with 1002 at its first byte")
        void lengthsHave63Bits() {
            assertThat(violation(events(server(), bytes("82 ff 80")))).isEqualTo(1002);
            assertThat(violation(events(server(), bytes("82 ff ff ff ff ff ff ff ff ff"))))
                    .isEqualTo(1002);
        }

        @ParameterizedTest(name = "F3 length not in its shortest form: {0}")
        @ValueSource(
                strings = {
                    "82 fe 00 05", // 5 in 16 bits
                    "82 fe 00 7d", // 125 in 16 bits
                    "82 ff 00 00 00 00 00 00 00 05", // 5 in 64 bits
                    "82 ff 00 00 00 00 00 00 01 2c", // 300 in 64 bits
                    "82 ff 00 00 00 00 00 00 ff ff", // 65535 in 64 bits
                })
        void lengthsAreInTheirShortestForm(String header) {
            assertThat(violation(events(server(), bytes(header)))).isEqualTo(1002);
        }

        @ParameterizedTest
        @ValueSource(ints = {0, 1, 125, 126, 127, 255, 256, 65535, 65536, 65537})
        void everyLengthFormIsRead(int length) {
            byte[] payload = new byte[length];
            new Random(length).nextBytes(payload);

            assertThat(events(server(), masked(0x82, payload)))
                    .containsExactly(binary(hex(payload)));
            assertThat(events(client(), unmasked(0x82, payload)))
                    .containsExactly(binary(hex(payload)));
        }

        @Test
        @DisplayName("B7 a second HTTP request behind the upgrade is taken as frames: 1002")
        void anHttpRequestIsNotAFrame() {
            byte[] request = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(US_ASCII);
            assertThat(violation(events(server(), request))).isEqualTo(1002);
        }

        @Test
        void afterAViolationNothingIsDecoded() {
            var connection = server();
            byte[] hello = masked(0x81, "48 69");
            byte[] stream = concat(hello, bytes("83"), hello);

            assertThat(events(connection, stream)).hasSize(2).contains(text("Hi"));
            assertThat(events(connection, hello)).isEmpty();
        }
    }

    @Nested
    class Rfc6455Section5_3ClientToServerMasking {
        @Test
        @DisplayName("F10 an all-zero key, and the same key on every frame, are accepted")
        void anyKeyIsGood() {
            byte[] zero = frame(0x81, bytes("48 69"), new byte[4]);
            byte[] same = masked(0x81, "48 69");

            assertThat(events(server(), concat(zero, zero, same, same)))
                    .containsExactly(text("Hi"), text("Hi"), text("Hi"), text("Hi"));
        }

        @Test
        void aClientMasksEveryFrameWithAFreshKey() {
            var connection = client();
            ByteBuffer first = connection.text(Wire.hex("48 69"));
            ByteBuffer second = connection.text(Wire.hex("48 69"));

            assertThat(first.get(1)).isEqualTo((byte) 0x82);
            assertThat(first.slice(2, 4)).isNotEqualTo(second.slice(2, 4));
        }

        @Test
        void maskingTwiceAtAnyOffsetAndLengthGivesTheSameBytes() {
            Random random = new Random(53);
            for (boolean direct : new boolean[] {false, true}) {
                for (int start = 0; start < 9; start++) {
                    for (int length = 0; length <= 200; length++) {
                        assertMasks(random, direct, start, length);
                    }
                }
            }
        }

        private void assertMasks(Random random, boolean direct, int start, int length) {
            byte[] plain = new byte[start + length + 3];
            random.nextBytes(plain);
            int key = random.nextInt();
            ByteBuffer buffer =
                    direct
                            ? ByteBuffer.allocateDirect(plain.length)
                            : ByteBuffer.allocate(plain.length + 5).slice(5, plain.length);
            buffer.put(plain).position(start).limit(start + length);
            String where = "direct " + direct + " start " + start + " length " + length;

            int turned = Masking.apply(buffer, key);

            for (int i = 0; i < plain.length; i++) {
                boolean inside = i >= start && i < start + length;
                int mask = inside ? key >>> 8 * ((i - start) % 4) : 0;
                assertThat(buffer.clear().get(i)).as(where).isEqualTo((byte) (plain[i] ^ mask));
            }
            assertThat(turned).as(where).isEqualTo(Integer.rotateRight(key, 8 * (length % 4)));
        }
    }

    @Nested
    class Rfc6455Section5_4Fragmentation {
        @Test
        void fragmentsAddUpToOneMessageWithControlFramesInBetween() {
            byte[] stream =
                    concat(
                            masked(0x01, "48 65"),
                            masked(0x89, "70"),
                            masked(0x00, "6c 6c"),
                            masked(0x8a, ""),
                            masked(0x80, "6f"));

            assertThat(events(server(), stream)).containsExactly("PING 70", "PONG ", text("Hello"));
        }

        @Test
        void emptyFragmentsAreGood() {
            byte[] stream =
                    concat(
                            masked(0x02, ""),
                            masked(0x00, ""),
                            masked(0x00, "01"),
                            masked(0x80, ""));
            assertThat(events(server(), stream)).containsExactly(binary("01"));
        }

        @Test
        void anEmptyMessageIsAMessage() {
            assertThat(events(server(), masked(0x81, ""))).containsExactly(text(""));
        }

        @ParameterizedTest(name = "continuation {0} without a message fails with 1002")
        @ValueSource(ints = {0x00, 0x80})
        void aContinuationNeedsAMessage(int firstByte) {
            assertThat(violation(events(server(), masked(firstByte, "61")))).isEqualTo(1002);
        }

        @Test
        void aContinuationAfterTheLastFragmentFails() {
            byte[] stream = concat(masked(0x01, "61"), masked(0x80, "62"), masked(0x80, "63"));
            assertThat(violation(events(server(), stream))).isEqualTo(1002);
        }

        @ParameterizedTest
        @ValueSource(ints = {0x01, 0x81, 0x02, 0x82})
        void aMessageDoesNotBeginInsideAnother(int firstByte) {
            byte[] stream = concat(masked(0x01, "61"), masked(firstByte, "62"));
            assertThat(violation(events(server(), stream))).isEqualTo(1002);
        }

        @Test
        void aPieceIsHandedOutBeforeItsFrameIsComplete() {
            var connection = server();
            byte[] hello = masked(0x82, "48 65 6c 6c 6f");

            connection.receive(ByteBuffer.wrap(hello, 0, 8), 0);
            assertThat(connection.next())
                    .isEqualTo(new WebSocketEvent.Payload(Wire.hex("48 65"), false, false));
        }
    }

    @Nested
    class Rfc6455Section5_7Examples {
        @Test
        void theExamplesReadAsTheRfcSays() {
            assertThat(events(client(), bytes("81 05 48 65 6c 6c 6f")))
                    .containsExactly(text("Hello"));
            assertThat(events(server(), bytes("81 85 37 fa 21 3d 7f 9f 4d 51 58")))
                    .containsExactly(text("Hello"));
            assertThat(events(client(), bytes("01 03 48 65 6c 80 02 6c 6f")))
                    .containsExactly(text("Hello"));
            assertThat(events(client(), bytes("89 05 48 65 6c 6c 6f")))
                    .containsExactly("PING 48 65 6c 6c 6f");
            assertThat(events(server(), bytes("8a 85 37 fa 21 3d 7f 9f 4d 51 58")))
                    .containsExactly("PONG 48 65 6c 6c 6f");
        }
    }

    @Nested
    class WhatIsSent {
        @ParameterizedTest(name = "F9 a server''s frame of {0} bytes is unmasked and minimal")
        @ValueSource(ints = {0, 1, 125, 126, 65535, 65536})
        void aServerDoesNotMask(int length) {
            byte[] payload = new byte[length];
            new Random(length).nextBytes(payload);

            assertThat(hex(server().binary(ByteBuffer.wrap(payload))))
                    .isEqualTo(hex(unmasked(0x82, payload)));
        }

        @ParameterizedTest
        @ValueSource(ints = {0, 1, 125, 126, 65535, 65536})
        void theHeaderAloneIsThatOfTheWholeFrame(int length) {
            byte[] whole = unmasked(0x01, new byte[length]);
            ByteBuffer header = ByteBuffer.allocate(14);

            FrameHeader.put(header, Opcode.TEXT, false, length);

            assertThat(FrameHeader.length(length)).isEqualTo(whole.length - length);
            assertThat(hex(header.flip()))
                    .isEqualTo(hex(ByteBuffer.wrap(whole, 0, whole.length - length)));
        }

        @Test
        @DisplayName("F9 a length above 32 bits has the long form")
        void lengthsAboveAnIntAreWritten() {
            ByteBuffer header = ByteBuffer.allocate(10);
            FrameHeader.put(header, Opcode.BINARY, true, 0x1_0000_0001L);
            assertThat(hex(header.flip())).isEqualTo("82 7f 00 00 00 01 00 00 00 01");
        }

        @Test
        @DisplayName("F8 reserved bits of the peer are not echoed in our Close")
        void ourCloseHasNoReservedBits() {
            var connection = server();
            violation(events(connection, masked(0xf8, "03 e8")));
            assertThat(hex(connection.close(1002, "", 0))).isEqualTo("88 02 03 ea");
        }

        @Test
        void whatTheOrderOfABufferIsDoesNotMatter() {
            ByteBuffer header = ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN);
            FrameHeader.put(header, Opcode.BINARY, true, 0x1234);
            assertThat(hex(header.flip())).isEqualTo("82 7e 12 34");
        }

        @Test
        void thePositionOfThePayloadStays() {
            ByteBuffer payload = Wire.hex("00 48 69").position(1);
            assertThat(hex(server().text(payload))).isEqualTo("81 02 48 69");
            assertThat(payload.position()).isEqualTo(1);
        }

        @Test
        void controlFramesOfMoreThan125BytesAreMisuse() {
            assertThatThrownBy(() -> server().ping(ByteBuffer.allocate(126)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("126");
            assertThatThrownBy(() -> FrameHeader.put(ByteBuffer.allocate(2), Opcode.PING, false, 1))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Nested
    class Ownership {
        @Test
        void receivingBeforeTheLastBytesAreDrainedIsMisuse() {
            var connection = server();
            connection.receive(ByteBuffer.wrap(masked(0x81, "61")), 0);
            assertThatThrownBy(() -> connection.receive(ByteBuffer.allocate(1), 0))
                    .isInstanceOf(IllegalStateException.class);
        }

        @Test
        void aViolationGivesTheBytesBackAtOnce() {
            var connection = server();
            ByteBuffer bytes = ByteBuffer.wrap(bytes("83 00 00"));
            connection.receive(bytes, 0);

            assertThat(connection.next()).isInstanceOf(WebSocketEvent.Violation.class);

            assertThat(bytes.hasRemaining()).isFalse();
            connection.receive(ByteBuffer.wrap(masked(0x81, "61")), 0);
            assertThat(connection.next()).isEqualTo(WebSocketEvent.NEED_BYTES);
        }

        @Test
        void payloadIsAViewOfTheReceivedBytesUnmaskedInPlace() {
            var connection = server();
            byte[] bytes = masked(0x81, "48 69");
            connection.receive(ByteBuffer.wrap(bytes), 0);

            var payload = (WebSocketEvent.Payload) connection.next();

            assertThat(payload.bytes().array()).isSameAs(bytes);
            assertThat(hex(ByteBuffer.wrap(bytes, 6, 2))).isEqualTo("48 69");
        }

        @Test
        void directBuffersAreAsGoodAsHeapBuffers() {
            byte[] payload = new byte[1000];
            new Random(5).nextBytes(payload);
            byte[] frame = masked(0x82, payload);
            var recorder = new Wire.Recorder(server());

            recorder.receive(ByteBuffer.allocateDirect(frame.length).put(frame).flip());

            assertThat(recorder.events()).containsExactly(binary(hex(payload)));
        }

        @Test
        void theTimeOfTheLastBytesIsKept() {
            var connection = server();
            connection.receive(ByteBuffer.allocate(0), 42);
            assertThat(connection.receivedNanos()).isEqualTo(42);
        }
    }
}
