package io.switchboard.server.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.switchboard.broker.Principal;
import io.switchboard.server.ClientLimits;
import io.switchboard.server.Rate;
import io.switchboard.server.ServerLimits;
import io.switchboard.server.ServerOptions;
import io.switchboard.server.SwitchboardServer;
import io.switchboard.server.auth.AuthOptions;
import io.switchboard.server.auth.Verdict;
import io.switchboard.server.endpoint.Endpoint;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/// How much a client may send in a second, seen from outside. The arithmetic is in [ReadPaceTest].
class RateLimitTest {
    private static final Duration FOR_EVER = Duration.ZERO;

    private static ServerOptions options(Rate rate, Map<String, Rate> byRole, Duration patience) {
        return Servers.options()
                .withShards(1)
                .withLimits(
                        ServerLimits.DEFAULT.withClients(
                                ClientLimits.DEFAULT.withRates(rate, byRole, patience)));
    }

    private static SwitchboardServer server(Rate rate, Duration patience) throws Exception {
        return Servers.start(options(rate, Map.of(), patience));
    }

    private static Client connected(SwitchboardServer server, String... headers) throws Exception {
        Client client = Client.webSocketTo(Servers.address(server, "http"));
        client.sendText(
                "CONNECT\naccept-version:1.2\nhost:localhost\n"
                        + String.join("", headers)
                        + "\n\0");
        assertThat(client.text()).startsWith("CONNECTED\n");
        return client;
    }

    private static String send(int number) {
        return "SEND\ndestination:/topic/a\nreceipt:r" + number + "\n\nhello\0";
    }

    /// The server may answer what comes next, but has not read it.
    private static void assertNotRead(Client client) throws Exception {
        client.socket.setSoTimeout(300);
        assertThatThrownBy(client::read).isInstanceOf(SocketTimeoutException.class);
        client.socket.setSoTimeout((int) Client.PATIENCE.toMillis());
    }

    private static void assertServed(SwitchboardServer server) throws Exception {
        try (Client other = connected(server)) {
            other.sendText(send(1));
            assertThat(other.text()).contains("receipt-id:r1\n");
        }
    }

    @Nested
    class ReadSlower {
        @Test
        void whatWasSentAtOnceIsDoneAndTheNextFrameWaits() throws Exception {
            try (SwitchboardServer server = server(new Rate(1, 0), FOR_EVER);
                    Client client = connected(server)) {
                client.sendText(send(1).repeat(20));
                for (int i = 0; i < 20; i++) {
                    assertThat(client.text()).contains("receipt-id:r1\n");
                }
                client.sendText(send(2));
                assertNotRead(client);
                assertServed(server);
            }
        }

        @Test
        void whoWaitsIsReadOn() throws Exception {
            try (SwitchboardServer server = server(new Rate(20, 0), FOR_EVER);
                    Client client = connected(server)) {
                client.sendText(send(1).repeat(120));
                client.sendText(send(2));
                for (int i = 0; i < 120; i++) {
                    assertThat(client.text()).contains("receipt-id:r1\n");
                }
                assertThat(client.text()).contains("receipt-id:r2\n");
            }
        }

        @Test
        void bytesCountToo() throws Exception {
            try (SwitchboardServer server = server(new Rate(0, 100), FOR_EVER);
                    Client client = connected(server)) {
                client.sendText(
                        "SEND\ndestination:/topic/a\nreceipt:r1\n\n" + "x".repeat(900) + "\0");
                assertThat(client.text()).contains("receipt-id:r1\n");
                client.sendText(send(2));
                assertNotRead(client);
            }
        }

        @Test
        void pingsAreFrames() throws Exception {
            try (SwitchboardServer server = server(new Rate(1, 0), FOR_EVER);
                    Client client = connected(server)) {
                ByteBuffer pings = ByteBuffer.allocate(20 * 6);
                while (pings.hasRemaining()) {
                    pings.put(Client.frame(0x89, new byte[0]));
                }
                client.send(pings.array());
                // Held back in the middle of what was read at once.
                for (int i = 0; i < 5; i++) {
                    assertThat(client.frame().opcode()).isEqualTo(10);
                }
                assertNotRead(client);
            }
        }

        @Test
        void messagesToAnEndpointAreFrames() throws Exception {
            ServerOptions options =
                    options(new Rate(1, 0), Map.of(), FOR_EVER)
                            .withEndpoint("/echo", Endpoint.echo());
            try (SwitchboardServer server = Servers.start(options);
                    Client client = Client.to(Servers.address(server, "http"))) {
                client.send(
                        Client.request(
                                "GET /echo HTTP/1.1",
                                "Host: localhost:" + client.socket.getPort()));
                assertThat(client.head()).startsWith("HTTP/1.1 101 ");
                for (int i = 0; i < 6; i++) {
                    client.sendText("hello");
                    assertThat(client.text()).isEqualTo("hello");
                }
                client.sendText("hello");
                assertNotRead(client);
            }
        }

        @Test
        void overTcpAsWell() throws Exception {
            try (SwitchboardServer server = server(new Rate(1, 0), FOR_EVER);
                    Client client = Client.to(Servers.address(server, "stomp"))) {
                client.sendStomp("CONNECT\naccept-version:1.2\nhost:localhost\n\n");
                assertThat(client.stomp()).startsWith("CONNECTED\n");
                client.send(send(1).repeat(20));
                for (int i = 0; i < 20; i++) {
                    assertThat(client.stomp()).contains("receipt-id:r1\n");
                }
                client.send(send(2));
                assertNotRead(client);
            }
        }
    }

    @Nested
    class TooLong {
        @Test
        void whoMakesNoPauseIsToldAndDisconnected() throws Exception {
            try (SwitchboardServer server = server(new Rate(100, 0), Duration.ofMillis(500));
                    Client client = connected(server)) {
                String frames = "SEND\ndestination:/topic/a\n\nhello\0".repeat(50);
                try {
                    for (int i = 0; i < 1_000; i++) {
                        client.sendText(frames);
                        Thread.yield();
                    }
                } catch (IOException cutOff) {
                    // Expected where the server has closed before all was sent.
                }
                assertThat(client.text())
                        .startsWith("ERROR\n")
                        .contains("message:too much for too long\n")
                        .endsWith("; setting: limits.rate-patience\0");
                assertThat(client.frame().closeCode()).isEqualTo(4020);
            }
        }
    }

    @Nested
    class ByRole {
        @Test
        void aRoleHasARateOfItsOwn() throws Exception {
            ServerOptions options =
                    options(new Rate(1, 0), Map.of("bot", Rate.UNLIMITED), FOR_EVER)
                            .withAuth(
                                    AuthOptions.by(who ->
                                            new Verdict.Accepted(
                                                    new Principal(
                                                            who.login(),
                                                            who.local(),
                                                            who.address(),
                                                            Set.of(who.login()),
                                                            Map.of(),
                                                            0),
                                                    "test")));
            try (SwitchboardServer server = Servers.start(options);
                    Client bot = connected(server, "login:bot\n");
                    Client guest = connected(server, "login:guest\n")) {
                guest.sendText(send(1).repeat(20));
                for (int i = 0; i < 20; i++) {
                    assertThat(guest.text()).contains("receipt-id:r1\n");
                }
                guest.sendText(send(2));
                for (int i = 0; i < 1_000; i++) {
                    bot.sendText(send(i));
                    assertThat(bot.text()).contains("receipt-id:r" + i + "\n");
                }
                assertNotRead(guest);
            }
        }
    }
}
