package io.switchboard.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.broker.AccessRules;
import io.switchboard.broker.BrokerLimits;
import io.switchboard.broker.Disconnect;
import io.switchboard.stomp.StompCommand;
import io.switchboard.stomp.StompFrame;
import io.switchboard.stomp.StompHeaders;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What the specifications say of connecting, of receipts and errors, and of WebSocket messages,
/// beside what [StompSessionTest] shows.
class FramesTest {
    private final Node node = Node.local();
    private final Client client = new Client(node);

    @Nested
    class Connecting {
        @Test
        void E07_loginPasscodeAndHeartBeatAreOptional() {
            client.send("CONNECT\naccept-version:1.2\nhost:h\n\n^");
            StompHeaders connected = client.next().headers();
            assertThat(connected.contains("user-name")).isFalse();
        }

        @ParameterizedTest
        @ValueSource(strings = {"localhost", "example.org", "/", ""})
        void E08_anyHostStandsForTheOneThatThereIs(String host) {
            client.send("CONNECT\naccept-version:1.2\nhost:" + host + "\n\n^");
            assertThat(client.next().command()).isEqualTo(StompCommand.CONNECTED);
        }

        @Test
        void E20_whoMayNotConnectIsToldWhy() {
            AccessRules nobody =
                    (principal, action, destination, answer) ->
                            new AccessRules.Decision.Denied("closed on Sundays");
            Client late = new Client(new Node(1, nobody, BrokerLimits.DEFAULT));
            late.send("CONNECT\naccept-version:1.2\nhost:h\n\n^");
            assertThat(Client.body(late.refused(Disconnect.ACCESS_DENIED)))
                    .isEqualTo("closed on Sundays");
        }

        @Test
        void E23_connectionsMayComeAndGoQuickly() {
            for (int i = 0; i < 1_000; i++) {
                Client brief = new Client(node).connect();
                brief.send("SUBSCRIBE\nid:1\ndestination:/topic/a\n\n^DISCONNECT\nreceipt:d\n\n^");
                assertThat(brief.next().headers().get("receipt-id")).isEqualTo("d");
                brief.session.closed();
            }
            client.connect().send("SEND\ndestination:/topic/a\nreceipt:r\n\n^");
            assertThat(client.next().headers().get("receipt-id")).isEqualTo("r");
        }
    }

    @Nested
    class Receipts {
        @Test
        void C12_everyFrameButConnectMayAskForOneWithAnyValue() {
            client.connect();
            client.send("SUBSCRIBE\nid:s\ndestination:/queue/q\nack:client\nreceipt:a\\cb c\n\n^");
            client.send("SEND\ndestination:/queue/q\nreceipt:SEND\n\n1^");
            assertThat(client.next().headers().get("receipt-id")).isEqualTo("a:b c");
            String first = client.ackOf("1");
            assertThat(client.next().headers().get("receipt-id")).isEqualTo("SEND");
            client.send("NACK\nid:" + first + "\nreceipt:NACK\n\n^");
            assertThat(client.next().headers().get("receipt-id")).isEqualTo("NACK");
            String ack = client.ackOf("1");
            client.send("ACK\nid:" + ack + "\nreceipt:ACK\n\n^");
            for (String command : new String[] {"BEGIN", "COMMIT", "BEGIN", "ABORT"}) {
                client.send(command + "\ntransaction:t\nreceipt:" + command + "\n\n^");
            }
            client.send("UNSUBSCRIBE\nid:s\nreceipt:UNSUBSCRIBE\n\n^");
            client.send("DISCONNECT\nreceipt:DISCONNECT\n\n^");
            for (String expected :
                    new String[] {
                        "ACK", "BEGIN", "COMMIT", "BEGIN", "ABORT", "UNSUBSCRIBE", "DISCONNECT"
                    }) {
                StompFrame receipt = client.next();
                assertThat(receipt.command()).isEqualTo(StompCommand.RECEIPT);
                assertThat(receipt.headers().get("receipt-id")).isEqualTo(expected);
                assertThat(receipt.body().hasRemaining()).isFalse();
            }
        }

        @Test
        void J06_aReceiptMeansDone() {
            Client other = new Client(node).connect();
            client.connect().send("SUBSCRIBE\nid:s\ndestination:/queue/q\nreceipt:s\n\n^");
            assertThat(client.next().headers().get("receipt-id")).isEqualTo("s");
            other.send("SEND\ndestination:/queue/q\nreceipt:1\n\n1^");
            assertThat(other.next().headers().get("receipt-id")).isEqualTo("1");
            assertThat(client.bodies()).as("SUBSCRIBE: it is active").containsExactly("1");
            client.send("UNSUBSCRIBE\nid:s\nreceipt:u\n\n^");
            assertThat(client.next().headers().get("receipt-id")).isEqualTo("u");
            other.send("SEND\ndestination:/queue/q\nreceipt:2\n\n2^");
            assertThat(client.nothingCame()).as("UNSUBSCRIBE: nothing more comes").isTrue();
        }

