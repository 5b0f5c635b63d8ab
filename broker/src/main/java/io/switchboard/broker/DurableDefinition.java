package io.switchboard.broker;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A durable subscription as the journal has it.
///
/// ```
/// definition = "2" destination ( "pattern" | "name" ) selector
///              user ( "local" | "remote" ) address roles claims provedBy
/// roles      = count *text
/// claims     = count *( text values )
/// values     = count *text
/// ```
///
/// Each text and count is its length in characters, a colon, and its characters; `-:` is none.
///
/// @param owner as [DurableSubscription#owner] has it
record DurableDefinition(DurableWish wish, Principal owner) {
    private static final char FORMAT = '2';
    private static final String PATTERN = "pattern";
    private static final String LOCAL = "local";

    byte[] bytes() {
        StringBuilder out = new StringBuilder().append(FORMAT);
        write(out, wish.destination());
        write(out, wish.pattern() ? PATTERN : "name");
        write(out, wish.selector());
        write(out, owner.name());
        write(out, owner.local() ? LOCAL : "remote");
        write(out, owner.address());
        write(out, owner.roles());
        write(out, String.valueOf(owner.claims().size()));
        owner.claims()
                .forEach((claim, values) -> {
                    write(out, claim);
                    write(out, values);
                });
        write(out, owner.provedBy());
        return out.toString().getBytes(StandardCharsets.UTF_8);
    }

    private static void write(StringBuilder out, @Nullable String text) {
        if (text == null) {
            out.append("-:");
        } else {
            out.append(text.length()).append(':').append(text);
        }
    }

    private static void write(StringBuilder out, Collection<String> texts) {
        write(out, String.valueOf(texts.size()));
        texts.forEach(each -> write(out, each));
    }

    static DurableDefinition of(byte[] bytes) {
        String text = new String(bytes, StandardCharsets.UTF_8);
        if (text.isEmpty() || text.charAt(0) != FORMAT) {
            throw new IllegalStateException(
                    "expected a durable subscription in the format "
                            + FORMAT
                            + "; was this data written by another version?");
        }
        Reader in = new Reader(text);
        DurableWish wish = new DurableWish(in.must(), in.must().equals(PATTERN), in.text());
        String name = in.text();
        boolean local = in.must().equals(LOCAL);
        String address = in.must();
        List<String> roles = in.texts();
        Map<String, List<String>> claims = new LinkedHashMap<>();
        for (int n = Integer.parseInt(in.must()); n > 0; n--) {
            claims.put(in.must(), in.texts());
        }
        return new DurableDefinition(
                wish,
                new Principal(name, local, address, new HashSet<>(roles), claims, 0, in.must()));
    }

    private static final class Reader {
        private final String all;
        private int at = 1;

        Reader(String all) {
            this.all = all;
        }

        @Nullable String text() {
            int colon = all.indexOf(':', at);
            String length = all.substring(at, colon);
            at = colon + 1;
            if (length.equals("-")) {
                return null;
            }
            int from = at;
            at += Integer.parseInt(length);
            return all.substring(from, at);
        }

        String must() {
            String text = text();
            if (text == null) {
                throw new IllegalStateException("a text is missing at " + at);
            }
            return text;
        }

        List<String> texts() {
            List<String> texts = new ArrayList<>();
            for (int n = Integer.parseInt(must()); n > 0; n--) {
                texts.add(must());
            }
            return texts;
        }
    }
}
