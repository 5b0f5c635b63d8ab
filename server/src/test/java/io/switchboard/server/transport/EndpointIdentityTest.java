package io.switchboard.server.transport;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.broker.Principal;
import io.switchboard.server.Insecure;
import io.switchboard.server.ServerOptions;
import io.switchboard.server.SwitchboardServer;
import io.switchboard.server.auth.AuthOptions;
import io.switchboard.server.auth.Authenticator;
import io.switchboard.server.auth.UsersFile;
import io.switchboard.server.auth.Verdict;
import io.switchboard.server.endpoint.Endpoint;
import io.switchboard.server.endpoint.WebSocketListener;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Who is at the other end of a WebSocket without STOMP.
final class EndpointIdentityTest {
    private static final String SECRET = "token-of-carol";

    /// Says to each client who it is, and sends back what it hears.
    private static final Endpoint WHO =
            (request, socket) -> {
                socket.offer("you are " + socket.principal().name());
                return new WebSocketListener() {
                    @Override
                    public void received(ByteBuffer piece, boolean text, boolean last) {
                        socket.offer(StandardCharsets.UTF_8.decode(piece.slice()).toString());
                    }
                };
            };

    private final CountDownLatch go = new CountDownLatch(1);

    private Authenticator tokens(long lifeMillis) {
        return who -> {
            go.await();
            String token = who.bearer() != null ? who.bearer() : who.cookies().get("session");
            if (token == null) {
                return Verdict.PASSED;
            }
            return token.equals(SECRET)
                    ? new Verdict.Accepted(
                            new Principal(
                                    "carol",
                                    who.local(),
                                    who.address(),
                                    Set.of(),
                                    Map.of(),
                                    lifeMillis == 0 ? 0 : System.currentTimeMillis() + lifeMillis),
                            "token")
                    : new Verdict.Refused("wrong token");
        };
    }

    private ServerOptions options(boolean anonymous, long lifeMillis) {
        return Servers.options()
                .withAuth(
                        new AuthOptions(
                                anonymous,
                                null,
                                null,
                                null,
                                Duration.ofSeconds(30),
                                List.of(tokens(lifeMillis))));
    }

    private static Client open(SwitchboardServer server, String... headers) throws Exception {
        Client client = Client.to(Servers.address(server, "http"));
        client.send(
                Client.request(
                        "GET /who HTTP/1.1",
                        "Host: localhost:" + client.socket.getPort(),
                        headers));
        assertThat(client.head()).startsWith("HTTP/1.1 101 ");
        return client;
    }

    @Test
    void whoHasNoNameComesInFromThisMachineAlone() throws Exception {
        ServerOptions nobodyIsAsked = Servers.options().withEndpoint("/who", WHO);
        try (SwitchboardServer server = Servers.start(nobodyIsAsked);
                Client near = open(server);
                Client far = open(server, "X-Forwarded-For: 192.0.2.1")) {
            assertThat(near.text()).isEqualTo("you are null");
            assertThat(far.frame().closeCode()).isEqualTo(4510);
        }
        ServerOptions allowed = nobodyIsAsked.withAllowed(Set.of(Insecure.ANONYMOUS));
        try (SwitchboardServer server = Servers.start(allowed);
                Client far = open(server, "X-Forwarded-For: 192.0.2.1")) {
            assertThat(far.text()).isEqualTo("you are null");
        }
    }

    @Test
    void isKnownByTheTokenOfTheHandshakeOrByItsCookie() throws Exception {
        go.countDown();
        try (SwitchboardServer server = Servers.start(options(false, 0).withEndpoint("/who", WHO));
                Client bearer = open(server, "Authorization: Bearer " + SECRET);
                Client cookie = open(server, "Cookie: session=" + SECRET)) {
            assertThat(bearer.text()).isEqualTo("you are carol");
            assertThat(cookie.text()).isEqualTo("you are carol");
        }
    }

