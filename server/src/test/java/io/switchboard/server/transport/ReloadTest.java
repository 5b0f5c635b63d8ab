package io.switchboard.server.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import io.switchboard.broker.AccessRule;
import io.switchboard.broker.AccessRules;
import io.switchboard.broker.RuleSet;
import io.switchboard.server.ClientCertificates;
import io.switchboard.server.ListenerOptions;
import io.switchboard.server.Port;
import io.switchboard.server.ServerOptions;
import io.switchboard.server.StartFailure;
import io.switchboard.server.SwitchboardServer;
import io.switchboard.server.TlsFiles;
import io.switchboard.server.auth.AuthOptions;
import io.switchboard.server.auth.TokenOptions;
import io.switchboard.server.auth.UsersFile;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/// Rules and users of a running server are replaced, all or nothing.
final class ReloadTest {
    private static final String SECRET = "correct-horse-battery";

    @TempDir private Path folder;
    private Path users;

    private final Queue<String> logged = new ConcurrentLinkedQueue<>();
    private final Logger ours = (Logger) LoggerFactory.getLogger("io.switchboard");
    private final Level level = ours.getLevel();
    private final AppenderBase<ILoggingEvent> recorder =
            new AppenderBase<>() {
                @Override
                protected void append(ILoggingEvent event) {
                    logged.add(event.getFormattedMessage());
                }
            };

    @BeforeEach
    void makeUsers() throws Exception {
        recorder.start();
        ours.addAppender(recorder);
        ours.setLevel(Level.INFO);
        users = folder.resolve("users");
        UsersFile.put(users, "alice", SECRET.toCharArray(), List.of("staff"));
        UsersFile.put(users, "bob", SECRET.toCharArray(), List.of("staff"));
    }

    @AfterEach
    void nothingSecretWasLogged() {
        ours.detachAppender(recorder);
        ours.setLevel(level);
        assertThat(logged).noneMatch(it -> it.contains(SECRET) || it.contains("$argon2"));
    }

    private ServerOptions options(String... rules) {
        return Servers.options()
                .withAuth(
                        new AuthOptions(
                                false, users, null, null, Duration.ofSeconds(30), List.of()))
                .withAccess(rules(rules));
    }

    /// `DESTINATION WHO` of rules that allow to subscribe.
    private static RuleSet rules(String... texts) {
        return RuleSet.of(
                List.of(texts).stream()
                        .map(it -> it.split(" ", 2))
                        .map(it ->
                                new AccessRule(
                                        AccessRules.Action.SUBSCRIBE,
                                        it[0],
                                        AccessRule.Who.of(it[1]),
                                        "test"))
                        .toList());
    }

    private static Client connected(SwitchboardServer server, String name) throws Exception {
        return connected(server, name, "");
    }

    private static Client connected(SwitchboardServer server, String name, String more)
            throws Exception {
        Client client = Client.webSocketTo(Servers.address(server, "http"));
        client.sendText(
                "CONNECT\naccept-version:1.2\nhost:h\nsoft-errors:true\nlogin:"
                        + name
                        + "\npasscode:"
                        + SECRET
                        + "\n"
                        + more
                        + "\n\0");
        assertThat(client.text()).startsWith("CONNECTED\n");
        return client;
    }

    private static String subscribe(Client client, String destination) throws Exception {
        return subscribe(client, destination, "");
    }

    private static String subscribe(Client client, String destination, String more)
            throws Exception {
        client.sendText(
                "SUBSCRIBE\nid:"
                        + destination
                        + "\ndestination:"
                        + destination
                        + "\n"
                        + more
                        + "receipt:r\n\n\0");
        return client.text();
    }

