package io.switchboard.server.transport;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/// A client's WebSocket on a stream of HTTP/2.
final class Http2WebSocket {
    final Http2Client client;
    final int stream;
    private ByteBuffer read = ByteBuffer.allocate(0);
    private boolean ended;

    /// Bytes, before the server gave any window back.
    private int sent;

    Http2WebSocket(Http2Client client, int stream) {
        this.client = client;
        this.stream = stream;
    }

    void sendText(String payload) throws IOException {
        send(Client.frame(0x81, payload.getBytes(UTF_8)));
    }

    void send(byte[] bytes) throws IOException {
        sent += bytes.length;
        client.send(Http2Client.DATA, 0, stream, bytes);
    }

    /// As much as the server's window allows at once, then as it gives it back.
    void sendThroughTheWindow(byte[] bytes) throws IOException {
        int window = client.settings.get(Http2Client.SETTINGS_WINDOW) - sent;
        int at = 0;
        while (at < bytes.length) {
            int length = Math.min(Math.min(16_384, bytes.length - at), window);
            if (length > 0) {
                send(Arrays.copyOfRange(bytes, at, at + length));
                at += length;
                window -= length;
            } else {
                Http2Client.Frame next = client.next();
                if (next.type() == Http2Client.WINDOW_UPDATE && next.stream() == stream) {
                    window += ByteBuffer.wrap(next.payload()).getInt();
                }
            }
        }
    }

    void end() throws IOException {
        client.send(Http2Client.DATA, Http2Client.END_STREAM, stream, new byte[0]);
    }

    private int must() throws IOException {
        while (!read.hasRemaining()) {
            if (ended) {
                throw new IOException("the stream has ended");
            }
            Http2Client.Frame frame = client.next(stream);
            if (frame.type() != Http2Client.DATA) {
                throw new IOException("expected DATA but was " + frame);
            }
            ended = frame.endStream();
            read = ByteBuffer.wrap(frame.payload());
            if (!ended) {
                client.giveBack(frame);
            }
        }
        return read.get() & 0xff;
    }

    Client.Frame frame() throws IOException {
        int first = must();
        long length = must();
        if (length == 126) {
            length = must() << 8 | must();
        } else if (length == 127) {
            length = 0;
            for (int i = 0; i < 8; i++) {
                length = length << 8 | must();
            }
        }
        ByteArrayOutputStream payload = new ByteArrayOutputStream();
        for (long i = 0; i < length; i++) {
            payload.write(must());
        }
        return new Client.Frame(first, payload.toByteArray());
    }

    /// The text of the next message.
    String text() throws IOException {
        return frame().text();
    }

    /// Reads the end of the server's direction, which is all that is left.
    void awaitEnd() throws IOException {
        while (!ended) {
            Http2Client.Frame frame = client.next(stream);
            if (frame.type() != Http2Client.DATA || frame.payload().length > 0) {
                throw new IOException("expected the end but was " + frame);
            }
            ended = frame.endStream();
        }
    }

    /// Begins a STOMP session.
    Http2WebSocket connected() throws IOException {
        sendText("CONNECT\naccept-version:1.2\nhost:localhost\n\n\0");
        String answer = text();
        if (!answer.startsWith("CONNECTED\n")) {
            throw new IOException("expected CONNECTED but was " + answer);
        }
        return this;
    }

    /// Subscribes, and knows it when this returns.
    Http2WebSocket subscribed(String destination) throws IOException {
        sendText("SUBSCRIBE\nid:s\ndestination:" + destination + "\nreceipt:s\n\n\0");
        String answer = text();
        if (!answer.startsWith("RECEIPT\n")) {
            throw new IOException("expected RECEIPT but was " + answer);
        }
        return this;
    }
}
