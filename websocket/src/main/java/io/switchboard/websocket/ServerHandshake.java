package io.switchboard.websocket;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The server's side of the opening handshake (RFC 6455 section 4.2): judges a request, and writes
/// nothing from it into the answer but what it is the digest of.
///
/// What depends on the server rather than on the protocol is decided elsewhere: which hosts,
/// origins and paths are served, and to whom. Of extensions there is [PermessageDeflate], where the
/// owner wants it; the others are checked for their grammar and declined.
public final class ServerHandshake {

    public sealed interface Answer {
        /// 101, or 200 in HTTP/2, with these headers, which are all that it needs.
        ///
        /// @param accept null in HTTP/2, where nobody can take another server's answer for ours
        /// @param deflate what was agreed about compression; null for none
        record Accepted(
                @Nullable String accept,
                @Nullable String subprotocol,
                @Nullable PermessageDeflate deflate,
                List<Map.Entry<String, String>> headers)
                implements Answer {}

        /// This status, with these headers beside those of the body.
        ///
        /// @param reason one sentence for the body, the same for all requests with this fault
        record Refused(int status, String reason, List<Map.Entry<String, String>> headers)
                implements Answer {}

        /// An ordinary request, to be answered as if there were no WebSockets.
        record NotAnUpgrade() implements Answer {}
    }

    private static final String VERSION = "13";
    private static final List<Map.Entry<String, String>> UPGRADE =
            List.of(Map.entry("Upgrade", "websocket"), Map.entry("Connection", "Upgrade"));
    private static final Answer.NotAnUpgrade NOT_AN_UPGRADE = new Answer.NotAnUpgrade();

    private ServerHandshake() {}

    /// @param subprotocolsByPreference of these the first that the client offers is chosen
    public static Answer answer(HandshakeRequest request, List<String> subprotocolsByPreference) {
        return answer(request, subprotocolsByPreference, null);
    }

    /// @param subprotocolsByPreference of these the first that the client offers is chosen
    /// @param deflate what the server is willing to agree to; null for no compression
    public static Answer answer(
            HandshakeRequest request,
            List<String> subprotocolsByPreference,
            @Nullable PermessageDeflate deflate) {
        HeaderFields headers = new HeaderFields(request.headers());
        Answer answer = checkHttp(request, headers);
        if (answer == null) {
            answer = checkRequest(request, headers);
        }
        if (answer == null) {
            // RFC 9110 section 15.5.22 demands Upgrade, and section 7.8 the Connection beside it.
            answer = checkVersion(headers, 426, UPGRADE);
        }
        if (answer != null) {
            return answer;
        }
        String key = headers.single("Sec-WebSocket-Key");
        if (key == null || !HandshakeKey.valid(key)) {
            return malformed("there is one Sec-WebSocket-Key, of 16 bytes in base64");
        }
        return agree(headers, subprotocolsByPreference, deflate, HandshakeKey.accept(key));
    }

    /// The same for HTTP/2 (RFC 8441 section 5). There an extended CONNECT says what Upgrade,
    /// Connection and the key say in HTTP/1.1; a key is ignored.
    ///
    /// @param request a CONNECT whose `:protocol` is `websocket`, with its `:path` as the target
    ///   and its `:authority` as the Host; method and version are not looked at
    public static Answer answerConnect(
            HandshakeRequest request,
            List<String> subprotocolsByPreference,
            @Nullable PermessageDeflate deflate) {
        HeaderFields headers = new HeaderFields(request.headers());
        Answer answer = checkFields(headers);
        if (answer == null) {
            answer = checkTarget(request, headers);
        }
        if (answer == null) {
            // 426 would have to name an upgrade, and HTTP/2 has none.
            answer = checkVersion(headers, 400, List.of());
        }
        return answer != null ? answer : agree(headers, subprotocolsByPreference, deflate, null);
    }

    /// What holds for all of HTTP/1, then whether this is for us at all.
    private static @Nullable Answer checkHttp(HandshakeRequest request, HeaderFields headers) {
        String version = request.version();
        if (!version.matches("HTTP/[0-9]\\.[0-9]")) {
            return malformed("the version is HTTP/1.1");
        }
        if (version.charAt(5) != '1') {
            return refused(505, "this connection speaks HTTP/1.1", closing());
        }
        Answer malformed = checkFields(headers);
        if (malformed != null) {
            return malformed;
        }
        // Upgrade means nothing in HTTP/1.0 (RFC 9110 section 7.8).
        if (version.endsWith("0")
                || !headers.lists("Upgrade", "websocket")
                || !headers.lists("Connection", "Upgrade")) {
            return NOT_AN_UPGRADE;
        }
        return null;
    }

