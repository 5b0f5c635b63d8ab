package io.switchboard.websocket;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.switchboard.websocket.ClientHandshake.Answer.Violation;
import java.net.URI;
import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// The client's side of the opening handshake (RFC 6455 section 4.1): the bytes of the request,
/// then the head of the response. Owned by one event loop; bytes behind the head are left in the
/// buffer for the [WebSocketConnection] that follows.
public final class ClientHandshake {

    public sealed interface Answer {
        NeedBytes NEED_BYTES = new NeedBytes();

        /// The connection is open.
        ///
        /// @param subprotocol one of those offered; null when the server chose none
        /// @param deflate what was agreed about compression; null for none
        record Accepted(
                @Nullable String subprotocol,
                @Nullable PermessageDeflate deflate,
                List<Map.Entry<String, String>> headers)
                implements Answer {}

        /// The server gave another answer than 101, as a redirection or a wish for credentials.
        record Refused(int status, String reason, List<Map.Entry<String, String>> headers)
                implements Answer {}

        /// The response breaks a rule: end the transport.
        record Violation(String rule, String found) implements Answer {}

        /// The head is not complete, and the buffer used up.
        record NeedBytes() implements Answer {}
    }

    /// What this class writes itself, so that nobody else may.
    private static final Set<String> OWN_HEADERS =
            Set.of(
                    "host",
                    "upgrade",
                    "connection",
                    "sec-websocket-key",
                    "sec-websocket-version",
                    "sec-websocket-protocol",
                    "sec-websocket-extensions",
                    "content-length",
                    "transfer-encoding");

    private final List<String> subprotocols;
    private final @Nullable PermessageDeflate deflate;
    private final String key;
    private final byte[] request;
    private final ResponseHead response;

    private @Nullable Answer answer;

    /// @param uri `ws` or `wss`, without user and fragment
    /// @param extraHeaders as `Origin` or `Authorization`
    /// @param random must not be predictable (RFC 6455 section 4.1)
    /// @param headLengthMax bytes of all response heads, as there may be interim ones before the
    ///   last
    public ClientHandshake(
            URI uri,
            List<String> subprotocols,
            List<Map.Entry<String, String>> extraHeaders,
            RandomGenerator random,
            int headLengthMax) {
        this(uri, subprotocols, null, extraHeaders, random, headLengthMax);
    }

    /// @param deflate compression to be offered; null for none
    public ClientHandshake(
            URI uri,
            List<String> subprotocols,
            @Nullable PermessageDeflate deflate,
            List<Map.Entry<String, String>> extraHeaders,
            RandomGenerator random,
            int headLengthMax) {
        this.deflate = deflate;
        this.subprotocols = List.copyOf(subprotocols);
        byte[] nonce = new byte[HandshakeKey.LENGTH];
        random.nextBytes(nonce);
        this.key = Base64.getEncoder().encodeToString(nonce);
        this.request = head(uri, List.copyOf(extraHeaders)).getBytes(ISO_8859_1);
        this.response = new ResponseHead(headLengthMax);
    }

    /// The bytes to send.
    public ByteBuffer request() {
        return ByteBuffer.wrap(request).asReadOnlyBuffer();
    }

    /// Takes bytes of the response up to the end of its head. After an answer other than
    /// [Answer#NEED_BYTES] that answer stays, and no more bytes are taken.
    public Answer receive(ByteBuffer bytes) {
        while (answer == null) {
            if (!response.read(bytes)) {
                return Answer.NEED_BYTES;
            }
            answer = judge();
        }
        return answer;
    }

    private String head(URI uri, List<Map.Entry<String, String>> extraHeaders) {
        StringBuilder head = new StringBuilder();
        head.append("GET ").append(target(uri)).append(" HTTP/1.1\r\n");
        field(head, "Host", host(uri));
        field(head, "Upgrade", "websocket");
        field(head, "Connection", "Upgrade");
        field(head, "Sec-WebSocket-Key", key);
        field(head, "Sec-WebSocket-Version", "13");
        if (!subprotocols.isEmpty()) {
            if (!subprotocols.stream().allMatch(HeaderFields::isToken)
                    || new HashSet<>(subprotocols).size() < subprotocols.size()) {
                throw new IllegalArgumentException(
                        "expected subprotocols that are tokens, each once, but was "
                                + subprotocols);
            }
            field(head, "Sec-WebSocket-Protocol", String.join(", ", subprotocols));
        }
        if (deflate != null) {
            field(head, "Sec-WebSocket-Extensions", deflate.offer());
        }
        for (var header : extraHeaders) {
            // The value may be a secret, so it is not told.
            if (!HeaderFields.isToken(header.getKey())
                    || !HeaderFields.isValue(header.getValue())
                    || OWN_HEADERS.contains(header.getKey().toLowerCase(Locale.ROOT))) {
                throw new IllegalArgumentException(
                        "expected a header that the handshake does not set itself, without control"
                                + " characters, but was "
                                + header.getKey());
            }
            field(head, header.getKey(), header.getValue());
        }
        return head.append("\r\n").toString();
    }

