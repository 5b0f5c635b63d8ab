package io.switchboard.conformance;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Queue;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/// A connection of HTTP/2 (RFC 9113), as far as a WebSocket on it needs one: heads that are never
/// compressed, of answers only the status, and flow control. One thread reads; others may write.
final class Http2 implements AutoCloseable {
    static final int DATA = 0;
    static final int HEADERS = 1;
    static final int RST_STREAM = 3;
    static final int SETTINGS = 4;
    static final int PING = 6;
    static final int GO_AWAY = 7;
    static final int WINDOW_UPDATE = 8;

    static final int END_STREAM = 1;
    static final int ACK = 1;
    static final int END_HEADERS = 4;

    static final int CANCEL = 8;

    private static final int INITIAL_WINDOW = 4;
    private static final int ENABLE_CONNECT_PROTOCOL = 8;
    private static final int FRAME_MAX = 16_384;

    /// What waits for a window waits no longer than whoever reads.
    private static final int PATIENCE_MILLIS = Target.PATIENCE_MILLIS;

    /// @param stream 0 for the connection's own
    record Frame(int type, int flags, int stream, ByteBuffer payload) {
        boolean endsStream() {
            return (type == DATA || type == HEADERS) && (flags & END_STREAM) != 0;
        }
    }

    private final Socket socket;
    private final DataInputStream in;
    private final Map<Integer, Queue<Frame>> waiting = new HashMap<>();
    private final Map<Integer, Integer> settings = new HashMap<>();
    private int nextStream = 1;

    // Guarded by this.

    private final Map<Integer, Long> windows = new HashMap<>();
    private long initialWindow = 65_535;
    private boolean ended;

    private Http2(Socket socket) throws IOException {
        this.socket = socket;
        in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
        windows.put(0, initialWindow);
    }

