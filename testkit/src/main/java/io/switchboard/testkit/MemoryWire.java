package io.switchboard.testkit;

import io.switchboard.broker.Slab;
import io.switchboard.broker.Wire;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.function.Consumer;

/// A socket's outbound side in memory. Like a real one it keeps the slabs that it was given until
/// their bytes are read, so whoever changes bytes that were written already is found out. Bytes can
/// be read once they are flushed. Works with slabs of [HeapSlabs] only.
public final class MemoryWire implements Wire {
    private final int window;
    private final ArrayDeque<Run> runs = new ArrayDeque<>();
    private int unread;
    private int unflushed;

    /// Runs that have been flushed.
    private int readable;

    private boolean closed;
    private boolean abandoned;

    /// @param window bytes that may wait before it is not writable any more
    public MemoryWire(int window) {
        this.window = window;
    }

    private static final class Run {
        final HeapSlabs.Counted slab;
        int offset;
        int length;

        Run(HeapSlabs.Counted slab, int offset, int length) {
            this.slab = slab;
            this.offset = offset;
            this.length = length;
        }
    }

    @Override
    public boolean writable() {
        return unread + unflushed < window;
    }

    @Override
    public void write(Slab slab, int offset, int length) {
        if (abandoned) {
            return;
        }
        if (closed) {
            throw new AssertionError("written after the close");
        }
        HeapSlabs.Counted counted = (HeapSlabs.Counted) slab;
        counted.retain();
        runs.add(new Run(counted, offset, length));
        unflushed += length;
    }

    @Override
    public void flush() {
        unread += unflushed;
        unflushed = 0;
        readable = runs.size();
    }

    /// Flushed bytes that nobody has read.
    public int unread() {
        return unread;
    }

    /// Bytes that were written and not flushed.
    public int unflushed() {
        return unflushed;
    }

    /// Gives at most so many bytes to the reader, in one or several pieces that are its own for the
    /// time of the call.
    ///
    /// @return how many it were
    public int read(int max, Consumer<ByteBuffer> reader) {
        int left = Math.min(max, unread);
        int total = left;
        while (left > 0) {
            Run run = runs.element();
            int length = Math.min(left, run.length);
            reader.accept(ByteBuffer.wrap(run.slab.bytes().array(), run.offset, length));
            run.offset += length;
            run.length -= length;
            left -= length;
            unread -= length;
            if (run.length == 0) {
                runs.remove().slab.release();
                readable--;
            }
        }
        return total;
    }

    /// No more is written; what was flushed can still be read.
    public void close() {
        closed = true;
        while (runs.size() > readable) {
            runs.removeLast().slab.release();
        }
        unflushed = 0;
    }

    public boolean closed() {
        return closed;
    }

    /// The reader has gone: what waits is given back, and what is written later goes nowhere.
    public void abandon() {
        abandoned = true;
        runs.forEach(run -> run.slab.release());
        runs.clear();
        readable = 0;
        unread = 0;
        unflushed = 0;
    }
}
