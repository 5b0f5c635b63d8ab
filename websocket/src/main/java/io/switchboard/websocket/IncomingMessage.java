package io.switchboard.websocket;

import io.switchboard.websocket.WebSocketEvent.Payload;
import io.switchboard.websocket.WebSocketEvent.Violation;
import java.nio.ByteBuffer;
import java.util.zip.DataFormatException;
import org.jspecify.annotations.Nullable;

/// The data message that is arriving: how its frames follow one another, its limits, and whether
/// text is UTF-8. Collects nothing. Owned by its connection.
final class IncomingMessage {
    private final WebSocketLimits limits;

    /// Null if compression was not agreed.
    private final @Nullable MessageInflater inflater;

    /// Between the first and the last fragment of a message, both included.
    private boolean begun;

    private boolean text;
    private boolean compressed;
    private int utf8State = Utf8Validator.ACCEPT;
    private int fragmentCount;

    /// On the wire.
    private long frameBytes;

    /// Inflated.
    private long plainBytes;

    IncomingMessage(WebSocketLimits limits, @Nullable MessageInflater inflater) {
        this.limits = limits;
        this.inflater = inflater;
    }

    /// Judges the complete header of a data frame by what came before it, and by the limits, before
    /// any payload.
    @Nullable Violation begin(IncomingFrame frame) {
        boolean continuation = frame.opcode() == Opcode.CONTINUATION;
        if (continuation != begun) {
            return continuation
                    ? broken("a continuation follows a fragment", "CONTINUATION with no message")
                    : broken(
                            "a message ends before the next one begins",
                            frame.opcode() + " inside a message");
        }
        if (!continuation) {
            begun = true;
            text = frame.opcode() == Opcode.TEXT;
            compressed = frame.compressed();
        }
        fragmentCount++;
        if (fragmentCount > limits.fragmentCountMax()) {
            return new Violation(
                    CloseCode.POLICY_VIOLATION,
                    "a message has at most " + limits.fragmentCountMax() + " fragments",
                    "fragment " + fragmentCount);
        }
        return checkLength(frame.payloadLeft());
    }

    private @Nullable Violation checkLength(long length) {
        if (length > limits.frameLengthMax()) {
            return new Violation(
                    CloseCode.TOO_BIG,
                    "a frame has at most " + limits.frameLengthMax() + " bytes",
                    "length " + length);
        }
        if (length > frameBytesMax() - frameBytes) {
            return new Violation(
                    CloseCode.TOO_BIG,
                    "a message has at most " + limits.messageLengthMax() + " bytes",
                    frameBytes + " bytes and a frame of " + length);
        }
        frameBytes += length;
        return null;
    }

    /// Whoever compresses badly may need more bytes than there are.
    private long frameBytesMax() {
        long lengthMax = limits.messageLengthMax();
        return compressed ? lengthMax + lengthMax / 8 + 64 : lengthMax;
    }

    /// Takes what there is of the frame's payload. A piece of data, a violation, or null when there
    /// is nothing to tell yet.
    @Nullable WebSocketEvent take(IncomingFrame frame, ByteBuffer input) {
        if (frame.payloadLeft() > 0 && !input.hasRemaining()) {
            return null;
        }
        ByteBuffer piece = frame.takePayload(input);
        boolean last = frame.payloadLeft() == 0 && frame.fin();
        if (frame.payloadLeft() == 0) {
            frame.end();
        }
        if (inflater == null || !compressed) {
            return plain(piece, last);
        }
        inflater.receive(piece, last);
        return inflate(inflater, last);
    }

    /// Whether more comes out of what was taken, before anything else may be.
    boolean inflating() {
        return inflater != null && inflater.more();
    }

    /// As [#take], from what was taken.
    @Nullable WebSocketEvent inflate() {
        if (inflater == null) {
            throw new IllegalStateException("compression was not agreed");
        }
        return inflate(inflater, inflater.last());
    }

    private @Nullable WebSocketEvent inflate(MessageInflater from, boolean lastPart) {
        ByteBuffer piece;
        try {
            piece = from.next();
        } catch (DataFormatException e) {
            return new Violation(
                    CloseCode.INVALID_PAYLOAD,
                    "a compressed message is DEFLATE data",
                    String.valueOf(e.getMessage()));
        }
        plainBytes += piece.remaining();
        long tooMuch = plainBytes - limits.messageLengthMax();
        if (tooMuch > 0) {
            // Whether it was UTF-8 up to there is still judged, as it would be had it come in
            // parts.
            piece.limit(piece.limit() - (int) tooMuch);
            return plain(piece, false) instanceof Violation violation
                    ? violation
                    : new Violation(
                            CloseCode.TOO_BIG,
                            "a message has at most " + limits.messageLengthMax() + " bytes",
                            "more, compressed in " + frameBytes);
        }
        return plain(piece, lastPart && !from.more());
    }

    private @Nullable WebSocketEvent plain(ByteBuffer piece, boolean last) {
        if (text) {
            utf8State = Utf8Validator.advance(utf8State, piece);
            if (utf8State == Utf8Validator.REJECT) {
                return notUtf8("a byte that no character has there");
            }
            if (last && utf8State != Utf8Validator.ACCEPT) {
                return notUtf8("a message that ends inside a character");
            }
        }
        if (last) {
            begun = false;
            fragmentCount = 0;
            frameBytes = 0;
            plainBytes = 0;
        }
        return last || piece.hasRemaining() ? new Payload(piece, text, last) : null;
    }

    /// Nothing more is received.
    void release() {
        if (inflater != null) {
            inflater.release();
        }
    }

    private static Violation broken(String rule, String found) {
        return new Violation(CloseCode.PROTOCOL_ERROR, rule, found);
    }

    static Violation notUtf8(String found) {
        return new Violation(CloseCode.INVALID_PAYLOAD, "text is UTF-8", found);
    }
}
