package io.switchboard.conformance;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/// A server with an echo endpoint.
///
/// @param uri `ws` or `wss`
/// @param tls whom to trust, for `wss`
record Target(URI uri, @Nullable SSLContext tls) {
    /// How long nothing may come until that is taken for an answer.
    static final int PATIENCE_MILLIS = 5000;

    Target {
        boolean known = "ws".equals(uri.getScheme()) || "wss".equals(uri.getScheme());
        if (!known || uri.getHost() == null) {
            throw new IllegalArgumentException(
                    "expected ws://host[:port]/path or wss://… but was " + uri);
        }
    }

    boolean secure() {
        return "wss".equals(uri.getScheme());
    }

    String path() {
        String path = uri.getRawPath().isEmpty() ? "/" : uri.getRawPath();
        return uri.getRawQuery() == null ? path : path + "?" + uri.getRawQuery();
    }

    /// For the Host field.
    String host() {
        return uri.getPort() < 0 ? uri.getHost() : uri.getHost() + ":" + uri.getPort();
    }

    /// @param protocols of ALPN, none for no such talk
    Socket connect(String... protocols) throws IOException {
        int port = uri.getPort() >= 0 ? uri.getPort() : secure() ? 443 : 80;
        Socket socket = new Socket();
        try {
            socket.setTcpNoDelay(true);
            socket.setSoTimeout(PATIENCE_MILLIS);
            socket.connect(new InetSocketAddress(uri.getHost(), port), PATIENCE_MILLIS);
            if (tls == null || !secure()) {
                return socket;
            }
            SSLSocket secured =
                    (SSLSocket)
                            tls.getSocketFactory().createSocket(socket, uri.getHost(), port, true);
            if (protocols.length > 0) {
                SSLParameters parameters = secured.getSSLParameters();
                parameters.setApplicationProtocols(protocols);
                secured.setSSLParameters(parameters);
            }
            secured.startHandshake();
            return secured;
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    /// The fields of a good request, without those that the cases add or change.
    List<String> request() {
        return List.of(
                "GET " + path() + " HTTP/1.1",
                "Host: " + host(),
                "Upgrade: websocket",
                "Connection: Upgrade",
                "Sec-WebSocket-Key: " + Http1.KEY,
                "Sec-WebSocket-Version: 13");
    }

    static byte[] bytes(List<String> lines) {
        return (String.join("\r\n", lines) + "\r\n\r\n").getBytes(ISO_8859_1);
    }

    /// An open connection, for cases that are not about the handshake.
    ///
    /// @param more fields of the request
    Peer open(String... more) throws IOException {
        List<String> lines = new ArrayList<>(request());
        lines.addAll(List.of(more));
        Socket socket = connect();
        try {
            socket.getOutputStream().write(bytes(lines));
            InputStream in = new BufferedInputStream(socket.getInputStream());
            Http1.Head head = Http1.read(in);
            if (head.status() != 101) {
                throw new IOException("expected 101 but was " + head.first());
            }
            Optional<String> extension = head.value("Sec-WebSocket-Extensions");
            return new Peer(
                    new Wire.OfSocket(socket, in),
                    Role.CLIENT,
                    extension.map(Agreed::read).orElse(null));
        } catch (IOException | RuntimeException e) {
            socket.close();
            throw e;
        }
    }
}
