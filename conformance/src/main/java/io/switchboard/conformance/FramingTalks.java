package io.switchboard.conformance;

import static io.switchboard.conformance.Conversation.of;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.List;
import java.util.Random;

/// Frames: RFC 6455 sections 5.1 to 5.3 and 5.6.
final class FramingTalks {
    private static final int[] SIZES = {
        0, 1, 124, 125, 126, 127, 128, 255, 256, 65_534, 65_535, 65_536, 65_537, 1 << 20
    };
    private static final int[] DRIPPED = {0, 1, 125, 126, 127, 128, 1000};

    private FramingTalks() {}

    static <T> void add(Talks<T> talks) {
        masking(talks);
        reserved(talks);
        lengths(talks);
        sizes(talks);
    }

    private static <T> void masking(Talks<T> talks) {
        talks.section("6455-5.1");
        List<Sent> all =
                List.of(
                        Sent.text("x"),
                        Sent.binary(bytes(3)),
                        Sent.ping("x"),
                        Sent.pong("x"),
                        Sent.close(1000));
        for (Sent frame : all) {
            talks.must(
                    "%s masked as only the other end may: the connection fails".formatted(frame),
                    of(frame.wronglyMasked()).fails(1002));
        }
        talks.must(
                "a continuation masked as only the other end may: the connection fails",
                of(Sent.text("a").open(), Sent.more("b").wronglyMasked()).fails(1002));
        talks.must(
                "an empty frame masked as only the other end may: the connection fails",
                of(Sent.text("").wronglyMasked()).fails(1002));
        talks.section("6455-5.3");
        talks.must(
                "a masking key of zeros is a key",
                of(Sent.text("zeros").key(0)).hears(Heard.text("zeros")));
        talks.must(
                "a masking key of ones is a key",
                of(Sent.text("ones").key(-1)).hears(Heard.text("ones")));
        talks.must(
                "every frame has the key in its own header",
                of(Sent.text("first").key(0x01020304), Sent.text("second").key(0x0badcafe))
                        .hears(Heard.text("first"), Heard.text("second")));
        talks.must(
                "every fragment has the key in its own header, and starts at its first byte",
                of(
                                Sent.text("12345").open().key(0x01020304),
                                Sent.more("678").open().key(0x7fffffff),
                                Sent.more("90").key(0x00ff00ff))
                        .hears(Heard.text("1234567890")));
    }

    private static <T> void reserved(Talks<T> talks) {
        talks.section("6455-5.2");
        for (int rsv = 1; rsv <= 7; rsv++) {
            talks.must(
                    "reserved bits %d on a text frame, nothing agreed: fails".formatted(rsv),
                    of(Sent.text("before"), Sent.text("x").rsv(rsv))
                            .hears(Heard.text("before"))
                            .fails(1002));
        }
        for (int rsv : new int[] {1, 2, 4}) {
            talks.must(
                    "reserved bit %d on a binary frame: fails".formatted(rsv),
                    of(Sent.binary(bytes(4)).rsv(rsv)).fails(1002));
            talks.must(
                    "reserved bit %d on a ping: fails".formatted(rsv),
                    of(Sent.ping("x").rsv(rsv)).fails(1002));
            talks.must(
                    "reserved bit %d on a pong: fails".formatted(rsv),
                    of(Sent.pong("x").rsv(rsv)).fails(1002));
            talks.must(
                    "reserved bit %d on a Close: fails".formatted(rsv),
                    of(Sent.close(1000).rsv(rsv)).failsByItself(1002));
            talks.must(
                    "reserved bit %d on a continuation: fails".formatted(rsv),
                    of(Sent.text("a").open(), Sent.more("b").rsv(rsv)).fails(1002));
        }
        for (int opcode : new int[] {3, 4, 5, 6, 7, 11, 12, 13, 14, 15}) {
            talks.must(
                    "the reserved opcode %d: fails".formatted(opcode),
                    of(Sent.text("before"), Sent.frame(opcode, new byte[0]))
                            .hears(Heard.text("before"))
                            .fails(1002));
            talks.must(
                    "the reserved opcode %d with a payload: fails".formatted(opcode),
                    of(Sent.frame(opcode, bytes(9)), Sent.ping("not this")).fails(1002));
        }
        talks.must(
                "a reserved opcode between fragments: fails",
                of(Sent.text("a").open(), Sent.frame(3, bytes(1)), Sent.more("b")).fails(1002));
    }

