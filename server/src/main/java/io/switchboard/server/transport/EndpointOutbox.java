package io.switchboard.server.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import io.netty.channel.ChannelPromise;
import io.netty.channel.DefaultChannelPromise;
import io.switchboard.websocket.FrameHeader;
import io.switchboard.websocket.Opcode;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/// What a program has offered to one client of its endpoint and what the client's socket has not
/// sent. Frames are gathered in one buffer, which goes to the socket as long as that takes bytes;
/// else it stays here and is bounded, by the client's own limit and by [EndpointMemory].
///
/// Offers come from any thread, the way out is the event loop's. The monitor guards the buffer, and
/// is held for a copy at most: neither for I/O nor while a listener is called. Whole messages are
/// compressed, if that was agreed, when the loop takes the buffer; those in parts, which could take
/// any time, are not.
final class EndpointOutbox {
    private static final int CAPACITY_MIN = 256;

    private final SocketHandler socket;
    private final Channel channel;
    private final WebSocketFraming framing;
    private final EndpointMemory memory;
    private final int waitingMax;

    // Guarded by this.

    private @Nullable ByteBuf out;

    /// Bytes in it; also read without the monitor, where a guess is enough.
    private int gathered;

    private boolean open = true;
    private boolean inMessage;

    /// Something in the buffer is to be compressed.
    private boolean marked;

    private boolean flushAsked;

    /// The program was told that there is no room.
    private boolean roomAsked;

    // The event loop's own.

    /// Memory that the socket has of us.
    private long handedBytes;

    private boolean leaving;

    /// The buffer that was taken last has something to be compressed.
    private boolean compresses;

    /// Of writes that are done, for the next: most sockets take what they get at once.
    private @Nullable Departure spare;

    EndpointOutbox(SocketHandler socket, WebSocketFraming framing, EndpointMemory memory) {
        this.socket = socket;
        this.framing = framing;
        this.memory = memory;
        channel = socket.channel;
        waitingMax = socket.terms.endpointWaitingMax();
    }

    // --- What the program says ---

    /// @return whether it was taken, as of all that follow
    boolean offer(String text) {
        int length = ByteBufUtil.utf8Bytes(text);
        boolean room = memory.admits();
        synchronized (this) {
            if (!admit(length, room)) {
                return false;
            }
            expectNoMessage();
            ByteBuf to = room(length);
            messageHeader(to, Opcode.TEXT, length);
            ByteBufUtil.writeUtf8(to, text);
            gathered = to.readableBytes();
        }
        return true;
    }

    boolean offer(ByteBuffer binary) {
        boolean room = memory.admits();
        synchronized (this) {
            expectNoMessage();
            return putMessage(Opcode.BINARY, binary, room);
        }
    }

    boolean offer(ByteBuffer part, boolean text, boolean last) {
        boolean room = memory.admits();
        synchronized (this) {
            Opcode first = text ? Opcode.TEXT : Opcode.BINARY;
            boolean taken =
                    last && !inMessage
                            ? putMessage(first, part, room)
                            : put(inMessage ? Opcode.CONTINUATION : first, last, part, room);
            if (taken) {
                inMessage = !last;
            }
            return taken;
        }
    }

    boolean ping(ByteBuffer payload) {
        boolean room = memory.admits();
        synchronized (this) {
            return put(Opcode.PING, true, payload, room);
        }
    }

    private void expectNoMessage() {
        if (inMessage) {
            throw new IllegalStateException("cannot send a message inside of another one");
        }
    }

    /// A whole one.
    private boolean putMessage(Opcode opcode, ByteBuffer payload, boolean room) {
        int length = payload.remaining();
        if (!admit(length, room)) {
            return false;
        }
        ByteBuf to = room(length);
        messageHeader(to, opcode, length);
        put(to, payload);
        return true;
    }

    private boolean put(Opcode opcode, boolean fin, ByteBuffer payload, boolean room) {
        int length = payload.remaining();
        if (!admit(length, room)) {
            return false;
        }
        ByteBuf to = room(length);
        header(to, opcode, fin, length);
        put(to, payload);
        return true;
    }

    private void put(ByteBuf to, ByteBuffer payload) {
        int length = payload.remaining();
        int at = to.writerIndex();
        ByteBuffer place = to.internalNioBuffer(at, length);
        place.put(place.position(), payload, payload.position(), length);
        to.writerIndex(at + length);
        gathered = to.readableBytes();
    }

    private boolean admit(int length, boolean room) {
        long waiting = waiting();
        boolean full = !room || waiting > 0 && waiting + length > waitingMax;
        roomAsked |= full;
        return open && !full;
    }

    /// What neither has left nor lies in the part of the socket's queue that is always filled.
    private long waiting() {
        return gathered + channel.bytesBeforeWritable();
    }

