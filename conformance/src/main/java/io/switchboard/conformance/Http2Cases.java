package io.switchboard.conformance;

import java.io.EOFException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// WebSockets on streams of HTTP/2: RFC 8441. They are asked over TLS only.
final class Http2Cases {
    private static final String NOT_HERE = "no WebSocket over HTTP/2";

    private Http2Cases() {}

    private interface Question {
        Outcome ask(Http2 connection, Target target) throws IOException;
    }

    static void add(Cases<Target> cases) {
        settings(cases);
        requests(cases);
        webSocket(cases);
        streams(cases);
        conversations(cases.section("8441-5"));
    }

    private static void settings(Cases<Target> cases) {
        cases.section("8441-3");
        must(
                cases,
                "the first SETTINGS say that extended CONNECT may be used",
                (connection, target) -> Outcome.pass("1"));
    }

    private static void requests(Cases<Target> cases) {
        cases.section("8441-4");
        must(
                cases,
                "an extended CONNECT for websocket: 200",
                (connection, target) -> status(connection, head(target), 200));
        refused(cases, "without :scheme", target -> without(head(target), ":scheme"));
        refused(cases, "without :path", target -> without(head(target), ":path"));
        refused(cases, "without :authority", target -> without(head(target), ":authority"));
        refused(
                cases,
                "with :protocol in a GET",
                target -> replaced(head(target), ":method", "GET"));
        refused(
                cases,
                "with an unknown :protocol",
                target -> replaced(head(target), ":protocol", "x-unknown"));
        refused(
                cases,
                "with two :protocol",
                target -> with(List.of(":protocol", "websocket"), head(target)));
        refused(
                cases,
                "with a pseudo-header behind the others",
                target -> with(without(head(target), ":path"), List.of(":path", target.path())));
        refused(
                cases,
                "without :protocol, as to a proxy",
                target -> List.of(":method", "CONNECT", ":authority", target.host()));
        cases.section("9113-8.2");
        refused(cases, "with Connection", target -> with(head(target), List.of("connection", "x")));
        refused(
                cases,
                "with Upgrade",
                target -> with(head(target), List.of("upgrade", "websocket")));
        refused(
                cases,
                "with a name in upper case",
                target -> with(head(target), List.of("X-Upper", "x")));
    }

    private static void webSocket(Cases<Target> cases) {
        cases.section("8441-5");
        refused(
                cases,
                "without a version of WebSocket",
                target -> without(head(target), "sec-websocket-version"));
        refused(
                cases,
                "with another version of WebSocket",
                target -> replaced(head(target), "sec-websocket-version", "12"));
        must(
                cases,
                "Sec-WebSocket-Key means nothing here",
                (connection, target) ->
                        status(
                                connection,
                                with(head(target), List.of("sec-websocket-key", "nonsense")),
                                200));
        must(
                cases,
                "subprotocols and extensions may be offered",
                (connection, target) ->
                        status(
                                connection,
                                with(
                                        head(target),
                                        List.of(
                                                "sec-websocket-protocol",
                                                "x.one, x.two",
                                                "sec-websocket-extensions",
                                                "permessage-deflate; client_max_window_bits")),
                                200));
        refused(
                cases,
                "to a path where there is none",
                target -> replaced(head(target), ":path", "/no/such/path"));
    }

    private static void streams(Cases<Target> cases) {
        cases.section("8441-5.1");
        must(
                cases,
                "several WebSockets share a connection",
                (connection, target) -> {
                    List<Http2Stream> streams = new ArrayList<>();
                    for (int i = 0; i < 3; i++) {
                        int stream = connection.request(false, array(head(target)));
                        streams.add(new Http2Stream(connection, stream, false));
                        if (connection.status(stream) != 200) {
                            return Outcome.fail("not 200");
                        }
                    }
                    Outcome outcome = Outcome.fail("none");
                    for (Http2Stream stream : streams.reversed()) {
                        outcome = echo(stream);
                        if (outcome.verdict() != Verdict.PASS) {
                            return outcome;
                        }
                    }
                    return outcome;
                });
        must(
                cases,
                "a refused WebSocket leaves the connection to others",
                (connection, target) -> {
                    connection.request(false, array(replaced(head(target), ":path", "/no/such")));
                    return status(connection, head(target), 200);
                });
        must(
                cases,
                "a stream that is reset leaves the connection to others",
                (connection, target) -> {
                    int first = connection.request(false, array(head(target)));
                    if (connection.status(first) != 200) {
                        return Outcome.fail("not 200");
                    }
                    connection.reset(first);
                    return status(connection, head(target), 200);
                });
        must(
                cases,
                "an ordinary request has its place beside a WebSocket",
                (connection, target) -> {
                    int socket = connection.request(false, array(head(target)));
                    int page =
                            connection.request(
                                    true,
                                    ":method",
                                    "GET",
                                    ":scheme",
                                    "https",
                                    ":authority",
                                    target.host(),
                                    ":path",
                                    "/no/such/page");
                    int status = connection.status(page);
                    if (status < 200 || connection.status(socket) != 200) {
                        return Outcome.fail("the page " + status);
                    }
                    return echo(new Http2Stream(connection, socket, false));
                });
        must(
                cases,
                "the end of our side without a Close ends the other one",
                (connection, target) -> {
                    int stream = connection.request(false, array(head(target)));
                    Http2Stream socket = new Http2Stream(connection, stream, false);
                    if (connection.status(stream) != 200) {
                        return Outcome.fail("not 200");
                    }
                    socket.finish();
                    String last = new Peer(socket, Role.CLIENT, null).hear();
                    return last.equals(Heard.END) || last.startsWith(Heard.close())
                            ? Outcome.pass(last)
                            : Outcome.fail(last);
                });
    }

