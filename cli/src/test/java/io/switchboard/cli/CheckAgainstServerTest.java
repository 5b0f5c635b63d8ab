package io.switchboard.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.broker.AccessRules.Action;
import io.switchboard.server.ListenerOptions;
import io.switchboard.server.SwitchboardServer;
import io.switchboard.server.auth.UsersFile;
import io.switchboard.server.config.Configuration;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What `switchboard check` says of a configuration is what a server that runs with it does.
final class CheckAgainstServerTest {
    private static final String PASSWORD = "canary-check-4d1e-password";
    private static final String RULES =
            """
            limits:
              destination-length: 60
            access:
              - allow: [send, subscribe]
                destination: /topic/staff/**
                who: role staff
              - allow: [send, subscribe]
                destination: /queue/jobs
                who: user alice
              - allow: subscribe
                destination: /topic/room.{any}
                who: authenticated
              - allow: [send, subscribe]
                destination: /user/{user}/**
                who: authenticated
              - allow: send
                destination: /app/**
                who: role staff
              - allow: [send, subscribe]
                destination: /topic/open
                who: anyone
            """;

    private static final List<String> DESTINATIONS =
            List.of(
                    "/topic/staff/a",
                    "/topic/staff/*",
                    "/topic/staff/**",
                    "/topic/staff/#",
                    "/topic.staff.a",
                    "/topic/*",
                    "/topic/>",
                    "/topic/room.red",
                    "/topic/room.*",
                    "/topic/room/red",
                    "/topic/open",
                    "/topic/open/",
                    "/topic/" + "x".repeat(60),
                    "/queue/jobs",
                    "/queue/*",
                    "/queue/dead-letters",
                    "/exchange/amq.topic/open",
                    "/exchange/amq.topic/room.red",
                    "/exchange/amq.topic/staff/a",
                    "/exchange/amq.direct/open",
                    "/amq/queue/jobs",
                    "/amq/queue/other",
                    "/reply-queue/a",
                    "/temp-topic/a",
                    "/temp-queue/a",
                    "/temp-queue/~1/a",
                    "/presence/open",
                    "/presence/room.red",
                    "/presence/room.*",
                    "/presence/staff/a",
                    "/presence/staff/**",
                    "/presence/other",
                    "/presence",
                    "/session/events",
                    "/session/other",
                    "/user/topic/a",
                    "/user/queue/a",
                    "/user/queue/*",
                    "/user/alice/queue/a",
                    "/user/%61lice/queue/a",
                    "/user/bob/topic/a",
                    "/app/do",
                    "/app/do/*",
                    "/nowhere",
                    "open",
                    "",
                    "/topic/open,/topic/open");

    @TempDir private Path folder;

    @Test
    void itsAnswersAreThoseOfARunningServer() throws Exception {
        Path users = folder.resolve("users");
        UsersFile.put(users, "alice", PASSWORD.toCharArray(), List.of("staff"));
        UsersFile.put(users, "bob", PASSWORD.toCharArray(), List.of());
        compare(RULES + "auth:\n  anonymous: on\n  users: " + users + "\n");
    }

    @Test
    void soItIsWithoutRules() throws Exception {
        compare("limits:\n  destination-length: 60\n");
    }

    private void compare(String configuration) throws Exception {
        Path file = folder.resolve("s.yaml");
        Files.writeString(file, configuration);
        Map<String, Integer> said = new LinkedHashMap<>();
        Map<String, Integer> done = new LinkedHashMap<>();
        try (SwitchboardServer server =
                SwitchboardServer.start(
                        Configuration.read(file, Map.of())
                                .withListeners(ListenerOptions.FREE)
                                .withFiles(folder.resolve("data"))
                                .withHandler("/app/do", request -> {}))) {
            for (String user : new String[] {"alice", "bob", null}) {
                try (Stomp client = new Stomp(server, user)) {
                    for (String destination : DESTINATIONS) {
                        for (Action action : List.of(Action.SEND, Action.SUBSCRIBE)) {
                            String what = user + " " + action + " " + destination;
                            said.put(what, check(file, user, action, destination));
                            done.put(what, client.ask(action, destination));
                        }
                    }
                }
            }
        }
        assertThat(said).isEqualTo(done);
        assertThat(said.values()).contains(0, 2);
    }

    private static int check(Path file, String user, Action action, String destination) {
        List<String> all = new ArrayList<>(List.of("check", "--config", file.toString()));
        if (user != null) {
            all.addAll(List.of("--as", user));
        }
        all.add((action == Action.SEND ? "--send=" : "--subscribe=") + destination);
        StringWriter ignored = new StringWriter();
        return Switchboard.commandLine()
                .setOut(new PrintWriter(ignored))
                .setErr(new PrintWriter(ignored))
                .execute(all.toArray(String[]::new));
    }

    /// Speaks STOMP over TCP, frame by frame, and lives through what is refused.
    private static final class Stomp implements AutoCloseable {
        private final Socket socket;
        private int count;

        Stomp(SwitchboardServer server, String user) throws IOException {
            InetSocketAddress address =
                    server.listeners().stream()
                            .filter(it -> it.name().equals("stomp"))
                            .findFirst()
                            .orElseThrow()
                            .address();
            socket = new Socket(address.getAddress(), address.getPort());
            socket.setSoTimeout(30_000);
            String login = user == null ? "" : "login:" + user + "\npasscode:" + PASSWORD + "\n";
            write("CONNECT\naccept-version:1.2\nhost:h\nsoft-errors:true\n" + login + "\n\0");
            assertThat(read()).startsWith("CONNECTED\n");
        }

        /// As an exit status of `check`.
        int ask(Action action, String destination) throws IOException {
            String receipt = "r" + ++count;
            write(
                    action
                            + "\nid:"
                            + receipt
                            + "\ndestination:"
                            + destination
                            + "\nreceipt:"
                            + receipt
                            + "\n\n\0");
            String answer = read();
            while (answer.startsWith("MESSAGE\n")) {
                answer = read();
            }
            if (answer.startsWith("RECEIPT\n")) {
                return 0;
            }
            assertThat(answer).startsWith("ERROR\n").contains("receipt-id:" + receipt);
            return answer.contains("message:access denied\n") ? 1 : 2;
        }

        private void write(String frame) throws IOException {
            socket.getOutputStream().write(frame.getBytes(UTF_8));
        }

        private String read() throws IOException {
            StringBuilder frame = new StringBuilder();
            for (int next = socket.getInputStream().read();
                    next != 0;
                    next = socket.getInputStream().read()) {
                if (next < 0) {
                    throw new IOException("the server has ended the connection after " + frame);
                }
                if (next != '\n' || !frame.isEmpty()) {
                    frame.append((char) next);
                }
            }
            return frame.toString();
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }
}
