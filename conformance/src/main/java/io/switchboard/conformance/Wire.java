package io.switchboard.conformance;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;

/// What carries the frames of one WebSocket: a socket, or a stream of HTTP/2. One thread may read
/// while another one writes.
interface Wire extends AutoCloseable {
    InputStream in();

    void send(byte[] bytes) throws IOException;

    /// No more will be sent.
    void finish() throws IOException;

    @Override
    void close() throws IOException;

    /// @param in of the socket, behind the handshake
    record OfSocket(Socket socket, InputStream in) implements Wire {
        @Override
        public void send(byte[] bytes) throws IOException {
            socket.getOutputStream().write(bytes);
            socket.getOutputStream().flush();
        }

        @Override
        public void finish() throws IOException {
            socket.shutdownOutput();
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }
}
