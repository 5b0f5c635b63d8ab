package io.switchboard.websocket;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.websocket.WebSocketEvent.Payload;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Compressed messages (RFC 7692 sections 6 and 7.2); the bytes of section 7.2.3 are the RFC's own.
class DeflateMessageTest {
    /// RSV1, FIN and TEXT.
    private static final int TEXT = 0xc1;

    private final Zlib zlib = new Zlib(6, 0);

    private WebSocketConnection server(PermessageDeflate agreed) {
        return WebSocketConnection.server(WebSocketLimits.DEFAULT, agreed, zlib);
    }

    private WebSocketConnection server() {
        return server(PermessageDeflate.NO_CONTEXT);
    }

    private List<Object> events(String... hexPayloads) {
        byte[] all = {};
        for (String hex : hexPayloads) {
            all = Wire.concat(all, Wire.masked(TEXT, hex));
        }
        return Wire.events(server(PermessageDeflate.FULL_CONTEXT), all);
    }

    @Nested
    class Rfc7692Section6Rsv1 {
        @ParameterizedTest(name = "F5 RSV1 on {0} fails with 1002")
        @EnumSource(
                value = Opcode.class,
                names = {"PING", "PONG", "CLOSE"})
        void notOnControlFrames(Opcode opcode) {
            assertViolation(
                    CloseCode.PROTOCOL_ERROR,
                    Wire.events(server(), Wire.masked(0xc0 | opcode.code, "")));
        }

        @Test
        @DisplayName("F5 RSV1 on a continuation fails with 1002")
        void notOnContinuations() {
            byte[] frames = Wire.concat(Wire.masked(0x41, "f2"), Wire.masked(0xc0, "48"));
            assertViolation(CloseCode.PROTOCOL_ERROR, Wire.events(server(), frames));
        }

        @ParameterizedTest(name = "F6 reserved bits 0x{0}0 fail with 1002")
        @ValueSource(ints = {1, 2, 3, 5, 6, 7})
        void notBesideOthers(int reserved) {
            assertViolation(
                    CloseCode.PROTOCOL_ERROR,
                    Wire.events(server(), Wire.masked(0x81 | reserved << 4, "00")));
        }

        @Test
        @DisplayName("F7 RSV1 fails with 1002 where compression was not agreed")
        void notIfNotAgreed() {
            byte[] frame = Wire.masked(TEXT, "00");
            assertViolation(CloseCode.PROTOCOL_ERROR, Wire.events(Wire.server(), frame));
            assertViolation(
                    CloseCode.PROTOCOL_ERROR,
                    Wire.events(
                            WebSocketConnection.server(WebSocketLimits.DEFAULT, null, zlib),
                            frame));
        }

        @Test
        @DisplayName("F8 control frames are never compressed")
        void ourControlFramesHaveNoRsv1() {
            assertThat(Wire.hex(server().ping(ByteBuffer.allocate(100)))).startsWith("89 64 00");
            assertThat(Wire.hex(server().pong(ByteBuffer.allocate(100)))).startsWith("8a 64 00");
            assertThat(Wire.hex(server().close(1000, "a".repeat(99), 0))).startsWith("88 65 03 e8");
        }
    }

    @Nested
    class Rfc7692Section7_2_1Compression {
        @Test
        void aMessageLosesItsTailAndGetsRsv1() throws DataFormatException {
            String text = "Hello, Hello, Hello, Hello";
            ByteBuffer frame = server().text(ByteBuffer.wrap(text.getBytes(UTF_8)));
            assertThat(frame.get()).isEqualTo((byte) TEXT);
            assertThat(frame.get()).isEqualTo((byte) frame.remaining());
            byte[] payload = new byte[frame.remaining() + 4];
            frame.get(payload, 0, frame.remaining());
            assertThat(payload).endsWith(0, 0, 0, 0, 0);

            payload[payload.length - 2] = (byte) 0xff;
            payload[payload.length - 1] = (byte) 0xff;
            Inflater inflater = new Inflater(true);
            inflater.setInput(payload);
            byte[] plain = new byte[100];
            int length = inflater.inflate(plain);
            inflater.end();
            assertThat(new String(plain, 0, length, UTF_8)).isEqualTo(text);
        }

