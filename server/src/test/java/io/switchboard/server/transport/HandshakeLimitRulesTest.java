package io.switchboard.server.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.server.ServerLimits;
import io.switchboard.server.SwitchboardServer;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/// Section C of the WebSocket rules: what an opening handshake may cost.
class HandshakeLimitRulesTest {
    private static final String CONNECT = "CONNECT\naccept-version:1.2\nhost:localhost\n\n\0";
    private static final String HEALTH = "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n";

    private static SwitchboardServer started(ServerLimits limits) throws Exception {
        return Servers.start(Servers.options().withLimits(limits).withShards(1));
    }

    private static Client from(SwitchboardServer server, String source, String listener)
            throws Exception {
        return Client.from(source, Servers.address(server, listener));
    }

    @Nested
    class Rfc6455Section10_4HandshakesAtATime {
        @Test
        void C5_handshakesInAllAreBounded() throws Exception {
            try (SwitchboardServer two = started(ServerLimits.DEFAULT.withHandshakes(2, 2));
                    Client established = from(two, "127.0.0.1", "http").upgraded();
                    Client first = from(two, "127.0.0.1", "http");
                    Client second = from(two, "127.0.0.2", "http")) {
                first.send(HEALTH);
                assertThat(first.response()).startsWith("HTTP/1.1 200 ");
                second.send(HEALTH);
                assertThat(second.response()).startsWith("HTTP/1.1 200 ");
                try (Client third = from(two, "127.0.0.3", "http");
                        Client overTls = from(two, "127.0.0.3", "tls")) {
                    assertThat(third.head())
                            .startsWith("HTTP/1.1 503 ")
                            .contains("\r\nRetry-After: ");
                    assertThat(overTls.rest()).isEmpty();
                }
                established.sendText(CONNECT);
                assertThat(established.text()).startsWith("CONNECTED\n");
                // An upgrade makes room for the next one.
                first.upgraded();
                try (Client third = from(two, "127.0.0.3", "http")) {
                    third.upgraded();
                }
            }
        }

        @Test
        void C5_handshakesOfOneAddressAreBounded() throws Exception {
            try (SwitchboardServer one = started(ServerLimits.DEFAULT.withHandshakes(10, 1));
                    Client first = from(one, "127.0.0.1", "http")) {
                first.send(HEALTH);
                assertThat(first.response()).startsWith("HTTP/1.1 200 ");
                try (Client second = from(one, "127.0.0.1", "http")) {
                    assertThat(second.head()).startsWith("HTTP/1.1 503 ");
                }
                try (Client elsewhere = from(one, "127.0.0.2", "http")) {
                    elsewhere.upgraded();
                }
                first.upgraded();
                try (Client second = from(one, "127.0.0.1", "http")) {
                    second.upgraded();
                }
            }
        }

        @Test
        void C5_aConnectionThatEndsMakesRoom() throws Exception {
            try (SwitchboardServer one = started(ServerLimits.DEFAULT.withHandshakes(10, 1))) {
                try (Client first = from(one, "127.0.0.1", "http")) {
                    first.send("GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
                    assertThat(first.rest()).startsWith("HTTP/1.1 ");
                }
                // The server learns of the end of a socket in its own time.
                boolean taken = false;
                for (long end = System.nanoTime() + Client.PATIENCE.toNanos();
                        !taken && System.nanoTime() - end < 0; ) {
                    try (Client next = from(one, "127.0.0.1", "http")) {
                        next.send(next.upgrade());
                        taken = next.head().startsWith("HTTP/1.1 101 ");
                    }
                }
                assertThat(taken).isTrue();
            }
        }

        @Test
        void C5_tcpClientsHandshakeUntilTheFirstAnswer() throws Exception {
            try (SwitchboardServer one = started(ServerLimits.DEFAULT.withHandshakes(10, 1));
                    Client first = from(one, "127.0.0.1", "stomp")) {
                first.send("CONN");
                try (Client second = from(one, "127.0.0.1", "stomp")) {
                    assertThat(second.rest()).isEmpty();
                }
                first.send(CONNECT.substring(4));
                assertThat(first.stomp()).startsWith("CONNECTED\n");
                try (Client second = from(one, "127.0.0.1", "stomp")) {
                    second.send(CONNECT);
                    assertThat(second.stomp()).startsWith("CONNECTED\n");
                }
            }
        }
    }
}
