package io.switchboard.conformance;

import static io.switchboard.conformance.Conversation.of;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/// Text is UTF-8, in every message and nowhere else: RFC 6455 sections 5.6 and 8.1, RFC 3629.
final class Utf8Talks {
    private static final List<String> VALID =
            List.of(
                    "00",
                    "7f",
                    "c280",
                    "dfbf",
                    "e0a080",
                    "ed9fbf",
                    "ee8080",
                    "efbfbd",
                    "efbfbe",
                    "efbfbf",
                    "efbbbf",
                    "f0908080",
                    "f09f9880",
                    "f3bfbfbf",
                    "f48fbfbf",
                    "cebae1bdb9cf83cebcceb5",
                    "48656c6c6fe28692f09d849ee282ac",
                    "efb790efb7af");

    private static final List<String> INVALID =
            List.of(
                    // Continuations of nothing.
                    "80",
                    "bf",
                    "8080",
                    "61bf62",
                    "808182838485",
                    // Beginnings without an end.
                    "c2",
                    "df",
                    "e0a0",
                    "e1",
                    "efbf",
                    "f0",
                    "f090",
                    "f09080",
                    "f48fbf",
                    "c261",
                    "e18061",
                    "f0908061",
                    "c2c280",
                    // Longer than necessary.
                    "c080",
                    "c0af",
                    "c1bf",
                    "e08080",
                    "e080af",
                    "e09fbf",
                    "f0808080",
                    "f08080af",
                    "f08fbfbf",
                    "f8808080af",
                    "fc80808080af",
                    // Surrogates, alone and in pairs.
                    "eda080",
                    "edadbf",
                    "edae80",
                    "edafbf",
                    "edb080",
                    "edbe80",
                    "edbfbf",
                    "eda080edb080",
                    "edafbfedbfbf",
                    // Beyond the last character.
                    "f4908080",
                    "f5808080",
                    "f7bfbfbf",
                    "f888808080",
                    "fbbfbfbfbf",
                    "fc8480808080",
                    "fdbfbfbfbfbf",
                    // Never in UTF-8.
                    "fe",
                    "ff",
                    "fefeffff",
                    "cebae1bdb9cf83cebcceb5eda080656469746564");

    private Utf8Talks() {}

    static <T> void add(Talks<T> talks) {
        talks.section("6455-8.1");
        for (String hex : VALID) {
            byte[] text = bytes(hex);
            talks.must(
                    "text %s is UTF-8".formatted(hex),
                    of(Sent.text(text)).hears(Heard.message(true, text)));
        }
        for (String hex : INVALID) {
            talks.must(
                    "text %s is not UTF-8: fails".formatted(hex),
                    of(Sent.text("before"), Sent.text(bytes(hex)))
                            .hears(Heard.text("before"))
                            .fails(1007));
        }
        inFragments(talks);
        early(talks);
    }

    private static <T> void inFragments(Talks<T> talks) {
        byte[] text = bytes("cebae1bdb9cf83cebcceb5f09f9880");
        Sent[] single = new Sent[text.length];
        for (int i = 0; i < text.length; i++) {
            byte[] one = {text[i]};
            Sent frame = i == 0 ? Sent.text(one) : Sent.more(one);
            single[i] = i == text.length - 1 ? frame : frame.open();
        }
        talks.must(
                "characters may be cut by fragments of one byte",
                of(single).hears(Heard.message(true, text)));
        talks.must(
                "characters may be cut by writes of one byte",
                of(Sent.text(text)).hears(Heard.message(true, text)).byteByByte());
        for (int cut : new int[] {1, 2, 3}) {
            byte[] smile = bytes("f09f9880");
            talks.must(
                    "a character of four bytes may be cut behind byte %d, with a ping between"
                            .formatted(cut),
                    of(
                                    Sent.text(Arrays.copyOf(smile, cut)).open(),
                                    Sent.ping("between"),
                                    Sent.more(Arrays.copyOfRange(smile, cut, 4)))
                            .hears(Heard.pong("between"), Heard.message(true, smile)));
        }
        talks.must(
                "a character that no fragment ends: fails",
                of(Sent.text(bytes("61ce")).open(), Sent.more("")).fails(1007));
        talks.must(
                "a character that the next message would end: fails",
                of(Sent.text(bytes("ce")), Sent.text(bytes("ba"))).fails(1007));
        talks.must(
                "a surrogate that is cut by fragments: fails",
                of(Sent.text(bytes("ed")).open(), Sent.more(bytes("a080"))).fails(1007));
        talks.must(
                "a long text with a wrong last byte: fails",
                of(Sent.text(lastByteWrong(70_000))).fails(1007));
        talks.must(
                "each message begins anew",
                of(Sent.text(bytes("c280")), Sent.text(bytes("e0a080")))
                        .hears(
                                Heard.message(true, bytes("c280")),
                                Heard.message(true, bytes("e0a080"))));
    }

    private static <T> void early(Talks<T> talks) {
        talks.should(
                "a wrong first fragment fails before the second comes",
                of(Sent.text(bytes("cebaff")).open()).failsEarly(1007));
        talks.should(
                "a wrong second fragment fails before the third comes",
                of(Sent.text(bytes("ceba")).open(), Sent.more(bytes("f4908080")).open())
                        .failsEarly(1007));
        talks.should(
                "a wrong byte inside a frame fails before the frame is whole",
                of(Sent.text(bytes("ceba80")).claiming(1000)).failsEarly(1007));
        talks.should(
                "an overlong beginning fails with its second byte",
                of(Sent.text(bytes("e080")).claiming(1000)).failsEarly(1007));
        talks.should(
                "a beginning beyond the last character fails with its second byte",
                of(Sent.text(bytes("f490")).open()).failsEarly(1007));
        talks.should(
                "a beginning that never is one fails with its first byte",
                of(Sent.text(bytes("f5")).open()).failsEarly(1007));
    }

    private static byte[] lastByteWrong(int length) {
        byte[] text = new byte[length];
        Arrays.fill(text, (byte) 'a');
        text[length - 1] = (byte) 0xc0;
        return text;
    }

    private static byte[] bytes(String hex) {
        return HexFormat.of().parseHex(hex);
    }
}
