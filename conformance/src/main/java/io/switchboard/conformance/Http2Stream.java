package io.switchboard.conformance;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;

/// A stream of HTTP/2 that carries a WebSocket (RFC 8441 section 5).
final class Http2Stream implements Wire {
    private final Http2 connection;
    private final int number;
    private final boolean alone;

    private ByteBuffer data = ByteBuffer.allocate(0);
    private boolean ended;

    /// @param alone whether the connection ends with it
    Http2Stream(Http2 connection, int number, boolean alone) {
        this.connection = connection;
        this.number = number;
        this.alone = alone;
    }

    @Override
    public InputStream in() {
        return new InputStream() {
            @Override
            public int read() throws IOException {
                return fill() ? data.get() & 0xff : -1;
            }

            @Override
            public int read(byte[] bytes, int from, int most) throws IOException {
                if (most == 0) {
                    return 0;
                }
                if (!fill()) {
                    return -1;
                }
                int length = Math.min(most, data.remaining());
                data.get(bytes, from, length);
                return length;
            }
        };
    }

    /// @return false at the end
    private boolean fill() throws IOException {
        while (!data.hasRemaining()) {
            if (ended) {
                return false;
            }
            Http2.Frame frame = connection.next(number);
            if (frame.type() == Http2.RST_STREAM) {
                throw new IOException("the stream was reset");
            }
            ended = frame.endsStream();
            if (frame.type() == Http2.DATA) {
                data = frame.payload();
            }
        }
        return true;
    }

    @Override
    public void send(byte[] bytes) throws IOException {
        connection.data(number, bytes, false);
    }

    @Override
    public void finish() throws IOException {
        connection.data(number, new byte[0], true);
    }

    @Override
    public void close() throws IOException {
        if (alone) {
            connection.close();
        }
    }
}
