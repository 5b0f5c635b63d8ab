package io.switchboard.websocket;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.switchboard.websocket.WebSocketEvent.CloseReceived;
import io.switchboard.websocket.WebSocketEvent.Payload;
import io.switchboard.websocket.WebSocketEvent.PingReceived;
import io.switchboard.websocket.WebSocketEvent.PongReceived;
import io.switchboard.websocket.WebSocketEvent.Violation;
import io.switchboard.websocket.WebSocketState.Move;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// One end of a WebSocket after its opening handshake: bytes in, events out, and back. How it works
/// is told in the package's comment.
///
/// Owned by one event loop. Owns no bytes between [#receive] and the [WebSocketEvent#NEED_BYTES]
/// that ends it, but for a control payload that came cut (at most 125). Answers nothing by itself:
/// pongs, the answer to a Close and the end of the transport are the owner's.
public final class WebSocketConnection {
    private static final long CLOSE_TIMEOUT_NANOS = TimeUnit.SECONDS.toNanos(10);
    private static final int CLOSE_REASON_LENGTH_MAX =
            FrameHeader.CONTROL_PAYLOAD_MAX - Short.BYTES;
    private static final ByteBuffer EMPTY = ByteBuffer.allocate(0);

    private final WebSocketLimits limits;

    /// Null on the server side: servers do not mask.
    private final @Nullable RandomGenerator maskKeys;

    private final IncomingFrame frame;

    private WebSocketState state = WebSocketState.OPEN;

    /// The borrowed bytes; [#EMPTY] when there are none.
    private ByteBuffer input = EMPTY;

    /// A control payload that came cut, until it is whole.
    private @Nullable ByteBuffer controlPayload;

    /// Between the first and the last fragment of a message, both included.
    private boolean inMessage;

    private boolean text;
    private int utf8State = Utf8Validator.ACCEPT;
    private int fragmentCount;
    private long messageLength;

    private long receivedNanos;

    /// Means something in CLOSE_SENT only.
    private long closeDeadlineNanos;

    private boolean closeTimedOut;

    private WebSocketConnection(WebSocketLimits limits, @Nullable RandomGenerator maskKeys) {
        this.limits = limits;
        this.maskKeys = maskKeys;
        this.frame = new IncomingFrame(maskKeys == null);
    }

    public static WebSocketConnection server(WebSocketLimits limits) {
        return new WebSocketConnection(limits, null);
    }

    /// @param maskKeys must not be predictable by whoever chooses the payloads (RFC 6455 section
    ///   10.3)
    public static WebSocketConnection client(WebSocketLimits limits, RandomGenerator maskKeys) {
        return new WebSocketConnection(limits, Objects.requireNonNull(maskKeys));
    }

    /// Lends bytes until [#next] answers [WebSocketEvent#NEED_BYTES]; it must do so before the next
    /// call. Payload is unmasked in place, so on the server side the buffer must be writable.
    public void receive(ByteBuffer bytes, long nowNanos) {
        if (input.hasRemaining()) {
            throw new IllegalStateException(
                    "expected events to be drained before more is received but "
                            + input.remaining()
                            + " bytes are left");
        }
        input = bytes;
        receivedNanos = nowNanos;
    }

    /// What the bytes mean, one event a call. Does not throw whatever the peer sends.
    public WebSocketEvent next() {
        if (closeTimedOut) {
            closeTimedOut = false;
            return WebSocketEvent.CLOSE_TIMED_OUT;
        }
        while (state.mayReceive() && input.hasRemaining()) {
            if (!frame.headerComplete()) {
                Violation violation = frame.readHeader(input);
                if (violation == null && frame.headerComplete()) {
                    violation = begin();
                }
                if (violation != null) {
                    return fail(violation);
                }
            }
            if (frame.headerComplete()) {
                WebSocketEvent event = frame.opcode().control() ? control() : data();
                if (event != null) {
                    return event;
                }
            }
        }
        releaseInput();
        return WebSocketEvent.NEED_BYTES;
    }

    /// What was not decoded by now is not worth decoding.
    private void releaseInput() {
        input.position(input.limit());
        input = EMPTY;
    }

