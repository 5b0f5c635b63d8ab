package io.switchboard.conformance;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// As much of HTTP/1.1 as an opening handshake needs.
final class Http1 {
    /// The example of RFC 6455 section 1.3.
    static final String KEY = "dGhlIHNhbXBsZSBub25jZQ==";

    private static final String GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    private static final int HEAD_MAX = 64 << 10;

    private Http1() {}

    /// The head of a request or an answer.
    ///
    /// @param first the line that it begins with
    /// @param fields names in lower case and values, with `": "` between them
    record Head(String first, List<String> fields) {
        /// Of an answer; 0 for what is none.
        int status() {
            String[] words = first.split(" ", 3);
            boolean answer =
                    words.length >= 2
                            && words[0].startsWith("HTTP/1.")
                            && words[1].matches("[1-5][0-9]{2}");
            return answer ? Integer.parseInt(words[1]) : 0;
        }

        List<String> values(String name) {
            String start = name.toLowerCase(Locale.ROOT) + ": ";
            return fields.stream()
                    .filter(field -> field.startsWith(start))
                    .map(field -> field.substring(start.length()))
                    .toList();
        }

        Optional<String> value(String name) {
            return values(name).stream().findFirst();
        }

        boolean lists(String name, String token) {
            return values(name).stream()
                    .flatMap(value -> List.of(value.split(",")).stream())
                    .anyMatch(item -> item.strip().equalsIgnoreCase(token));
        }
    }

    /// Up to the empty line, and no byte more.
    static Head read(InputStream in) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        int ends = 0;
        while (ends < 4) {
            int next = in.read();
            if (next < 0 || bytes.size() == HEAD_MAX) {
                throw new EOFException("no whole head but " + bytes.size() + " bytes");
            }
            bytes.write(next);
            ends = next == (ends % 2 == 0 ? '\r' : '\n') ? ends + 1 : next == '\r' ? 1 : 0;
        }
        String[] lines = bytes.toString(ISO_8859_1).split("\r\n");
        List<String> fields = new ArrayList<>();
        for (int i = 1; i < lines.length; i++) {
            int colon = lines[i].indexOf(':');
            if (colon > 0) {
                String name = lines[i].substring(0, colon).toLowerCase(Locale.ROOT);
                fields.add(name + ": " + lines[i].substring(colon + 1).strip());
            }
        }
        return new Head(lines[0], fields);
    }

    /// The answer to a key (RFC 6455 section 4.2.2).
    static String accept(String key) {
        try {
            byte[] sum =
                    MessageDigest.getInstance("SHA-1").digest((key + GUID).getBytes(ISO_8859_1));
            return Base64.getEncoder().encodeToString(sum);
        } catch (GeneralSecurityException e) {
            throw new AssertionError("every Java has SHA-1", e);
        }
    }
}
