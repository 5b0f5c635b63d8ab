package io.switchboard.bench;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// Which server is loaded, and whose CPU and memory are looked at.
final class TargetArguments {
    private enum Protocol {
        stomp,
        nats
    }

    @Option(
            names = "--url",
            paramLabel = "URL",
            description =
                    "ws://HOST:PORT/ws, wss://HOST:PORT/ws, tcp://HOST:PORT or tls://HOST:PORT"
                            + " (default: ws://127.0.0.1:8080/ws, for echo …/echo).")
    private @Nullable URI url;

    @Option(
            names = "--protocol",
            paramLabel = "NAME",
            defaultValue = "stomp",
            description = "${COMPLETION-CANDIDATES} (to compare) (default: ${DEFAULT-VALUE}).")
    private Protocol protocol = Protocol.stomp;

    @Option(
            names = "--dest",
            paramLabel = "NAME",
            description = "Destination, %%d for the number of the room; /topic/bench.%%d.")
    private @Nullable String destinations;

    @Option(names = "--login", paramLabel = "NAME", description = "Who all connections are.")
    private @Nullable String login;

    @Option(
            names = "--passcode-file",
            paramLabel = "FILE",
            description = "Its first line is the passcode.")
    private @Nullable Path passcodeFile;

    @Option(
            names = "--insecure",
            description = "Believe any certificate, as on loopback addresses in any case.")
    private boolean insecure;

    @Option(
            names = "--conc",
            paramLabel = "N",
            defaultValue = "50",
            description = "Connections that are being opened at once (default: ${DEFAULT-VALUE}).")
    private int concurrency = 50;

    @Option(
            names = "--server-pid",
            paramLabel = "PID",
            description =
                    "The server's process; found by itself when the server is on this machine and"
                            + " its process may be looked at.")
    private long serverPid;

    @Option(names = "--label", paramLabel = "TEXT", description = "Goes into the RESULT line.")
    private String label = "";

    String label() {
        return label;
    }

    Crowd.Arguments crowd() throws IOException {
        Target target = Target.of(url("/ws"));
        Dialect dialect =
                switch (protocol) {
                    case stomp -> new Dialect.Stomp(target.host(), login, passcode());
                    case nats -> new Dialect.Nats();
                };
        return new Crowd.Arguments(target, dialect, destinations, insecure, concurrency, 0);
    }

    /// Without any protocol inside of the WebSocket messages.
    ///
    /// @param streams of one HTTP/2 connection; 0 for HTTP/1.1
    Crowd.Arguments raw(boolean text, int streams) throws IOException {
        Target target = Target.of(url("/echo"));
        if (streams > 0) {
            checkHttp2(target);
        }
        if (target.handshakeUrl() == null) {
            throw new IllegalArgumentException("expected a URL with ws or wss but was " + url);
        }
        return new Crowd.Arguments(
                target, new Dialect.Raw(text), null, insecure, concurrency, streams);
    }

    /// As [#crowd], with WebSockets that are streams of HTTP/2 connections.
    Crowd.Arguments http2Crowd(int streams) throws IOException {
        Crowd.Arguments crowd = crowd();
        checkHttp2(crowd.target());
        return crowd.withStreams(streams);
    }

    /// As [#crowd], with WebSockets that offer compression.
    Crowd.Arguments compressedCrowd() throws IOException {
        Crowd.Arguments crowd = crowd();
        if (crowd.target().handshakeUrl() == null) {
            throw new IllegalArgumentException(
                    "expected a URL with ws or wss for --compress but was " + url);
        }
        return crowd.withDeflate();
    }

    private void checkHttp2(Target target) {
        if (!target.tls() || target.handshakeUrl() == null) {
            throw new IllegalArgumentException(
                    "expected a URL with wss for --http2 but was " + url);
        }
    }

    private URI url(String path) {
        return url == null ? URI.create("ws://127.0.0.1:8080" + path) : url;
    }

    private @Nullable String passcode() throws IOException {
        return passcodeFile == null
                ? null
                : Files.readString(passcodeFile).lines().findFirst().orElse("");
    }

    @Nullable ServerProcess server() throws IOException {
        if (serverPid != 0) {
            return new ServerProcess(serverPid);
        }
        Target target = Target.of(url("/"));
        return target.loopback() ? ServerProcess.listeningAt(target.address()) : null;
    }
}
