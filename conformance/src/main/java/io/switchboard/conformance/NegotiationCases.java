package io.switchboard.conformance;

import java.io.IOException;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/// What a server makes of offers: RFC 6455 sections 4.2.2, 9.1 and 11.3.4, RFC 7692 sections 5 and
/// 7.1.
final class NegotiationCases {
    private static final String NAME = "permessage-deflate";

    private NegotiationCases() {}

    static void add(Cases<Target> cases) {
        subprotocols(cases);
        grammar(cases);
        offers(cases);
        parameters(cases);
    }

    private static void subprotocols(Cases<Target> cases) {
        cases.section("6455-4.2.2");
        cases.must(
                "of unknown subprotocols none is invented: the answer names one of them or none",
                target -> protocol(target, List.of("x.one", "x.two"), "x.one, x.two"));
        cases.must(
                "subprotocols in two fields are one list",
                target -> protocol(target, List.of("x.one", "x.two"), "x.one", "x.two"));
        cases.section("6455-11.3.4");
        for (String list : List.of("a b", "a,,@", "a/b", "\"a\"", "a;b")) {
            cases.must(
                    "the list of subprotocols '" + list + "' breaks the grammar: refused",
                    target -> broken(target, "Sec-WebSocket-Protocol: " + list));
        }
        cases.must(
                "the same subprotocol twice: refused",
                target -> broken(target, "Sec-WebSocket-Protocol: a, b, a"));
    }

    private static Outcome protocol(Target target, List<String> offered, String... fields)
            throws IOException {
        List<String> lines = new ArrayList<>();
        for (String field : fields) {
            lines.add("Sec-WebSocket-Protocol: " + field);
        }
        Http1.Head head = ask(target, lines);
        List<String> chosen = head.values("Sec-WebSocket-Protocol");
        boolean good =
                head.status() == 101
                        ? chosen.size() <= 1 && offered.containsAll(chosen)
                        : head.status() >= 400;
        String found = head.status() + " " + chosen;
        return good ? Outcome.pass(found) : Outcome.fail(found);
    }

    private static void grammar(Cases<Target> cases) {
        cases.section("6455-9.1");
        for (String list :
                List.of(
                        NAME + ";;x",
                        NAME + "; =10",
                        "@@@",
                        NAME + "; server_max_window_bits=\"10",
                        NAME + "; a b",
                        NAME + " x",
                        "; x",
                        NAME + "; x=",
                        NAME + "; server_max_window_bits=\"\"",
                        NAME + "; x=\"a b\"")) {
            cases.must(
                    "the list of extensions '" + list + "' breaks the grammar: refused",
                    target -> broken(target, "Sec-WebSocket-Extensions: " + list));
        }
        for (String list :
                List.of(
                        "x-unknown",
                        "x-unknown; a; b=1; c=\"2\"",
                        "permessage-bzip2",
                        "x-webkit-deflate-frame",
                        "permessage-foo, x-bar; a")) {
            cases.must(
                    "the unknown '" + list + "' is not in the answer",
                    target -> declined(target, list));
        }
    }

    private static void offers(Cases<Target> cases) {
        cases.section("7692-5.1");
        accepted(cases, "a plain offer is accepted, or all are declined", NAME, agreed -> true);
        accepted(
                cases,
                "of two offers that can be met one is in the answer",
                NAME + "; server_no_context_takeover, " + NAME,
                agreed -> true);
        accepted(
                cases,
                "behind an unknown extension an offer still counts",
                "x-unknown; a=1, " + NAME,
                agreed -> true);
        accepted(
                cases,
                "behind an offer with an unknown parameter a good one counts",
                NAME + "; foo, " + NAME,
                agreed -> true);
        accepted(
                cases,
                "behind an offer with a wrong value a good one counts",
                NAME + "; server_max_window_bits=99, " + NAME,
                agreed -> agreed.serverBits() == null || agreed.serverBits() <= 15);
        cases.must(
                "offers in two fields are one list",
                target -> {
                    Http1.Head head =
                            ask(
                                    target,
                                    List.of(
                                            "Sec-WebSocket-Extensions: x-unknown",
                                            "Sec-WebSocket-Extensions: " + NAME));
                    return judge(target, head, agreed -> true);
                });
        accepted(
                cases,
                "spaces and tabs around the separators are nothing",
                NAME + " ;\tserver_no_context_takeover  ;  client_no_context_takeover ",
                agreed -> agreed.serverNoContext());
    }

