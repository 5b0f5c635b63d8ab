package io.switchboard.server.endpoint;

import io.switchboard.websocket.CloseCode;
import io.switchboard.websocket.WebSocketMessage;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A client that is talked to by waiting: for its next message, and for it to take ours. Each has a
/// virtual thread; the next message is read only when that asks for it.
///
/// ```java
/// options.withEndpoint("/shout", BlockingWebSocket.endpoint(64 << 10, socket -> {
///     for (var it = socket.receive(); it != null; it = socket.receive()) {
///         socket.send(it.string().toUpperCase(ROOT));
///     }
/// }));
/// ```
public final class BlockingWebSocket {
    private static final Logger LOG = LoggerFactory.getLogger(BlockingWebSocket.class);

    /// A conversation with one client, on a virtual thread of its own.
    @FunctionalInterface
    public interface Conversation {
        /// When it returns the connection is closed with 1000, when it throws with 1011, and with
        /// 1013 when what it throws is a time-out.
        void with(BlockingWebSocket socket) throws IOException, InterruptedException;
    }

    private static final long NANOS_PER_MILLI = 1_000_000;

    /// How long a [#send] waits at most, unless the endpoint is made with another time.
    public static final Duration SEND_TIMEOUT = Duration.ofSeconds(60);

    private final WebSocket socket;
    private final Duration sendTimeout;

    // Guarded by this, which is held only for moments, as the event loop takes it too.
    private @Nullable WebSocketMessage arrived;
    private boolean ended;

    private BlockingWebSocket(WebSocket socket, Duration sendTimeout) {
        this.socket = socket;
        this.sendTimeout = sendTimeout;
    }

    /// @param lengthMax bytes of a message; past it the connection is closed with 1009
    public static Endpoint endpoint(int lengthMax, Conversation conversation) {
        return endpoint(lengthMax, SEND_TIMEOUT, conversation);
    }

    /// @param lengthMax bytes of a message; past it the connection is closed with 1009
    /// @param sendTimeout how long a [#send] waits at most for the client to make room
    public static Endpoint endpoint(
            int lengthMax, Duration sendTimeout, Conversation conversation) {
        return (request, socket) -> {
            BlockingWebSocket blocking = new BlockingWebSocket(socket, sendTimeout);
            Thread.ofVirtual().name("websocket").start(() -> blocking.run(conversation));
            return new WholeMessages(socket, lengthMax, blocking.new Ears());
        };
    }

    private void run(Conversation conversation) {
        try {
            conversation.with(this);
            socket.close(CloseCode.NORMAL, "");
        } catch (SocketTimeoutException e) {
            LOG.warn("{} {}", socket.address(), e.getMessage());
            socket.close(CloseCode.TRY_AGAIN_LATER, "too slow");
        } catch (InterruptedException | IOException | RuntimeException | Error e) {
            if (socket.open()) {
                LOG.error("{} a conversation failed", socket.address(), e);
            }
            socket.close(CloseCode.INTERNAL_ERROR, "internal error");
        }
    }

    /// The socket itself, for pings, parts, and who it is.
    public WebSocket socket() {
        return socket;
    }

    /// Waits for the next message as long as the client is there: one that is silent is pinged, and
    /// has gone when it does not answer.
    ///
    /// @return null when the client has gone
    public @Nullable WebSocketMessage receive() throws InterruptedException {
        await(Long.MAX_VALUE);
        return take();
    }

    /// Waits for the next message.
    ///
    /// @return null when the client has gone
    /// @throws SocketTimeoutException if none has come in that time; the next wait may get it
    public @Nullable WebSocketMessage receive(Duration timeout)
            throws SocketTimeoutException, InterruptedException {
        if (!await(timeout.toNanos())) {
            throw new SocketTimeoutException(
                    "expected a message within " + timeout.toMillis() + " ms but none came");
        }
        return take();
    }

    /// @return whether the wait is over: a message is there, or will never be
    private synchronized boolean await(long timeoutNanos) throws InterruptedException {
        long sinceNanos = System.nanoTime();
        while (arrived == null && !ended) {
            if (!waitUntil(sinceNanos, timeoutNanos)) {
                return false;
            }
        }
        return true;
    }

    private synchronized @Nullable WebSocketMessage take() {
        WebSocketMessage message = arrived;
        arrived = null;
        socket.resume();
        return message;
    }

    /// Sends a text message, as soon as the client takes it.
    ///
    /// @throws SocketTimeoutException if it has made no room in the endpoint's time
    /// @throws IOException if it has gone
    public void send(String text) throws IOException, InterruptedException {
        insist(() -> socket.offer(text));
    }

    /// Sends a binary message, as soon as the client takes it.
    ///
    /// @throws SocketTimeoutException if it has made no room in the endpoint's time
    /// @throws IOException if it has gone
    public void send(ByteBuffer binary) throws IOException, InterruptedException {
        insist(() -> socket.offer(binary));
    }

    private synchronized void insist(BooleanSupplier offer)
            throws IOException, InterruptedException {
        long sinceNanos = System.nanoTime();
        while (!offer.getAsBoolean()) {
            if (ended || !socket.open()) {
                throw new IOException("the client has gone");
            }
            if (!waitUntil(sinceNanos, sendTimeout.toNanos())) {
                throw new SocketTimeoutException(
                        "expected the client to make room within "
                                + sendTimeout.toMillis()
                                + " ms but it did not");
            }
        }
    }

    /// Waits for anything to happen.
    ///
    /// @return false if the time is over
    private boolean waitUntil(long sinceNanos, long timeoutNanos) throws InterruptedException {
        if (timeoutNanos == Long.MAX_VALUE) {
            wait();
            return true;
        }
        long restNanos = timeoutNanos - (System.nanoTime() - sinceNanos);
        if (restNanos <= 0) {
            return false;
        }
        TimeUnit.NANOSECONDS.timedWait(this, Math.max(restNanos, NANOS_PER_MILLI));
        return true;
    }

    private synchronized void tell(@Nullable WebSocketMessage message, boolean end) {
        if (message != null) {
            arrived = message;
        }
        ended |= end;
        notifyAll();
    }

    private final class Ears implements MessageListener {
        @Override
        public void received(WebSocketMessage message) {
            socket.pause();
            tell(message, false);
        }

        @Override
        public void writable() {
            tell(null, false);
        }

        @Override
        public void closed(int code, String reason) {
            tell(null, true);
        }
    }
}