    @Test
    void rulesThatAreGoneTakeBackWhatTheyGave() throws Exception {
        try (SwitchboardServer server =
                        Servers.start(options("/topic/a anyone", "/topic/b anyone"));
                Client alice = connected(server, "alice")) {
            assertThat(subscribe(alice, "/topic/a")).startsWith("RECEIPT\n");
            assertThat(subscribe(alice, "/topic/c")).contains("message:access denied");
            server.reload(() -> options("/topic/c anyone"));
            assertThat(alice.text())
                    .startsWith("ERROR\n")
                    .contains("message:access denied", "subscription:/topic/a");
            assertThat(subscribe(alice, "/topic/c")).startsWith("RECEIPT\n");
        }
        assertThat(logged)
                .contains("event=reload what=\"access\"")
                .anyMatch(it ->
                        it.matches(
                                "event=subscription-ended session=[0-9a-z]+ user=\"alice\""
                                        + " subscription=\"/topic/a\" destination=\"/topic/a\""
                                        + " rule=\"no rule allows SUBSCRIBE to /topic/a\""
                                        + " count=2 address=\"127\\.0\\.0\\.1:[0-9]+\""));
    }

    private static AccessRule readable(String destination, String source) {
        return new AccessRule(
                AccessRules.Action.SUBSCRIBE, destination, AccessRule.Who.ANYONE, source);
    }

    @Test
    void theAuditLogSaysWhatHasChangedAndNotWhatWasRead() throws Exception {
        ServerOptions before =
                options()
                        .withAccess(
                                RuleSet.of(
                                        List.of(
                                                readable("/topic/a", "line 1"),
                                                readable("/topic/b", "line 2"))));
        RuleSet elsewhere =
                RuleSet.of(List.of(readable("/topic/b", "line 3"), readable("/topic/a", "line 4")));
        try (SwitchboardServer server = Servers.start(before)) {
            server.reload(() -> before);
            Files.writeString(users, "# a remark\n" + Files.readString(users));
            server.reload(() -> before.withAccess(elsewhere));
            assertThat(logged)
                    .filteredOn(it -> it.startsWith("event=reload "))
                    .containsExactly(
                            "event=reload what=\"nothing\"", "event=reload what=\"nothing\"");
            logged.clear();

            UsersFile.put(users, "carol", SECRET.toCharArray(), List.of());
            server.reload(() -> before);
            AuthOptions slower =
                    new AuthOptions(true, users, null, null, Duration.ofSeconds(31), List.of());
            server.reload(() -> options("/topic/b anyone").withAuth(slower));
            assertThat(logged)
                    .filteredOn(it -> it.startsWith("event=reload "))
                    .containsExactly(
                            "event=reload what=\"auth.users\"",
                            "event=reload what=\"access, auth.anonymous, auth.timeout\"");
        }
    }

    @Test
    void thatIsSoOfKeysAndCertificatesToo() throws Exception {
        TestCertificates certificates = new TestCertificates(folder);
        TlsFiles own = certificates.of("server.example");
        TlsFiles clients = certificates.of("clients.example");
        Path keys = Files.copy(own.certificate(), folder.resolve("keys.pem"));
        TokenOptions tokens =
                new TokenOptions(
                        keys,
                        null,
                        Set.of("ES256"),
                        null,
                        null,
                        "sub",
                        "roles",
                        Duration.ZERO,
                        null);
        ServerOptions options =
                Servers.options()
                        .withTls(own)
                        .withClientCertificates(
                                new ClientCertificates(clients.certificate(), false))
                        .withAuth(
                                new AuthOptions(
                                        false, null, tokens, null, AuthOptions.TIMEOUT, List.of()));
        try (SwitchboardServer server = Servers.start(options)) {
            server.reload(() -> options);
            Files.writeString(keys, Files.readString(clients.certificate()));
            server.reload(() -> options);
            TlsFiles renewed = certificates.of("server.example");
            certificates.of("clients.example");
            server.reload(() -> options.withTls(renewed));
        }
        assertThat(logged)
                .filteredOn(it -> it.startsWith("event=reload "))
                .containsExactly(
                        "event=reload what=\"nothing\"",
                        "event=reload what=\"auth.jwt\"",
                        "event=reload what=\"tls-certificate, tls-client-ca\"");
    }