        @Test
        void whatWouldNotBecomeShorterLeavesAsItIs() {
            byte[] noise = new byte[1000];
            new Random(1).nextBytes(noise);
            assertThat(server().binary(ByteBuffer.wrap(noise)).get(0)).isEqualTo((byte) 0x82);
            assertThat(Wire.hex(server().text(ByteBuffer.allocate(0)))).isEqualTo("81 00");
            assertThat(Wire.hex(server().text(Wire.hex("48 65 6c 6c 6f"))))
                    .isEqualTo("81 05 48 65 6c 6c 6f");
        }

        @Test
        void shortMessagesLeaveAsTheyAre() {
            try (Zlib fromHundredOn = new Zlib(6, 100)) {
                WebSocketConnection connection =
                        WebSocketConnection.server(
                                WebSocketLimits.DEFAULT,
                                PermessageDeflate.NO_CONTEXT,
                                fromHundredOn);
                assertThat(connection.text(ByteBuffer.allocate(99)).get(0)).isEqualTo((byte) 0x81);
                assertThat(connection.text(ByteBuffer.allocate(100)).get(0)).isEqualTo((byte) 0xc1);
            }
        }

        @Test
        @DisplayName("E14 without context each message is compressed as if it were the first")
        void messagesStandAlone() {
            ByteBuffer message = ByteBuffer.wrap("abc".repeat(50).getBytes(UTF_8));
            WebSocketConnection connection = server();
            String first = Wire.hex(connection.text(message));
            assertThat(Wire.hex(connection.text(message))).isEqualTo(first);
            assertThat(message.remaining()).isEqualTo(150);
        }

        @Test
        void withContextNoiseIsCompressedTooAndKnownFromThenOn() {
            byte[] noise = new byte[1000];
            new Random(1).nextBytes(noise);
            WebSocketConnection connection = server(PermessageDeflate.FULL_CONTEXT);
            ByteBuffer first = connection.binary(ByteBuffer.wrap(noise));
            assertThat(first.get(0)).isEqualTo((byte) 0xc2);
            assertThat(first.remaining()).isBetween(1000, 1030);
            assertThat(connection.binary(ByteBuffer.wrap(noise)).remaining()).isLessThan(30);
        }

        @Test
        void anEmptyMessageIsNeverCompressed() {
            WebSocketConnection connection = server(PermessageDeflate.FULL_CONTEXT);
            assertThat(connection.binary(ByteBuffer.allocate(9)).get(0)).isEqualTo((byte) 0xc2);
            assertThat(Wire.hex(connection.text(ByteBuffer.allocate(0)))).isEqualTo("81 00");
        }

        @Test
        void withContextTheSecondOfTwoEqualMessagesIsShorter() {
            byte[] noise = new byte[200];
            new Random(1).nextBytes(noise);
            byte[] compressible = Wire.concat(noise, noise);
            WebSocketConnection connection = server(PermessageDeflate.FULL_CONTEXT);
            int first = connection.binary(ByteBuffer.wrap(compressible)).remaining();
            int second = connection.binary(ByteBuffer.wrap(compressible)).remaining();
            assertThat(first).isGreaterThan(200);
            assertThat(second).isLessThan(30);
        }
    }

    @Nested
    class FramesThatAreCompressedLater {
        private final byte[] noise = new byte[200];

        FramesThatAreCompressedLater() {
            new Random(1).nextBytes(noise);
        }

        /// Frames for anybody: a marked message, a ping, a plain message, the marked one again.
        private ByteBuffer frames() {
            byte[] message = Wire.concat(noise, noise);
            ByteBuffer frames = ByteBuffer.allocate(2000);
            FrameHeader.putCompressed(frames, Opcode.BINARY, message.length);
            frames.put(message);
            FrameHeader.put(frames, Opcode.PING, true, 2);
            frames.put((byte) 1).put((byte) 2);
            FrameHeader.put(frames, Opcode.BINARY, true, message.length);
            frames.put(message);
            FrameHeader.putCompressed(frames, Opcode.BINARY, message.length);
            frames.put(message);
            return frames.flip();
        }

