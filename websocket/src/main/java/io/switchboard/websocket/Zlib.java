package io.switchboard.websocket;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.zip.Deflater;
import java.util.zip.Inflater;
import org.jspecify.annotations.Nullable;

/// What the connections of one owner compress with: one deflater, the inflaters of messages that
/// are arriving, and memory for their output. An inflater is a connection's from the first byte of
/// a compressed message to its last, and so nearly always goes back before another one is asked
/// for; a few are kept for the next ones. Between messages a connection holds none.
///
/// Owned by one event loop, as are all the connections that it is given to.
public final class Zlib implements AutoCloseable {
    /// Ends each flush, and is left out on the wire (RFC 7692 section 7.2.1).
    private static final int TAIL_LENGTH = 4;

    private static final int IDLE_INFLATERS_MAX = 16;
    private static final int INFLATED_LENGTH_MAX = 64 << 10;

    /// Longer output gets memory of its own, for the moment.
    private static final int DEFLATED_LENGTH_MAX = 64 << 10;

    private final int level;
    private final int lengthMin;
    private final ArrayDeque<Inflater> idleInflaters = new ArrayDeque<>();

    private @Nullable Deflater idleDeflater;
    private @Nullable ByteBuffer inflated;
    private @Nullable ByteBuffer deflated;
    private boolean closed;

    /// @param level from 1, the fastest, to 9, the smallest
    /// @param lengthMin of a message; shorter ones are not worth it and leave as they are
    public Zlib(int level, int lengthMin) {
        if (level < Deflater.BEST_SPEED || level > Deflater.BEST_COMPRESSION || lengthMin < 0) {
            throw new IllegalArgumentException(
                    "expected a level of 1 to 9 and a length of at least 0 but was "
                            + level
                            + " and "
                            + lengthMin);
        }
        this.level = level;
        this.lengthMin = lengthMin;
    }

    /// The payload of a compressed message (RFC 7692 section 7.2.1) that refers to no other one, so
    /// that every peer with whom compression is agreed can read it.
    ///
    /// @param plain its position stays
    /// @return good until the next call; null if the message is too short, or would not become
    ///   shorter
    public @Nullable ByteBuffer deflate(ByteBuffer plain) {
        return deflate(plain, null);
    }

    /// @param window of what was compressed before, for a peer that keeps it too
    @Nullable ByteBuffer deflate(ByteBuffer plain, @Nullable SlidingWindow window) {
        int length = plain.remaining();
        if (length < lengthMin) {
            return null;
        }
        // What does not fit is not shorter; so nothing more than this is ever needed.
        ByteBuffer out = deflated(length + TAIL_LENGTH);
        Deflater deflater = idleDeflater == null ? new Deflater(level, true) : idleDeflater;
        idleDeflater = null;
        try {
            if (window != null) {
                window.restore(deflater);
            }
            deflater.setInput(plain.duplicate());
            deflater.deflate(out, Deflater.SYNC_FLUSH);
        } finally {
            giveBack(deflater);
        }
        if (!out.hasRemaining()) {
            return null;
        }
        return out.limit(out.position() - TAIL_LENGTH).position(0);
    }

    private void giveBack(Deflater deflater) {
        if (closed) {
            deflater.end();
        } else {
            deflater.reset();
            idleDeflater = deflater;
        }
    }

    private ByteBuffer deflated(int length) {
        if (length > DEFLATED_LENGTH_MAX) {
            return ByteBuffer.allocate(length);
        }
        if (deflated == null) {
            deflated = ByteBuffer.allocateDirect(DEFLATED_LENGTH_MAX);
        }
        return deflated.clear().limit(length);
    }

    /// To be given back.
    Inflater inflater() {
        Inflater idle = idleInflaters.poll();
        return idle != null ? idle : new Inflater(true);
    }

    void giveBack(Inflater inflater) {
        if (closed || idleInflaters.size() == IDLE_INFLATERS_MAX) {
            inflater.end();
        } else {
            inflater.reset();
            idleInflaters.push(inflater);
        }
    }

    /// Room for a piece of a message, the same each time.
    ByteBuffer inflated() {
        if (inflated == null) {
            inflated = ByteBuffer.allocateDirect(INFLATED_LENGTH_MAX);
        }
        return inflated.clear();
    }

    int idleInflaters() {
        return idleInflaters.size();
    }

    /// Frees the native memory at once; what is given back after this is freed then.
    @Override
    public void close() {
        closed = true;
        if (idleDeflater != null) {
            idleDeflater.end();
            idleDeflater = null;
        }
        idleInflaters.forEach(Inflater::end);
        idleInflaters.clear();
    }
}