    @Test
    void aUserThatIsGoneIsDisconnectedAndOthersStay() throws Exception {
        try (SwitchboardServer server = Servers.start(options("/topic/a anyone"));
                Client alice = connected(server, "alice");
                Client bob = connected(server, "bob")) {
            List<String> lines = Files.readAllLines(users);
            Files.writeString(users, lines.getLast() + "\n");
            server.reload(() -> options("/topic/a anyone"));
            assertThat(alice.text()).contains("message:login revoked");
            assertThat(alice.frame().closeCode()).isEqualTo(4517);
            assertThat(subscribe(bob, "/topic/a")).startsWith("RECEIPT\n");
        }
    }

    @Test
    void soIsOneWithAnotherPassword() throws Exception {
        try (SwitchboardServer server = Servers.start(options("/topic/a anyone"));
                Client alice = connected(server, "alice")) {
            UsersFile.put(users, "alice", "another-password".toCharArray(), null);
            server.reload(() -> options("/topic/a anyone"));
            assertThat(alice.text()).contains("message:login revoked");
        }
    }

    @Test
    void otherRolesCountFromThenOn() throws Exception {
        try (SwitchboardServer server = Servers.start(options("/topic/staff role staff"));
                Client alice = connected(server, "alice")) {
            assertThat(subscribe(alice, "/topic/staff")).startsWith("RECEIPT\n");
            Files.writeString(users, Files.readString(users).replace(":staff", ":guest"));
            server.reload(() -> options("/topic/staff role staff", "/topic/guests role guest"));
            assertThat(alice.text()).contains("subscription:/topic/staff");
            assertThat(subscribe(alice, "/topic/guests")).startsWith("RECEIPT\n");
        }
    }

    @Test
    void aBadFileIsRefusedWithItsLineAndNothingChanges() throws Exception {
        try (SwitchboardServer server = Servers.start(options("/topic/a anyone"));
                Client alice = connected(server, "alice")) {
            assertThat(subscribe(alice, "/topic/a")).startsWith("RECEIPT\n");
            Files.writeString(users, "# remark\nalice:no-hash:staff\n");
            assertThatThrownBy(() -> server.reload(() -> options("/topic/b anyone")))
                    .isInstanceOf(StartFailure.class)
                    .hasMessageContaining("line 2");
            assertThat(subscribe(alice, "/topic/b")).contains("message:access denied");
            connected(server, "bob").close();
        }
        assertThat(logged)
                .anyMatch(it -> it.startsWith("nothing was reloaded") && it.contains("line 2"))
                .anyMatch(it ->
                        it.startsWith("event=reload-refused reason=") && it.contains("line 2"))
                .noneMatch(it -> it.startsWith("event=reload what="));
    }

    /// Nothing listens but for administrators, on loopback.
    private ServerOptions elsewhere(ServerOptions options) throws Exception {
        return options.withListeners(
                ListenerOptions.FREE
                        .withBind(InetAddress.getByName("0.0.0.0"))
                        .withHttp(Port.OFF)
                        .withTls(Port.OFF)
                        .withStomp(Port.OFF)
                        .withStompTls(Port.OFF));
    }

    private long warningsOfMissingRules() {
        return logged.stream().filter(it -> it.contains("auth is there and access has no")).count();
    }

    @Test
    void whoHasUsersAndNoRulesIsWarnedThatNobodyMayDoAnything() throws Exception {
        try (SwitchboardServer server = Servers.start(elsewhere(options()))) {
            assertThat(warningsOfMissingRules()).isOne();
            ServerOptions ruled = elsewhere(options("/topic/a anyone"));
            server.reload(() -> ruled);
            assertThat(warningsOfMissingRules()).isOne();
        }
    }

    @Test
    void nobodyIsWarnedWithRulesOrWithoutUsersOrOnLoopback() throws Exception {
        ServerOptions withoutUsers = options().withAuth(null);
        for (ServerOptions each :
                List.of(
                        elsewhere(options("/topic/a anyone")),
                        elsewhere(withoutUsers),
                        options())) {
            Servers.start(each).close();
        }
        assertThat(warningsOfMissingRules()).isZero();
    }

