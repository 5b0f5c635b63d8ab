package io.switchboard.conformance;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;

/// Echoes good frames well, and checks nothing at all.
final class CarelessServer implements AutoCloseable {
    private final ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());

    CarelessServer() throws IOException {
        Thread.ofVirtual().start(this::accept);
    }

    URI uri() {
        return URI.create("ws://127.0.0.1:" + listener.getLocalPort() + "/");
    }

    private void accept() {
        try {
            while (true) {
                Socket socket = listener.accept();
                Thread.ofVirtual().start(() -> serve(socket));
            }
        } catch (IOException e) {
            // Closed.
            return;
        }
    }

    private static void serve(Socket socket) {
        try (socket) {
            DataInputStream in = new DataInputStream(socket.getInputStream());
            String key = Http1.read(in).value("Sec-WebSocket-Key").orElse("");
            String head =
                    "HTTP/1.1 101 Yes\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                            + "Sec-WebSocket-Accept: "
                            + Http1.accept(key)
                            + "\r\n\r\n";
            socket.getOutputStream().write(head.getBytes(ISO_8859_1));
            while (echo(socket, in)) {}
        } catch (IOException e) {
            // The client has gone.
            return;
        }
    }

    private static boolean echo(Socket socket, DataInputStream in) throws IOException {
        int first = in.readUnsignedByte();
        int second = in.readUnsignedByte();
        int length = second & 0x7f;
        if (length == 126) {
            length = in.readUnsignedShort();
        } else if (length == 127) {
            length = (int) Math.min(in.readLong() & Long.MAX_VALUE, 1 << 20);
        }
        byte[] key = new byte[4];
        if (second >= 0x80) {
            in.readFully(key);
        }
        byte[] payload = new byte[length];
        in.readFully(payload);
        for (int i = 0; i < length; i++) {
            payload[i] ^= key[i % 4];
        }
        int opcode = first & 0xf;
        Sent frame = Sent.frame(opcode == Sent.PING ? Sent.PONG : opcode, payload);
        if (opcode != Sent.PONG) {
            socket.getOutputStream()
                    .write((first < 0x80 ? frame.open() : frame).bytes(Role.SERVER));
        }
        return opcode != Sent.CLOSE;
    }

    @Override
    public void close() throws IOException {
        listener.close();
    }
}
