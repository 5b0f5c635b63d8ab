package io.switchboard.server.transport;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.switchboard.server.ServerLimits;
import io.switchboard.server.SwitchboardServer;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

/// Section I of the WebSocket rules: floods, memory, time. Clients that do not read are in
/// [PressureTest].
@TestInstance(Lifecycle.PER_CLASS)
class FloodRulesTest {
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

    private Client connected() throws Exception {
        Client client = Client.webSocketTo(Servers.address(server, "http"));
        client.sendText(CONNECT);
        assertThat(client.text()).startsWith("CONNECTED\n");
        return client;
    }

    private static void assertAlive(Client client) throws Exception {
        client.sendText("SUBSCRIBE\nid:a\ndestination:/topic/echo\n\n\0");
        client.sendText("SEND\ndestination:/topic/echo\n\nhello\0");
        assertThat(client.text()).startsWith("MESSAGE\n").endsWith("\n\nhello\0");
    }

    /// So many copies in one go.
    private static byte[] times(int count, byte[] frame) {
        ByteBuffer all = ByteBuffer.allocate(count * frame.length);
        for (int i = 0; i < count; i++) {
            all.put(frame);
        }
        return all.array();
    }

    /// Sends until the server has had enough; what it has to say comes after that.
    private static void sendWhatItTakes(Client client, int count, byte[] bytes) {
        try {
            for (int i = 0; i < count; i++) {
                client.send(bytes);
            }
        } catch (IOException cutOff) {
            // Expected where the server has closed before all was sent.
        }
    }

    @AfterEach
    void afterEachFloodAFreshClientIsServed() throws Exception {
        try (Client client = connected()) {
            assertAlive(client);
        }
    }

    @Nested
    class Rfc6455Section10_4Limits {
        @Test
        void I2_emptyFragmentsAreBounded() throws Exception {
            try (Client client = connected()) {
                client.send(Client.frame(0x01, new byte[0]));
                sendWhatItTakes(client, 70, times(1_000, Client.frame(0x00, new byte[0])));
                assertThat(client.frame().closeCode()).isEqualTo(1008);
            }
        }

        @Test
        void I3_anEndlessMessageIsBounded() throws Exception {
            byte[] lineEnds = "\n".repeat(64 << 10).getBytes(US_ASCII);
            try (Client client = connected()) {
                client.send(Client.frame(0x01, lineEnds));
                sendWhatItTakes(client, 256, Client.frame(0x00, lineEnds));
                assertThat(client.frame().closeCode()).isEqualTo(1009);
            }
        }

        @Test
        void I4_fourMebibytesInSmallFragmentsAreTaken() throws Exception {
            byte[] lineEnds = "\n".repeat(64).getBytes(US_ASCII);
            try (Client client = connected()) {
                client.send(Client.frame(0x01, lineEnds));
                byte[] many = times(1_000, Client.frame(0x00, lineEnds));
                for (int i = 0; i < 65; i++) {
                    client.send(many);
                }
                client.send(times((4 << 20) / 64 - 65_002, Client.frame(0x00, lineEnds)));
                client.send(Client.frame(0x80, lineEnds));
                assertAlive(client);
            }
        }

        @Test
        void I7_aFrameThatDripsDoesNotProlongTheTimeToConnect() throws Exception {
            ServerLimits hasty = ServerLimits.DEFAULT.withConnectTimeout(Duration.ofMillis(500));
            byte[] frame = Client.frame(0x81, new byte[60_000]);
            try (SwitchboardServer other = Servers.start(Servers.options().withLimits(hasty));
                    Client client = Client.webSocketTo(Servers.address(other, "http"))) {
                client.socket.setSoTimeout(20);
                int first = -1;
                for (int i = 0; first < 0 && i < 1_000; i++) {
                    client.send(new byte[] {frame[i]});
                    try {
                        first = client.read();
                    } catch (SocketTimeoutException notYet) {
                        first = -1;
                    }
                }
                // The ERROR, in a text message.
                assertThat(first).isEqualTo(0x81);
            }
        }
    }

    @Nested
    class Rfc6455Section8_1Text {
        @Test
        void I5_aBadFirstByteOfALongFrameFailsAtOnce() throws Exception {
            try (Client client = connected()) {
                byte[] frame =
                        Client.frame(0x81, ("\u00ff" + "x".repeat(1 << 20)).getBytes("latin1"));
                client.send(ByteBuffer.allocate(15).put(frame, 0, 15).array());
                assertThat(client.frame().closeCode()).isEqualTo(1007);
            }
        }
    }

    @Nested
    class Rfc6455Section5_5_3Pongs {
        @Test
        void I6_unsolicitedPongsAreIgnored() throws Exception {
            byte[] many = times(1_000, Client.frame(0x8a, new byte[125]));
            try (Client client = connected()) {
                for (int i = 0; i < 100; i++) {
                    client.send(many);
                }
                assertAlive(client);
            }
        }

        @Test
        void I1_pingsAreAnsweredInTurn() throws Exception {
            try (Client client = connected()) {
                for (byte i = 0; i < 100; i++) {
                    client.send(Client.frame(0x89, new byte[] {i}));
                    Client.Frame pong = client.frame();
                    assertThat(pong.firstByte()).isEqualTo(0x8a);
                    assertThat(pong.payload()).containsExactly(i);
                }
            }
        }
    }

    /// What each kind of bad client leaves behind is seen at its kind; here they come together.
    @Test
    void I11_nothingStaysOfTheFloods() throws Exception {
        byte[][] floods = {
            times(10_000, Client.frame(0x89, new byte[125])),
            times(10_000, Client.frame(0x01, new byte[0])),
            Client.frame(0x81, new byte[] {(byte) 0xff}),
            {(byte) 0x82, (byte) 0xff, 0x7f, 0, 0, 0, 0, 0, 0, 0},
            "GET / HTTP/1.1\r\n\r\n".getBytes(US_ASCII),
            {(byte) 0x81, (byte) 0xfe, 1}
        };
        for (byte[] flood : floods) {
            try (Client client = connected()) {
                sendWhatItTakes(client, 1, flood);
            }
        }
        await().atMost(Client.PATIENCE)
                .untilAsserted(() ->
                        assertThat(server.readings().connections().values()).containsOnly(0L));
    }
}
