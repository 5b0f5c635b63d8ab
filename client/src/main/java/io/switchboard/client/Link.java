package io.switchboard.client;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/// A stream of STOMP bytes over one socket, whatever stands between. Reading belongs to one thread
/// and writing to another; [#frame] and [#farewell] may be called by any.
sealed interface Link permits Link.Plain, WebSocketLink {

    /// Bytes read at once.
    int READ_LENGTH = 16 * 1024;

    /// The next piece, good until the next call; null after the last.
    @Nullable ByteBuffer read() throws IOException;

    /// What goes over the socket for these STOMP bytes.
    ByteBuffer frame(ByteBuffer stomp) throws IOException;

    /// What goes over the socket last; may be empty.
    ByteBuffer farewell();

    void write(ByteBuffer framed) throws IOException;

    /// How long [#read] waits for a byte, 0 for ever.
    void readTimeout(int millis) throws IOException;

    /// Ends both directions at once, and with them a blocked [#read] or [#write].
    void close();

    /// STOMP over TCP: the stream itself.
    final class Plain implements Link {
        private final Socket socket;
        private final InputStream in;
        private final OutputStream out;
        private final byte[] buffer = new byte[READ_LENGTH];

        Plain(Socket socket) throws IOException {
            this.socket = socket;
            in = socket.getInputStream();
            out = socket.getOutputStream();
        }

        @Override
        public @Nullable ByteBuffer read() throws IOException {
            int length = in.read(buffer);
            return length < 0 ? null : ByteBuffer.wrap(buffer, 0, length);
        }

        @Override
        public ByteBuffer frame(ByteBuffer stomp) {
            return stomp;
        }

        @Override
        public ByteBuffer farewell() {
            return ByteBuffer.allocate(0);
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
        }
    }
}
