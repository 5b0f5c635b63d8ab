package io.switchboard.server;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// Where the server listens.
///
/// @param bind for all listeners but the administrator's
/// @param http WebSocket and pages without TLS
/// @param tls WebSocket and pages with TLS
/// @param stomp STOMP over TCP without TLS
/// @param stompTls STOMP over TCP with TLS
/// @param adminBind for the administrator's listener, which stays on this machine when `bind`
///   leaves it
/// @param admin metrics and administration, without TLS
/// @param adminUsers names and passwords of administrators; null for a token in the data directory
public record ListenerOptions(
        InetAddress bind,
        Port http,
        Port tls,
        Port stomp,
        Port stompTls,
        InetAddress adminBind,
        Port admin,
        @Nullable Path adminUsers) {
    /// On loopback. STOMP with TLS is off until it is asked for: what speaks STOMP over TCP on the
    /// same machine has no use for it.
    public static final ListenerOptions DEFAULT =
            new ListenerOptions(
                    loopback(),
                    Port.of(8080),
                    Port.of(8443),
                    Port.of(61613),
                    Port.OFF,
                    loopback(),
                    Port.of(9090),
                    null);

    /// Each listener on a free port of 127.0.0.1: for tests, and for servers inside of other
    /// programs.
    public static final ListenerOptions FREE =
            new ListenerOptions(
                    loopback(),
                    Port.FREE,
                    Port.FREE,
                    Port.FREE,
                    Port.FREE,
                    loopback(),
                    Port.FREE,
                    null);

    public ListenerOptions withBind(InetAddress address) {
        return new ListenerOptions(
                address, http, tls, stomp, stompTls, adminBind, admin, adminUsers);
    }

    public ListenerOptions withHttp(Port port) {
        return new ListenerOptions(bind, port, tls, stomp, stompTls, adminBind, admin, adminUsers);
    }

    public ListenerOptions withTls(Port port) {
        return new ListenerOptions(bind, http, port, stomp, stompTls, adminBind, admin, adminUsers);
    }

    public ListenerOptions withStomp(Port port) {
        return new ListenerOptions(bind, http, tls, port, stompTls, adminBind, admin, adminUsers);
    }

    public ListenerOptions withStompTls(Port port) {
        return new ListenerOptions(bind, http, tls, stomp, port, adminBind, admin, adminUsers);
    }

    public ListenerOptions withAdminBind(InetAddress address) {
        return new ListenerOptions(bind, http, tls, stomp, stompTls, address, admin, adminUsers);
    }

    public ListenerOptions withAdmin(Port port) {
        return new ListenerOptions(bind, http, tls, stomp, stompTls, adminBind, port, adminUsers);
    }

    public ListenerOptions withAdminUsers(@Nullable Path file) {
        return new ListenerOptions(bind, http, tls, stomp, stompTls, adminBind, admin, file);
    }

    /// Always 127.0.0.1: the platform's own loopback address depends on its preference for IPv6.
    private static InetAddress loopback() {
        try {
            return InetAddress.getByAddress(new byte[] {127, 0, 0, 1});
        } catch (UnknownHostException e) {
            throw new AssertionError("four bytes are an address", e);
        }
    }
}
