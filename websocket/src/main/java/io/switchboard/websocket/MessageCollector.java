package io.switchboard.websocket;

import java.nio.ByteBuffer;
import java.util.Arrays;

/// Puts a message together from its pieces, up to a length. Between messages it holds nothing.
public final class MessageCollector {
    private static final byte[] NOTHING = {};

    private final int lengthMax;
    private byte[] bytes = NOTHING;
    private int length;

    /// @param lengthMax bytes of a message, no matter how it is cut
    public MessageCollector(int lengthMax) {
        if (lengthMax < 0) {
            throw new IllegalArgumentException(
                    "expected a length of at least 0 but was " + lengthMax);
        }
        this.lengthMax = lengthMax;
    }

    public int lengthMax() {
        return lengthMax;
    }

    /// Copies a piece.
    ///
    /// @return false if the message becomes too long; then what came of it is forgotten
    public boolean add(ByteBuffer piece) {
        int more = piece.remaining();
        if (more > lengthMax - length) {
            bytes = NOTHING;
            length = 0;
            return false;
        }
        if (more > bytes.length - length) {
            // Twice as long each time, so that many small pieces are not copied over and over.
            int wanted = (int) Math.max(length + more, Math.min(lengthMax, 2L * length));
            bytes = Arrays.copyOf(bytes, wanted);
        }
        piece.get(piece.position(), bytes, length, more);
        length += more;
        return true;
    }

    /// The message, its last piece having been added.
    public WebSocketMessage take(boolean text) {
        WebSocketMessage message = new WebSocketMessage(ByteBuffer.wrap(bytes, 0, length), text);
        bytes = NOTHING;
        length = 0;
        return message;
    }
}
