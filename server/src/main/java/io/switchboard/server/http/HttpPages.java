package io.switchboard.server.http;

import io.switchboard.websocket.HandshakeRequest;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Answers the requests on the HTTP and TLS listeners that are no WebSocket handshakes: pages, and
/// `/health`. One per listener, shared by its connections.
public final class HttpPages {
    /// Where WebSockets with STOMP are opened.
    public static final String WEB_SOCKET_PATH = "/ws";

    private static final String HEALTH_PATH = "/health";

    private static final List<Map.Entry<String, String>> ALWAYS =
            List.of(
                    Map.entry("X-Content-Type-Options", "nosniff"),
                    Map.entry("Referrer-Policy", "no-referrer"),
                    Map.entry("Cross-Origin-Resource-Policy", "same-origin"));

    static final HttpAnswer HEALTH =
            HttpAnswer.of(
                    200,
                    "application/json",
                    "{\"status\":\"ok\"}\n".getBytes(StandardCharsets.UTF_8));

    private static final HttpAnswer UPGRADE_REQUIRED = upgradeRequired("STOMP, RFC 6455");
    private static final HttpAnswer ENDPOINT = upgradeRequired("RFC 6455");
    private static final HttpAnswer NOT_FOUND = HttpAnswer.text(404, "there is no such page");

    private final OriginAndHost check;
    private final boolean tls;
    private final boolean strictTransport;
    private final Set<String> endpoints;
    private final Pages pages;

    /// @param strictTransport whether browsers are told to come by TLS only from now on; not for a
    ///   certificate that they must be talked into
    /// @param endpoints paths of raw WebSockets
    /// @param loader whose class path has the pages
    public HttpPages(
            OriginAndHost check,
            boolean tls,
            boolean strictTransport,
            Set<String> endpoints,
            ClassLoader loader) {
        this.check = check;
        this.tls = tls;
        this.strictTransport = strictTransport;
        this.endpoints = Set.copyOf(endpoints);
        this.pages = new Pages(loader);
    }

    public HttpAnswer answer(HandshakeRequest request) {
        Authority host = OriginAndHost.hostOf(request);
        HttpAnswer answer = choose(request);
        List<Map.Entry<String, String>> more = new ArrayList<>(ALWAYS);
        more.add(Map.entry("Content-Security-Policy", policy(host)));
        if (strictTransport) {
            more.add(Map.entry("Strict-Transport-Security", "max-age=31536000"));
        }
        answer = answer.with(more);
        return request.method().equals("HEAD") ? answer.withoutBody() : answer;
    }

    private HttpAnswer choose(HandshakeRequest request) {
        OriginAndHost.Refused refused = check.refuseRequest(request);
        if (refused != null) {
            return HttpAnswer.text(refused.status(), refused.reason());
        }
        HttpAnswer wrong = wrongRequest(request);
        if (wrong != null) {
            return wrong;
        }
        String path = path(request.target());
        return switch (path) {
            case HEALTH_PATH -> HEALTH;
            case WEB_SOCKET_PATH -> UPGRADE_REQUIRED;
            default -> endpoints.contains(path) ? ENDPOINT : page(path, request);
        };
    }

    private static HttpAnswer upgradeRequired(String what) {
        return HttpAnswer.text(426, "this is where WebSockets are opened: " + what)
                .with(
                        List.of(
                                Map.entry("Upgrade", "websocket"),
                                Map.entry("Connection", "Upgrade"),
                                Map.entry("Sec-WebSocket-Version", "13")));
    }

    /// What an endpoint's path must be: one that requests can name, and nobody else answers.
    ///
    /// @throws IllegalArgumentException saying what was expected
    public static void checkEndpointPath(String path) {
        if (!path.matches("/[\\x21-\\x7e&&[^?#]]*")
                || path.equals(WEB_SOCKET_PATH)
                || path.equals(HEALTH_PATH)) {
            throw new IllegalArgumentException(
                    "expected a path like /echo, other than /ws and /health");
        }
    }

    private HttpAnswer page(String path, HandshakeRequest request) {
        HttpAnswer page = pages.at(path);
        if (page != null) {
            return unchanged(request, page.header("ETag")) ? notModified(page) : page;
        }
        if (pages.folder(path)) {
            int query = request.target().indexOf('?');
            String location = path + "/" + (query < 0 ? "" : request.target().substring(query));
            return HttpAnswer.text(308, "see " + path + "/")
                    .with(List.of(Map.entry("Location", location)));
        }
        return NOT_FOUND;
    }

    /// RFC 9110 section 13.1.2: compared without regard to `W/`.
    private static boolean unchanged(HandshakeRequest request, String tag) {
        for (var header : request.headers()) {
            if (header.getKey().equalsIgnoreCase("If-None-Match")) {
                for (String each : header.getValue().split(",")) {
                    String known = each.strip();
                    if (known.equals("*") || known.equals(tag) || known.equals("W/" + tag)) {
                        return true;
                    }
                }
            }
        }
        return false;
    }

    /// RFC 9110 section 15.4.5: the headers that speak of the page, not those of its content.
    private static HttpAnswer notModified(HttpAnswer page) {
        List<Map.Entry<String, String>> headers =
                page.headers().stream()
                        .filter(header -> !header.getKey().startsWith("Content-"))
                        .toList();
        return new HttpAnswer(304, headers, page.body()).withoutBody();
    }

    /// What holds for requests on every listener; null when nothing is wrong.
    static @Nullable HttpAnswer wrongRequest(HandshakeRequest request) {
        for (int i = 0; i < request.target().length(); i++) {
            char c = request.target().charAt(i);
            if (c <= ' ' || c >= 0x7f) {
                return HttpAnswer.text(400, "expected a target of visible ASCII characters");
            }
        }
        if (!request.method().equals("GET") && !request.method().equals("HEAD")) {
            return HttpAnswer.text(405, "expected GET or HEAD")
                    .with(List.of(Map.entry("Allow", "GET, HEAD")));
        }
        return null;
    }

    /// Without scheme, host and query.
    public static String path(String target) {
        int start = 0;
        if (!target.startsWith("/")) {
            start = target.indexOf('/', target.indexOf("://") + 3);
            if (start < 0) {
                return "/";
            }
        }
        int query = target.indexOf('?', start);
        return query < 0 ? target.substring(start) : target.substring(start, query);
    }

    /// Pages get everything from here and talk to nobody else. WebSockets to the same host and port
    /// are spelled out, as not every browser counts them under 'self'; with TLS too where a proxy
    /// may have taken it off.
    private String policy(@Nullable Authority host) {
        String own = "";
        if (host != null) {
            String port = host.port() < 0 ? "" : ":" + host.port();
            String authority = host.host() + port;
            own = (tls ? "" : " ws://" + authority) + " wss://" + authority;
        }
        return "default-src 'self'; connect-src 'self'"
                + own
                + "; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src"
                + " 'none'";
    }
}
