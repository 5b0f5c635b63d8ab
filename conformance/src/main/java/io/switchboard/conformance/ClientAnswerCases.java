package io.switchboard.conformance;

import java.util.List;

/// What a client makes of answers: RFC 6455 sections 4.1 and 9.1, RFC 7692 section 7.1.
final class ClientAnswerCases {
    private static final String ACCEPT = "Sec-WebSocket-Accept";
    private static final String EXTENSIONS = "Sec-WebSocket-Extensions";
    private static final String INTERIM = "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n";

    private ClientAnswerCases() {}

    static void add(Cases<EchoClient> cases) {
        good(cases);
        statuses(cases);
        fields(cases);
        malformed(cases);
        offers(cases);
        deflate(cases);
    }

    private static void good(Cases<EchoClient> cases) {
        cases.section("6455-4.1");
        opens(cases, "a frame right behind the answer is taken", Answer.good());
        opens(cases, "an answer byte by byte", Answer.good().byteByByte());
        opens(
                cases,
                "other words behind 101",
                Answer.good().first("HTTP/1.1 101 WebSocket Protocol Handshake"));
        opens(cases, "no words behind 101", Answer.good().first("HTTP/1.1 101 "));
        opens(
                cases,
                "values in other case",
                Answer.good()
                        .instead("Upgrade", "Upgrade: WebSocket")
                        .instead("Connection", "Connection: upgrade"));
        opens(cases, "names in other case", Answer.good().instead("Upgrade", "UPGRADE: websocket"));
        opens(
                cases,
                "more words in Connection",
                Answer.good().instead("Connection", "Connection: keep-alive, Upgrade"));
        opens(
                cases,
                "spaces around values",
                Answer.good().instead("Upgrade", "Upgrade:   websocket  "));
        opens(
                cases,
                "fields that nobody knows",
                Answer.good().with("Server: x", "Set-Cookie: a=b", "X-Anything: x"));
        opens(cases, "an interim answer in front", Answer.good().behind(INTERIM));
        opens(
                cases,
                "two interim answers in front",
                Answer.good().behind("HTTP/1.1 100 Continue\r\n\r\n" + INTERIM));
    }

    private static void statuses(Cases<EchoClient> cases) {
        cases.section("6455-4.1");
        for (String status :
                List.of(
                        "200 OK",
                        "204 No Content",
                        "400 Bad Request",
                        "403 Forbidden",
                        "404 Not Found",
                        "426 Upgrade Required",
                        "500 Internal Server Error",
                        "503 Service Unavailable")) {
            ends(cases, "the answer " + status, Answer.bad().first("HTTP/1.1 " + status));
        }
        ends(
                cases,
                "a demand for credentials that the program did not give",
                Answer.bad()
                        .first("HTTP/1.1 401 Unauthorized")
                        .with("WWW-Authenticate: Basic realm=\"x\"", "Content-Length: 0"));
        ends(
                cases,
                "a redirection to nowhere",
                Answer.bad().first("HTTP/1.1 302 Found").with("Content-Length: 0"));
    }

    private static void fields(Cases<EchoClient> cases) {
        cases.section("6455-4.1");
        ends(cases, "no Upgrade", Answer.bad().without("Upgrade"));
        for (String value : List.of("", "h2c", "websockets", "web socket")) {
            ends(cases, "Upgrade: " + value, Answer.bad().instead("Upgrade", "Upgrade: " + value));
        }
        ends(cases, "no Connection", Answer.bad().without("Connection"));
        for (String value : List.of("", "close", "keep-alive", "Upgraded")) {
            ends(
                    cases,
                    "Connection: " + value,
                    Answer.bad().instead("Connection", "Connection: " + value));
        }
        ends(cases, "no " + ACCEPT, Answer.bad().without(ACCEPT));
        for (String value :
                List.of(
                        "",
                        "x",
                        Http1.accept(Http1.KEY),
                        Http1.KEY,
                        "s3pPLMBiTxaQ9kYGzzhZRbK+xOo")) {
            ends(cases, ACCEPT + ": " + value, Answer.bad().instead(ACCEPT, ACCEPT + ": " + value));
        }
        ends(
                cases,
                ACCEPT + " in another case",
                Answer.bad().changed(lines -> changed(lines, ACCEPT, ClientAnswerCases::swapped)));
        ends(
                cases,
                ACCEPT + " with more behind it",
                Answer.bad().changed(lines -> changed(lines, ACCEPT, value -> value + "x")));
        ends(
                cases,
                "a second " + ACCEPT + " that is another one",
                Answer.bad().with(ACCEPT + ": " + Http1.accept("x")));
        cases.should(
                "a second Upgrade that is another one: the client ends the connection",
                Answer.doubtful().with("Upgrade: h2c")::ask);
    }

    private interface Change {
        String of(String value);
    }

