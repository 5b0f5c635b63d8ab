package io.switchboard.conformance;

import static io.switchboard.conformance.Conversation.of;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Arrays;
import java.util.zip.Deflater;

/// Compressed messages: RFC 7692 sections 6 and 7.2.
final class DeflateTalks {
    private static final int[] SIZES = {0, 1, 125, 126, 127, 128, 1024, 65_535, 65_536, 1 << 20};

    private DeflateTalks() {}

    static <T> void add(Talks<T> talks) {
        talks.needs(Compression.ANY);
        reservedBits(talks);
        messages(talks);
        blocks(talks);
        broken(talks);
        talks.needs(Compression.REMEMBERING);
        context(talks);
        talks.needs(null);
    }

    private static <T> void reservedBits(Talks<T> talks) {
        talks.section("7692-6");
        talks.must(
                "a message without RSV1 is as it is, though compression is agreed",
                of(Sent.text("plain")).hears(Heard.text("plain")));
        talks.must(
                "compressed and uncompressed messages may take turns",
                of(zipped("a"), Sent.text("b"), zipped("c"), Sent.text("d"))
                        .hears(Heard.text("a"), Heard.text("b"), Heard.text("c"), Heard.text("d")));
        talks.must("RSV1 on a ping: fails", of(Sent.ping("x").rsv(Sent.RSV1)).fails(1002));
        talks.must("RSV1 on a pong: fails", of(Sent.pong("x").rsv(Sent.RSV1)).fails(1002));
        talks.must(
                "RSV1 on a Close: fails", of(Sent.close(1000).rsv(Sent.RSV1)).failsByItself(1002));
        talks.must("RSV2 on a message: fails", of(Sent.text("x").rsv(Sent.RSV2)).fails(1002));
        talks.must("RSV3 on a message: fails", of(Sent.text("x").rsv(Sent.RSV3)).fails(1002));
        talks.must("RSV1 and RSV2 on a message: fails", of(zipped("x").rsv(Sent.RSV2)).fails(1002));
        byte[] two = Zip.alone(ascii("in two fragments"));
        talks.must(
                "RSV1 on the last fragment too: fails",
                of(part(two, 0, 4).open(), rest(two, 4).rsv(Sent.RSV1)).fails(1002));
        talks.must(
                "RSV1 on the last fragment only: fails",
                of(Sent.text("a").open(), Sent.more(two).rsv(Sent.RSV1)).fails(1002));
        talks.must(
                "a ping between compressed fragments is answered as it is",
                of(part(two, 0, 4).open(), Sent.ping("now"), rest(two, 4))
                        .hears(Heard.pong("now"), Heard.text("in two fragments")));
    }

    private static <T> void messages(Talks<T> talks) {
        talks.section("7692-7.2.2");
        for (int size : SIZES) {
            byte[] text = ascii("compressible ".repeat(size / 13 + 1).substring(0, size));
            talks.must(
                    "compressed text of %d bytes".formatted(size),
                    of(zipped(Sent.TEXT, Zip.alone(text))).hears(Heard.message(true, text)));
            byte[] noise = FramingTalks.bytes(size);
            talks.must(
                    "compressed noise of %d bytes".formatted(size),
                    of(zipped(Sent.BINARY, Zip.alone(noise))).hears(Heard.binary(noise)));
        }
        byte[] text = ascii("in many fragments, as small as can be");
        byte[] zipped = Zip.alone(text);
        Sent[] single = new Sent[zipped.length];
        for (int i = 0; i < zipped.length; i++) {
            Sent frame = i == 0 ? part(zipped, 0, 1) : rest(Arrays.copyOf(zipped, i + 1), i);
            single[i] = i == zipped.length - 1 ? frame : frame.open();
        }
        talks.must(
                "a compressed message in fragments of one byte",
                of(single).hears(Heard.message(true, text)));
        talks.must(
                "a compressed message in writes of one byte",
                of(zipped(Sent.TEXT, zipped)).hears(Heard.message(true, text)).byteByByte());
        talks.must(
                "a compressed message with empty fragments",
                of(part(zipped, 0, 0).open(), Sent.more(zipped).open(), Sent.more(new byte[0]))
                        .hears(Heard.message(true, text)));
        talks.must(
                "characters may be cut by compressed fragments",
                of(zipped("κόσμε \uD83D\uDE00")).hears(Heard.text("κόσμε \uD83D\uDE00")));
    }

