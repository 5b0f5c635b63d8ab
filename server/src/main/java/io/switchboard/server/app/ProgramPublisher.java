package io.switchboard.server.app;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.switchboard.broker.Command;
import io.switchboard.broker.Disconnect;
import io.switchboard.broker.Headers;
import io.switchboard.broker.Message;
import io.switchboard.broker.Refusal;
import io.switchboard.broker.SendOptions;
import io.switchboard.broker.Session;
import io.switchboard.broker.SessionEvents;
import io.switchboard.broker.Shard;
import io.switchboard.stomp.StompLimits;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What the program publishes, on its way to the shards and back. It has a session of its own on
/// every shard; one destination is always published to from the same shard, so that its messages
/// keep their order. For all threads.
final class ProgramPublisher implements Publisher {
    static final Map<String, String> TEXT = Map.of("content-type", "text/plain;charset=utf-8");

    private static final Logger LOG = LoggerFactory.getLogger(ProgramPublisher.class);

    /// Bytes of what is published and not complete.
    private static final int BYTES_MAX = 16 << 20;

    /// What each message counts beside its body and headers.
    private static final int MESSAGE_COST = 256;

    /// What belongs to the frame or is the server's to say, as for a client's SEND.
    private static final Set<String> NOT_FOR_SENDERS =
            Set.of(
                    "destination",
                    "content-length",
                    "receipt",
                    "transaction",
                    "message-id",
                    "subscription",
                    "ack",
                    "redelivered",
                    "delivery-count",
                    "user-name",
                    "timestamp",
                    "snapshot");

    /// What depends on a future may block, so it is not for the shard's thread.
    private static final Executor DEPENDENTS =
            task -> Thread.ofVirtual().name("published").start(task);

    private record Publication(CompletableFuture<Void> future, int cost) {}

    private final StompLimits limits;
    private final Semaphore room = new Semaphore(BYTES_MAX, true);
    private final AtomicLong numbers = new AtomicLong();

    /// By their receipts.
    private final Map<String, Publication> open = new ConcurrentHashMap<>();

    private volatile boolean closed;

    // Set once, before anything is published. Each session belongs to its shard's thread.
    private @Nullable Shards shards;
    private @Nullable Session[] sessions = new @Nullable Session[0];

    ProgramPublisher(StompLimits limits) {
        this.limits = limits;
    }

    void start(Shards started) {
        sessions = new @Nullable Session[started.count()];
        shards = started;
    }

    static String ofUser(String user, String destination) {
        if (user.isEmpty()
                || !destination.startsWith("/queue/") && !destination.startsWith("/topic/")) {
            throw new IllegalArgumentException(
                    "expected a user and /queue/… or /topic/… but was " + user + destination);
        }
        return "/user/" + user.replace("%", "%25").replace("/", "%2F") + destination;
    }

    @Override
    public CompletableFuture<Void> publish(
            String destination, Map<String, String> headers, byte[] body, SendOptions options) {
        Message message = message(destination, headers, body).with(options);
        Shards running = running();
        int shard = Math.floorMod(destination.hashCode(), running.count());
        return publish(running, shard, message, null);
    }

    /// Where the client itself may send.
    CompletableFuture<Void> answer(
            Session client, String destination, Map<String, String> headers, byte[] body) {
        return publish(running(), client.shardIndex(), message(destination, headers, body), client);
    }

    private Shards running() {
        Shards started = shards;
        if (started == null) {
            throw new IllegalStateException("the server has not started");
        }
        return started;
    }

    // --- What a client could send ---