    private static @Nullable Answer checkFields(HeaderFields headers) {
        for (var header : headers.entries()) {
            if (!HeaderFields.isToken(header.getKey())) {
                return malformed("the name of a header is a token, with the colon right behind");
            }
            if (!HeaderFields.isValue(header.getValue())) {
                return malformed("the value of a header has no control characters");
            }
        }
        return null;
    }

    /// RFC 6455 section 4.2.1, as far as it is HTTP/1.1.
    private static @Nullable Answer checkRequest(HandshakeRequest request, HeaderFields headers) {
        if (!request.method().equals("GET")) {
            return refused(
                    405, "the method of an upgrade is GET", List.of(Map.entry("Allow", "GET")));
        }
        return checkTarget(request, headers);
    }

    private static @Nullable Answer checkTarget(HandshakeRequest request, HeaderFields headers) {
        String host = headers.single("Host");
        if (host == null || !RequestTarget.validHost(host)) {
            return malformed("there is one Host, with a name or address and perhaps a port");
        }
        if (!RequestTarget.valid(request.target())) {
            return malformed("the target is a path and perhaps a query, without a fragment");
        }
        if (headers.has("Expect")) {
            return refused(417, "an upgrade has no content to wait for", closing());
        }
        // A body would be taken for frames by whoever reads on behind the head.
        if (request.hasBody()
                || headers.has("Transfer-Encoding")
                || !headers.values("Content-Length").stream().allMatch("0"::equals)) {
            return malformed("an upgrade has no content");
        }
        return null;
    }

    /// @param status of the answer to another version, with these headers beside ours
    private static @Nullable Answer checkVersion(
            HeaderFields headers, int status, List<Map.Entry<String, String>> more) {
        List<String> versions = headers.values("Sec-WebSocket-Version");
        if (versions.size() > 1) {
            return malformed("there is one Sec-WebSocket-Version");
        }
        if (versions.isEmpty() || !versions.getFirst().equals(VERSION)) {
            List<Map.Entry<String, String>> answer = new ArrayList<>();
            answer.add(Map.entry("Sec-WebSocket-Version", VERSION));
            answer.addAll(more);
            return refused(status, "the version is 13", answer);
        }
        return null;
    }

    /// @param accept null where the answer needs none, nor the words of an upgrade
    private static Answer agree(
            HeaderFields headers,
            List<String> subprotocolsByPreference,
            @Nullable PermessageDeflate deflate,
            @Nullable String accept) {
        List<HeaderList.Extension> extensions = List.of();
        if (headers.has("Sec-WebSocket-Extensions")) {
            extensions = HeaderList.extensions(headers.joined("Sec-WebSocket-Extensions"));
            if (extensions == null) {
                return malformed("Sec-WebSocket-Extensions is a list of names with parameters");
            }
        }
        String subprotocol = null;
        if (headers.has("Sec-WebSocket-Protocol")) {
            List<String> offered = HeaderList.tokens(headers.joined("Sec-WebSocket-Protocol"));
            if (offered == null || new HashSet<>(offered).size() < offered.size()) {
                return malformed("Sec-WebSocket-Protocol is a list of names, each once");
            }
            subprotocol = choose(subprotocolsByPreference, offered);
        }
        List<Map.Entry<String, String>> answer = new ArrayList<>();
        if (accept != null) {
            answer.addAll(UPGRADE);
            answer.add(Map.entry("Sec-WebSocket-Accept", accept));
        }
        if (subprotocol != null) {
            answer.add(Map.entry("Sec-WebSocket-Protocol", subprotocol));
        }
        PermessageDeflate.Agreed agreed = deflate == null ? null : deflate.accept(extensions);
        if (agreed == null) {
            return new Answer.Accepted(accept, subprotocol, null, List.copyOf(answer));
        }
        answer.add(Map.entry("Sec-WebSocket-Extensions", agreed.header()));
        return new Answer.Accepted(accept, subprotocol, agreed.parameters(), List.copyOf(answer));
    }

    private static @Nullable String choose(List<String> preferred, List<String> offered) {
        for (String each : preferred) {
            if (offered.contains(each)) {
                return each;
            }
        }
        return null;
    }

    /// After a request that is not what it should be, where the next one begins is a guess.
    private static Answer malformed(String rule) {
        return refused(400, rule, closing());
    }

    private static List<Map.Entry<String, String>> closing() {
        return List.of(Map.entry("Connection", "close"));
    }

    private static Answer refused(
            int status, String rule, List<Map.Entry<String, String>> headers) {
        return new Answer.Refused(status, "Expected that " + rule + ".", headers);
    }
}
