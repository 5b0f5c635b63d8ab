package io.switchboard.bench;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Which server, over what.
///
/// @param handshakeUrl as ws or wss; null for a plain stream
record Target(InetSocketAddress address, boolean tls, @Nullable URI handshakeUrl, String host) {
    /// A source address has some 28,000 ports of its own (`ip_local_port_range`).
    private static final int CONNECTIONS_PER_SOURCE = 4000;

    static Target of(URI url) throws UnknownHostException {
        String scheme = url.getScheme() == null ? "" : url.getScheme().toLowerCase(Locale.ROOT);
        int port =
                switch (scheme) {
                    case "ws" -> 80;
                    case "wss" -> 443;
                    case "tcp" -> 61613;
                    case "tls" -> 61614;
                    default ->
                            throw new IllegalArgumentException(
                                    "expected a URL with ws, wss, tcp or tls but was " + url);
                };
        if (url.getHost() == null) {
            throw new IllegalArgumentException("expected a host in the URL but was " + url);
        }
        return new Target(
                new InetSocketAddress(
                        InetAddress.getByName(url.getHost()),
                        url.getPort() < 0 ? port : url.getPort()),
                scheme.equals("wss") || scheme.equals("tls"),
                scheme.startsWith("ws") ? url : null,
                url.getHost());
    }

    boolean loopback() {
        return address.getAddress().isLoopbackAddress();
    }

    /// Where a connection comes from: on 127.0.0.0/8 one address for every 4000 connections, and
    /// others for the next run, whose ports are then not those that linger in TIME_WAIT. Null for
    /// any.
    @Nullable InetSocketAddress source(int connection, long run) {
        byte[] to = address.getAddress().getAddress();
        if (to.length != 4 || to[0] != 127) {
            return null;
        }
        byte[] from = {
            127,
            (byte) (10 + run % 200),
            (byte) (1 + run / 200 % 250),
            (byte) (2 + connection / CONNECTIONS_PER_SOURCE)
        };
        try {
            return new InetSocketAddress(InetAddress.getByAddress(from), 0);
        } catch (UnknownHostException e) {
            throw new AssertionError(e);
        }
    }
}
