package io.switchboard.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.stomp.StompCommand;
import org.junit.jupiter.api.Test;

/// STOMP 1.2, Augmented BNF: `frame = command EOL *( header EOL ) EOL *OCTET NULL *( EOL )`.
class FramingTest {
    private static final String CONNECT = "CONNECT\naccept-version:1.2\nhost:h\n";

    private final Node node = Node.local();
    private final Client tcp = new Client(node, Framing.NONE);

    @Test
    void overTcpOneLineEndFollowsEveryFrame() {
        tcp.send(CONNECT + "\n^");
        assertThat(tcp.takeOctets()).startsWith("CONNECTED\n").endsWith("\n\n\0\n");

        tcp.send("SUBSCRIBE\nid:s\ndestination:/topic/a\nreceipt:r\n\n^");
        assertThat(tcp.takeOctets())
                .isEqualTo(Client.text(StompCommand.RECEIPT, "receipt-id", "r") + "\n");

        String send = "SEND\ndestination:/topic/a\n\n";
        tcp.send(send + "1^" + send + "2^" + send + "^");
        assertThat(tcp.takeOctets().split("\0\n", -1))
                .hasSize(4)
                .satisfies(frame -> assertThat(frame[0]).startsWith("MESSAGE\n").endsWith("\n\n1"))
                .satisfies(frame -> assertThat(frame[1]).startsWith("MESSAGE\n").endsWith("\n\n2"))
                .satisfies(frame -> assertThat(frame[2]).startsWith("MESSAGE\n").endsWith("\n\n"))
                .satisfies(frame -> assertThat(frame[3]).isEmpty());

        tcp.send("SEND\n\n^");
        assertThat(tcp.takeOctets()).startsWith("ERROR\n").endsWith("\0\n");
    }

    @Test
    void aHeartBeatIsOneLineEndAlone() {
        tcp.send(CONNECT + "heart-beat:0,10000\n\n^");
        tcp.takeOctets();
        for (int i = 0; i < 9; i++) {
            tcp.after(1_000_000_000L);
        }
        assertThat(tcp.takeOctets()).isEqualTo("\n");
    }

    @Test
    void Q07_overWebSocketNothingFollowsTheNul() {
        Client client = new Client(node).connect();
        client.send("SEND\ndestination:/topic/a\nreceipt:r\n\n^");
        assertThat(client.takePieces().getLast()).endsWith("\0");
    }
}
