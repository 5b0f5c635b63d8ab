package io.switchboard.server.http;

import io.switchboard.websocket.HandshakeRequest;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// What one proxy says of the connection that a request came to it on, in `Forwarded` (RFC 7239) or
/// in the `X-Forwarded-` headers that are older.
///
/// @param address null where the proxy does not tell
/// @param text the address as logs show it, with the port if that was told too; empty for none
/// @param scheme `http` or `https`, null where the proxy does not tell
record ForwardedHop(@Nullable InetAddress address, String text, @Nullable String scheme) {
    private static final String TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";

    /// One `name=value` of an element, and what ends it. No value that means anything here needs an
    /// escape in its quotes.
    private static final Pattern PAIR =
            Pattern.compile(
                    "[ \\t]*(?:("
                            + TOKEN
                            + ")=(?:("
                            + TOKEN
                            + ")|\"([^\"\\\\]*)\"))?[ \\t]*([;,]|$)");

    /// RFC 7239 section 6: nobody knows, or nobody is to know.
    private static final Pattern HIDDEN =
            Pattern.compile("(?:unknown|_[A-Za-z0-9._-]+)(?::[A-Za-z0-9._-]+)?");

    private static final Pattern WITH_PORT =
            Pattern.compile("(\\[[0-9A-Fa-f:.]+]|[0-9.]+)(:(?:[0-9]{1,5}|_[A-Za-z0-9._-]+))?");

    private static final Set<String> HTTPS = Set.of("https", "wss");
    private static final Set<String> HTTP = Set.of("http", "ws");

    /// Of all lines of `Forwarded`, the first hop first; null when malformed.
    static @Nullable List<ForwardedHop> ofForwarded(HandshakeRequest request) {
        List<ForwardedHop> hops = new ArrayList<>();
        for (String line : OriginAndHost.values(request, "Forwarded")) {
            Map<String, String> pairs = new HashMap<>();
            Matcher matcher = PAIR.matcher(line);
            int at = 0;
            while (at < line.length()) {
                if (!matcher.region(at, line.length()).lookingAt()) {
                    return null;
                }
                String name = matcher.group(1);
                if (name != null) {
                    String value = matcher.group(matcher.group(2) == null ? 3 : 2);
                    if (pairs.put(name.toLowerCase(Locale.ROOT), value) != null) {
                        return null;
                    }
                }
                at = matcher.end();
                if ((at == line.length() || matcher.group(4).equals(",")) && !pairs.isEmpty()) {
                    ForwardedHop hop = of(pairs.get("for"), pairs.get("proto"));
                    if (hop == null) {
                        return null;
                    }
                    hops.add(hop);
                    pairs.clear();
                }
            }
        }
        return hops;
    }

    /// Of `X-Forwarded-For` and `X-Forwarded-Proto`; null when malformed. The first of several
    /// schemes is the client's, and is taken for each hop's.
    static @Nullable List<ForwardedHop> ofXForwarded(HandshakeRequest request) {
        List<String> nodes = list(request, "X-Forwarded-For");
        List<String> schemes = list(request, "X-Forwarded-Proto");
        String scheme = schemes.isEmpty() ? null : schemes.getFirst();
        List<ForwardedHop> hops = new ArrayList<>();
        for (String node : nodes) {
            ForwardedHop hop = of(node, scheme);
            if (hop == null) {
                return null;
            }
            hops.add(hop);
        }
        if (nodes.isEmpty() && scheme != null) {
            ForwardedHop hop = of(null, scheme);
            return hop == null ? null : List.of(hop);
        }
        return hops;
    }

    private static List<String> list(HandshakeRequest request, String name) {
        List<String> members = new ArrayList<>();
        for (String line : OriginAndHost.values(request, name)) {
            for (String member : line.split(",")) {
                if (!member.isBlank()) {
                    members.add(member.strip());
                }
            }
        }
        return members;
    }

    private static @Nullable ForwardedHop of(@Nullable String node, @Nullable String proto) {
        String scheme = null;
        if (proto != null) {
            String lower = proto.toLowerCase(Locale.ROOT);
            if (!HTTPS.contains(lower) && !HTTP.contains(lower)) {
                return null;
            }
            scheme = HTTPS.contains(lower) ? "https" : "http";
        }
        if (node == null || HIDDEN.matcher(node).matches()) {
            return new ForwardedHop(null, "", scheme);
        }
        String host = node;
        String port = "";
        Matcher matcher = WITH_PORT.matcher(node);
        if (matcher.matches()) {
            host = matcher.group(1).replaceAll("[\\[\\]]", "");
            port =
                    matcher.group(2) == null || matcher.group(2).startsWith(":_")
                            ? ""
                            : matcher.group(2);
        }
        InetAddress address = Authority.literalOf(host);
        if (address == null) {
            return null;
        }
        String text = address.getHostAddress();
        return new ForwardedHop(
                address, (text.indexOf(':') < 0 ? text : "[" + text + "]") + port, scheme);
    }
}
