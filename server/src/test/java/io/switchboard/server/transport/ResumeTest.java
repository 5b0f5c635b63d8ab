package io.switchboard.server.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.broker.Policies;
import io.switchboard.broker.Retention;
import io.switchboard.server.SwitchboardServer;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

/// A client that was away gets what it missed, through real sockets and two shards.
@TestInstance(Lifecycle.PER_CLASS)
class ResumeTest {
    private static final int HISTORY = 500;
    private SwitchboardServer server;

    @BeforeAll
    void start() throws Exception {
        server =
                Servers.start(
                        Servers.options()
                                .withShards(2)
                                .withPolicies(
                                        Policies.DEFAULT.with(
                                                "/topic/room.*",
                                                it ->
                                                        it.withHistory(
                                                                new Retention(HISTORY, 0, 0)))));
    }

    @AfterAll
    void stop() {
        server.close();
    }

    private Client connect() throws Exception {
        InetSocketAddress address = Servers.address(server, "http");
        Client client = Client.webSocketTo(address);
        client.sendText("CONNECT\naccept-version:1.2\nhost:localhost\n\n\0");
        assertThat(client.text()).startsWith("CONNECTED\n");
        return client;
    }

    private static void subscribe(Client client, String destination, String from) throws Exception {
        client.sendText(
                "SUBSCRIBE\nid:a\ndestination:"
                        + destination
                        + "\nfrom:"
                        + from
                        + "\nreceipt:sub\n\n\0");
    }

    private static void send(Client client, String destination, int first, int last)
            throws Exception {
        for (int i = first; i <= last; i++) {
            client.sendText(
                    "SEND\ndestination:" + destination + "\nreceipt:" + i + "\n\n" + i + '\0');
            assertThat(client.text()).isEqualTo("RECEIPT\nreceipt-id:" + i + "\n\n\0");
        }
    }

    private static String header(String frame, String name) {
        int at = frame.indexOf('\n' + name + ':') + name.length() + 2;
        return frame.substring(at, frame.indexOf('\n', at));
    }

    private static String body(String frame) {
        return frame.substring(frame.indexOf("\n\n") + 2, frame.length() - 1);
    }

    private static List<String> numbers(int first, int last) {
        List<String> numbers = new ArrayList<>();
        for (int i = first; i <= last; i++) {
            numbers.add(Integer.toString(i));
        }
        return numbers;
    }

    @Test
    void whoComesBackGetsWhatItMissedAndThenWhatIsNew() throws Exception {
        for (String room : List.of("/topic/room.a", "/topic/room.b", "/topic/room.c")) {
            try (Client publisher = connect()) {
                String last;
                try (Client reader = connect()) {
                    subscribe(reader, room, "now");
                    assertThat(reader.text()).isEqualTo("RECEIPT\nreceipt-id:sub\n\n\0");
                    send(publisher, room, 1, 2);
                    reader.text();
                    String second = reader.text();
                    assertThat(body(second)).isEqualTo("2");
                    last = header(second, "message-id");
                }
                send(publisher, room, 3, 50);
                try (Client reader = connect()) {
                    subscribe(reader, room, "after=" + last);
                    List<String> missed = new ArrayList<>();
                    for (int i = 3; i <= 50; i++) {
                        String frame = reader.text();
                        assertThat(frame).contains("\ntimestamp:");
                        missed.add(body(frame));
                    }
                    assertThat(missed).isEqualTo(numbers(3, 50));
                    assertThat(reader.text())
                            .isEqualTo("RECEIPT\nreceipt-id:sub\nrecovered:true\n\n\0");
                    send(publisher, room, 51, 51);
                    assertThat(body(reader.text())).isEqualTo("51");
                }
            }
        }
    }

    @Test
    void whoWasAwayTooLongHearsIt() throws Exception {
        try (Client publisher = connect();
                Client reader = connect()) {
            send(publisher, "/topic/room.long", 1, 1);
            subscribe(reader, "/topic/room.long", "last=1");
            String id = header(reader.text(), "message-id");
            assertThat(reader.text()).endsWith("recovered:true\n\n\0");
            send(publisher, "/topic/room.long", 2, HISTORY + 2);
            try (Client late = connect()) {
                subscribe(late, "/topic/room.long", "after=" + id);
                for (int i = 3; i <= HISTORY + 2; i++) {
                    assertThat(body(late.text())).isEqualTo(Integer.toString(i));
                }
                assertThat(late.text()).isEqualTo("RECEIPT\nreceipt-id:sub\nrecovered:false\n\n\0");
            }
        }
    }

    @Test
    void aLongPastComesWholeWhileOthersPublish() throws Exception {
        String big = "x".repeat(4_000);
        try (Client publisher = connect();
                Client reader = connect()) {
            for (int i = 0; i < HISTORY; i++) {
                publisher.sendText("SEND\ndestination:/topic/room.big\n\n" + i + big + '\0');
            }
            send(publisher, "/topic/room.other", 1, 1);
            subscribe(reader, "/topic/room.big", "start");
            for (int i = HISTORY; i < HISTORY + 20; i++) {
                publisher.sendText("SEND\ndestination:/topic/room.big\n\n" + i + big + '\0');
            }
            List<Integer> came = new ArrayList<>();
            String receipt = null;
            while (receipt == null || came.isEmpty() || came.getLast() < HISTORY + 19) {
                String frame = reader.text();
                if (frame.startsWith("RECEIPT")) {
                    receipt = frame;
                } else {
                    came.add(Integer.parseInt(body(frame).replace("x", "")));
                }
            }
            // Twenty of the oldest make room for the new ones, perhaps before they are read.
            List<Integer> kept = IntStream.range(20, HISTORY + 20).boxed().toList();
            assertThat(came).containsAll(kept).doesNotHaveDuplicates().isSorted();
            boolean whole = came.size() == HISTORY + 20 - came.getFirst();
            assertThat(receipt).isEqualTo("RECEIPT\nreceipt-id:sub\nrecovered:" + whole + "\n\n\0");
        }
    }
}