        private byte[] compressed(WebSocketConnection connection, ByteBuffer frames) {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            boolean any =
                    connection.compress(
                            frames,
                            piece -> {
                                byte[] bytes = new byte[piece.remaining()];
                                piece.get(bytes);
                                out.writeBytes(bytes);
                            });
            assertThat(any).isEqualTo(out.size() > 0);
            assertThat(frames.hasRemaining()).isFalse();
            return out.toByteArray();
        }

        private List<Object> read(PermessageDeflate agreed, byte[] bytes) {
            WebSocketConnection client =
                    WebSocketConnection.client(
                            WebSocketLimits.DEFAULT, new Random(2), agreed, zlib);
            return Wire.events(client, bytes);
        }

        @Test
        void markedOnesAreCompressedInTheirPlaceAndTheOthersStayAsTheyAre() {
            byte[] message = Wire.concat(noise, noise);
            for (PermessageDeflate agreed :
                    List.of(PermessageDeflate.NO_CONTEXT, PermessageDeflate.FULL_CONTEXT)) {
                byte[] bytes = compressed(server(agreed), frames());
                assertThat(read(agreed, bytes))
                        .containsExactly(
                                Wire.binary(Wire.hex(message)),
                                "PING 01 02",
                                Wire.binary(Wire.hex(message)),
                                Wire.binary(Wire.hex(message)));
                assertThat(bytes.length).isBetween(600, 1200);
            }
        }

        @Test
        void withContextTheyReferBackOverTheOnesBetween() {
            WebSocketConnection connection = server(PermessageDeflate.FULL_CONTEXT);
            int first = compressed(connection, frames()).length;
            int second = compressed(connection, frames()).length;
            assertThat(first).isBetween(610, 680);
            assertThat(second).isLessThan(first - 150);
        }

        @Test
        void whatIsNotWorthItLosesItsMark() {
            ByteBuffer frame = ByteBuffer.allocate(300);
            FrameHeader.putCompressed(frame, Opcode.BINARY, noise.length);
            frame.put(noise);
            byte[] bytes = compressed(server(), frame.flip());
            assertThat(bytes).startsWith(0x82, 126, 0, 200).endsWith(noise).hasSize(204);
        }

        @Test
        void whereNoneIsMarkedThereIsNothingToDo() {
            ByteBuffer frame = ByteBuffer.allocate(70_000);
            FrameHeader.put(frame, Opcode.TEXT, true, 60_000);
            frame.position(frame.position() + 60_000);
            FrameHeader.put(frame, Opcode.PONG, true, 0);
            assertThat(compressed(server(), frame.flip())).isEmpty();
        }

        @Test
        void lengthsOfEachFormAreUnderstood() {
            for (int length : new int[] {1, 125, 126, 65_535, 65_536}) {
                ByteBuffer frame = ByteBuffer.allocate(length + 10);
                FrameHeader.putCompressed(frame, Opcode.BINARY, length);
                frame.position(frame.position() + length);
                byte[] bytes = compressed(server(), frame.flip());
                assertThat(read(PermessageDeflate.NO_CONTEXT, bytes))
                        .containsExactly(Wire.binary(Wire.hex(new byte[length])));
            }
        }
    }

    @Nested
    class Rfc7692Section7_2_3Examples {
        @Test
        @DisplayName("7.2.3.1 one compressed block, in one frame and in two")
        void oneBlock() {
            assertThat(events("f2 48 cd c9 c9 07 00")).containsExactly(Wire.text("Hello"));
            byte[] fragments =
                    Wire.concat(Wire.masked(0x41, "f2 48 cd"), Wire.masked(0x80, "c9 c9 07 00"));
            assertThat(Wire.events(server(), fragments)).containsExactly(Wire.text("Hello"));
        }

        @Test
        @DisplayName("7.2.3.2 a message that refers to the one before")
        void sharedWindow() {
            assertThat(events("f2 48 cd c9 c9 07 00", "f2 00 11 00 00"))
                    .containsExactly(Wire.text("Hello"), Wire.text("Hello"));
        }

