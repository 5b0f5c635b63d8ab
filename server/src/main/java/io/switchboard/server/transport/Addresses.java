package io.switchboard.server.transport;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;

/// Socket addresses as logs, rules and URLs show them.
public final class Addresses {
    private Addresses() {}

    static String text(SocketAddress address) {
        return address instanceof InetSocketAddress internet ? text(internet) : address.toString();
    }

    /// `192.0.2.1:8080` or `[2001:db8::1]:8080`; names are not looked up.
    public static String text(InetSocketAddress address) {
        InetAddress host = address.getAddress();
        String text = host == null ? address.getHostString() : host.getHostAddress();
        return (text.indexOf(':') < 0 ? text : "[" + text + "]") + ":" + address.getPort();
    }
}
