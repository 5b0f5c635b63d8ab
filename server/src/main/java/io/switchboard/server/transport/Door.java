package io.switchboard.server.transport;

import io.switchboard.server.endpoint.Endpoint;
import io.switchboard.server.http.OriginAndHost;
import io.switchboard.server.tls.Certificates;
import java.net.InetSocketAddress;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A listener to be opened.
///
/// @param name `http`, `tls`, `stomp`, `stomp-tls`, `admin`
/// @param certificates null for a listener without TLS
/// @param proxyProtocol whether trusted proxies begin with a PROXY header
public record Door(
        String name,
        InetSocketAddress address,
        @Nullable Certificates certificates,
        boolean proxyProtocol,
        Protocol protocol) {

    /// What is spoken there.
    public sealed interface Protocol {}

    /// HTTP, STOMP over WebSocket, and raw WebSockets.
    ///
    /// @param check of whose pages may open WebSockets
    /// @param endpoints the raw ones, by path
    /// @param http2 whether HTTP/2 is offered beside HTTP/1.1; needs TLS
    public record Web(
            HttpService pages, OriginAndHost check, Map<String, Endpoint> endpoints, boolean http2)
            implements Protocol {}

    /// HTTP for the administrator; no business of the shards.
    public record Admin(HttpService pages) implements Protocol {}

    /// STOMP over TCP.
    public record Stomp() implements Protocol {}
}
