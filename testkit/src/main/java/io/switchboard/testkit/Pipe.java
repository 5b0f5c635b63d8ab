package io.switchboard.testkit;

import java.nio.ByteBuffer;
import java.util.Arrays;

/// One direction of a connection: bytes come out as they went in, cut as the reader likes. It has a
/// window, as a socket has: [#writable] says whether the writer should go on.
public final class Pipe {
    private final int window;
    private byte[] bytes = new byte[256];
    private int start;
    private int end;
    private boolean closed;

    /// Without a window: always writable.
    public Pipe() {
        this(Integer.MAX_VALUE);
    }

    public Pipe(int window) {
        this.window = window;
    }

    /// Copies the bytes; takes them whether it is writable or not.
    public void write(ByteBuffer from) {
        int length = from.remaining();
        reserve(length);
        from.get(bytes, end, length);
        end += length;
    }

    public void write(byte[] from) {
        write(ByteBuffer.wrap(from));
    }

    private void reserve(int length) {
        if (closed) {
            throw new IllegalStateException("cannot write into a closed pipe");
        }
        if (bytes.length - end < length) {
            int waiting = unread();
            byte[] target =
                    2 * (waiting + length) > bytes.length
                            ? new byte[2 * (waiting + length)]
                            : bytes;
            System.arraycopy(bytes, start, target, 0, waiting);
            bytes = target;
            start = 0;
            end = waiting;
        }
    }

    public boolean writable() {
        return unread() < window;
    }

    public int unread() {
        return end - start;
    }

    /// At most so many bytes, in an array of the reader's own.
    public ByteBuffer read(int max) {
        int length = Math.min(max, unread());
        byte[] copy = Arrays.copyOfRange(bytes, start, start + length);
        start += length;
        return ByteBuffer.wrap(copy);
    }

    public ByteBuffer readAll() {
        return read(Integer.MAX_VALUE);
    }

    /// The writer says no more; what was written can still be read.
    public void close() {
        closed = true;
    }

    /// Closed, and all of it read.
    public boolean exhausted() {
        return closed && unread() == 0;
    }
}
