package io.switchboard.client;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.switchboard.websocket.ClientHandshake;
import io.switchboard.websocket.CloseCode;
import io.switchboard.websocket.MessageCollector;
import io.switchboard.websocket.WebSocketConnection;
import io.switchboard.websocket.WebSocketEvent;
import io.switchboard.websocket.WebSocketEvent.Payload;
import io.switchboard.websocket.WebSocketLimits;
import io.switchboard.websocket.WebSocketMessage;
import io.switchboard.websocket.Zlib;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// A blocking WebSocket client without STOMP, over `ws` or `wss`.
///
/// **Threads.** One thread at a time reads ([#receive] or [#receivePart]); any may send. It has no
/// thread of its own: pings are answered, and the end is noticed, while somebody reads. Who sends
/// waits until the system has taken the bytes, and with it for a server that does not read.
///
/// **Memory.** One read buffer and, in [#receive], one message within the limit; what is longer can
/// be read in parts.
public final class WebSocketClient implements AutoCloseable {
    private static final int HEAD_LENGTH_MAX = 16 * 1024;

    /// How long the server may take to answer a Close, and to end the TCP connection, as it should
    /// do first (RFC 6455 section 7.1.1).
    private static final long CLOSE_TIMEOUT_NANOS = 2_000_000_000L;

    private static final long NANOS_PER_MILLI = 1_000_000;

    private final Socket socket;
    private final InputStream in;
    private final OutputStream out;
    private final @Nullable String subprotocol;
    private final byte[] buffer = new byte[Link.READ_LENGTH];
    private final MessageCollector collector;

    /// Guards the connection's state, never held while the socket is used.
    private final WebSocketConnection webSocket;

    private final Zlib zlib = WebSocketLink.zlib();

    /// What the connection and the compression held is given back. Guarded as they are.
    private boolean released;

    /// Held while frames are made and written, so that they leave in the order in which they were
    /// made.
    private final ReentrantLock sending = new ReentrantLock();

    /// Held by whoever reads; guards what is the reader's.
    private final ReentrantLock reading = new ReentrantLock();

    // The reader's.

    /// The connection may have events that were not asked for.
    private boolean lent;

    private int closeCode = CloseCode.ABNORMAL;
    private String closeReason = "";
    private boolean ended;

    private WebSocketClient(
            Socket socket,
            ClientOptions options,
            SecureRandom random,
            ClientHandshake.Answer.Accepted accepted)
            throws IOException {
        this.socket = socket;
        subprotocol = accepted.subprotocol();
        in = socket.getInputStream();
        out = socket.getOutputStream();
        collector = new MessageCollector(options.limits().bodyLengthMax());
        webSocket =
                WebSocketConnection.client(
                        WebSocketLimits.DEFAULT, random, accepted.deflate(), zlib);
    }

    /// Connects, without a subprotocol or headers of its own.
    ///
    /// @param options of which the URL, the trust, the time-out (for connecting and the handshake),
    ///   the body's limit (for whole messages) and the compression count
    public static WebSocketClient connect(ClientOptions options) throws IOException {
        return connect(options, List.of(), List.of());
    }

    /// @param subprotocols to offer
    /// @param headers of the handshake, such as `Origin` or `Authorization`
    public static WebSocketClient connect(
            ClientOptions options,
            List<String> subprotocols,
            List<Map.Entry<String, String>> headers)
            throws IOException {
        if (!options.scheme().webSocket) {
            throw new IllegalArgumentException(
                    "expected a URL with ws or wss but was " + options.url());
        }
        SecureRandom random = new SecureRandom();
        ClientHandshake handshake =
                new ClientHandshake(
                        options.url(),
                        subprotocols,
                        options.compression(),
                        headers,
                        random,
                        HEAD_LENGTH_MAX);
        Socket socket = Sockets.open(options);
        try {
            ByteBuffer received = ByteBuffer.allocate(Link.READ_LENGTH);
            ClientHandshake.Answer.Accepted accepted =
                    WebSocketLink.shakeHands(socket, handshake, received);
            socket.setSoTimeout(0);
            WebSocketClient client = new WebSocketClient(socket, options, random, accepted);
            client.lend(received);
            return client;
        } catch (SocketTimeoutException e) {
            Sockets.close(socket);
            throw new IOException("no answer to the WebSocket handshake", e);
        } catch (IOException | RuntimeException e) {
            Sockets.close(socket);
            throw e;
        }
    }

    /// The one that the server chose, or null.
    public @Nullable String subprotocol() {
        return subprotocol;
    }

    // --- In ---

    /// Waits for the next message.
    ///
    /// @return null at the end, which [#closeCode] explains
    /// @throws IOException if the message is too long, or the server broke the protocol, or the
    ///   connection broke; then it has ended
    public @Nullable WebSocketMessage receive() throws IOException {
        for (Payload part = receivePart(); part != null; part = receivePart()) {
            if (!collector.add(part.bytes())) {
                close(CloseCode.TOO_BIG, "too long");
                awaitEnd();
                throw new IOException(
                        "the server sent a message of more than "
                                + collector.lengthMax()
                                + " bytes");
            }
            if (part.last()) {
                return collector.take(part.text());
            }
        }
        return null;
    }

    /// Waits for the next part of a message, as it arrives. Its bytes are good until the next call.
    ///
    /// @return null at the end
    public @Nullable Payload receivePart() throws IOException {
        reading.lock();
        try {
            return read(Long.MAX_VALUE);
        } finally {
            reading.unlock();
        }
    }

