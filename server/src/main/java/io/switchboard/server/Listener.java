package io.switchboard.server;

import io.switchboard.server.transport.Addresses;
import java.net.InetSocketAddress;

/// An open listener.
///
/// @param name `http`, `tls`, `stomp`, `stomp-tls`, `admin`
/// @param scheme of the URLs of what it is mainly for: `ws`, `wss`, `tcp`, `tls`, `http`
/// @param address with the real port
public record Listener(String name, String scheme, InetSocketAddress address) {
    /// What a client is told to connect to.
    public String url() {
        String path =
                switch (name) {
                    case "http", "tls" -> "/ws";
                    case "admin" -> "/metrics";
                    default -> "";
                };
        return scheme + "://" + Addresses.text(address) + path;
    }
}
