package io.switchboard.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.broker.Disconnect;
import io.switchboard.stomp.StompCommand;
import io.switchboard.stomp.StompFrame;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What a SUBSCRIBE may ask for in headers, whichever broker its client was written for.
class SubscribeHeadersTest {
    private final Node node = Node.local();
    private final Client client = new Client(node).connect();
    private final Client sender = new Client(node).connect();

    private void subscribe(String... headers) {
        client.send(
                "SUBSCRIBE\nid:s\ndestination:/queue/q\nack:client-individual\n"
                        + String.join("\n", headers)
                        + "\n\n^");
    }

    private void send(int count) {
        for (int i = 0; i < count; i++) {
            sender.send("SEND\ndestination:/queue/q\n\n" + i + "^");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "x:y, 100",
        "prefetch-count:1, 1",
        "prefetch-count:3, 3",
        "prefetch-count:0, 150",
        "activemq.prefetchSize:2, 2",
        "consumer-window-size:0, 1",
        "consumer-window-size:1, 1",
        "consumer-window-size:-1, 150",
        "consumer-window-size:1048576, 150",
        "consumer-window-size:1000000000, 150",
        "consumer-window-size:300, 2"
    })
    void soMuchIsHandedOverUnsettled(String header, int count) {
        subscribe(header);
        send(150);
        assertThat(client.bodies()).hasSize(count);
    }

    @Test
    void creditComesBackWithTheAck() {
        subscribe("prefetch-count:1");
        send(2);
        client.send("ACK\nid:" + client.ackOf("0") + "\n\n^");
        assertThat(client.bodies()).containsExactly("1");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "prefetch-count:65536    | prefetch-count to be a whole number from 0 to 65535",
                "prefetch-count:many     | prefetch-count to be a whole number from 0 to 65535",
                "activemq.prefetchSize:0 | activemq.prefetchSize to be a whole number from 1 to"
                        + " 65535",
                "consumer-window-size:-2 | consumer-window-size to be a whole number, -1 at least",
                "exclusive:1             | exclusive to be true or false",
                "activemq.exclusive:     | activemq.exclusive to be true or false",
                "browser:yes             | browser to be true or false",
                "max-rate:0              | max-rate to be a whole number from 1 to 1000000",
                "max-rate:1000001        | max-rate to be a whole number from 1 to 1000000",
                "subscription-type:queue | subscription-type to be ANYCAST or MULTICAST"
            })
    void aBadValueIsAnErrorThatSaysWhatWasExpected(String header, String expected) {
        subscribe(header, "receipt:r");
        StompFrame error = client.refused(Disconnect.BAD_HEADER);
        assertThat(Client.body(error))
                .isEqualTo(
                        "expected "
                                + expected
                                + " but was "
                                + header.substring(header.indexOf(':') + 1));
        assertThat(error.headers().get("receipt-id")).isEqualTo("r");
    }

    @Test
    void aRateIsKeptByLeavingOutAllButTheLatestOfAKey() {
        client.send("SUBSCRIBE\nid:s\ndestination:/topic/a\nmax-rate:10\n\n^");
        for (String value : new String[] {"x1", "x2", "y1", "x3", "y2"}) {
            sender.send(
                    "SEND\ndestination:/topic/a\nkey:" + value.charAt(0) + "\n\n" + value + "^");
        }
        assertThat(client.bodies()).containsExactly("x1");
        node.pass(100);
        assertThat(client.bodies()).containsExactly("x3");
        node.pass(100);
        assertThat(client.bodies()).containsExactly("y2");
        node.pass(1_000);
        assertThat(client.nothingCame()).isTrue();
    }

    @Test
    void aRateOfAQueueOrOfWhatIsAcknowledgedIsAnError() {
        client.send("SUBSCRIBE\nid:s\ndestination:/queue/q\nmax-rate:1\n\n^");
        client.refused(Disconnect.UNSUPPORTED);
        sender.send("SUBSCRIBE\nid:s\ndestination:/topic/t\nack:client\nmax-rate:1\n\n^");
        sender.refused(Disconnect.UNSUPPORTED);
    }

    @ParameterizedTest
    @ValueSource(strings = {"exclusive:true", "activemq.exclusive:true"})
    void anExclusiveConsumerIsTheOnlyOne(String header) {
        sender.send("SUBSCRIBE\nid:t\ndestination:/queue/q\n\n^");
        subscribe(header);
        send(4);
        assertThat(client.bodies()).containsExactly("0", "1", "2", "3");
        assertThat(sender.nothingCame()).isTrue();
        client.session.closed();
        node.settle();
        assertThat(sender.bodies()).containsExactly("0", "1", "2", "3");
    }

    @Test
    void aBrowserLooksAndConsumesNothing() {
        send(2);
        client.send("SUBSCRIBE\nid:b\ndestination:/queue/q\nbrowser:true\n\n^");
        assertThat(client.message().headers().get("browser")).isNull();
        assertThat(Client.body(client.message())).isEqualTo("1");
        StompFrame end = client.message();
        assertThat(end.headers().get("browser")).isEqualTo("end");
        assertThat(end.headers().get("subscription")).isEqualTo("b");
        assertThat(end.headers().get("destination")).isEqualTo("/queue/q");
        subscribe("x:y");
        assertThat(client.bodies()).containsExactly("0", "1");
    }

    @Test
    void G12_aSelectorChoosesAmongTheMessages() {
        subscribe("selector:color = 'red' AND size > 2");
        sender.send("SEND\ndestination:/queue/q\ncolor:red\nsize:3\n\nyes^");
        sender.send("SEND\ndestination:/queue/q\ncolor:red\nsize:2\n\nno^");
        assertThat(client.bodies()).containsExactly("yes");
    }

    @Test
    void G12_aBadSelectorIsAnError() {
        subscribe("selector:color =");
        client.refused(Disconnect.BAD_SELECTOR);
    }

    @ParameterizedTest
    @ValueSource(strings = {"1.0", "1.1"})
    void G10_everyVersionHasAutoAndClient(String version) {
        Client old = new Client(node).connectAs(version);
        for (String ack : new String[] {"auto", "client"}) {
            old.send("SUBSCRIBE\nid:" + ack + "\ndestination:/queue/" + ack + "\nack:" + ack);
            old.send("\nreceipt:r\n\n^");
            assertThat(old.next().command()).isEqualTo(StompCommand.RECEIPT);
        }
    }

    @Test
    void G07_aSubscriptionThatCannotBeMadeIsAnError() {
        subscribe("receipt:r");
        client.next();
        client.send("SUBSCRIBE\nid:t\ndestination:/queue/*\nreceipt:r\n\n^");
        assertThat(client.refused(Disconnect.BAD_DESTINATION).headers().get("receipt-id"))
                .isEqualTo("r");
    }

    @Test
    void ofARepeatedHeaderTheFirstCounts() {
        subscribe("prefetch-count:1", "prefetch-count:nonsense");
        send(2);
        assertThat(client.bodies()).hasSize(1);
    }

    @Test
    void headersThatMeanNothingAreIgnored() {
        subscribe("x-my-own:1", "receipt:r");
        assertThat(client.next().command()).isEqualTo(StompCommand.RECEIPT);
    }
}
