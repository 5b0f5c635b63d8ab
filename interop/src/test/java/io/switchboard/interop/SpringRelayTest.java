package io.switchboard.interop;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Type;
import java.security.Principal;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
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
import org.springframework.messaging.converter.StringMessageConverter;
import org.springframework.messaging.handler.annotation.MessageMapping;
import org.springframework.messaging.handler.annotation.SendTo;
import org.springframework.messaging.simp.SimpMessagingTemplate;
import org.springframework.messaging.simp.broker.BrokerAvailabilityEvent;
import org.springframework.messaging.simp.config.MessageBrokerRegistry;
import org.springframework.messaging.simp.stomp.StompFrameHandler;
import org.springframework.messaging.simp.stomp.StompHeaders;
import org.springframework.messaging.simp.stomp.StompSession;
import org.springframework.messaging.simp.stomp.StompSessionHandlerAdapter;
import org.springframework.scheduling.concurrent.SimpleAsyncTaskScheduler;
import org.springframework.stereotype.Controller;
import org.springframework.web.socket.WebSocketHandler;
import org.springframework.web.socket.client.standard.StandardWebSocketClient;
import org.springframework.web.socket.config.annotation.EnableWebSocketMessageBroker;
import org.springframework.web.socket.config.annotation.StompEndpointRegistry;
import org.springframework.web.socket.config.annotation.WebSocketMessageBrokerConfigurer;
import org.springframework.web.socket.messaging.WebSocketStompClient;
import org.springframework.web.socket.server.support.DefaultHandshakeHandler;

/// Spring's client against Switchboard itself, and a Spring Boot application whose broker relay
/// stands between its own clients and Switchboard.
@Tag("system")
class SpringRelayTest {
    private static TestServer server;
    private static ConfigurableApplicationContext application;
    private static String applicationUrl;

    @BeforeAll
    static void start() throws Exception {
        server = new TestServer();
        SpringApplication spring = new SpringApplication(App.class);
        spring.setDefaultProperties(
                Map.of(
                        "server.port", "0",
                        "server.address", "127.0.0.1",
                        "spring.main.banner-mode", "off",
                        "relay.port", String.valueOf(server.port("stomp"))));
        application = spring.run();
        applicationUrl =
                "ws://127.0.0.1:"
                        + application.getEnvironment().getProperty("local.server.port")
                        + "/app-ws";
        assertThat(application.getBean(Greeter.class).available.await(30, TimeUnit.SECONDS))
                .as("the relay is connected to Switchboard")
                .isTrue();
    }

    @AfterAll
    static void stop() {
        if (application != null) {
            application.close();
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
            registry.enableStompBrokerRelay("/topic")
                    .setRelayHost("127.0.0.1")
                    .setRelayPort(environment.getRequiredProperty("relay.port", Integer.class));
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

        @MessageMapping("/note")
        void note(String text) {
            template.convertAndSendToUser("alice", "/topic/notes", text);
        }
    }

    /// A connected client of Spring's, and what its subscriptions bring.
    private static final class SpringClient {
        final BlockingQueue<String> bodies = new LinkedBlockingQueue<>();
        private final SimpleAsyncTaskScheduler scheduler = new SimpleAsyncTaskScheduler();
        final WebSocketStompClient client = new WebSocketStompClient(new StandardWebSocketClient());
        final StompSession session;

        SpringClient(String url) throws Exception {
            client.setMessageConverter(new StringMessageConverter());
            client.setTaskScheduler(scheduler);
            session =
                    client.connectAsync(url, new StompSessionHandlerAdapter() {})
                            .get(20, TimeUnit.SECONDS);
            session.setAutoReceipt(true);
        }

        StompSession.Subscription subscribe(String destination) {
            return session.subscribe(
                    destination,
                    new StompFrameHandler() {
                        @Override
                        public Type getPayloadType(StompHeaders headers) {
                            return String.class;
                        }

                        @Override
                        public void handleFrame(StompHeaders headers, @Nullable Object payload) {
                            bodies.add(String.valueOf(payload));
                        }
                    });
        }

        String next() throws InterruptedException {
            String body = bodies.poll(20, TimeUnit.SECONDS);
            if (body == null) {
                throw new AssertionError("nothing came");
            }
            return body;
        }

        void close() {
            session.disconnect();
            client.stop();
            scheduler.close();
        }
    }

    private static void active(StompSession.Subscription subscription) throws Exception {
        CountDownLatch latch = new CountDownLatch(1);
        subscription.addReceiptTask(latch::countDown);
        assertThat(latch.await(20, TimeUnit.SECONDS)).as("RECEIPT of SUBSCRIBE").isTrue();
    }

    @Test
    void springsClientSpeaksToSwitchboardItself() throws Exception {
        SpringClient client = new SpringClient(server.ws());
        active(client.subscribe("/topic/spring"));
        client.session.send("/topic/spring", "grüß dich");
        assertThat(client.next()).isEqualTo("grüß dich");
        client.close();
    }

    @Test
    void throughTheRelaySendToReachesEverySubscriber() throws Exception {
        SpringClient first = new SpringClient(applicationUrl);
        SpringClient second = new SpringClient(applicationUrl);
        active(first.subscribe("/topic/greetings"));
        active(second.subscribe("/topic/greetings"));
        first.session.send("/app/greet", "World");
        assertThat(first.next()).isEqualTo("Hello, World");
        assertThat(second.next()).isEqualTo("Hello, World");
        first.close();
        second.close();
    }

    @Test
    void throughTheRelayAClientSendsToATopicDirectly() throws Exception {
        SpringClient inside = new SpringClient(applicationUrl);
        SpringClient outside = new SpringClient(server.ws());
        active(inside.subscribe("/topic/both"));
        active(outside.subscribe("/topic/both"));
        inside.session.send("/topic/both", "from inside");
        assertThat(inside.next()).isEqualTo("from inside");
        assertThat(outside.next()).isEqualTo("from inside");
        outside.session.send("/topic/both", "from outside");
        assertThat(inside.next()).isEqualTo("from outside");
        inside.close();
        outside.close();
    }

    @Test
    void throughTheRelayAMessageToAUserReachesThatUserAlone() throws Exception {
        SpringClient alice = new SpringClient(applicationUrl + "?user=alice");
        SpringClient bob = new SpringClient(applicationUrl + "?user=bob");
        active(alice.subscribe("/user/topic/notes"));
        active(bob.subscribe("/user/topic/notes"));
        bob.session.send("/app/note", "for you");
        assertThat(alice.next()).isEqualTo("for you");
        active(bob.subscribe("/topic/after"));
        assertThat(bob.bodies).isEmpty();
        alice.close();
        bob.close();
    }
}
