package io.switchboard.server.transport;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.broker.AccessRules;
import io.switchboard.broker.AccessRules.Decision;
import io.switchboard.broker.Disconnect;
import io.switchboard.server.SwitchboardServer;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Access rules that take their time, and rules that break: what other threads and other people's
/// code do to a connection.
class SlowRulesTest {
    private static final String CONNECT = "CONNECT\naccept-version:1.2\nhost:localhost\n\n\0";

    private static String send(int number) {
        return "SEND\ndestination:/topic/x\nreceipt:" + number + "\n\nbody " + number + "\0";
    }

    /// Each decision comes from another thread, and meanwhile nothing is decoded.
    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void framesBehindAPendingDecisionAreHandledInOrder(int shards) throws Exception {
        int count = 200;
        try (ExecutorService elsewhere = Executors.newSingleThreadExecutor()) {
            AccessRules rules =
                    (principal, action, destination, answer) -> {
                        elsewhere.execute(() -> answer.accept(Decision.ALLOWED));
                        return Decision.PENDING;
                    };
            try (SwitchboardServer server =
                            SwitchboardServer.start(Servers.options().withShards(shards), rules);
                    Client tcp = Client.to(Servers.address(server, "stomp"));
                    Client ws = Client.webSocketTo(Servers.address(server, "http"))) {
                StringBuilder all = new StringBuilder(CONNECT);
                ws.sendText(CONNECT);
                for (int i = 0; i < count; i++) {
                    all.append(send(i));
                    ws.sendText(send(i));
                }
                tcp.send(all.toString());
                assertThat(tcp.stomp()).startsWith("CONNECTED\n");
                assertThat(ws.text()).startsWith("CONNECTED\n");
                for (int i = 0; i < count; i++) {
                    assertThat(tcp.stomp()).isEqualTo("RECEIPT\nreceipt-id:" + i + "\n\n");
                    assertThat(ws.text()).isEqualTo("RECEIPT\nreceipt-id:" + i + "\n\n\0");
                }
            }
        }
    }

    @Test
    void aMistakeOfTheServerEndsOneConnectionAlone() throws Exception {
        AccessRules rules =
                (principal, action, destination, answer) -> {
                    if (destination.equals("/topic/broken")) {
                        throw new IllegalStateException("broken on purpose");
                    }
                    return Decision.ALLOWED;
                };
        try (SwitchboardServer server = SwitchboardServer.start(Servers.options(), rules);
                Client other = Client.to(Servers.address(server, "stomp"));
                Client unlucky = Client.webSocketTo(Servers.address(server, "http"))) {
            other.send(CONNECT);
            assertThat(other.stomp()).startsWith("CONNECTED\n");
            unlucky.sendText(CONNECT);
            assertThat(unlucky.text()).startsWith("CONNECTED\n");
            unlucky.sendText("SEND\ndestination:/topic/broken\n\n\0");
            assertThat(unlucky.frame().closeCode())
                    .isEqualTo(Disconnect.INTERNAL_ERROR.closeCode());
            assertThat(unlucky.rest()).isEmpty();
            other.send(send(1));
            assertThat(other.stomp()).isEqualTo("RECEIPT\nreceipt-id:1\n\n");
            long ended =
                    server.readings().shards().toCompletableFuture().get(20, SECONDS).stream()
                            .mapToLong(it -> it.ended().get(Disconnect.INTERNAL_ERROR))
                            .sum();
            assertThat(ended).isEqualTo(1);
        }
    }
}
