package io.switchboard.server.transport;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.util.JSONObjectUtils;
import io.switchboard.broker.Principal;
import io.switchboard.server.SwitchboardServer;
import io.switchboard.server.auth.AdminToken;
import io.switchboard.server.auth.AuthOptions;
import io.switchboard.server.auth.Authenticator;
import io.switchboard.server.auth.UsersFile;
import io.switchboard.server.auth.Verdict;
import io.switchboard.server.endpoint.Endpoint;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Sessions seen and ended by an administrator, over real sockets.
final class AdministrationTest {
    private static final String PASSWORD = "canary-admin-7f3a-password";

    @TempDir private Path data;

    private SwitchboardServer server;
    private final List<Client> clients = new ArrayList<>();

    @BeforeEach
    void start() throws Exception {
        server = Servers.start(Servers.options().withShards(2).withFiles(data));
    }

    @AfterEach
    void stop() throws Exception {
        for (Client each : clients) {
            each.close();
        }
        server.close();
    }

    private Client connected(String user) throws Exception {
        Client client = Client.webSocketTo(Servers.address(server, "http"));
        clients.add(client);
        client.sendText("CONNECT\naccept-version:1.2\nhost:h\nlogin:" + user + "\n\n\0");
        assertThat(client.text()).startsWith("CONNECTED\n");
        return client;
    }

    private String token() throws Exception {
        return "Bearer " + Files.readString(data.resolve(AdminToken.FILE)).strip();
    }

    private static String asked(SwitchboardServer server, String line, String... headers)
            throws Exception {
        try (Client client = Client.to(Servers.address(server, "admin"))) {
            StringBuilder text = new StringBuilder(line + " HTTP/1.1\r\n");
            if (headers.length == 0 || !headers[0].startsWith("Host:")) {
                text.append("Host: localhost\r\n");
            }
            for (String each : headers) {
                text.append(each).append("\r\n");
            }
            client.send(text + "\r\n");
            return client.response();
        }
    }

    private Map<String, Object> json(String line) throws Exception {
        String answer = asked(server, line, "Authorization: " + token());
        assertThat(answer).startsWith("HTTP/1.1 200 ");
        return JSONObjectUtils.parse(answer.substring(answer.indexOf("\r\n\r\n") + 4));
    }

    @SuppressWarnings("unchecked")
    private List<Map<String, Object>> sessions(String query) throws Exception {
        return (List<Map<String, Object>>) (List<?>) json("GET /sessions" + query).get("sessions");
    }

    @Nested
    final class Seen {
        @Test
        void allOrThoseOfAUserOrAnAddress() throws Exception {
            connected("alice");
            connected("alice");
            Client bob = connected("bob");

            assertThat(sessions("")).hasSize(3);
            assertThat(sessions("?user=alice"))
                    .hasSize(2)
                    .allSatisfy(it -> assertThat(it).containsEntry("user", "alice"));
            assertThat(sessions("?address=127.0.0.1")).hasSize(3);
            assertThat(sessions("?address=127.0.0.9")).isEmpty();
            assertThat(sessions("?address=127.0.0.1:" + bob.socket.getLocalPort()))
                    .singleElement()
                    .satisfies(it -> assertThat(it).containsEntry("user", "bob"));
        }

        @Test
        void pageByPage() throws Exception {
            for (int i = 0; i < 7; i++) {
                connected("user" + i);
            }
            TreeSet<Object> ids = new TreeSet<>();
            Object after = "";
            int pages = 0;
            while (after != null) {
                Map<String, Object> page = json("GET /sessions?limit=3&after=" + after);
                List<?> sessions = (List<?>) page.get("sessions");
                assertThat(sessions).hasSizeLessThanOrEqualTo(3);
                sessions.forEach(it -> ids.add(((Map<?, ?>) it).get("id")));
                after = page.get("next");
                pages++;
            }
            assertThat(ids).hasSize(7);
            assertThat(pages).isEqualTo(3);
        }

        @Test
        void oneWithItsSubscriptionsAndNoNameThatIsSecret() throws Exception {
            Client client = connected("alice");
            client.sendText("SUBSCRIBE\nid:a\ndestination:/topic/news\nreceipt:1\n\n\0");
            assertThat(client.text()).startsWith("RECEIPT");
            client.sendText("SUBSCRIBE\nid:b\ndestination:/temp-queue/mine\nreceipt:2\n\n\0");
            assertThat(client.text()).startsWith("RECEIPT");
            Object id = sessions("").getFirst().get("id");

            Map<String, Object> session = json("GET /sessions/" + id);
            assertThat(session)
                    .containsEntry("subscriptions", 2L)
                    .containsEntry("listener", "http")
                    .containsEntry(
                            "subscribed",
                            List.of(
                                    Map.of("id", "a", "destination", "/topic/news"),
                                    Map.of("id", "b", "destination", "/temp-queue/")));
        }

