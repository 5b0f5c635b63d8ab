package io.switchboard.server.app;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.switchboard.broker.AccessRules;
import io.switchboard.broker.Disconnect;
import io.switchboard.broker.Policies;
import io.switchboard.client.ClientOptions;
import io.switchboard.client.Message;
import io.switchboard.client.StompClient;
import io.switchboard.client.StompErrorException;
import io.switchboard.server.Listener;
import io.switchboard.server.ListenerOptions;
import io.switchboard.server.ServerOptions;
import io.switchboard.server.SwitchboardServer;
import io.switchboard.stomp.StompHeaders;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// A program around a real server, and real clients of it. The server has two shards.
@Timeout(60)
class EmbeddingTest {
    private static final ServerOptions OPTIONS =
            ServerOptions.DEFAULT
                    .withListeners(ListenerOptions.FREE)
                    .withShards(2)
                    .withFiles(Path.of("target", "test-data"));

    private final BlockingQueue<String> heard = new LinkedBlockingQueue<>();

    private static StompClient client(SwitchboardServer server, String login) throws Exception {
        Listener stomp =
                server.listeners().stream()
                        .filter(it -> it.name().equals("stomp"))
                        .findFirst()
                        .orElseThrow();
        URI url = URI.create("tcp://127.0.0.1:" + stomp.address().getPort());
        return StompClient.connect(ClientOptions.of(url).withLogin(login, null));
    }

    private void hear(Message message) {
        heard.add(message.destination() + " " + message.text());
    }

    private String next() throws InterruptedException {
        return heard.poll(30, SECONDS);
    }

    private static void send(StompClient client, String destination, String body, String... headers)
            throws Exception {
        client.send(destination, StompHeaders.of(headers), ByteBuffer.wrap(body.getBytes(UTF_8)));
    }

    @Nested
    class Handlers {
        @Test
        void getWhatAClientSentAndItsVariables() throws Exception {
            ServerOptions options =
                    OPTIONS.withHandler(
                            "/app/rooms/{room}/say",
                            it ->
                                    heard.add(
                                            it.destination()
                                                    + ' '
                                                    + it.variable("room")
                                                    + ' '
                                                    + it.header("mood")
                                                    + ' '
                                                    + it.user()
                                                    + ' '
                                                    + it.text()));
            try (SwitchboardServer server = SwitchboardServer.start(options);
                    StompClient alice = client(server, "alice")) {
                send(alice, "/app/rooms/blue/say", "hello", "mood", "good");
                assertThat(next()).isEqualTo("/app/rooms/blue/say blue good alice hello");
            }
        }

        /// A receipt that came early would let the client's publish return before the handler did.
        @Test
        void mayBlockAndTheReceiptWaitsForThem() throws Exception {
            CountDownLatch entered = new CountDownLatch(1);
            CountDownLatch leave = new CountDownLatch(1);
            ServerOptions options =
                    OPTIONS.withHandler(
                            "/app/slow",
                            it -> {
                                entered.countDown();
                                leave.await();
                                heard.add("handled");
                            });
            try (SwitchboardServer server = SwitchboardServer.start(options);
                    StompClient alice = client(server, "alice");
                    StompClient bob = client(server, "bob")) {
                CompletableFuture<Void> receipt = new CompletableFuture<>();
                Thread.startVirtualThread(() -> {
                    try {
                        alice.publish("/app/slow", "x");
                        heard.add("receipt");
                        receipt.complete(null);
                    } catch (Exception e) {
                        receipt.completeExceptionally(e);
                    }
                });
                assertThat(entered.await(30, SECONDS)).isTrue();
                // Others go on meanwhile, on both shards.
                for (int i = 0; i < 8; i++) {
                    bob.publish("/topic/" + i, "y");
                }
                assertThat(receipt).isNotDone();
                leave.countDown();
                receipt.get(30, SECONDS);
                assertThat(heard).containsExactly("handled", "receipt");
            }
        }