    private static void conversations(Cases<Target> cases) {
        Talks<Target> talks = new Talks<>(cases, Http2Cases::open);
        byte[] large = FramingTalks.bytes(1 << 20);
        talks.must("text comes back", Conversation.of(Sent.text("é")).hears(Heard.text("é")));
        talks.must(
                "1 MiB comes back, within the windows of both",
                Conversation.of(Sent.binary(large)).hears(Heard.binary(large)));
        talks.must(
                "frames may be cut by DATA of one byte",
                Conversation.of(Sent.text("a").open(), Sent.ping("b"), Sent.more("c"))
                        .hears(Heard.pong("b"), Heard.text("ac"))
                        .byteByByte());
        talks.must(
                "frames without a mask: fails",
                Conversation.of(Sent.text("x").wronglyMasked()).fails(1002));
        talks.must(
                "reserved bits: fails", Conversation.of(Sent.text("x").rsv(Sent.RSV2)).fails(1002));
        talks.must(
                "text that is not UTF-8: fails",
                Conversation.of(Sent.text(new byte[] {(byte) 0xff})).fails(1007));
        talks.must(
                "behind the Close the stream ends",
                Conversation.of(Sent.close(1000)).closes(Heard.close(1000)));
    }

    /// For conversations over a stream; nothing where there is no such thing.
    static Optional<Peer> open(Target target, @org.jspecify.annotations.Nullable Compression c)
            throws IOException {
        Http2 connection = target.secure() && c == null ? Http2.open(target) : null;
        if (connection == null) {
            return Optional.empty();
        }
        int stream =
                connection.offersConnect() ? connection.request(false, array(head(target))) : 0;
        if (stream == 0) {
            connection.close();
            return Optional.empty();
        }
        int status = connection.status(stream);
        if (status != 200) {
            connection.close();
            throw new IOException("expected 200 but was " + status);
        }
        return Optional.of(new Peer(new Http2Stream(connection, stream, true), Role.CLIENT, null));
    }

    // --- Asking ---

    private static void must(Cases<Target> cases, String rule, Question question) {
        cases.must(
                rule,
                target -> {
                    if (!target.secure()) {
                        return Outcome.notApplicable("without TLS");
                    }
                    try (Http2 connection = Http2.open(target)) {
                        return connection == null || !connection.offersConnect()
                                ? Outcome.notApplicable(NOT_HERE)
                                : question.ask(connection, target);
                    }
                });
    }

    private interface Heads {
        List<String> of(Target target);
    }

    /// With a status, or an error of the stream or the connection.
    private static void refused(Cases<Target> cases, String rule, Heads heads) {
        must(
                cases,
                "a request " + rule + ": refused",
                (connection, target) -> {
                    try {
                        int stream = connection.request(false, array(heads.of(target)));
                        int status = connection.status(stream);
                        boolean refused = status == 0 || status >= 400;
                        return refused
                                ? Outcome.pass(status == 0 ? "reset" : String.valueOf(status))
                                : Outcome.fail(String.valueOf(status));
                    } catch (EOFException e) {
                        return Outcome.pass(Heard.END);
                    }
                });
    }

    private static Outcome status(Http2 connection, List<String> head, int expected)
            throws IOException {
        int stream = connection.request(false, array(head));
        int status = connection.status(stream);
        return status == expected
                ? echo(new Http2Stream(connection, stream, false))
                : Outcome.fail(String.valueOf(status));
    }

    private static Outcome echo(Http2Stream stream) throws IOException {
        return Conversation.of(Sent.text("open"))
                .hears(Heard.text("open"))
                .with(new Peer(stream, Role.CLIENT, null));
    }

    // --- Heads ---

    private static List<String> head(Target target) {
        return List.of(
                ":method",
                "CONNECT",
                ":protocol",
                "websocket",
                ":scheme",
                "https",
                ":authority",
                target.host(),
                ":path",
                target.path(),
                "sec-websocket-version",
                "13");
    }

    private static List<String> without(List<String> head, String name) {
        List<String> rest = new ArrayList<>();
        for (int i = 0; i < head.size(); i += 2) {
            if (!head.get(i).equals(name)) {
                rest.addAll(head.subList(i, i + 2));
            }
        }
        return rest;
    }

    private static List<String> replaced(List<String> head, String name, String value) {
        List<String> changed = new ArrayList<>(head);
        changed.set(changed.indexOf(name) + 1, value);
        return changed;
    }

    private static List<String> with(List<String> head, List<String> more) {
        List<String> both = new ArrayList<>(head);
        both.addAll(more);
        return both;
    }

    private static String[] array(List<String> head) {
        return Arrays.copyOf(head.toArray(String[]::new), head.size());
    }
}
