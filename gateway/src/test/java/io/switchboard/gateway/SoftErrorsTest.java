package io.switchboard.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.broker.AccessRules;
import io.switchboard.broker.BrokerLimits;
import io.switchboard.broker.Disconnect;
import io.switchboard.stomp.StompCommand;
import io.switchboard.stomp.StompFrame;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// A client that asks for soft errors loses a frame that is refused, and not its connection.
class SoftErrorsTest {
    private final Node node = Node.local();
    private final Client client = new Client(node);

    @BeforeEach
    void connect() {
        client.send("CONNECT\naccept-version:1.2\nhost:h\nsoft-errors:true\n\n^");
        assertThat(client.next().headers().get("soft-errors")).isEqualTo("true");
    }

    private void assertAlive() {
        assertThat(client.closed).isNull();
        client.send("SUBSCRIBE\nid:alive\ndestination:/topic/alive\n\n^");
        client.send("SEND\ndestination:/topic/alive\n\nstill^");
        assertThat(Client.body(client.message())).isEqualTo("still");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "SEND      | destination:/nowhere            | bad destination",
                "SEND      | foo:bar                         | missing header",
                "SEND      | destination:/topic/a,priority:x | bad header",
                "SEND      | destination:/queue/a,JMSXGroupID:g | not supported",
                "SEND      | destination:/topic/a,transaction:t | unknown transaction",
                "SEND      | destination:/app/a              | no handler",
                "SUBSCRIBE | destination:/nowhere,id:1       | bad destination",
                "SUBSCRIBE | destination:/topic/a            | missing header",
                "SUBSCRIBE | destination:/topic/a,id:1,ack:x | bad header",
                "SUBSCRIBE | destination:/queue/a,id:1,selector:( | bad selector",
                "SUBSCRIBE | destination:/queue/a,id:1,from:start | not supported",
                "UNSUBSCRIBE | id:1                          | unknown subscription id",
                "ACK       | id:1-1                          | unknown message",
                "ACK       | foo:bar                         | missing header",
                "NACK      | id:1-1                          | unknown message",
                "NACK      | id:1-1,requeue:x                | bad header",
                "BEGIN     | foo:bar                         | missing header",
                "COMMIT    | transaction:t                   | unknown transaction",
                "ABORT     | transaction:t                   | unknown transaction",
                "CONNECT   | accept-version:1.2              | command not allowed now"
            })
    void E22_G11_G16_H14_I07_aRefusedFrameHasNoEffectAndTheConnectionLives(
            String command, String headers, String message) {
        String receipt = command.equals("CONNECT") ? "" : "receipt:r\n";
        client.send(command + "\n" + headers.replace(',', '\n') + "\n" + receipt + "\n^");
        StompFrame error = client.next();
        assertThat(error.command()).isEqualTo(StompCommand.ERROR);
        assertThat(error.headers().get("message")).isEqualTo(message);
        assertThat(error.headers().get("receipt-id")).isEqualTo(receipt.isEmpty() ? null : "r");
        assertThat(error.headers().get("content-type")).isEqualTo("text/plain;charset=utf-8");
        assertThat(Client.body(error)).isNotEmpty();
        assertThat(client.nothingCame()).as("no RECEIPT").isTrue();
        assertAlive();
    }

    @Test
    void anErrorNamesTheSubscription() {
        client.send("SUBSCRIBE\nid:mine\ndestination:/nowhere\n\n^");
        assertThat(client.error(Disconnect.BAD_DESTINATION).headers().get("subscription"))
                .isEqualTo("mine");
        client.send("SUBSCRIBE\nid:mine\ndestination:/topic/a\nack:x\n\n^");
        assertThat(client.error(Disconnect.BAD_HEADER).headers().get("subscription"))
                .isEqualTo("mine");
        client.send("SUBSCRIBE\nid:mine\ndestination:/topic/a\n\n^");
        assertThat(client.nothingCame()).as("the id is free").isTrue();
        assertAlive();
    }

    @Test
    void a1_0SubscriptionWithoutIdIsNotNamed() {
        Client old = new Client(node);
        old.send("CONNECT\nsoft-errors:true\n\n^").next();
        old.send("SUBSCRIBE\ndestination:/nowhere\n\n^");
        StompFrame error = old.error(Disconnect.BAD_DESTINATION);
        assertThat(error.headers().contains("subscription")).isFalse();
        old.send("SEND\ndestination:/topic/a\nreceipt:r\n\n^");
        assertThat(old.next().headers().get("receipt-id")).isEqualTo("r");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "NONSENSE\n\n^",
                "SEND\ndestination:/topic/a\ncontent-length:x\n\n^",
                "SEND\ndestination:/topic/a\ncontent-length:1\n\nxy^",
                "SEND\ndestination:/topic/a\nbad:\\t\n\n^",
                "SUBSCRIBE\nid:1\ndestination:/topic/a\n\nbody^"
            })
    void aBrokenStreamStillEndsTheConnection(String frame) {
        client.send(frame);
        client.refused(Disconnect.MALFORMED_FRAME);
    }

    @Test
    void aBodyThatWouldHaveToBeReadFirstStillEndsTheConnection() {
        client.send("SEND\ndestination:/topic/a\ncontent-length:9999999\n\n");
        client.refused(Disconnect.BODY_TOO_LARGE);
    }

    @Test
    void aLimitIsSoftAndNamed() {
        BrokerLimits one =
                new BrokerLimits(1, 1 << 20, 1 << 24, 10, 1_024, 64, 1 << 20, 64, 1 << 20);
        Client few = new Client(new Node(1, AccessRules.localOnly(), one));
        few.connect("soft-errors:true");
        few.send("SUBSCRIBE\nid:1\ndestination:/topic/a\n\n^");
        few.send("SUBSCRIBE\nid:2\ndestination:/topic/b\nreceipt:r\n\n^");
        StompFrame error = few.error(Disconnect.TOO_MANY_SUBSCRIPTIONS);
        assertThat(Client.body(error)).endsWith("; setting: limits.subscriptions-per-session");
        few.send("UNSUBSCRIBE\nid:1\n\n^SUBSCRIBE\nid:2\ndestination:/topic/b\nreceipt:r\n\n^");
        assertThat(few.next().command()).isEqualTo(StompCommand.RECEIPT);
    }

    @Test
    void aRefusedFrameLeavesItsTransactionOpen() {
        client.send("SUBSCRIBE\nid:1\ndestination:/topic/a\n\n^BEGIN\ntransaction:t\n\n^");
        client.send("SEND\ndestination:/topic/a\ntransaction:t\n\ngood^");
        client.send("SEND\ndestination:/nowhere\ntransaction:t\n\nbad^");
        client.error(Disconnect.BAD_DESTINATION);
        client.send("COMMIT\ntransaction:t\n\n^");
        assertThat(client.bodies()).containsExactly("good");
    }

    @Test
    void whoDoesNotAskDoesNotGetThem() {
        Client plain = new Client(node);
        plain.send("CONNECT\naccept-version:1.2\nhost:h\nsoft-errors:false\n\n^");
        assertThat(plain.next().headers().contains("soft-errors")).isFalse();
        plain.send("SEND\ndestination:/nowhere\n\n^");
        plain.refused(Disconnect.BAD_DESTINATION);
    }

    @Test
    void anotherValueIsAnError() {
        Client odd = new Client(node);
        odd.send("CONNECT\naccept-version:1.2\nhost:h\nsoft-errors:1\n\n^");
        assertThat(Client.body(odd.refused(Disconnect.BAD_HEADER)))
                .isEqualTo("expected soft-errors to be true or false but was 1");
    }

    @Test
    void aRefusedConnectIsNotSoft() {
        Client far = new Client(node, new Peer("192.0.2.1:5", false, null));
        far.send("CONNECT\naccept-version:1.2\nhost:h\nsoft-errors:true\n\n^");
        far.refused(Disconnect.ACCESS_DENIED);
    }
}
