package io.switchboard.client;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.switchboard.stomp.HeartBeat;
import io.switchboard.stomp.StompCommand;
import io.switchboard.stomp.StompConnection;
import io.switchboard.stomp.StompEncoder;
import io.switchboard.stomp.StompEvent;
import io.switchboard.stomp.StompFrame;
import io.switchboard.stomp.StompHeaders;
import io.switchboard.stomp.StompVersion;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// A blocking STOMP client on one socket.
///
/// **Threads.** Every method may be called from any thread. Two virtual threads belong to a client:
/// one reads and calls the handlers, one at a time and in the order of the wire; one writes. While
/// a handler runs nothing is read, so a slow handler slows the server down; and a handler must not
/// wait for what only reading can bring: [#subscribe], [#publish] and [#unsubscribe] refuse to be
/// called there, [#send] and [#acknowledge] are fine.
///
/// **Memory.** Inbound, one read buffer and one frame within [ClientOptions#limits]; outbound, the
/// frames of [Outbox#CAPACITY] calls, after which callers wait.
///
/// **Ends.** [#close] takes leave with a DISCONNECT. Whatever else ends the connection fails every
/// call that waits and [#ended].
public final class StompClient implements AutoCloseable {
    private static final int HEART_BEATS_MISSED_MAX = 3;
    private static final Duration FAREWELL = Duration.ofSeconds(2);

    private final ClientOptions options;
    private final Link link;
    private final Outbox outbox;

    /// The reader's.
    private final StompConnection stomp;

    private final Thread reader;

    private final Map<String, Consumer<Message>> handlers = new ConcurrentHashMap<>();
    private final Map<String, CompletableFuture<StompHeaders>> receipts = new ConcurrentHashMap<>();
    private final AtomicLong ids = new AtomicLong();
    private final CompletableFuture<StompVersion> connected = new CompletableFuture<>();
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private final AtomicBoolean closing = new AtomicBoolean();

    /// That have come. Written by the reader alone.
    private volatile long messages;

    /// CONNECT is written the same way in every version.
    private volatile StompVersion version = StompVersion.V1_2;

    private StompClient(ClientOptions options, Link link) {
        this.options = options;
        this.link = link;
        stomp = StompConnection.client(options.limits());
        outbox = new Outbox(link, this::fail);
        reader = Thread.ofVirtual().name("stomp-reader").unstarted(this::read);
    }

    /// Connects and waits for CONNECTED.
    ///
    /// @throws StompErrorException when the server says no
    public static StompClient connect(ClientOptions options) throws IOException {
        Socket socket = Sockets.open(options);
        StompClient client;
        try {
            if (options.scheme().webSocket) {
                WebSocketLink link = WebSocketLink.open(socket, options);
                client = new StompClient(options, link);
                link.answers(client.outbox::offer);
            } else {
                client = new StompClient(options, new Link.Plain(socket));
            }
        } catch (SocketTimeoutException e) {
            Sockets.close(socket);
            throw new IOException("no answer to the WebSocket handshake", e);
        } catch (IOException | RuntimeException e) {
            Sockets.close(socket);
            throw e;
        }
        client.open();
        return client;
    }

    private void open() throws IOException {
        outbox.start();
        reader.start();
        try {
            List<String> headers = new ArrayList<>();
            headers.addAll(List.of("accept-version", StompVersion.SUPPORTED));
            headers.addAll(List.of("host", options.url().getHost()));
            headers.addAll(List.of("heart-beat", options.heartBeat().text()));
            if (options.login() != null) {
                headers.addAll(List.of("login", options.login()));
            }
            if (options.passcode() != null) {
                headers.addAll(List.of("passcode", options.passcode()));
            }
            if (options.clientId() != null) {
                headers.addAll(List.of("client-id", options.clientId()));
            }
            write(
                    new StompFrame(
                            StompCommand.CONNECT, StompHeaders.of(headers.toArray(String[]::new))));
            await(connected, "CONNECTED");
        } catch (IOException | RuntimeException e) {
            fail(new IOException("the connection was given up", e));
            throw e;
        }
    }

    /// The version that was negotiated.
    public StompVersion version() {
        return version;
    }

    /// Completes when the connection has ended: normally after [#close], else with the reason.
    public CompletableFuture<Void> ended() {
        return ended.copy();
    }

    /// Subscribes and waits for the RECEIPT. Messages may reach the handler before this returns:
    /// with a header `from` all of the past does, and the wait is as long as messages come.
    ///
    /// @param headers beyond `id`, `destination` and `receipt`; `from` is where it begins: `start`,
    ///   `last=50`, `age=10m`, `after=` and a [Message#id]
    /// @param handler an exception that it throws ends the connection
    public Subscription subscribe(
            String destination, StompHeaders headers, Consumer<Message> handler)
            throws IOException {
        String id = "sub-" + ids.incrementAndGet();
        handlers.put(id, handler);
        try {
            StompHeaders receipt =
                    exchange(
                            StompCommand.SUBSCRIBE,
                            with(headers, "id", id, "destination", destination),
                            ByteBuffer.allocate(0));
            return new Subscription(id, destination, !"false".equals(receipt.get("recovered")));
        } catch (IOException | RuntimeException e) {
            handlers.remove(id);
            throw e;
        }
    }