    private static <T> void lengths(Talks<T> talks) {
        talks.section("6455-5.2");
        for (int length : new int[] {0, 5, 125}) {
            talks.must(
                    "a length of %d in 16 bits is not the shortest: fails".formatted(length),
                    of(Sent.binary(bytes(length)).lengthBits(16)).fails(1002));
        }
        for (int length : new int[] {0, 5, 125, 126, 300, 65_535}) {
            talks.must(
                    "a length of %d in 64 bits is not the shortest: fails".formatted(length),
                    of(Sent.binary(bytes(length)).lengthBits(64)).fails(1002));
        }
        talks.must(
                "a 64-bit length with its top bit set: fails",
                of(Sent.binary(bytes(0)).claiming(Long.MIN_VALUE)).failsEarly(1002, 1009));
        talks.must(
                "a 64-bit length of all ones: fails",
                of(Sent.binary(bytes(0)).claiming(-1)).failsEarly(1002, 1009));
        talks.should(
                "a length of 2^62 is refused by the header alone",
                of(Sent.binary(bytes(0)).claiming(1L << 62)).failsEarly(1009));
        talks.should(
                "a length of 1 TiB is refused by the header alone",
                of(Sent.text("").claiming(1L << 40)).failsEarly(1009));
        talks.must(
                "a reserved bit is seen before the payload has come, at best",
                of(Sent.binary(bytes(1)).rsv(2).claiming(1000)).failsEarly(1002));
        talks.must(
                "a reserved opcode is seen before the payload has come, at best",
                of(Sent.frame(5, bytes(1)).claiming(100)).failsEarly(1002));
    }

    private static <T> void sizes(Talks<T> talks) {
        talks.section("6455-5.6");
        for (int size : SIZES) {
            String text = "*".repeat(size);
            talks.must(
                    "text of %d bytes comes back".formatted(size),
                    of(Sent.text(text)).hears(Heard.text(text)));
            talks.must(
                    "binary of %d bytes comes back".formatted(size),
                    of(Sent.binary(bytes(size))).hears(Heard.binary(bytes(size))));
        }
        for (int size : DRIPPED) {
            String text = "é".repeat(size / 2);
            talks.must(
                    "text of %d bytes, sent byte by byte, comes back".formatted(2 * (size / 2)),
                    of(Sent.text(text)).hears(Heard.text(text)).byteByByte());
            talks.must(
                    "binary of %d bytes, sent byte by byte, comes back".formatted(size),
                    of(Sent.binary(bytes(size))).hears(Heard.binary(bytes(size))).byteByByte());
        }
        talks.must(
                "text and binary are not taken for each other",
                of(Sent.text("same"), Sent.binary("same".getBytes(UTF_8)))
                        .hears(Heard.text("same"), Heard.binary("same".getBytes(UTF_8))));
        talks.must(
                "binary may be what no text may be",
                of(Sent.binary(new byte[] {(byte) 0xff, (byte) 0xc0, 0}))
                        .hears(Heard.binary(new byte[] {(byte) 0xff, (byte) 0xc0, 0})));
        Sent[] many = new Sent[500];
        String[] echoes = new String[many.length];
        for (int i = 0; i < many.length; i++) {
            many[i] = Sent.text("message " + i);
            echoes[i] = Heard.text("message " + i);
        }
        talks.must("500 messages at once come back in order", of(many).hears(echoes));
    }

    /// Any bytes, the same each time.
    static byte[] bytes(int length) {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return bytes;
    }
}
