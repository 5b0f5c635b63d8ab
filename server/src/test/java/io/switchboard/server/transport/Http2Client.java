package io.switchboard.server.transport;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Queue;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;

/// An HTTP/2 client over TLS that sends exactly the frames it is told to. It answers SETTINGS and
/// PING, and gives back the window of what it has read.
final class Http2Client implements AutoCloseable {
    static final int DATA = 0;
    static final int HEADERS = 1;
    static final int RST_STREAM = 3;
    static final int SETTINGS = 4;
    static final int PING = 6;
    static final int GOAWAY = 7;
    static final int WINDOW_UPDATE = 8;
    static final int CONTINUATION = 9;

    static final int END_STREAM = 1;
    static final int ACK = 1;
    static final int END_HEADERS = 4;
    static final int PADDED = 8;

    static final int PROTOCOL_ERROR = 1;
    static final int CANCEL = 8;
    static final int ENHANCE_YOUR_CALM = 11;

    static final int SETTINGS_WINDOW = 4;

    record Frame(int type, int flags, int stream, byte[] payload) {
        boolean endStream() {
            return (flags & END_STREAM) != 0;
        }

        int errorCode() {
            return number(type == GOAWAY ? 4 : 0);
        }

        private int number(int at) {
            return ByteBuffer.wrap(payload).getInt(at);
        }
    }

    final SSLSocket socket;
    private final DataInputStream in;
    private final DefaultHttp2HeadersDecoder decoder = new DefaultHttp2HeadersDecoder(true, 65_536);
    private final Map<Integer, Queue<Frame>> waiting = new HashMap<>();
    private final Map<Integer, Integer> given = new HashMap<>();
    private final int authorityPort;
    private int nextStream = 1;

    /// Of the server's first SETTINGS.
    final Map<Integer, Integer> settings = new HashMap<>();

