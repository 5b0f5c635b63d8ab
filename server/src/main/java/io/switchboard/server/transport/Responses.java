package io.switchboard.server.transport;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.switchboard.server.http.HttpAnswer;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// HTTP/1.1 responses as bytes. Nothing of a request is repeated in them.
final class Responses {
    private static final Map.Entry<String, String> CLOSE = Map.entry("Connection", "close");

    private Responses() {}

    /// @param withBody not for a HEAD
    /// @param close whether the connection ends with it, which it then says
    static ByteBuf of(HttpAnswer answer, boolean withBody, boolean close) {
        List<Map.Entry<String, String>> headers = new ArrayList<>(answer.headers());
        if (close) {
            headers.removeIf(header -> header.getKey().equalsIgnoreCase("Connection"));
            headers.add(CLOSE);
        }
        ByteBuf head = head(answer.status(), headers);
        ByteBuffer body = answer.body();
        return withBody && body.hasRemaining()
                ? Unpooled.wrappedBuffer(head, Unpooled.wrappedBuffer(body))
                : head;
    }

    static ByteBuf head(int status, List<Map.Entry<String, String>> headers) {
        StringBuilder text = new StringBuilder(256);
        text.append("HTTP/1.1 ").append(HttpResponseStatus.valueOf(status)).append("\r\n");
        for (var header : headers) {
            text.append(header.getKey()).append(": ").append(header.getValue()).append("\r\n");
        }
        return Unpooled.wrappedBuffer(text.append("\r\n").toString().getBytes(ISO_8859_1));
    }

    /// A refusal, with one sentence that is the same for everybody.
    static HttpAnswer refusal(int status, String reason, List<Map.Entry<String, String>> headers) {
        ByteBuffer body = ByteBuffer.wrap((reason + "\n").getBytes(UTF_8));
        List<Map.Entry<String, String>> all = new ArrayList<>(headers);
        all.add(Map.entry("Content-Type", "text/plain; charset=utf-8"));
        all.add(Map.entry("Content-Length", Integer.toString(body.remaining())));
        return new HttpAnswer(status, all, body);
    }
}
