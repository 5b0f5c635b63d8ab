package io.switchboard.cli;

import io.switchboard.client.ClientOptions;
import io.switchboard.client.StompClient;
import io.switchboard.client.Trust;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;

/// Which server a command talks to, as whom, and whose certificate it believes.
final class ServerArguments {
    private static final String PASSCODE_VARIABLE = "SWITCHBOARD_PASSCODE";

    /// As `serve` names it in its data directory.
    private static final String DEVELOPMENT_CERTIFICATE = "development-certificate.pem";

    @Option(
            names = "--url",
            paramLabel = "URL",
            defaultValue = "ws://127.0.0.1:8080/ws",
            description =
                    "ws://HOST:PORT/ws, wss://HOST:PORT/ws, tcp://HOST:PORT or tls://HOST:PORT"
                            + " (default: ${DEFAULT-VALUE}).")
    private URI url = URI.create("ws://127.0.0.1:8080/ws");

    @Option(names = "--login", paramLabel = "NAME", description = "Who you are.")
    private @Nullable String login;

    @Option(
            names = "--passcode-file",
            paramLabel = "FILE",
            description =
                    "Its first line is the passcode. Without it the environment variable"
                            + " SWITCHBOARD_PASSCODE is used, if it is set.")
    private @Nullable Path passcodeFile;

    @Option(
            names = "--timeout",
            paramLabel = "SECONDS",
            defaultValue = "15",
            description = "How long to wait for each answer (default: ${DEFAULT-VALUE}).")
    private int timeoutSeconds = 15;

    @ArgGroup private @Nullable Certificates certificates;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            defaultValue = "data",
            description =
                    "The data directory of a server on this machine. On a loopback address its"
                            + " development certificate is trusted (default: ${DEFAULT-VALUE}).")
    private Path data = Path.of("data");

    /// At most one of these.
    private static final class Certificates {
        @Option(
                names = "--cacert",
                paramLabel = "FILE",
                description = "Trust these certificates (PEM) instead of the system's.")
        private @Nullable Path file;

        @Option(
                names = "--insecure",
                description =
                        "Trust any certificate. Whoever sits in between can then read and change"
                                + " everything, the passcode too.")
        private boolean insecure;
    }

    StompClient connect(Map<String, String> environment) throws IOException {
        return connect(environment, null);
    }

    /// @param clientId null for none
    StompClient connect(Map<String, String> environment, @Nullable String clientId)
            throws IOException {
        ClientOptions options = ClientOptions.of(url);
        return StompClient.connect(
                options.withLogin(login, passcode(environment))
                        .withClientId(clientId)
                        .withTrust(trust())
                        .withTimeout(Duration.ofSeconds(timeoutSeconds)));
    }

    /// Never an argument: those are seen by every user of the machine.
    private @Nullable String passcode(Map<String, String> environment) throws IOException {
        if (passcodeFile == null) {
            return login == null ? null : environment.get(PASSCODE_VARIABLE);
        }
        return Files.readString(passcodeFile).lines().findFirst().orElse("");
    }

    private Trust trust() throws IOException {
        if (certificates != null && certificates.insecure) {
            return Trust.anything();
        }
        if (certificates != null && certificates.file != null) {
            return Trust.certificates(certificates.file);
        }
        Path certificate = data.resolve(DEVELOPMENT_CERTIFICATE);
        return loopback() && Files.isReadable(certificate)
                ? Trust.system().orExactly(certificate)
                : Trust.system();
    }

    private boolean loopback() {
        try {
            return url.getHost() != null
                    && InetAddress.getByName(url.getHost()).isLoopbackAddress();
        } catch (UnknownHostException e) {
            return false;
        }
    }
}