    private static <T> void blocks(Talks<T> talks) {
        talks.section("7692-7.2.3");
        byte[] text = ascii("a block or two");
        talks.must(
                "a stored block",
                of(zipped(Sent.TEXT, Zip.stored(text))).hears(Heard.message(true, text)));
        talks.must(
                "two blocks in one message",
                of(zipped(Sent.TEXT, Zip.inTwoBlocks(ascii("a block "), ascii("or two"))))
                        .hears(Heard.message(true, text)));
        talks.must(
                "a block of the fixed code, as in the RFC's example",
                of(zipped(
                                Sent.TEXT,
                                new byte[] {
                                    (byte) 0xf2,
                                    0x48,
                                    (byte) 0xcd,
                                    (byte) 0xc9,
                                    (byte) 0xc9,
                                    0x07,
                                    0x00
                                }))
                        .hears(Heard.text("Hello")));
        talks.must(
                "the RFC's example in two fragments",
                of(
                                zipped(Sent.TEXT, new byte[] {(byte) 0xf2, 0x48, (byte) 0xcd})
                                        .open(),
                                Sent.more(new byte[] {(byte) 0xc9, (byte) 0xc9, 0x07, 0x00}))
                        .hears(Heard.text("Hello")));
        talks.must(
                "a final block, as in the RFC's example",
                of(zipped(
                                Sent.TEXT,
                                new byte[] {
                                    (byte) 0xf3,
                                    0x48,
                                    (byte) 0xcd,
                                    (byte) 0xc9,
                                    (byte) 0xc9,
                                    0x07,
                                    0x00,
                                    0x00
                                }))
                        .hears(Heard.text("Hello")));
        talks.must(
                "messages behind one with a final block",
                of(
                                zipped(Sent.TEXT, Zip.withFinalBlock(text)),
                                zipped("second"),
                                zipped(Sent.TEXT, Zip.withFinalBlock(ascii("third"))),
                                Sent.text("fourth"))
                        .hears(
                                Heard.message(true, text),
                                Heard.text("second"),
                                Heard.text("third"),
                                Heard.text("fourth")));
        talks.must(
                "an empty message as one byte 00",
                of(zipped(Sent.TEXT, new byte[] {0})).hears(Heard.text("")));
        talks.must(
                "an empty binary message as one byte 00",
                of(zipped(Sent.BINARY, new byte[] {0})).hears(Heard.binary(new byte[0])));
        talks.should(
                "an empty message without a byte",
                of(zipped(Sent.TEXT, new byte[0])).hears(Heard.text("")));
        byte[] large = ascii("0123456789".repeat(20_000));
        talks.must(
                "a message of several stored blocks",
                of(zipped(Sent.TEXT, Zip.stored(large))).hears(Heard.message(true, large)));
    }

    private static <T> void broken(Talks<T> talks) {
        talks.section("7692-7.2.2");
        talks.must(
                "a block of the reserved kind: fails",
                of(zipped(Sent.TEXT, new byte[] {0x06, 0x00})).fails(1007, 1002));
        talks.must(
                "bytes that are no DEFLATE: fails",
                of(zipped(Sent.BINARY, new byte[] {(byte) 0xff, (byte) 0xff, 0x12, 0x34, 0x55}))
                        .fails(1007, 1002));
        talks.must(
                "a stored block whose length contradicts itself: fails",
                of(zipped(Sent.BINARY, new byte[] {0x00, 0x05, 0x00, 0x00, 0x00, 1, 2, 3, 4, 5}))
                        .fails(1007, 1002));
        talks.must(
                "a reference to before the beginning: fails",
                of(zipped(Sent.TEXT, new byte[] {0x02, 0x01, 0x01, 0x00})).fails(1007, 1002));
        byte[] noise = Zip.stored(FramingTalks.bytes(200));
        talks.must(
                "a message that ends inside a block: fails",
                of(zipped(Sent.BINARY, Arrays.copyOf(noise, 100))).fails(1007, 1002));
        talks.section("6455-8.1");
        talks.must(
                "text that is not UTF-8 when it is inflated: fails",
                of(zipped(Sent.TEXT, Zip.alone(new byte[] {'a', (byte) 0xff}))).fails(1007));
        talks.must(
                "text that ends inside a character when it is inflated: fails",
                of(zipped(Sent.TEXT, Zip.alone(new byte[] {'a', (byte) 0xce}))).fails(1007));
        talks.must(
                "compressed bytes need not be UTF-8",
                of(zipped(Sent.TEXT, Zip.alone(ascii("ok")))).hears(Heard.text("ok")));
        talks.section("7692-8");
        talks.should(
                "what would inflate to 256 MiB is refused while it does",
                of(zipped(Sent.BINARY, Bomb.BYTES)).fails(1009));
    }

    private static <T> void context(Talks<T> talks) {
        talks.section("7692-7.2.3.2");
        for (int size : new int[] {32, 1000, 30_000}) {
            byte[] noise = FramingTalks.bytes(size);
            try (Zip.Out out = new Zip.Out(Deflater.BEST_COMPRESSION)) {
                Sent first = zipped(Sent.BINARY, out.message(noise));
                Sent second = zipped(Sent.BINARY, out.message(noise));
                Sent third = zipped(Sent.BINARY, out.message(noise));
                talks.must(
                        "messages of %d bytes may refer back to earlier ones".formatted(size),
                        of(first, second, third)
                                .hears(
                                        Heard.binary(noise),
                                        Heard.binary(noise),
                                        Heard.binary(noise)));
                talks.must(
                        "an uncompressed message does not move the window, %d bytes"
                                .formatted(size),
                        of(first, Sent.text("between"), second)
                                .hears(
                                        Heard.binary(noise),
                                        Heard.text("between"),
                                        Heard.binary(noise)));
            }
        }
    }

    /// 256 MiB of zeros, made once.
    private static final class Bomb {
        static final byte[] BYTES = make();

        private static byte[] make() {
            try (Zip.Out out = new Zip.Out(Deflater.BEST_SPEED)) {
                return out.message(new byte[256 << 20]);
            }
        }
    }

    private static Sent zipped(String text) {
        return zipped(Sent.TEXT, Zip.alone(text.getBytes(UTF_8)));
    }

    private static Sent zipped(int opcode, byte[] data) {
        return Sent.frame(opcode, data).rsv(Sent.RSV1);
    }

    private static Sent part(byte[] data, int from, int to) {
        return zipped(Sent.TEXT, Arrays.copyOfRange(data, from, to));
    }

    private static Sent rest(byte[] data, int from) {
        return Sent.more(Arrays.copyOfRange(data, from, data.length));
    }

    private static byte[] ascii(String text) {
        return text.getBytes(UTF_8);
    }
}
