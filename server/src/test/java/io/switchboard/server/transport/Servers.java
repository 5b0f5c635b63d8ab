package io.switchboard.server.transport;

import io.switchboard.server.ListenerOptions;
import io.switchboard.server.ServerLimits;
import io.switchboard.server.ServerOptions;
import io.switchboard.server.StartFailure;
import io.switchboard.server.SwitchboardServer;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/// Servers on free ports of loopback.
final class Servers {
    private Servers() {}

    static ServerOptions options() {
        return ServerOptions.DEFAULT
                .withListeners(ListenerOptions.FREE)
                .withFiles(Path.of("target", "test-data"));
    }

    /// Limits with little patience when the server stops.
    static ServerLimits impatient(Duration shutdownTimeout) {
        ServerLimits d = ServerLimits.DEFAULT;
        return new ServerLimits(
                d.connections(),
                d.handshakes(),
                d.handshakesPerAddress(),
                d.httpHeadBytes(),
                d.connectTimeout(),
                d.closeTimeout(),
                d.pingAfter(),
                shutdownTimeout,
                d.stomp(),
                d.webSocket(),
                d.broker());
    }

    static SwitchboardServer start(ServerOptions options) throws StartFailure {
        return SwitchboardServer.start(options);
    }

    static InetSocketAddress address(SwitchboardServer server, String listener) {
        return server.listeners().stream()
                .filter(it -> it.name().equals(listener))
                .findFirst()
                .orElseThrow()
                .address();
    }

    /// For clients that take the server's certificate for good.
    static SSLContext trusting(SwitchboardServer server) throws Exception {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null);
        store.setCertificateEntry("server", server.certificate().chain().getFirst());
        TrustManagerFactory trust =
                TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        SSLContext tls = SSLContext.getInstance("TLS");
        tls.init(null, trust.getTrustManagers(), null);
        return tls;
    }
}
