package io.switchboard.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.client.ClientOptions;
import io.switchboard.client.StompClient;
import io.switchboard.server.ListenerOptions;
import io.switchboard.server.ServerOptions;
import io.switchboard.server.SwitchboardServer;
import io.switchboard.server.auth.UsersFile;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/// `sessions` and `kick` as an operator uses them, with a real server on loopback.
@Timeout(60)
final class AdministrationTest {
    @TempDir private Path folder;

    private SwitchboardServer server;
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @BeforeEach
    void start() throws Exception {
        server = started(ServerOptions.DEFAULT.withListeners(ListenerOptions.FREE));
    }

    private SwitchboardServer started(ServerOptions options) throws Exception {
        return SwitchboardServer.start(options.withFiles(folder.resolve("data")));
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private String url(String listener) {
        return server.listeners().stream()
                .filter(each -> each.name().equals(listener))
                .findFirst()
                .orElseThrow()
                .url()
                .replace("/metrics", "");
    }

    private StompClient client(String user) throws Exception {
        return StompClient.connect(
                ClientOptions.of(URI.create(url("stomp"))).withLogin(user, null));
    }

    private int run(String... arguments) {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(List.of("--url", url("admin")));
        if (!all.contains("--login")) {
            all.addAll(List.of("--token-file", folder.resolve("data/admin-token").toString()));
        }
        CommandLine line = Switchboard.commandLine();
        line.setOut(new PrintWriter(out));
        line.setErr(new PrintWriter(err));
        return line.execute(all.toArray(String[]::new));
    }

    @Test
    void sessionsAreListedAndOneIsShown() throws Exception {
        try (StompClient alice = client("alice");
                StompClient bob = client("bob")) {
            bob.subscribe("/topic/news", message -> {});
            assertThat(run("sessions")).isZero();
            assertThat(out.toString().lines()).hasSize(2);
            out.getBuffer().setLength(0);

            assertThat(run("sessions", "--user", "bob")).isZero();
            assertThat(out.toString()).contains(" user bob from 127.0.0.1:").contains("at stomp");
            String id = out.toString().split(" ", -1)[0];
            assertThat(run("sessions", id)).isZero();
            assertThat(out.toString()).contains(" /topic/news\n");
            out.getBuffer().setLength(0);

            assertThat(run("sessions", "--limit", "1")).isZero();
            assertThat(out.toString().lines()).hasSize(1);
            assertThat(err.toString()).contains("there are more");
            assertThat(alice).isNotNull();
        }
    }

    @Test
    void whoIsKickedGoes() throws Exception {
        try (StompClient alice = client("alice")) {
            assertThat(run("kick", "--user", "alice")).isZero();
            assertThat(out.toString()).isEqualTo("disconnected 1\n");
            assertThat(run("kick", "--user", "nobody")).isEqualTo(1);
            assertThat(alice).isNotNull();
        }
        assertThat(run("kick")).isEqualTo(2);
        assertThat(err.toString())
                .startsWith("switchboard: expected whom to disconnect: the ID of a session,");
        assertThat(run("kick", "nobody")).isEqualTo(2);
        assertThat(err.toString()).contains("404 there is no such session");
    }

    @Test
    void namedAdministratorsGiveTheirPasswordInAFile() throws Exception {
        server.close();
        Path users = folder.resolve("administrators");
        Path passcode = folder.resolve("passcode");
        Files.writeString(passcode, "canary-cli-91b2-password\n", UTF_8);
        UsersFile.put(users, "root", "canary-cli-91b2-password".toCharArray(), List.of());
        server =
                started(
                        ServerOptions.DEFAULT.withListeners(
                                ListenerOptions.FREE.withAdminUsers(users)));

        String file = passcode.toString();
        assertThat(run("sessions", "--login", "root", "--passcode-file", file)).isZero();
        assertThat(run("sessions", "--login", "nobody", "--passcode-file", file)).isEqualTo(2);
        assertThat(err.toString()).contains("401").doesNotContain("canary");
    }
}