    private Http2Client(SSLSocket socket, int window) throws IOException {
        this.socket = socket;
        authorityPort = socket.getPort();
        in = new DataInputStream(socket.getInputStream());
        write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(ISO_8859_1));
        send(
                SETTINGS,
                0,
                0,
                ByteBuffer.allocate(6).putShort((short) SETTINGS_WINDOW).putInt(window).array());
        Frame first = next();
        if (first.type != SETTINGS) {
            throw new IOException("expected SETTINGS first but was " + first);
        }
        ByteBuffer each = ByteBuffer.wrap(first.payload);
        while (each.hasRemaining()) {
            settings.put((int) each.getShort(), each.getInt());
        }
    }

    static Http2Client to(InetSocketAddress address) throws Exception {
        return to(address, 65_535);
    }

    /// @param window what the server may send on a stream before the client has read it
    static Http2Client to(InetSocketAddress address, int window) throws Exception {
        SSLSocket socket = tls(address, "h2", "http/1.1");
        if (!socket.getApplicationProtocol().equals("h2")) {
            throw new IOException("expected h2 but was " + socket.getApplicationProtocol());
        }
        return new Http2Client(socket, window);
    }

    /// A TLS connection on which these protocols were offered.
    static SSLSocket tls(InetSocketAddress address, String... protocols)
            throws IOException, GeneralSecurityException {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, InsecureTrustManagerFactory.INSTANCE.getTrustManagers(), null);
        SSLSocket socket =
                (SSLSocket)
                        context.getSocketFactory()
                                .createSocket(address.getAddress(), address.getPort());
        socket.setTcpNoDelay(true);
        socket.setSoTimeout((int) Client.PATIENCE.toMillis());
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setApplicationProtocols(protocols);
        socket.setSSLParameters(parameters);
        socket.startHandshake();
        return socket;
    }

    // --- What is sent ---

    private void write(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
        socket.getOutputStream().flush();
    }

    static byte[] bytes(int type, int flags, int stream, byte[] payload) {
        return ByteBuffer.allocate(9 + payload.length)
                .put((byte) (payload.length >> 16))
                .putShort((short) payload.length)
                .put((byte) type)
                .put((byte) flags)
                .putInt(stream)
                .put(payload)
                .array();
    }

    void send(int type, int flags, int stream, byte[] payload) throws IOException {
        write(bytes(type, flags, stream, payload));
    }

    /// Several frames in one write.
    void sendAll(byte[]... frames) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] each : frames) {
            all.writeBytes(each);
        }
        write(all.toByteArray());
    }

    void reset(int stream, int error) throws IOException {
        send(RST_STREAM, 0, stream, ByteBuffer.allocate(4).putInt(error).array());
    }

    /// Header fields, literally and without the tables (RFC 7541 section 6.2.2).
    static byte[] fields(String... namesAndValues) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            out.write(0);
            text(out, namesAndValues[i]);
            text(out, namesAndValues[i + 1]);
        }
        return out.toByteArray();
    }

    private static void text(ByteArrayOutputStream out, String text) {
        byte[] bytes = text.getBytes(ISO_8859_1);
        int rest = bytes.length - 127;
        out.write(Math.min(127, bytes.length));
        if (rest >= 0) {
            for (; rest >= 128; rest >>= 7) {
                out.write(0x80 | rest & 0x7f);
            }
            out.write(rest);
        }
        out.writeBytes(bytes);
    }

    String authority() {
        return "localhost:" + authorityPort;
    }

    int nextStream() {
        int stream = nextStream;
        nextStream += 2;
        return stream;
    }

    /// A request without content.
    int get(String path, String... more) throws IOException {
        return request(END_STREAM, with(requestHead("GET", path), more));
    }

    String[] requestHead(String method, String path) {
        return new String[] {
            ":method", method, ":scheme", "https", ":authority", authority(), ":path", path
        };
    }

    String[] connectHead(String path) {
        return new String[] {
            ":method", "CONNECT",
            ":protocol", "websocket",
            ":scheme", "https",
            ":authority", authority(),
            ":path", path,
            "sec-websocket-version", "13"
        };
    }

    static String[] with(String[] head, String... more) {
        String[] all = Arrays.copyOf(head, head.length + more.length);
        System.arraycopy(more, 0, all, head.length, more.length);
        return all;
    }

    /// A head that fits into one frame.
    int request(int flags, String... namesAndValues) throws IOException {
        int stream = nextStream();
        send(HEADERS, flags | END_HEADERS, stream, fields(namesAndValues));
        return stream;
    }

    int connect(String... more) throws IOException {
        return request(0, with(connectHead("/ws"), more));
    }

    /// A WebSocket whose handshake is done.
    Http2WebSocket webSocket(String... more) throws Exception {
        int stream = connect(more);
        String status = head(stream).status().toString();
        if (!status.equals("200")) {
            throw new IOException("expected 200 but was " + status);
        }
        return new Http2WebSocket(this, stream);
    }

    // --- What comes ---

    /// The next frame, whatever it is.
    Frame next() throws IOException {
        int length = in.readUnsignedByte() << 16 | in.readUnsignedShort();
        int type = in.readUnsignedByte();
        int flags = in.readUnsignedByte();
        int stream = in.readInt();
        Frame frame = new Frame(type, flags, stream, in.readNBytes(length));
        if ((type == SETTINGS || type == PING) && (flags & ACK) == 0) {
            send(type, ACK, 0, type == PING ? frame.payload : new byte[0]);
        }
        return frame;
    }

    /// How much window the server has given to a stream, as far as it was read with [#next(int)].
    int given(int stream) {
        return given.getOrDefault(stream, 0);
    }

    /// The next frame of a stream that is no WINDOW_UPDATE; 0 for the connection's own.
    Frame next(int stream) throws IOException {
        Queue<Frame> kept = waiting.get(stream);
        if (kept != null && !kept.isEmpty()) {
            return kept.remove();
        }
        while (true) {
            Frame frame = next();
            if (frame.type == WINDOW_UPDATE) {
                given.merge(frame.stream, frame.number(0), Integer::sum);
                continue;
            }
            if (frame.stream == stream) {
                return frame;
            }
            waiting.computeIfAbsent(frame.stream, k -> new ArrayDeque<>()).add(frame);
        }
    }

    Http2Headers head(int stream) throws Exception {
        Frame frame = next(stream);
        if (frame.type != HEADERS) {
            throw new IOException("expected HEADERS but was " + frame);
        }
        return decoder.decodeHeaders(stream, Unpooled.wrappedBuffer(frame.payload));
    }

    /// What DATA carries until the server ends the stream.
    String body(int stream) throws IOException {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        while (true) {
            Frame frame = next(stream);
            if (frame.type != DATA) {
                throw new IOException("expected DATA but was " + frame);
            }
            body.writeBytes(frame.payload);
            giveBack(frame);
            if (frame.endStream()) {
                return body.toString(UTF_8);
            }
        }
    }

    void giveBack(Frame data) throws IOException {
        if (data.payload.length > 0) {
            byte[] increment = ByteBuffer.allocate(4).putInt(data.payload.length).array();
            sendAll(
                    bytes(WINDOW_UPDATE, 0, 0, increment),
                    bytes(WINDOW_UPDATE, 0, data.stream, increment));
        }
    }

    /// The error code of the RST_STREAM that comes next on a stream, behind what else there is.
    int resetCode(int stream) throws IOException {
        Frame frame = next(stream);
        while (frame.type != RST_STREAM) {
            frame = next(stream);
        }
        return frame.errorCode();
    }

    /// The error code of the server's GOAWAY, behind which the connection ends.
    int goAway() throws IOException {
        Frame frame = next(0);
        while (frame.type != GOAWAY) {
            frame = next(0);
        }
        return frame.errorCode();
    }

    /// Reads until the server has ended the connection.
    void awaitEnd() throws IOException {
        try {
            while (true) {
                next();
            }
        } catch (EOFException expected) {
            socket.close();
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
