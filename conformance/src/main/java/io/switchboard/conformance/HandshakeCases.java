package io.switchboard.conformance;

import static io.switchboard.conformance.Handshake.request;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;

/// The opening handshake as a server has to take it: RFC 6455 section 4.2, with what RFC 9110 and
/// RFC 9112 say about every request.
final class HandshakeCases {
    private HandshakeCases() {}

    static void add(Cases<Target> cases) {
        good(cases);
        methodAndVersion(cases);
        host(cases);
        upgrade(cases);
        key(cases);
        webSocketVersion(cases);
        http(cases);
        behind(cases);
    }

    private static void good(Cases<Target> cases) {
        cases.section("6455-4.2.2");
        must(cases, "a valid request: 101 with the digest of its key", request());
        cases.must("an answer has no extension that was not offered", absent("Extensions"));
        cases.must("an answer has no subprotocol that was not offered", absent("Protocol"));
        must(cases, "the request may come byte by byte", request().byteByByte());
        must(
                cases,
                "fields that nobody knows change nothing",
                request().with("X-Anything: x", "Cookie: a=b", "User-Agent: a test"));
        cases.section("6455-4.2.1");
        must(
                cases,
                "names of fields in any case",
                request()
                        .without("Upgrade")
                        .without("Sec-WebSocket-Key")
                        .with("UPGRADE: websocket", "sec-websocket-KEY: " + Http1.KEY));
        must(
                cases,
                "spaces around values",
                request()
                        .without("Upgrade")
                        .without("Sec-WebSocket-Version")
                        .with("Upgrade:   websocket  ", "Sec-WebSocket-Version:13"));
    }

    private static void methodAndVersion(Cases<Target> cases) {
        cases.section("6455-4.2.1");
        for (String method : List.of("POST", "PUT", "DELETE", "OPTIONS", "HEAD", "get")) {
            must(
                    cases,
                    "the method " + method + " opens nothing",
                    request()
                            .first(target -> method + " " + target.path() + " HTTP/1.1")
                            .refused(400, 403, 404, 405, 501));
        }
        must(
                cases,
                "HTTP/1.0 opens nothing",
                request()
                        .first(target -> "GET " + target.path() + " HTTP/1.0")
                        .refused(400, 404, 426, 505));
        for (String version : List.of("HTTP/2.0", "HTTP/9.9", "HTTP/1", "http/1.1", "HTTPS/1.1")) {
            must(
                    cases,
                    "the version " + version + " opens nothing",
                    request()
                            .first(target -> "GET " + target.path() + " " + version)
                            .refused(400, 505));
        }
    }

    private static void host(Cases<Target> cases) {
        cases.section("9112-3.2");
        must(cases, "no Host: refused", request().without("Host").refused(400));
        must(
                cases,
                "two Hosts: refused",
                request().withEach(target -> List.of("Host: " + target.host())).refused(400));
        for (String host : List.of("", "a b", "a/b", "user@localhost", "localhost:port")) {
            must(
                    cases,
                    "the Host '" + host + "' is none: refused",
                    request().instead("Host", "Host: " + host).refused(400, 403));
        }
        must(
                cases,
                "a target with a fragment: refused",
                request().first(target -> "GET " + target.path() + "#x HTTP/1.1").refused(400));
        must(
                cases,
                "a target with a space: refused",
                request().first(target -> "GET " + target.path() + " x HTTP/1.1").refused(400));
        must(
                cases,
                "a target in absolute form is as good as a path",
                request()
                        .first(target ->
                                "GET http%s://%s%s HTTP/1.1"
                                        .formatted(
                                                target.secure() ? "s" : "",
                                                target.host(),
                                                target.path())));
        must(
                cases,
                "the target * opens nothing",
                request().first(target -> "GET * HTTP/1.1").refused(400, 404));
    }

