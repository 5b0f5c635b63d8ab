package io.switchboard.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.broker.Disconnect;
import io.switchboard.stomp.StompFrame;
import io.switchboard.stomp.StompHeaders;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What a SEND may ask for in headers, whichever broker its client was written for.
class SendHeadersTest {
    private final Node node = Node.local();
    private final Client client = new Client(node).connect();

    private void send(String body, String... headers) {
        client.send(
                "SEND\ndestination:/queue/q\n" + String.join("\n", headers) + "\n\n" + body + "^");
    }

    private void subscribe() {
        client.send("SUBSCRIBE\nid:s\ndestination:/queue/q\n\n^");
    }

    @Test
    void higherPrioritiesComeFirst() {
        send("none", "x:y");
        send("0", "priority:0");
        send("9", "priority:9");
        send("4", "priority:4");
        subscribe();
        assertThat(client.bodies()).containsExactly("9", "none", "4", "0");
    }

    @Test
    void whatExpiresIsNotDelivered() {
        long now = node.nowNanos / 1_000_000;
        send("past", "expires:" + (now - 1));
        send("soon", "expires:" + (now + 1_000));
        send("never", "expires:0");
        send("ttl", "ttl:1000");
        send("unbounded", "ttl:0");
        send("expiration", "expiration:1000");
        send("longer", "expiration:" + (now + 1));
        node.pass(1_000);
        subscribe();
        assertThat(client.bodies()).containsExactly("never", "unbounded", "longer");
    }

    @Test
    void ofSeveralSpansTheShortestCounts() {
        send("1", "ttl:1000", "expiration:5000");
        send("2", "expiration:1000", "ttl:5000");
        send("3", "expiration:5000", "ttl:0");
        node.pass(2_000);
        subscribe();
        assertThat(client.bodies()).containsExactly("3");
    }

    @Test
    void aDelayedMessageComesLater() {
        subscribe();
        long now = node.nowNanos / 1_000_000;
        send("a", "delay:1000");
        send("b", "AMQ_SCHEDULED_DELAY:2000");
        send("c", "AMQ_SCHEDULED_TIME:" + (now + 3_000));
        send("at once", "AMQ_SCHEDULED_TIME:" + (now - 1));
        send("ours counts", "AMQ_SCHEDULED_DELAY:2000", "delay:0");
        assertThat(client.bodies()).containsExactly("at once", "ours counts");
        node.pass(1_000);
        assertThat(client.bodies()).containsExactly("a");
        node.pass(1_000);
        assertThat(client.bodies()).containsExactly("b");
        node.pass(1_000);
        assertThat(client.bodies()).containsExactly("c");
    }

