package io.switchboard.server.transport;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import io.switchboard.broker.AccessRules;
import io.switchboard.broker.Principal;
import io.switchboard.server.SwitchboardServer;
import io.switchboard.server.auth.AuthOptions;
import io.switchboard.server.auth.Authenticator;
import io.switchboard.server.auth.Verdict;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/// Tokens that end, new ones, and rules that change, over real sockets.
final class TokenLifeTest {
    private static final String LONG = "token-for-alice";

    private final Queue<String> audited = new ConcurrentLinkedQueue<>();
    private final Logger audit = (Logger) LoggerFactory.getLogger("io.switchboard.audit");
    private final AppenderBase<ILoggingEvent> recorder =
            new AppenderBase<>() {
                @Override
                protected void append(ILoggingEvent event) {
                    audited.add(event.getFormattedMessage());
                }
            };

    @BeforeEach
    void record() {
        recorder.start();
        audit.addAppender(recorder);
        audit.setLevel(Level.INFO);
    }

    @AfterEach
    void stopRecording() {
        audit.detachAppender(recorder);
        audit.setLevel(null);
        assertThat(audited).noneMatch(it -> it.contains("token-for"));
    }

    /// `token-for-NAME`, with `-short` behind it for one that lives a moment.
    private static final Authenticator TOKENS =
            who -> {
                String token =
                        who.authorization() == null
                                ? String.valueOf(who.passcode())
                                : who.authorization().substring("Bearer ".length());
                if (!token.startsWith("token-for-")) {
                    return new Verdict.Refused("no token");
                }
                boolean brief = token.endsWith("-short");
                String name = token.substring("token-for-".length()).replace("-short", "");
                long expires = System.currentTimeMillis() + (brief ? 2_000 : 3_600_000);
                return new Verdict.Accepted(
                        new Principal(
                                name, who.local(), who.address(), Set.of(), Map.of(), expires),
                        "token");
            };

    private static Client connected(SwitchboardServer server, String token, String... headers)
            throws Exception {
        Client client = Client.webSocketTo(Servers.address(server, "http"));
        client.sendText(
                "CONNECT\naccept-version:1.2\nhost:h\npasscode:"
                        + token
                        + "\n"
                        + String.join("\n", headers)
                        + (headers.length == 0 ? "" : "\n")
                        + "\n\0");
        assertThat(client.text()).startsWith("CONNECTED\n");
        return client;
    }

    private static SwitchboardServer server() throws Exception {
        return Servers.start(Servers.options().withAuth(AuthOptions.by(TOKENS)));
    }

    private static String renewal(String token) {
        return "SEND\ndestination:/session/token\nreceipt:t\n\n" + token + "\0";
    }

    @Test
    void aSessionIsToldAndEndsWhenItsTokenDoes() throws Exception {
        try (SwitchboardServer server = server();
                Client client = connected(server, LONG + "-short")) {
            client.sendText("SUBSCRIBE\nid:e\ndestination:/session/events\n\n\0");
            assertThat(client.text())
                    .startsWith("MESSAGE\n")
                    .contains("\nevent:token-expiring\n", "\nexpires-in:");
            assertThat(client.text()).startsWith("ERROR\n").contains("\nmessage:token expired\n");
            assertThat(client.frame().closeCode()).isEqualTo(4015);
        }
    }

    @Test
    void aNewTokenKeepsItAlive() throws Exception {
        try (SwitchboardServer server = server();
                Client client = connected(server, LONG + "-short");
                Client other = connected(server, LONG + "-short")) {
            client.sendText(renewal(LONG));
            assertThat(client.text()).startsWith("RECEIPT\n").contains("receipt-id:t");
            assertThat(other.text()).contains("\nmessage:token expired\n");
            client.sendText("SUBSCRIBE\nid:1\ndestination:/topic/a\nreceipt:s\n\n\0");
            assertThat(client.text()).contains("receipt-id:s");
        }
        assertThat(audited)
                .anyMatch(it -> it.startsWith("event=renewal ") && it.contains("user=\"alice\""));
    }

    @Test
    void somebodyElsesTokenIsRefused() throws Exception {
        try (SwitchboardServer server = server();
                Client client = connected(server, LONG)) {
            client.sendText(renewal("token-for-bob"));
            assertThat(client.text()).contains("\nmessage:login failed\n", "\nreceipt-id:t\n");
            assertThat(client.frame().closeCode()).isEqualTo(4516);
        }
        assertThat(audited)
                .anyMatch(it ->
                        it.startsWith("event=renewal-failed ")
                                && it.contains("user=\"alice\"")
                                && it.contains("another user's"));
    }

    @Test
    void whoFailsTooOftenIsNotLookedAt() throws Exception {
        try (SwitchboardServer server = server();
                Client client = connected(server, LONG, "soft-errors:true")) {
            for (int i = 0; i < 30; i++) {
                client.sendText(renewal("wrong"));
                assertThat(client.text()).contains("\nmessage:login failed\n");
            }
            client.sendText(renewal(LONG));
            assertThat(client.text()).contains("\nmessage:login failed\n");
            client.sendText("SEND\ndestination:/topic/a\nreceipt:s\n\n\0");
            assertThat(client.text()).as("the old token goes on").contains("receipt-id:s");
        }
        assertThat(audited)
                .anyMatch(it ->
                        it.startsWith("event=renewal-failed ")
                                && it.contains("reason=\"too many failures\""));
    }

    @Test
    void aSubscriptionEndsWhenTheRulesOfTheProgramSaySo() throws Exception {
        Set<String> forbidden = ConcurrentHashMap.newKeySet();
        AccessRules rules =
                (who, action, destination, answer) ->
                        forbidden.contains(destination)
                                ? new AccessRules.Decision.Denied("closed for today")
                                : AccessRules.Decision.ALLOWED;
        try (SwitchboardServer server =
                        SwitchboardServer.start(
                                Servers.options().withAuth(AuthOptions.by(TOKENS)), rules);
                Client client = connected(server, LONG)) {
            client.sendText(
                    "SUBSCRIBE\nid:e\ndestination:/session/events\nreceipt:1\n\n\0"
                            + "SUBSCRIBE\nid:a\ndestination:/topic/a\nreceipt:2\n\n\0");
            assertThat(client.text()).contains("receipt-id:1");
            assertThat(client.text()).contains("receipt-id:2");
            forbidden.add("/topic/a");
            server.rulesChanged();
            assertThat(client.text())
                    .contains("\nevent:subscription-ended\n", "\nid:a\n", "closed for today");
        }
    }

    @Test
    void thoseWhoListenAreToldThatTheServerStops() throws Exception {
        try (SwitchboardServer server = server();
                Client client = connected(server, LONG)) {
            client.sendText("SUBSCRIBE\nid:e\ndestination:/session/events\nreceipt:1\n\n\0");
            assertThat(client.text()).contains("receipt-id:1");
            Thread stop = Thread.ofVirtual().start(server::close);
            assertThat(client.text()).contains("\nevent:draining\n");
            assertThat(client.frame().closeCode()).isEqualTo(1001);
            client.close();
            stop.join();
        }
    }
}