        @Test
        void J07_whatCameBeforeADisconnectIsDone() {
            Client other = new Client(node).connect();
            other.send("SUBSCRIBE\nid:s\ndestination:/queue/q\n\n^");
            client.connect();
            client.send(
                    "SEND\ndestination:/queue/q\n\n1^SEND\ndestination:/queue/q\n\n2^"
                            + "DISCONNECT\n\n^");
            assertThat(other.bodies()).containsExactly("1", "2");
        }

        @Test
        void J04_aClientMayGoWithoutAWord() {
            client.connect().send("SUBSCRIBE\nid:s\ndestination:/topic/a\n\n^");
            client.session.closed();
            client.session.closed();
            node.settle();
            assertThat(client.nothingCame()).isTrue();
        }
    }

    @Nested
    class Errors {
        @Test
        void J08_J10_J13_anErrorHasAShortTextAndABodyWithMore() {
            client.connect().send("SEND\ndestination:/nowhere\n\n^");
            StompFrame error = client.refused(Disconnect.BAD_DESTINATION);
            assertThat(error.headers().get("message")).isEqualTo("bad destination");
            assertThat(error.headers().get("content-type")).isEqualTo("text/plain;charset=utf-8");
            assertThat(error.headers().get("content-length"))
                    .isEqualTo("" + error.body().remaining());
            assertThat(Client.body(error)).startsWith("expected /topic/…");
        }
    }

    @Nested
    class Messages {
        @Test
        void G03_aDestinationIsComparedAsItIs() {
            client.connect();
            client.send("SUBSCRIBE\nid:1\ndestination:/topic/a.b\n\n^");
            for (String other :
                    new String[] {"/topic/a/b", "/topic/A.b", "/topic/a.b ", "/queue/a.b"}) {
                client.send("SEND\ndestination:" + other + "\n\n^");
            }
            assertThat(client.nothingCame()).isTrue();
            client.send("SEND\ndestination:/topic/a.b\n\nx^");
            assertThat(client.bodies()).containsExactly("x");
        }

        @Test
        void K04_aBodyComesWithItsLengthAndItsType() {
            client.connect().send("SUBSCRIBE\nid:1\ndestination:/topic/a\n\n^");
            client.send("SEND\ndestination:/topic/a\ncontent-type:application/json\n\n\"é\"^");
            StompHeaders headers = client.message().headers();
            assertThat(headers.get("content-length")).isEqualTo("4");
            assertThat(headers.get("content-type")).isEqualTo("application/json");
        }

        @Test
        void D03_K06_whatTheServerAddsStandsFirst() {
            client.connect().send("SUBSCRIBE\nid:1\ndestination:/queue/q\nack:client\n\n^");
            client.send("SEND\nfoo:bar\ndestination:/queue/q\n\n^");
            StompHeaders headers = client.message().headers();
            int own = headers.indexOf("foo");
            for (String name : new String[] {"subscription", "message-id", "destination", "ack"}) {
                assertThat(headers.indexOf(name)).as(name).isBetween(0, own - 1);
            }
            assertThat(headers.get("timestamp")).isNotEmpty();
        }
    }

    @Nested
    class OverWebSocket {
        @Test
        void N05_textAndBinaryMessagesMayBeMixedWithinAFrame() {
            client.connect().send("SUBSCRIBE\nid:1\ndestination:/topic/a\n\n^", false);
            client.send("SEND\ndesti", true)
                    .send("nation:/topic/a\n\nhe", false)
                    .send("llo^", true);
            assertThat(client.bodies()).containsExactly("hello");
        }

        @Test
        void N09_Q6_aHeartBeatIsALineEndAloneInItsMessage() {
            client.connect("heart-beat:0,10000");
            client.pieces.clear();
            client.after(5_000_000_000L);
            client.after(5_000_000_000L);
            assertThat(client.nothingCame()).isTrue();
            assertThat(client.pieces).containsExactly("T\n");
        }

        @Test
        void N10_Q5_Q7_everyFrameEndsInItsNul() {
            client.connect("receipt:no").send("SUBSCRIBE\nid:1\ndestination:/topic/a\n\n^");
            client.send("SEND\ndestination:/topic/a\nreceipt:r\n\nx^SEND\ndestination:/no\n\n^");
            while (!client.nothingCame()) {
                client.next();
            }
            assertThat(client.pieces).hasSize(4).allMatch(piece -> piece.endsWith("\0"));
        }

        @Test
        void N12_aLargeBodyMayComeInOneMessage() {
            client.connect().send("SUBSCRIBE\nid:1\ndestination:/topic/a\n\n^");
            String body = "x".repeat(1 << 20);
            client.send("SEND\ndestination:/topic/a\n\n" + body + "^");
            assertThat(Client.body(client.message())).isEqualTo(body);
        }
    }
}