        @Test
        void getAClientsMessagesInOrderAndOneAtATime() throws Exception {
            int count = 500;
            Map<String, List<Integer>> seen =
                    Map.of("alice", new ArrayList<>(), "bob", new ArrayList<>());
            CountDownLatch all = new CountDownLatch(2 * count);
            // A list without a lock: two at a time for one client would break it.
            AppHandler handler =
                    it -> {
                        if (seen.get(it.user()).size() % 50 == 0) {
                            Thread.yield();
                        }
                        seen.get(it.user()).add(Integer.valueOf(it.text()));
                        all.countDown();
                    };
            ServerOptions options =
                    OPTIONS.withHandler("/app/odd", handler).withHandler("/app/even", handler);
            try (SwitchboardServer server = SwitchboardServer.start(options);
                    StompClient alice = client(server, "alice");
                    StompClient bob = client(server, "bob")) {
                for (int i = 0; i < count; i++) {
                    alice.send(i % 2 == 0 ? "/app/even" : "/app/odd", "" + i);
                    bob.send("/app/even", "" + i);
                }
                assertThat(all.await(30, SECONDS)).isTrue();
            }
            assertThat(seen.get("alice")).hasSize(count).isSorted();
            assertThat(seen.get("bob")).hasSize(count).isSorted();
        }

        /// Nobody could go on if one waited for the other.
        @Test
        void ofDifferentClientsRunAtTheSameTime() throws Exception {
            CountDownLatch both = new CountDownLatch(2);
            ServerOptions options =
                    OPTIONS.withHandler(
                            "/app/meet",
                            it -> {
                                both.countDown();
                                both.await();
                            });
            try (SwitchboardServer server = SwitchboardServer.start(options);
                    StompClient alice = client(server, "alice");
                    StompClient bob = client(server, "bob")) {
                alice.send("/app/meet", "x");
                bob.publish("/app/meet", "x");
                assertThat(both.getCount()).isZero();
            }
        }

        @Test
        void thatFailTellTheClientNoMoreThanThat() throws Exception {
            ServerOptions options =
                    OPTIONS.withHandler(
                            "/app/broken",
                            it -> {
                                throw new IllegalArgumentException("the secret");
                            });
            try (SwitchboardServer server = SwitchboardServer.start(options);
                    StompClient alice = client(server, "alice")) {
                assertThatThrownBy(() -> alice.publish("/app/broken", "x"))
                        .isInstanceOf(StompErrorException.class)
                        .hasMessageContaining("application failed")
                        .hasMessageContaining("/app/broken")
                        .hasMessageNotContaining("secret");
            }
        }

        @Test
        void areNeeded() throws Exception {
            try (SwitchboardServer server =
                            SwitchboardServer.start(OPTIONS.withHandler("/app/a", it -> {}));
                    StompClient alice = client(server, "alice")) {
                assertThatThrownBy(() -> alice.publish("/app/b", "x"))
                        .isInstanceOf(StompErrorException.class)
                        .hasMessageContaining("no handler")
                        .hasMessageContaining("/app/b");
            }
        }

        @Test
        void areInterruptedWhenTheServerHasWaitedLongEnough() throws Exception {
            CountDownLatch entered = new CountDownLatch(1);
            CountDownLatch interrupted = new CountDownLatch(1);
            ServerOptions options =
                    OPTIONS.withHandler(
                                    "/app/stuck",
                                    it -> {
                                        entered.countDown();
                                        try {
                                            new CountDownLatch(1).await();
                                        } catch (InterruptedException e) {
                                            interrupted.countDown();
                                        }
                                    })
                            .withLimits(
                                    ServerOptions.DEFAULT
                                            .limits()
                                            .withShutdownTimeout(Duration.ofMillis(200)));
            SwitchboardServer server = SwitchboardServer.start(options);
            StompClient alice = client(server, "alice");
            alice.send("/app/stuck", "x");
            assertThat(entered.await(30, SECONDS)).isTrue();
            server.close();
            assertThat(interrupted.await(30, SECONDS)).isTrue();
            alice.close();
        }
    }

    @Nested
    class Publishing {
        @Test
        void reachesSubscribersAndCompletesBehindThem() throws Exception {
            try (SwitchboardServer server = SwitchboardServer.start(OPTIONS);
                    StompClient alice = client(server, "alice")) {
                alice.subscribe("/topic/*", EmbeddingTest.this::hear);
                for (int i = 0; i < 20; i++) {
                    server.publish("/topic/" + i % 4, Map.of("n", "" + i), new byte[] {'x'})
                            .get(30, SECONDS);
                }
                for (int i = 0; i < 20; i++) {
                    assertThat(next()).isEqualTo("/topic/" + i % 4 + " x");
                }
            }
        }

        @Test
        void keepsTheOrderOfADestination() throws Exception {
            int count = 5_000;
            try (SwitchboardServer server = SwitchboardServer.start(OPTIONS);
                    StompClient alice = client(server, "alice")) {
                alice.subscribe("/topic/order", EmbeddingTest.this::hear);
                List<CompletableFuture<Void>> all = new ArrayList<>();
                for (int i = 0; i < count; i++) {
                    all.add(server.publish("/topic/order", "" + i));
                }
                for (int i = 0; i < count; i++) {
                    assertThat(next()).isEqualTo("/topic/order " + i);
                }
                CompletableFuture.allOf(all.toArray(CompletableFuture<?>[]::new)).get(30, SECONDS);
            }
        }

