package io.switchboard.websocket;

import java.nio.ByteBuffer;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import org.jspecify.annotations.Nullable;

/// Inflates the compressed messages of one connection (RFC 7692 section 7.2.2), piece by piece:
/// what it holds of a message does not depend on how long that becomes. Holds an inflater from the
/// first byte of a message to its last. Owned by its connection.
final class MessageInflater {
    /// How many times a message may begin anew behind a block that says it is the final one. Each
    /// takes two bytes on the wire, and much more work than two other bytes do.
    private static final int STREAMS_MAX = 1024;

    /// What every message lacks at its end (RFC 7692 section 7.2.1), and behind that a final block
    /// with nothing in it: only if this is understood as such was the message whole.
    private static final byte[] TAIL = {0, 0, -1, -1, 1, 0, 0, -1, -1};

    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final Zlib zlib;

    /// Null if each message stands alone.
    private final @Nullable SlidingWindow window;

    /// Null between messages.
    private @Nullable Inflater inflater;

    /// Borrowed, as long as there is [#more].
    private ByteBuffer input = NOTHING;

    private boolean more;

    /// The input is the end of its message.
    private boolean last;

    private boolean tail;

    /// Nothing has come since the message, or a stream within it, began.
    private boolean fresh;

    private int streamCount;

    /// Thrown when what came before it has been handed out, so that what is found does not depend
    /// on how the message was cut.
    private @Nullable DataFormatException corrupt;

    /// @param contextLength bytes that a message may refer back to; 0 for none
    MessageInflater(Zlib zlib, int contextLength) {
        this.zlib = zlib;
        window = contextLength == 0 ? null : new SlidingWindow(contextLength);
    }

    /// Lends a part of a message until there is no [#more].
    void receive(ByteBuffer part, boolean isLast) {
        if (inflater == null) {
            streamCount = 1;
            inflater = zlib.inflater();
            begin(inflater);
        }
        input = part;
        inflater.setInput(part);
        fresh &= !part.hasRemaining();
        last = isLast;
        more = true;
    }

    private void begin(Inflater begun) {
        if (window != null) {
            window.restore(begun);
        }
        fresh = true;
        tail = false;
    }

    /// Whether [#next] has something to do.
    boolean more() {
        return more;
    }

    boolean last() {
        return last;
    }

    /// The next piece of plain text, which may be empty; good until the next call on any connection
    /// that shares the [Zlib]. If there is no [#more] after it, it was the last one of the part
    /// that was received.
    ///
    /// @throws DataFormatException if this is no DEFLATE data
    ByteBuffer next() throws DataFormatException {
        Inflater current = inflater;
        if (current == null) {
            throw new IllegalStateException("nothing was received");
        }
        ByteBuffer out = zlib.inflated();
        int remembered = 0;
        while (more && corrupt == null && out.hasRemaining()) {
            try {
                int count = current.inflate(out);
                if (current.finished()) {
                    remembered = remember(out, remembered);
                    finish(current);
                } else if (count == 0) {
                    starved(current);
                }
            } catch (DataFormatException e) {
                corrupt = e;
            }
        }
        if (corrupt != null && out.position() == 0) {
            throw corrupt;
        }
        remember(out, remembered);
        if (!more && last) {
            release();
        }
        return out.flip();
    }

    private int remember(ByteBuffer out, int from) {
        if (window != null && out.position() > from) {
            window.append(out.slice(from, out.position() - from));
        }
        return out.position();
    }

    /// Behind a final block: ours, or one of the peer's, behind which it may go on.
    private void finish(Inflater current) throws DataFormatException {
        if (tail) {
            if (current.getRemaining() > 0) {
                throw new DataFormatException("a message that ends inside a block");
            }
            more = false;
            return;
        }
        streamCount++;
        if (streamCount > STREAMS_MAX) {
            throw new DataFormatException("more than " + STREAMS_MAX + " final blocks");
        }
        current.reset();
        begin(current);
        current.setInput(input);
        fresh = !input.hasRemaining();
    }

    private void starved(Inflater current) throws DataFormatException {
        if (!current.needsInput()) {
            throw new DataFormatException("a preset dictionary");
        }
        if (!last || fresh) {
            more = false;
        } else if (tail) {
            throw new DataFormatException("a message that ends inside a block");
        } else {
            tail = true;
            current.setInput(TAIL);
        }
    }

    /// Gives the inflater back; what there was of a message is dropped.
    void release() {
        more = false;
        corrupt = null;
        input = NOTHING;
        if (inflater != null) {
            zlib.giveBack(inflater);
            inflater = null;
        }
    }
}
