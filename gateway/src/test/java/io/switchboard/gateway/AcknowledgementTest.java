package io.switchboard.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.broker.Disconnect;
import io.switchboard.stomp.StompCommand;
import io.switchboard.stomp.StompFrame;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// ACK and NACK by the rules of the three versions.
class AcknowledgementTest {
    private final Node node = Node.local();
    private final Client client = new Client(node);
    private final Client other = new Client(node);

    private static String send(String... bodies) {
        StringBuilder frames = new StringBuilder();
        for (String body : bodies) {
            frames.append("SEND\ndestination:/queue/q\n\n").append(body).append('^');
        }
        return frames.toString();
    }

    private static String subscribe(String ack) {
        return "SUBSCRIBE\nid:s\ndestination:/queue/q\nack:" + ack + "\n\n^";
    }

    private static String messageId(StompFrame message) {
        return Objects.requireNonNull(message.headers().get("message-id"));
    }

    /// What a further client gets of the queue when this one has gone.
    private List<String> leftBehind(Client gone) {
        gone.session.closed();
        node.settle();
        other.connect();
        return other.send(subscribe("auto")).bodies();
    }

    @Nested
    class Auto {
        @Test
        void H01_whatWasSentCountsAsConsumed() {
            client.connect().send(subscribe("auto")).send(send("1"));
            assertThat(client.message().headers().get("ack")).isNull();
            assertThat(leftBehind(client)).isEmpty();
        }

        @Test
        void H14_anAckIsAnError() {
            client.connect().send(subscribe("auto")).send(send("1"));
            client.message();
            client.send("ACK\nid:1-1\nreceipt:r\n\n^");
            StompFrame error = client.refused(Disconnect.UNKNOWN_DELIVERY);
            assertThat(error.headers().get("receipt-id")).isEqualTo("r");
            assertThat(Client.body(error)).contains("but was 1-1");
        }
    }

    @Nested
    class Cumulative {
        @Test
        void H02_H04_H08_anAckSettlesAllBeforeItOnItsSubscription() {
            client.connect().send(subscribe("client")).send(send("1", "2", "3"));
            client.message();
            String second = client.ackOf("2");
            client.message();
            client.send("ACK\nid:" + second + "\nreceipt:r\n\n^");
            assertThat(client.next().headers().get("receipt-id")).isEqualTo("r");
            assertThat(leftBehind(client)).containsExactly("3");
        }

        @Test
        void H04_Q43_anotherSubscriptionOfTheConnectionIsNotTouched() {
            client.connect();
            client.send("SUBSCRIBE\nid:t\ndestination:/queue/q2\nack:client\n\n^");
            client.send(subscribe("client"));
            client.send("SEND\ndestination:/queue/q2\n\na^").send(send("1"));
            client.ackOf("a");
            client.send("ACK\nid:" + client.ackOf("1") + "\n\n^");
            client.session.closed();
            node.settle();
            other.connect().send("SUBSCRIBE\nid:t\ndestination:/queue/q2\n\n^");
            assertThat(other.bodies()).containsExactly("a");
        }

        @Test
        void H12_aNackCoversAllBeforeIt() {
            client.connect().send(subscribe("client")).send(send("1", "2", "3"));
            client.message();
            String second = client.ackOf("2");
            client.message();
            client.send("NACK\nid:" + second + "\n\n^");
            StompFrame again = client.message();
            assertThat(Client.body(again)).isEqualTo("1");
            assertThat(again.headers().get("redelivered")).isEqualTo("true");
            assertThat(Client.body(client.message())).isEqualTo("2");
            assertThat(client.nothingCame()).isTrue();
        }

