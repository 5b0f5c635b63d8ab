package io.switchboard.server.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import io.switchboard.broker.Disconnect;
import io.switchboard.gateway.Peer;
import io.switchboard.server.endpoint.Endpoint;
import io.switchboard.server.endpoint.WebSocket;
import io.switchboard.server.endpoint.WebSocketListener;
import io.switchboard.websocket.CloseCode;
import io.switchboard.websocket.FrameHeader;
import io.switchboard.websocket.HandshakeRequest;
import io.switchboard.websocket.Opcode;
import java.nio.ByteBuffer;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/// What a program's [Endpoint] and one client say to each other.
///
/// All that is offered while the loop reads from the client, or before it gets to its tasks, is
/// gathered in one buffer and leaves with one write. The buffer goes to the socket as long as that
/// takes bytes; else it stays here and is bounded. The monitor guards it, and is held for a copy at
/// most: neither for I/O nor while the listener is called. Whole messages are compressed, if that
/// was agreed, when the loop takes the buffer; those in parts, which could take any time, are not.
final class EndpointConversation implements Conversation, WebSocket {
    /// What waits for the end of a read, which may bring much, is handed on when it is this long.
    private static final int GATHERED_LENGTH_MAX = 64 << 10;

    private static final int CAPACITY_MIN = 256;

    private final SocketHandler socket;
    private final Channel channel;
    private final Endpoint endpoint;
    private final Peer peer;
    private final WebSocketFraming framing;
    private final @Nullable String subprotocol;
    private final int waitingMax;

    // The event loop's own.

    /// Until the endpoint has seen it.
    private @Nullable HandshakeRequest request;

    private @Nullable WebSocketListener listener;

    /// The end of what is being read is still to come.
    private boolean receiving;

    private boolean ended;
    private int closeCode = CloseCode.ABNORMAL;
    private @Nullable String closeReason;

    private volatile boolean paused;

    // Guarded by this.

    private @Nullable ByteBuf out;
    private boolean open = true;
    private boolean inMessage;

    /// Something in the buffer is to be compressed.
    private boolean marked;

    private boolean flushAsked;

    /// The program was told that there is no room.
    private boolean roomAsked;

    EndpointConversation(
            SocketHandler socket,
            Endpoint endpoint,
            HandshakeRequest request,
            Peer peer,
            WebSocketFraming framing,
            @Nullable String subprotocol) {
        this.socket = socket;
        this.endpoint = endpoint;
        this.request = request;
        this.peer = peer;
        this.framing = framing;
        this.subprotocol = subprotocol;
        channel = socket.channel;
        waitingMax = socket.terms.endpointWaitingMax();
    }

    // --- What the socket tells ---

    @Override
    public void opened() {
        HandshakeRequest opening = request;
        request = null;
        if (opening != null) {
            listener = endpoint.open(opening, this);
        }
    }

    @Override
    public void receive(ByteBuffer payload, boolean text, boolean last, long nowNanos) {
        receiving = true;
        if (last) {
            socket.intake.frame();
        }
        if (listener != null) {
            listener.received(payload, text, last);
        }
    }

    @Override
    public void readComplete() {
        receiving = false;
        flush();
    }

    @Override
    public void pong(ByteBuffer payload) {
        if (listener != null) {
            listener.pong(payload);
        }
    }

    @Override
    public boolean parked() {
        return paused;
    }

    /// The program's pause is no fault of the client's.
    @Override
    public boolean congested() {
        return false;
    }

    @Override
    public void socketWritable() {
        flush();
    }

    /// Without a Close there is nothing more to be said.
    @Override
    public boolean inputEnded(long nowNanos) {
        return false;
    }

    @Override
    public void closeReceived(int code, String reason) {
        closeCode = code;
        closeReason = reason;
    }

