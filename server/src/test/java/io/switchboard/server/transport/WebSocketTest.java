package io.switchboard.server.transport;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.server.ServerLimits;
import io.switchboard.server.SwitchboardServer;
import io.switchboard.stomp.HeartBeat;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

/// The WebSocket protocol on a socket: frames wherever they are cut, pings, and the ways to end.
@TestInstance(Lifecycle.PER_CLASS)
class WebSocketTest {
    private static final String CONNECT = "CONNECT\naccept-version:1.2\nhost:localhost\n\n\0";

    private SwitchboardServer server;

    @BeforeAll
    void start() throws Exception {
        server = Servers.start(Servers.options());
    }

    @AfterAll
    void stop() {
        server.close();
    }

    private Client client() throws Exception {
        return Client.webSocketTo(Servers.address(server, "http"));
    }

    private Client connected() throws Exception {
        Client client = client();
        client.sendText(CONNECT);
        assertThat(client.text()).startsWith("CONNECTED\n");
        return client;
    }

    @Test
    void framesMayBeCutAnywhere() throws Exception {
        long seed = 20_260_101;
        Random random = new Random(seed);
        byte[] all = conversation();
        for (int round = 0; round < 50; round++) {
            try (Client client = client()) {
                int from = 0;
                while (from < all.length) {
                    int to = Math.min(all.length, from + 1 + random.nextInt(40));
                    client.send(Arrays.copyOfRange(all, from, to));
                    from = to;
                }
                String what = "seed " + seed + ", round " + round;
                List<Integer> opcodes = new ArrayList<>();
                StringBuilder text = new StringBuilder();
                for (Client.Frame next = client.frame();
                        next.opcode() != 8;
                        next = client.frame()) {
                    opcodes.add(next.opcode());
                    text.append(next.opcode() == 1 ? next.text() : "");
                }
                // The pong may overtake what waits for the end of the turn.
                assertThat(opcodes).as(what).containsExactlyInAnyOrder(1, 1, 1, 1, 0xa);
                assertThat(text)
                        .as(what)
                        .matches(
                                "(?s)CONNECTED\n.*\0RECEIPT\nreceipt-id:r1\n\n\0"
                                        + "MESSAGE\n.*\n\nhello\0"
                                        + "RECEIPT\nreceipt-id:r2\n\n\0");
            }
        }
    }