        @ParameterizedTest
        @ValueSource(strings = {"1.0", "1.1"})
        void H06_H07_anAckByMessageIdIsCumulativeToo(String version) {
            client.connectAs(version).send(subscribe("client")).send(send("1", "2", "3"));
            client.message();
            String second = messageId(client.message());
            client.send("ACK\nmessage-id:" + second + "\nsubscription:s\nreceipt:r\n\n^");
            client.message();
            assertThat(client.next().command()).isEqualTo(StompCommand.RECEIPT);
            assertThat(leftBehind(client)).containsExactly("3");
        }
    }

    @Nested
    class Individual {
        @Test
        void H05_anAckSettlesNoOther() {
            client.connect().send(subscribe("client-individual")).send(send("1", "2", "3"));
            client.message();
            client.send("ACK\nid:" + client.ackOf("2") + "\n\n^");
            assertThat(leftBehind(client)).containsExactly("1", "3");
        }

        @Test
        void H05_H12_H13_aNackPutsTheOneBackInItsPlace() {
            client.connect().send(subscribe("client-individual")).send(send("1", "2"));
            StompFrame first = client.message();
            client.message();
            client.send("NACK\nid:" + first.headers().get("ack") + "\n\n^");
            StompFrame again = client.message();
            assertThat(messageId(again)).isEqualTo(messageId(first));
            assertThat(again.headers().get("redelivered")).isEqualTo("true");
            assertThat(again.headers().get("delivery-count")).isEqualTo("2");
            assertThat(again.headers().get("ack")).isNotEqualTo(first.headers().get("ack"));
            assertThat(client.nothingCame()).isTrue();
        }

        @Test
        void itIsTakenIn1_0TooWhereClientsSendItToOtherBrokers() {
            client.connectAs("1.0").send(subscribe("client-individual")).send(send("1", "2"));
            client.message();
            client.send("ACK\nmessage-id:" + messageId(client.message()) + "\n\n^");
            assertThat(leftBehind(client)).containsExactly("1");
        }
    }

    @Nested
    class Naming {
        @Test
        void H06_1_0NeedsTheMessageIdAlone() {
            client.connectAs("1.0").send(subscribe("client")).send(send("1"));
            client.send("ACK\nmessage-id:" + messageId(client.message()) + "\n\n^");
            assertThat(leftBehind(client)).isEmpty();
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "ACK\nmessage-id:m\nreceipt:r\n\n^",
                    "ACK\nsubscription:s\nreceipt:r\n\n^",
                    "NACK\nmessage-id:m\nreceipt:r\n\n^"
                })
        void H07_H11_1_1NeedsMessageIdAndSubscription(String frame) {
            client.connectAs("1.1").send(frame);
            StompFrame error = client.refused(Disconnect.MISSING_HEADER);
            assertThat(error.headers().get("receipt-id")).isEqualTo("r");
        }

        @ParameterizedTest
        @ValueSource(strings = {"ACK", "NACK"})
        void H08_H11_1_2NeedsTheId(String command) {
            client.connect().send(command + "\nmessage-id:m\nsubscription:s\nreceipt:r\n\n^");
            client.refused(Disconnect.MISSING_HEADER);
        }

        @Test
        void Q42_furtherHeadersAreLetThrough() {
            client.connect().send(subscribe("client")).send(send("1"));
            StompFrame message = client.message();
            client.send(
                    "ACK\nid:"
                            + message.headers().get("ack")
                            + "\nsubscription:other\nmessage-id:"
                            + messageId(message)
                            + "\n\n^");
            assertThat(leftBehind(client)).isEmpty();
        }

        @Test
        void H09_Q44_onlyA1_2MessageThatIsToBeAcknowledgedCarriesAck() {
            client.connect().send(subscribe("client"));
            other.connectAs("1.1").send(subscribe("client"));
            client.send(send("1", "2"));
            assertThat(client.message().headers().get("ack")).isNotEmpty();
            assertThat(other.message().headers().get("ack")).isNull();
        }

        @Test
        void H11_in1_0ThereIsNoNack() {
            client.connectAs("1.0").send("NACK\nmessage-id:1\n\n^");
            client.refused(Disconnect.MALFORMED_FRAME);
        }

