package io.switchboard.server.transport;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.util.JSONObjectUtils;
import io.switchboard.server.SwitchboardServer;
import io.switchboard.server.auth.AdminToken;
import io.switchboard.server.auth.UsersFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
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
        @ValueSource(strings = {"limit=0", "limit=1001", "limit=x", "page=2", "user=a&user=b"})
        void whatMakesNoSenseIsRefused(String query) throws Exception {
            assertThat(asked(server, "GET /sessions?" + query, "Authorization: " + token()))
                    .startsWith("HTTP/1.1 400 ");
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
            assertThat(asked(server, "GET /sessions", "Authorization: Bearer guess"))
                    .startsWith("HTTP/1.1 503 ");
        }

        @Test
        void metricsNeedNone() throws Exception {
            assertThat(asked(server, "GET /health")).startsWith("HTTP/1.1 200 ");
        }
    }
}
