package io.switchboard.server.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.broker.Policies;
import io.switchboard.server.ServerOptions;
import io.switchboard.server.SwitchboardServer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Topics with state and presence, as clients use them: over sockets that may be cut at any moment.
class StateRulesTest {
    private static final ServerOptions OPTIONS =
            Servers.options()
                    .withPolicies(
                            Policies.DEFAULT
                                    .with("/topic/typing.*", policy -> policy.withState(true))
                                    .with("/topic/room.*", policy -> policy.withPresence(true)));

    private static Client client(SwitchboardServer server, String name) throws Exception {
        Client client = Client.to(Servers.address(server, "stomp"));
        client.sendStomp("CONNECT\naccept-version:1.2\nhost:localhost\nlogin:" + name + "\n\n");
        assertThat(client.stomp()).startsWith("CONNECTED\n");
        return client;
    }

    private static void subscribe(Client client, String destination, String headers)
            throws Exception {
        client.sendStomp(
                "SUBSCRIBE\nid:1\nreceipt:here\ndestination:"
                        + destination
                        + "\n"
                        + headers
                        + "\n");
    }

    /// Up to the receipt, it included: `key=body`, with what else is said of it.
    private static List<String> untilReceipt(Client client) throws Exception {
        List<String> seen = new ArrayList<>();
        do {
            seen.add(next(client));
        } while (!seen.getLast().startsWith("RECEIPT"));
        return seen;
    }

    private static String next(Client client) throws Exception {
        String frame = client.stomp();
        if (frame.startsWith("RECEIPT")) {
            return "RECEIPT " + header(frame, "recovered");
        }
        assertThat(frame).startsWith("MESSAGE\n");
        return header(frame, "key")
                + "="
                + frame.substring(frame.indexOf("\n\n") + 2)
                + (header(frame, "removed").equals("true") ? " removed" : "")
                + (header(frame, "snapshot").equals("true") ? " snapshot" : "");
    }

    private static String header(String frame, String name) {
        int at = frame.indexOf("\n" + name + ":");
        return at < 0 ? "" : frame.substring(at + name.length() + 2, frame.indexOf('\n', at + 1));
    }

    @Test
    void whoStopsTypingOrIsCutOffIsNotTypingAnyMore() throws Exception {
        try (SwitchboardServer server = Servers.start(OPTIONS);
                Client alice = client(server, "alice");
                Client bob = client(server, "bob")) {
            Client carol = client(server, "carol");
            for (Client typing : new Client[] {alice, carol}) {
                String key = typing == alice ? "alice" : "carol";
                typing.sendStomp(
                        "SEND\ndestination:/topic/typing.1\nreceipt:r\nwhile-connected:true\nkey:"
                                + key
                                + "\n\n...");
                assertThat(typing.stomp()).startsWith("RECEIPT\n");
            }
            subscribe(bob, "/topic/typing.1", "from:state\n");
            assertThat(untilReceipt(bob))
                    .containsExactly("alice=... snapshot", "carol=... snapshot", "RECEIPT true");
            alice.sendStomp("SEND\ndestination:/topic/typing.1\nkey:alice\nremoved:true\n\n");
            assertThat(next(bob)).isEqualTo("alice= removed");
            carol.close();
            assertThat(next(bob)).isEqualTo("carol= removed");
        }
    }

    @Test
    void aUserWithTwoTabsIsThereUntilTheLastIsCutOff() throws Exception {
        try (SwitchboardServer server = Servers.start(OPTIONS);
                Client bob = client(server, "bob");
                Client first = client(server, "alice")) {
            subscribe(first, "/topic/room.1", "");
            assertThat(first.stomp()).startsWith("RECEIPT\n");
            subscribe(bob, "/presence/room.1", "from:state\n");
            assertThat(untilReceipt(bob))
                    .containsExactly(
                            "alice={\"user\":\"alice\",\"sessions\":1} snapshot", "RECEIPT true");
            Client second = client(server, "alice");
            subscribe(second, "/topic/room.1", "");
            assertThat(next(bob)).isEqualTo("alice={\"user\":\"alice\",\"sessions\":2}");
            first.close();
            assertThat(next(bob)).isEqualTo("alice={\"user\":\"alice\",\"sessions\":1}");
            second.close();
            assertThat(next(bob)).isEqualTo("alice= removed");
        }
    }
}
