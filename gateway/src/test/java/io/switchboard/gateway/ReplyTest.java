package io.switchboard.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.broker.AccessRules;
import io.switchboard.broker.AccessRules.Action;
import io.switchboard.broker.AccessRules.Decision;
import io.switchboard.broker.BrokerLimits;
import io.switchboard.broker.Disconnect;
import io.switchboard.stomp.StompFrame;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Request and reply over temporary queues, with and without a subscription of the client's own.
class ReplyTest {
    private final Node node = new Node(2, AccessRules.localOnly(), BrokerLimits.DEFAULT);
    private final Client client = new Client(node).connect();
    private final Client service =
            new Client(node, new Peer("127.0.0.1:6", true, null), 1).connect();

    private static String request(String replyTo, String more) {
        return "SEND\ndestination:/queue/service\nreply-to:"
                + replyTo
                + "\ncorrelation-id:7\n"
                + more
                + "\nask^";
    }

    private void serve() {
        service.send("SUBSCRIBE\nid:1\ndestination:/queue/service\n\n^");
    }

    private String replyTo() {
        StompFrame request = service.message();
        assertThat(request.headers().get("correlation-id")).isEqualTo("7");
        return Objects.requireNonNull(request.headers().get("reply-to"));
    }

    private void answer(String body) {
        service.send("SEND\ndestination:" + replyTo() + "\n\n" + body + "^");
    }

    @Test
    void Q45_anAnswerComesWithoutASubscriptionOfTheClientsOwn() {
        serve();
        client.send(request("/temp-queue/foo", "receipt:r\n"));
        assertThat(client.next().headers().get("receipt-id")).isEqualTo("r");
        answer("yes");
        StompFrame answer = client.message();
        assertThat(answer.headers().get("subscription")).isEqualTo("/temp-queue/foo");
        assertThat(answer.headers().get("destination")).isEqualTo("/temp-queue/foo");
        assertThat(answer.headers().get("ack")).isNull();
        assertThat(Client.body(answer)).isEqualTo("yes");
    }

    @Test
    void furtherRequestsUseTheSameQueue() {
        serve();
        client.send(request("/temp-queue/foo", "") + request("/temp-queue/foo", ""));
        answer("1");
        answer("2");
        assertThat(client.bodies()).containsExactly("1", "2");
    }

    @Test
    void theNameIsNobodyElsesAndCannotBeRead() {
        serve();
        client.send(request("/temp-queue/foo", ""));
        String name = replyTo();
        assertThat(name).startsWith("/temp-queue/").isNotEqualTo("/temp-queue/foo");
        Client thief = new Client(node).connect();
        thief.send("SUBSCRIBE\nid:1\ndestination:" + name + "\n\n^");
        thief.refused(Disconnect.BAD_DESTINATION);
    }

    @Test
    void anOwnSubscriptionGetsTheAnswersAlone() {
        serve();
        client.send("SUBSCRIBE\nid:mine\ndestination:/temp-queue/foo\nack:client\n\n^");
        client.send(request("/temp-queue/foo", ""));
        answer("yes");
        StompFrame answer = client.message();
        assertThat(answer.headers().get("subscription")).isEqualTo("mine");
        assertThat(answer.headers().get("destination")).isEqualTo("/temp-queue/foo");
        assertThat(client.nothingCame()).isTrue();
    }

    @Test
    void anOwnSubscriptionTakesThePlaceOfTheOther() {
        serve();
        client.send(request("/temp-queue/foo", "") + request("/temp-queue/foo", ""));
        client.send("SUBSCRIBE\nid:mine\ndestination:/temp-queue/foo\nreceipt:s\n\n^");
        assertThat(client.next().headers().get("receipt-id")).isEqualTo("s");
        for (int i = 0; i < 2; i++) {
            answer("yes");
            assertThat(client.message().headers().get("subscription")).isEqualTo("mine");
        }
        client.send("UNSUBSCRIBE\nid:/temp-queue/foo\n\n^");
        client.refused(Disconnect.UNKNOWN_SUBSCRIPTION);
    }

    @Test
    void itMayHaveTheSameId() {
        serve();
        client.send(request("/temp-queue/foo", ""));
        client.send(
                "SUBSCRIBE\nid:/temp-queue/foo\ndestination:/temp-queue/foo\nack:client\n"
                        + "receipt:s\n\n^");
        assertThat(client.next().headers().get("receipt-id")).isEqualTo("s");
        answer("yes");
        assertThat(client.message().headers().get("ack")).isNotEmpty();
    }

