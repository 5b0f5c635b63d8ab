package io.switchboard.interop;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Type;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.springframework.messaging.converter.StringMessageConverter;
import org.springframework.messaging.simp.stomp.StompFrameHandler;
import org.springframework.messaging.simp.stomp.StompHeaders;
import org.springframework.messaging.simp.stomp.StompSession;
import org.springframework.messaging.simp.stomp.StompSessionHandlerAdapter;
import org.springframework.scheduling.concurrent.SimpleAsyncTaskScheduler;
import org.springframework.web.socket.client.standard.StandardWebSocketClient;
import org.springframework.web.socket.messaging.WebSocketStompClient;

/// A connected client of Spring's, and what it hears. It asks for a receipt for all that it does.
final class SpringClient implements AutoCloseable {
    static final int PATIENCE_SECONDS = 20;

    record Received(StompHeaders headers, String body) {}

    final StompSession session;
    final StompHeaders connected;
    final BlockingQueue<Received> messages = new LinkedBlockingQueue<>();
    final BlockingQueue<Received> errors = new LinkedBlockingQueue<>();

    /// Why the connection went.
    final CompletableFuture<Throwable> lost = new CompletableFuture<>();

    private final SimpleAsyncTaskScheduler scheduler = new SimpleAsyncTaskScheduler();
    private final WebSocketStompClient client =
            new WebSocketStompClient(new StandardWebSocketClient());

    SpringClient(String url) throws Exception {
        this(url, new StompHeaders());
    }

    SpringClient(String url, StompHeaders connect) throws Exception {
        client.setMessageConverter(new StringMessageConverter());
        client.setTaskScheduler(scheduler);
        CompletableFuture<StompHeaders> answer = new CompletableFuture<>();
        session =
                client.connectAsync(URI.create(url), null, connect, new Listener(answer))
                        .get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        connected = answer.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        session.setAutoReceipt(true);
    }

    private final class Listener extends StompSessionHandlerAdapter {
        private final CompletableFuture<StompHeaders> answer;

        Listener(CompletableFuture<StompHeaders> answer) {
            this.answer = answer;
        }

        @Override
        public void afterConnected(StompSession opened, StompHeaders headers) {
            answer.complete(headers);
        }

        @Override
        public void handleFrame(StompHeaders headers, @Nullable Object payload) {
            errors.add(new Received(headers, String.valueOf(payload)));
        }

        @Override
        public void handleTransportError(StompSession broken, Throwable why) {
            lost.complete(why);
        }
    }

    /// Subscribes, and waits until that is done.
    StompSession.Subscription subscribe(String destination, String... headers) throws Exception {
        StompHeaders all = new StompHeaders();
        all.setDestination(destination);
        for (int i = 0; i < headers.length; i += 2) {
            all.set(headers[i], headers[i + 1]);
        }
        StompSession.Subscription subscription =
                session.subscribe(
                        all,
                        new StompFrameHandler() {
                            @Override
                            public Type getPayloadType(StompHeaders of) {
                                return String.class;
                            }

                            @Override
                            public void handleFrame(StompHeaders of, @Nullable Object payload) {
                                messages.add(new Received(of, String.valueOf(payload)));
                            }
                        });
        done(subscription);
        return subscription;
    }

    void send(String destination, String body, String... headers) throws Exception {
        StompHeaders all = new StompHeaders();
        all.setDestination(destination);
        for (int i = 0; i < headers.length; i += 2) {
            all.set(headers[i], headers[i + 1]);
        }
        done(session.send(all, body));
    }

    /// ACK, or NACK.
    void settle(Received message, boolean consumed) throws Exception {
        done(session.acknowledge(String.valueOf(message.headers.getAck()), consumed));
    }

    /// Waits for the RECEIPT.
    static void done(StompSession.Receiptable asked) throws InterruptedException {
        CountDownLatch latch = new CountDownLatch(1);
        asked.addReceiptTask(latch::countDown);
        assertThat(latch.await(PATIENCE_SECONDS, TimeUnit.SECONDS))
                .as("RECEIPT %s", asked.getReceiptId())
                .isTrue();
    }

    Received receive() throws InterruptedException {
        Received message = messages.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        if (message == null) {
            throw new AssertionError("nothing came");
        }
        return message;
    }

    String next() throws InterruptedException {
        return receive().body;
    }

    List<Received> receive(int count) throws InterruptedException {
        List<Received> all = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            all.add(receive());
        }
        return all;
    }

    /// Takes what waits in a queue, which is these messages, in this order, and no more.
    static void assertWaiting(String url, String queue, String... bodies) throws Exception {
        try (SpringClient client = new SpringClient(url)) {
            client.subscribe(queue);
            for (String body : bodies) {
                assertThat(client.next()).isEqualTo(body);
            }
            client.send(queue, "the end");
            assertThat(client.next()).isEqualTo("the end");
        }
    }

    /// Spring sends DISCONNECT and closes without waiting for an answer.
    @Override
    public void close() {
        if (session.isConnected()) {
            session.disconnect();
        }
        client.stop();
        scheduler.close();
    }
}