    @Override
    public void closed(Disconnect reason) {
        if (ended) {
            return;
        }
        ended = true;
        shut();
        handOver();
        if (listener != null) {
            String why = closeReason;
            try {
                listener.closed(closeCode, why == null ? reason.text() : why);
            } catch (RuntimeException e) {
                ConnectionLog.LOG.error("{} {}: a listener failed", peer.address(), name(), e);
            }
        }
    }

    @Override
    public void shutdown(long nowNanos) {
        end(Disconnect.SHUTDOWN.closeCode(), Disconnect.SHUTDOWN.text(), Disconnect.SHUTDOWN);
    }

    @Override
    public void disconnect(Disconnect reason, String detail, long nowNanos) {
        socket.log(reason, detail);
        end(reason.closeCode(), reason.text(), reason);
    }

    @Override
    public long deadlineNanos() {
        return Long.MAX_VALUE;
    }

    @Override
    public void onDeadline(long nowNanos) {}

    @Override
    public String name() {
        return "at an endpoint";
    }

    // --- Who it is ---

    @Override
    public String address() {
        return peer.address();
    }

    @Override
    public boolean local() {
        return peer.local();
    }

    @Override
    public @Nullable String subprotocol() {
        return subprotocol;
    }

    @Override
    public synchronized boolean open() {
        return open;
    }

    // --- What the program says ---

    @Override
    public boolean offer(String text) {
        int length = ByteBufUtil.utf8Bytes(text);
        synchronized (this) {
            if (!admit(length)) {
                return false;
            }
            expectNoMessage();
            ByteBuf to = room(length);
            messageHeader(to, Opcode.TEXT, length);
            ByteBufUtil.writeUtf8(to, text);
        }
        flushLater();
        return true;
    }

    @Override
    public boolean offer(ByteBuffer binary) {
        synchronized (this) {
            expectNoMessage();
            if (!putMessage(Opcode.BINARY, binary)) {
                return false;
            }
        }
        flushLater();
        return true;
    }

    @Override
    public boolean offer(ByteBuffer part, boolean text, boolean last) {
        synchronized (this) {
            Opcode first = text ? Opcode.TEXT : Opcode.BINARY;
            boolean taken =
                    last && !inMessage
                            ? putMessage(first, part)
                            : put(inMessage ? Opcode.CONTINUATION : first, last, part);
            if (!taken) {
                return false;
            }
            inMessage = !last;
        }
        flushLater();
        return true;
    }

    @Override
    public boolean ping(ByteBuffer payload) {
        synchronized (this) {
            if (!put(Opcode.PING, true, payload)) {
                return false;
            }
        }
        flushLater();
        return true;
    }

    private void expectNoMessage() {
        if (inMessage) {
            throw new IllegalStateException("cannot send a message inside of another one");
        }
    }

    /// A whole one.
    private boolean putMessage(Opcode opcode, ByteBuffer payload) {
        int length = payload.remaining();
        if (!admit(length)) {
            return false;
        }
        ByteBuf to = room(length);
        messageHeader(to, opcode, length);
        put(to, payload);
        return true;
    }

    private boolean put(Opcode opcode, boolean fin, ByteBuffer payload) {
        int length = payload.remaining();
        if (!admit(length)) {
            return false;
        }
        ByteBuf to = room(length);
        header(to, opcode, fin, length);
        put(to, payload);
        return true;
    }

    private static void put(ByteBuf to, ByteBuffer payload) {
        int length = payload.remaining();
        int at = to.writerIndex();
        ByteBuffer place = to.internalNioBuffer(at, length);
        place.put(place.position(), payload, payload.position(), length);
        to.writerIndex(at + length);
    }

    private boolean admit(int length) {
        long waiting = waiting();
        boolean full = waiting > 0 && waiting + length > waitingMax;
        roomAsked |= full;
        return open && !full;
    }

    /// What neither has left nor lies in the part of the socket's queue that is always filled.
    private long waiting() {
        return (out == null ? 0 : out.readableBytes()) + channel.bytesBeforeWritable();
    }