    private static void field(StringBuilder head, String name, String value) {
        head.append(name).append(": ").append(value).append("\r\n");
    }

    private static String target(URI uri) {
        boolean webSocket =
                "ws".equalsIgnoreCase(uri.getScheme()) || "wss".equalsIgnoreCase(uri.getScheme());
        if (!webSocket
                || uri.getHost() == null
                || uri.getRawUserInfo() != null
                || uri.getRawFragment() != null) {
            throw new IllegalArgumentException(
                    "expected ws://host/path or wss://host/path without user and fragment but was "
                            + uri.getScheme()
                            + "://"
                            + uri.getHost());
        }
        URI ascii = URI.create(uri.toASCIIString());
        String path = ascii.getRawPath();
        String query = ascii.getRawQuery();
        return (path.isEmpty() ? "/" : path) + (query == null ? "" : "?" + query);
    }

    /// The port is left out when the scheme implies it (RFC 6455 section 4.1).
    private static String host(URI uri) {
        int impliedPort = "wss".equalsIgnoreCase(uri.getScheme()) ? 443 : 80;
        boolean implied = uri.getPort() < 0 || uri.getPort() == impliedPort;
        return uri.getHost() + (implied ? "" : ":" + uri.getPort());
    }

    /// Null for an interim response, after which another follows (RFC 9110 section 15.2).
    private @Nullable Answer judge() {
        ResponseHead.Parsed head = response.take();
        return switch (head) {
            case ResponseHead.Malformed(var rule, var found) -> new Violation(rule, found);
            case ResponseHead.Response(var status, var reason, var headers) -> {
                if (status == 101) {
                    yield judgeSwitch(new HeaderFields(headers));
                }
                yield status < 200 ? null : new Answer.Refused(status, reason, headers);
            }
        };
    }

    /// RFC 6455 section 4.1, the numbered list on the server's response.
    private Answer judgeSwitch(HeaderFields headers) {
        String upgrade = headers.single("Upgrade");
        if (upgrade == null || !upgrade.equalsIgnoreCase("websocket")) {
            return unexpected("Upgrade is websocket", "Upgrade", headers);
        }
        if (!headers.lists("Connection", "Upgrade")) {
            return unexpected("Connection lists Upgrade", "Connection", headers);
        }
        String accept = headers.single("Sec-WebSocket-Accept");
        if (accept == null || !accept.equals(HandshakeKey.accept(key))) {
            return unexpected(
                    "Sec-WebSocket-Accept answers the key", "Sec-WebSocket-Accept", headers);
        }
        PermessageDeflate agreed = null;
        if (headers.has("Sec-WebSocket-Extensions")) {
            agreed = agreed(headers.joined("Sec-WebSocket-Extensions"));
            if (agreed == null) {
                return unexpected(
                        "no extension but what was offered", "Sec-WebSocket-Extensions", headers);
            }
        }
        String subprotocol = null;
        if (headers.has("Sec-WebSocket-Protocol")) {
            subprotocol = headers.single("Sec-WebSocket-Protocol");
            if (subprotocol == null || !subprotocols.contains(subprotocol)) {
                return unexpected(
                        "the subprotocol is one of those offered",
                        "Sec-WebSocket-Protocol",
                        headers);
            }
        }
        return new Answer.Accepted(subprotocol, agreed, headers.entries());
    }

    private @Nullable PermessageDeflate agreed(String answer) {
        List<HeaderList.Extension> extensions = HeaderList.extensions(answer);
        return deflate == null || extensions == null ? null : deflate.judge(extensions);
    }

    private static Violation unexpected(String rule, String name, HeaderFields headers) {
        return new Violation(rule, name + ": " + headers.joined(name));
    }
}
