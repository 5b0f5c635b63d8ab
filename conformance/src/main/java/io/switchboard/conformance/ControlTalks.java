package io.switchboard.conformance;

import static io.switchboard.conformance.Conversation.of;

/// Pings and pongs, and what holds for all control frames: RFC 6455 section 5.5.
final class ControlTalks {
    private ControlTalks() {}

    static <T> void add(Talks<T> talks) {
        talks.section("6455-5.5");
        talks.must("a ping in fragments: fails", of(Sent.ping("a").open()).fails(1002));
        talks.must(
                "a ping in fragments with its continuation: fails",
                of(Sent.ping("a").open(), Sent.more("b")).fails(1002));
        talks.must("a pong in fragments: fails", of(Sent.pong("a").open()).fails(1002));
        talks.must("a Close in fragments: fails", of(Sent.close(1000).open()).failsByItself(1002));
        String tooLong = "p".repeat(126);
        talks.must("a ping of 126 bytes: fails", of(Sent.ping(tooLong)).fails(1002));
        talks.must("a pong of 126 bytes: fails", of(Sent.pong(tooLong)).fails(1002));
        talks.must(
                "a Close of 126 bytes: fails",
                of(Sent.close(1000, "c".repeat(124))).failsByItself(1002));
        talks.must("a ping of 65,536 bytes: fails", of(Sent.ping("p".repeat(1 << 16))).fails(1002));
        talks.must(
                "a short ping with its length in 16 bits: fails",
                of(Sent.ping("short").lengthBits(16)).fails(1002));
        talks.must(
                "a ping in fragments is refused by its header alone, at best",
                of(Sent.ping("").open().claiming(100)).failsEarly(1002));

        talks.section("6455-5.5.2");
        for (int size : new int[] {0, 1, 2, 124, 125}) {
            String payload = "p".repeat(size);
            talks.must(
                    "a ping of %d bytes is answered with the same bytes".formatted(size),
                    of(Sent.ping(payload)).hears(Heard.pong(payload)));
        }
        byte[] binary = FramingTalks.bytes(125);
        talks.must(
                "a ping may carry any bytes",
                of(Sent.frame(Sent.PING, binary)).hears(Heard.pong(binary)));
        talks.must(
                "a ping of 125 bytes, sent byte by byte",
                of(Sent.frame(Sent.PING, binary)).hears(Heard.pong(binary)).byteByByte());
        talks.must(
                "ten pings are answered in order, or the last of them",
                of(tenPings()).hears(tenPongs()).hears(Heard.pong("ping 9")));
        talks.must(
                "a ping between messages is answered, and may be before their echoes",
                of(Sent.text("a"), Sent.ping("b"), Sent.text("c"))
                        .hears(Heard.text("a"), Heard.pong("b"), Heard.text("c"))
                        .hears(Heard.pong("b"), Heard.text("a"), Heard.text("c"))
                        .tolerates(Heard.text("a"), Heard.text("c"), Heard.pong("b")));

        talks.section("6455-5.5.3");
        talks.must("a pong that nobody asked for is ignored", of(Sent.pong("x")));
        talks.must("an empty pong that nobody asked for is ignored", of(Sent.pong("")));
        talks.must(
                "a pong of 125 bytes that nobody asked for is ignored",
                of(Sent.pong("p".repeat(125))));
        talks.must(
                "pongs that nobody asked for leave the connection as it is",
                of(Sent.pong("1"), Sent.pong("2"), Sent.ping("3"), Sent.text("4"))
                        .hears(Heard.pong("3"), Heard.text("4")));
    }

    private static Sent[] tenPings() {
        Sent[] pings = new Sent[10];
        for (int i = 0; i < pings.length; i++) {
            pings[i] = Sent.ping("ping " + i);
        }
        return pings;
    }

    private static String[] tenPongs() {
        String[] pongs = new String[10];
        for (int i = 0; i < pongs.length; i++) {
            pongs[i] = Heard.pong("ping " + i);
        }
        return pongs;
    }
}