    private static void parameters(Cases<Target> cases) {
        cases.section("7692-7.1.1.1");
        accepted(
                cases,
                "server_no_context_takeover is in the answer to its offer",
                NAME + "; server_no_context_takeover",
                Agreed::serverNoContext);
        declines(cases, "server_no_context_takeover=1", "server_no_context_takeover=\"1\"");
        cases.section("7692-7.1.1.2");
        accepted(
                cases,
                "client_no_context_takeover may be offered",
                NAME + "; client_no_context_takeover",
                agreed -> true);
        declines(cases, "client_no_context_takeover=1");
        cases.section("7692-7.1.2.1");
        for (int bits = 8; bits <= 15; bits++) {
            int most = bits;
            accepted(
                    cases,
                    "server_max_window_bits=%d is kept to, or declined".formatted(bits),
                    NAME + "; server_max_window_bits=" + bits,
                    agreed -> agreed.serverBits() != null && agreed.serverBits() <= most);
        }
        accepted(
                cases,
                "a quoted value is as good",
                NAME + "; server_max_window_bits=\"15\"",
                agreed -> agreed.serverBits() != null);
        for (String value : List.of("", "=7", "=16", "=0", "=09", "=015", "=1e1", "=-9", "=x")) {
            declines(cases, "server_max_window_bits" + value);
        }
        cases.section("7692-7.1.2.2");
        accepted(
                cases,
                "client_max_window_bits without a value may be offered",
                NAME + "; client_max_window_bits",
                agreed -> true);
        for (int bits = 8; bits <= 15; bits++) {
            int most = bits;
            accepted(
                    cases,
                    "client_max_window_bits=%d is not exceeded by the answer".formatted(bits),
                    NAME + "; client_max_window_bits=" + bits,
                    agreed -> agreed.clientBits() == null || agreed.clientBits() <= most);
        }
        accepted(
                cases,
                "client_max_window_bits is not in the answer where it was not offered",
                NAME,
                agreed -> agreed.clientBits() == null);
        for (String value : List.of("=7", "=16", "=20", "=08", "=x")) {
            declines(cases, "client_max_window_bits" + value);
        }
        accepted(
                cases,
                "what browsers offer is accepted",
                NAME + "; client_max_window_bits, " + NAME,
                agreed -> true);
        accepted(
                cases,
                "all four parameters at once",
                NAME
                        + "; server_no_context_takeover; client_no_context_takeover"
                        + "; server_max_window_bits=15; client_max_window_bits=15",
                agreed -> agreed.serverNoContext() && agreed.serverBits() != null);
        cases.section("7692-7.1");
        declines(
                cases,
                "foo",
                "foo=1",
                "server_no_context_takeover; server_no_context_takeover",
                "client_no_context_takeover; client_no_context_takeover",
                "server_max_window_bits=15; server_max_window_bits=15",
                "client_max_window_bits=15; client_max_window_bits=14");
    }

    // --- Asking ---

    private static void accepted(
            Cases<Target> cases, String rule, String offer, Predicate<Agreed> kept) {
        cases.must(
                rule,
                target ->
                        judge(
                                target,
                                ask(target, List.of("Sec-WebSocket-Extensions: " + offer)),
                                kept));
    }

    /// Declining everything is legal, so it is only noted.
    private static Outcome judge(Target target, Http1.Head head, Predicate<Agreed> kept)
            throws IOException {
        if (head.status() != 101) {
            return Outcome.fail(head.first());
        }
        List<String> answers = head.values("Sec-WebSocket-Extensions");
        if (answers.isEmpty()) {
            return compresses(target)
                    ? Outcome.pass("declined")
                    : Outcome.notApplicable("it never compresses");
        }
        String answer = String.join(", ", answers);
        try {
            boolean good = answers.size() == 1 && kept.test(Agreed.read(answer));
            return good ? Outcome.pass(answer) : Outcome.fail(answer);
        } catch (IllegalArgumentException e) {
            return Outcome.fail(answer);
        }
    }

    private static void declines(Cases<Target> cases, String... wrong) {
        for (String parameters : wrong) {
            cases.must(
                    "an offer with '" + parameters + "' is declined, and the connection opens",
                    target -> declined(target, NAME + "; " + parameters));
        }
    }

    /// Failing the handshake is more than the rule asks for.
    private static Outcome declined(Target target, String offer) throws IOException {
        Http1.Head head = ask(target, List.of("Sec-WebSocket-Extensions: " + offer));
        Optional<String> answer = head.value("Sec-WebSocket-Extensions");
        if (answer.isPresent()) {
            return Outcome.fail(answer.get());
        }
        return head.status() == 101
                ? Outcome.pass("101 without it")
                : Outcome.nonStrict(head.first());
    }

    private static Outcome broken(Target target, String field) throws IOException {
        Http1.Head head = ask(target, List.of(field));
        String name = field.substring(0, field.indexOf(':'));
        if (head.status() == 101) {
            // A server that does not know the field cannot judge it.
            return head.values(name).isEmpty()
                    ? Outcome.nonStrict("101, it was ignored")
                    : Outcome.fail("101 " + head.values(name));
        }
        return head.status() == 400 ? Outcome.pass("400") : Outcome.nonStrict(head.first());
    }

    private static boolean compresses(Target target) throws IOException {
        return ask(target, List.of("Sec-WebSocket-Extensions: " + NAME))
                .value("Sec-WebSocket-Extensions")
                .isPresent();
    }

    private static Http1.Head ask(Target target, List<String> fields) throws IOException {
        List<String> lines = new ArrayList<>(target.request());
        lines.addAll(fields);
        try (Socket socket = target.connect()) {
            socket.getOutputStream().write(Target.bytes(lines));
            return Http1.read(socket.getInputStream());
        }
    }
}