    private Message message(String destination, Map<String, String> headers, byte[] body) {
        if (body.length > limits.bodyLengthMax()) {
            throw new IllegalArgumentException(
                    "expected a body of at most "
                            + limits.bodyLengthMax()
                            + " bytes but was "
                            + body.length);
        }
        if (headers.size() > limits.headerCountMax()) {
            throw new IllegalArgumentException(
                    "expected at most "
                            + limits.headerCountMax()
                            + " headers but was "
                            + headers.size());
        }
        List<String> all = new ArrayList<>(2 * headers.size());
        int length = destination.length();
        for (Map.Entry<String, String> header : headers.entrySet()) {
            String name = header.getKey();
            String value = header.getValue();
            if (name.isBlank() || NOT_FOR_SENDERS.contains(name)) {
                throw new IllegalArgumentException(
                        "expected a header for the subscribers but was " + name);
            }
            if (name.indexOf('\0') >= 0 || value.indexOf('\0') >= 0) {
                throw new IllegalArgumentException("a header with a NUL: " + name.strip());
            }
            length += name.length() + value.length();
            all.add(name);
            all.add(value);
        }
        if (length > limits.headerBytesMax()) {
            throw new IllegalArgumentException(
                    "expected headers of at most "
                            + limits.headerBytesMax()
                            + " characters but was "
                            + length);
        }
        return Message.of(
                destination, Headers.of(all.toArray(new String[0])), body.clone(), utf8(body));
    }

    private static boolean utf8(byte[] body) {
        try {
            UTF_8.newDecoder().decode(ByteBuffer.wrap(body));
            return true;
        } catch (CharacterCodingException e) {
            return false;
        }
    }

    // --- There and back ---

    private CompletableFuture<Void> publish(
            Shards running, int shard, Message message, @Nullable Session answered) {
        int cost = cost(message);
        if (running.onShard()) {
            if (!room.tryAcquire(cost)) {
                return CompletableFuture.failedFuture(
                        new IllegalStateException(
                                "more than "
                                        + BYTES_MAX
                                        + " bytes of the program's messages are not complete, and"
                                        + " an event loop must not wait for them"));
            }
        } else {
            room.acquireUninterruptibly(cost);
        }
        Publication publication = new Publication(new CompletableFuture<>(), cost);
        String receipt = Long.toString(numbers.incrementAndGet());
        open.put(receipt, publication);
        try {
            running.run(shard, on -> send(on, shard, message, receipt, answered));
        } catch (RejectedExecutionException e) {
            fail(receipt, stopped());
        }
        if (closed) {
            fail(receipt, stopped());
        }
        return publication.future;
    }

    private static int cost(Message message) {
        int cost = MESSAGE_COST + message.body().length;
        Headers headers = message.headers();
        for (int i = 0; i < headers.count(); i++) {
            cost += headers.name(i).length() + headers.value(i).length();
        }
        return Math.min(cost, BYTES_MAX);
    }

    /// On the shard's thread.
    private void send(
            Shard shard, int index, Message message, String receipt, @Nullable Session answered) {
        try {
            Session session = sessions[index];
            if (session == null) {
                session = shard.openTrusted(new Answers());
                sessions[index] = session;
            }
            shard.handle(new Command.Publish(session, message, null, receipt, answered));
        } catch (RuntimeException | Error e) {
            LOG.error("publishing to {} failed", message.destination(), e);
            fail(receipt, new Refusal(Disconnect.INTERNAL_ERROR, "the server's log says why"));
        }
    }

    private void fail(String receipt, Refusal refusal) {
        Publication publication = open.remove(receipt);
        if (publication != null) {
            room.release(publication.cost);
            DEPENDENTS.execute(() ->
                    publication.future.completeExceptionally(new PublishRefusedException(refusal)));
        }
    }

    private void complete(String receipt) {
        Publication publication = open.remove(receipt);
        if (publication != null) {
            room.release(publication.cost);
            DEPENDENTS.execute(() -> publication.future.complete(null));
        }
    }

    private static Refusal stopped() {
        return new Refusal(Disconnect.SHUTDOWN, "it takes nothing more");
    }

    void close() {
        closed = true;
        for (String receipt : List.copyOf(open.keySet())) {
            fail(receipt, stopped());
        }
    }

    /// What the broker says to the program's sessions.
    private final class Answers implements SessionEvents {
        @Override
        public void replayed(String receipt, boolean recovered) {
            throw new AssertionError("a program subscribes to nothing");
        }

        @Override
        public void completed(String receipt) {
            complete(receipt);
        }

        @Override
        public void refused(
                Refusal refusal, @Nullable String receipt, @Nullable String subscription) {
            if (receipt != null) {
                fail(receipt, refusal);
            }
        }

        @Override
        public void connected() {}

        @Override
        public void left(Command.Leave command) {}

        @Override
        public void ended(Refusal why) {}

        @Override
        public void resumed() {}

        @Override
        public void drained() {}
    }
}
