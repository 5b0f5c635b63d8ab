package io.switchboard.client;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.switchboard.stomp.StompCommand;
import io.switchboard.stomp.StompConnection;
import io.switchboard.stomp.StompEncoder;
import io.switchboard.stomp.StompEvent;
import io.switchboard.stomp.StompFrame;
import io.switchboard.stomp.StompHeaders;
import io.switchboard.stomp.StompLimits;
import io.switchboard.stomp.StompVersion;
import io.switchboard.websocket.HandshakeRequest;
import io.switchboard.websocket.PermessageDeflate;
import io.switchboard.websocket.ServerHandshake;
import io.switchboard.websocket.WebSocketConnection;
import io.switchboard.websocket.WebSocketEvent;
import io.switchboard.websocket.WebSocketLimits;
import io.switchboard.websocket.Zlib;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import javax.net.ServerSocketFactory;
import org.jspecify.annotations.Nullable;

/// A server that answers each frame with what the test says, over TCP or WebSocket, whichever the
/// client begins with. One thread a connection.
final class ScriptedServer implements AutoCloseable {

    /// What a connection answers to a frame, in the order of the wire.
    interface Script {
        List<StompFrame> answer(StompFrame frame);
    }

    private final ServerSocket listener;
    private final Script script;
    private final List<Socket> sockets = Collections.synchronizedList(new ArrayList<>());

    /// The commands of all that came, `receipt` left out.
    final List<StompFrame> received = Collections.synchronizedList(new ArrayList<>());

    /// The Close codes that came.
    final List<Integer> closes = Collections.synchronizedList(new ArrayList<>());

    /// Who ended each TCP connection after the Closes: `server` or `client`.
    final BlockingQueue<String> ends = new LinkedBlockingQueue<>();

    /// What was agreed about compression; null for none.
    volatile @Nullable PermessageDeflate compressed;

    ScriptedServer(ServerSocketFactory sockets, Script script) throws IOException {
        listener = sockets.createServerSocket(0, 50, InetAddress.getByName("127.0.0.1"));
        this.script = script;
        Thread.ofVirtual().start(this::accept);
    }

    static ScriptedServer of(Script script) throws IOException {
        return new ScriptedServer(ServerSocketFactory.getDefault(), script);
    }

    int port() {
        return listener.getLocalPort();
    }

    /// CONNECTED, a RECEIPT for whatever asks, and to each SEND the MESSAGE for `sub-1`.
    static List<StompFrame> politely(StompFrame frame) {
        List<StompFrame> answers = new ArrayList<>();
        StompHeaders headers = frame.headers();
        if (frame.command() == StompCommand.CONNECT) {
            answers.add(frame(StompCommand.CONNECTED, "version", "1.2", "heart-beat", "0,0"));
        }
        if (frame.command() == StompCommand.SEND) {
            answers.add(
                    new StompFrame(
                            StompCommand.MESSAGE,
                            StompHeaders.of(
                                    "subscription",
                                    "sub-1",
                                    "message-id",
                                    "1",
                                    "destination",
                                    String.valueOf(headers.get("destination"))),
                            frame.body()));
        }
        String receipt = headers.get("receipt");
        if (receipt != null) {
            answers.add(frame(StompCommand.RECEIPT, "receipt-id", receipt));
        }
        return answers;
    }

    static StompFrame frame(StompCommand command, String... namesAndValues) {
        return new StompFrame(command, StompHeaders.of(namesAndValues));
    }

    private void accept() {
        try {
            while (true) {
                Socket socket = listener.accept();
                sockets.add(socket);
                Thread.ofVirtual().start(() -> serve(socket));
            }
        } catch (IOException e) {
            // The test is over.
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            InputStream in = socket.getInputStream();
            byte[] first = in.readNBytes(4);
            Connection connection = new Connection(socket);
            if (new String(first, ISO_8859_1).equals("GET ")) {
                connection.upgrade(in);
            } else {
                connection.receive(ByteBuffer.wrap(first));
            }
            byte[] buffer = new byte[4096];
            int length = in.read(buffer);
            while (length >= 0 && !connection.done) {
                connection.receive(ByteBuffer.wrap(buffer, 0, length));
                length = connection.done ? -1 : in.read(buffer);
            }
        } catch (IOException e) {
            // The client went away, as clients do.
        }
    }

    private final class Connection {
        private final Socket socket;
        private final StompConnection stomp = StompConnection.server(StompLimits.DEFAULT);
        private WebSocketConnection webSocket = WebSocketConnection.server(WebSocketLimits.DEFAULT);
        private boolean framed;
        private boolean done;