    /// Judges a complete header by what came before it, and by the limits, before any payload.
    private @Nullable Violation begin() {
        if (frame.opcode().control()) {
            return null;
        }
        boolean continuation = frame.opcode() == Opcode.CONTINUATION;
        if (continuation != inMessage) {
            return continuation
                    ? broken("a continuation follows a fragment", "CONTINUATION with no message")
                    : broken(
                            "a message ends before the next one begins",
                            frame.opcode() + " inside a message");
        }
        if (!continuation) {
            inMessage = true;
            text = frame.opcode() == Opcode.TEXT;
        }
        fragmentCount++;
        if (fragmentCount > limits.fragmentCountMax()) {
            return new Violation(
                    CloseCode.POLICY_VIOLATION,
                    "a message has at most " + limits.fragmentCountMax() + " fragments",
                    "fragment " + fragmentCount);
        }
        return checkLength();
    }

    private @Nullable Violation checkLength() {
        long length = frame.payloadLeft();
        if (length > limits.frameLengthMax()) {
            return new Violation(
                    CloseCode.TOO_BIG,
                    "a frame has at most " + limits.frameLengthMax() + " bytes",
                    "length " + length);
        }
        if (length > limits.messageLengthMax() - messageLength) {
            return new Violation(
                    CloseCode.TOO_BIG,
                    "a message has at most " + limits.messageLengthMax() + " bytes",
                    messageLength + " bytes and a frame of " + length);
        }
        messageLength += length;
        return null;
    }

    /// A piece of data, a violation, or null when there is nothing to tell yet.
    private @Nullable WebSocketEvent data() {
        if (frame.payloadLeft() > 0 && !input.hasRemaining()) {
            return null;
        }
        ByteBuffer piece = frame.takePayload(input);
        boolean last = frame.payloadLeft() == 0 && frame.fin();
        if (text) {
            utf8State = Utf8Validator.advance(utf8State, piece);
            if (utf8State == Utf8Validator.REJECT) {
                return fail(notUtf8("a byte that no character has there"));
            }
            if (last && utf8State != Utf8Validator.ACCEPT) {
                return fail(notUtf8("a message that ends inside a character"));
            }
        }
        if (frame.payloadLeft() == 0) {
            frame.end();
        }
        if (last) {
            inMessage = false;
            fragmentCount = 0;
            messageLength = 0;
        }
        return last || piece.hasRemaining() ? new Payload(piece, text, last) : null;
    }

    /// A control frame, a violation, or null when it is not whole or not to be told.
    private @Nullable WebSocketEvent control() {
        ByteBuffer payload = wholeControlPayload();
        if (payload == null) {
            return null;
        }
        Opcode opcode = frame.opcode();
        frame.end();
        return switch (opcode) {
            case CLOSE -> closeReceived(payload);
            // After our Close nothing may be sent, so there is nobody whom a ping would concern.
            case PING -> state == WebSocketState.OPEN ? new PingReceived(payload) : null;
            case PONG -> new PongReceived(payload);
            case CONTINUATION, TEXT, BINARY -> throw new AssertionError(opcode);
        };
    }

    private @Nullable ByteBuffer wholeControlPayload() {
        if (controlPayload == null) {
            if (input.remaining() >= frame.payloadLeft()) {
                return frame.takePayload(input);
            }
            if (!input.hasRemaining()) {
                return null;
            }
            controlPayload = ByteBuffer.allocate((int) frame.payloadLeft());
        }
        controlPayload.put(frame.takePayload(input));
        if (controlPayload.hasRemaining()) {
            return null;
        }
        ByteBuffer whole = controlPayload.flip();
        controlPayload = null;
        return whole;
    }

    /// RFC 6455 section 5.5.1. That a payload has not just one byte was seen in the header.
    private WebSocketEvent closeReceived(ByteBuffer payload) {
        int code = CloseCode.NO_CODE;
        if (payload.hasRemaining()) {
            code = (payload.get() & 0xff) << Byte.SIZE | payload.get() & 0xff;
            if (!CloseCode.allowedOnTheWire(code)) {
                return fail(broken("a Close has a code of RFC 6455 section 7.4", "code " + code));
            }
            if (!Utf8Validator.valid(payload)) {
                return fail(notUtf8("a reason of a Close that is not"));
            }
        }
        String reason = UTF_8.decode(payload).toString();
        state = state.after(Move.RECEIVE_CLOSE);
        releaseInput();
        return new CloseReceived(code, reason);
    }

