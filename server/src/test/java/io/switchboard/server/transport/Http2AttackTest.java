package io.switchboard.server.transport;

import static io.switchboard.server.transport.Http2Client.END_HEADERS;
import static io.switchboard.server.transport.Http2Client.END_STREAM;
import static io.switchboard.server.transport.Http2Client.ENHANCE_YOUR_CALM;
import static io.switchboard.server.transport.Http2Client.HEADERS;
import static io.switchboard.server.transport.Http2Client.PING;
import static io.switchboard.server.transport.Http2Client.PROTOCOL_ERROR;
import static io.switchboard.server.transport.Http2Client.RST_STREAM;
import static io.switchboard.server.transport.Http2Client.SETTINGS;
import static io.switchboard.server.transport.Http2Client.WINDOW_UPDATE;
import static io.switchboard.server.transport.Http2Client.bytes;
import static io.switchboard.server.transport.Http2Client.fields;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.switchboard.server.ServerLimits;
import io.switchboard.server.SwitchboardServer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.Timeout;

/// Attacks by the means of HTTP/2, over real sockets, each with what must come of it. After each
/// the server serves somebody honest and holds no more memory than before.
@TestInstance(Lifecycle.PER_CLASS)
@Timeout(120)
class Http2AttackTest {
    private static final long LEFT_MAX = 32L << 20;
    private static final int FLOW_CONTROL_ERROR = 3;

    private SwitchboardServer server;
    private ServerMemory before;

    @BeforeAll
    void start() throws Exception {
        server =
                Servers.start(
                        Servers.options()
                                .withLimits(
                                        ServerLimits.DEFAULT.withConnectTimeout(
                                                Duration.ofSeconds(3))));
        assertServed();
        before = ServerMemory.now();
    }

    @AfterEach
    void itServesOnAndHoldsNoMoreThanBefore() throws Exception {
        assertServed();
        before.assertAtMost(LEFT_MAX);
    }

    @AfterAll
    void stop() {
        server.close();
    }

    private Http2Client client() throws Exception {
        return Http2Client.to(Servers.address(server, "tls"));
    }

    private void assertServed() throws Exception {
        try (Http2Client honest = client()) {
            Http2WebSocket socket = honest.webSocket().connected();
            socket.sendText("SEND\ndestination:/topic/a\nreceipt:r\n\n\0");
            assertThat(socket.frame().text()).contains("receipt-id:r\n");
        }
    }

    private static byte[] number(int value) {
        return ByteBuffer.allocate(4).putInt(value).array();
    }

    private static void assertCutOff(Http2Client client, byte[] frame) {
        byte[][] flood = new byte[1_000][];
        Arrays.fill(flood, frame);
        assertThatThrownBy(
                        () -> {
                            for (int i = 0; i < 20_000; i++) {
                                client.sendAll(flood);
                            }
                        })
                .isInstanceOf(IOException.class);
    }

    @Test
    void aFloodOfPingsWhoseAnswersNobodyReads() throws Exception {
        try (Http2Client client = client()) {
            assertCutOff(client, bytes(PING, 0, 0, new byte[8]));
        }
    }

    @Test
    void aFloodOfSettingsWhoseAnswersNobodyReads() throws Exception {
        try (Http2Client client = client()) {
            assertCutOff(client, bytes(SETTINGS, 0, 0, new byte[0]));
        }
    }

    @Test
    void rapidResets() throws Exception {
        try (Http2Client client = client()) {
            byte[] head = fields(client.connectHead("/ws"));
            byte[][] flood = new byte[600][];
            for (int i = 0; i < flood.length; i += 2) {
                int stream = client.nextStream();
                flood[i] = bytes(HEADERS, END_HEADERS, stream, head);
                flood[i + 1] = bytes(RST_STREAM, 0, stream, number(Http2Client.CANCEL));
            }
            client.sendAll(flood);
            assertThat(client.goAway()).isEqualTo(ENHANCE_YOUR_CALM);
            client.awaitEnd();
        }
    }

    /// The same without resets of the client's own: it lets the server reset.
    @Test
    void mistakesThatMakeTheServerReset() throws Exception {
        try (Http2Client client = client()) {
            byte[] head = fields(client.requestHead("GET", "/"));
            byte[][] flood = new byte[600][];
            for (int i = 0; i < flood.length; i += 2) {
                int stream = client.nextStream();
                flood[i] = bytes(HEADERS, END_HEADERS, stream, head);
                flood[i + 1] = bytes(WINDOW_UPDATE, 0, stream, number(0));
            }
            client.sendAll(flood);
            assertThat(client.goAway()).isEqualTo(ENHANCE_YOUR_CALM);
            client.awaitEnd();
        }
    }

    @Test
    void continuationsWithoutEnd() throws Exception {
        try (Http2Client client = client()) {
            int stream = client.nextStream();
            byte[][] flood = new byte[2_000][];
            byte[] field = fields("x-a", "b".repeat(100));
            Arrays.fill(flood, bytes(Http2Client.CONTINUATION, 0, stream, field));
            flood[0] = bytes(HEADERS, END_STREAM, stream, fields(":method", "GET"));
            try {
                client.sendAll(flood);
            } catch (IOException cutOff) {
                // The server has closed before all was sent.
            }
            assertThat(client.goAway()).isIn(ENHANCE_YOUR_CALM, PROTOCOL_ERROR);
        }
    }

    @Test
    void aWindowThatOverflows() throws Exception {
        try (Http2Client client = client()) {
            client.send(WINDOW_UPDATE, 0, 0, number(Integer.MAX_VALUE));
            assertThat(client.goAway()).isEqualTo(FLOW_CONTROL_ERROR);
        }
    }

    @Test
    void answersThatAreTakenByteByByte() throws Exception {
        try (Http2Client client = Http2Client.to(Servers.address(server, "tls"), 1)) {
            for (int i = 0; i < 90; i++) {
                client.get("/health");
            }
            assertServed();
            before.assertAtMost(LEFT_MAX);
        }
    }

    @Test
    void moreStreamsThanAllowed() throws Exception {
        try (Http2Client client = client()) {
            byte[] head = fields(client.connectHead("/ws"));
            for (int i = 0; i < 100; i++) {
                client.send(HEADERS, END_HEADERS, client.nextStream(), head);
            }
            int last = client.nextStream();
            client.send(HEADERS, END_HEADERS, last, head);
            // REFUSED_STREAM (RFC 9113 section 7).
            assertThat(client.resetCode(last)).isEqualTo(7);
        }
    }

    @Test
    void webSocketsWhoseClientNeverConnects() throws Exception {
        try (Http2Client client = client()) {
            Http2WebSocket[] sockets = new Http2WebSocket[50];
            for (int i = 0; i < sockets.length; i++) {
                sockets[i] = client.webSocket();
            }
            for (Http2WebSocket each : sockets) {
                assertThat(each.frame().text()).contains("message:no CONNECT in time\n");
            }
        }
    }
}
