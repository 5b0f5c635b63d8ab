package io.switchboard.server.http;

import io.switchboard.server.WebOptions;
import io.switchboard.websocket.HandshakeRequest;
import java.net.InetAddress;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Keeps web pages of others away from a listener. One per listener, shared by its connections;
/// immutable.
///
/// A browser lets any page open a WebSocket to any server, the one on its reader's own machine too,
/// and says in Origin whose page it is (RFC 6455 section 10.2). And whoever owns a domain may have
/// its name answer with 127.0.0.1, by which the server becomes of the same origin as the page; what
/// then gives it away is the name in Host. So a handshake needs a Host that names this listener,
/// and an Origin that is the listener's own or allowed, or none: only browsers are bound to send
/// one, and only they carry somebody's page.
public final class OriginAndHost {
    /// A request that is not answered further.
    ///
    /// @param reason one sentence for the answer's body
    public record Refused(int status, String reason) {}

    private static final Refused HOST_MALFORMED =
            new Refused(400, "expected one Host header with a name or address");
    private static final Refused HOST_UNKNOWN =
            new Refused(
                    403, "this server does not go by the name in Host (setting: allowed-hosts)");
    private static final Refused ORIGIN_REFUSED =
            new Refused(
                    403,
                    "pages of this Origin may not connect to this server (setting:"
                            + " allowed-origins)");

    private final String scheme;
    private final boolean loopback;
    private final Set<InetAddress> addresses;
    private final Set<String> names;
    private final List<AllowedOrigin> origins;

    private OriginAndHost(
            boolean tls,
            boolean loopback,
            Set<InetAddress> addresses,
            Set<String> names,
            List<AllowedOrigin> origins) {
        this.scheme = tls ? "https" : "http";
        this.loopback = loopback;
        this.addresses = addresses;
        this.names = names;
        this.origins = origins;
    }

    /// @param bound where the listener listens
    /// @param machine what else than loopback that can mean
    /// @throws IllegalArgumentException if the options name what is no host or origin
    public static OriginAndHost of(
            boolean tls, InetAddress bound, MachineNames machine, WebOptions web) {
        Set<InetAddress> addresses = new HashSet<>();
        Set<String> names = new HashSet<>();
        if (bound.isAnyLocalAddress()) {
            addresses.addAll(machine.addresses());
        } else {
            addresses.add(bound);
        }
        if (!bound.isLoopbackAddress()) {
            machine.hostNames().forEach(name -> names.add(name.toLowerCase(Locale.ROOT)));
        }
        for (String host : web.hosts()) {
            Authority authority = host(host);
            if (authority.address() == null) {
                names.add(authority.host());
            } else {
                addresses.add(authority.address());
            }
        }
        return new OriginAndHost(
                tls,
                bound.isLoopbackAddress() || bound.isAnyLocalAddress(),
                Set.copyOf(addresses),
                Set.copyOf(names),
                web.origins().stream().map(AllowedOrigin::parse).toList());
    }

    /// Checks one of [WebOptions#origins()].
    ///
    /// @throws IllegalArgumentException with what was expected
    public static void checkOrigin(String text) {
        AllowedOrigin.parse(text);
    }

    /// Checks one of [WebOptions#hosts()].
    ///
    /// @throws IllegalArgumentException with what was expected
    public static void checkHost(String text) {
        host(text);
    }

    private static Authority host(String text) {
        Authority authority = Authority.parse(text);
        if (authority == null || authority.port() >= 0) {
            throw new IllegalArgumentException(
                    "expected a host name or address without a port, like chat.example.com");
        }
        return authority;
    }

    /// For every HTTP request: null when its Host names this listener. The port may be another one,
    /// as there are port forwarders.
    public @Nullable Refused refuseRequest(HandshakeRequest request) {
        Authority host = hostOf(request);
        if (host == null) {
            return HOST_MALFORMED;
        }
        return named(host) ? null : HOST_UNKNOWN;
    }

    /// For every WebSocket handshake: null when Host and Origin are as they should be.
    public @Nullable Refused refuseHandshake(HandshakeRequest request) {
        return refuseHandshake(request, null);
    }

    /// The same where a proxy may have told something else than the listener knows.
    ///
    /// @param itsScheme what the client used, if that is known from a proxy; null for the
    ///   listener's
    public @Nullable Refused refuseHandshake(HandshakeRequest request, @Nullable String itsScheme) {
        Refused refused = refuseRequest(request);
        if (refused != null) {
            return refused;
        }
        List<String> origin = values(request, "Origin");
        Authority host = hostOf(request);
        if (origin.isEmpty() || host == null) {
            return host == null ? HOST_MALFORMED : null;
        }
        AllowedOrigin found = origin.size() == 1 ? AllowedOrigin.ofHeader(origin.getFirst()) : null;
        if (found == null) {
            return ORIGIN_REFUSED;
        }
        String own = itsScheme == null ? scheme : itsScheme;
        boolean same = new AllowedOrigin(own, host, false).matches(found);
        return same || origins.stream().anyMatch(it -> it.matches(found)) ? null : ORIGIN_REFUSED;
    }

    /// In which proxies and content networks name the client they speak for.
    private static final Set<String> CLIENT_ADDRESS_HEADERS =
            Set.of(
                    "x-real-ip",
                    "x-client-ip",
                    "x-cluster-client-ip",
                    "x-original-forwarded-for",
                    "true-client-ip",
                    "cf-connecting-ip",
                    "fastly-client-ip");

    /// Whether a proxy passed this request on, so that the address it came from says nothing about
    /// whose it is (RFC 7239, and the names in use before it).
    public static boolean forwarded(HandshakeRequest request) {
        return request.headers().stream()
                .map(header -> header.getKey().toLowerCase(Locale.ROOT))
                .anyMatch(name ->
                        name.equals("forwarded")
                                || name.startsWith("x-forwarded-")
                                || name.equals("via")
                                || CLIENT_ADDRESS_HEADERS.contains(name));
    }

    /// The host that the request is for, null when that is not clear: the target in absolute form
    /// overrides Host (RFC 9112 section 3.2.2), so the two must not differ.
    static @Nullable Authority hostOf(HandshakeRequest request) {
        List<String> values = values(request, "Host");
        Authority host = values.size() == 1 ? Authority.parse(values.getFirst()) : null;
        String target = request.target();
        // The asterisk stands for the whole server, and names no host (RFC 9112 section 3.2.4).
        boolean asterisk = target.equals("*") && request.method().equals("OPTIONS");
        if (host == null || target.startsWith("/") || asterisk) {
            return host;
        }
        int start = target.indexOf("://") + 3;
        if (start < 3) {
            return null;
        }
        int end = start;
        while (end < target.length() && "/?#".indexOf(target.charAt(end)) < 0) {
            end++;
        }
        Authority other = Authority.parse(target.substring(start, end));
        return host.equals(other) ? host : null;
    }

    private boolean named(Authority host) {
        InetAddress address = host.address();
        if (address != null) {
            return addresses.contains(address) || (loopback && address.isLoopbackAddress());
        }
        // Resolvers keep everything below localhost on the machine (RFC 6761 section 6.3).
        return names.contains(host.host())
                || (loopback
                        && (host.host().equals("localhost") || host.host().endsWith(".localhost")));
    }

    static List<String> values(HandshakeRequest request, String name) {
        return request.headers().stream()
                .filter(header -> header.getKey().equalsIgnoreCase(name))
                .map(header -> header.getValue())
                .toList();
    }
}