        @Test
        @DisplayName("7.2.3.2 such a message is refused where no context was agreed")
        void noSharedWindowWithoutContext() {
            byte[] frames =
                    Wire.concat(
                            Wire.masked(TEXT, "f2 48 cd c9 c9 07 00"),
                            Wire.masked(TEXT, "f2 00 11 00 00"));
            assertViolation(CloseCode.INVALID_PAYLOAD, Wire.events(server(), frames));
        }

        @Test
        @DisplayName("7.2.3.2 G5 an uncompressed message does not move the window")
        void uncompressedMessagesBetween() {
            byte[] frames =
                    Wire.concat(
                            Wire.masked(TEXT, "f2 48 cd c9 c9 07 00"),
                            Wire.masked(0x81, "48 65 6c 70"),
                            Wire.masked(TEXT, "f2 00 11 00 00"));
            assertThat(Wire.events(server(PermessageDeflate.FULL_CONTEXT), frames))
                    .containsExactly(Wire.text("Hello"), Wire.text("Help"), Wire.text("Hello"));
        }

        @Test
        @DisplayName("7.2.3.3 G3 a block with no compression")
        void storedBlock() {
            assertThat(events("00 05 00 fa ff 48 65 6c 6c 6f 00"))
                    .containsExactly(Wire.text("Hello"));
        }

        @Test
        @DisplayName("7.2.3.4 G2 a final block, and messages behind it")
        void finalBlock() {
            assertThat(events("f3 48 cd c9 c9 07 00 00", "f2 48 cd c9 c9 07 00"))
                    .containsExactly(Wire.text("Hello"), Wire.text("Hello"));
        }

        @Test
        @DisplayName("7.2.3.4 G2 the window goes on behind a final block")
        void windowBehindAFinalBlock() {
            assertThat(events("f3 48 cd c9 c9 07 00 00", "f2 00 11 00 00"))
                    .containsExactly(Wire.text("Hello"), Wire.text("Hello"));
        }

        @Test
        @DisplayName("7.2.3.4 G2 a final block that is the last byte of its message")
        void nothingBehindAFinalBlock() {
            assertThat(events("f3 48 cd c9 c9 07 00", "f2 48 cd c9 c9 07 00"))
                    .containsExactly(Wire.text("Hello"), Wire.text("Hello"));
        }

        @Test
        @DisplayName("7.2.3.5 G3 two blocks in one message")
        void twoBlocks() {
            assertThat(events("f2 48 05 00 00 00 ff ff ca c9 c9 07 00"))
                    .containsExactly(Wire.text("Hello"));
        }

        @Test
        @DisplayName("7.2.3.6 G3 an empty message, also without any byte")
        void emptyMessages() {
            assertThat(events("00", "", "02 00"))
                    .containsExactly(Wire.text(""), Wire.text(""), Wire.text(""));
        }
    }

    @Nested
    class Rfc7692Section6_1Fragments {
        @Test
        @DisplayName("G4 G6 fragments of one byte with pings between are delivered")
        void fragmentsOfOneByte() {
            byte[] payload = Wire.bytes("f2 48 cd c9 c9 07 00");
            byte[] frames = {};
            for (int i = 0; i < payload.length; i++) {
                int first = (i == 0 ? 0x41 : 0) | (i == payload.length - 1 ? 0x80 : 0);
                frames =
                        Wire.concat(
                                frames,
                                Wire.masked(first, new byte[] {payload[i]}),
                                Wire.masked(0x89, "07"));
            }
            assertThat(Wire.events(server(), frames))
                    .contains(Wire.text("Hello"))
                    .hasSize(payload.length + 1);
        }

        @Test
        void theLastFragmentMayBeEmpty() {
            byte[] frames =
                    Wire.concat(
                            Wire.masked(0x41, ""),
                            Wire.masked(0x00, "f2 48 cd c9 c9 07 00"),
                            Wire.masked(0x80, ""));
            assertThat(Wire.events(server(), frames)).containsExactly(Wire.text("Hello"));
        }
    }

