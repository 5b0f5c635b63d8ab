package io.switchboard.websocket;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Collects the head of an HTTP/1.1 response and takes it apart (RFC 9112), strictly: lines end in
/// CR LF and are not folded. Owned by its [ClientHandshake]; collects at most the bytes it may.
final class ResponseHead {

    sealed interface Parsed {}

    record Response(int status, String reason, List<Map.Entry<String, String>> headers)
            implements Parsed {}

    record Malformed(String rule, String found) implements Parsed {}

    private static final int FIRST_CAPACITY = 512;
    private static final int EXCERPT_LENGTH_MAX = 80;

    private final int lengthMax;

    private byte[] head = {};
    private int length;

    /// Of the heads before this one.
    private int lengthBefore;

    private @Nullable Malformed malformed;

    ResponseHead(int lengthMax) {
        this.lengthMax = lengthMax;
    }

    /// Takes bytes up to the end of the head; whether that was reached, or something that will
    /// never be a head.
    boolean read(ByteBuffer bytes) {
        while (bytes.hasRemaining()) {
            if (lengthBefore + length == lengthMax) {
                malformed =
                        new Malformed(
                                "the response's head has at most " + lengthMax + " bytes", "more");
                return true;
            }
            if (length == head.length) {
                head = Arrays.copyOf(head, Math.max(FIRST_CAPACITY, 2 * length));
            }
            byte next = bytes.get();
            head[length++] = next;
            if (next == '\n' && endsLine()) {
                return true;
            }
        }
        return false;
    }

    /// At a line feed: whether the head ends here, well or not.
    private boolean endsLine() {
        if (length < 2 || head[length - 2] != '\r') {
            malformed = new Malformed("lines end in CR LF", "LF alone");
            return true;
        }
        return length == 2 || head[length - 3] == '\n';
    }

    /// The head that [#read] reached the end of; makes ready for another.
    Parsed take() {
        if (malformed != null) {
            return malformed;
        }
        String text = new String(head, 0, length, ISO_8859_1);
        lengthBefore += length;
        length = 0;
        return parse(text);
    }

    private static Parsed parse(String text) {
        String[] lines = text.split("\r\n");
        if (lines.length == 0 || !lines[0].matches("HTTP/1\\.[1-9] [1-5][0-9]{2}( .*)?")) {
            return new Malformed(
                    "a response begins with HTTP/1.1 and a status",
                    lines.length == 0 ? "an empty line" : excerpt(lines[0]));
        }
        List<Map.Entry<String, String>> headers = new ArrayList<>();
        for (int i = 1; i < lines.length; i++) {
            int colon = lines[i].indexOf(':');
            String name = lines[i].substring(0, Math.max(colon, 0));
            String value = HeaderFields.trim(lines[i].substring(colon + 1));
            if (!HeaderFields.isToken(name) || !HeaderFields.isValue(value)) {
                return new Malformed("a header is a name, a colon and a value", excerpt(lines[i]));
            }
            headers.add(Map.entry(name, value));
        }
        int status = Integer.parseInt(lines[0].substring(9, 12));
        String reason = lines[0].length() > 13 ? lines[0].substring(13) : "";
        return new Response(status, reason, List.copyOf(headers));
    }

    /// Fit for a log: short, and printable ASCII only.
    private static String excerpt(String line) {
        String start = line.substring(0, Math.min(line.length(), EXCERPT_LENGTH_MAX));
        return start.replaceAll("[^ -~]", "?");
    }
}