    /// @param deadlineNanos `Long.MAX_VALUE` for none
    private @Nullable Payload read(long deadlineNanos) throws IOException {
        while (!ended) {
            if (!lent) {
                limitRead(deadlineNanos);
                int length = in.read(buffer);
                if (length < 0) {
                    end();
                    return null;
                }
                lend(ByteBuffer.wrap(buffer, 0, length));
            }
            WebSocketEvent event;
            synchronized (webSocket) {
                if (released) {
                    throw new IOException("the connection is closed");
                }
                event = webSocket.next();
            }
            switch (event) {
                case Payload part -> {
                    return part;
                }
                case WebSocketEvent.NeedBytes needBytes -> lent = false;
                case WebSocketEvent.PingReceived(ByteBuffer payload) ->
                        send(() -> webSocket.pong(payload));
                case WebSocketEvent.PongReceived pong -> {}
                case WebSocketEvent.CloseReceived(int code, String reason) -> {
                    closeCode = code;
                    closeReason = reason;
                    send(() -> webSocket.close(code, "", System.nanoTime()));
                    awaitServersEnd();
                    end();
                }
                case WebSocketEvent.Violation(int code, String rule, String found) -> {
                    send(() -> webSocket.close(code, rule, System.nanoTime()));
                    awaitServersEnd();
                    end();
                    throw new IOException(
                            "the server broke the WebSocket protocol: expected "
                                    + rule
                                    + " but was "
                                    + found);
                }
                case WebSocketEvent.CloseTimedOut timedOut -> {}
            }
        }
        return null;
    }

    private void lend(ByteBuffer received) {
        synchronized (webSocket) {
            webSocket.receive(received, System.nanoTime());
        }
        lent = true;
    }

    private void limitRead(long deadlineNanos) throws IOException {
        if (deadlineNanos != Long.MAX_VALUE) {
            long restMillis = (deadlineNanos - System.nanoTime()) / NANOS_PER_MILLI;
            if (restMillis <= 0) {
                throw new SocketTimeoutException("the server did not end the connection in time");
            }
            socket.setSoTimeout((int) restMillis);
        }
    }

    /// Close has been said on both sides; what still comes means nothing.
    private void awaitServersEnd() {
        long deadlineNanos = System.nanoTime() + CLOSE_TIMEOUT_NANOS;
        try {
            do {
                limitRead(deadlineNanos);
            } while (in.read(buffer) >= 0);
        } catch (IOException e) {
            // It did not in time, or the connection broke: it ends either way.
            return;
        }
    }

    /// Our Close has been said: drops what comes until the server's, in bounded time.
    private void awaitEnd() {
        long deadlineNanos = System.nanoTime() + CLOSE_TIMEOUT_NANOS;
        reading.lock();
        try {
            while (read(deadlineNanos) != null) {}
        } catch (IOException e) {
            // As above.
            return;
        } finally {
            end();
            reading.unlock();
        }
    }

    private void end() {
        ended = true;
        release();
    }

    private void release() {
        Sockets.close(socket);
        synchronized (webSocket) {
            if (!released) {
                released = true;
                webSocket.release();
                zlib.close();
            }
        }
    }

    /// Of the server's Close: 1005 if that had none, 1006 if none came. For the thread that reads.
    public int closeCode() {
        return closeCode;
    }

    /// Of the server's Close. For the thread that reads.
    public String closeReason() {
        return closeReason;
    }

    // --- Out ---

    public void send(String text) throws IOException {
        send(UTF_8.encode(text), true);
    }

    public void send(ByteBuffer binary) throws IOException {
        send(binary, false);
    }

    private void send(ByteBuffer payload, boolean text) throws IOException {
        require(send(() -> text ? webSocket.text(payload) : webSocket.binary(payload)));
    }

    /// Sends a part of a message, never compressed. Until the last one nobody may send another
    /// message.
    ///
    /// @param text what the message is, said with its first part; then the whole must be UTF-8
    public void sendPart(ByteBuffer part, boolean text, boolean last) throws IOException {
        require(send(() -> webSocket.part(part, text, last)));
    }

    /// @param payload at most 125 bytes
    public void ping(ByteBuffer payload) throws IOException {
        require(send(() -> webSocket.ping(payload)));
    }

    private static void require(boolean sent) throws IOException {
        if (!sent) {
            throw new IOException("the connection is closed");
        }
    }

    /// @return false if our Close has been sent
    private boolean send(Supplier<ByteBuffer> frame) throws IOException {
        sending.lock();
        try {
            ByteBuffer bytes;
            synchronized (webSocket) {
                if (!webSocket.state().maySend()) {
                    return false;
                }
                bytes = frame.get();
            }
            out.write(bytes.array(), bytes.arrayOffset() + bytes.position(), bytes.remaining());
            out.flush();
            return true;
        } finally {
            sending.unlock();
        }
    }

    // --- The end ---

    /// Says Close; whoever reads goes on until the server's has come. Idempotent.
    public void close(int code, String reason) throws IOException {
        boolean sent = send(() -> webSocket.close(code, reason, System.nanoTime()));
        assert sent || !webSocket.state().maySend();
    }

    /// Says Close with 1000, if none was said, and waits for the server to say so too and to end
    /// the connection, two seconds at most. Whoever reads goes on until then.
    @Override
    public void close() {
        try {
            close(CloseCode.NORMAL, "");
            if (reading.tryLock(CLOSE_TIMEOUT_NANOS, TimeUnit.NANOSECONDS)) {
                try {
                    awaitEnd();
                } finally {
                    reading.unlock();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            // It is gone either way, and nobody could do anything about it.
            return;
        } finally {
            release();
        }
    }
}
