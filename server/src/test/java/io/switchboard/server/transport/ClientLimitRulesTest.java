package io.switchboard.server.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.switchboard.server.ClientLimits;
import io.switchboard.server.ProxyOptions;
import io.switchboard.server.ServerLimits;
import io.switchboard.server.ServerOptions;
import io.switchboard.server.SwitchboardServer;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/// What one address, one user, and half frames of all may take.
class ClientLimitRulesTest {
    private static ServerOptions options(ClientLimits limits) {
        return Servers.options().withShards(1).withLimits(ServerLimits.DEFAULT.withClients(limits));
    }

    private static ServerOptions perAddress(int count) {
        return options(ClientLimits.DEFAULT.withConnections(count, 0));
    }

    private static String connect(String... headers) {
        return "CONNECT\naccept-version:1.2\nhost:localhost\n" + String.join("", headers) + "\n\0";
    }

    private static Client connected(SwitchboardServer server, String... headers) throws Exception {
        Client client = Client.webSocketTo(Servers.address(server, "http"));
        client.sendText(connect(headers));
        assertThat(client.text()).startsWith("CONNECTED\n");
        return client;
    }

    private static boolean letIn(Client client, String... headers) throws Exception {
        client.send(client.upgrade(headers));
        String head = client.head();
        assertThat(head).containsPattern("^HTTP/1.1 (101|503) ");
        return head.startsWith("HTTP/1.1 101 ");
    }

    @Nested
    class PerAddress {
        @Test
        void oneMoreIsTurnedAwayAndOtherAddressesAreNot() throws Exception {
            try (SwitchboardServer server = Servers.start(perAddress(2));
                    Client one = Client.from("127.0.0.3", Servers.address(server, "http"));
                    Client two = Client.from("127.0.0.3", Servers.address(server, "stomp"))) {
                assertThat(letIn(one)).isTrue();
                two.send(connect());
                assertThat(two.stomp()).startsWith("CONNECTED\n");
                try (Client three = Client.from("127.0.0.3", Servers.address(server, "http"));
                        Client four = Client.from("127.0.0.3", Servers.address(server, "stomp"));
                        Client other = Client.from("127.0.0.4", Servers.address(server, "http"))) {
                    assertThat(three.head()).startsWith("HTTP/1.1 503 ").contains("Retry-After");
                    assertThat(four.rest()).isEmpty();
                    assertThat(letIn(other)).isTrue();
                }
            }
        }

        @Test
        void aPlaceIsFreeAgainWhenItsConnectionHasGone() throws Exception {
            try (SwitchboardServer server = Servers.start(perAddress(1))) {
                Client.webSocketTo(Servers.address(server, "http")).close();
                await().atMost(Client.PATIENCE)
                        .until(() -> {
                            try (Client next = Client.to(Servers.address(server, "http"))) {
                                return letIn(next);
                            }
                        });
            }
        }

        @Test
        void aTrustedProxysConnectionsCountForWhomItSpeaks() throws Exception {
            ServerOptions options =
                    perAddress(1)
                            .withProxies(new ProxyOptions(List.of("127.0.0.2"), Set.of("stomp")));
            try (SwitchboardServer server = Servers.start(options);
                    Client one = Client.from("127.0.0.2", Servers.address(server, "http"));
                    Client two = Client.from("127.0.0.2", Servers.address(server, "http"));
                    Client again = Client.from("127.0.0.2", Servers.address(server, "http"));
                    Client tcp = Client.from("127.0.0.2", Servers.address(server, "stomp"))) {
                assertThat(letIn(one, "X-Forwarded-For: 192.0.2.1")).isTrue();
                assertThat(letIn(two, "X-Forwarded-For: 192.0.2.2")).isTrue();
                assertThat(letIn(again, "X-Forwarded-For: 192.0.2.1")).isFalse();
                tcp.send("PROXY TCP4 192.0.2.1 192.0.2.9 4711 443\r\n");
                assertThat(tcp.rest()).isEmpty();
            }
        }

