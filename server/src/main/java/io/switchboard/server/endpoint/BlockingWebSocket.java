package io.switchboard.server.endpoint;

import io.switchboard.websocket.CloseCode;
import io.switchboard.websocket.WebSocketMessage;
import java.io.IOException;
import java.nio.ByteBuffer;
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
        /// When it returns the connection is closed with 1000, when it throws with 1011.
        void with(BlockingWebSocket socket) throws IOException, InterruptedException;
    }

    private final WebSocket socket;

    // Guarded by this, which is held only for moments, as the event loop takes it too.
    private @Nullable WebSocketMessage arrived;
    private boolean ended;

    private BlockingWebSocket(WebSocket socket) {
        this.socket = socket;
    }

    /// @param lengthMax bytes of a message; past it the connection is closed with 1009
    public static Endpoint endpoint(int lengthMax, Conversation conversation) {
        return (request, socket) -> {
            BlockingWebSocket blocking = new BlockingWebSocket(socket);
            Thread.ofVirtual().name("websocket").start(() -> blocking.run(conversation));
            return new WholeMessages(socket, lengthMax, blocking.new Ears());
        };
    }

    private void run(Conversation conversation) {
        try {
            conversation.with(this);
            socket.close(CloseCode.NORMAL, "");
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

    /// Waits for the next message.
    ///
    /// @return null when the client has gone
    public synchronized @Nullable WebSocketMessage receive() throws InterruptedException {
        while (arrived == null && !ended) {
            wait();
        }
        WebSocketMessage message = arrived;
        arrived = null;
        socket.resume();
        return message;
    }

    /// Sends a text message, as soon as the client takes it.
    ///
    /// @throws IOException if it has gone
    public void send(String text) throws IOException, InterruptedException {
        insist(() -> socket.offer(text));
    }

    /// Sends a binary message, as soon as the client takes it.
    ///
    /// @throws IOException if it has gone
    public void send(ByteBuffer binary) throws IOException, InterruptedException {
        insist(() -> socket.offer(binary));
    }

    private synchronized void insist(BooleanSupplier offer)
            throws IOException, InterruptedException {
        while (!offer.getAsBoolean()) {
            if (ended || !socket.open()) {
                throw new IOException("the client has gone");
            }
            wait();
        }
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