        @Test
        void reachesAllSessionsOfAUserWhateverTheName() throws Exception {
            String name = "al/ice%@example.com";
            try (SwitchboardServer server = SwitchboardServer.start(OPTIONS);
                    StompClient one = client(server, name);
                    StompClient two = client(server, name)) {
                one.subscribe("/user/queue/news", it -> heard.add("one " + it.text()));
                two.subscribe("/user/queue/news", it -> heard.add("two " + it.text()));
                server.publishToUser(name, "/queue/news", "hello").get(30, SECONDS);
                assertThat(List.of(next(), next()))
                        .containsExactlyInAnyOrder("one hello", "two hello");
            }
        }

        @Test
        void failsWhenTheQueueIsFull() throws Exception {
            Policies policies = Policies.DEFAULT.with("/queue/**", it -> it.withMaxLength(1));
            try (SwitchboardServer server =
                    SwitchboardServer.start(OPTIONS.withPolicies(policies))) {
                server.publish("/queue/small", "fits").get(30, SECONDS);
                CompletableFuture<Void> second = server.publish("/queue/small", "does not");
                assertThatThrownBy(second::join)
                        .isInstanceOf(CompletionException.class)
                        .cause()
                        .isInstanceOfSatisfying(
                                PublishRefusedException.class,
                                it -> assertThat(it.reason()).isEqualTo(Disconnect.QUEUE_FULL));
                server.publish("/queue/other", "fits").get(30, SECONDS);
            }
        }

        @Test
        void failsWhenTheServerHasStopped() throws Exception {
            SwitchboardServer server = SwitchboardServer.start(OPTIONS);
            server.close();
            assertThatThrownBy(server.publish("/topic/a", "x")::join)
                    .cause()
                    .isInstanceOfSatisfying(
                            PublishRefusedException.class,
                            it -> assertThat(it.reason()).isEqualTo(Disconnect.SHUTDOWN));
        }

        @Test
        void fromHandlersAndFuturesDoesNotLockUp() throws Exception {
            int count = 2_000;
            CountDownLatch done = new CountDownLatch(count);
            ServerOptions options =
                    OPTIONS.withHandler(
                            "/app/echo",
                            it -> {
                                it.publish("/topic/echo", it.text()).join();
                                it.publish("/topic/echo", it.text())
                                        .thenRun(() -> it.publish("/topic/echo", "").join())
                                        .thenRun(done::countDown);
                            });
            try (SwitchboardServer server = SwitchboardServer.start(options);
                    StompClient alice = client(server, "alice")) {
                for (int i = 0; i < count; i++) {
                    alice.send("/app/echo", "" + i);
                }
                assertThat(done.await(50, SECONDS)).isTrue();
            }
        }

        @Test
        void takesWhatAClientCouldSend() throws Exception {
            try (SwitchboardServer server = SwitchboardServer.start(OPTIONS)) {
                byte[] none = new byte[0];
                assertThatThrownBy(
                                () -> server.publish("/topic/a", Map.of("message-id", "1"), none))
                        .isInstanceOf(IllegalArgumentException.class);
                assertThatThrownBy(() -> server.publish("/topic/a", Map.of("a", "b\0c"), none))
                        .isInstanceOf(IllegalArgumentException.class);
                assertThatThrownBy(
                                () -> server.publish("/topic/a", Map.of(), new byte[(1 << 20) + 1]))
                        .isInstanceOf(IllegalArgumentException.class);
                assertThatThrownBy(server.publish("/nowhere", "x")::join)
                        .hasMessageContaining("bad destination");
                assertThatThrownBy(() -> server.publishToUser("a", "/temp-queue/x", "x"))
                        .isInstanceOf(IllegalArgumentException.class);
            }
        }

        /// The program is trusted; its clients are not.
        @Test
        void asksNoAccessRules() throws Exception {
            AccessRules readOnly =
                    (principal, action, destination, answer) ->
                            action == AccessRules.Action.SEND
                                    ? new AccessRules.Decision.Denied("read only")
                                    : AccessRules.Decision.ALLOWED;
            try (SwitchboardServer server = SwitchboardServer.start(OPTIONS, readOnly);
                    StompClient alice = client(server, "alice")) {
                alice.subscribe("/topic/a", EmbeddingTest.this::hear);
                server.publish("/topic/a", "x").get(30, SECONDS);
                assertThat(next()).isEqualTo("/topic/a x");
            }
        }
    }

