package io.switchboard.server.transport;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/// A client that sends exactly what it is told to, over a socket with a read time-out.
final class Client implements AutoCloseable {
    static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final String KEY = "dGhlIHNhbXBsZSBub25jZQ==";

    /// A WebSocket frame from the server.
    record Frame(int firstByte, byte[] payload) {
        int opcode() {
            return firstByte & 0x0f;
        }

        boolean fin() {
            return (firstByte & 0x80) != 0;
        }

        boolean compressed() {
            return (firstByte & 0x40) != 0;
        }

        int reservedBits() {
            return firstByte & 0x70;
        }

        String text() {
            return new String(payload, UTF_8);
        }

        int closeCode() {
            return ByteBuffer.wrap(payload).getShort() & 0xffff;
        }
    }

    final Socket socket;
    private final InputStream in;

    private Client(Socket socket) throws IOException {
        this.socket = socket;
        socket.setTcpNoDelay(true);
        socket.setSoTimeout((int) PATIENCE.toMillis());
        in = socket.getInputStream();
    }

    static Client to(InetSocketAddress address) throws IOException {
        return of(new Socket(address.getAddress(), address.getPort()));
    }

    /// A client at an address of its own: all of 127.0.0.0/8 is this machine.
    static Client from(String source, InetSocketAddress address) throws IOException {
        return of(
                new Socket(
                        address.getAddress(), address.getPort(), InetAddress.getByName(source), 0));
    }

    /// A client whose system takes little before it reads.
    static Client to(InetSocketAddress address, int receiveBuffer) throws IOException {
        Socket socket = new Socket();
        socket.setReceiveBufferSize(receiveBuffer);
        socket.connect(address);
        return of(socket);
    }

    static Client of(Socket socket) throws IOException {
        return new Client(socket);
    }

    /// A WebSocket client whose system takes little before it reads.
    static Client withReceiveBuffer(InetSocketAddress address, int bytes) throws IOException {
        return to(address, bytes).upgraded();
    }

    /// A client that has been through the WebSocket handshake.
    static Client webSocketTo(InetSocketAddress address) throws IOException {
        return of(new Socket(address.getAddress(), address.getPort())).upgraded();
    }

    Client upgraded() throws IOException {
        send(upgrade());
        String head = head();
        if (!head.startsWith("HTTP/1.1 101 ")) {
            throw new IOException("expected 101 but was " + head);
        }
        return this;
    }

    String upgrade(String... more) {
        return request("GET /ws HTTP/1.1", "Host: localhost:" + socket.getPort(), more);
    }

    /// An upgrade with another request line and Host.
    static String request(String line, String host, String... more) {
        StringBuilder text = new StringBuilder(line + "\r\n" + host + "\r\n");
        for (String header :
                List.of(
                        "Upgrade: websocket",
                        "Connection: Upgrade",
                        "Sec-WebSocket-Version: 13",
                        "Sec-WebSocket-Key: " + KEY)) {
            text.append(header).append("\r\n");
        }
        for (String header : more) {
            text.append(header).append("\r\n");
        }
        return text.append("\r\n").toString();
    }

    // --- Bytes ---

    void send(String latin1) throws IOException {
        send(latin1.getBytes(ISO_8859_1));
    }

    void send(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
        socket.getOutputStream().flush();
    }

    int read() throws IOException {
        return in.read();
    }

    private int must() throws IOException {
        int next = in.read();
        if (next < 0) {
            throw new EOFException();
        }
        return next;
    }

    /// Up to and with the empty line of an HTTP response.
    String head() throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            head.append((char) must());
        }
        return head.toString();
    }

    /// A whole HTTP response with its body.
    String response() throws IOException {
        String head = head();
        String lower = head.toLowerCase(Locale.ROOT);
        int at = lower.indexOf("content-length: ") + 16;
        int length = Integer.parseInt(lower.substring(at, lower.indexOf('\r', at)));
        return head + new String(in.readNBytes(length), UTF_8);
    }

    /// All that comes until the server ends its direction.
    String rest() throws IOException {
        return new String(in.readAllBytes(), ISO_8859_1);
    }

    // --- WebSocket ---

    void sendText(String payload) throws IOException {
        send(frame(0x81, payload.getBytes(UTF_8)));
    }

    /// A masked frame.
    static byte[] frame(int firstByte, byte[] payload) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(firstByte);
        if (payload.length < 126) {
            out.write(0x80 | payload.length);
        } else if (payload.length <= 0xffff) {
            out.write(0x80 | 126);
            out.write(payload.length >> 8);
            out.write(payload.length);
        } else {
            out.write(0x80 | 127);
            out.writeBytes(ByteBuffer.allocate(8).putLong(payload.length).array());
        }
        byte[] key = {0x37, (byte) 0xfa, 0x21, 0x3d};
        out.writeBytes(key);
        for (int i = 0; i < payload.length; i++) {
            out.write(payload[i] ^ key[i % 4]);
        }
        return out.toByteArray();
    }

    static byte[] close(int code) {
        return frame(0x88, new byte[] {(byte) (code >> 8), (byte) code});
    }

    Frame frame() throws IOException {
        int first = must();
        int second = must();
        if ((second & 0x80) != 0) {
            throw new IOException("a server does not mask");
        }
        int length = second;
        if (second == 126) {
            length = must() << 8 | must();
        } else if (second == 127) {
            length = (int) ByteBuffer.wrap(in.readNBytes(8)).getLong();
        }
        if (second > 125 && length < (second == 126 ? 126 : 0x1_0000)) {
            throw new IOException("a length is in its shortest form");
        }
        return new Frame(first, in.readNBytes(length));
    }

    /// The text of the next data frame.
    String text() throws IOException {
        return frame().text();
    }

    // --- STOMP over TCP ---

    void sendStomp(String frame) throws IOException {
        send((frame + "\0").getBytes(UTF_8));
    }

    /// The next STOMP frame without its NUL and the line end behind it; further ones are skipped.
    String stomp() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (int next = must(); next != 0; next = must()) {
            if (next != '\n' || bytes.size() > 0) {
                bytes.write(next);
            }
        }
        if (must() != '\n') {
            throw new IOException("expected a line end behind every frame");
        }
        return bytes.toString(UTF_8);
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
