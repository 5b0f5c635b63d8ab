package io.switchboard.conformance;

import java.io.IOException;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What clients are asked: their requests, what they make of answers (RFC 6455 section 4.1), and of
/// frames.
final class ClientSuite {
    private ClientSuite() {}

    static List<Case<EchoClient>> cases() {
        Cases<EchoClient> cases = new Cases<>();
        requests(cases);
        ClientAnswerCases.add(cases);
        keys(cases);
        ServerSuite.talks(new Talks<>(cases, ClientSuite::open));
        return cases.all();
    }

    private static Optional<Peer> open(EchoClient asked, @Nullable Compression needed)
            throws IOException {
        Visit visit = Visit.of(asked);
        Optional<String> offer = visit.deflateOffer();
        if (needed != null && offer.isEmpty()) {
            visit.close();
            return Optional.empty();
        }
        Agreed agreed = null;
        String[] more = {};
        if (needed != null) {
            String answer = Visit.deflateAnswer(offer.orElseThrow()) + needed.parameters();
            agreed = Agreed.read(answer);
            if (!needed.suits(agreed, Role.SERVER)) {
                visit.close();
                return Optional.empty();
            }
            more = new String[] {"Sec-WebSocket-Extensions: " + answer};
        }
        visit.send(Target.bytes(visit.answer(more)));
        return Optional.of(visit.peer(agreed));
    }

    // --- The request ---

    private interface Look {
        /// What is wrong, empty for nothing.
        String at(Visit visit) throws IOException;
    }

    private static void request(Cases<EchoClient> cases, String rule, Look look) {
        cases.must(
                rule,
                asked -> {
                    try (Visit visit = Visit.of(asked)) {
                        String wrong = look.at(visit);
                        return wrong.isEmpty() ? Outcome.pass("") : Outcome.fail(wrong);
                    }
                });
    }

    private static void requests(Cases<EchoClient> cases) {
        cases.section("6455-4.1");
        request(
                cases,
                "the request is a GET of HTTP/1.1 for path and query of the URL",
                visit ->
                        unless(
                                ("GET " + Visit.TARGET + " HTTP/1.1").equals(first(visit)),
                                first(visit)));
        request(
                cases,
                "there is one Host, with the port where it is not the usual one",
                visit -> only(visit, "Host", "127.0.0.1:" + visit.port()));
        request(
                cases,
                "Upgrade is websocket",
                visit -> unless(visit.request().lists("Upgrade", "websocket"), "Upgrade"));
        request(
                cases,
                "Connection lists Upgrade",
                visit -> unless(visit.request().lists("Connection", "Upgrade"), "Connection"));
        request(
                cases,
                "there is one key, of 16 bytes in base64",
                visit -> {
                    List<String> keys = visit.request().values("Sec-WebSocket-Key");
                    boolean good = keys.size() == 1 && keys.getFirst().length() == 24;
                    return unless(
                            good && Base64.getDecoder().decode(keys.getFirst()).length == 16,
                            keys.toString());
                });
        request(
                cases,
                "there is one version, 13",
                visit -> only(visit, "Sec-WebSocket-Version", "13"));
        request(
                cases,
                "the request has no content",
                visit ->
                        unless(
                                visit.request().values("Content-Length").isEmpty()
                                        && visit.request().values("Transfer-Encoding").isEmpty(),
                                "content"));
        request(
                cases,
                "nothing is sent before the answer has come",
                visit -> unless(!visit.saysMore(), "it said more"));
        request(
                cases,
                "subprotocols that are offered are different tokens",
                visit -> subprotocols(visit.request().values("Sec-WebSocket-Protocol")));
        cases.must(
                "the key is another one for each connection",
                asked -> {
                    Set<String> keys = new HashSet<>();
                    for (int i = 0; i < 4; i++) {
                        try (Visit visit = Visit.of(asked)) {
                            keys.add(visit.key());
                        }
                    }
                    return keys.size() == 4 ? Outcome.pass("") : Outcome.fail("the same key");
                });
        cases.section("7692-7.1");
        cases.must(
                "an offer of compression has parameters of the RFC only, each once",
                asked -> {
                    try (Visit visit = Visit.of(asked)) {
                        Optional<String> offer = visit.deflateOffer();
                        if (offer.isEmpty()) {
                            return Outcome.notApplicable("it offers no compression");
                        }
                        // In an offer this one may stand without a value.
                        String complete =
                                (offer.get() + ";")
                                        .toLowerCase(Locale.ROOT)
                                        .replaceAll(
                                                "client_max_window_bits\\s*;",
                                                "client_max_window_bits=15;")
                                        .replaceAll(";$", "");
                        return Outcome.pass(Agreed.read(complete).toString());
                    }
                });
    }

    private static String first(Visit visit) {
        return visit.request().first();
    }

    private static String unless(boolean good, String found) {
        return good ? "" : found;
    }

    private static String only(Visit visit, String name, String value) {
        List<String> values = visit.request().values(name);
        return unless(values.equals(List.of(value)), name + ": " + values);
    }

    private static String subprotocols(List<String> fields) {
        Set<String> names = new HashSet<>();
        for (String field : fields) {
            for (String name : field.split(",", -1)) {
                if (!name.strip().matches("[!#$%&'*+.^_`|~0-9A-Za-z-]+")
                        || !names.add(name.strip())) {
                    return field;
                }
            }
        }
        return "";
    }

    // --- Masking keys ---

    private static void keys(Cases<EchoClient> cases) {
        cases.section("6455-5.3");
        cases.must(
                "each frame has a masking key of its own",
                asked -> {
                    try (Visit visit = Visit.of(asked)) {
                        visit.send(Target.bytes(visit.answer()));
                        Peer peer = visit.peer(null);
                        int count = 50;
                        for (int i = 0; i < count; i++) {
                            peer.send(Sent.text("message " + i).bytes(Role.SERVER));
                            peer.hear();
                        }
                        int different = new HashSet<>(peer.keys()).size();
                        return peer.keys().size() == count && different == count
                                ? Outcome.pass("")
                                : Outcome.fail(different + " different keys");
                    }
                });
    }
}