    private static void upgrade(Cases<Target> cases) {
        cases.section("6455-4.2.1");
        int[] plain = {200, 400, 403, 404, 405, 426};
        must(cases, "no Upgrade: nothing opens", request().without("Upgrade").refused(plain));
        must(cases, "no Connection: nothing opens", request().without("Connection").refused(plain));
        for (String value : List.of("websockets", "web-socket", "h2c", "notwebsocket")) {
            must(
                    cases,
                    "Upgrade: " + value + " opens nothing",
                    request().instead("Upgrade", "Upgrade: " + value).refused(plain));
        }
        for (String value : List.of("notupgrade", "keep-alive", "Upgraded", "close")) {
            must(
                    cases,
                    "Connection: " + value + " opens nothing",
                    request().instead("Connection", "Connection: " + value).refused(plain));
        }
        for (String value : List.of("WEBSOCKET", "WebSocket")) {
            must(
                    cases,
                    "Upgrade: " + value + " is as good",
                    request().instead("Upgrade", "Upgrade: " + value));
        }
        for (String value :
                List.of("upgrade", "keep-alive, Upgrade", "UPGRADE,keep-alive", "  Upgrade ,x")) {
            must(
                    cases,
                    "Connection: " + value.strip() + " is as good",
                    request().instead("Connection", "Connection: " + value));
        }
        must(
                cases,
                "Connection in two fields is as good",
                request().instead("Connection", "Connection: keep-alive", "Connection: Upgrade"));
        must(
                cases,
                "one of several protocols of Upgrade is enough",
                request().instead("Upgrade", "Upgrade: foo, websocket"));
    }