        @Test
        void webSocketsOnStreamsCount() throws Exception {
            try (SwitchboardServer server = Servers.start(perAddress(2));
                    Http2Client client = Http2Client.to(Servers.address(server, "tls"))) {
                client.webSocket().connected();
                assertThat(client.head(client.connect()).status()).hasToString("503");
            }
        }
    }

    @Nested
    class PerUser {
        @Test
        void oneMoreIsRefusedAtItsConnectAndOtherUsersAreNot() throws Exception {
            ServerOptions options = options(ClientLimits.DEFAULT.withConnections(0, 2));
            try (SwitchboardServer server = Servers.start(options)) {
                Client one = connected(server, "login:alice\n");
                try (Client two = connected(server, "login:alice\n");
                        Client three = Client.webSocketTo(Servers.address(server, "http"));
                        Client bob = connected(server, "login:bob\n");
                        Client nobody = connected(server);
                        Client another = connected(server)) {
                    three.sendText(connect("login:alice\n"));
                    assertThat(three.text())
                            .startsWith("ERROR\n")
                            .contains("message:too many sessions of this user\n")
                            .endsWith("; setting: limits.connections-per-user\0");
                    assertThat(three.frame().closeCode()).isEqualTo(4021);
                    assertThat(List.of(two, bob, nobody, another)).hasSize(4);
                    one.close();
                    await().atMost(Client.PATIENCE).until(() -> getsIn(server));
                }
            }
        }

        private static boolean getsIn(SwitchboardServer server) throws Exception {
            try (Client next = Client.webSocketTo(Servers.address(server, "http"))) {
                next.sendText(connect("login:alice\n"));
                return next.text().startsWith("CONNECTED\n");
            }
        }
    }

    @Nested
    class HalfFrames {
        private static final String LARGE =
                "SEND\ndestination:/topic/a\nreceipt:large\ncontent-length:200000\n\n";

        @Test
        void theLargestGoesWhenAllTogetherAreTooMuch() throws Exception {
            ServerOptions options = options(ClientLimits.DEFAULT.withInboundBytes(230 << 10));
            try (SwitchboardServer server = Servers.start(options);
                    Client small = connected(server);
                    Client first = connected(server);
                    Client second = connected(server)) {
                small.sendText("SEND\ndestination:/topic/a\nreceipt:small\n\nhel");
                first.sendText(LARGE + "x".repeat(199_999));
                second.sendText(LARGE + "x".repeat(60_000));
                assertThat(first.text())
                        .startsWith("ERROR\n")
                        .contains("message:the server is short of memory for incoming frames\n")
                        .endsWith("; setting: limits.inbound-bytes\0");
                assertThat(first.frame().closeCode()).isEqualTo(4022);
                small.sendText("lo\0");
                assertThat(small.text()).contains("receipt-id:small\n");
                second.sendText("x".repeat(140_000) + "\0");
                assertThat(second.text()).contains("receipt-id:large\n");
            }
        }

        @Test
        void whatIsCompleteIsGivenBack() throws Exception {
            ServerOptions options = options(ClientLimits.DEFAULT.withInboundBytes(300 << 10));
            try (SwitchboardServer server = Servers.start(options);
                    Client client = connected(server)) {
                for (int i = 0; i < 20; i++) {
                    client.sendText(LARGE + "x".repeat(100_000));
                    client.sendText("x".repeat(100_000) + "\0");
                    assertThat(client.text()).contains("receipt-id:large\n");
                }
                for (int i = 0; i < 20; i++) {
                    try (Client gone = connected(server)) {
                        gone.sendText(LARGE + "x".repeat(199_999));
                        gone.send(Client.close(1000));
                        assertThat(gone.frame().closeCode()).isEqualTo(1000);
                    }
                }
                client.sendText(LARGE + "x".repeat(200_000) + "\0");
                assertThat(client.text()).contains("receipt-id:large\n");
            }
        }
    }
}
