package io.switchboard.server.transport;

import io.switchboard.server.ListenerOptions;
import io.switchboard.server.ServerOptions;
import io.switchboard.server.StartFailure;
import io.switchboard.server.SwitchboardServer;
import java.net.InetSocketAddress;
import java.nio.file.Path;

/// Servers on free ports of loopback.
final class Servers {
    private Servers() {}

    static ServerOptions options() {
        return ServerOptions.DEFAULT
                .withListeners(ListenerOptions.FREE)
                .withData(Path.of("target", "test-data"));
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
