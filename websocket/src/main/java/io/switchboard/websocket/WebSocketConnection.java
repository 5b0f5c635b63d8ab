package io.switchboard.websocket;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.switchboard.websocket.WebSocketEvent.CloseReceived;
import io.switchboard.websocket.WebSocketEvent.PingReceived;
import io.switchboard.websocket.WebSocketEvent.PongReceived;
import io.switchboard.websocket.WebSocketEvent.Violation;
import io.switchboard.websocket.WebSocketState.Move;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// One end of a WebSocket after its opening handshake: bytes in, events out, and back. How it works
/// is told in the package's comment.
///
/// Owned by one event loop. Owns no bytes between [#receive] and the [WebSocketEvent#NEED_BYTES]
/// that ends it, but for a control payload that came cut (at most 125) and, where compression keeps
/// its context, the last plain text of each direction (32 KiB of what came, 4 KiB of what was
/// sent). Answers nothing by itself: pongs, the answer to a Close and the end of the transport are
/// the owner's.
public final class WebSocketConnection {
    private static final long CLOSE_TIMEOUT_NANOS = TimeUnit.SECONDS.toNanos(10);
    private static final int CLOSE_REASON_LENGTH_MAX =
            FrameHeader.CONTROL_PAYLOAD_MAX - Short.BYTES;
    private static final ByteBuffer EMPTY = ByteBuffer.allocate(0);

    /// Null on the server side: servers do not mask.
    private final @Nullable RandomGenerator maskKeys;

    private final IncomingFrame frame;
    private final IncomingMessage message;

    /// Null if compression was not agreed.
    private final @Nullable MessageDeflater deflater;

    private WebSocketState state = WebSocketState.OPEN;

    /// The borrowed bytes; [#EMPTY] when there are none.
    private ByteBuffer input = EMPTY;

    /// A control payload that came cut, until it is whole.
    private @Nullable ByteBuffer controlPayload;

    /// Between the first and the last part of a message that we send.
    private boolean sendingParts;

    private long receivedNanos;

    /// Means something in CLOSE_SENT only.
    private long closeDeadlineNanos;

    private boolean closeTimedOut;

    private WebSocketConnection(
            WebSocketLimits limits,
            @Nullable RandomGenerator maskKeys,
            @Nullable PermessageDeflate agreed,
            @Nullable Zlib zlib) {
        boolean server = maskKeys == null;
        this.maskKeys = maskKeys;
        frame = new IncomingFrame(server, agreed != null);
        if (agreed == null || zlib == null) {
            message = new IncomingMessage(limits, null);
            deflater = null;
            return;
        }
        int received = server ? agreed.clientContext() : agreed.serverContext();
        int ours = server ? agreed.serverContext() : agreed.clientContext();
        message = new IncomingMessage(limits, new MessageInflater(zlib, received));
        deflater = new MessageDeflater(zlib, ours);
    }

    public static WebSocketConnection server(WebSocketLimits limits) {
        return new WebSocketConnection(limits, null, null, null);
    }

    /// @param agreed what the handshake agreed about compression; null for none
    /// @param zlib the event loop's
    public static WebSocketConnection server(
            WebSocketLimits limits, @Nullable PermessageDeflate agreed, Zlib zlib) {
        return new WebSocketConnection(limits, null, agreed, zlib);
    }

    /// @param maskKeys must not be predictable by whoever chooses the payloads (RFC 6455 section
    ///   10.3)
    public static WebSocketConnection client(WebSocketLimits limits, RandomGenerator maskKeys) {
        return new WebSocketConnection(limits, Objects.requireNonNull(maskKeys), null, null);
    }

    /// The same with compression, as for the server.
    public static WebSocketConnection client(
            WebSocketLimits limits,
            RandomGenerator maskKeys,
            @Nullable PermessageDeflate agreed,
            Zlib zlib) {
        return new WebSocketConnection(limits, Objects.requireNonNull(maskKeys), agreed, zlib);
    }