        Connection(Socket socket) {
            this.socket = socket;
        }

        void upgrade(InputStream in) throws IOException {
            framed = true;
            StringBuilder head = new StringBuilder("GET ");
            while (head.indexOf("\r\n\r\n") < 0) {
                head.append((char) in.read());
            }
            List<String> lines = head.toString().lines().toList();
            List<Map.Entry<String, String>> headers = new ArrayList<>();
            for (String line : lines.subList(1, lines.size())) {
                int colon = line.indexOf(':');
                if (colon > 0) {
                    headers.add(Map.entry(line.substring(0, colon), line.substring(colon + 2)));
                }
            }
            String[] request = lines.getFirst().split(" ", -1);
            if (request[1].equals("/elsewhere")) {
                write(ByteBuffer.wrap("HTTP/1.1 404 Not Found\r\n\r\n".getBytes(ISO_8859_1)));
                done = true;
                return;
            }
            var answer =
                    (ServerHandshake.Answer.Accepted)
                            ServerHandshake.answer(
                                    new HandshakeRequest(
                                            request[0], request[2], request[1], headers, false),
                                    List.of("v12.stomp"),
                                    switch (request[1]) {
                                        case "/compressed" -> PermessageDeflate.NO_CONTEXT;
                                        case "/takeover" -> PermessageDeflate.FULL_CONTEXT;
                                        default -> null;
                                    });
            compressed = answer.deflate();
            webSocket =
                    WebSocketConnection.server(
                            WebSocketLimits.DEFAULT, answer.deflate(), new Zlib(6, 0));
            StringBuilder response = new StringBuilder("HTTP/1.1 101 Switching Protocols\r\n");
            for (var header : answer.headers()) {
                response.append(header.getKey() + ": " + header.getValue() + "\r\n");
            }
            write(ByteBuffer.wrap(response.append("\r\n").toString().getBytes(ISO_8859_1)));
        }

        void receive(ByteBuffer bytes) throws IOException {
            if (!framed) {
                stompBytes(bytes);
                return;
            }
            webSocket.receive(bytes, 0);
            WebSocketEvent event = webSocket.next();
            while (!(event instanceof WebSocketEvent.NeedBytes)) {
                if (event instanceof WebSocketEvent.Payload payload) {
                    stompBytes(payload.bytes());
                } else if (event instanceof WebSocketEvent.CloseReceived close) {
                    closes.add(close.code());
                    write(webSocket.close(close.code(), "", 0));
                    ends.add(whoEndsFirst());
                    done = true;
                    return;
                }
                event = webSocket.next();
            }
        }

        /// Waits a little for an end that ought not to come.
        private String whoEndsFirst() throws IOException {
            socket.setSoTimeout(200);
            try {
                return socket.getInputStream().read() < 0 ? "client" : "more was said";
            } catch (SocketTimeoutException e) {
                return "server";
            }
        }

        private void stompBytes(ByteBuffer bytes) throws IOException {
            stomp.receive(bytes, 0);
            StompEvent event = stomp.next();
            while (!(event instanceof StompEvent.NeedBytes)) {
                if (event instanceof StompEvent.FrameReceived(StompFrame frame)) {
                    received.add(frame);
                    if ("/close".equals(frame.headers().get("destination"))) {
                        write(webSocket.close(1012, "come back", 0));
                    } else if ("/break".equals(frame.headers().get("destination"))) {
                        // A reserved opcode.
                        write(ByteBuffer.wrap(new byte[] {(byte) 0x83, 0}));
                    }
                    stomp.version(StompVersion.V1_2);
                    for (StompFrame each : script.answer(frame)) {
                        send(each);
                    }
                    done |= !framed && frame.command() == StompCommand.DISCONNECT;
                }
                event = stomp.next();
            }
        }

        private void send(StompFrame frame) throws IOException {
            ByteBuffer bytes = StompEncoder.encode(frame, StompVersion.V1_2);
            write(framed ? webSocket.text(bytes) : bytes);
            if (frame.command() == StompCommand.ERROR) {
                done = true;
            }
        }

        private void write(ByteBuffer bytes) throws IOException {
            socket.getOutputStream().write(bytes.array(), bytes.position(), bytes.remaining());
        }
    }

    /// As a server that dies: no ERROR, no Close.
    void dropClients() throws IOException {
        for (Socket each : List.copyOf(sockets)) {
            each.close();
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
        dropClients();
    }
}
