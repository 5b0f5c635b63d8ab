package io.switchboard.interop;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.Principal;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.context.event.EventListener;
import org.springframework.core.env.Environment;
import org.springframework.http.server.ServerHttpRequest;
import org.springframework.messaging.handler.annotation.MessageMapping;
import org.springframework.messaging.handler.annotation.SendTo;
import org.springframework.messaging.simp.SimpMessagingTemplate;
import org.springframework.messaging.simp.annotation.SendToUser;
import org.springframework.messaging.simp.broker.BrokerAvailabilityEvent;
import org.springframework.messaging.simp.config.MessageBrokerRegistry;
import org.springframework.stereotype.Controller;
import org.springframework.web.socket.WebSocketHandler;
import org.springframework.web.socket.config.annotation.EnableWebSocketMessageBroker;
import org.springframework.web.socket.config.annotation.StompEndpointRegistry;
import org.springframework.web.socket.config.annotation.WebSocketMessageBrokerConfigurer;
import org.springframework.web.socket.server.support.DefaultHandshakeHandler;

/// Spring Boot applications whose broker relay stands between their own clients and Switchboard, as
/// it would stand before another broker (Q28, Q29, Q30). There are two, which know of each other
/// only through Switchboard.
@Tag("system")
class SpringRelayTest {
    private static TestServer server;
    private static ConfigurableApplicationContext application;
    private static ConfigurableApplicationContext neighbour;

    @BeforeAll
    static void start() throws Exception {
        server = new TestServer();
        application = run();
        neighbour = run();
    }

    private static ConfigurableApplicationContext run() throws Exception {
        SpringApplication spring = new SpringApplication(App.class);
        spring.setDefaultProperties(
                Map.of(
                        "server.port", "0",
                        "server.address", "127.0.0.1",
                        "spring.main.banner-mode", "off",
                        "relay.port", String.valueOf(server.port("stomp"))));
        ConfigurableApplicationContext started = spring.run();
        assertThat(started.getBean(Greeter.class).available.await(30, TimeUnit.SECONDS))
                .as("the relay is connected to Switchboard")
                .isTrue();
        return started;
    }

    @AfterAll
    static void stop() {
        for (ConfigurableApplicationContext each :
                new ConfigurableApplicationContext[] {neighbour, application}) {
            if (each != null) {
                each.close();
            }
        }
        server.close();
    }

    @Configuration
    @EnableAutoConfiguration
    @EnableWebSocketMessageBroker
    @Import(Greeter.class)
    static class App implements WebSocketMessageBrokerConfigurer {
        private final Environment environment;

        App(Environment environment) {
            this.environment = environment;
        }

        @Override
        public void configureMessageBroker(MessageBrokerRegistry registry) {
            registry.setApplicationDestinationPrefixes("/app");
            registry.enableStompBrokerRelay("/topic", "/queue", "/temp-queue")
                    .setRelayHost("127.0.0.1")
                    .setRelayPort(environment.getRequiredProperty("relay.port", Integer.class))
                    .setUserDestinationBroadcast("/topic/unresolved-user");
        }

        @Override
        public void registerStompEndpoints(StompEndpointRegistry registry) {
            registry.addEndpoint("/app-ws").setHandshakeHandler(new NamedByQuery());
        }
    }

    /// `?user=name` is who it is; enough for a test.
    static final class NamedByQuery extends DefaultHandshakeHandler {
        @Override
        protected @Nullable Principal determineUser(
                ServerHttpRequest request,
                WebSocketHandler handler,
                Map<String, Object> attributes) {
            String query = request.getURI().getQuery();
            return query == null ? null : () -> query.substring("user=".length());
        }
    }

    @Controller
    static class Greeter {
        final CountDownLatch available = new CountDownLatch(1);
        private final SimpMessagingTemplate template;

        Greeter(SimpMessagingTemplate template) {
            this.template = template;
        }

        @EventListener
        void on(BrokerAvailabilityEvent event) {
            if (event.isBrokerAvailable()) {
                available.countDown();
            }
        }

        @MessageMapping("/greet")
        @SendTo("/topic/greetings")
        String greet(String name) {
            return "Hello, " + name;
        }

        @MessageMapping("/ask")
        @SendToUser("/queue/answers")
        String ask(String question) {
            return question + " Yes.";
        }

        @MessageMapping("/note")
        void note(String text) {
            template.convertAndSendToUser("alice", "/topic/notes", text);
        }

        /// The name of who gets it, and what.
        @MessageMapping("/letter")
        void letter(String text) {
            int end = text.indexOf(' ');
            String name = text.substring(0, end);
            template.convertAndSendToUser(name, "/queue/letters", text.substring(end + 1));
        }
    }

    private static SpringClient inside(ConfigurableApplicationContext of, String query)
            throws Exception {
        String port = of.getEnvironment().getProperty("local.server.port");
        return new SpringClient("ws://127.0.0.1:" + port + "/app-ws" + query);
    }

    private static SpringClient inside() throws Exception {
        return inside(application, "");
    }

    private static SpringClient outside() throws Exception {
        return new SpringClient(server.ws());
    }

    @Test
    void Q30_connectedNamesTheUserAndSwitchboardsHeartBeats() throws Exception {
        try (SpringClient dave = inside(application, "?user=dave")) {
            assertThat(dave.connected.getFirst("user-name")).isEqualTo("dave");
            assertThat(dave.connected.getFirst("version")).isEqualTo("1.2");
            assertThat(dave.connected.getHeartbeat()).containsExactly(2_000, 2_000);
        }
    }

