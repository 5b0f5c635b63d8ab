package io.switchboard.server;

import java.util.List;

/// Who may reach the server from a web page, by which names, and how WebSockets are compressed.
///
/// @param origins whose pages may open WebSockets, besides the server's own: `https://example.com`
///   or `https://*.example.com`
/// @param hosts by which names clients may call the server, besides those of its listeners
/// @param http2 whether HTTP/2 is offered with TLS, beside HTTP/1.1
public record WebOptions(
        List<String> origins, List<String> hosts, boolean http2, CompressionOptions compression) {
    public static final WebOptions DEFAULT = new WebOptions(List.of(), List.of(), true);

    /// With the default compression.
    public WebOptions(List<String> origins, List<String> hosts, boolean http2) {
        this(origins, hosts, http2, CompressionOptions.DEFAULT);
    }

    public WebOptions {
        origins = List.copyOf(origins);
        hosts = List.copyOf(hosts);
    }

    public WebOptions withHttp2(boolean offered) {
        return new WebOptions(origins, hosts, offered, compression);
    }

    public WebOptions withCompression(CompressionOptions options) {
        return new WebOptions(origins, hosts, http2, options);
    }
}