    private static void key(Cases<Target> cases) {
        cases.section("6455-4.2.1");
        String name = "Sec-WebSocket-Key";
        must(cases, "no key: refused", request().without(name).refused(400));
        for (String key :
                List.of(
                        "",
                        "x",
                        "dGhlIHNhbXBsZSBub25j",
                        "dGhlIHNhbXBsZSBub25jZSE=",
                        "dGhlIHNhbXBsZSBub25jZQ",
                        "dGhlIHNhbXBsZSBub25jZ!==",
                        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")) {
            must(
                    cases,
                    "the key '" + key + "' is not 16 bytes in base64: refused",
                    request().instead(name, name + ": " + key).betterRefused(400));
        }
        cases.section("6455-11.3.1");
        must(
                cases,
                "two keys: refused",
                request().with(name + ": AAAAAAAAAAAAAAAAAAAAAA==").refused(400));
    }

    private static void webSocketVersion(Cases<Target> cases) {
        cases.section("6455-4.4");
        String name = "Sec-WebSocket-Version";
        must(cases, "no version: refused", request().without(name).refused(426, 400));
        for (String version : List.of("0", "6", "12", "14", "255")) {
            must(
                    cases,
                    "version " + version + " is told ours",
                    request().instead(name, name + ": " + version).refused(426));
        }
        for (String version : List.of("7", "8")) {
            should(
                    cases,
                    "version " + version + ", of a draft, is told ours",
                    request().instead(name, name + ": " + version).betterRefused(426));
        }
        cases.section("6455-4.3");
        for (String version : List.of("013", "13, 8", "+13", "13.0", "0x0d", "")) {
            must(
                    cases,
                    "version '" + version + "' is no version: refused",
                    request().instead(name, name + ": " + version).refused(426, 400));
        }
        cases.section("6455-11.3.5");
        must(cases, "two versions: refused", request().with(name + ": 13").refused(400, 426));
    }

    private static void http(Cases<Target> cases) {
        cases.section("9112-5.1");
        must(
                cases,
                "a space before the colon: refused",
                request().with("X-Space : x").refused(400));
        must(cases, "a field without a name: refused", request().with(": x").refused(400));
        must(
                cases,
                "a field with a name that is none: refused",
                request().with("X(y): x").refused(400));
        cases.section("9110-5.5");
        must(cases, "NUL in a value: refused", request().with("X-Nul: a\0b").refused(400));
        must(
                cases,
                "a carriage return in a value: refused",
                request().with("X-Cr: a\rb").refused(400));
        cases.section("9112-6.3");
        must(
                cases,
                "length and chunks together: refused",
                request().with("Content-Length: 0", "Transfer-Encoding: chunked").refused(400));
        must(
                cases,
                "two lengths: refused",
                request().with("Content-Length: 1", "Content-Length: 2").refused(400));
        must(
                cases,
                "a negative length: refused",
                request().with("Content-Length: -1").refused(400));
        cases.section("6455-10.4");
        should(
                cases,
                "a field of 100 KiB: refused",
                request().with("X-Long: " + "x".repeat(100_000)).betterRefused(431, 400));
        should(cases, "5,000 fields: refused", request().with(many(5000)).betterRefused(431, 400));
        should(
                cases,
                "a target of 64 KiB: refused",
                request()
                        .first(t -> "GET " + t.path() + "?" + "x".repeat(1 << 16) + " HTTP/1.1")
                        .betterRefused(414, 431, 400));
    }

    private static void behind(Cases<Target> cases) {
        cases.section("6455-4.1");
        cases.must(
                "frames right behind the request are taken after the 101, or end the connection",
                target -> {
                    ByteArrayOutputStream all = new ByteArrayOutputStream();
                    all.writeBytes(Target.bytes(target.request()));
                    all.writeBytes(Sent.text("early").bytes(Role.CLIENT));
                    Socket socket = target.connect();
                    socket.getOutputStream().write(all.toByteArray());
                    BufferedInputStream in = new BufferedInputStream(socket.getInputStream());
                    Http1.Head head = Http1.read(in);
                    if (head.status() != 101) {
                        socket.close();
                        return Outcome.nonStrict(head.first());
                    }
                    return Conversation.of()
                            .hears(Heard.text("early"))
                            .with(new Peer(new Wire.OfSocket(socket, in), Role.CLIENT, null));
                });
        cases.section("9112-6.3");
        cases.must(
                "content of the request does not become frames",
                target -> content(target, "Content-Length: %d"));
        cases.must(
                "chunks of the request do not become frames",
                target -> content(target, "Transfer-Encoding: chunked"));
    }

    /// An echo of the content would mean that it was taken for a frame.
    private static Outcome content(Target target, String field) throws IOException {
        byte[] frame = Sent.text("smuggled").bytes(Role.CLIENT);
        List<String> lines = new ArrayList<>(target.request());
        lines.add(field.formatted(frame.length));
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.writeBytes(Target.bytes(lines));
        all.writeBytes(frame);
        Socket socket = target.connect();
        socket.getOutputStream().write(all.toByteArray());
        BufferedInputStream in = new BufferedInputStream(socket.getInputStream());
        Http1.Head head = Http1.read(in);
        if (head.status() != 101) {
            socket.close();
            return head.status() >= 400
                    ? Outcome.pass(String.valueOf(head.status()))
                    : Outcome.nonStrict(head.first());
        }
        Peer peer = new Peer(new Wire.OfSocket(socket, in), Role.CLIENT, null);
        Outcome ignored = Conversation.of().with(peer);
        return ignored.verdict() == Verdict.PASS
                ? Outcome.nonStrict("101, the content was dropped")
                : Outcome.fail("101, " + ignored.found());
    }

    private static Case.Script<Target> absent(String field) {
        return target -> {
            try (Socket socket = target.connect()) {
                socket.getOutputStream().write(Target.bytes(target.request()));
                Http1.Head head = Http1.read(socket.getInputStream());
                List<String> values = head.values("Sec-WebSocket-" + field);
                return head.status() == 101 && values.isEmpty()
                        ? Outcome.pass("none")
                        : Outcome.fail(head.first() + " " + values);
            }
        };
    }

    private static String[] many(int count) {
        String[] fields = new String[count];
        for (int i = 0; i < count; i++) {
            fields[i] = "X-Field-" + i + ": x";
        }
        return fields;
    }

    private static void must(Cases<Target> cases, String rule, Handshake handshake) {
        cases.must(rule, handshake::ask);
    }

    private static void should(Cases<Target> cases, String rule, Handshake handshake) {
        cases.should(rule, handshake::ask);
    }
}