    @Nested
    class Replies {
        private final ServerOptions options =
                OPTIONS.withHandler("/app/greet", it -> it.reply("hello " + it.user()).join());

        @Test
        void reachATemporaryQueueWithTheCorrelationId() throws Exception {
            try (SwitchboardServer server = SwitchboardServer.start(options);
                    StompClient alice = client(server, "alice")) {
                alice.subscribe(
                        "/temp-queue/answers",
                        it -> heard.add(it.headers().get("correlation-id") + " " + it.text()));
                send(
                        alice,
                        "/app/greet",
                        "x",
                        "reply-to",
                        "/temp-queue/answers",
                        "correlation-id",
                        "7");
                assertThat(next()).isEqualTo("7 hello alice");
            }
        }

        @Test
        void reachTheClientsUserDestination() throws Exception {
            try (SwitchboardServer server = SwitchboardServer.start(options);
                    StompClient alice = client(server, "alice")) {
                alice.subscribe("/user/queue/answers", EmbeddingTest.this::hear);
                send(alice, "/app/greet", "x", "reply-to", "/user/queue/answers");
                assertThat(next()).isEqualTo("/user/alice/queue/answers hello alice");
            }
        }

        @Test
        void goNowhereThatTheClientMayNotSendTo() throws Exception {
            AccessRules rules =
                    (principal, action, destination, answer) ->
                            action == AccessRules.Action.SEND && destination.equals("/topic/secret")
                                    ? new AccessRules.Decision.Denied("not for " + principal.name())
                                    : AccessRules.Decision.ALLOWED;
            ServerOptions answering =
                    OPTIONS.withHandler(
                            "/app/greet",
                            it ->
                                    it.reply("x")
                                            .whenComplete((done, e) -> heard.add(e.getMessage())));
            try (SwitchboardServer server = SwitchboardServer.start(answering, rules);
                    StompClient alice = client(server, "alice")) {
                send(alice, "/app/greet", "x", "reply-to", "/topic/secret");
                assertThat(next()).isEqualTo("access denied: not for alice");
            }
        }

        @Test
        void needAReplyTo() throws Exception {
            ServerOptions asking =
                    OPTIONS.withHandler(
                            "/app/greet",
                            it -> {
                                assertThat(it.wantsReply()).isFalse();
                                try {
                                    it.reply("x");
                                } catch (IllegalStateException e) {
                                    heard.add(e.getMessage());
                                }
                            });
            try (SwitchboardServer server = SwitchboardServer.start(asking);
                    StompClient alice = client(server, "alice")) {
                alice.publish("/app/greet", "x");
                assertThat(next()).contains("/app/greet has no reply-to header");
            }
        }
    }

    @Nested
    class Sessions {
        private final SessionListener listener =
                new SessionListener() {
                    @Override
                    public void connected(ClientSession client, Publisher publisher) {
                        heard.add("connected " + client.user() + " " + client.address());
                        assertThat(client.id()).isNotEmpty();
                        publisher.publish("/topic/presence", "x").join();
                    }

                    @Override
                    public void disconnected(
                            ClientSession client, Disconnect reason, Publisher publisher) {
                        heard.add("disconnected " + client.user() + " " + reason);
                    }
                };

        private final ServerOptions options =
                OPTIONS.withHandler("/app/say", it -> heard.add("said " + it.text()))
                        .withSessionListener(listener);

        @Test
        void areToldOfAroundTheirMessages() throws Exception {
            try (SwitchboardServer server = SwitchboardServer.start(options)) {
                StompClient alice = client(server, "alice");
                alice.send("/app/say", "1");
                alice.send("/app/say", "2");
                alice.close();
                assertThat(next()).startsWith("connected alice 127.0.0.1:");
                assertThat(next()).isEqualTo("said 1");
                assertThat(next()).isEqualTo("said 2");
                assertThat(next()).isEqualTo("disconnected alice NORMAL");
            }
        }

        @Test
        void endWithTheServerWhichWaitsForTheListeners() throws Exception {
            SwitchboardServer server = SwitchboardServer.start(options);
            StompClient alice = client(server, "alice");
            assertThat(next()).startsWith("connected alice");
            server.close();
            assertThat(heard).containsExactly("disconnected alice SHUTDOWN");
            alice.close();
        }
    }
}