    @Nested
    class Rfc7692Section7_2_2Decompression {
        @ParameterizedTest(name = "G1 \"{0}\" fails with 1007")
        @ValueSource(
                strings = {
                    // A block of the reserved type.
                    "07",
                    // A stored block whose two lengths do not agree.
                    "00 05 00 00 00 48 65 6c 6c 6f 00",
                    // A distance beyond the beginning.
                    "f2 00 11 00 00",
                    "ff ff ff ff ff",
                    // Cut.
                    "f2 48 cd c9",
                    "00 05 00 fa ff 48 65",
                    "00 05",
                    // Whole, and then garbage.
                    "f3 48 cd c9 c9 07 00 07",
                })
        void corruptDataIsRefused(String payload) {
            assertViolation(CloseCode.INVALID_PAYLOAD, events(payload));
        }

        @Test
        @DisplayName("G7 invalid UTF-8 that comes out fails with 1007")
        void inflatedTextIsUtf8() {
            byte[] frame = Wire.masked(TEXT, deflated(new byte[] {'a', (byte) 0xff, 'b'}));
            assertViolation(CloseCode.INVALID_PAYLOAD, Wire.events(server(), frame));
            byte[] cut = Wire.masked(TEXT, deflated(new byte[] {'a', (byte) 0xc3}));
            assertViolation(CloseCode.INVALID_PAYLOAD, Wire.events(server(), cut));
        }

        @Test
        void inflatedBinaryIsAnything() {
            byte[] frame = Wire.masked(0xc2, deflated(new byte[] {'a', (byte) 0xff, 'b'}));
            assertThat(Wire.events(server(), frame)).containsExactly(Wire.binary("61 ff 62"));
        }
    }

    @Nested
    class Rfc6455Section10_4Limits {
        private final WebSocketLimits limits = new WebSocketLimits(100_000, 1000, 1000);

        @Test
        @DisplayName("G8 a bomb is refused while it is inflated, with the memory of one piece")
        void aBombIsRefusedWhileItIsInflated() {
            byte[] bomb = Wire.masked(0xc2, deflated(new byte[1_000_000]));
            assertThat(bomb.length).isLessThan(1100);
            WebSocketConnection connection =
                    WebSocketConnection.server(limits, PermessageDeflate.NO_CONTEXT, zlib);
            connection.receive(ByteBuffer.wrap(bomb), 0);

            int length = 0;
            WebSocketEvent event = connection.next();
            while (event instanceof Payload piece) {
                length += piece.bytes().remaining();
                assertThat(piece.bytes().remaining()).isLessThanOrEqualTo(64 << 10);
                event = connection.next();
            }

            assertThat(event).isInstanceOf(WebSocketEvent.Violation.class);
            assertThat(((WebSocketEvent.Violation) event).closeCode()).isEqualTo(CloseCode.TOO_BIG);
            assertThat(length).isBetween(1, 100_000);
            assertThat(zlib.idleInflaters()).isEqualTo(1);
        }

        @Test
        void aMessageMayHaveJustTheLimit() {
            WebSocketConnection connection =
                    WebSocketConnection.server(limits, PermessageDeflate.NO_CONTEXT, zlib);
            byte[] twice =
                    Wire.concat(
                            Wire.masked(0xc2, deflated(new byte[100_000])),
                            Wire.masked(0xc2, deflated(new byte[100_000])));
            assertThat(Wire.events(connection, twice)).hasSize(2);
            assertViolation(
                    CloseCode.TOO_BIG,
                    Wire.events(connection, Wire.masked(0xc2, deflated(new byte[100_001]))));
        }

        @Test
        void whatInflatesToNothingHasItsEndToo() {
            // Empty stored blocks.
            byte[] frames = Wire.masked(0x42, Wire.bytes("00 00 00 ff ff".repeat(200)));
            for (int i = 0; i < 200; i++) {
                frames =
                        Wire.concat(
                                frames, Wire.masked(0, Wire.bytes("00 00 00 ff ff".repeat(200))));
            }
            WebSocketConnection connection =
                    WebSocketConnection.server(limits, PermessageDeflate.NO_CONTEXT, zlib);
            assertViolation(CloseCode.TOO_BIG, Wire.events(connection, frames));
        }

