package io.switchboard.server.transport;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.switchboard.server.ListenerOptions;
import io.switchboard.server.Port;
import io.switchboard.server.ServerLimits;
import io.switchboard.server.ServerOptions;
import io.switchboard.server.StartFailure;
import io.switchboard.server.SwitchboardServer;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/// The two ends of a server's life.
class ShutdownTest {
    private static final String CONNECT = "CONNECT\naccept-version:1.2\nhost:localhost\n\n";

    @Test
    void clientsHearThatTheServerGoesAway() throws Exception {
        SwitchboardServer server = Servers.start(Servers.options().withShards(2));
        List<Client> clients = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            Client client = Client.webSocketTo(Servers.address(server, "http"));
            client.sendText(CONNECT + "\0");
            assertThat(client.text()).startsWith("CONNECTED\n");
            clients.add(client);
        }
        Client tcp = Client.to(Servers.address(server, "stomp"));
        tcp.sendStomp(CONNECT);
        assertThat(tcp.stomp()).startsWith("CONNECTED\n");
        CompletableFuture<Void> closing = CompletableFuture.runAsync(server::close);
        for (Client client : clients) {
            assertThat(client.frame().closeCode()).isEqualTo(1001);
            client.send(Client.close(1001));
            assertThat(client.rest()).isEmpty();
            client.close();
        }
        assertThat(tcp.rest()).isEqualTo("");
        tcp.close();
        closing.get(20, SECONDS);
        server.awaitTermination();
    }

    @Test
    void whatWasTakenBeforeStillArrives() throws Exception {
        SwitchboardServer server = Servers.start(Servers.options());
        InetSocketAddress http = Servers.address(server, "http");
        try (Client subscriber = Client.withReceiveBuffer(http, 4_096);
                Client publisher = Client.to(Servers.address(server, "stomp"))) {
            subscriber.sendText(CONNECT + "\0");
            subscriber.sendText("SUBSCRIBE\nid:a\ndestination:/topic/x\nreceipt:r\n\n\0");
            assertThat(subscriber.text()).startsWith("CONNECTED\n");
            assertThat(subscriber.text()).startsWith("RECEIPT\n");
            publisher.sendStomp(CONNECT);
            assertThat(publisher.stomp()).startsWith("CONNECTED\n");
            for (int i = 0; i < 100; i++) {
                publisher.sendStomp(
                        "SEND\ndestination:/topic/x\nreceipt:" + i + "\n\n" + "x".repeat(9_000));
                assertThat(publisher.stomp()).isEqualTo("RECEIPT\nreceipt-id:" + i + "\n\n");
            }
            CompletableFuture<Void> closing = CompletableFuture.runAsync(server::close);
            // The publisher's connection has nothing more to take, so the server is stopping.
            assertThat(publisher.rest()).isEmpty();
            for (int i = 0; i < 100; i++) {
                assertThat(subscriber.text()).startsWith("MESSAGE\n");
            }
            assertThat(subscriber.frame().closeCode()).isEqualTo(1001);
            subscriber.send(Client.close(1001));
            publisher.close();
            closing.get(20, SECONDS);
        }
    }

    @Test
    void aClientThatDoesNotReadDoesNotHoldItUp() throws Exception {
        ServerLimits hasty = Servers.impatient(Duration.ofMillis(300));
        SwitchboardServer server = Servers.start(Servers.options().withLimits(hasty));
        try (Client client = Client.webSocketTo(Servers.address(server, "http"))) {
            client.sendText(CONNECT + "\0");
            assertThat(client.text()).startsWith("CONNECTED\n");
            CompletableFuture.runAsync(server::close).get(20, SECONDS);
            assertThat(client.frame().closeCode()).isEqualTo(1001);
            assertThat(client.rest()).isEmpty();
        }
    }

    @Test
    void nobodyIsAcceptedAfterwardsAndClosingAgainDoesNothing() throws Exception {
        SwitchboardServer server = Servers.start(Servers.options());
        InetSocketAddress address = Servers.address(server, "http");
        server.close();
        server.close();
        assertThatThrownBy(() -> Client.to(address)).isInstanceOf(ConnectException.class);
    }

    @Test
    void aTakenPortIsSaidInOneLine() throws Exception {
        try (SwitchboardServer server = Servers.start(Servers.options())) {
            InetSocketAddress taken = Servers.address(server, "stomp");
            ServerOptions options =
                    Servers.options()
                            .withListeners(
                                    ListenerOptions.FREE.withStomp(Port.of(taken.getPort())));
            assertThatThrownBy(() -> Servers.start(options))
                    .isInstanceOf(StartFailure.class)
                    .hasMessageContaining("127.0.0.1:" + taken.getPort())
                    .hasMessageContaining("--stomp-port")
                    .message()
                    .doesNotContain("\n");
        }
    }

    @Test
    void connectionsBeyondTheLimitAreTurnedAway() throws Exception {
        ServerLimits d = ServerLimits.DEFAULT;
        ServerLimits two =
                new ServerLimits(
                        2,
                        d.handshakes(),
                        d.handshakesPerAddress(),
                        d.httpHeadBytes(),
                        d.connectTimeout(),
                        d.closeTimeout(),
                        d.pingAfter(),
                        d.shutdownTimeout(),
                        d.stomp(),
                        d.webSocket(),
                        d.broker());
        try (SwitchboardServer server = Servers.start(Servers.options().withLimits(two))) {
            InetSocketAddress http = Servers.address(server, "http");
            try (Client one = Client.webSocketTo(http);
                    Client other = Client.webSocketTo(http);
                    Client third = Client.to(http)) {
                assertThat(third.head()).startsWith("HTTP/1.1 503 ");
                one.sendText(CONNECT + "\0");
                assertThat(one.text()).startsWith("CONNECTED\n");
                other.sendText(CONNECT + "\0");
                assertThat(other.text()).startsWith("CONNECTED\n");
            }
        }
    }
}
