package io.switchboard.conformance;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// One visit of a client: the suite is the server, on a port of its own, and has read the head of
/// the request. Ends when the client has returned.
final class Visit implements AutoCloseable {
    /// With what a client has to keep in its request.
    static final String TARGET = "/case?n=1";

    private final ServerSocket listener;
    private final Thread client;
    private final Socket socket;
    private final InputStream in;
    private final Http1.Head request;

    private Visit(ServerSocket listener, Thread client) throws IOException {
        this.listener = listener;
        this.client = client;
        socket = listener.accept();
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(Target.PATIENCE_MILLIS);
        in = new BufferedInputStream(socket.getInputStream());
        request = Http1.read(in);
    }

    static Visit of(EchoClient asked) throws IOException {
        ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        listener.setSoTimeout(Target.PATIENCE_MILLIS);
        URI uri = URI.create("ws://127.0.0.1:" + listener.getLocalPort() + TARGET);
        Thread client = Thread.ofVirtual().start(() -> run(asked, uri));
        try {
            return new Visit(listener, client);
        } catch (IOException e) {
            listener.close();
            throw e;
        }
    }

    private static void run(EchoClient asked, URI uri) {
        try {
            asked.echo(uri);
        } catch (IOException e) {
            // How a client tells its program is its own business; what it says to us is judged.
            return;
        }
    }

    Http1.Head request() {
        return request;
    }

    int port() {
        return listener.getLocalPort();
    }

    /// The key of the request, empty for none.
    String key() {
        return request.value("Sec-WebSocket-Key").orElse("");
    }

    /// A good answer.
    List<String> answer(String... more) {
        List<String> lines =
                new ArrayList<>(
                        List.of(
                                "HTTP/1.1 101 Switching Protocols",
                                "Upgrade: websocket",
                                "Connection: Upgrade",
                                "Sec-WebSocket-Accept: " + Http1.accept(key())));
        lines.addAll(List.of(more));
        return lines;
    }

    void send(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
    }

    /// Whether the client has said more than its request.
    boolean saysMore() throws IOException {
        return in.available() > 0;
    }

    /// Which ends the visit when it is closed.
    Peer peer(@Nullable Agreed agreed) {
        return new Peer(new VisitorsWire(), Role.SERVER, agreed);
    }

    private final class VisitorsWire implements Wire {
        @Override
        public InputStream in() {
            return in;
        }

        @Override
        public void send(byte[] bytes) throws IOException {
            socket.getOutputStream().write(bytes);
        }

        @Override
        public void finish() throws IOException {
            socket.shutdownOutput();
        }

        @Override
        public void close() throws IOException {
            Visit.this.close();
        }
    }

    /// What the client offers about compression, if it does.
    Optional<String> deflateOffer() {
        return request.values("Sec-WebSocket-Extensions").stream()
                .flatMap(value -> List.of(value.split(",")).stream())
                .map(String::strip)
                .filter(offer -> offer.startsWith("permessage-deflate"))
                .findFirst();
    }

    /// As simple an answer to the offer as is right.
    static String deflateAnswer(String offer) {
        return "permessage-deflate"
                + (offer.contains("server_no_context_takeover")
                        ? "; server_no_context_takeover"
                        : "")
                + (offer.contains("client_no_context_takeover")
                        ? "; client_no_context_takeover"
                        : "");
    }

    @Override
    public void close() throws IOException {
        socket.close();
        listener.close();
        try {
            client.join(Target.PATIENCE_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (client.isAlive()) {
            client.interrupt();
            throw new IOException("the client goes on behind the end of the connection");
        }
    }
}