        @Test
        void aMessageHasAtMostSoManyFinalBlocks() {
            byte[] finalBlocks = Wire.masked(TEXT, Wire.bytes("03 00".repeat(1023)));
            assertThat(Wire.events(server(), finalBlocks)).containsExactly(Wire.text(""));
            byte[] oneMore = Wire.masked(TEXT, Wire.bytes("03 00".repeat(1024)));
            assertViolation(CloseCode.INVALID_PAYLOAD, Wire.events(server(), oneMore));
        }
    }

    @Nested
    class MemoryBetweenMessages {
        @Test
        @DisplayName("E15 G9 between messages a connection holds no inflater")
        void noInflater() {
            List<WebSocketConnection> connections = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                WebSocketConnection connection = server(PermessageDeflate.FULL_CONTEXT);
                Wire.events(connection, Wire.masked(TEXT, "f2 48 cd c9 c9 07 00"));
                connections.add(connection);
            }
            assertThat(zlib.idleInflaters()).isEqualTo(1);
        }

        @Test
        void inTheMiddleOfAMessageItHoldsOneUntilItEnds() {
            List<WebSocketConnection> connections = new ArrayList<>();
            for (int i = 0; i < 30; i++) {
                WebSocketConnection connection = server();
                Wire.events(connection, Wire.masked(0x41, "f2 48"));
                connections.add(connection);
            }
            assertThat(zlib.idleInflaters()).isZero();
            for (WebSocketConnection connection : connections.subList(0, 10)) {
                connection.release();
            }
            assertThat(zlib.idleInflaters()).isEqualTo(10);
            Wire.events(connections.get(10), Wire.masked(0x88, ""));
            Wire.events(connections.get(11), Wire.masked(0x81, ""));
            assertThat(zlib.idleInflaters()).isEqualTo(12);
            for (WebSocketConnection connection : connections) {
                connection.release();
                connection.release();
            }
            assertThat(zlib.idleInflaters()).isEqualTo(16);
            zlib.close();
            assertThat(zlib.idleInflaters()).isZero();
        }

        @Test
        void atMostSoManyDeflatersKnowOfAContext() {
            List<WebSocketConnection> connections = new ArrayList<>();
            for (int i = 0; i < 30; i++) {
                WebSocketConnection connection = server(PermessageDeflate.FULL_CONTEXT);
                connection.binary(ByteBuffer.allocate(1000));
                connections.add(connection);
            }
            assertThat(zlib.contextDeflaters()).isEqualTo(16);
            connections.getFirst().release();
            assertThat(zlib.contextDeflaters()).isEqualTo(16);
            connections.getLast().release();
            connections.getLast().release();
            assertThat(zlib.contextDeflaters()).isEqualTo(15);
            zlib.close();
            assertThat(zlib.contextDeflaters()).isZero();
            connections.get(20).binary(ByteBuffer.allocate(1000));
            assertThat(zlib.contextDeflaters()).isZero();
        }

        @Test
        void withoutContextNoDeflaterIsKeptForAConnection() {
            server().binary(ByteBuffer.allocate(1000));
            assertThat(zlib.contextDeflaters()).isZero();
        }

        @Test
        void whatIsGivenBackBehindTheEndIsNotKept() {
            WebSocketConnection connection = server();
            Wire.events(connection, Wire.masked(0x41, "f2 48"));
            zlib.close();
            connection.release();
            assertThat(zlib.idleInflaters()).isZero();
        }
    }

    private static void assertViolation(int closeCode, List<Object> events) {
        assertThat(Wire.violation(events)).isEqualTo(closeCode);
    }

    /// As zlib makes it, without the tail.
    static byte[] deflated(byte[] plain) {
        Deflater deflater = new Deflater(9, true);
        deflater.setInput(plain);
        byte[] out = new byte[plain.length + 100];
        int length = deflater.deflate(out, 0, out.length, Deflater.SYNC_FLUSH);
        deflater.end();
        return Arrays.copyOf(out, length - 4);
    }
}
