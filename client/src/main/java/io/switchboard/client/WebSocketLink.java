package io.switchboard.client;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.switchboard.stomp.StompVersion;
import io.switchboard.websocket.ClientHandshake;
import io.switchboard.websocket.CloseCode;
import io.switchboard.websocket.PermessageDeflate;
import io.switchboard.websocket.WebSocketConnection;
import io.switchboard.websocket.WebSocketEvent;
import io.switchboard.websocket.WebSocketLimits;
import io.switchboard.websocket.Zlib;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// STOMP inside a WebSocket. The [WebSocketConnection] is shared by the reader and by whoever
/// frames something to write; its own monitor guards it, and is never held while a socket is used.
final class WebSocketLink implements Link {
    private static final int HEAD_LENGTH_MAX = 16 * 1024;
    private static final int COMPRESSION_LEVEL = 1;

    /// Shorter messages are not worth it.
    private static final int COMPRESSED_FROM = 1024;

    /// How long the server may take to end the connection when both have said Close.
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(2);

    private final Socket socket;
    private final InputStream in;
    private final OutputStream out;
    private final Zlib zlib = zlib();
    private final WebSocketConnection webSocket;
    private final byte[] buffer = new byte[READ_LENGTH];

    /// Takes pongs and the answer to a Close; may drop them when much else waits to be written.
    private Consumer<ByteBuffer> answers = framed -> {};

    /// Whether the connection may have events that were not asked for.
    private boolean lent;

    private WebSocketLink(
            Socket socket,
            ClientOptions options,
            SecureRandom random,
            @Nullable PermessageDeflate agreed)
            throws IOException {
        this.socket = socket;
        in = socket.getInputStream();
        out = socket.getOutputStream();
        int lengthMax = options.limits().headerBytesMax() + options.limits().bodyLengthMax() + 1;
        webSocket =
                WebSocketConnection.client(
                        new WebSocketLimits(
                                Math.max(lengthMax, WebSocketLimits.DEFAULT.messageLengthMax()),
                                Math.max(lengthMax, WebSocketLimits.DEFAULT.frameLengthMax()),
                                WebSocketLimits.DEFAULT.fragmentCountMax()),
                        random,
                        agreed,
                        zlib);
    }

    static WebSocketLink open(Socket socket, ClientOptions options) throws IOException {
        SecureRandom random = new SecureRandom();
        ClientHandshake handshake =
                new ClientHandshake(
                        options.url(),
                        List.of(
                                StompVersion.V1_2.subprotocol(),
                                StompVersion.V1_1.subprotocol(),
                                StompVersion.V1_0.subprotocol()),
                        options.compression(),
                        List.of(),
                        random,
                        HEAD_LENGTH_MAX);
        ByteBuffer received = ByteBuffer.allocate(READ_LENGTH);
        PermessageDeflate agreed = shakeHands(socket, handshake, received).deflate();
        WebSocketLink link = new WebSocketLink(socket, options, random, agreed);
        link.lend(received);
        return link;
    }

    /// What was agreed; what came behind the answer is left in the buffer.
    static ClientHandshake.Answer.Accepted shakeHands(
            Socket socket, ClientHandshake handshake, ByteBuffer received) throws IOException {
        ByteBuffer request = handshake.request();
        byte[] bytes = new byte[request.remaining()];
        request.get(bytes);
        socket.getOutputStream().write(bytes);
        socket.getOutputStream().flush();
        while (true) {
            int length = socket.getInputStream().read(received.array());
            if (length < 0) {
                throw new IOException("the server ended the connection during the handshake");
            }
            received.clear().limit(length);
            switch (handshake.receive(received)) {
                case ClientHandshake.Answer.Accepted accepted -> {
                    return accepted;
                }
                case ClientHandshake.Answer.Refused(int status, String reason, var headers) ->
                        throw new IOException(
                                "the server refused the WebSocket: " + status + " " + reason);
                case ClientHandshake.Answer.Violation(String rule, String found) ->
                        throw new IOException(
                                "no WebSocket server answers there: expected "
                                        + rule
                                        + " but was "
                                        + found);
                case ClientHandshake.Answer.NeedBytes needBytes -> {}
            }
        }
    }

    /// What a connection compresses with.
    static Zlib zlib() {
        return new Zlib(COMPRESSION_LEVEL, COMPRESSED_FROM);
    }