    public Subscription subscribe(String destination, Consumer<Message> handler)
            throws IOException {
        return subscribe(destination, StompHeaders.of(), handler);
    }

    /// Waits for the RECEIPT, after which the handler is not called any more.
    public void unsubscribe(Subscription subscription) throws IOException {
        exchange(
                StompCommand.UNSUBSCRIBE,
                StompHeaders.of("id", subscription.id()),
                ByteBuffer.allocate(0));
        handlers.remove(subscription.id());
    }

    /// Ends a subscription that outlives its connections for good, with all that waits for it, and
    /// waits for the RECEIPT.
    ///
    /// @param name its `durable-subscription-name`
    public void endDurable(String name) throws IOException {
        exchange(
                StompCommand.UNSUBSCRIBE,
                StompHeaders.of("id", name, "durable-subscription-name", name),
                ByteBuffer.allocate(0));
    }

    /// Hands an ACK to the writer and does not wait for the server.
    ///
    /// @param message of a subscription with `ack:client` or `ack:client-individual`
    public void acknowledge(Message message) throws IOException {
        StompHeaders headers = message.headers();
        String ack = headers.get("ack");
        StompHeaders named =
                ack != null
                        ? StompHeaders.of("id", ack)
                        : StompHeaders.of(
                                "message-id",
                                message.id(),
                                "subscription",
                                Objects.requireNonNullElse(headers.get("subscription"), ""));
        write(new StompFrame(StompCommand.ACK, named));
    }

    /// Hands a SEND to the writer and does not wait for the server.
    public void send(String destination, StompHeaders headers, ByteBuffer body) throws IOException {
        write(new StompFrame(StompCommand.SEND, with(headers, "destination", destination), body));
    }

    public void send(String destination, String body) throws IOException {
        send(destination, StompHeaders.of(), UTF_8.encode(body));
    }

    /// Sends and waits for the RECEIPT.
    public void publish(String destination, StompHeaders headers, ByteBuffer body)
            throws IOException {
        exchange(StompCommand.SEND, with(headers, "destination", destination), body);
    }

    public void publish(String destination, String body) throws IOException {
        publish(destination, StompHeaders.of(), UTF_8.encode(body));
    }