    private ByteBuf room(int payloadLength) {
        int length = Math.addExact(FrameHeader.length(payloadLength), payloadLength);
        if (out == null) {
            out = channel.alloc().directBuffer(Math.max(CAPACITY_MIN, length));
        }
        return out.ensureWritable(length);
    }

    private void messageHeader(ByteBuf to, Opcode opcode, int payloadLength) {
        int at = to.writerIndex();
        int length = framing.headerLength(payloadLength);
        boolean compressed = framing.takes(payloadLength);
        framing.putHeader(
                to.internalNioBuffer(at, length), opcode == Opcode.TEXT, compressed, payloadLength);
        to.writerIndex(at + length);
        marked |= compressed;
    }

    private static void header(ByteBuf to, Opcode opcode, boolean fin, int payloadLength) {
        int at = to.writerIndex();
        int length = FrameHeader.length(payloadLength);
        FrameHeader.put(to.internalNioBuffer(at, length), opcode, fin, payloadLength);
        to.writerIndex(at + length);
    }

    @Override
    public synchronized boolean writable() {
        boolean roomy = roomy();
        roomAsked |= !roomy;
        return roomy;
    }

    private boolean roomy() {
        return waiting() < Math.max(1, waitingMax / 2);
    }

    // --- Out to the socket ---

    private void flushLater() {
        if (receiving && channel.eventLoop().inEventLoop()) {
            if (gathered() >= GATHERED_LENGTH_MAX && channel.isWritable() && handOver()) {
                channel.flush();
            }
        } else if (askForFlush()) {
            execute(this::flush);
        }
    }

    private synchronized int gathered() {
        return out == null ? 0 : out.readableBytes();
    }

    /// Not while the socket takes nothing, as that is when [#socketWritable] follows.
    private synchronized boolean askForFlush() {
        boolean asks = !flushAsked && channel.isWritable();
        flushAsked |= asks;
        return asks;
    }

    private void flush() {
        synchronized (this) {
            // First, so that what is offered from here on asks again.
            flushAsked = false;
        }
        if (channel.isWritable() && handOver()) {
            channel.flush();
        }
        boolean tell;
        synchronized (this) {
            tell = roomAsked && open && roomy();
            roomAsked &= !tell;
        }
        if (tell && listener != null) {
            listener.writable();
        }
    }

    /// @return whether there was anything
    private boolean handOver() {
        ByteBuf bytes;
        boolean compresses;
        synchronized (this) {
            bytes = out;
            out = null;
            compresses = marked;
            marked = false;
        }
        if (bytes == null) {
            return false;
        }
        if (channel.isActive()) {
            channel.write(compresses ? socket.compressed(bytes) : bytes, channel.voidPromise());
        } else {
            bytes.release();
        }
        return true;
    }

    // --- Pause and end ---

    @Override
    public void pause() {
        paused = true;
    }

    @Override
    public void resume() {
        if (paused) {
            paused = false;
            execute(socket::goOn);
        }
    }

    @Override
    public void close(int code, String reason) {
        if (!CloseCode.allowedOnTheWire(code)) {
            throw new IllegalArgumentException(
                    "expected a code that a Close may carry but was " + code);
        }
        if (!shut()) {
            return;
        }
        if (channel.eventLoop().inEventLoop()) {
            end(code, reason, Disconnect.NORMAL);
        } else {
            execute(() -> end(code, reason, Disconnect.NORMAL));
        }
    }

    private void end(int code, String words, Disconnect reason) {
        shut();
        handOver();
        socket.end(code, words, reason);
    }

    /// @return whether it was open
    private synchronized boolean shut() {
        boolean was = open;
        open = false;
        return was;
    }

    private void execute(Runnable task) {
        try {
            channel.eventLoop().execute(task);
        } catch (RejectedExecutionException stopped) {
            ConnectionLog.LOG.debug("{} the server has stopped", peer.address());
        }
    }
}