    private Violation fail(Violation violation) {
        state = state.after(Move.VIOLATION);
        controlPayload = null;
        releaseInput();
        return violation;
    }

    private static Violation broken(String rule, String found) {
        return new Violation(CloseCode.PROTOCOL_ERROR, rule, found);
    }

    private static Violation notUtf8(String found) {
        return new Violation(CloseCode.INVALID_PAYLOAD, "text is UTF-8", found);
    }

    /// The bytes of a whole text message. The payload, whose position stays, must be UTF-8.
    public ByteBuffer text(ByteBuffer payload) {
        return encode(Opcode.TEXT, payload);
    }

    public ByteBuffer binary(ByteBuffer payload) {
        return encode(Opcode.BINARY, payload);
    }

    /// @param payload at most 125 bytes
    public ByteBuffer ping(ByteBuffer payload) {
        return encode(Opcode.PING, payload);
    }

    /// @param payload at most 125 bytes; that of the ping it answers
    public ByteBuffer pong(ByteBuffer payload) {
        return encode(Opcode.PONG, payload);
    }

    /// The bytes of our Close, after which nothing more may be sent; empty if it was sent already.
    ///
    /// @param code [CloseCode#NO_CODE] for a Close without code and reason, as the answer to one
    /// @param reason cut to what fits, between characters
    public ByteBuffer close(int code, String reason, long nowNanos) {
        if (code != CloseCode.NO_CODE && !CloseCode.allowedOnTheWire(code)) {
            throw new IllegalArgumentException(
                    "expected a code that a Close may carry but was " + code);
        }
        if (!state.maySend()) {
            return EMPTY.duplicate();
        }
        ByteBuffer bytes = encode(Opcode.CLOSE, closePayload(code, reason));
        state = state.after(Move.SEND_CLOSE);
        closeDeadlineNanos = nowNanos + CLOSE_TIMEOUT_NANOS;
        return bytes;
    }

    private static ByteBuffer closePayload(int code, String reason) {
        if (code == CloseCode.NO_CODE) {
            return EMPTY;
        }
        byte[] utf8 = reason.getBytes(UTF_8);
        int length = Math.min(utf8.length, CLOSE_REASON_LENGTH_MAX);
        while (length < utf8.length && (utf8[length] & 0xc0) == 0x80) {
            length--;
        }
        return ByteBuffer.allocate(Short.BYTES + length)
                .putShort((short) code)
                .put(utf8, 0, length)
                .flip();
    }

    private ByteBuffer encode(Opcode opcode, ByteBuffer payload) {
        if (!state.maySend()) {
            throw new IllegalStateException("cannot send " + opcode + " in state " + state);
        }
        int length = payload.remaining();
        int headerLength = FrameHeader.length(length);
        if (maskKeys == null) {
            ByteBuffer out = ByteBuffer.allocate(Math.addExact(headerLength, length));
            FrameHeader.put(out, opcode, true, length);
            return out.put(payload.duplicate()).flip();
        }
        headerLength += FrameHeader.MASK_KEY_LENGTH;
        ByteBuffer out = ByteBuffer.allocate(Math.addExact(headerLength, length));
        int maskKey = maskKeys.nextInt();
        FrameHeader.putMasked(out, opcode, true, length, maskKey);
        out.put(payload.duplicate()).flip();
        Masking.apply(out.position(headerLength), maskKey);
        return out.rewind();
    }

    public WebSocketState state() {
        return state;
    }

    /// When [#receive] was last called.
    public long receivedNanos() {
        return receivedNanos;
    }

    /// When [#onDeadline] wants to be called; [Long#MAX_VALUE] for never.
    public long deadlineNanos() {
        return state == WebSocketState.CLOSE_SENT ? closeDeadlineNanos : Long.MAX_VALUE;
    }

    /// Gives up waiting for the answer to our Close, if it is time; then [#next] says so.
    public void onDeadline(long nowNanos) {
        if (state == WebSocketState.CLOSE_SENT && nowNanos - closeDeadlineNanos >= 0) {
            state = state.after(Move.TIME_OUT);
            closeTimedOut = true;
        }
    }
}
