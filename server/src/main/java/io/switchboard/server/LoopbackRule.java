package io.switchboard.server;

import java.net.InetAddress;

/// What is for loopback is not bound to any other address, unless the operator allows it in so many
/// words: text that everybody on the way can read, and a certificate that nobody vouches for.
public final class LoopbackRule {
    private LoopbackRule() {}

    /// @throws StartFailure naming the listener, and both ways out
    public static void check(ServerOptions options) throws StartFailure {
        ListenerOptions listeners = options.listeners();
        plainText(options, "http-port", listeners.http(), listeners.bind());
        plainText(options, "stomp-port", listeners.stomp(), listeners.bind());
        plainText(options, "admin-port", listeners.admin(), listeners.adminBind());
        certificate(options, "tls-port", listeners.tls());
        certificate(options, "stomp-tls-port", listeners.stompTls());
    }

    private static void plainText(ServerOptions options, String key, Port port, InetAddress address)
            throws StartFailure {
        if (port.on() && !address.isLoopbackAddress()) {
            require(
                    options,
                    Insecure.PLAIN_TEXT,
                    key
                            + " on "
                            + address.getHostAddress()
                            + " is without TLS: set "
                            + key
                            + " to off");
        }
    }

    private static void certificate(ServerOptions options, String key, Port port)
            throws StartFailure {
        InetAddress address = options.listeners().bind();
        if (port.on() && !address.isLoopbackAddress() && options.tls() == null) {
            require(
                    options,
                    Insecure.DEVELOPMENT_CERTIFICATE,
                    key
                            + " on "
                            + address.getHostAddress()
                            + " has no certificate but the development one: set tls-certificate"
                            + " and tls-key");
        }
    }

    private static void require(ServerOptions options, Insecure word, String what)
            throws StartFailure {
        if (!options.allowed().contains(word)) {
            throw new StartFailure(what + ", or allow it with --allow-insecure " + word.text());
        }
    }
}