        @Test
        void whoIsNotThereIsNot() throws Exception {
            assertThat(asked(server, "GET /sessions/nobody", "Authorization: " + token()))
                    .startsWith("HTTP/1.1 404 ");
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "limit=0",
                    "limit=1001",
                    "limit=x",
                    "page=2",
                    "user=a&user=b",
                    "user=",
                    "address="
                })
        void whatMakesNoSenseIsRefused(String query) throws Exception {
            assertThat(asked(server, "GET /sessions?" + query, "Authorization: " + token()))
                    .startsWith("HTTP/1.1 400 ");
        }
    }

    /// Clients of endpoints that do not speak STOMP.
    @Nested
    final class OfEndpoints {
        private static final Endpoint HEARS =
                (request, socket) -> {
                    socket.offer("welcome");
                    return (piece, text, last) -> {};
                };

        @BeforeEach
        void startWithAnEndpoint() throws Exception {
            server.close();
            Authenticator byToken =
                    who ->
                            who.bearer() == null
                                    ? Verdict.PASSED
                                    : new Verdict.Accepted(
                                            Principal.of(who.bearer(), who.local(), who.address()),
                                            "token");
            AuthOptions auth =
                    new AuthOptions(
                            true, null, null, null, Duration.ofSeconds(30), List.of(byToken));
            server =
                    Servers.start(
                            Servers.options()
                                    .withShards(2)
                                    .withFiles(data)
                                    .withAuth(auth)
                                    .withEndpoint("/hears", HEARS));
        }

        private Client opened(String user) throws Exception {
            Client client = Client.to(Servers.address(server, "http"));
            clients.add(client);
            client.send(
                    Client.request(
                            "GET /hears?x=canary-admin-7f3a-query HTTP/1.1",
                            "Host: localhost:" + client.socket.getPort(),
                            user == null ? "X: y" : "Authorization: Bearer " + user));
            assertThat(client.head()).startsWith("HTTP/1.1 101 ");
            assertThat(client.text()).isEqualTo("welcome");
            return client;
        }

        @Test
        void areSeenLikeSessions() throws Exception {
            Client carol = opened("carol");
            opened(null);
            clients.add(Client.webSocketTo(Servers.address(server, "http")));

            assertThat(sessions("")).hasSize(3);
            String address = "127.0.0.1:" + carol.socket.getLocalPort();
            Map<String, Object> seen = sessions("?user=carol").getFirst();
            assertThat(seen)
                    .containsEntry("user", "carol")
                    .containsEntry("address", address)
                    .containsEntry("listener", "http")
                    .containsEntry("endpoint", "/hears")
                    .containsEntry("subscriptions", 0L)
                    .containsEntry("bytesWaiting", 0L)
                    .containsKeys("id", "shard", "seconds", "bytesHeld", "waits");
            assertThat(json("GET /sessions/" + seen.get("id"))).containsEntry("user", "carol");
            assertThat(sessions("?address=" + address)).hasSize(1);
        }

        @Test
        void goByUserIdOrAddress() throws Exception {
            Client carol = opened("carol");
            Client dave = opened("dave");
            Client eve = opened("eve");
            Client stays = opened("stays");
            Object id = sessions("?user=dave").getFirst().get("id");

            assertThat(json("DELETE /sessions?user=carol")).containsEntry("disconnected", 1L);
            assertThat(carol.frame().closeCode()).isEqualTo(4530);
            assertThat(json("DELETE /sessions/" + id)).containsEntry("disconnected", 1L);
            assertThat(dave.frame().closeCode()).isEqualTo(4530);
            assertThat(json("DELETE /sessions?address=127.0.0.1:" + eve.socket.getLocalPort()))
                    .containsEntry("disconnected", 1L);
            assertThat(eve.frame().closeCode()).isEqualTo(4530);
            assertThat(sessions(""))
                    .singleElement()
                    .satisfies(it -> assertThat(it).containsEntry("user", "stays"));
            assertThat(stays.socket.isClosed()).isFalse();
        }
    }

    @Nested
    final class Disconnected {
        private void assertKicked(Client client) throws Exception {
            assertThat(client.text())
                    .startsWith("ERROR\n")
                    .contains("message:disconnected by an administrator\n");
            assertThat(client.frame().closeCode()).isEqualTo(4530);
        }

        /// As a script has it whose variable is not set.
        @ParameterizedTest
        @ValueSource(strings = {"?user=", "?address=", "?user=&address=127.0.0.1", "", "/"})
        void notWhereNobodyIsNamed(String whom) throws Exception {
            Client bystander = connected("alice");
            assertThat(asked(server, "DELETE /sessions" + whom, "Authorization: " + token()))
                    .startsWith("HTTP/1.1 400 ");
            bystander.sendText("SEND\ndestination:/topic/a\nreceipt:r\n\n\0");
            assertThat(bystander.text()).startsWith("RECEIPT\n");
        }

        @Test
        void byUser() throws Exception {
            Client one = connected("alice");
            Client two = connected("alice");
            Client bob = connected("bob");

            assertThat(json("DELETE /sessions?user=alice")).containsEntry("disconnected", 2L);
            assertKicked(one);
            assertKicked(two);
            bob.sendText("SEND\ndestination:/topic/a\nreceipt:r\n\n\0");
            assertThat(bob.text()).startsWith("RECEIPT\n");
        }

        @Test
        void byIdAndOnlyOnce() throws Exception {
            Client client = connected("alice");
            Object id = sessions("").getFirst().get("id");

            assertThat(json("DELETE /sessions/" + id)).containsEntry("disconnected", 1L);
            assertKicked(client);
            assertThat(asked(server, "DELETE /sessions/" + id, "Authorization: " + token()))
                    .startsWith("HTTP/1.1 404 ");
        }

        @Test
        void byAddress() throws Exception {
            Client one = connected("alice");
            Client two = connected("bob");

            json("DELETE /sessions?address=127.0.0.1:" + one.socket.getLocalPort());
            assertKicked(one);
            assertThat(sessions("?user=bob")).hasSize(1);
            json("DELETE /sessions?address=127.0.0.1");
            assertKicked(two);
        }

        @Test
        void notEverybodyByOversight() throws Exception {
            connected("alice");
            assertThat(asked(server, "DELETE /sessions", "Authorization: " + token()))
                    .startsWith("HTTP/1.1 400 ");
            assertThat(sessions("")).hasSize(1);
        }
    }

    @Nested
    final class Credentials {
        @ParameterizedTest
        @ValueSource(
                strings = {
                    "X-Nothing: a",
                    "Authorization: Bearer",
                    "Authorization: Bearer guessed",
                    "Authorization: Basic !",
                    "Authorization: Basic YTpi",
                    "Cookie: token=a"
                })
        void nobodyGetsInWithout(String header) throws Exception {
            String answer = asked(server, "GET /sessions", header);
            assertThat(answer)
                    .startsWith("HTTP/1.1 401 ")
                    .contains("WWW-Authenticate: Bearer\r\n")
                    .endsWith("administration needs a token, or a name and a password\n");
            assertThat(asked(server, "DELETE /sessions?user=a", header))
                    .startsWith("HTTP/1.1 401 ");
            assertThat(asked(server, "GET /sessions/any", header)).startsWith("HTTP/1.1 401 ");
        }

        @Test
        void theTokenIsForTheServersOwnUserAlone() throws Exception {
            assertThat(
                            PosixFilePermissions.toString(
                                    Files.getPosixFilePermissions(data.resolve(AdminToken.FILE))))
                    .isEqualTo("rw-------");
        }

        @Test
        void eachStartHasATokenOfItsOwn() throws Exception {
            String old = token();
            try (SwitchboardServer next = Servers.start(Servers.options().withFiles(data))) {
                assertThat(asked(next, "GET /sessions", "Authorization: " + old))
                        .startsWith("HTTP/1.1 401 ");
                assertThat(asked(next, "GET /sessions", "Authorization: " + token()))
                        .startsWith("HTTP/1.1 200 ");
            }
        }

        @Test
        void administratorsMayHaveNamesAndPasswords() throws Exception {
            Path users = data.resolve("administrators");
            UsersFile.put(users, "root", PASSWORD.toCharArray(), List.of());
            Path other = data.resolve("other");
            var options = Servers.options().withFiles(other);
            options = options.withListeners(options.listeners().withAdminUsers(users));
            try (SwitchboardServer named = Servers.start(options)) {
                assertThat(asked(named, "GET /sessions", basic("root:" + PASSWORD)))
                        .startsWith("HTTP/1.1 200 ");
                assertThat(asked(named, "GET /sessions", basic("root:" + PASSWORD + "x")))
                        .startsWith("HTTP/1.1 401 ");
                assertThat(asked(named, "GET /sessions", "Authorization: " + token()))
                        .startsWith("HTTP/1.1 401 ");
            }
            assertThat(other.resolve(AdminToken.FILE)).doesNotExist();
        }

        private static String basic(String pair) {
            return "Authorization: Basic "
                    + Base64.getEncoder().encodeToString(pair.getBytes(UTF_8));
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "Host: evil.example",
                    "Host: localhost\r\nOrigin: http://localhost",
                    "Host: localhost\r\nOrigin: null",
                    "Host: localhost\r\nSec-Fetch-Site: cross-site"
                })
        void noWebPageGetsInWhateverItBrings(String headers) throws Exception {
            assertThat(asked(server, "GET /sessions", headers, "Authorization: " + token()))
                    .startsWith("HTTP/1.1 403 ");
        }

        @Test
        void whoGuessesIsNotLookedAtForAWhile() throws Exception {
            for (int i = 0; i < 30; i++) {
                assertThat(asked(server, "GET /sessions", "Authorization: Bearer guess" + i))
                        .startsWith("HTTP/1.1 401 ");
            }
            assertThat(asked(server, "GET /sessions", "Authorization: " + token()))
                    .startsWith("HTTP/1.1 401 ");
        }

        @Test
        void metricsNeedNone() throws Exception {
            assertThat(asked(server, "GET /health")).startsWith("HTTP/1.1 200 ");
        }
    }
}