    /// Lends bytes until [#next] answers [WebSocketEvent#NEED_BYTES]; it must do so before the next
    /// call. Payload is unmasked in place, so on the server side the buffer must be writable.
    public void receive(ByteBuffer bytes, long nowNanos) {
        if (input.hasRemaining() || message.inflating()) {
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
        while (state.mayReceive() && (message.inflating() || input.hasRemaining())) {
            WebSocketEvent event = message.inflating() ? message.inflate() : read();
            if (event instanceof Violation violation) {
                return fail(violation);
            }
            if (event != null) {
                return event;
            }
        }
        releaseInput();
        return WebSocketEvent.NEED_BYTES;
    }

    /// On with the frame that is arriving; null when there is nothing to tell yet.
    private @Nullable WebSocketEvent read() {
        if (!frame.headerComplete()) {
            Violation violation = frame.readHeader(input);
            if (violation == null && frame.headerComplete() && !frame.opcode().control()) {
                violation = message.begin(frame);
            }
            if (violation != null) {
                return violation;
            }
        }
        if (!frame.headerComplete()) {
            return null;
        }
        return frame.opcode().control() ? control() : message.take(frame, input);
    }

    /// What was not decoded by now is not worth decoding.
    private void releaseInput() {
        input.position(input.limit());
        input = EMPTY;
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
                return new Violation(
                        CloseCode.PROTOCOL_ERROR,
                        "a Close has a code of RFC 6455 section 7.4",
                        "code " + code);
            }
            if (!Utf8Validator.valid(payload)) {
                return IncomingMessage.notUtf8("a reason of a Close that is not");
            }
        }
        String reason = UTF_8.decode(payload).toString();
        state = state.after(Move.RECEIVE_CLOSE);
        message.release();
        releaseInput();
        return new CloseReceived(code, reason);
    }

    private Violation fail(Violation violation) {
        state = state.after(Move.VIOLATION);
        controlPayload = null;
        message.release();
        releaseInput();
        return violation;
    }

    /// The bytes of a whole text message. The payload, whose position stays, must be UTF-8.
    public ByteBuffer text(ByteBuffer payload) {
        return message(Opcode.TEXT, payload);
    }

    public ByteBuffer binary(ByteBuffer payload) {
        return message(Opcode.BINARY, payload);
    }

    /// The bytes of a part of a message, a fragment, which is never compressed. Until the last one
    /// no other message may be sent; control frames may.
    ///
    /// @param text what the message is, said with its first part; then the whole must be UTF-8
    public ByteBuffer part(ByteBuffer payload, boolean text, boolean last) {
        Opcode first = text ? Opcode.TEXT : Opcode.BINARY;
        ByteBuffer frame = encode(sendingParts ? Opcode.CONTINUATION : first, false, payload);
        sendingParts = !last;
        if (!last) {
            frame.put(0, (byte) (frame.get(0) & ~FrameHeader.FIN));
        }
        return frame;
    }

    /// Compressed if that was agreed and is worth it.
    private ByteBuffer message(Opcode opcode, ByteBuffer payload) {
        if (sendingParts) {
            throw new IllegalStateException("cannot send a message inside of another one");
        }
        ByteBuffer compressed = deflater == null ? null : deflater.deflate(payload);
        return compressed == null
                ? encode(opcode, false, payload)
                : encode(opcode, true, compressed);
    }

    /// Does to frames what could not be done when they were written, for many perhaps, or on
    /// another thread: compresses the messages whose header says that they are compressed already
    /// ([FrameHeader#putCompressed]), and leaves the others as they are. For servers, where
    /// compression was agreed.
    ///
    /// @param frames whole ones; used up
    /// @param out gets what is to be sent, piece by piece, each of which is good until it returns;
    ///   nothing if no frame changes
    /// @return whether there was anything to compress
    public boolean compress(ByteBuffer frames, Consumer<ByteBuffer> out) {
        if (deflater == null) {
            throw new IllegalStateException("compression was not agreed");
        }
        return deflater.compress(frames, out);
    }

    /// @param payload at most 125 bytes
    public ByteBuffer ping(ByteBuffer payload) {
        return encode(Opcode.PING, false, payload);
    }

    /// @param payload at most 125 bytes; that of the ping it answers
    public ByteBuffer pong(ByteBuffer payload) {
        return encode(Opcode.PONG, false, payload);
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
        ByteBuffer bytes = encode(Opcode.CLOSE, false, closePayload(code, reason));
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

    private ByteBuffer encode(Opcode opcode, boolean compressed, ByteBuffer payload) {
        if (!state.maySend()) {
            throw new IllegalStateException("cannot send " + opcode + " in state " + state);
        }
        int length = payload.remaining();
        int headerLength = FrameHeader.length(length);
        if (maskKeys == null) {
            ByteBuffer out = ByteBuffer.allocate(Math.addExact(headerLength, length));
            if (compressed) {
                FrameHeader.putCompressed(out, opcode, length);
            } else {
                FrameHeader.put(out, opcode, true, length);
            }
            return out.put(payload.duplicate()).flip();
        }
        headerLength += FrameHeader.MASK_KEY_LENGTH;
        ByteBuffer out = ByteBuffer.allocate(Math.addExact(headerLength, length));
        int maskKey = maskKeys.nextInt();
        FrameHeader.putMasked(out, opcode, compressed, length, maskKey);
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

    /// The transport has gone: gives back what is borrowed in the middle of a compressed message,
    /// and has the [Zlib] forget this connection.
    public void release() {
        message.release();
        if (deflater != null) {
            deflater.release();
        }
    }
}
