package io.switchboard.conformance;

import io.switchboard.client.ClientOptions;
import io.switchboard.client.WebSocketClient;
import io.switchboard.websocket.WebSocketMessage;
import java.io.IOException;
import java.net.URI;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Our client and the suite.
class ClientConformanceTest {
    @Test
    void keepsTheRulesThatAreRecorded() throws Exception {
        List<Result> results = Run.of(ClientSuite.cases(), ClientConformanceTest::echo);
        Recorded.compare("client.txt", results);
    }

    private static void echo(URI uri) throws IOException {
        ClientOptions options = ClientOptions.of(uri).withCompression(true);
        ClientOptions roomy = options.withLimits(options.limits().withBodyLengthMax(8 << 20));
        try (WebSocketClient client = WebSocketClient.connect(roomy)) {
            for (WebSocketMessage message = client.receive();
                    message != null;
                    message = client.receive()) {
                if (message.text()) {
                    client.send(message.string());
                } else {
                    client.send(message.payload());
                }
            }
        }
    }
}