    @Test
    void sendToReachesEverySubscriber() throws Exception {
        try (SpringClient first = inside();
                SpringClient second = inside()) {
            first.subscribe("/topic/greetings");
            second.subscribe("/topic/greetings");
            first.session.send("/app/greet", "World");
            assertThat(first.next()).isEqualTo("Hello, World");
            assertThat(second.next()).isEqualTo("Hello, World");
        }
    }

    @Test
    void aClientSendsToATopicDirectly() throws Exception {
        try (SpringClient inside = inside();
                SpringClient outside = outside()) {
            inside.subscribe("/topic/both");
            outside.subscribe("/topic/both");
            inside.send("/topic/both", "from inside");
            assertThat(inside.next()).isEqualTo("from inside");
            assertThat(outside.next()).isEqualTo("from inside");
            outside.send("/topic/both", "from outside");
            assertThat(inside.next()).isEqualTo("from outside");
        }
    }

    @Test
    void aTopicOfAUserReachesThatUserAlone() throws Exception {
        try (SpringClient alice = inside(application, "?user=alice");
                SpringClient bob = inside(application, "?user=bob")) {
            alice.subscribe("/user/topic/notes");
            bob.subscribe("/user/topic/notes");
            bob.session.send("/app/note", "for you");
            assertThat(alice.next()).isEqualTo("for you");
            bob.subscribe("/topic/after");
            assertThat(bob.messages).isEmpty();
        }
    }

    @Test
    void aQueueOfAUserReachesAllItsSessionsAndEachOnce() throws Exception {
        try (SpringClient one = inside(application, "?user=carol");
                SpringClient two = inside(application, "?user=carol");
                SpringClient bob = inside(application, "?user=bob")) {
            for (SpringClient each : new SpringClient[] {one, two, bob}) {
                each.subscribe("/user/queue/letters");
            }
            bob.session.send("/app/letter", "carol 1");
            bob.session.send("/app/letter", "carol 2");
            for (SpringClient each : new SpringClient[] {one, two}) {
                assertThat(each.receive(2))
                        .extracting(SpringClient.Received::body)
                        .containsExactlyInAnyOrder("1", "2");
            }
            assertThat(bob.messages).isEmpty();
        }
    }

    @Test
    void sendToUserAnswersTheSenderAlone() throws Exception {
        try (SpringClient one = inside(application, "?user=erin");
                SpringClient other = inside(application, "?user=frank")) {
            one.subscribe("/user/queue/answers");
            other.subscribe("/user/queue/answers");
            one.session.send("/app/ask", "Is it?");
            assertThat(one.next()).isEqualTo("Is it? Yes.");
            assertThat(other.messages).isEmpty();
        }
    }

    @Test
    void aUserOfTheOtherApplicationIsFoundByBroadcast() throws Exception {
        try (SpringClient grace = inside(neighbour, "?user=grace");
                SpringClient sender = inside(application, "?user=bob")) {
            grace.subscribe("/user/queue/letters");
            sender.session.send("/app/letter", "grace over there");
            assertThat(grace.next()).isEqualTo("over there");
        }
    }

    @Test
    void whatAClientOfTheRelayDoesNotAcknowledgeComesAgain() throws Exception {
        try (SpringClient inside = inside()) {
            for (String body : new String[] {"1", "2", "3"}) {
                inside.send("/queue/jobs", body);
            }
            inside.subscribe("/queue/jobs", "ack", "client-individual");
            // Spring hands messages to its clients on several threads, so in any order.
            for (SpringClient.Received message : inside.receive(3)) {
                if (message.body().equals("2")) {
                    inside.settle(message, true);
                }
            }
        }
        SpringClient.assertWaiting(server.ws(), "/queue/jobs", "1", "3");
    }

    @Test
    void nackOfAClientOfTheRelayBringsItAgain() throws Exception {
        try (SpringClient inside = inside()) {
            inside.send("/queue/again", "x");
            inside.subscribe("/queue/again", "ack", "client");
            inside.settle(inside.receive(), false);
            SpringClient.Received again = inside.receive();
            assertThat(again.headers().getFirst("redelivered")).isEqualTo("true");
            inside.settle(again, true);
        }
        SpringClient.assertWaiting(server.ws(), "/queue/again");
    }

    @Test
    void aRequestOfAClientOfTheRelayIsAnswered() throws Exception {
        try (SpringClient inside = inside();
                SpringClient service = outside()) {
            service.subscribe("/queue/service");
            inside.subscribe("/temp-queue/answers");
            inside.send("/queue/service", "6 x 7", "reply-to", "/temp-queue/answers");
            String replyTo = service.receive().headers().getFirst("reply-to");
            service.send(String.valueOf(replyTo), "42");
            assertThat(inside.next()).isEqualTo("42");
        }
    }

    @Test
    void Q29_anErrorEndsOneClientOfTheRelayAlone() throws Exception {
        try (SpringClient wrong = inside();
                SpringClient right = inside()) {
            right.subscribe("/topic/still");
            wrong.session.send("/queue/*", "x");
            SpringClient.Received error =
                    wrong.errors.poll(SpringClient.PATIENCE_SECONDS, TimeUnit.SECONDS);
            assertThat(error).isNotNull();
            assertThat(error.headers().getFirst("message")).isEqualTo("bad destination");
            right.send("/topic/still", "here");
            assertThat(right.next()).isEqualTo("here");
        }
    }
}