    @Test
    void afterUnsubscribeTheNextRequestSubscribesAgain() {
        serve();
        client.send(request("/temp-queue/foo", "") + "UNSUBSCRIBE\nid:/temp-queue/foo\n\n^");
        answer("nobody hears");
        client.send(request("/temp-queue/foo", ""));
        answer("yes");
        assertThat(client.bodies()).containsExactly("yes");
    }

    @Test
    void aServiceMayPassTheRequestOn() {
        serve();
        client.send(request("/temp-queue/foo", ""));
        Client second = new Client(node).connect();
        second.send("SUBSCRIBE\nid:1\ndestination:/queue/second\n\n^");
        service.send("SEND\ndestination:/queue/second\nreply-to:" + replyTo() + "\n\nask^");
        String name = second.message().headers().get("reply-to");
        second.send("SEND\ndestination:" + name + "\n\nyes^");
        assertThat(client.bodies()).containsExactly("yes");
        assertThat(service.nothingCame()).isTrue();
    }

    @Test
    void theSendWaitsUntilTheSubscriptionIsAllowed() {
        List<Consumer<Decision>> questions = new ArrayList<>();
        AccessRules slow =
                (principal, action, destination, answer) -> {
                    if (action != Action.SUBSCRIBE || !destination.startsWith("/temp-queue")) {
                        return Decision.ALLOWED;
                    }
                    questions.add(answer);
                    return Decision.PENDING;
                };
        Node asking = new Node(1, slow, BrokerLimits.DEFAULT);
        Client asks = new Client(asking).connect("soft-errors:true");
        asks.send("SUBSCRIBE\nid:1\ndestination:/queue/service\n\n^");
        asks.send(
                request("/temp-queue/a", "receipt:1\n") + request("/temp-queue/b", "receipt:2\n"));
        assertThat(asks.nothingCame()).isTrue();
        questions.get(0).accept(Decision.ALLOWED);
        asking.settle();
        assertThat(Client.body(asks.message())).isEqualTo("ask");
        assertThat(asks.next().headers().get("receipt-id")).isEqualTo("1");
        assertThat(asks.nothingCame()).isTrue();
        questions.get(1).accept(new Decision.Denied("no answers for you"));
        asking.settle();
        StompFrame error = asks.error(Disconnect.ACCESS_DENIED);
        assertThat(error.headers().get("receipt-id")).as("that of the SEND").isEqualTo("2");
        assertThat(error.headers().get("subscription")).isEqualTo("/temp-queue/b");
        assertThat(asks.nothingCame()).as("nothing was sent").isTrue();
        asks.send("SEND\ndestination:/queue/service\nreceipt:3\n\nplain^");
        assertThat(Client.body(asks.message())).isEqualTo("plain");
        assertThat(asks.next().headers().get("receipt-id")).isEqualTo("3");
    }

    @Test
    void whoMayNotHearAnswersMayNotAsk() {
        AccessRules noAnswers =
                (principal, action, destination, answer) ->
                        action == Action.SUBSCRIBE
                                ? new Decision.Denied("no answers for you")
                                : Decision.ALLOWED;
        Client asks = new Client(new Node(1, noAnswers, BrokerLimits.DEFAULT)).connect();
        asks.send(request("/temp-queue/a", "receipt:1\n"));
        assertThat(asks.refused(Disconnect.ACCESS_DENIED).headers().get("receipt-id"))
                .isEqualTo("1");
    }

    @Test
    void anotherReplyToTravelsAsItIs() {
        serve();
        client.send(request("/queue/answers", ""));
        assertThat(replyTo()).isEqualTo("/queue/answers");
        client.send(request("whoever", ""));
        assertThat(replyTo()).isEqualTo("whoever");
    }

    @Test
    void aReplyToThatNobodyCouldAnswerToIsAnError() {
        client.send(request("/temp-topic/foo", ""));
        assertThat(Client.body(client.refused(Disconnect.UNSUPPORTED)))
                .startsWith("reply-to:/temp-topic/foo is not supported: ");
    }

