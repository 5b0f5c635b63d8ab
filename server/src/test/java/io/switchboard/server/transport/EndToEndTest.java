package io.switchboard.server.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.server.SwitchboardServer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

/// STOMP through real sockets: subscribe with a receipt, send, and the message comes.
@TestInstance(Lifecycle.PER_CLASS)
class EndToEndTest {
    private SwitchboardServer server;

    @BeforeAll
    void start() throws Exception {
        server = Servers.start(Servers.options());
    }

    @AfterAll
    void stop() {
        server.close();
    }

    @Test
    void aMessageTravelsOverWebSocket() throws Exception {
        try (Client client = Client.webSocketTo(Servers.address(server, "http"))) {
            client.sendText("CONNECT\naccept-version:1.2\nhost:localhost\n\n\0");
            assertThat(client.text()).startsWith("CONNECTED\nversion:1.2\n");
            client.sendText("SUBSCRIBE\nid:a\ndestination:/topic/x\nreceipt:r1\n\n\0");
            assertThat(client.text()).isEqualTo("RECEIPT\nreceipt-id:r1\n\n\0");
            client.sendText("SEND\ndestination:/topic/x\nreceipt:r2\n\nhello\0");
            assertThat(client.text()).startsWith("MESSAGE\n").endsWith("\n\nhello\0");
            assertThat(client.text()).isEqualTo("RECEIPT\nreceipt-id:r2\n\n\0");
        }
    }
}
