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
import io.switchboard.server.ServerOptions;
import io.switchboard.server.SwitchboardServer;
import io.switchboard.server.TlsFiles;
import io.switchboard.server.auth.AdminToken;
import io.switchboard.server.auth.CertificateName;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/// What the audit log says of things that a client or an administrator did from outside.
final class AuditTest {
    @TempDir private Path data;

    private final Queue<String> lines = new ConcurrentLinkedQueue<>();
    private final Logger audit = (Logger) LoggerFactory.getLogger("io.switchboard.audit");
    private final Level level = audit.getLevel();
    private final AppenderBase<ILoggingEvent> recorder =
            new AppenderBase<>() {
                @Override
                protected void append(ILoggingEvent event) {
                    lines.add(event.getFormattedMessage());
                }
            };
    private SwitchboardServer server;

    @BeforeEach
    void start() throws Exception {
        recorder.start();
        audit.setLevel(Level.INFO);
        audit.addAppender(recorder);
        server = Servers.start(options().withAccess(rule("/topic/open")));
    }

    private ServerOptions options() {
        return Servers.options().withFiles(data);
    }

    /// Anyone may send there.
    private static RuleSet rule(String destination) {
        return rule(AccessRules.Action.SEND, destination);
    }

    private static RuleSet rule(AccessRules.Action action, String destination) {
        AccessRule.Who anyone = AccessRule.Who.of("anyone");
        return RuleSet.of(List.of(new AccessRule(action, destination, anyone, "test")));
    }

    @AfterEach
    void stop() {
        server.close();
        audit.detachAppender(recorder);
        audit.setLevel(level);
    }

    private Client connected(String... headers) throws Exception {
        Client client = Client.to(Servers.address(server, "stomp"));
        client.sendStomp("CONNECT\naccept-version:1.2\nhost:h\n" + String.join("", headers) + "\n");
        assertThat(client.stomp()).startsWith("CONNECTED\n");
        return client;
    }

    @Test
    void aDenialSaysWhoWantedWhatWhereAndWhyNot() throws Exception {
        try (Client client = connected("login:alice\n")) {
            client.sendStomp("SUBSCRIBE\nid:a\ndestination:/topic/secret\n\n");
            assertThat(client.stomp()).contains("message:access denied\n");
        }
        assertThat(lines)
                .filteredOn(line -> !line.startsWith("event=login "))
                .singleElement()
                .asString()
                .matches(
                        "event=denied session=[0-9a-z]+ user=\"alice\" action=subscribe"
                            + " destination=\"/topic/secret\" transaction=- rule=\"no rule allows"
                            + " SUBSCRIBE to /topic/secret\" count=1"
                            + " address=\"127\\.0\\.0\\.1:[0-9]+\"");
    }

    @Test
    void aCommitThatIsDeniedSaysForWhichMessageOfWhichTransaction() throws Exception {
        try (Client client = connected("login:alice\n")) {
            client.sendStomp("BEGIN\ntransaction:t 1\n\n");
            client.sendStomp("SEND\ndestination:/topic/open\ntransaction:t 1\nreceipt:r\n\nx");
            assertThat(client.stomp()).startsWith("RECEIPT\n");
            server.reload(() -> options().withAccess(rule("/topic/other")));
            // With its answer the shard has had a turn, in which it heard of the reload.
            client.sendStomp("SEND\ndestination:/topic/other\nreceipt:s\n\nx");
            assertThat(client.stomp()).startsWith("RECEIPT\n");
            client.sendStomp("COMMIT\ntransaction:t 1\n\n");
            assertThat(client.stomp()).contains("message:access denied\n");
        }
        assertThat(lines)
                .filteredOn(line -> line.startsWith("event=denied "))
                .singleElement()
                .asString()
                .contains(
                        " action=send destination=\"/topic/open\" transaction=\"t 1\""
                                + " rule=\"no rule allows SEND to /topic/open\" count=1 ");
    }

    @Test
    void theRuleIsThereInFullAlsoWhereADestinationIsLong() throws Exception {
        String name = "/topic/" + "a".repeat(200);
        try (Client client = connected("login:alice\n")) {
            RuleSet read = rule(AccessRules.Action.SUBSCRIBE, name);
            server.reload(() -> options().withAccess(read));
            client.sendStomp("SUBSCRIBE\nid:a\ndestination:" + name + "\nreceipt:r\n\n");
            assertThat(client.stomp()).startsWith("RECEIPT\n");
            server.reload(() -> options().withAccess(rule("/topic/open")));
            client.sendStomp("SUBSCRIBE\nid:b\ndestination:" + name + "\n\n");
            assertThat(client.stomp()).contains("message:access denied\n");
        }
        String rule = " rule=\"no rule allows SUBSCRIBE to " + name + "\" ";
        assertThat(lines)
                .anyMatch(it -> it.startsWith("event=subscription-ended ") && it.contains(rule))
                .anyMatch(it -> it.startsWith("event=denied ") && it.contains(rule));
    }

    @Test
    void aLineCannotBeForged() throws Exception {
        String forged = "/topic/a\" user=\"root\"\u202e\u2028event=login";
        try (Client client = connected()) {
            client.sendStomp("SEND\ndestination:" + forged + "\n\nbody");
            assertThat(client.stomp()).startsWith("ERROR\n");
        }
        assertThat(lines)
                .singleElement()
                .asString()
                .startsWith("event=denied ")
                .contains("destination=\"/topic/a? user=?root???event=login\"");
    }