    /// A file that was cut off, or is being written, is not to open everything.
    @Test
    void rulesThatAreAllGoneAreRefused() throws Exception {
        try (SwitchboardServer server = Servers.start(options("/topic/a anyone"));
                Client alice = connected(server, "alice")) {
            assertThatThrownBy(() -> server.reload(this::options))
                    .isInstanceOf(StartFailure.class)
                    .hasMessageContaining("expected access rules")
                    .hasMessageContaining("(the first: test)")
                    .hasMessageContaining("put them back, or restart the server");
            assertThat(subscribe(alice, "/topic/b")).contains("message:access denied");
        }
    }

    /// Of a topic, for one that is away; its user file is read again as well.
    @Test
    void nothingIsKeptForWhoMayNotReadItMeanwhile() throws Exception {
        // On one shard what is published comes after what was reloaded.
        ServerOptions staff = options("/topic/a role staff").withShards(1);
        try (SwitchboardServer server = Servers.start(staff)) {
            try (Client alice = connected(server, "alice", "client-id:laptop\n")) {
                assertThat(subscribe(alice, "/topic/a", "durable:true\n")).startsWith("RECEIPT\n");
                alice.sendText("DISCONNECT\nreceipt:gone\n\n\0");
                assertThat(alice.text()).startsWith("RECEIPT\n").contains("receipt-id:gone");
            }
            server.publish("/topic/a", "1").join();
            server.reload(() -> options("/topic/a role boss").withShards(1));
            server.publish("/topic/a", "2").join();
            server.reload(() -> staff);
            server.publish("/topic/a", "3").join();
            UsersFile.put(users, "alice", SECRET.toCharArray(), List.of("guest"));
            server.reload(() -> staff);
            server.publish("/topic/a", "4").join();
            UsersFile.put(users, "alice", SECRET.toCharArray(), List.of("staff"));
            server.reload(() -> staff);
            server.publish("/topic/a", "5").join();
            try (Client alice = connected(server, "alice", "client-id:laptop\n")) {
                assertThat(subscribe(alice, "/topic/a", "durable:true\n"))
                        .startsWith("MESSAGE\n")
                        .endsWith("\n1\0");
                assertThat(alice.text()).endsWith("\n3\0");
                assertThat(alice.text()).endsWith("\n5\0");
                assertThat(alice.text()).startsWith("RECEIPT\n");
            }
        }
    }

    @Test
    void whoHasNoNameSubscribesToNothingThatAnotherCouldTake() throws Exception {
        AuthOptions anonymous =
                new AuthOptions(true, users, null, null, Duration.ofSeconds(30), List.of());
        try (SwitchboardServer server = Servers.start(Servers.options().withAuth(anonymous));
                Client nobody = Client.webSocketTo(Servers.address(server, "http"))) {
            nobody.sendText(
                    "CONNECT\naccept-version:1.2\nhost:h\nsoft-errors:true\nclient-id:a\n\n\0");
            assertThat(nobody.text()).startsWith("CONNECTED\n");
            assertThat(subscribe(nobody, "/topic/a", "durable:true\n"))
                    .contains("message:not supported", "expected a client with a name");
        }
    }

    @Test
    void everybodyAmongTheDeadLettersOfOthersIsWarnedAboutOnce() throws Exception {
        String[] open = {"/queue/a role staff", "/queue/dead-letters anyone"};
        try (SwitchboardServer server = Servers.start(options(open))) {
            server.reload(() -> options(open));
            assertThat(logged)
                    .filteredOn(it -> it.startsWith("everybody may subscribe to /queue/dead"))
                    .hasSize(1);
            server.reload(() -> options("/queue/b role staff", "/queue/dead-letters anyone"));
            assertThat(logged)
                    .filteredOn(it -> it.startsWith("everybody may subscribe to /queue/dead"))
                    .hasSize(2);
        }
    }

    @Test
    void whatNeedsARestartIsNamed() throws Exception {
        try (SwitchboardServer server = Servers.start(options("/topic/a anyone").withShards(1))) {
            server.reload(() -> options("/topic/a anyone").withShards(2));
        }
        assertThat(logged).contains("shards has changed, which needs a restart");
        assertThat(logged).noneMatch(it -> it.startsWith("destinations has changed"));
    }
}
