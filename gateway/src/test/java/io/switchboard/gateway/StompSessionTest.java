package io.switchboard.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.broker.AccessRules;
import io.switchboard.broker.AccessRules.Decision;
import io.switchboard.broker.BrokerLimits;
import io.switchboard.broker.Disconnect;
import io.switchboard.stomp.StompCommand;
import io.switchboard.stomp.StompFrame;
import io.switchboard.stomp.StompHeaders;
import io.switchboard.stomp.StompVersion;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What a client sees of its session, by the rules of the STOMP specifications (their ids are those
/// of the project's list of statements: section letter and number).
class StompSessionTest {
    private final Node node = Node.local();
    private final Client client = new Client(node);

    private static void assertError(Client client, Disconnect reason, @Nullable String receipt) {
        StompFrame error = client.next();
        assertThat(error.command()).isEqualTo(StompCommand.ERROR);
        assertThat(error.headers().get("message")).isEqualTo(reason.text());
        assertThat(error.headers().get("receipt-id")).isEqualTo(receipt);
        assertThat(client.nothingCame()).as("nothing follows an ERROR").isTrue();
        assertThat(client.closed).isEqualTo(reason);
    }

    @Nested
    class Connecting {
        @Test
        void E02_E10_E11_connectIsAnsweredWithVersionSessionServerAndHeartBeat() {
            client.send("CONNECT\naccept-version:1.0,1.1,1.2\nhost:h\nlogin:alice\n\n^");
            StompFrame connected = client.next();
            assertThat(connected.command()).isEqualTo(StompCommand.CONNECTED);
            assertThat(connected.headers().get("version")).isEqualTo("1.2");
            assertThat(connected.headers().get("session")).isNotEmpty();
            assertThat(connected.headers().get("server")).matches("[^/ ]+/[^ ]+");
            assertThat(connected.headers().get("heart-beat")).isEqualTo("10000,10000");
            assertThat(connected.headers().get("user-name")).isEqualTo("alice");
        }

        @Test
        void E03_E04_aStompFrameIsAConnect() {
            client.send("STOMP\naccept-version:1.1\nhost:h\n\n^");
            assertThat(client.next().headers().get("version")).isEqualTo("1.1");
        }

        @Test
        void E09_aMissingHostStandsForTheDefault() {
            client.send("CONNECT\naccept-version:1.2\n\n^");
            assertThat(client.next().command()).isEqualTo(StompCommand.CONNECTED);
        }

        @Test
        void E12_E24_withoutAcceptVersionTheSessionIs1_0AndSaysSo() {
            client.send("CONNECT\nlogin:a\npasscode:b\n\n^");
            StompFrame connected = client.next();
            assertThat(connected.headers().get("version")).isEqualTo("1.0");
            assertThat(connected.headers().get("session")).isNotEmpty();
        }

        @Test
        void E18_E19_noCommonVersionIsAnErrorThatListsOurs() {
            client.send("CONNECT\naccept-version:2.0,9\nhost:h\n\n^");
            StompFrame error = client.next();
            assertThat(error.command()).isEqualTo(StompCommand.ERROR);
            assertThat(error.headers().get("version")).isEqualTo("1.0,1.1,1.2");
            assertThat(client.closed).isEqualTo(Disconnect.NO_COMMON_VERSION);
        }

        @Test
        void D5_acceptVersionMustHoldTheVersionOfTheSubprotocol() {
            Client other = new Client(node, new Peer("a", true, StompVersion.V1_2));
            other.send("CONNECT\naccept-version:1.0,1.1\nhost:h\n\n^");
            assertThat(other.next().command()).isEqualTo(StompCommand.ERROR);
            assertThat(other.closed).isEqualTo(Disconnect.NO_COMMON_VERSION);
        }

        @Test
        void E21_aFrameBeforeConnectIsAnError() {
            client.send("SEND\ndestination:/topic/a\nreceipt:7\n\nx^");
            assertError(client, Disconnect.WRONG_STATE, "7");
        }

        @Test
        void E22_Q37_aSecondConnectIsAnError() {
            client.connect();
            client.send("CONNECT\naccept-version:1.2\nhost:h\n\n^");
            assertError(client, Disconnect.WRONG_STATE, null);
        }

        @Test
        void C14_receiptOnConnectIsIgnored() {
            client.send("CONNECT\naccept-version:1.2\nhost:h\nreceipt:1\n\n^");
            assertThat(client.next().command()).isEqualTo(StompCommand.CONNECTED);
            assertThat(client.nothingCame()).isTrue();
        }

        @Test
        void Q31_requestIdComesBackAsResponseId() {
            client.send("CONNECT\naccept-version:1.1\nhost:h\nrequest-id:r7\n\n^");
            assertThat(client.next().headers().get("response-id")).isEqualTo("r7");
        }

        @ParameterizedTest
        @ValueSource(strings = {"0", "a,b", "-1,0", "1,2,3", "99999999999,1"})
        void F12_aBadHeartBeatIsAnError(String value) {
            client.send("CONNECT\naccept-version:1.2\nhost:h\nheart-beat:" + value + "\n\n^");
            assertError(client, Disconnect.BAD_HEADER, null);
        }

        @Test
        void aClientThatSaysNothingIsClosedInTime() {
            client.after(9_999_999_999L);
            assertThat(client.nothingCame()).isTrue();
            client.after(1);
            assertError(client, Disconnect.CONNECT_TIMEOUT, null);
        }

        @Test
        void aFrameBehindConnectIsDecodedForTheSettledVersion() {
            client.send(
                    "CONNECT\naccept-version:1.2\nhost:h\n\n^"
                            + "SUBSCRIBE\r\nid:1\r\ndestination:/topic/a\r\nreceipt:r\r\n\r\n^");
            assertThat(client.next().command()).isEqualTo(StompCommand.CONNECTED);
            assertThat(client.next().headers().get("receipt-id")).isEqualTo("r");
        }
    }

    @Nested
    class HeartBeats {
        @Test
        void F05_F06_F08_aLineEndLeavesWellBeforeThePromisedPeriod() {
            client.connect("heart-beat:0,30000");
            long second = 1_000_000_000L;
            for (int i = 0; i < 29; i++) {
                client.after(second);
            }
            assertThat(client.nothingCame()).isTrue();
            assertThat(client.heartBeats).isBetween(1, 3);
        }

        @Test
        void F05_noneWhereTheClientWantsNone() {
            client.connect("heart-beat:0,0");
            assertThat(client.session.deadlineNanos()).isEqualTo(Long.MAX_VALUE);
        }

        @Test
        void F09_aSilentClientIsEndedAfterThreePeriods() {
            client.connect("heart-beat:10000,0");
            client.after(20_000_000_000L);
            assertThat(client.pings).isEqualTo(1);
            client.after(9_999_000_000L);
            assertThat(client.nothingCame()).isTrue();
            client.after(1_000_000L);
            assertError(client, Disconnect.HEARTBEAT_MISSED, null);
            assertThat(client.pings).isEqualTo(1);
        }

        /// As a browser does whose page is in the background: its heart-beats come once a minute,
        /// its pongs at once.
        @Test
        void aClientWhoseBeatsAreLateIsKeptWhileItAnswersPings() {
            client.connect("heart-beat:10000,0");
            for (int second = 1; second <= 600; second++) {
                int asked = client.pings;
                client.after(1_000_000_000L);
                if (client.pings > asked) {
                    client.pong();
                }
                if (second % 60 == 0) {
                    client.send("\n");
                }
            }
            assertThat(client.nothingCame()).isTrue();
            assertThat(client.closed).isNull();
            assertThat(client.pings).isGreaterThanOrEqualTo(20);
        }

        @Test
        void F11_anyOctetsAreALifeSign() {
            client.connect("heart-beat:10000,0");
            client.after(20_000_000_000L);
            client.send("SE");
            client.after(29_000_000_000L);
            assertThat(client.closed).isNull();
        }

        @Test
        void aClientThatLeavesIsNotCalledSilentWhileItsCommandsComplete() {
            Node two = new Node(2, AccessRules.localOnly(), BrokerLimits.DEFAULT);
            Client leaving = new Client(two);
            leaving.connect("heart-beat:10000,0");
            for (int i = 0; i < 10; i++) {
                leaving.sendQuietly("SEND\ndestination:/topic/" + i + "\n\nx^", true);
            }
            leaving.sendQuietly("DISCONNECT\nreceipt:bye\n\n^", true);
            leaving.after(30_000_000_000L);
            assertThat(leaving.next().command()).isEqualTo(StompCommand.RECEIPT);
            assertThat(leaving.closed).isEqualTo(Disconnect.NORMAL);
        }

        @Test
        void F13_a1_0SessionHasNone() {
            client.send("CONNECT\nheart-beat:1000,1000\n\n^");
            assertThat(client.next().command()).isEqualTo(StompCommand.CONNECTED);
            assertThat(client.session.deadlineNanos()).isEqualTo(Long.MAX_VALUE);
        }
    }

    @Nested
    class SendAndSubscribe {
        @Test
        void G06_K01_K03_K05_aSubscriberGetsTheMessageWithItsHeaders() {
            client.connect();
            client.send("SUBSCRIBE\nid:s 1\ndestination:/topic/a\n\n^");
            client.send("SEND\ndestination:/topic/a\nfoo:b\\cr\ncontent-type:text/plain\n\nhello^");
            StompFrame message = client.next();
            assertThat(message.command()).isEqualTo(StompCommand.MESSAGE);
            assertThat(message.headers().get("subscription")).isEqualTo("s 1");
            assertThat(message.headers().get("destination")).isEqualTo("/topic/a");
            assertThat(message.headers().get("foo")).isEqualTo("b:r");
            assertThat(message.headers().get("content-type")).isEqualTo("text/plain");
            assertThat(message.headers().get("content-length")).isEqualTo("5");
            assertThat(message.headers().get("message-id")).isNotEmpty();
            assertThat(Client.body(message)).isEqualTo("hello");
        }

        @Test
        void K02_messageIdsAreUnique() {
            client.connect();
            client.send("SUBSCRIBE\nid:1\ndestination:/topic/a\n\n^");
            client.send("SEND\ndestination:/topic/a\n\nx^SEND\ndestination:/topic/a\n\nx^");
            assertThat(client.next().headers().get("message-id"))
                    .isNotEqualTo(client.next().headers().get("message-id"));
        }

        @Test
        void aNameWithSpaceAroundItIsNoWayToForgeOne() {
            client.connect();
            client.send("SUBSCRIBE\nid:1\ndestination:/topic/a\n\n^");
            client.send(
                    "SEND\ndestination:/topic/a\nuser-name :root\n\ttimestamp:1\n"
                            + "\u00a0redelivered:true\n my own :x\n\n^");
            StompHeaders headers = client.next().headers();
            List<String> names = new ArrayList<>();
            for (int i = 0; i < headers.size(); i++) {
                names.add(headers.name(i));
            }
            assertThat(names)
                    .containsExactly("subscription", "message-id", "destination", " my own ");
        }

        @Test
        void K07_K08_whatOnlyTheServerSetsCannotBeForged() {
            client.connect();
            client.send("SUBSCRIBE\nid:1\ndestination:/topic/a\n\n^");
            client.send(
                    "SEND\ndestination:/topic/a\nmessage-id:forged\nsubscription:9\nack:9\n"
                            + "redelivered:true\nuser-name:root\nreceipt:r\n\nx^");
            StompFrame message = client.next();
            assertThat(message.headers().get("message-id")).isNotEqualTo("forged");
            assertThat(message.headers().get("subscription")).isEqualTo("1");
            for (String name : List.of("ack", "redelivered", "user-name", "receipt")) {
                assertThat(message.headers().get(name)).as(name).isNull();
            }
            assertThat(client.next().command())
                    .as("a MESSAGE to oneself comes before the RECEIPT of its SEND")
                    .isEqualTo(StompCommand.RECEIPT);
        }

        @Test
        void D01_Q20_ofARepeatedHeaderTheFirstTravelsOn() {
            client.connect();
            client.send("SUBSCRIBE\nid:1\ndestination:/topic/a\n\n^");
            client.send("SEND\ndestination:/topic/a\nx:1\nx:2\n\n^");
            StompFrame message = client.next();
            assertThat(message.headers().get("x")).isEqualTo("1");
            assertThat(message.headers().toString()).doesNotContain("2,");
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "SEND\nreceipt:r\n\nx^",
                    "SUBSCRIBE\nid:1\nreceipt:r\n\n^",
                    "SUBSCRIBE\ndestination:/topic/a\nreceipt:r\n\n^",
                    "UNSUBSCRIBE\nreceipt:r\n\n^"
                })
        void G01_G06_G14_J11_J12_aMissingHeaderIsAnErrorWithTheReceiptId(String frame) {
            client.connect();
            client.send(frame);
            assertError(client, Disconnect.MISSING_HEADER, "r");
        }

        @ParameterizedTest
        @ValueSource(
                strings = {"/queue/*", "topic/a", "/topic/", "/topic//a", "/topic/*", "/topic/a.#"})
        void G02_aDestinationThatCannotBeSentToIsAnError(String destination) {
            client.connect();
            client.send("SEND\ndestination:" + destination + "\nreceipt:r\n\nx^");
            assertError(client, Disconnect.BAD_DESTINATION, "r");
        }

        @Test
        void G08_G09_Q41_anIdIsUniqueAndMayBeUsedAgain() {
            client.connect();
            client.send("SUBSCRIBE\nid:1\ndestination:/topic/a\n\n^");
            client.send("UNSUBSCRIBE\nid:1\n\n^SUBSCRIBE\nid:1\ndestination:/topic/b\n\n^");
            assertThat(client.nothingCame()).isTrue();
            client.send("SUBSCRIBE\nid:1\ndestination:/topic/c\nreceipt:r\n\n^");
            assertError(client, Disconnect.DUPLICATE_SUBSCRIPTION, "r");
        }

        @Test
        void G10_G11_anUnknownAckModeIsAnError() {
            client.connect();
            client.send("SUBSCRIBE\nid:1\ndestination:/topic/a\nack:maybe\n\n^");
            assertError(client, Disconnect.BAD_HEADER, null);
        }

        @Test
        void G13_Q40_a1_0SubscriptionWithoutIdIsKnownByItsDestination() {
            client.send("CONNECT\n\n^");
            assertThat(client.next().command()).isEqualTo(StompCommand.CONNECTED);
            client.send("SUBSCRIBE\ndestination:/topic/a\n\n^SEND\ndestination:/topic/a\n\nx^");
            assertThat(client.next().headers().get("subscription")).isNull();
            client.send("UNSUBSCRIBE\ndestination:/topic/a\n\n^SEND\ndestination:/topic/a\n\nx^");
            assertThat(client.nothingCame()).isTrue();
            assertThat(client.closed).isNull();
        }

        @Test
        void G15_Q45_nothingComesAfterTheReceiptOfUnsubscribe() {
            client.connect();
            client.send("SUBSCRIBE\nid:1\ndestination:/topic/a\n\n^");
            client.send(
                    "SEND\ndestination:/topic/a\n\n1^UNSUBSCRIBE\nid:1\nreceipt:u\n\n^"
                            + "SEND\ndestination:/topic/a\n\n2^");
            assertThat(Client.body(client.next())).isEqualTo("1");
            assertThat(client.next().headers().get("receipt-id")).isEqualTo("u");
            assertThat(client.nothingCame()).isTrue();
        }

        @Test
        void G16_anUnknownIdIsAnError() {
            client.connect();
            client.send("UNSUBSCRIBE\nid:1\nreceipt:r\n\n^");
            assertError(client, Disconnect.UNKNOWN_SUBSCRIPTION, "r");
        }

        @Test
        void G17_overlappingSubscriptionsEachGetTheirOwnCopy() {
            client.connect();
            client.send(
                    "SUBSCRIBE\nid:1\ndestination:/topic/a.b\n\n^"
                            + "SUBSCRIBE\nid:2\ndestination:/topic/a.*\n\n^"
                            + "SEND\ndestination:/topic/a.b\n\nx^");
            List<@Nullable String> ids = new ArrayList<>();
            ids.add(client.next().headers().get("subscription"));
            ids.add(client.next().headers().get("subscription"));
            assertThat(ids).containsExactlyInAnyOrder("1", "2");
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "SEND\ndestination:/topic/a\ntransaction:t\nreceipt:r\n\nx^",
                    "COMMIT\ntransaction:t\nreceipt:r\n\n^",
                    "ABORT\ntransaction:t\nreceipt:r\n\n^"
                })
        void I07_aTransactionThatIsNotOpenIsAnError(String frame) {
            client.connect();
            client.send(frame);
            assertError(client, Disconnect.UNKNOWN_TRANSACTION, "r");
        }

        @Test
        void H14_anAcknowledgementOfNothingIsAnError() {
            client.connect();
            client.send("ACK\nid:1\nreceipt:r\n\n^");
            assertError(client, Disconnect.UNKNOWN_DELIVERY, "r");
        }

        @Test
        void B11_aMessageIsEncodedForEachReceiversVersion() {
            Client old = new Client(node);
            old.send("CONNECT\n\n^").next();
            old.send("SUBSCRIBE\nid:1\ndestination:/topic/a\n\n^");
            client.connect();
            client.send("SUBSCRIBE\nid:1\ndestination:/topic/a\n\n^");
            client.send("SEND\ndestination:/topic/a\nk:a\\cb\n\n^");
            client.next();
            old.next();
            assertThat(client.pieces.getLast()).contains("k:a\\cb");
            assertThat(old.pieces.getLast()).contains("k:a:b");
        }
    }

    @Nested
    class TextAndBinary {
        @Test
        void N06_Q4_theAnswerIsTextUntilTheClientSpeaksBinary() {
            client.connect();
            client.send("SUBSCRIBE\nid:1\ndestination:/topic/a\n\n^");
            client.send("SEND\ndestination:/topic/a\n\nx^").next();
            assertThat(client.pieces.getLast()).startsWith("T");
            client.send("\n", false);
            client.send("SEND\ndestination:/topic/a\n\nx^").next();
            assertThat(client.pieces.getLast()).as("line ends alone say nothing").startsWith("T");
            client.send("SEND\ndestination:/topic/a\n\nx^", false).next();
            assertThat(client.pieces.getLast()).startsWith("B");
        }

        @Test
        void N06_aBodyThatIsNotUtf8LeavesInABinaryMessage() {
            client.connect();
            client.send("SUBSCRIBE\nid:1\ndestination:/topic/a\n\n^");
            Client binary = new Client(node);
            binary.connect();
            byte[] frame = "SEND\ndestination:/topic/a\n\n?^".replace('^', '\0').getBytes();
            frame[frame.length - 2] = (byte) 0xff;
            binary.session.receive(ByteBuffer.wrap(frame), false, node.nowNanos);
            node.settle();
            client.next();
            assertThat(client.pieces.getLast()).startsWith("B");
        }

        @Test
        void N07_A14_oneFrameMayComeInManyPieces() {
            client.connect();
            client.send("SUBSCRIBE\nid:1\ndestination:/topic/a\n\n^");
            for (char c : "SEND\ndestination:/topic/a\ncontent-length:2\n\nxy^".toCharArray()) {
                client.send(String.valueOf(c));
            }
            assertThat(Client.body(client.next())).isEqualTo("xy");
        }

        @Test
        void N08_Q5_everyFrameIsOneMessageOnItsOwn() {
            client.connect();
            client.send("SUBSCRIBE\nid:1\ndestination:/topic/a\n\n^");
            client.send("SEND\ndestination:/topic/a\n\n1^SEND\ndestination:/topic/a\n\n2^");
            client.next();
            assertThat(client.pieces.subList(client.pieces.size() - 2, client.pieces.size()))
                    .allSatisfy(piece -> assertThat(piece).startsWith("TMESSAGE").endsWith("\0"));
        }
    }

    @Nested
    class ReceiptsAndEnds {
        @Test
        void C13_J05_everyFrameThatAsksGetsItsReceipt() {
            client.connect();
            client.send(
                    "SUBSCRIBE\nid:1\ndestination:/topic/a\nreceipt:a\\cb\n\n^"
                            + "SEND\ndestination:/topic/z\nreceipt:2\n\nx^"
                            + "UNSUBSCRIBE\nid:1\nreceipt:3\n\n^");
            for (String id : List.of("a:b", "2", "3")) {
                StompFrame receipt = client.next();
                assertThat(receipt.command()).isEqualTo(StompCommand.RECEIPT);
                assertThat(receipt.headers().get("receipt-id")).isEqualTo(id);
                assertThat(receipt.body().remaining()).isZero();
            }
        }

        @Test
        void J01_J03_Q35_disconnectIsAnsweredAndThenTheConnectionCloses() {
            client.connect();
            client.send("SEND\ndestination:/topic/a\nreceipt:1\n\nx^DISCONNECT\nreceipt:2\n\n^");
            assertThat(client.next().headers().get("receipt-id")).isEqualTo("1");
            assertThat(client.next().headers().get("receipt-id")).isEqualTo("2");
            assertThat(client.closed).isEqualTo(Disconnect.NORMAL);
        }

        @Test
        void J02_framesAfterDisconnectAreIgnored() {
            client.connect();
            client.send("DISCONNECT\n\n^SEND\n\n^");
            assertThat(client.nothingCame()).as("Q30: no ERROR on a clean DISCONNECT").isTrue();
            assertThat(client.closed).isEqualTo(Disconnect.NORMAL);
        }

        @Test
        void J03_theReceiptOfDisconnectWaitsForWhatOtherShardsHaveNotTaken() {
            Node two = new Node(2, AccessRules.localOnly(), BrokerLimits.DEFAULT);
            Client publisher = new Client(two, new Peer("a", true, null), 0).connect();
            List<Client> subscribers = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                Client subscriber = new Client(two, new Peer("a", true, null), 1).connect();
                subscriber.send("SUBSCRIBE\nid:1\ndestination:/topic/" + i + "\n\n^");
                subscribers.add(subscriber);
            }
            for (int i = 0; i < 8; i++) {
                publisher.sendQuietly("SEND\ndestination:/topic/" + i + "\n\nx^", true);
            }
            publisher.sendQuietly("DISCONNECT\nreceipt:d\n\n^", true);
            two.shards.get(0).endTurn();
            assertThat(publisher.nothingCame()).as("the other shard has not answered").isTrue();
            two.settle();
            assertThat(publisher.next().headers().get("receipt-id")).isEqualTo("d");
            assertThat(subscribers).noneMatch(Client::nothingCame);
        }

        @Test
        void J02_nonsenseBehindDisconnectDoesNotCostItsReceipt() {
            Node two = new Node(2, AccessRules.localOnly(), BrokerLimits.DEFAULT);
            Client publisher = new Client(two, new Peer("a", true, null), 0).connect();
            StringBuilder frames = new StringBuilder();
            for (int i = 0; i < 8; i++) {
                frames.append("SEND\ndestination:/topic/").append(i).append("\n\nx^");
            }
            publisher.send(frames + "DISCONNECT\nreceipt:d\n\n^NONSENSE\n\n^");
            assertThat(publisher.next().headers().get("receipt-id")).isEqualTo("d");
            assertThat(publisher.closed).isEqualTo(Disconnect.NORMAL);
        }

        @Test
        void whatWasAskedBeforeTheEndOfTheInputIsDoneAndAnswered() {
            Node two = new Node(2, AccessRules.localOnly(), BrokerLimits.DEFAULT);
            Client publisher = new Client(two, new Peer("a", true, null), 0).connect();
            StringBuilder frames = new StringBuilder();
            for (int i = 0; i < 8; i++) {
                frames.append("SEND\ndestination:/topic/" + i + "\nreceipt:" + i + "\n\nx^");
            }
            publisher.sendQuietly(frames.toString(), true);
            assertThat(publisher.session.inputEnded(two.nowNanos)).isTrue();
            assertThat(publisher.closed).isNull();
            two.settle();
            List<String> receipts = new ArrayList<>();
            while (!publisher.nothingCame()) {
                receipts.add(String.valueOf(publisher.next().headers().get("receipt-id")));
            }
            assertThat(receipts).containsExactlyInAnyOrder("0", "1", "2", "3", "4", "5", "6", "7");
            assertThat(publisher.closed).isEqualTo(Disconnect.GONE);
        }

        @Test
        void whoeverNeverConnectedHasNothingToWaitForAtTheEndOfTheInput() {
            assertThat(client.session.inputEnded(node.nowNanos)).isFalse();
        }

        @Test
        void aDecisionThatNeverComesDoesNotKeepAClientWhoseInputEnded() {
            AccessRules silent =
                    (principal, action, destination, answer) ->
                            action == AccessRules.Action.CONNECT
                                    ? Decision.ALLOWED
                                    : Decision.PENDING;
            Node asking = new Node(1, silent, BrokerLimits.DEFAULT);
            Client waiting = new Client(asking).connect();
            waiting.send("SEND\ndestination:/topic/a\n\nx^");
            assertThat(waiting.session.inputEnded(asking.nowNanos)).isTrue();
            waiting.after(5_000_000_000L);
            assertThat(waiting.ending).isEqualTo(Disconnect.GONE);
            assertThat(waiting.closed).isEqualTo(Disconnect.GONE);
        }

        @Test
        void J09_J14_theConnectionClosesOnlyWhenTheErrorHasLeft() {
            client.connect();
            client.writable = false;
            client.send("NONSENSE\n\n^");
            assertThat(client.closed).isNull();
            client.writable = true;
            client.session.writable();
            node.settle();
            assertError(client, Disconnect.MALFORMED_FRAME, null);
        }

        @Test
        void aClientThatDoesNotReadItsErrorIsClosedInTime() {
            client.connect();
            client.writable = false;
            client.send("NONSENSE\n\n^");
            client.after(0);
            client.after(4_999_999_999L);
            assertThat(client.closed).isNull();
            client.after(1);
            assertThat(client.closed).isEqualTo(Disconnect.MALFORMED_FRAME);
            client.writable = true;
            client.session.writable();
            node.settle();
            assertThat(client.nothingCame()).as("behind the transport's last word").isTrue();
        }

        @Test
        void D06_aBodyOverTheLimitIsAnErrorThatNamesIt() {
            client.connect();
            client.send("SEND\ndestination:/topic/a\ncontent-length:1048577\n\n");
            StompFrame error = client.next();
            assertThat(error.headers().get("message")).isEqualTo(Disconnect.BODY_TOO_LARGE.text());
            assertThat(Client.body(error)).contains("1048576").contains("1048577");
        }

        @Test
        void aShutdownEndsTheSessionBehindWhatWaits() {
            client.connect();
            client.send("SUBSCRIBE\nid:1\ndestination:/topic/a\n\n^");
            client.sendQuietly("SEND\ndestination:/topic/a\n\nx^", true);
            client.session.shutdown(node.nowNanos);
            node.settle();
            assertThat(client.next().command()).isEqualTo(StompCommand.MESSAGE);
            assertThat(client.closed).isEqualTo(Disconnect.SHUTDOWN);
        }
    }

    @Nested
    class Access {
        @Test
        void nothingIsAllowedToWhoIsNotLocal() {
            Client far = new Client(node, new Peer("192.0.2.1:5", false, null));
            far.send("CONNECT\naccept-version:1.2\nhost:h\n\n^");
            assertError(far, Disconnect.ACCESS_DENIED, null);
        }

        @Test
        void whileADecisionIsPendingNothingFurtherIsDecoded() {
            List<Consumer<Decision>> questions = new ArrayList<>();
            AccessRules slow =
                    (principal, action, destination, answer) -> {
                        questions.add(answer);
                        return Decision.PENDING;
                    };
            Node asking = new Node(1, slow, BrokerLimits.DEFAULT);
            Client waiting = new Client(asking);
            waiting.send(
                    "CONNECT\naccept-version:1.2\nhost:h\n\n^"
                            + "SUBSCRIBE\nid:1\ndestination:/topic/a\nreceipt:s\n\n^");
            assertThat(questions).hasSize(1);
            assertThat(waiting.session.parked()).isTrue();
            questions.get(0).accept(Decision.ALLOWED);
            asking.settle();
            assertThat(waiting.next().command()).isEqualTo(StompCommand.CONNECTED);
            assertThat(questions).hasSize(2);
            assertThat(waiting.nothingCame()).isTrue();
            questions.get(1).accept(new Decision.Denied("not you"));
            asking.settle();
            StompFrame error = waiting.next();
            assertThat(error.headers().get("receipt-id")).isEqualTo("s");
            assertThat(Client.body(error)).isEqualTo("not you");
        }

        @Test
        void aUsersTopicReachesAllSessionsOfThatUserAndNobodyElse() {
            client.connect("login:alice");
            Client second = new Client(node).connect("login:alice");
            Client bob = new Client(node).connect("login:bob");
            for (Client each : List.of(client, second, bob)) {
                each.send("SUBSCRIBE\nid:1\ndestination:/user/topic/news\n\n^");
            }
            bob.send("SEND\ndestination:/user/alice/topic/news\n\nhi^");
            assertThat(Client.body(client.next())).isEqualTo("hi");
            assertThat(Client.body(second.next())).isEqualTo("hi");
            assertThat(bob.nothingCame()).isTrue();
            bob.send("SUBSCRIBE\nid:2\ndestination:/user/alice/topic/news\n\n^");
            assertError(bob, Disconnect.BAD_DESTINATION, null);
        }
    }
}