    @Test
    void denialsDoNotFloodTheLog() throws Exception {
        try (Client client = connected("soft-errors:true\n")) {
            StringBuilder frames = new StringBuilder();
            for (int i = 0; i < 2_500; i++) {
                frames.append("SEND\ndestination:/topic/secret\n\nbody\0");
            }
            client.send(frames.toString());
            client.send("SEND\ndestination:/topic/open\nreceipt:last\n\n\0");
            String answer = client.stomp();
            while (answer.startsWith("ERROR\n")) {
                answer = client.stomp();
            }
            assertThat(answer).contains("receipt-id:last\n");
        }
        assertThat(lines).hasSize(102);
        assertThat(lines.stream().toList().getLast()).contains(" count=2000 ");
    }

    private void ask(String listener, String head, int status) throws Exception {
        try (Client client = Client.to(Servers.address(server, listener))) {
            client.send(head);
            assertThat(client.head()).startsWith("HTTP/1.1 " + status + " ");
        }
    }

    @Test
    void aHandshakeOfAnotherOriginOrForAnotherHostIsThere() throws Exception {
        String get = "GET /ws?token=canary-query HTTP/1.1";
        String evil = "Origin: https://evil.example";
        String secret = "Authorization: Bearer canary-token";
        ask("http", Client.request(get, "Host: localhost", evil, secret), 403);
        ask("http", Client.request(get, "Host: rebound.example", secret), 403);
        assertThat(lines).hasSize(2).noneMatch(it -> it.contains("canary-"));
        String from = " count=%s address=\"127\\.0\\.0\\.1:[0-9]+\" listener=http";
        assertThat(lines.poll())
                .matches(
                        "event=request-refused host=\"localhost\" origin=\"https://evil\\.example\""
                                + " reason=\"pages of this Origin may not connect.*\""
                                + from.formatted(1));
        assertThat(lines.poll())
                .matches(
                        "event=request-refused host=\"rebound\\.example\" origin=-"
                                + " reason=\"this server does not go by the name in Host.*\""
                                + from.formatted(2));
    }

    @Test
    void soIsARequestToAdministerThatShowsNothingOrSomethingWrong() throws Exception {
        String get = "GET /sessions HTTP/1.1\r\n";
        ask("admin", get + "Host: localhost\r\n\r\n", 401);
        ask("admin", get + "Host: localhost\r\nAuthorization: Basic canary-!\r\n\r\n", 401);
        ask("admin", get + "Host: localhost\r\nAuthorization: Bearer canary-guess\r\n\r\n", 401);
        ask("admin", get + "Host: localhost\r\nOrigin: https://evil.example\r\n\r\n", 403);
        ask("admin", get + "Host: rebound.example\r\n\r\n", 403);
        assertThat(lines)
                .hasSize(5)
                .noneMatch(it -> it.contains("canary-"))
                .allMatch(it -> it.endsWith(" listener=admin") && it.contains(" address=\"127."));
        assertThat(lines.poll()).startsWith("event=request-refused ").contains("no credentials");
        assertThat(lines.poll()).startsWith("event=request-refused ").contains("no credentials");
        assertThat(lines.poll()).startsWith("event=login-failed ").contains("wrong token");
        assertThat(lines.poll())
                .startsWith("event=request-refused ")
                .contains(" origin=\"https://evil.example\" ", "not for web pages");
        assertThat(lines.poll())
                .startsWith("event=request-refused ")
                .contains(" host=\"rebound.example\" ");
    }

    @Test
    void requestsThatAreRefusedDoNotFloodTheLogEither() throws Exception {
        try (Client client = Client.to(Servers.address(server, "admin"))) {
            for (int i = 0; i < 120; i++) {
                client.send("HEAD /sessions HTTP/1.1\r\nHost: localhost\r\n\r\n");
                assertThat(client.head()).startsWith("HTTP/1.1 401 ");
            }
        }
        assertThat(lines).hasSize(100);
    }

    @Test
    void whoWasKickedByWhomIsThere() throws Exception {
        try (Client client = connected("login:alice\n");
                Client admin = Client.to(Servers.address(server, "admin"))) {
            String token = Files.readString(data.resolve(AdminToken.FILE)).strip();
            admin.send(
                    "DELETE /sessions?user=alice HTTP/1.1\r\nHost: localhost\r\n"
                            + "Authorization: Bearer "
                            + token
                            + "\r\n\r\n");
            assertThat(admin.response()).startsWith("HTTP/1.1 200 ");
            assertThat(client.stomp()).contains("message:disconnected by an administrator\n");
            assertThat(lines).noneMatch(line -> line.contains(token));
        }
        assertThat(lines)
                .anyMatch(line -> line.startsWith("event=login session=- user=\"admin-token\""))
                .anyMatch(line ->
                        line.matches(
                                "event=kick session=[0-9a-z]+ user=\"alice\""
                                        + " by=\"admin-token\" address=\"127.*\""));
    }

    @Test
    void aClientCertificateThatNobodyVouchesForIsALoginThatFailed() throws Exception {
        TlsFiles believed = new TestCertificates(data).of("device-7.example");
        TlsFiles forged = TlsLoginTest.forged(data, "device-7.example");
        ServerOptions options = TlsLoginTest.withCertificates(believed, false, CertificateName.DNS);
        try (SwitchboardServer other = Servers.start(options);
                Socket client =
                        TlsLoginTest.tls(
                                Servers.address(other, "tls"), TlsLoginTest.keys(forged))) {
            assertThatThrownBy(() -> client.getInputStream().read())
                    .isInstanceOf(IOException.class);
        }
        assertThat(lines)
                .singleElement()
                .asString()
                .startsWith("event=certificate-refused reason=\"")
                .containsPattern("count=1 address=\"127\\.0\\.0\\.1:[0-9]+\" listener=tls$");
    }
}