    @Test
    void onATopicADelayIsAnError() {
        client.send("SEND\ndestination:/topic/a\ndelay:1\n\n^");
        client.refused(Disconnect.UNSUPPORTED);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "persistent:yes         | persistent to be true or false but was yes",
                "priority:10            | priority to be a whole number from 0 to 9 but was 10",
                "priority:-1            | priority to be a whole number from 0 to 9 but was -1",
                "priority:high          | priority to be a whole number from 0 to 9 but was high",
                "priority:+1            | priority to be a whole number from 0 to 9 but was +1",
                "priority:-0            | priority to be a whole number from 0 to 9 but was -0",
                "priority:٥             | priority to be a whole number from 0 to 9 but was ٥",
                "expires:-1             | expires to be a whole number, 0 at least but was -1",
                "expires:99999999999999999999 | expires to be a whole number, 0 at least but was"
                        + " 99999999999999999999",
                "ttl:1s                 | ttl to be a whole number, 0 at least but was 1s",
                "expiration:0           | expiration to be a whole number, 1 at least but was 0",
                "delay:1.5              | delay to be a whole number, 0 at least but was 1.5",
                "AMQ_SCHEDULED_DELAY:-1 | AMQ_SCHEDULED_DELAY to be a whole number, 0 at least but"
                        + " was -1",
                "dedup-id:              | dedup-id to have 1 to 128 characters but was 0",
                "removed:yes            | removed to be true or false but was yes",
                "removed:true           | the header key beside removed:true",
                "key:                   | key to have 1 to 256 characters but was 0",
                "destination-type:anycast | destination-type to be ANYCAST or MULTICAST but was"
                        + " anycast"
            })
    void aBadValueIsAnErrorThatSaysWhatWasExpected(String header, String expected) {
        send("x", header, "receipt:r");
        StompFrame error = client.refused(Disconnect.BAD_HEADER);
        assertThat(Client.body(error)).isEqualTo("expected " + expected);
        assertThat(error.headers().get("receipt-id")).isEqualTo("r");
    }

    @Test
    void aKeyIsBounded() {
        send("x", "key:" + "k".repeat(256), "receipt:r");
        assertThat(client.next().headers().get("receipt-id")).isEqualTo("r");
        send("x", "key:" + "k".repeat(257));
        StompFrame error = client.refused(Disconnect.BAD_HEADER);
        assertThat(Client.body(error))
                .isEqualTo("expected key to have 1 to 256 characters but was 257");
    }

    @Test
    void subscribersSeeTheKeyAndThatItIsRemoved() {
        client.send("SUBSCRIBE\nid:s\ndestination:/topic/a\n\n^");
        client.send("SEND\ndestination:/topic/a\nkey:k\nremoved:true\n\n^");
        StompHeaders headers = client.message().headers();
        assertThat(headers.get("key")).isEqualTo("k");
        assertThat(headers.get("removed")).isEqualTo("true");
    }

    @Test
    void anEmptyValueIsABadOneToo() {
        send("x", "priority:");
        client.refused(Disconnect.BAD_HEADER);
    }

    @Test
    void aSecondMessageWithItsDedupIdIsNotDelivered() {
        send("1", "dedup-id:x", "receipt:r1");
        send("2", "_AMQ_DUPL_ID:x", "receipt:r2");
        send("3", "_AMQ_DUPL_ID:x", "dedup-id:y");
        send("4", "dedup-id:y");
        assertThat(client.next().headers().get("receipt-id")).isEqualTo("r1");
        assertThat(client.next().headers().get("receipt-id")).isEqualTo("r2");
        subscribe();
        assertThat(client.bodies()).containsExactly("1", "3");
        send("5", "dedup-id:" + "z".repeat(128));
        assertThat(client.bodies()).containsExactly("5");
    }

    @Test
    void aDedupIdHasItsLength() {
        send("1", "dedup-id:" + "x".repeat(129));
        StompFrame error = client.refused(Disconnect.BAD_HEADER);
        assertThat(Client.body(error))
                .isEqualTo("expected dedup-id to have 1 to 128 characters but was 129");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "persistent:false",
                "priority:7",
                "expires:0",
                "ttl:60000",
                "expiration:60000",
                "correlation-id:7",
                "type:order",
                "content-type:text/plain",
                "key:k",
                "dedup-id:d",
                "amqp-message-id:m",
                "x-whatever:y"
            })
    void G04_K05_whatASendSaysItsReceiverReads(String header) {
        subscribe();
        send("x", header);
        int colon = header.indexOf(':');
        assertThat(client.message().headers().get(header.substring(0, colon)))
                .isEqualTo(header.substring(colon + 1));
    }

    @Test
    void ofARepeatedHeaderTheFirstCounts() {
        send("low", "priority:0", "priority:9");
        send("high", "priority:9", "priority:nonsense");
        subscribe();
        assertThat(client.bodies()).containsExactly("high", "low");
    }

    @Test
    void K08_whatOnlyTheServerSaysOfAMessageCannotBeForged() {
        List<String> names =
                List.of(
                        "dead-letter-reason",
                        "original-destination",
                        "original-delivery-count",
                        "delivery-count",
                        "browser",
                        "JMSXUserID");
        subscribe();
        send("x", names.stream().map(name -> name + ":forged").toArray(String[]::new));
        StompHeaders headers = client.message().headers();
        for (String name : names) {
            assertThat(headers.get(name)).as(name).isNull();
        }
    }
}
