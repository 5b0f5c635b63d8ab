package io.switchboard.interop;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.messaging.simp.stomp.ConnectionLostException;
import org.springframework.messaging.simp.stomp.StompHeaders;

/// Spring's `WebSocketStompClient` against Switchboard itself. It has no BEGIN and no COMMIT.
@Tag("system")
class SpringClientTest {
    private static TestServer server;

    @BeforeAll
    static void start() throws Exception {
        server = new TestServer();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static SpringClient client() throws Exception {
        return new SpringClient(server.ws());
    }

    /// A consumer that has got these messages of a queue.
    private static List<SpringClient.Received> consume(
            SpringClient client, String queue, String ack, String... bodies) throws Exception {
        for (String body : bodies) {
            client.send(queue, body);
        }
        client.subscribe(queue, "ack", ack);
        List<SpringClient.Received> messages = client.receive(bodies.length);
        assertThat(messages).extracting(SpringClient.Received::body).containsExactly(bodies);
        return messages;
    }

    @Test
    void aMessageToATopicComesBack() throws Exception {
        try (SpringClient client = client()) {
            client.subscribe("/topic/spring");
            client.send("/topic/spring", "grüß dich");
            assertThat(client.next()).isEqualTo("grüß dich");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"auto", "client", "client-individual"})
    void everyAckModeTakesMessagesOffAQueue(String ack) throws Exception {
        String queue = "/queue/spring." + ack;
        try (SpringClient client = client()) {
            for (SpringClient.Received message : consume(client, queue, ack, "1", "2")) {
                if (!ack.equals("auto")) {
                    client.settle(message, true);
                }
            }
        }
        SpringClient.assertWaiting(server.ws(), queue);
    }

    @Test
    void ackClientTakesAllBeforeIt() throws Exception {
        try (SpringClient client = client()) {
            client.settle(consume(client, "/queue/all", "client", "1", "2", "3").get(1), true);
        }
        SpringClient.assertWaiting(server.ws(), "/queue/all", "3");
    }

    @Test
    void ackClientIndividualTakesItselfAlone() throws Exception {
        try (SpringClient client = client()) {
            client.settle(
                    consume(client, "/queue/one", "client-individual", "1", "2", "3").get(1), true);
        }
        SpringClient.assertWaiting(server.ws(), "/queue/one", "1", "3");
    }

    @Test
    void nackBringsItAgain() throws Exception {
        try (SpringClient client = client()) {
            client.settle(consume(client, "/queue/nack", "client", "x").getFirst(), false);
            SpringClient.Received again = client.receive();
            assertThat(again.body()).isEqualTo("x");
            assertThat(again.headers().getFirst("redelivered")).isEqualTo("true");
            client.settle(again, true);
        }
        SpringClient.assertWaiting(server.ws(), "/queue/nack");
    }

    @Test
    void aRequestIsAnsweredOverATemporaryQueue() throws Exception {
        try (SpringClient client = client();
                SpringClient service = client()) {
            service.subscribe("/queue/service");
            client.subscribe("/temp-queue/answers");
            client.send("/queue/service", "6 x 7", "reply-to", "/temp-queue/answers");
            String replyTo = service.receive().headers().getFirst("reply-to");
            service.send(String.valueOf(replyTo), "42");
            assertThat(client.next()).isEqualTo("42");
        }
    }

    @Test
    void aMessageToAUserReachesAllItsSessions() throws Exception {
        StompHeaders login = new StompHeaders();
        login.setLogin("bob");
        try (SpringClient one = new SpringClient(server.ws(), login);
                SpringClient two = new SpringClient(server.ws(), login);
                SpringClient other = client()) {
            assertThat(one.connected.getFirst("user-name")).isEqualTo("bob");
            one.subscribe("/user/queue/letters");
            two.subscribe("/user/queue/letters");
            other.send("/user/bob/queue/letters", "psst");
            assertThat(one.next()).isEqualTo("psst");
            assertThat(two.next()).isEqualTo("psst");
        }
    }

    @Test
    void anErrorIsHeardAndThenTheConnectionIsLost() throws Exception {
        try (SpringClient client = client()) {
            client.session.send("/nowhere", "x");
            SpringClient.Received error =
                    client.errors.poll(SpringClient.PATIENCE_SECONDS, TimeUnit.SECONDS);
            assertThat(error).isNotNull();
            assertThat(error.headers().getFirst("message")).isEqualTo("bad destination");
            assertThat(error.headers().getReceiptId()).isNotNull();
            assertThat(client.lost.get(SpringClient.PATIENCE_SECONDS, TimeUnit.SECONDS))
                    .isInstanceOf(ConnectionLostException.class);
        }
    }
}
