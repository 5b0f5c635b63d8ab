package io.switchboard.websocket;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.zip.Deflater;
import java.util.zip.Inflater;
import org.jspecify.annotations.Nullable;

/// What the connections of one owner compress with: a deflater for messages that stand alone, a few
/// for those that refer back, the inflaters of messages that are arriving, and memory for their
/// output. Between messages a connection holds none of them.
///
/// An inflater is a connection's from the first byte of a compressed message to its last, and so
/// nearly always goes back before another one is asked for; a few are kept for the next ones. Each
/// begins anew and is told the connection's context, which costs as much as copying it.
///
/// Telling it to a deflater costs more than deflating most messages does, since every byte goes
/// into its tables. So the deflaters of the connections that sent last are kept as they are, and go
/// on where they ended; whoever comes then takes over the one that was not used for longest.
///
/// Owned by one event loop, as are all the connections that it is given to.
public final class Zlib implements AutoCloseable {
    /// Ends each flush, and is left out on the wire (RFC 7692 section 7.2.1).
    private static final int TAIL_LENGTH = 4;

    /// What noise becomes longer by, beside a byte in 256.
    private static final int STORED_OVERHEAD = 64;

    private static final int IDLE_INFLATERS_MAX = 16;
    private static final int CONTEXT_DEFLATERS_MAX = 16;
    private static final int INFLATED_LENGTH_MAX = 64 << 10;

    /// Longer output gets memory of its own, for the moment.
    private static final int DEFLATED_LENGTH_MAX = 64 << 10;

    private final int level;
    private final int lengthMin;
    private final ArrayDeque<Inflater> idleInflaters = new ArrayDeque<>();

    /// By what each of them knows of; the one that was used last is the last.
    private final LinkedHashMap<SlidingWindow, Deflater> contextDeflaters = new LinkedHashMap<>();

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

    /// Whether a message of that many bytes is worth compressing. From any thread.
    public boolean takes(int length) {
        return length >= lengthMin && length > 0;
    }

    /// The payload of a compressed message (RFC 7692 section 7.2.1) that refers to no other one, so
    /// that every peer with whom compression is agreed can read it.
    ///
    /// @param plain its position stays
    /// @return good until the next call; null if the message is too short, or would not become
    ///   shorter
    public @Nullable ByteBuffer deflate(ByteBuffer plain) {
        if (!takes(plain.remaining())) {
            return null;
        }
        // What does not fit is not shorter; so nothing more than this is ever needed.
        ByteBuffer out = deflated(plain.remaining() + TAIL_LENGTH);
        Deflater deflater = idleDeflater == null ? new Deflater(level, true) : idleDeflater;
        idleDeflater = null;
        try {
            return deflate(plain, deflater, out);
        } finally {
            giveBack(deflater);
        }
    }

    /// The same for a message that may refer to what the window has, to which it is added. It is
    /// compressed also where that makes it a little longer, as a deflater that was given a message
    /// knows of it, and would have to begin anew.
    @Nullable ByteBuffer deflate(ByteBuffer plain, SlidingWindow window) {
        int length = plain.remaining();
        if (!takes(length)) {
            return null;
        }
        ByteBuffer out = deflated(length + (length >> 8) + STORED_OVERHEAD + TAIL_LENGTH);
        Deflater deflater = contextDeflater(window);
        ByteBuffer compressed = null;
        try {
            compressed = deflate(plain, deflater, out);
        } finally {
            if (compressed == null || closed) {
                deflater.end();
            } else {
                window.append(plain);
                contextDeflaters.put(window, deflater);
            }
        }
        return compressed;
    }

    /// To be put back behind the others.
    private Deflater contextDeflater(SlidingWindow window) {
        Deflater known = contextDeflaters.remove(window);
        if (known != null) {
            return known;
        }
        Deflater deflater;
        if (contextDeflaters.size() < CONTEXT_DEFLATERS_MAX) {
            deflater = new Deflater(level, true);
        } else {
            deflater = contextDeflaters.pollFirstEntry().getValue();
            deflater.reset();
        }
        window.restore(deflater);
        return deflater;
    }

    /// The connection of this window has gone.
    void forget(SlidingWindow window) {
        Deflater deflater = contextDeflaters.remove(window);
        if (deflater != null) {
            deflater.end();
        }
    }

    /// @return null if it does not fit
    private static @Nullable ByteBuffer deflate(
            ByteBuffer plain, Deflater deflater, ByteBuffer out) {
        deflater.setInput(plain.duplicate());
        deflater.deflate(out, Deflater.SYNC_FLUSH);
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

    int contextDeflaters() {
        return contextDeflaters.size();
    }

    /// Frees the native memory at once; what is given back after this is freed then.
    @Override
    public void close() {
        closed = true;
        if (idleDeflater != null) {
            idleDeflater.end();
            idleDeflater = null;
        }
        contextDeflaters.values().forEach(Deflater::end);
        contextDeflaters.clear();
        idleInflaters.forEach(Inflater::end);
        idleInflaters.clear();
    }
}
