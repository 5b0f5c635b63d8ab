package io.switchboard.server.transport;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.broker.BrokerLimits;
import io.switchboard.broker.Disconnect;
import io.switchboard.broker.Overflow;
import io.switchboard.broker.Policies;
import io.switchboard.server.ServerLimits;
import io.switchboard.server.ServerOptions;
import io.switchboard.server.SwitchboardServer;
import io.switchboard.server.metrics.ShardReading;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.ToLongFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Clients that ask faster than they are served, and clients that do not read.
class PressureTest {
    private static final String CONNECT = "CONNECT\naccept-version:1.2\nhost:localhost\n\n";

    private static final String BODY = "x".repeat(10_000);

    private static ServerOptions options(BrokerLimits limits) {
        return Servers.options().withLimits(ServerLimits.DEFAULT.withBroker(limits));
    }

    /// One credit a session: nearly every command finds none and waits, with frames behind it in
    /// the buffer that it came in.
    private static BrokerLimits oneCredit() {
        BrokerLimits d = BrokerLimits.DEFAULT;
        return new BrokerLimits(
                d.subscriptionsPerSession(),
                d.outboundBytesPerSession(),
                d.outboundBytes(),
                d.destinations(),
                d.destinationLength(),
                2,
                1_000,
                1,
                100);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void aSessionThatWaitedForCreditGoesOnWhereItWas(int shards) throws Exception {
        int count = 2_000;
        try (SwitchboardServer server = Servers.start(options(oneCredit()).withShards(shards));
                Client reader = Client.to(Servers.address(server, "stomp"));
                Client tcp = Client.to(Servers.address(server, "stomp"));
                Client ws = Client.webSocketTo(Servers.address(server, "http"))) {
            reader.sendStomp(CONNECT);
            reader.sendStomp("SUBSCRIBE\nid:a\ndestination:/topic/*\nreceipt:r\n\n");
            assertThat(reader.stomp()).startsWith("CONNECTED\n");
            assertThat(reader.stomp()).startsWith("RECEIPT\n");
            tcp.sendStomp(CONNECT);
            ws.sendText(CONNECT + "\0");
            StringBuilder frames = new StringBuilder();
            for (int i = 0; i < count; i++) {
                String send = "SEND\ndestination:/topic/" + i % 7 + "\nreceipt:" + i + "\n\nt" + i;
                frames.append(send).append('\0');
                ws.sendText(send.replace("\n\nt", "\n\nw") + "\0");
            }
            tcp.send(frames.toString());
            List<String> bodies = new ArrayList<>();
            while (bodies.size() < 2 * count) {
                String frame = reader.stomp();
                bodies.add(frame.substring(frame.indexOf("\n\n") + 2));
            }
            assertThat(bodies).doesNotHaveDuplicates();
            assertThat(tcp.stomp()).startsWith("CONNECTED\n");
            assertThat(ws.text()).startsWith("CONNECTED\n");
            for (int i = 0; i < count; i++) {
                assertThat(tcp.stomp()).isEqualTo("RECEIPT\nreceipt-id:" + i + "\n\n");
                assertThat(ws.text()).isEqualTo("RECEIPT\nreceipt-id:" + i + "\n\n\0");
            }
            if (shards == 2) {
                assertThat(sum(server, ShardReading::waitsForCredit)).isPositive();
            }
        }
    }

    private static long sum(SwitchboardServer server, ToLongFunction<ShardReading> value)
            throws Exception {
        return server.readings().shards().toCompletableFuture().get(20, SECONDS).stream()
                .mapToLong(value)
                .sum();
    }

    private static Client subscriber(SwitchboardServer server, int receiveBuffer) throws Exception {
        Client client = Client.withReceiveBuffer(Servers.address(server, "http"), receiveBuffer);
        client.sendText(CONNECT + "\0");
        client.sendText("SUBSCRIBE\nid:a\ndestination:/topic/flood\nreceipt:r\n\n\0");
        assertThat(client.text()).startsWith("CONNECTED\n");
        assertThat(client.text()).startsWith("RECEIPT\n");
        return client;
    }

    /// Publishes until the server has dropped something or ended somebody, then one message more.
    private static int flood(
            SwitchboardServer server, Client good, ToLongFunction<ShardReading> sign)
            throws Exception {
        int sent = 0;
        try (Client publisher = Client.to(Servers.address(server, "stomp"))) {
            publisher.sendStomp(CONNECT);
            assertThat(publisher.stomp()).startsWith("CONNECTED\n");
            while (sum(server, sign) == 0) {
                for (int i = 0; i < 100; i++) {
                    String key = "\nkey:" + sent % 10;
                    publisher.sendStomp(
                            "SEND\ndestination:/topic/flood" + key + "\n\n" + sent++ + " " + BODY);
                    // It reads all the time, and so gets everything.
                    assertThat(body(good.text())).startsWith(sent - 1 + " ");
                }
            }
            publisher.sendStomp("SEND\ndestination:/topic/flood\nreceipt:last\n\nlast");
            assertThat(publisher.stomp()).isEqualTo("RECEIPT\nreceipt-id:last\n\n");
            assertThat(body(good.text())).isEqualTo("last\0");
        }
        return sent;
    }

    private static String body(String frame) {
        return frame.substring(frame.indexOf("\n\n") + 2);
    }

    private static SwitchboardServer flooded(Overflow overflow) throws Exception {
        BrokerLimits limits = BrokerLimits.DEFAULT.withOutboundBytesPerSession(200_000);
        return Servers.start(
                options(limits)
                        .withPolicies(
                                Policies.DEFAULT.with("/topic/**", new Policies.Policy(overflow))));
    }

    @Test
    void whoDoesNotReadIsDisconnected() throws Exception {
        try (SwitchboardServer server = flooded(Overflow.DISCONNECT);
                Client good = subscriber(server, 1 << 20);
                Client slow = subscriber(server, 4_096)) {
            flood(server, good, reading -> reading.ended().get(Disconnect.SLOW_CONSUMER));
            List<String> texts = new ArrayList<>();
            int code = untilClose(slow, texts);
            assertThat(texts.getLast()).startsWith("ERROR\n").contains("too slow");
            assertThat(code).isEqualTo(4000);
        }
    }

    private static int untilClose(Client client, List<String> texts) throws IOException {
        Client.Frame next = client.frame();
        while (next.opcode() != 8) {
            texts.add(next.text());
            next = client.frame();
        }
        return next.closeCode();
    }

    @Test
    void theOldestAreDroppedForWhoDoesNotRead() throws Exception {
        try (SwitchboardServer server = flooded(Overflow.DROP_OLDEST);
                Client good = subscriber(server, 1 << 20);
                Client slow = subscriber(server, 4_096)) {
            int sent = flood(server, good, it -> it.dropped().get(Overflow.DROP_OLDEST));
            List<String> bodies = untilLast(slow);
            long dropped = sum(server, it -> it.dropped().get(Overflow.DROP_OLDEST));
            assertThat(bodies).hasSize((int) (sent - dropped) + 1);
        }
    }

    @Test
    void theNewestAreDroppedForWhoDoesNotRead() throws Exception {
        try (SwitchboardServer server = flooded(Overflow.DROP_NEWEST);
                Client good = subscriber(server, 1 << 20);
                Client slow = subscriber(server, 4_096)) {
            int sent = flood(server, good, it -> it.dropped().get(Overflow.DROP_NEWEST));
            // The last one, being short, still had room.
            List<String> bodies = untilLast(slow);
            long dropped = sum(server, it -> it.dropped().get(Overflow.DROP_NEWEST));
            assertThat(bodies).hasSize((int) (sent - dropped) + 1);
            assertThat(bodies.getFirst()).startsWith("0 ");
        }
    }

    @Test
    void theLatestOfEachKeyReachesWhoDoesNotRead() throws Exception {
        try (SwitchboardServer server = flooded(Overflow.CONFLATE);
                Client good = subscriber(server, 1 << 20);
                Client slow = subscriber(server, 4_096)) {
            int sent = flood(server, good, it -> it.dropped().get(Overflow.CONFLATE));
            List<String> bodies = untilLast(slow);
            long dropped = sum(server, it -> it.dropped().get(Overflow.CONFLATE));
            assertThat(bodies).hasSize((int) (sent - dropped) + 1);
            for (int i = sent - 10; i < sent; i++) {
                String latest = i + " ";
                assertThat(bodies).anyMatch(body -> body.startsWith(latest));
            }
        }
    }

    private static List<String> untilLast(Client client) throws IOException {
        List<String> bodies = new ArrayList<>();
        do {
            bodies.add(body(client.text()));
        } while (!bodies.getLast().equals("last\0"));
        return bodies;
    }

    @Test
    void forWhomMostWaitsEndsWhenTheMemoryForAllIsUsedUp() throws Exception {
        BrokerLimits d = BrokerLimits.DEFAULT;
        BrokerLimits little =
                new BrokerLimits(
                        d.subscriptionsPerSession(),
                        100 << 20,
                        300_000,
                        d.destinations(),
                        d.destinationLength(),
                        d.commandsPerShard(),
                        d.commandBytesPerShard(),
                        d.commandsPerSession(),
                        d.commandBytesPerSession());
        try (SwitchboardServer server = Servers.start(options(little).withShards(1));
                Client good = subscriber(server, 1 << 20);
                Client slow = subscriber(server, 4_096)) {
            flood(server, good, reading -> reading.ended().get(Disconnect.OUTBOUND_MEMORY));
            List<String> texts = new ArrayList<>();
            int code = untilClose(slow, texts);
            assertThat(texts.getLast())
                    .startsWith("ERROR\n")
                    .contains("short of memory")
                    .endsWith("; setting: limits.outbound-bytes\0");
            assertThat(code).isEqualTo(4001);
        }
    }

    /// Receipts are never dropped, so whoever asks for them and does not take them is not asked for
    /// more.
    @Test
    void whoAsksForReceiptsAndReadsNoneIsNotReadAnyMore() throws Exception {
        int bytesMax = 100_000;
        int count = 20_000;
        String long1000 = "r".repeat(1_000);
        BrokerLimits limits = BrokerLimits.DEFAULT.withOutboundBytesPerSession(bytesMax);
        try (SwitchboardServer server = Servers.start(options(limits));
                Client client = Client.to(Servers.address(server, "stomp"), 4_096)) {
            client.sendStomp(CONNECT);
            assertThat(client.stomp()).startsWith("CONNECTED\n");
            CompletableFuture<Void> asking =
                    CompletableFuture.runAsync(() -> askForReceipts(client, count, long1000));
            while (sum(server, ShardReading::bytesWaiting) <= bytesMax) {
                assertThat(asking).as("what was asked before much waited").isNotDone();
            }
            for (int i = 0; i < 500; i++) {
                // Memory for a frame is taken before it is known how long it will be encoded, and
                // what was admitted before the client was no longer read still has its receipts.
                assertThat(sum(server, ShardReading::bytesWaiting))
                        .isLessThan(10L * bytesMax + limits.commandsPerSession() * 4_000L);
            }
            assertThat(asking).as("20 MB of receipts that nobody read").isNotDone();
            // Byte by byte, as the client reads otherwise, 20 MB take long.
            InputStream in = new BufferedInputStream(client.socket.getInputStream());
            for (int i = 0; i < count; i++) {
                String receipt = "RECEIPT\nreceipt-id:" + i + long1000 + "\n\n\0\n";
                assertThat(new String(in.readNBytes(receipt.length()), US_ASCII))
                        .isEqualTo(receipt);
            }
            asking.get(20, SECONDS);
        }
    }

    private static void askForReceipts(Client client, int count, String suffix) {
        try {
            for (int i = 0; i < count; i++) {
                client.sendStomp("SEND\ndestination:/topic/none\nreceipt:" + i + suffix + "\n\n");
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// RFC 6455 section 5.5.3: only the latest ping needs an answer.
    @Test
    void pongsForWhoDoesNotReadAreBounded() throws Exception {
        try (SwitchboardServer server = Servers.start(Servers.options());
                Client slow = subscriber(server, 4_096)) {
            byte[] ping = Client.frame(0x89, new byte[125]);
            byte[] many = new byte[ping.length * 1_000];
            for (int i = 0; i < 1_000; i++) {
                System.arraycopy(ping, 0, many, i * ping.length, ping.length);
            }
            int sent = 300_000;
            for (int i = 0; i < sent; i += 1_000) {
                slow.send(many);
            }
            slow.send(Client.frame(0x89, new byte[] {1}));
            slow.sendText("SEND\ndestination:/topic/flood\n\nlast\0");
            int pongs = 0;
            boolean latest = false;
            boolean message = false;
            while (!latest || !message) {
                Client.Frame next = slow.frame();
                pongs += next.opcode() == 0xa ? 1 : 0;
                latest |= next.opcode() == 0xa && next.payload().length == 1;
                message |= next.opcode() == 1;
            }
            assertThat(pongs).isLessThan(sent / 2);
        }
    }

    /// Each answer waits in memory until the client takes it.
    @Test
    void answersForWhoDoesNotReadAreBounded() throws Exception {
        try (SwitchboardServer server = Servers.start(Servers.options());
                Client slow = Client.to(Servers.address(server, "http"), 4_096)) {
            int asked = 20_000;
            slow.send("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(asked));
            int answers = 0;
            try {
                for (; answers < asked; answers++) {
                    slow.response();
                }
            } catch (IOException cutOff) {
                // Expected: the connection ends before all was answered.
            }
            assertThat(answers).isBetween(1, asked - 1);
        }
    }
}