        @Test
        void H14_whatIsSettledCannotBeSettledAgain() {
            client.connect().send(subscribe("client-individual")).send(send("1"));
            String ack = client.ackOf("1");
            client.send("ACK\nid:" + ack + "\n\n^ACK\nid:" + ack + "\nreceipt:r\n\n^");
            client.refused(Disconnect.UNKNOWN_DELIVERY);
        }

        @Test
        void H14_theSubscriptionMustBeTheOneThatGotIt() {
            client.connectAs("1.1").send(subscribe("client")).send(send("1"));
            String id = messageId(client.message());
            client.send("SUBSCRIBE\nid:t\ndestination:/queue/q2\nack:client\n\n^");
            client.send("ACK\nsubscription:t\nmessage-id:" + id + "\n\n^");
            client.refused(Disconnect.UNKNOWN_DELIVERY);
        }

        @Test
        void H15_anotherConnectionsMessageIsNotTouched() {
            client.connect().send(subscribe("client")).send(send("1"));
            String ack = client.ackOf("1");
            Client thief = new Client(node).connect();
            thief.send("SUBSCRIBE\nid:s\ndestination:/queue/q\nack:client\n\n^");
            thief.send("ACK\nid:" + ack + "\n\n^");
            thief.refused(Disconnect.UNKNOWN_DELIVERY);
            assertThat(leftBehind(client)).containsExactly("1");
        }

        @Test
        void H16_oneMessageToTwoSubscriptionsHasTwoAcks() {
            client.connect();
            client.send("SUBSCRIBE\nid:1\ndestination:/topic/a\nack:client\n\n^");
            client.send("SUBSCRIBE\nid:2\ndestination:/topic/a\nack:client\n\n^");
            client.send("SEND\ndestination:/topic/a\n\nx^");
            assertThat(client.ackOf("x")).isNotEqualTo(client.ackOf("x"));
        }
    }

    @Nested
    class Ends {
        @Test
        void H03_whatWasNotAcknowledgedIsDeliveredAgain() {
            client.connect().send(subscribe("client")).send(send("1", "2"));
            client.session.closed();
            node.settle();
            other.connect().send(subscribe("client"));
            StompFrame again = other.message();
            assertThat(Client.body(again)).isEqualTo("1");
            assertThat(again.headers().get("redelivered")).isEqualTo("true");
            assertThat(Client.body(other.message())).isEqualTo("2");
        }

        @Test
        void H13_Q46_requeueFalseGoesToTheDeadLetters() {
            client.connect().send(subscribe("client-individual")).send(send("1"));
            client.send("NACK\nid:" + client.ackOf("1") + "\nrequeue:false\n\n^");
            assertThat(client.nothingCame()).isTrue();
            other.connect().send("SUBSCRIBE\nid:d\ndestination:/queue/dead-letters\n\n^");
            StompFrame dead = other.message();
            assertThat(dead.headers().get("dead-letter-reason")).isEqualTo("rejected");
            assertThat(dead.headers().get("original-destination")).isEqualTo("/queue/q");
            assertThat(dead.headers().get("original-delivery-count")).isEqualTo("1");
        }

        @Test
        void Q46_requeueTrueIsAsWithout() {
            client.connect().send(subscribe("client-individual")).send(send("1"));
            client.send("NACK\nid:" + client.ackOf("1") + "\nrequeue:true\n\n^");
            assertThat(client.bodies()).containsExactly("1");
        }

        @Test
        void Q46_anotherRequeueIsAnError() {
            client.connect().send(subscribe("client-individual")).send(send("1"));
            client.send("NACK\nid:" + client.ackOf("1") + "\nrequeue:maybe\n\n^");
            StompFrame error = client.refused(Disconnect.BAD_HEADER);
            assertThat(Client.body(error))
                    .isEqualTo("expected requeue to be true or false but was maybe");
        }
    }
}
