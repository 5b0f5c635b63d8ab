package io.switchboard.server.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.switchboard.broker.Disconnect;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.function.Function;

/// Stations 1 and 10: one client's socket, on the event loop that is its shard, with the
/// [Conversation] that it carries. It reads the clock once for what was read, hands the bytes on,
/// writes what the conversation has to say, and keeps the one timer of the connection.
///
/// Bytes are held only while the conversation is parked, and then the socket is not read: an idle
/// connection owns no buffer.
///
/// ```
/// stage      our Close (WebSocket)   said all (TCP), or the peer's end   time-out   gone
/// OPEN       CLOSING                 LINGERING                           -          GONE
/// CLOSING    -                       LINGERING                           GONE       GONE
/// LINGERING  -                       -                                   GONE       GONE
/// ```
abstract sealed class SocketHandler extends ChannelInboundHandlerAdapter implements Runnable
        permits TcpHandler, WebSocketHandler {
    private enum Stage {
        OPEN,
        CLOSING,
        LINGERING,
        GONE
    }

    final Terms terms;
    final Channel channel;
    final Conversation conversation;
    private final ShardLoop loop;
    final String address;

    /// Among the loop's connections; the loop moves it.
    int place;

    private Stage stage = Stage.OPEN;

    /// When CLOSING or LINGERING is over.
    private long endNanos;

    /// What is being read now, or held while the conversation is parked.
    private final HeldBuffers held = new HeldBuffers();

    private boolean consuming;
    private boolean inputEnded;
    private boolean failed;

    private final Alarm alarm;

    final Intake intake;

    /// Until its rate allows that it is read on; only while it is held back.
    private long heldUntilNanos;

    private boolean heldBack;

    /// To be put into the channel's pipeline by the caller, on the event loop.
    ///
    /// @param address the peer's, for the log
    /// @param itsConversation makes it, and may not use the socket before it is told that it is
    ///   open
    SocketHandler(
            Terms terms,
            ShardLoop loop,
            Channel channel,
            String address,
            Function<SocketHandler, Conversation> itsConversation) {
        this.terms = terms;
        this.loop = loop;
        this.channel = channel;
        this.address = address;
        conversation = itsConversation.apply(this);
        alarm = new Alarm(channel.eventLoop(), this);
        intake = new Intake(loop, this, terms.clients(), System.nanoTime());
        place = loop.add(this);
    }

    @Override
    public final void handlerAdded(ChannelHandlerContext ctx) {
        long nowNanos = System.nanoTime();
        heard(nowNanos);
        try {
            conversation.opened();
            arm(nowNanos);
        } catch (RuntimeException | Error e) {
            fail(e);
        }
    }

    // --- What the two kinds do differently ---

    /// Lends a buffer; [#consume] uses it up.
    abstract void begin(ByteBuffer bytes, long nowNanos);

    /// Gives the conversation what it may have of the buffer.
    ///
    /// @return false if something is left, because the conversation became parked
    abstract boolean consume(long nowNanos);

    /// What the peer hears last of all; nothing where the protocol has no word for it.
    abstract ByteBuf farewell(Disconnect reason, long nowNanos);

    /// Ends the connection in the protocol's way, behind all that was written. Idempotent.
    ///
    /// @param closeCode for a protocol that has one
    abstract void end(int closeCode, String words, Disconnect reason);

    /// What goes over the socket for frames that say that they are compressed and are not yet.
    ///
    /// @param frames given away
    ByteBuf compressed(ByteBuf frames) {
        return frames;
    }

    /// The peer gave a sign of life.
    abstract void heard(long nowNanos);

    abstract long heardNanos();

    /// Asks the peer for one; nothing where the protocol has no word for it.
    abstract void ping();

    /// When [#onSilence] is due, or `Long.MAX_VALUE` for never.
    abstract long silenceNanos();

    /// Nothing came for a while.
    abstract void onSilence(long nowNanos);

    // --- Bytes in ---

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf bytes = (ByteBuf) message;
        if (stage == Stage.LINGERING || stage == Stage.GONE) {
            bytes.release();
        } else if (!held.isEmpty()) {
            // Read before reading could be stopped; TLS gives several for one packet.
            held.add(bytes);
        } else {
            long nowNanos = System.nanoTime();
            heard(nowNanos);
            held.add(bytes);
            beginFirst(nowNanos);
            consumeAll(nowNanos);
        }
    }

    private void beginFirst(long nowNanos) {
        ByteBuffer bytes = held.first();
        intake.read(bytes.remaining());
        begin(bytes, nowNanos);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        conversation.readComplete();
    }

    /// The conversation is no longer parked, or ends and takes no more: on with what was held.
    final void goOn() {
        if (stage == Stage.GONE || consuming) {
            return;
        }
        long nowNanos = System.nanoTime();
        try {
            heard(nowNanos);
            consumeAll(nowNanos);
            conversation.readComplete();
        } catch (RuntimeException | Error e) {
            fail(e);
        }
    }

    /// The same, in a later turn.
    final void resumeLater() {
        loop.resumeLater(this);
    }

    private void consumeAll(long nowNanos) {
        consuming = true;
        boolean usedUp = true;
        while (usedUp && !held.isEmpty() && !waits(nowNanos)) {
            usedUp = consume(nowNanos);
            if (usedUp) {
                held.removeFirst();
                if (!held.isEmpty()) {
                    beginFirst(nowNanos);
                }
            }
        }
        consuming = false;
        waits(nowNanos);
        if (stage == Stage.LINGERING) {
            held.clear();
        }
        intake.held(stage == Stage.OPEN ? conversation.bytesHeld() + held.capacity() : 0);
        boolean parked = stage == Stage.OPEN && (heldBack || conversation.parked());
        if (channel.config().isAutoRead() == parked) {
            channel.config().setAutoRead(!parked);
        }
        if (inputEnded && held.isEmpty()) {
            finishLater();
        }
        arm(nowNanos);
    }

    /// Whether it has had as much as its rate allows, and must not be read now. Who makes no pause
    /// for too long is no longer listened to at all.
    ///
    /// Also asked in the middle of what was read at once.
    final boolean waits(long nowNanos) {
        long waitNanos = intake.waitNanos(nowNanos);
        heldBack = waitNanos > 0 && stage == Stage.OPEN;
        if (!heldBack) {
            return false;
        }
        heldUntilNanos = nowNanos + waitNanos;
        String overdone = intake.overdone(nowNanos);
        if (overdone != null) {
            heldBack = false;
            conversation.disconnect(Disconnect.RATE_EXCEEDED, overdone, nowNanos);
        }
        return heldBack;
    }

    /// The server ends this connection for a reason of its own.
    final void disconnect(Disconnect reason, String detail) {
        if (stage == Stage.OPEN) {
            conversation.disconnect(reason, detail, System.nanoTime());
            // What the socket still holds goes in the next turn.
            intake.held(0);
        }
    }

    // --- Bytes out ---

    /// Not behind our Close, either.
    final boolean writable() {
        return stage == Stage.OPEN && channel.isWritable();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (channel.isWritable()) {
            // It takes bytes, which is as good a sign of life as sending some.
            heard(System.nanoTime());
            conversation.socketWritable();
        }
    }

    // --- Ends ---

    final void log(Disconnect reason, String detail) {
        ConnectionLog.ended(address, conversation.name(), reason, detail);
    }

    /// The server stops.
    final void shutdown() {
        if (stage == Stage.OPEN) {
            conversation.shutdown(System.nanoTime());
        }
    }

    final boolean open() {
        return stage == Stage.OPEN;
    }

    /// Whether it is not read now.
    final boolean waiting() {
        return heldBack || conversation.parked();
    }

    /// Our Close is on its way, and the peer's is waited for.
    final void closing(long nowNanos) {
        stage = Stage.CLOSING;
        endNanos = nowNanos + terms.closeTimeoutNanos();
        resumeLater();
    }

    /// Nothing more is said after these bytes and nothing more is listened to.
    ///
    /// @param reason why, if the conversation does not know of an end yet
    final void linger(ByteBuf lastBytes, Disconnect reason) {
        if (stage == Stage.LINGERING || stage == Stage.GONE) {
            lastBytes.release();
            return;
        }
        stage = Stage.LINGERING;
        long nowNanos = System.nanoTime();
        endNanos = nowNanos + terms.lingerNanos();
        conversation.closed(reason);
        if (!consuming) {
            held.clear();
        }
        intake.held(0);
        channel.config().setAutoRead(true);
        LastWords.say(channel, lastBytes);
        arm(nowNanos);
    }

    /// Ends the connection at once and without a word, as the peer takes none, and gives back what
    /// its socket has of us. [Conversation#closed] follows.
    final void abort(Disconnect reason, String detail) {
        if (stage == Stage.GONE) {
            return;
        }
        if (stage == Stage.OPEN) {
            log(reason, detail);
        }
        stage = Stage.LINGERING;
        endNanos = System.nanoTime();
        if (!consuming) {
            held.clear();
        }
        LastWords.none(channel);
    }

    /// The peer ended its direction. What it said before is still done and answered: at the end of
    /// the turn, which stands before this among the loop's tasks, or when other shards have, for
    /// which it may take them until the deadline.
    private void finishLater() {
        channel.eventLoop().execute(this::finish);
    }

    private void finish() {
        if (stage == Stage.LINGERING) {
            LastWords.closeIfSaid(channel);
            return;
        }
        if (stage == Stage.OPEN) {
            long nowNanos = System.nanoTime();
            if (conversation.inputEnded(nowNanos)) {
                arm(nowNanos);
                return;
            }
            log(Disconnect.GONE, "");
        }
        linger(Unpooled.EMPTY_BUFFER, Disconnect.GONE);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof ChannelInputShutdownEvent && !inputEnded) {
            inputEnded = true;
            if (held.isEmpty()) {
                finishLater();
            }
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        if (stage == Stage.OPEN) {
            log(Disconnect.GONE, "");
        }
        stage = Stage.GONE;
        alarm.cancel();
        held.clear();
        intake.held(0);
        loop.remove(place);
        conversation.closed(Disconnect.GONE);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (cause instanceof IOException || cause.getCause() instanceof IOException) {
            // Reset by the peer, or broken TLS: nothing can be said any more.
            ConnectionLog.LOG.debug(
                    "{} connection failed: {}", address, ConnectionLog.reason(cause));
            channel.close();
        } else {
            fail(cause);
        }
    }

    /// A mistake of ours ends this connection, and this one alone.
    private void fail(Throwable cause) {
        if (failed) {
            channel.close();
            return;
        }
        failed = true;
        consuming = false;
        ConnectionLog.LOG.error("{} {}", address, Disconnect.INTERNAL_ERROR, cause);
        linger(farewell(Disconnect.INTERNAL_ERROR, System.nanoTime()), Disconnect.INTERNAL_ERROR);
    }

    // --- Time ---

    private long deadlineNanos() {
        return switch (stage) {
            case OPEN -> {
                long deadline = earlier(conversation.deadlineNanos(), silenceNanos());
                yield heldBack ? earlier(deadline, heldUntilNanos) : deadline;
            }
            case CLOSING, LINGERING -> endNanos;
            case GONE -> Long.MAX_VALUE;
        };
    }

    private static long earlier(long x, long y) {
        if (x == Long.MAX_VALUE) {
            return y;
        }
        return y == Long.MAX_VALUE || x - y < 0 ? x : y;
    }

    private void arm(long nowNanos) {
        alarm.set(deadlineNanos(), nowNanos);
    }

    /// The alarm rang.
    @Override
    public final void run() {
        alarm.rang();
        long nowNanos = System.nanoTime();
        try {
            switch (stage) {
                case OPEN -> {
                    if (heldBack) {
                        // It is not read, so its silence says nothing.
                        heard(nowNanos);
                        if (nowNanos - heldUntilNanos >= 0) {
                            goOn();
                        }
                    }
                    conversation.onDeadline(nowNanos);
                    if (conversation.parked() && !conversation.congested()) {
                        heard(nowNanos);
                    }
                    long silence = silenceNanos();
                    if (open() && silence != Long.MAX_VALUE && nowNanos - silence >= 0) {
                        onSilence(nowNanos);
                    }
                }
                case CLOSING, LINGERING -> {
                    if (nowNanos - endNanos >= 0) {
                        channel.close();
                        return;
                    }
                }
                case GONE -> {}
            }
            arm(nowNanos);
        } catch (RuntimeException | Error e) {
            fail(e);
        }
    }
}
