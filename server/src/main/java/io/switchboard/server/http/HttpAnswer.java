package io.switchboard.server.http;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// A whole HTTP response. Its Content-Length is among the headers: that of a HEAD speaks of a body
/// that is not there.
///
/// @param headers all that are to be sent, Connection aside
/// @param body read-only
public record HttpAnswer(int status, List<Map.Entry<String, String>> headers, ByteBuffer body) {
    private static final ByteBuffer EMPTY = ByteBuffer.allocate(0).asReadOnlyBuffer();

    public HttpAnswer {
        headers = List.copyOf(headers);
        body = body.asReadOnlyBuffer();
    }

    /// A view with a position of its own: one answer may be on its way to several clients.
    @Override
    public ByteBuffer body() {
        return body.duplicate();
    }

    /// One line of text, the same for everybody.
    public static HttpAnswer text(int status, String line) {
        return of(
                status,
                "text/plain; charset=utf-8",
                (line + "\n").getBytes(StandardCharsets.UTF_8));
    }

    public static HttpAnswer of(int status, String type, byte[] body) {
        return new HttpAnswer(
                status,
                List.of(
                        Map.entry("Content-Type", type),
                        Map.entry("Content-Length", Integer.toString(body.length)),
                        Map.entry("Cache-Control", "no-store")),
                ByteBuffer.wrap(body));
    }

    public HttpAnswer with(List<Map.Entry<String, String>> more) {
        List<Map.Entry<String, String>> all = new ArrayList<>(headers);
        all.addAll(more);
        return new HttpAnswer(status, all, body);
    }

    HttpAnswer withoutBody() {
        return new HttpAnswer(status, headers, EMPTY);
    }

    /// The first value of a header, or the empty string.
    String header(String name) {
        return headers.stream()
                .filter(header -> header.getKey().equalsIgnoreCase(name))
                .map(Map.Entry::getValue)
                .findFirst()
                .orElse("");
    }
}
