package io.switchboard.server.transport;

import io.switchboard.server.ListenerOptions;
import io.switchboard.server.ServerLimits;
import io.switchboard.server.ServerOptions;
import io.switchboard.server.StartFailure;
import io.switchboard.server.SwitchboardServer;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;

/// Servers on free ports of loopback.
final class Servers {
    private Servers() {}

    static ServerOptions options() {
        return ServerOptions.DEFAULT
                .withListeners(ListenerOptions.FREE)
                .withData(Path.of("target", "test-data"));
    }

    /// Limits with little patience when the server stops.
    static ServerLimits impatient(Duration shutdownTimeout) {
        ServerLimits d = ServerLimits.DEFAULT;
        return new ServerLimits(
                d.connections(),
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
}
