package io.switchboard.server.transport;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.PoolArenaMetric;
import io.netty.buffer.PooledByteBufAllocator;
import io.switchboard.server.ServerLimits;
import io.switchboard.server.SwitchboardServer;
import io.switchboard.server.metrics.ShardReading;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Clients that vanish in the middle of something. Nothing of them stays: no place, no session, no
/// memory.
class AbruptEndTest {
    private static final String CONNECT = "CONNECT\naccept-version:1.2\nhost:localhost\n\n";
    private static final String SUBSCRIBE = "SUBSCRIBE\nid:a\ndestination:/topic/x\nreceipt:r\n\n";
    private static final String SEND = "SEND\ndestination:/topic/x\n\n" + "x".repeat(50_000);

    /// Nothing that was allocated is in use; the threads that could have kept some have ended.
    private static long allocated() {
        var metric = PooledByteBufAllocator.DEFAULT.metric();
        return Stream.concat(metric.directArenas().stream(), metric.heapArenas().stream())
                .mapToLong(PoolArenaMetric::numActiveAllocations)
                .sum();
    }

    private static void vanish(Client client) throws Exception {
        // Without this the system would say goodbye properly; so it sends a reset.
        client.socket.setSoLinger(true, 0);
        client.close();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void whoVanishesLeavesNothing(int shards) throws Exception {
        long before = allocated();
        try (SwitchboardServer server = Servers.start(Servers.options().withShards(shards))) {
            InetSocketAddress http = Servers.address(server, "http");
            InetSocketAddress stomp = Servers.address(server, "stomp");
            for (int i = 0; i < 20; i++) {
                inTheHandshake(http);
                inTheHandshake(Servers.address(server, "tls"));
                inAFrame(http);
                inAStompFrame(stomp);
                withMuchUnread(http);
            }
            await().atMost(Client.PATIENCE)
                    .untilAsserted(() -> {
                        assertThat(server.readings().connections().values()).containsOnly(0L);
                        assertThat(sessions(server)).isZero();
                        assertThat(waiting(server)).isZero();
                    });
        }
        assertThat(allocated()).isEqualTo(before);
    }

    private static long sessions(SwitchboardServer server) throws Exception {
        return readings(server).stream().mapToLong(ShardReading::sessions).sum();
    }

    private static long waiting(SwitchboardServer server) throws Exception {
        return readings(server).stream().mapToLong(ShardReading::bytesWaiting).sum();
    }

    private static List<ShardReading> readings(SwitchboardServer server) throws Exception {
        return server.readings().shards().toCompletableFuture().get(20, SECONDS);
    }

    private static void inTheHandshake(InetSocketAddress address) throws Exception {
        Client client = Client.to(address);
        client.send("GET /ws HTTP/1.1\r\nHost: loc");
        vanish(client);
    }

    private static void inAFrame(InetSocketAddress address) throws Exception {
        Client client = Client.webSocketTo(address);
        client.sendText(CONNECT + "\0");
        assertThat(client.text()).startsWith("CONNECTED\n");
        client.send(new byte[] {(byte) 0x81, (byte) 0xfe, 1});
        vanish(client);
    }

    private static void inAStompFrame(InetSocketAddress address) throws Exception {
        Client client = Client.to(address);
        client.sendStomp(CONNECT);
        assertThat(client.stomp()).startsWith("CONNECTED\n");
        client.send("SEND\ndestination:/topic/x\ncontent-length:1000\n\nhalf of it");
        vanish(client);
    }

    /// Its own messages come back and fill its queue.
    private static void withMuchUnread(InetSocketAddress address) throws Exception {
        Client client = Client.withReceiveBuffer(address, 4_096);
        client.sendText(CONNECT + "\0");
        client.sendText(SUBSCRIBE + "\0");
        assertThat(client.text()).startsWith("CONNECTED\n");
        assertThat(client.text()).startsWith("RECEIPT\n");
        for (int i = 0; i < 10; i++) {
            client.sendText(SEND + "\0");
        }
        client.sendText("SEND\ndestination:/topic/elsewhere\nreceipt:r\n\n\0");
        assertThat(client.text()).startsWith("MESSAGE\n");
        vanish(client);
    }

    @Test
    void aServerThatStopsLeavesNothing() throws Exception {
        long before = allocated();
        List<Client> clients = new ArrayList<>();
        ServerLimits limits = Servers.impatient(Duration.ofMillis(300));
        try (SwitchboardServer server = Servers.start(Servers.options().withLimits(limits))) {
            for (int i = 0; i < 10; i++) {
                Client client = Client.withReceiveBuffer(Servers.address(server, "http"), 4_096);
                clients.add(client);
                client.sendText(CONNECT + "\0");
                client.sendText(SUBSCRIBE + "\0");
                assertThat(client.text()).startsWith("CONNECTED\n");
                assertThat(client.text()).startsWith("RECEIPT\n");
                for (int j = 0; j < 10; j++) {
                    client.sendText(SEND + "\0");
                }
                assertThat(client.text()).startsWith("MESSAGE\n");
            }
        }
        assertThat(allocated()).isEqualTo(before);
        for (Client client : clients) {
            client.close();
        }
    }

    @Test
    void aTlsHandshakeThatDoesNotComeIsNotWaitedFor() throws Exception {
        ServerLimits limits = ServerLimits.DEFAULT.withConnectTimeout(Duration.ofMillis(300));
        try (SwitchboardServer server = Servers.start(Servers.options().withLimits(limits))) {
            for (String listener : List.of("tls", "stomp-tls")) {
                try (Client client = Client.to(Servers.address(server, listener))) {
                    // The first bytes of a ClientHello.
                    client.send(new byte[] {22, 3, 1, 2, 0});
                    assertThat(client.read()).isEqualTo(-1);
                }
            }
        }
    }
}
