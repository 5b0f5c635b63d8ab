package io.switchboard.conformance;

import static io.switchboard.conformance.Conversation.of;

/// The end of a connection: RFC 6455 sections 5.5.1, 7.1 and 7.4.
final class CloseTalks {
    private static final int[] LEGAL = {
        1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999
    };
    private static final int[] REGISTERED_LATER = {1012, 1013, 1014};
    private static final int[] ILLEGAL = {
        0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535
    };

    private CloseTalks() {}

    static <T> void add(Talks<T> talks) {
        payloads(talks);
        codes(talks);
        afterwards(talks);
    }

    private static <T> void payloads(Talks<T> talks) {
        talks.section("6455-5.5.1");
        talks.must(
                "a Close without a code is answered",
                of(Sent.close()).closes(Heard.close(), Heard.close(1000)));
        talks.must(
                "a Close of one byte: fails",
                of(Sent.frame(Sent.CLOSE, new byte[] {3})).failsByItself(1002));
        talks.must("a Close with a code is answered", of(Sent.close(1000)).closes(anyOf(1000)));
        for (int length : new int[] {1, 10, 122, 123}) {
            talks.must(
                    "a Close with a reason of %d bytes is answered".formatted(length),
                    of(Sent.close(1000, "r".repeat(length))).closes(anyOf(1000)));
        }
        talks.must(
                "a reason may be any UTF-8",
                of(Sent.close(1000, "κόσμε \uD83D\uDE00")).closes(anyOf(1000)));
        talks.must(
                "a reason with a byte that is never UTF-8: fails",
                of(Sent.close(1000, new byte[] {'o', 'k', (byte) 0xff})).failsByItself(1007, 1002));
        talks.must(
                "a reason with a surrogate: fails",
                of(Sent.close(1000, new byte[] {(byte) 0xed, (byte) 0xa0, (byte) 0x80}))
                        .failsByItself(1007, 1002));
        talks.must(
                "a reason that ends inside a character: fails",
                of(Sent.close(1000, new byte[] {(byte) 0xce})).failsByItself(1007, 1002));
        talks.must(
                "a Close, sent byte by byte, is answered",
                of(Sent.close(1000, "slowly")).closes(anyOf(1000)).byteByByte());
    }

    private static <T> void codes(Talks<T> talks) {
        talks.section("6455-7.4.1");
        for (int code : LEGAL) {
            talks.must(
                    "a Close with %d is answered".formatted(code),
                    of(Sent.close(code)).closes(anyOf(code)));
        }
        talks.section("6455-7.4.2");
        for (int code : REGISTERED_LATER) {
            talks.should(
                    "a Close with %d, which was registered later, is answered".formatted(code),
                    of(Sent.close(code)).closes(anyOf(code)));
        }
        for (int code : ILLEGAL) {
            talks.must(
                    "a Close with %d, which no end may send: fails".formatted(code),
                    of(Sent.close(code)).failsByItself(1002));
        }
    }

    private static <T> void afterwards(Talks<T> talks) {
        talks.section("6455-5.5.1");
        talks.must(
                "a second Close is not answered",
                of(Sent.close(1000), Sent.close(1001)).closes(anyOf(1000)));
        talks.must(
                "a ping behind a Close is not answered",
                of(Sent.close(1000), Sent.ping("late")).closes(anyOf(1000)));
        talks.must(
                "a message behind a Close does not come back",
                of(Sent.close(1000), Sent.text("late")).closes(anyOf(1000)));
        talks.must(
                "a broken frame behind a Close changes nothing",
                of(Sent.close(1000), Sent.frame(7, new byte[0])).closes(anyOf(1000)));
        talks.must(
                "what is no frame behind a Close changes nothing",
                of(Sent.close(1000)).behind(FramingTalks.bytes(64)).closes(anyOf(1000)));
        talks.should(
                "messages before a Close come back before its answer",
                of(Sent.text("a"), Sent.binary(new byte[0]), Sent.close(3000))
                        .hears(Heard.text("a"), Heard.binary(new byte[0]))
                        .tolerates()
                        .tolerates(Heard.text("a"))
                        .closes(anyOf(3000)));
        talks.section("6455-7.1.1");
        talks.must(
                "64 KiB and then a Close: the echo, the answer, the end of the transport",
                of(Sent.binary(FramingTalks.bytes(1 << 16)), Sent.close(1000))
                        .hears(Heard.binary(FramingTalks.bytes(1 << 16)))
                        .tolerates()
                        .closes(anyOf(1000)));
        talks.section("6455-7.1.7");
        talks.must(
                "a failed connection ends at once, with or without our Close",
                of(Sent.frame(3, new byte[0])).failsByItself(1002));
        talks.must(
                "nothing behind a violation is looked at",
                of(Sent.more("x"), Sent.ping("late"), Sent.text("late")).fails(1002));
        talks.must(
                "behind a violation no second Close follows",
                of(Sent.text("x").rsv(1), Sent.close(1000)).failsByItself(1002));
    }

    /// An answer repeats the code, or says that all is well.
    private static String[] anyOf(int code) {
        return code == 1000
                ? new String[] {Heard.close(1000)}
                : new String[] {Heard.close(code), Heard.close(1000)};
    }
}