    /// Whoever answers there is refused, which ends its connection: that is not for the asker to
    /// bring about.
    @ParameterizedTest
    @ValueSource(
            strings = {
                "/TOPIC/x",
                " /TOPIC/x",
                "/",
                "/queue",
                "/queue//x",
                "/user/queue/x",
                "/topic/news/**",
                "/topic/news/#",
                "/presence/news",
                "/session/token",
                "/session/events"
            })
    void aReplyToThatNoSendMayNameIsRefusedAtTheSendThatCarriesIt(String replyTo) {
        serve();
        Client soft = new Client(node).connect("login:alice", "soft-errors:true");
        soft.send(request(replyTo, "receipt:r\n"));
        StompFrame error = soft.error(Disconnect.BAD_DESTINATION);
        assertThat(error.headers().get("receipt-id")).isEqualTo("r");
        assertThat(Client.body(error))
                .startsWith("nobody could answer to this reply-to: ")
                .contains(replyTo.strip());
        soft.send("BEGIN\ntransaction:t\n\n^" + request(replyTo, "transaction:t\n"));
        soft.error(Disconnect.BAD_DESTINATION);
        client.send(request(replyTo, ""));
        client.refused(Disconnect.BAD_DESTINATION);
        assertThat(service.nothingCame()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/queue/x",
                "/queue.x",
                "/topic/news",
                "/app/x",
                "/user/bob/queue/x",
                "/user/b%20b/topic/x",
                "/temp-queue/x",
                "/amq/queue/x",
                "/exchange/amq.topic/x",
                "topic/x",
                "mailto:a@example.com"
            })
    void anyOtherReplyToTravels(String replyTo) {
        serve();
        client.send(request(replyTo, ""));
        assertThat(replyTo()).isNotEmpty();
    }

    @Test
    void inATransactionTheSubscriptionIsThereBeforeTheCommit() {
        serve();
        client.send("BEGIN\ntransaction:t\n\n^" + request("/temp-queue/foo", "transaction:t\n"));
        assertThat(service.nothingCame()).isTrue();
        client.send("COMMIT\ntransaction:t\n\n^");
        answer("yes");
        assertThat(client.bodies()).containsExactly("yes");
    }

    @Test
    void aRequestThatIsRefusedSubscribesToNothing() {
        Client soft = new Client(node).connect("soft-errors:true");
        soft.send("SEND\ndestination:/exchange/no\nreply-to:/temp-queue/foo\n\n^");
        soft.error(Disconnect.UNSUPPORTED);
        soft.send("UNSUBSCRIBE\nid:/temp-queue/foo\n\n^");
        soft.error(Disconnect.UNKNOWN_SUBSCRIPTION);
        soft.send("SUBSCRIBE\nid:1\ndestination:/temp-queue/foo\nreceipt:r\n\n^");
        assertThat(soft.next().headers().get("receipt-id")).isEqualTo("r");
    }

    /// The SEND waits for its subscription, that for a decision, and meanwhile the client is not
    /// read because it does not take its receipts; what it says next comes before it is resumed.
    @Test
    void aWaitingSendIsNotForgottenWhenTheClientSpeaksFirst() {
        List<Consumer<Decision>> questions = new ArrayList<>();
        AccessRules slow =
                (principal, action, destination, answer) -> {
                    if (action != Action.SUBSCRIBE) {
                        return Decision.ALLOWED;
                    }
                    questions.add(answer);
                    return Decision.PENDING;
                };
        BrokerLimits little = new BrokerLimits(9, 400, 1 << 20, 9, 99, 100, 1 << 20, 100, 1 << 20);
        Node asking = new Node(2, slow, little);
        Client asks = new Client(asking).connect();
        String send = "SEND\ndestination:" + elsewhere(asking, asks) + "\nreceipt:";
        asks.writable = false;
        String receipt = "x".repeat(100);
        for (int i = 0; i < 8; i++) {
            asks.sendQuietly(send + receipt + "\n\n^", true);
        }
        asks.sendQuietly(request("/temp-queue/a", "receipt:waiting\n"), true);
        asking.settle();
        assertThat(asks.session.congested()).isTrue();
        questions.get(0).accept(Decision.ALLOWED);
        asking.settle();
        asks.writable = true;
        asks.session.writable();
        asking.shards.get(0).endTurn();
        assertThat(asks.session.congested()).isFalse();
        asks.send("SEND\ndestination:/topic/a\nreceipt:next\n\n^");
        for (int i = 0; i < 8; i++) {
            assertThat(asks.next().headers().get("receipt-id")).isEqualTo(receipt);
        }
        List<String> rest = new ArrayList<>();
        while (!asks.nothingCame()) {
            rest.add(String.valueOf(asks.next().headers().get("receipt-id")));
        }
        assertThat(rest).containsExactlyInAnyOrder("waiting", "next");
    }

    /// A topic of another shard, so that the receipts of what is sent there come later.
    private static String elsewhere(Node node, Client client) {
        for (int i = 0; ; i++) {
            String topic = "/topic/" + i;
            client.sendQuietly("SEND\ndestination:" + topic + "\nreceipt:r\n\n^", true);
            node.shards.get(0).endTurn();
            boolean later = client.nothingCame();
            node.settle();
            while (!client.nothingCame()) {
                client.next();
            }
            if (later) {
                return topic;
            }
        }
    }
}