    /// A session in frames and fragments, with a ping in between that the server answers before it
    /// gets to the DISCONNECT.
    private static byte[] conversation() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(Client.frame(0x01, CONNECT.substring(0, 9).getBytes(UTF_8)));
        out.writeBytes(Client.frame(0x80, CONNECT.substring(9).getBytes(UTF_8)));
        out.writeBytes(
                Client.frame(
                        0x81,
                        "SUBSCRIBE\nid:a\ndestination:/topic/cut\nreceipt:r1\n\n\0"
                                .getBytes(UTF_8)));
        out.writeBytes(
                Client.frame(0x81, "SEND\ndestination:/topic/cut\n\nhello\0".getBytes(UTF_8)));
        out.writeBytes(Client.frame(0x89, new byte[] {1, 2, 3}));
        out.writeBytes(Client.frame(0x81, "DISCONNECT\nreceipt:r2\n\n\0".getBytes(UTF_8)));
        return out.toByteArray();
    }

    @Test
    void aPingIsAnsweredWithItsPayload() throws Exception {
        try (Client client = client()) {
            client.send(Client.frame(0x89, new byte[] {7, 8}));
            Client.Frame pong = client.frame();
            assertThat(pong.opcode()).isEqualTo(0xa);
            assertThat(pong.payload()).containsExactly(7, 8);
        }
    }

    @Test
    void aCloseIsAnsweredAndTheServerEndsFirst() throws Exception {
        try (Client client = connected()) {
            client.send(Client.close(1000));
            Client.Frame close = client.frame();
            assertThat(close.opcode()).isEqualTo(8);
            assertThat(close.closeCode()).isEqualTo(1000);
            assertThat(client.read()).isEqualTo(-1);
        }
    }

    @Test
    void whatComesAfterTheCloseIsIgnored() throws Exception {
        try (Client client = connected()) {
            client.send(Client.close(1000));
            client.send(Client.frame(0x89, new byte[0]));
            client.send(Client.close(1001));
            assertThat(client.frame().closeCode()).isEqualTo(1000);
            assertThat(client.rest()).isEmpty();
        }
    }

    @Test
    void anUnmaskedFrameFailsTheConnection() throws Exception {
        try (Client client = client()) {
            client.send(new byte[] {(byte) 0x81, 1, 'x'});
            assertThat(client.frame().closeCode()).isEqualTo(1002);
            assertThat(client.rest()).isEmpty();
        }
    }

    @Test
    void badUtf8FailsTheConnection() throws Exception {
        try (Client client = client()) {
            client.send(Client.frame(0x81, new byte[] {'C', (byte) 0xff}));
            assertThat(client.frame().closeCode()).isEqualTo(1007);
        }
    }

    @Test
    void aStompErrorComesBeforeTheCloseAndBothBeforeTheEnd() throws Exception {
        try (Client client = client()) {
            // Whatever is still on its way must not reset the connection.
            client.sendText("SEND\ndestination:/topic/x\n\n\0");
            client.send(Client.frame(0x82, new byte[100_000]));
            assertThat(client.text()).startsWith("ERROR\n");
            assertThat(client.frame().closeCode()).isEqualTo(4502);
            client.send(Client.close(4502));
            assertThat(client.rest()).isEmpty();
        }
    }

    @Test
    void disconnectEndsWith1000() throws Exception {
        try (Client client = connected()) {
            client.sendText("DISCONNECT\nreceipt:r\n\n\0");
            assertThat(client.text()).isEqualTo("RECEIPT\nreceipt-id:r\n\n\0");
            assertThat(client.frame().closeCode()).isEqualTo(1000);
        }
    }

    @Test
    void aPeerThatDoesNotAnswerOurCloseIsLeft() throws Exception {
        try (SwitchboardServer hasty = hasty(Duration.ofSeconds(30), Duration.ofMillis(200));
                Client client = Client.webSocketTo(Servers.address(hasty, "http"))) {
            client.sendText(CONNECT);
            client.sendText("DISCONNECT\n\n\0");
            assertThat(client.text()).startsWith("CONNECTED\n");
            assertThat(client.frame().closeCode()).isEqualTo(1000);
            assertThat(client.rest()).isEmpty();
        }
    }

    @Test
    void aSilentPeerIsPingedAndThenGivenUp() throws Exception {
        try (SwitchboardServer hasty = hasty(Duration.ofMillis(200), Duration.ofMillis(200));
                Client client = Client.webSocketTo(Servers.address(hasty, "http"))) {
            client.sendText(CONNECT);
            assertThat(client.text()).startsWith("CONNECTED\n");
            assertThat(client.frame().opcode()).isEqualTo(9);
            assertThat(client.frame().opcode()).isEqualTo(9);
            assertThat(client.frame().closeCode()).isEqualTo(4004);
            assertThat(client.rest()).isEmpty();
        }
    }

    @Test
    void aStompClientWhoseHeartBeatsAreLateIsPingedAndKeptWhileItAnswers() throws Exception {
        try (SwitchboardServer quick =
                        Servers.start(Servers.options().withHeartBeat(new HeartBeat(200, 200)));
                Client client = Client.webSocketTo(Servers.address(quick, "http"))) {
            client.sendText("CONNECT\naccept-version:1.2\nhost:h\nheart-beat:1,0\n\n\0");
            assertThat(client.text()).startsWith("CONNECTED\n");
            // Many more than the periods after which a client without a byte is gone.
            for (int i = 0; i < 6; i++) {
                Client.Frame ping = client.frame();
                assertThat(ping.opcode()).isEqualTo(9);
                client.send(Client.frame(0x8a, ping.payload()));
            }
            assertThat(client.frame().opcode()).isEqualTo(9);
            assertThat(client.text()).startsWith("ERROR\n").contains("heart-beat");
            assertThat(client.frame().closeCode()).isEqualTo(4002);
        }
    }

    @Test
    void whoDoesNotConnectInTimeIsTold() throws Exception {
        ServerLimits limits = ServerLimits.DEFAULT.withConnectTimeout(Duration.ofMillis(300));
        try (SwitchboardServer hasty = Servers.start(Servers.options().withLimits(limits));
                Client client = Client.webSocketTo(Servers.address(hasty, "http"))) {
            assertThat(client.text()).startsWith("ERROR\n").contains("no CONNECT in time");
            assertThat(client.frame().closeCode()).isEqualTo(4003);
        }
    }

    private static SwitchboardServer hasty(Duration pingAfter, Duration closeTimeout)
            throws Exception {
        ServerLimits d = ServerLimits.DEFAULT;
        return Servers.start(
                Servers.options()
                        .withLimits(
                                new ServerLimits(
                                        d.connections(),
                                        d.handshakes(),
                                        d.handshakesPerAddress(),
                                        d.httpHeadBytes(),
                                        d.connectTimeout(),
                                        closeTimeout,
                                        pingAfter,
                                        d.shutdownTimeout(),
                                        d.stomp(),
                                        d.webSocket(),
                                        d.broker())));
    }
}
