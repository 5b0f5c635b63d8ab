package io.switchboard.conformance;

import static io.switchboard.conformance.Conversation.of;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Arrays;

/// Fragments and what may stand between them: RFC 6455 sections 5.4 and 5.5.
final class FragmentTalks {
    private FragmentTalks() {}

    static <T> void add(Talks<T> talks) {
        fragments(talks);
        between(talks);
        outOfOrder(talks);
        pieces(talks);
    }

    private static <T> void fragments(Talks<T> talks) {
        talks.section("6455-5.4");
        talks.must(
                "text in two fragments is one message",
                of(Sent.text("one").open(), Sent.more("two")).hears(Heard.text("onetwo")));
        talks.must(
                "binary in two fragments is one message",
                of(Sent.binary(bytes("one")).open(), Sent.more("two"))
                        .hears(Heard.binary(bytes("onetwo"))));
        talks.must(
                "three fragments are one message",
                of(Sent.text("a").open(), Sent.more("b").open(), Sent.more("c"))
                        .hears(Heard.text("abc")));
        talks.must(
                "an empty first fragment",
                of(Sent.text("").open(), Sent.more("rest")).hears(Heard.text("rest")));
        talks.must(
                "an empty fragment in the middle",
                of(Sent.text("a").open(), Sent.more("").open(), Sent.more("b"))
                        .hears(Heard.text("ab")));
        talks.must(
                "an empty last fragment",
                of(Sent.text("all").open(), Sent.more("")).hears(Heard.text("all")));
        talks.must(
                "empty fragments only",
                of(Sent.text("").open(), Sent.more("").open(), Sent.more(""))
                        .hears(Heard.text("")));
        talks.must(
                "an empty binary message in fragments",
                of(Sent.binary(new byte[0]).open(), Sent.more(""))
                        .hears(Heard.binary(new byte[0])));
        talks.must(
                "two messages in fragments, one behind the other",
                of(
                                Sent.text("a").open(),
                                Sent.more("b"),
                                Sent.binary(bytes("c")).open(),
                                Sent.more("d"))
                        .hears(Heard.text("ab"), Heard.binary(bytes("cd"))));
        talks.must(
                "fragments sent byte by byte",
                of(Sent.text("one").open(), Sent.more("").open(), Sent.more("two"))
                        .hears(Heard.text("onetwo"))
                        .byteByByte());
        talks.must(
                "a fragment of 64 KiB behind one of a byte",
                of(Sent.binary(new byte[1]).open(), Sent.more(new byte[1 << 16]))
                        .hears(Heard.binary(new byte[1 + (1 << 16)])));
    }

    private static <T> void between(Talks<T> talks) {
        talks.section("6455-5.4");
        talks.must(
                "a ping between fragments is answered, and the message goes on",
                of(Sent.text("a").open(), Sent.ping("now"), Sent.more("b"))
                        .hears(Heard.pong("now"), Heard.text("ab")));
        talks.must(
                "a ping between fragments, sent byte by byte",
                of(Sent.text("a").open(), Sent.ping("now"), Sent.more("b"))
                        .hears(Heard.pong("now"), Heard.text("ab"))
                        .byteByByte());
        talks.must(
                "an empty ping between fragments",
                of(Sent.text("a").open(), Sent.ping(""), Sent.more("b"))
                        .hears(Heard.pong(""), Heard.text("ab")));
        talks.must(
                "a pong between fragments is no part of the message",
                of(Sent.text("a").open(), Sent.pong("x"), Sent.more("b")).hears(Heard.text("ab")));
        talks.must(
                "pings between all fragments",
                of(
                                Sent.binary(bytes("a")).open(),
                                Sent.ping("1"),
                                Sent.more("b").open(),
                                Sent.ping("2"),
                                Sent.more("c"))
                        .hears(Heard.pong("1"), Heard.pong("2"), Heard.binary(bytes("abc")))
                        .hears(Heard.pong("2"), Heard.binary(bytes("abc"))));
        talks.must(
                "a Close between fragments is answered, and the message is given up",
                of(Sent.text("a").open(), Sent.close(1000), Sent.more("b"))
                        .closes(Heard.close(1000)));
    }

    private static <T> void outOfOrder(Talks<T> talks) {
        talks.section("6455-5.4");
        talks.must("a continuation of nothing: fails", of(Sent.more("x")).fails(1002));
        talks.must(
                "a continuation of nothing that goes on: fails",
                of(Sent.more("x").open(), Sent.more("y")).fails(1002));
        talks.must(
                "a continuation behind a whole message: fails",
                of(Sent.text("whole"), Sent.more("more")).hears(Heard.text("whole")).fails(1002));
        talks.must(
                "a continuation behind the last fragment: fails",
                of(Sent.text("a").open(), Sent.more("b"), Sent.more("c"))
                        .hears(Heard.text("ab"))
                        .fails(1002));
        talks.must(
                "a text frame inside a text message: fails",
                of(Sent.text("a").open(), Sent.text("b")).fails(1002));
        talks.must(
                "a binary frame inside a text message: fails",
                of(Sent.text("a").open(), Sent.binary(bytes("b"))).fails(1002));
        talks.must(
                "a text frame inside a binary message: fails",
                of(Sent.binary(bytes("a")).open(), Sent.text("b").open()).fails(1002));
        talks.must("an empty continuation of nothing: fails", of(Sent.more("")).fails(1002));
    }

    private static <T> void pieces(Talks<T> talks) {
        talks.section("6455-5.4");
        byte[] message = FramingTalks.bytes(1 << 16);
        for (int size : new int[] {64, 256, 1000, 4096, 65_535}) {
            int count = (message.length + size - 1) / size;
            Sent[] frames = new Sent[count];
            for (int i = 0; i < count; i++) {
                byte[] piece =
                        Arrays.copyOfRange(
                                message, i * size, Math.min(message.length, (i + 1) * size));
                Sent frame = i == 0 ? Sent.binary(piece) : Sent.more(piece);
                frames[i] = i == count - 1 ? frame : frame.open();
            }
            talks.must(
                    "64 KiB in fragments of %d bytes".formatted(size),
                    of(frames).hears(Heard.binary(message)));
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }
}
