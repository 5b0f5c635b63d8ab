package io.switchboard.server;

import java.util.List;

/// Who may reach the server from a web page, and by which names.
///
/// @param origins whose pages may open WebSockets, besides the server's own: `https://example.com`
///   or `https://*.example.com`
/// @param hosts by which names clients may call the server, besides those of its listeners
public record WebOptions(List<String> origins, List<String> hosts) {
    public static final WebOptions DEFAULT = new WebOptions(List.of(), List.of());

    public WebOptions {
        origins = List.copyOf(origins);
        hosts = List.copyOf(hosts);
    }
}