    /// Says DISCONNECT, waits for its RECEIPT, and closes the connection. Idempotent; does not
    /// throw: what was published and had its receipt is safe, whatever happens here.
    @Override
    public void close() {
        if (!closing.compareAndSet(false, true)) {
            return;
        }
        if (!ended.isDone() && Thread.currentThread() != reader) {
            try {
                exchange(StompCommand.DISCONNECT, StompHeaders.of(), ByteBuffer.allocate(0));
                outbox.offer(link.farewell());
                // The server is to close TCP first (RFC 6455 section 7.1.1).
                reader.join(FAREWELL);
            } catch (IOException e) {
                // It has gone already, or does not answer: then there is nobody to take leave of.
                link.close();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        end(null);
    }

    // --- Writing ---

    /// The frame's own headers come first, and of a repeated name the first counts.
    private static StompHeaders with(StompHeaders headers, String... first) {
        List<String> all = new ArrayList<>(List.of(first));
        for (int i = 0; i < headers.size(); i++) {
            all.add(headers.name(i));
            all.add(headers.value(i));
        }
        return StompHeaders.of(all.toArray(String[]::new));
    }

    private StompHeaders exchange(StompCommand command, StompHeaders headers, ByteBuffer body)
            throws IOException {
        if (Thread.currentThread() == reader) {
            throw new IllegalStateException(
                    "a handler must not wait for a RECEIPT: nothing is read while it runs");
        }
        String id = "r-" + ids.incrementAndGet();
        CompletableFuture<StompHeaders> receipt = new CompletableFuture<>();
        receipts.put(id, receipt);
        try {
            write(new StompFrame(command, with(headers, "receipt", id), body));
            await(receipt, "RECEIPT of " + command);
            return receipt.join();
        } finally {
            receipts.remove(id);
        }
    }

    private void write(StompFrame frame) throws IOException {
        if (frame.body().remaining() > options.limits().bodyLengthMax()) {
            throw new IOException(
                    "expected a body of at most "
                            + options.limits().bodyLengthMax()
                            + " bytes but was "
                            + frame.body().remaining());
        }
        outbox.put(link.frame(StompEncoder.encode(frame, version)), options.timeout());
    }

    private <T> void await(CompletableFuture<T> answer, String what) throws IOException {
        CompletableFuture<?> either = CompletableFuture.anyOf(answer, ended);
        try {
            waitFor(either);
        } catch (TimeoutException e) {
            throw new IOException(
                    "no " + what + " after " + options.timeout().toMillis() + " ms", e);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof IOException cause
                    ? rethrown(cause)
                    : new IOException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while waiting for " + what);
        }
        if (!answer.isDone()) {
            throw new IOException("the connection was closed before the " + what);
        }
    }

    /// As long as messages come: an answer may be behind many of them.
    private void waitFor(CompletableFuture<?> either)
            throws InterruptedException, ExecutionException, TimeoutException {
        while (true) {
            long before = messages;
            try {
                either.get(options.timeout().toMillis(), TimeUnit.MILLISECONDS);
                return;
            } catch (TimeoutException e) {
                if (messages == before) {
                    throw e;
                }
            }
        }
    }

    /// With the stack of the caller, who is on another thread than the one that failed.
    private static IOException rethrown(IOException cause) {
        IOException here =
                cause instanceof StompErrorException error
                        ? new StompErrorException(error.summary(), error.detail())
                        : new IOException(cause.getMessage());
        here.initCause(cause);
        return here;
    }

    // --- Reading ---

    private void read() {
        try {
            ByteBuffer piece = link.read();
            while (piece != null) {
                stomp.receive(piece, System.nanoTime());
                StompEvent event = stomp.next();
                while (!(event instanceof StompEvent.NeedBytes)) {
                    on(event);
                    event = stomp.next();
                }
                piece = link.read();
            }
            end(closing.get() ? null : new IOException("the server ended the connection"));
        } catch (SocketTimeoutException e) {
            end(new IOException("the server fell silent", e));
        } catch (IOException e) {
            end(closing.get() ? null : e);
        } catch (RuntimeException e) {
            end(new IOException("a handler failed: " + e, e));
        }
    }

    private void on(StompEvent event) throws IOException {
        switch (event) {
            case StompEvent.FrameReceived(StompFrame frame) -> on(frame);
            case StompEvent.Violation violation ->
                    throw new IOException(
                            "the server broke the STOMP protocol: "
                                    + violation.rule()
                                    + " but was "
                                    + violation.found());
            case StompEvent.HeartbeatReceived beat -> {}
            case StompEvent.NeedBytes needBytes -> {}
            case StompEvent.HeartbeatDue due -> {}
            case StompEvent.PeerOverdue overdue -> {}
            case StompEvent.PeerSilent silent -> {}
            case StompEvent.NothingDue nothing -> {}
        }
    }

    private void on(StompFrame frame) throws IOException {
        switch (frame.command()) {
            case CONNECTED -> onConnected(frame.headers());
            case MESSAGE -> onMessage(frame);
            case RECEIPT -> {
                String id = frame.headers().get("receipt-id");
                CompletableFuture<StompHeaders> receipt = id == null ? null : receipts.remove(id);
                if (receipt != null) {
                    receipt.complete(frame.headers());
                }
            }
            case ERROR -> {
                String summary = frame.headers().get("message");
                throw new StompErrorException(
                        summary == null ? "ERROR" : summary, UTF_8.decode(frame.body()).toString());
            }
            case CONNECT,
                    STOMP,
                    SEND,
                    SUBSCRIBE,
                    UNSUBSCRIBE,
                    BEGIN,
                    COMMIT,
                    ABORT,
                    ACK,
                    NACK,
                    DISCONNECT ->
                    throw new AssertionError(frame.command());
        }
    }

    private void onConnected(StompHeaders headers) throws IOException {
        String named = headers.get("version");
        StompVersion settled = StompVersion.of(named == null ? "1.0" : named);
        HeartBeat peer = HeartBeat.parse(headers.get("heart-beat"));
        if (settled == null || peer == null) {
            throw new IOException("expected CONNECTED with a version and heart-beat of STOMP");
        }
        stomp.version(settled);
        version = settled;
        int silenceMillis = 0;
        if (settled.heartbeats()) {
            outbox.beatEvery(options.heartBeat().outgoingPeriodMillis(peer));
            silenceMillis =
                    (int)
                            Math.min(
                                    (long) HEART_BEATS_MISSED_MAX
                                            * options.heartBeat().incomingPeriodMillis(peer),
                                    Integer.MAX_VALUE);
        }
        link.readTimeout(silenceMillis);
        connected.complete(settled);
    }

    private void onMessage(StompFrame frame) {
        messages++;
        String id = frame.headers().get("subscription");
        Consumer<Message> handler = id == null ? null : handlers.get(id);
        if (handler != null) {
            ByteBuffer body = ByteBuffer.allocate(frame.body().remaining());
            body.put(frame.body()).flip();
            handler.accept(new Message(frame.headers(), body));
        }
    }

    // --- Ends ---

    private void fail(IOException reason) {
        end(closing.get() ? null : reason);
    }

    private void end(@Nullable IOException reason) {
        if (reason == null) {
            ended.complete(null);
        } else {
            ended.completeExceptionally(reason);
        }
        outbox.stop();
        link.close();
    }
}