    private static List<String> changed(List<String> lines, String name, Change change) {
        lines.replaceAll(line ->
                line.startsWith(name + ": ")
                        ? name + ": " + change.of(line.substring(name.length() + 2))
                        : line);
        return lines;
    }

    private static String swapped(String text) {
        StringBuilder swapped = new StringBuilder();
        for (char each : text.toCharArray()) {
            swapped.append(
                    Character.isUpperCase(each)
                            ? Character.toLowerCase(each)
                            : Character.toUpperCase(each));
        }
        return swapped.toString();
    }

    private static void malformed(Cases<EchoClient> cases) {
        cases.section("9112-4");
        for (String line :
                List.of(
                        "HTTP/2.0 101 Switching Protocols",
                        "HTTP/1.1 1010 Switching Protocols",
                        "HTTP/1.1 10",
                        "HTTP/1.1",
                        "101 Switching Protocols",
                        "ICY 101 OK",
                        "SSH-2.0-OpenSSH")) {
            ends(cases, "an answer that begins with '" + line + "'", Answer.bad().first(line));
        }
        cases.should(
                "an answer of HTTP/1.0: the client ends the connection",
                Answer.doubtful().first("HTTP/1.0 101 Switching Protocols")::ask);
        cases.section("9112-5");
        ends(cases, "a line without a colon", Answer.bad().with("no colon here"));
        ends(cases, "a field without a name", Answer.bad().with(": x"));
        cases.should(
                "a space before a colon: the client ends the connection",
                Answer.doubtful().with("X-Space : x")::ask);
        ends(cases, "NUL in a value", Answer.bad().with("X-Nul: a\0b"));
        cases.section("6455-10.4");
        cases.should(
                "an answer of 1 MiB: the client ends the connection",
                Answer.doubtful().with("X-Long: " + "x".repeat(1 << 20))::ask);
        cases.should(
                "100,000 interim answers: the client ends the connection",
                Answer.doubtful().behind(INTERIM.repeat(100_000))::ask);
        cases.section("6455-4.1");
        cases.must(
                "an answer that ends in its middle: the client ends the connection",
                asked -> {
                    try (Visit visit = Visit.of(asked)) {
                        visit.send(Target.bytes(List.of("HTTP/1.1 101 Switching Pro")));
                        Peer peer = visit.peer(null);
                        peer.finish();
                        String heard = peer.hear();
                        return heard.equals(Heard.END) ? Outcome.pass(heard) : Outcome.fail(heard);
                    }
                });
    }

    private static void offers(Cases<EchoClient> cases) {
        cases.section("6455-4.1");
        String protocol = "Sec-WebSocket-Protocol: ";
        ends(cases, "a subprotocol that was not offered", Answer.bad().with(protocol + "x.other"));
        ends(cases, "an empty subprotocol", Answer.bad().with(protocol));
        ends(
                cases,
                "two subprotocols",
                Answer.bad().with(protocol + "x.other", protocol + "x.second"));
        ends(cases, "a list of subprotocols", Answer.bad().with(protocol + "x.other, x.second"));
        cases.section("6455-9.1");
        for (String extension :
                List.of(
                        "x-unknown",
                        "x-unknown; a=1",
                        "permessage-bzip2",
                        "x-webkit-deflate-frame",
                        "@@@",
                        ";;")) {
            ends(
                    cases,
                    "the extension '" + extension + "', which was not offered",
                    Answer.bad().with(EXTENSIONS + ": " + extension));
        }
    }

    private static void deflate(Cases<EchoClient> cases) {
        cases.section("7692-7.1");
        cases.must(
                "an answer to the offer of compression opens the connection",
                asked -> Answer.good().askAboutDeflate(asked, ""));
        for (String parameter :
                List.of("; server_max_window_bits=8", "; server_max_window_bits=15")) {
            cases.must(
                    "an answer with '%s' opens the connection".formatted(parameter.substring(2)),
                    asked -> Answer.good().askAboutDeflate(asked, parameter));
        }
        for (String wrong :
                List.of(
                        "; foo",
                        "; foo=1",
                        "; server_max_window_bits",
                        "; server_max_window_bits=7",
                        "; server_max_window_bits=16",
                        "; server_max_window_bits=010",
                        "; server_max_window_bits=15; server_max_window_bits=15",
                        "; client_max_window_bits",
                        "; client_max_window_bits=7",
                        "; client_max_window_bits=16",
                        "; server_no_context_takeover=1; x",
                        ", permessage-deflate",
                        ", x-unknown",
                        ";;")) {
            cases.must(
                    "an answer with '%s': the client ends the connection".formatted(wrong),
                    asked -> Answer.bad().askAboutDeflate(asked, wrong));
        }
    }

    private static void opens(Cases<EchoClient> cases, String rule, Answer answer) {
        cases.must(rule + ": the connection opens", answer::ask);
    }

    private static void ends(Cases<EchoClient> cases, String rule, Answer answer) {
        cases.must(rule + ": the client ends the connection", answer::ask);
    }
}