    private ByteBuf room(int payloadLength) {
        int length = Math.addExact(FrameHeader.length(payloadLength), payloadLength);
        int capacity = out == null ? 0 : out.capacity();
        if (out == null) {
            out = channel.alloc().directBuffer(Math.max(CAPACITY_MIN, length));
        }
        out.ensureWritable(length);
        if (out.capacity() != capacity) {
            memory.add(out.capacity() - capacity);
        }
        return out;
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

    synchronized boolean open() {
        return open;
    }

    boolean writable() {
        return roomy() || askForRoom();
    }

    private synchronized boolean askForRoom() {
        boolean roomy = roomy();
        roomAsked |= !roomy;
        return roomy;
    }

    private boolean roomy() {
        return waiting() < Math.max(1, waitingMax / 2);
    }

    /// About how many bytes are in the buffer.
    int gathered() {
        return gathered;
    }

    /// Whether the caller has to see to a [#flush]. Not while the socket takes nothing, as one
    /// follows when it does.
    synchronized boolean askForFlush() {
        boolean asks = !flushAsked && channel.isWritable();
        flushAsked |= asks;
        return asks;
    }

    /// Nothing is taken any more.
    ///
    /// @return whether it was open
    synchronized boolean shut() {
        boolean was = open;
        open = false;
        return was;
    }

    // --- Out to the socket, on the event loop ---

    /// @return whether the program, which was told that there is no room, is to hear of some
    boolean flush() {
        ByteBuf bytes = null;
        synchronized (this) {
            // Together, so that what is offered from here on asks again.
            flushAsked = false;
            if (channel.isWritable()) {
                bytes = take();
            }
        }
        if (bytes != null) {
            write(bytes);
            channel.flush();
        }
        // Who is told from here on that there is no room is told so by a socket that is full.
        return roomAsked && tell();
    }

    private synchronized boolean tell() {
        boolean tell = roomAsked && open && roomy();
        roomAsked &= !tell;
        return tell;
    }

    /// Gives the socket all that was gathered.
    ///
    /// @return whether there was anything
    boolean handOver() {
        ByteBuf bytes;
        synchronized (this) {
            bytes = take();
        }
        if (bytes == null) {
            return false;
        }
        write(bytes);
        return true;
    }

    /// Called with the monitor held.
    private @Nullable ByteBuf take() {
        ByteBuf bytes = out;
        out = null;
        gathered = 0;
        compresses = marked;
        marked = false;
        return bytes;
    }

    private void write(ByteBuf bytes) {
        int capacityBefore = bytes.capacity();
        if (!channel.isActive()) {
            memory.add(-capacityBefore);
            bytes.release();
            return;
        }
        ByteBuf sent = compresses ? socket.compressed(bytes) : bytes;
        int capacity = sent.capacity();
        if (capacity != capacityBefore) {
            memory.add(capacity - capacityBefore);
        }
        handedBytes += capacity;
        Departure departure = spare == null ? new Departure() : spare;
        spare = null;
        departure.capacity = capacity;
        channel.write(sent, departure);
    }

    /// Hears once of each write, whether it was done or failed, and can then be used again. To tell
    /// a listener as much, a promise for each write takes four locks and two objects.
    private final class Departure extends DefaultChannelPromise {
        private int capacity;

        Departure() {
            super(channel);
        }

        private boolean left() {
            spare = this;
            gaveBack(capacity);
            return true;
        }

        @Override
        public boolean trySuccess(@Nullable Void nothing) {
            return left();
        }

        @Override
        public ChannelPromise setSuccess(@Nullable Void nothing) {
            left();
            return this;
        }

        @Override
        public boolean tryFailure(Throwable cause) {
            return left();
        }

        @Override
        public ChannelPromise setFailure(Throwable cause) {
            left();
            return this;
        }

        @Override
        public boolean setUncancellable() {
            return true;
        }
    }

    private void gaveBack(int capacity) {
        handedBytes -= capacity;
        memory.add(-capacity);
        if (leaving) {
            memory.addLeaving(-capacity);
        }
    }

    /// Memory of all that waits.
    synchronized long bytesWaiting() {
        return (out == null ? 0 : out.capacity()) + handedBytes;
    }

    /// Ends it, and gives back what the socket does not have.
    ///
    /// @return whether the socket has nothing either
    boolean drop() {
        shut();
        ByteBuf bytes;
        synchronized (this) {
            bytes = take();
        }
        if (bytes != null) {
            memory.add(-bytes.capacity());
            bytes.release();
        }
        if (!leaving) {
            leaving = true;
            memory.addLeaving(handedBytes);
        }
        return handedBytes == 0;
    }
}
