package io.switchboard.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.switchboard.broker.AckMode;
import io.switchboard.broker.Disconnect;
import io.switchboard.broker.From;
import io.switchboard.stomp.StompFrame;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Where a SUBSCRIBE may begin.
class FromHeaderTest {
    private final Node node = Node.local();
    private final Client client = new Client(node).connect();

    private static From from(String value) {
        return FromHeader.read(new HeaderValue("from", value));
    }

    @Test
    void theWordsMeanWhatTheySay() {
        assertThat(from("now")).isEqualTo(From.NOW);
        assertThat(from("start")).isEqualTo(From.START);
        assertThat(from("last=50")).isEqualTo(new From.Last(50));
        assertThat(from("age=500ms")).isEqualTo(new From.Age(500));
        assertThat(from("age=30s")).isEqualTo(new From.Age(30_000));
        assertThat(from("age=10m")).isEqualTo(new From.Age(600_000));
        assertThat(from("age=2h")).isEqualTo(new From.Age(7_200_000));
        assertThat(from("after=z-7")).isEqualTo(new From.After(35, 7));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "yesterday   | now, start, last=50, age=10m (ms, s, m or h), after= and a message"
                        + " id, or state",
                "last        | now, start, last=50, age=10m (ms, s, m or h), after= and a message"
                        + " id, or state",
                "last=0      | last= and a whole number from 1 to 999999999",
                "last=-1     | last= and a whole number from 1 to 999999999",
                "last=many   | last= and a whole number from 1 to 999999999",
                "age=10      | age= and a time, like 500ms, 30s, 10m or 24h",
                "age=10 m    | age= and a time, like 500ms, 30s, 10m or 24h",
                "after=      | after= and the message-id of a MESSAGE",
                "after=17    | after= and the message-id of a MESSAGE",
                "after=a-b   | after= and the message-id of a MESSAGE",
                "after=a--1  | after= and the message-id of a MESSAGE"
            })
    void aBadValueIsAnErrorThatSaysWhatWasExpected(String value, String expected) {
        client.send("SUBSCRIBE\nid:1\ndestination:/topic/a\nfrom:" + value + "\n\n^");
        assertThat(Client.body(client.refused(Disconnect.BAD_HEADER)))
                .isEqualTo("expected from to be " + expected + " but was " + value);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "from:start",
                "from:last=5",
                "from:age=1h",
                "activemq.retroactive:true",
                "x-stream-offset:first"
            })
    void theReceiptSaysWhetherAllOfThePastCame(String header) {
        client.send("SUBSCRIBE\nid:1\ndestination:/topic/a\nreceipt:r\n" + header + "\n\n^");
        StompFrame receipt = client.next();
        assertThat(receipt.headers().get("receipt-id")).isEqualTo("r");
        assertThat(receipt.headers().get("recovered")).isEqualTo("true");
    }

    @Test
    void whatCannotBeVouchedForIsNotRecovered() {
        client.send("SUBSCRIBE\nid:1\ndestination:/topic/a\nreceipt:r\nfrom:after=1-1\n\n^");
        assertThat(client.next().headers().get("recovered")).isEqualTo("false");
    }

    @ParameterizedTest
    @ValueSource(strings = {"from:now", "activemq.retroactive:false", "x-stream-offset:next"})
    void whoBeginsNowIsNotToldOfAnyPast(String header) {
        client.send("SUBSCRIBE\nid:1\ndestination:/topic/a\nreceipt:r\n" + header + "\n\n^");
        assertThat(client.next().headers().get("recovered")).isNull();
    }

    @Test
    void ourOwnWordCountsBeforeThoseOfOthers() {
        SubscribeWishes wishes = new SubscribeWishes(false);
        Dialect.read(new HeaderValue("from", "last=3"), wishes);
        Dialect.read(new HeaderValue("activemq.retroactive", "true"), wishes);
        assertThat(wishes.options(AckMode.AUTO, "s", false).from()).isEqualTo(new From.Last(3));
    }

    @Test
    void offsetsOfStreamsAreRefusedByName() {
        assertThatThrownBy(() ->
                        FromHeader.ofStream(new HeaderValue("x-stream-offset", "offset=5000")))
                .isInstanceOf(RefusedFrame.class);
    }
}