    /// A password belongs into a CONNECT, which there is none of.
    @Test
    void withPasswordsAloneNobodyComesIn(@TempDir Path folder) throws Exception {
        Path users = folder.resolve("users");
        UsersFile.put(users, "carol", SECRET.toCharArray(), List.of());
        AuthOptions passwords =
                new AuthOptions(false, users, null, null, AuthOptions.TIMEOUT, List.of());
        String pair = Base64.getEncoder().encodeToString(("carol:" + SECRET).getBytes(UTF_8));
        try (SwitchboardServer server =
                        Servers.start(
                                Servers.options().withAuth(passwords).withEndpoint("/who", WHO));
                Client basic = open(server, "Authorization: Basic " + pair);
                Client nothing = open(server)) {
            assertThat(basic.frame().closeCode()).isEqualTo(4516);
            assertThat(nothing.frame().closeCode()).isEqualTo(4516);
        }
    }

    @Test
    void soItIsOnAStreamOfHttp2() throws Exception {
        go.countDown();
        try (SwitchboardServer server = Servers.start(options(false, 0).withEndpoint("/who", WHO));
                Http2Client client = Http2Client.to(Servers.address(server, "tls"))) {
            int known =
                    client.request(
                            0,
                            Http2Client.with(
                                    client.connectHead("/who"),
                                    "authorization",
                                    "Bearer " + SECRET));
            assertThat(client.head(known).status().toString()).isEqualTo("200");
            assertThat(new Http2WebSocket(client, known).text()).isEqualTo("you are carol");
            int unknown = client.request(0, client.connectHead("/who"));
            assertThat(client.head(unknown).status().toString()).isEqualTo("200");
            ByteBuffer close =
                    ByteBuffer.wrap(new Http2WebSocket(client, unknown).frame().payload());
            assertThat(close.getShort() & 0xffff).isEqualTo(4516);
        }
    }

    @Test
    void whoShowsNothingOrSomethingWrongDoesNotComeIn() throws Exception {
        go.countDown();
        try (SwitchboardServer server = Servers.start(options(false, 0).withEndpoint("/who", WHO));
                Client nobody = open(server);
                Client wrong = open(server, "Authorization: Bearer wrong")) {
            assertThat(nobody.frame().closeCode()).isEqualTo(4516);
            assertThat(wrong.frame().closeCode()).isEqualTo(4516);
        }
    }

    @Test
    void whereAnonymousIsAllowedItHasNoName() throws Exception {
        go.countDown();
        try (SwitchboardServer server =
                        Servers.start(
                                options(true, 0)
                                        .withEndpoint("/who", WHO)
                                        .withEndpoint(
                                                "/named",
                                                WHO.admitting(Endpoint.Admission.NAMED)));
                Client nobody = open(server);
                Client wrong = open(server, "Authorization: Bearer wrong")) {
            assertThat(nobody.text()).isEqualTo("you are null");
            assertThat(wrong.frame().closeCode()).isEqualTo(4516);
        }
    }

    @Test
    void anEndpointMayDemandANameOrNothing() throws Exception {
        go.countDown();
        try (SwitchboardServer server =
                        Servers.start(
                                options(true, 0)
                                        .withEndpoint(
                                                "/who", WHO.admitting(Endpoint.Admission.NAMED)));
                Client nobody = open(server)) {
            assertThat(nobody.frame().closeCode()).isEqualTo(4516);
        }
        try (SwitchboardServer server =
                        Servers.start(
                                options(false, 0)
                                        .withEndpoint(
                                                "/who", WHO.admitting(Endpoint.Admission.ANYONE)));
                Client nobody = open(server)) {
            assertThat(nobody.text()).isEqualTo("you are null");
        }
        try (SwitchboardServer server = Servers.start(Servers.options().withEndpoint("/who", WHO));
                Client nobody = open(server)) {
            assertThat(nobody.text()).as("without auth").isEqualTo("you are null");
        }
    }

    @Test
    void nothingIsHeardBeforeItIsKnown() throws Exception {
        try (SwitchboardServer server = Servers.start(options(false, 0).withEndpoint("/who", WHO));
                Client client = open(server, "Authorization: Bearer " + SECRET)) {
            client.sendText("first");
            go.countDown();
            assertThat(client.text()).isEqualTo("you are carol");
            assertThat(client.text()).isEqualTo("first");
        }
    }

    @Test
    void itsConnectionEndsWithItsToken() throws Exception {
        go.countDown();
        try (SwitchboardServer server =
                        Servers.start(options(false, 500).withEndpoint("/who", WHO));
                Client client = open(server, "Authorization: Bearer " + SECRET)) {
            assertThat(client.text()).isEqualTo("you are carol");
            assertThat(client.frame().closeCode()).isEqualTo(4015);
        }
    }
}
