package io.switchboard.server.transport;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.server.SwitchboardServer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Section K of the WebSocket rules: where STOMP and WebSocket meet. The payload of all messages is
/// one stream of STOMP, whatever the boundaries between them are.
@TestInstance(Lifecycle.PER_CLASS)
class StompInThePipeRulesTest {
    private static final String CONNECT = "CONNECT\naccept-version:1.2\nhost:localhost\n\n\0";
    private static final String CONVERSATION =
            CONNECT
                    + "\n"
                    + "SUBSCRIBE\nid:a\ndestination:/topic/TOPIC\nreceipt:1\n\n\0"
                    + "\r\n"
                    + "SEND\ndestination:/topic/TOPIC\nreceipt:2\n\nhello\0";

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

    private static List<String> answers(List<String> frames) {
        List<String> answers = new ArrayList<>();
        for (String frame : frames) {
            answers.add(
                    frame.replaceAll("message-id:[^\n]*", "message-id:ID")
                            .replaceAll("session:[^\n]*", "session:ID")
                            .replaceAll("timestamp:[^\n]*", "timestamp:NOW")
                            .replaceAll("K1-[a-z]+", "TOPIC")
                            .replace("\0", ""));
        }
        return answers;
    }

    @Test
    void K1_boundariesOfMessagesMeanNothing() throws Exception {
        List<String> overTcp = new ArrayList<>();
        try (Client client = Client.to(Servers.address(server, "stomp"))) {
            client.send(CONVERSATION.replace("TOPIC", "K1-tcp"));
            for (int i = 0; i < 4; i++) {
                overTcp.add(client.stomp());
            }
        }
        List<String> inOneMessage = new ArrayList<>();
        try (Client client = client()) {
            client.sendText(CONVERSATION.replace("TOPIC", "K1-one"));
            for (int i = 0; i < 4; i++) {
                inOneMessage.add(client.text());
            }
        }
        List<String> inMessagesOfFiveBytes = new ArrayList<>();
        try (Client client = client()) {
            String all = CONVERSATION.replace("TOPIC", "K1-many");
            for (int i = 0; i < all.length(); i += 5) {
                client.sendText(all.substring(i, Math.min(all.length(), i + 5)));
            }
            for (int i = 0; i < 4; i++) {
                inMessagesOfFiveBytes.add(client.text());
            }
        }
        List<String> inFragments = new ArrayList<>();
        try (Client client = client()) {
            byte[] all = CONVERSATION.replace("TOPIC", "K1-fragments").getBytes(US_ASCII);
            for (int i = 0; i < all.length; i++) {
                int firstByte = (i == 0 ? 1 : 0) | (i == all.length - 1 ? 0x80 : 0);
                client.send(Client.frame(firstByte, new byte[] {all[i]}));
            }
            for (int i = 0; i < 4; i++) {
                inFragments.add(client.text());
            }
        }
        assertThat(answers(overTcp)).hasSize(4).isEqualTo(answers(inOneMessage));
        assertThat(answers(inMessagesOfFiveBytes)).isEqualTo(answers(overTcp));
        assertThat(answers(inFragments)).isEqualTo(answers(overTcp));
    }

    @Test
    void K2_binaryMessagesCarryAnyBody() throws Exception {
        try (Client client = connected()) {
            client.sendText("SUBSCRIBE\nid:a\ndestination:/topic/K2\n\n\0");
            byte[] body = {0, 1, (byte) 0xff, 0, (byte) 0xc0};
            String head = "SEND\ndestination:/topic/K2\ncontent-length:5\n\n";
            client.send(
                    Client.frame(
                            0x82,
                            (head + new String(body, ISO_8859_1) + "\0").getBytes(ISO_8859_1)));
            Client.Frame message = client.frame();
            assertThat(message.opcode()).isEqualTo(2);
            assertThat(new String(message.payload(), ISO_8859_1))
                    .startsWith("MESSAGE\n")
                    .endsWith("\n\n" + new String(body, ISO_8859_1) + "\0");
        }
    }

    @Test
    void K2_textIsUtf8() throws Exception {
        try (Client client = connected()) {
            client.send(
                    Client.frame(
                            0x81,
                            "SEND\ndestination:/topic/K2\ncontent-length:1\n\n\u00ff\0"
                                    .getBytes(ISO_8859_1)));
            assertThat(client.frame().closeCode()).isEqualTo(1007);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"\n", "\r\n", "\n\n\n", ""})
    void K3_lineEndsAloneAreNoFrames(String message) throws Exception {
        try (Client client = connected()) {
            client.sendText(message);
            client.sendText("SEND\ndestination:/topic/K3\nreceipt:r\n\n\0");
            assertThat(client.text()).isEqualTo("RECEIPT\nreceipt-id:r\n\n\0");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "'SEND\ndestination:/topic/a\nx:\\t\n\n', 4500",
        "'SEND\ndestination:/topic/a\nx\n\n', 4500",
        "'SENT\ndestination:/topic/a\n\n', 4500",
        "'SEND\ndestination:/topic/a\ncontent-length:no\n\n', 4500",
        "'SEND\ndestination:/topic/a\ncontent-length:2000000\n\n', 1009"
    })
    void K4_whatIsNoStompGetsAnErrorAndThenItsCode(String frame, int code) throws Exception {
        try (Client client = connected()) {
            client.sendText(frame + "\0");
            assertThat(client.text()).startsWith("ERROR\n");
            assertThat(client.frame().closeCode()).isEqualTo(code);
            client.send(Client.close(code));
            assertThat(client.rest()).isEmpty();
        }
    }

    /// It reads only when the server has said all, and has not stopped sending before.
    @Test
    void K5_errorAndCloseReachASlowClient() throws Exception {
        try (Client client = Client.withReceiveBuffer(Servers.address(server, "http"), 4_096)) {
            client.sendText(CONNECT);
            client.sendText("SUBSCRIBE\nid:a\ndestination:/topic/K5\n\n\0");
            for (int i = 0; i < 5; i++) {
                client.sendText("SEND\ndestination:/topic/K5\n\n" + "x".repeat(50_000) + "\0");
            }
            client.sendText("NONSENSE\n\n\0");
            client.send(Client.frame(0x82, new byte[60_000]));
            assertThat(client.text()).startsWith("CONNECTED\n");
            String text = client.text();
            while (text.startsWith("MESSAGE\n")) {
                text = client.text();
            }
            assertThat(text).startsWith("ERROR\n");
            assertThat(client.frame().closeCode()).isEqualTo(4500);
        }
    }
}