    void answers(Consumer<ByteBuffer> answers) {
        this.answers = answers;
    }

    private void lend(ByteBuffer received) {
        synchronized (webSocket) {
            webSocket.receive(received, System.nanoTime());
        }
        lent = true;
    }

    @Override
    public @Nullable ByteBuffer read() throws IOException {
        while (true) {
            if (!lent) {
                int length = in.read(buffer);
                if (length < 0) {
                    return null;
                }
                lend(ByteBuffer.wrap(buffer, 0, length));
            }
            WebSocketEvent event;
            synchronized (webSocket) {
                event = webSocket.next();
            }
            switch (event) {
                case WebSocketEvent.Payload(ByteBuffer bytes, boolean text, boolean last) -> {
                    if (bytes.hasRemaining()) {
                        return bytes;
                    }
                }
                case WebSocketEvent.NeedBytes needBytes -> lent = false;
                case WebSocketEvent.PingReceived(ByteBuffer payload) -> pong(payload);
                case WebSocketEvent.PongReceived pong -> {}
                case WebSocketEvent.CloseReceived(int code, String reason) -> {
                    boolean ours;
                    synchronized (webSocket) {
                        ours = !webSocket.state().maySend();
                    }
                    // The same code, as is usual (section 5.5.1).
                    answers.accept(farewell(code, ""));
                    awaitServersEnd();
                    if (ours || code == CloseCode.NORMAL) {
                        return null;
                    }
                    throw new IOException(
                            "the server closed the connection: "
                                    + code
                                    + (reason.isEmpty() ? "" : " " + reason));
                }
                case WebSocketEvent.Violation(int code, String rule, String found) -> {
                    answers.accept(farewell(code, rule));
                    awaitServersEnd();
                    throw new IOException(
                            "the server broke the WebSocket protocol: expected "
                                    + rule
                                    + " but was "
                                    + found);
                }
                case WebSocketEvent.CloseTimedOut timedOut -> {}
            }
        }
    }

    /// The server closes TCP first, so that it is the one who waits for what may still be on its
    /// way (RFC 6455 section 7.1.1); until then our Close is written. What comes means nothing.
    private void awaitServersEnd() {
        long deadlineNanos = System.nanoTime() + CLOSE_TIMEOUT.toNanos();
        try {
            do {
                long restMillis = (deadlineNanos - System.nanoTime()) / 1_000_000;
                if (restMillis <= 0) {
                    return;
                }
                socket.setSoTimeout((int) restMillis);
            } while (in.read(buffer) >= 0);
        } catch (IOException e) {
            // It did not in time, or the connection broke: it ends either way.
            return;
        }
    }

    private void pong(ByteBuffer payload) {
        ByteBuffer framed;
        synchronized (webSocket) {
            framed = webSocket.state().maySend() ? webSocket.pong(payload) : ByteBuffer.allocate(0);
        }
        answers.accept(framed);
    }

    @Override
    public ByteBuffer frame(ByteBuffer stomp) throws IOException {
        synchronized (webSocket) {
            if (!webSocket.state().maySend()) {
                throw new IOException("the connection is closing");
            }
            return utf8(stomp) ? webSocket.text(stomp) : webSocket.binary(stomp);
        }
    }

    /// A body need not be text, and a text frame must (RFC 6455 section 5.6).
    private static boolean utf8(ByteBuffer bytes) {
        try {
            UTF_8.newDecoder().decode(bytes.duplicate());
            return true;
        } catch (CharacterCodingException e) {
            return false;
        }
    }

    @Override
    public ByteBuffer farewell() {
        return farewell(CloseCode.NORMAL, "");
    }

    private ByteBuffer farewell(int code, String reason) {
        synchronized (webSocket) {
            return webSocket.close(code, reason, System.nanoTime());
        }
    }

    @Override
    public void write(ByteBuffer framed) throws IOException {
        out.write(framed.array(), framed.arrayOffset() + framed.position(), framed.remaining());
        out.flush();
    }

    @Override
    public void readTimeout(int millis) throws IOException {
        socket.setSoTimeout(millis);
    }

    @Override
    public void close() {
        Sockets.close(socket);
        synchronized (webSocket) {
            webSocket.release();
            zlib.close();
        }
    }
}