    /// Null where the server does not agree to HTTP/2.
    static @Nullable Http2 open(Target target) throws IOException {
        Socket socket = target.connect("h2");
        if (!(socket instanceof SSLSocket tls) || !"h2".equals(tls.getApplicationProtocol())) {
            socket.close();
            return null;
        }
        Http2 connection = new Http2(socket);
        socket.getOutputStream().write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(ISO_8859_1));
        connection.send(SETTINGS, 0, 0, new byte[0]);
        Frame first = connection.read();
        if (first.type != SETTINGS) {
            throw new IOException("expected SETTINGS first but was a frame of type " + first.type);
        }
        return connection;
    }

    boolean offersConnect() {
        return settings.getOrDefault(ENABLE_CONNECT_PROTOCOL, 0) == 1;
    }

    /// @return its number
    int request(boolean last, String... namesAndValues) throws IOException {
        ByteArrayOutputStream block = new ByteArrayOutputStream();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            block.write(0);
            literal(block, namesAndValues[i]);
            literal(block, namesAndValues[i + 1]);
        }
        int stream = nextStream;
        nextStream += 2;
        synchronized (this) {
            windows.put(stream, initialWindow);
        }
        send(HEADERS, END_HEADERS | (last ? END_STREAM : 0), stream, block.toByteArray());
        return stream;
    }

    /// RFC 7541 section 5.2, without Huffman's code.
    private static void literal(ByteArrayOutputStream block, String text) {
        byte[] bytes = text.getBytes(ISO_8859_1);
        if (bytes.length < 127) {
            block.write(bytes.length);
        } else {
            block.write(127);
            int rest = bytes.length - 127;
            for (; rest >= 128; rest >>= 7) {
                block.write(0x80 | (rest & 0x7f));
            }
            block.write(rest);
        }
        block.writeBytes(bytes);
    }

    /// Of the answer on a stream; 0 if the stream or the connection was ended instead.
    int status(int stream) throws IOException {
        try {
            Frame frame = next(stream);
            return frame.type == HEADERS ? Status.of(frame.payload) : 0;
        } catch (EOFException e) {
            return 0;
        }
    }

    /// The next frame of a stream.
    ///
    /// @throws EOFException if the connection ends before one comes
    Frame next(int stream) throws IOException {
        Queue<Frame> kept = waiting.get(stream);
        if (kept != null && !kept.isEmpty()) {
            return kept.remove();
        }
        while (true) {
            Frame frame = read();
            if (frame.type == GO_AWAY) {
                throw new EOFException("GOAWAY");
            }
            if (frame.stream == 0 || frame.type == WINDOW_UPDATE) {
                continue;
            }
            if (frame.stream == stream) {
                return frame;
            }
            waiting.computeIfAbsent(frame.stream, each -> new ArrayDeque<>()).add(frame);
        }
    }

    private Frame read() throws IOException {
        int length = in.readUnsignedByte() << 16 | in.readUnsignedShort();
        int type = in.readUnsignedByte();
        int flags = in.readUnsignedByte();
        int stream = in.readInt() & Integer.MAX_VALUE;
        byte[] payload = new byte[length];
        in.readFully(payload);
        Frame frame = new Frame(type, flags, stream, ByteBuffer.wrap(payload));
        boolean acknowledged = (flags & ACK) != 0;
        switch (type) {
            case SETTINGS -> {
                if (!acknowledged) {
                    take(frame.payload);
                    send(SETTINGS, ACK, 0, new byte[0]);
                }
            }
            case PING -> {
                if (!acknowledged) {
                    send(PING, ACK, 0, payload);
                }
            }
            case WINDOW_UPDATE -> widen(stream, frame.payload.getInt(0));
            case DATA -> giveBack(stream, length, frame.endsStream());
            default -> {}
        }
        return frame;
    }

    private void take(ByteBuffer payload) {
        while (payload.remaining() >= 6) {
            int name = payload.getShort();
            int value = payload.getInt();
            settings.put(name, value);
            if (name == INITIAL_WINDOW) {
                synchronized (this) {
                    initialWindow = value;
                }
            }
        }
    }

    private synchronized void widen(int stream, int increment) {
        windows.merge(stream, (long) increment, Long::sum);
        notifyAll();
    }

    private void giveBack(int stream, int length, boolean last) throws IOException {
        if (length > 0) {
            byte[] increment = ByteBuffer.allocate(4).putInt(length).array();
            send(WINDOW_UPDATE, 0, 0, increment);
            if (!last) {
                send(WINDOW_UPDATE, 0, stream, increment);
            }
        }
    }

    /// Waits for the windows that the server gives.
    void data(int stream, byte[] bytes, boolean last) throws IOException {
        int from = 0;
        do {
            int length = take(stream, Math.min(bytes.length - from, FRAME_MAX));
            byte[] piece = new byte[length];
            System.arraycopy(bytes, from, piece, 0, length);
            from += length;
            send(DATA, last && from == bytes.length ? END_STREAM : 0, stream, piece);
        } while (from < bytes.length);
    }

    private synchronized int take(int stream, int wanted) throws IOException {
        long until = System.nanoTime() + PATIENCE_MILLIS * 1_000_000L;
        while (wanted > 0 && room(stream) <= 0) {
            long left = (until - System.nanoTime()) / 1_000_000;
            if (ended || left <= 0) {
                throw new IOException("the server gives no window");
            }
            try {
                wait(left);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException("interrupted", e);
            }
        }
        int taken = (int) Math.min(wanted, room(stream));
        windows.merge(0, (long) -taken, Long::sum);
        windows.merge(stream, (long) -taken, Long::sum);
        return taken;
    }

    private long room(int stream) {
        return Math.max(0, Math.min(windows.getOrDefault(0, 0L), windows.getOrDefault(stream, 0L)));
    }

    void reset(int stream) throws IOException {
        send(RST_STREAM, 0, stream, ByteBuffer.allocate(4).putInt(CANCEL).array());
    }

    private void send(int type, int flags, int stream, byte[] payload) throws IOException {
        ByteBuffer frame = ByteBuffer.allocate(9 + payload.length);
        frame.put((byte) (payload.length >> 16)).putShort((short) payload.length);
        frame.put((byte) type).put((byte) flags).putInt(stream).put(payload);
        synchronized (socket) {
            socket.getOutputStream().write(frame.array());
            socket.getOutputStream().flush();
        }
    }

    @Override
    public void close() throws IOException {
        synchronized (this) {
            ended = true;
            notifyAll();
        }
        socket.close();
    }

    /// Reads the status, the first field of every answer (RFC 9113 section 8.3.2), from a block of
    /// RFC 7541.
    private static final class Status {
        private static final int[] INDEXED = {200, 204, 206, 304, 400, 404, 500};

        /// Indices of `:status` in the static table, and of the digits in Huffman's code.
        private static final int FIRST_INDEX = 8;

        private static final int LAST_INDEX = 14;
        private static final int DIGITS_OF_5_BITS = 3;
        private static final int FIRST_OF_6_BITS = 0x19;

        static int of(ByteBuffer block) throws IOException {
            int first = block.get() & 0xff;
            while ((first & 0xe0) == 0x20) {
                first = block.get() & 0xff;
            }
            int index =
                    (first & 0x80) != 0
                            ? first & 0x7f
                            : first & ((first & 0x40) != 0 ? 0x3f : 0x0f);
            if (index < FIRST_INDEX || index > LAST_INDEX) {
                throw new IOException("an answer that does not begin with its status");
            }
            return (first & 0x80) != 0 ? INDEXED[index - FIRST_INDEX] : digits(block);
        }

        private static int digits(ByteBuffer block) {
            int length = block.get();
            boolean huffman = (length & 0x80) != 0;
            long bits = 0;
            for (int i = 0; i < (length & 0x7f); i++) {
                bits = bits << 8 | (block.get() & 0xff);
            }
            int left = 8 * (length & 0x7f);
            int number = 0;
            for (int i = 0; i < 3; i++) {
                if (!huffman) {
                    left -= 8;
                    number = 10 * number + (int) (bits >> left & 0xf);
                    continue;
                }
                int five = (int) (bits >> left - 5 & 0x1f);
                boolean isShort = five < DIGITS_OF_5_BITS;
                left -= isShort ? 5 : 6;
                int digit =
                        isShort
                                ? five
                                : (int) (bits >> left & 0x3f) - FIRST_OF_6_BITS + DIGITS_OF_5_BITS;
                number = 10 * number + digit;
            }
            return number;
        }
    }
}
