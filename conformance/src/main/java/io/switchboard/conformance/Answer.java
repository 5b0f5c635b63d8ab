package io.switchboard.conformance;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/// What the suite answers to the request of a client, right or wrong, and whether the client may go
/// on. Immutable.
final class Answer {
    private static final String PRINTED = "open";

    private final UnaryOperator<List<String>> changes;
    private final String before;
    private final boolean opens;
    private final boolean mayOpen;
    private final boolean byteByByte;

    private Answer(
            UnaryOperator<List<String>> changes,
            String before,
            boolean opens,
            boolean mayOpen,
            boolean byteByByte) {
        this.changes = changes;
        this.before = before;
        this.opens = opens;
        this.mayOpen = mayOpen;
        this.byteByByte = byteByByte;
    }

    /// Behind which a client has to go on.
    static Answer good() {
        return new Answer(UnaryOperator.identity(), "", true, true, false);
    }

    /// Behind which a client has to end the connection.
    static Answer bad() {
        return new Answer(UnaryOperator.identity(), "", false, false, false);
    }

    /// Behind which a client had better end the connection.
    static Answer doubtful() {
        return new Answer(UnaryOperator.identity(), "", false, true, false);
    }

    // --- The answer ---

    Answer first(String line) {
        return changed(lines -> {
            lines.set(0, line);
            return lines;
        });
    }

    Answer without(String name) {
        return changed(lines -> {
            lines.removeIf(line -> line.startsWith(name + ":"));
            return lines;
        });
    }

    Answer with(String... more) {
        return changed(lines -> {
            lines.addAll(List.of(more));
            return lines;
        });
    }

    Answer instead(String name, String... more) {
        return without(name).with(more);
    }

    /// Nothing but these.
    Answer only(String... all) {
        return changed(lines -> new ArrayList<>(List.of(all)));
    }

    Answer changed(UnaryOperator<List<String>> more) {
        return new Answer(
                lines -> more.apply(changes.apply(lines)), before, opens, mayOpen, byteByByte);
    }

    /// An interim answer in front.
    Answer behind(String interim) {
        return new Answer(changes, interim, opens, mayOpen, byteByByte);
    }

    Answer byteByByte() {
        return new Answer(changes, before, opens, mayOpen, true);
    }

    // --- What comes of it ---

    Outcome ask(EchoClient asked) throws IOException {
        try (Visit visit = Visit.of(asked)) {
            return ask(visit);
        }
    }

    /// For clients that offer compression, with an answer to that.
    ///
    /// @param parameters behind the right ones
    Outcome askAboutDeflate(EchoClient asked, String parameters) throws IOException {
        try (Visit visit = Visit.of(asked)) {
            Optional<String> offer = visit.deflateOffer();
            if (offer.isEmpty()) {
                return Outcome.notApplicable("it offers no compression");
            }
            String answer = Visit.deflateAnswer(offer.get()) + parameters;
            return with("Sec-WebSocket-Extensions: " + answer).ask(visit);
        }
    }

    Outcome ask(Visit visit) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.writeBytes(before.getBytes(ISO_8859_1));
        all.writeBytes(Target.bytes(changes.apply(visit.answer())));
        all.writeBytes(Sent.text(PRINTED).bytes(Role.SERVER));
        try {
            if (byteByByte) {
                for (byte each : all.toByteArray()) {
                    visit.send(new byte[] {each});
                }
            } else {
                visit.send(all.toByteArray());
            }
        } catch (IOException e) {
            return judge(Heard.END);
        }
        if (!opens) {
            return judge(visit.peer(null).hear());
        }
        return Conversation.of().hears(Heard.text(PRINTED)).with(visit.peer(null));
    }

    private Outcome judge(String heard) {
        if (heard.equals(Heard.END) && !opens) {
            return Outcome.pass(heard);
        }
        boolean closed = heard.startsWith(Heard.close());
        boolean legal = !opens && (closed || (mayOpen && heard.equals(Heard.text(PRINTED))));
        return legal ? Outcome.nonStrict(heard) : Outcome.fail(heard);
    }
}
