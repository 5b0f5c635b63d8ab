package io.switchboard.websocket;

import static io.switchboard.websocket.Wire.bytes;
import static io.switchboard.websocket.Wire.concat;
import static io.switchboard.websocket.Wire.events;
import static io.switchboard.websocket.Wire.masked;
import static io.switchboard.websocket.Wire.server;
import static io.switchboard.websocket.Wire.text;
import static io.switchboard.websocket.Wire.violation;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class Utf8Test {

    @Nested
    class Rfc6455Section8_1TextData {
        @ParameterizedTest(name = "text {0} fails with 1007")
        @ValueSource(
                strings = {
                    "80", // a continuation byte alone
                    "c0 af", // overlong
                    "e0 80 80",
                    "ed a0 80", // a surrogate
                    "f0 80 80 80",
                    "f4 90 80 80", // above U+10FFFF
                    "f5",
                    "ff",
                    "61 c3", // ends inside a character
                    "e2 82",
                    "f0 9f 98",
                })
        void textThatIsNotUtf8Fails(String payload) {
            assertThat(violation(events(server(), masked(0x81, payload)))).isEqualTo(1007);
            assertThat(events(server(), masked(0x82, payload))).hasSize(1);
        }

        @Test
        @DisplayName("I5 a bad first byte of a claimed 1 MiB fails without waiting for the rest")
        void aBadByteFailsBeforeItsFrameEnds() {
            // 1 MiB announced, key of zeros, then 0xff
            byte[] start = bytes("81 ff 00 00 00 00 00 10 00 00 00 00 00 00 ff");
            assertThat(violation(events(server(), start))).isEqualTo(1007);
        }

        @Test
        @DisplayName("I5 a bad byte in a fragment fails before its message ends")
        void aBadByteFailsBeforeItsMessageEnds() {
            assertThat(violation(events(server(), masked(0x01, "61 ff")))).isEqualTo(1007);
        }

        @Test
        void aCharacterMayBeCutByFragmentsAndControlFrames() {
            byte[] stream =
                    concat(
                            masked(0x01, "f0"),
                            masked(0x00, "9f"),
                            masked(0x89, "ff"),
                            masked(0x00, ""),
                            masked(0x80, "98 80"));
            assertThat(events(server(), stream)).containsExactly("PING ff", text("\ud83d\ude00"));
        }

        @Test
        void theCheckBeginsAnewWithEachMessage() {
            byte[] stream = concat(masked(0x82, "c3"), masked(0x81, "c3 bc"), masked(0x82, "c3"));
            assertThat(events(server(), stream))
                    .containsExactly(Wire.binary("c3"), text("ü"), Wire.binary("c3"));
        }

        @Test
        void aTextThatEndsInsideACharacterInItsEmptyLastFragmentFails() {
            byte[] stream = concat(masked(0x01, "c3"), masked(0x80, ""));
            assertThat(violation(events(server(), stream))).isEqualTo(1007);
        }
    }

    @Nested
    class Rfc3629Section4Syntax {
        @Test
        void everyCodePointIsValid() {
            for (int codePoint = 0; codePoint <= Character.MAX_CODE_POINT; codePoint++) {
                boolean surrogate = codePoint >= 0xd800 && codePoint <= 0xdfff;
                if (!surrogate
                        && !Utf8Validator.valid(Character.toString(codePoint).getBytes(UTF_8))) {
                    assertThat(codePoint).as("refused").isNegative();
                }
            }
        }

        @Test
        void everySequenceOfUpToThreeBytesIsJudgedAsTheJdkDoes() {
            byte[] bytes = new byte[3];
            for (int value = 0; value < 1 << 24; value += value < 1 << 16 ? 1 : 31) {
                bytes[0] = (byte) value;
                bytes[1] = (byte) (value >> 8);
                bytes[2] = (byte) (value >> 16);
                if (Utf8Validator.valid(bytes) != oracle(bytes)) {
                    assertThat(Wire.hex(bytes)).as("judged otherwise than by the JDK").isEmpty();
                }
            }
        }

        @Test
        void randomBytesAreJudgedAsTheJdkDoesWhereverTheyAreCut() {
            for (int seed = 0; seed < 20_000; seed++) {
                Random random = new Random(seed);
                byte[] bytes = nearlyText(random);
                int cut = random.nextInt(bytes.length + 1);
                ByteBuffer heap = ByteBuffer.wrap(bytes);
                ByteBuffer direct = ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();

                int state = Utf8Validator.advance(Utf8Validator.ACCEPT, direct.slice(0, cut));
                state = Utf8Validator.advance(state, heap.slice(cut, bytes.length - cut));

                boolean expected = oracle(bytes);
                assertThat(state == Utf8Validator.ACCEPT).as("seed " + seed).isEqualTo(expected);
                assertThat(Utf8Validator.valid(heap)).as("seed " + seed).isEqualTo(expected);
                assertThat(Utf8Validator.valid(direct)).as("seed " + seed).isEqualTo(expected);
            }
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "80",
                    "bf",
                    "c0 80",
                    "c1 bf",
                    "e0 80 80",
                    "e0 9f bf",
                    "ed a0 80",
                    "ed bf bf",
                    "f0 80 80 80",
                    "f0 8f bf bf",
                    "f4 90 80 80",
                    "f4 bf bf bf",
                    "f5 80 80 80",
                    "f8 80 80 80",
                    "ff",
                    "fe",
                    "c3 41",
                    "c3 c3 bc",
                    "e2 82 41",
                    "e2 41 41",
                    "e2 82 c3 bc",
                    "f0 9f 98 41",
                    "f0 9f 41 41",
                    "f0 9f 98 c3 bc",
                    "c3 bc 80"
                })
        void aBadSequenceIsFoundWhereverItStandsInALongText(String hex) {
            byte[] bad = bytes(hex);
            for (int at : placesInALongText()) {
                for (byte[] text : longTexts(at, bad)) {
                    assertThat(Utf8Validator.valid(text)).as("at " + at).isFalse();
                    assertThat(Utf8Validator.valid(direct(text))).as("at " + at).isFalse();
                }
            }
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "7f",
                    "c2 80",
                    "df bf",
                    "e0 a0 80",
                    "e1 80 80",
                    "ec bf bf",
                    "ed 9f bf",
                    "ee 80 80",
                    "ef bf bf",
                    "f0 90 80 80",
                    "f1 80 80 80",
                    "f3 bf bf bf",
                    "f4 8f bf bf"
                })
        void theFirstAndLastOfEachKindAreGoodWhereverTheyStandInALongText(String hex) {
            byte[] good = bytes(hex);
            for (int at : placesInALongText()) {
                for (byte[] text : longTexts(at, good)) {
                    assertThat(Utf8Validator.valid(text)).as("at " + at).isTrue();
                    assertThat(Utf8Validator.valid(direct(text))).as("at " + at).isTrue();
                }
            }
        }

        /// At the beginning, the end, and where the checker goes from one of its ways to another.
        private int[] placesInALongText() {
            return IntStream.of(0, 32, 256, 288, 4_096 + 32, 4_096 + 64, 4_400)
                    .flatMap(it -> IntStream.range(Math.max(0, it - 9), it + 9))
                    .toArray();
        }

        /// The sequence after so many bytes of text, and before more.
        private List<byte[]> longTexts(int at, byte[] sequence) {
            byte[] mixed = "é€😀ä".repeat(40).getBytes(UTF_8);
            List<byte[]> texts = new ArrayList<>();
            for (String pattern : List.of("aü€😀", "abcdefghijklmnopqrstuvwxyz😀")) {
                StringBuilder before = new StringBuilder();
                int length = 0;
                for (int i = 0;
                        length < at;
                        i = (i + 1) % pattern.codePointCount(0, pattern.length())) {
                    String next =
                            Character.toString(
                                    pattern.codePointAt(pattern.offsetByCodePoints(0, i)));
                    int bytes = next.getBytes(UTF_8).length;
                    before.append(length + bytes <= at ? next : "x");
                    length += length + bytes <= at ? bytes : 1;
                }
                texts.add(concat(before.toString().getBytes(UTF_8), sequence, mixed));
            }
            return texts;
        }

        private ByteBuffer direct(byte[] bytes) {
            return ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
        }

        @Test
        void theStateAfterAnyPieceIsThatOfTheAutomaton() {
            byte[] text = "aü€😀 quick brown fox €€ ".repeat(30).getBytes(UTF_8);
            for (int start = 0; start < 40; start++) {
                int state = Utf8Validator.ACCEPT;
                for (int end = start; end < text.length; end++) {
                    int length = end - start;
                    ByteBuffer heap = ByteBuffer.wrap(text, start, length);
                    assertThat(Utf8Validator.advance(Utf8Validator.ACCEPT, heap))
                            .as("from " + start + " to " + end)
                            .isEqualTo(state);
                    state = Utf8Validator.advance(state, ByteBuffer.wrap(text, end, 1));
                }
            }
        }

        @Test
        void whatBeginsInsideOfACharacterGoesOnWithIt() {
            byte[] text = "😀ü€".repeat(200).getBytes(UTF_8);
            for (int cut = 0; cut < 300; cut++) {
                int state = Utf8Validator.advance(0, ByteBuffer.wrap(text, 0, cut));
                ByteBuffer rest = direct(text).position(cut);
                assertThat(Utf8Validator.advance(state, rest)).as("cut " + cut).isZero();
                boolean whole = (text[cut] & 0xc0) != 0x80;
                assertThat(Utf8Validator.valid(rest)).as("cut " + cut).isEqualTo(whole);
            }
        }

        /// Characters of all lengths, one byte in half of the texts changed.
        private byte[] nearlyText(Random random) {
            StringBuilder text = new StringBuilder();
            int count = random.nextInt(random.nextInt(10) == 0 ? 3_000 : 60);
            int[] bounds = {0x80, 0x80, 0x80, 0x800, 0xd800, Character.MAX_CODE_POINT};
            boolean ascii = random.nextInt(4) == 0;
            for (int i = 0; i < count; i++) {
                int codePoint =
                        random.nextInt(ascii ? 0x80 : bounds[random.nextInt(bounds.length)]);
                text.appendCodePoint(
                        codePoint >= 0xd800 && codePoint <= 0xdfff ? 0x1f600 : codePoint);
            }
            byte[] bytes = text.toString().getBytes(UTF_8);
            if (bytes.length > 0 && random.nextBoolean()) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
            }
            return bytes;
        }

        private boolean oracle(byte[] bytes) {
            CharBuffer characters = CharBuffer.allocate(bytes.length);
            CharsetDecoder decoder = UTF_8.newDecoder();
            return !decoder.decode(ByteBuffer.wrap(bytes), characters, true).isError();
        }
    }
}
