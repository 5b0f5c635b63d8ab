package io.switchboard.server.transport;

import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Headers.PseudoHeaderName;
import io.switchboard.server.http.HttpAnswer;
import io.switchboard.websocket.HandshakeRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Heads of HTTP/2 as those of HTTP/1.1 that mean the same, and back. What Netty's decoder checks
/// (names, order and number of fields, RFC 9113 section 8) is not checked again.
final class Http2Heads {
    private static final String HOST = "host";

    /// RFC 9113 section 8.2.2.
    private static final Set<String> OF_HTTP_1 =
            Set.of("connection", "upgrade", "keep-alive", "proxy-connection", "transfer-encoding");

    private Http2Heads() {}

    /// RFC 8441 section 4.
    static boolean extendedConnect(Http2Headers head) {
        return head.contains(PseudoHeaderName.PROTOCOL.value());
    }

    static boolean webSocket(Http2Headers head) {
        return head.get(PseudoHeaderName.PROTOCOL.value()).toString().equals("websocket");
    }

    /// The request, with the authority as its Host.
    ///
    /// @return null if it is malformed
    static @Nullable HandshakeRequest request(Http2Headers head) {
        boolean connect = HttpMethod.CONNECT.asciiName().contentEquals(head.method());
        CharSequence path = head.path();
        CharSequence authority = head.authority();
        List<CharSequence> hosts = head.getAll(HOST);
        if (extendedConnect(head)) {
            // Host belongs to HTTP/1.1 (RFC 8441 section 5).
            if (!connect || path == null || authority == null || !hosts.isEmpty()) {
                return null;
            }
        } else if (authority != null) {
            // RFC 9113 section 8.3.1.
            String named = authority.toString();
            if (!hosts.stream().allMatch(host -> named.equalsIgnoreCase(host.toString()))) {
                return null;
            }
        }
        List<Map.Entry<String, String>> fields = new ArrayList<>();
        if (authority != null) {
            fields.add(Map.entry(HOST, authority.toString()));
        }
        for (var field : head) {
            String name = field.getKey().toString();
            if (!name.startsWith(":") && !(authority != null && name.equals(HOST))) {
                fields.add(Map.entry(name, field.getValue().toString()));
            }
        }
        String target = path == null ? String.valueOf(authority) : path.toString();
        return new HandshakeRequest(head.method().toString(), "HTTP/2", target, fields, false);
    }

    static Http2Headers of(HttpAnswer answer) {
        // 426 would have to name an upgrade (RFC 9110 section 15.5.22), and HTTP/2 has none.
        return of(answer.status() == 426 ? 400 : answer.status(), answer.headers());
    }

    static Http2Headers of(int status, List<Map.Entry<String, String>> fields) {
        Http2Headers head = new DefaultHttp2Headers().status(Integer.toString(status));
        for (var field : fields) {
            String name = field.getKey().toLowerCase(Locale.ROOT);
            if (!OF_HTTP_1.contains(name)) {
                head.add(name, field.getValue());
            }
        }
        return head;
    }
}
