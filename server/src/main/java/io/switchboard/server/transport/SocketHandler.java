package io.switchboard.server.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.switchboard.broker.Disconnect;
import io.switchboard.broker.Slab;
import io.switchboard.gateway.Framing;
import io.switchboard.gateway.Peer;
import io.switchboard.gateway.StompSession;
import io.switchboard.gateway.Transport;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Stations 1 and 10: one client's socket, on the event loop that is its shard, with its STOMP
/// session. It reads the clock once for what was read, hands the bytes on, writes what the session
/// has to say, and keeps the one timer of the connection.
///
/// Bytes are held only while the session is parked, and then the socket is not read: an idle
/// connection owns no buffer. What a session has to say is not queued here but in the broker, which
/// asks [#writable] first.
///
/// ```
/// stage      our Close (WebSocket)   said all (TCP), or the peer's end   time-out   gone
/// OPEN       CLOSING                 LINGERING                           -          GONE
/// CLOSING    -                       LINGERING                           GONE       GONE
/// LINGERING  -                       -                                   GONE       GONE
/// ```
abstract sealed class SocketHandler extends ChannelInboundHandlerAdapter
        implements Transport, Runnable permits TcpHandler, WebSocketHandler {
    static final Logger LOG = LoggerFactory.getLogger("io.switchboard.server.connections");

    private static final Pattern CONTROL = Pattern.compile("\\p{Cntrl}");

    private enum Stage {
        OPEN,
        CLOSING,
        LINGERING,
        GONE
    }

    /// A deadline that has passed fires this much later, so that what brings it about again and
    /// again does not keep the loop from its sockets.
    private static final long TIMER_MIN_NANOS = 1_000_000;

    final Terms terms;
    final Channel channel;
    final StompSession session;
    private final ShardLoop loop;
    private final Peer peer;

    /// Among the loop's connections; the loop moves it.
    int place;

    private Stage stage = Stage.OPEN;

    /// When CLOSING or LINGERING is over.
    private long endNanos;

    /// When bytes came last.
    long heardNanos;

    /// What [#onSilence] has counted since.
    int silentPeriods;

    /// What is being read now, or held while the session is parked.
    private @Nullable ByteBuf current;

    /// What came behind it; null unless something did.
    private @Nullable ArrayDeque<ByteBuf> behind;

    private boolean consuming;
    private boolean inputEnded;
    private boolean failed;

    private @Nullable ScheduledFuture<?> timer;

    /// When the timer fires. It is moved only to an earlier moment; if the deadline has become a
    /// later one, that is found out when it fires.
    private long timerNanos;

    /// To be put into the channel's pipeline by the caller, on the event loop.
    ///
    /// @param sinceNanos when the connection, or the request that it comes from, began
    SocketHandler(
            Terms terms,
            ShardLoop loop,
            Channel channel,
            Framing framing,
            Peer peer,
            long sinceNanos) {
        this.terms = terms;
        this.loop = loop;
        this.channel = channel;
        this.peer = peer;
        heard(sinceNanos);
        session = new StompSession(loop.shard(), this, framing, peer, terms.gateway(), sinceNanos);
        place = loop.add(this);
    }

    @Override
    public final void handlerAdded(ChannelHandlerContext ctx) {
        arm(heardNanos);
    }

    // --- What the two kinds do differently ---

    /// Lends a buffer; [#consume] uses it up.
    abstract void begin(ByteBuffer bytes, long nowNanos);

    /// Gives the session what it may have of the buffer.
    ///
    /// @return false if something is left, because the session became parked
    abstract boolean consume(long nowNanos);

    /// What the peer hears last of all; nothing where the protocol has no word for it.
    abstract ByteBuf farewell(Disconnect reason, long nowNanos);

    /// When [#onSilence] is due.
    abstract long silenceNanos();

    /// Nothing came for a while.
    abstract void onSilence(long nowNanos);

    // --- Bytes in ---

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf bytes = (ByteBuf) message;
        if (stage == Stage.LINGERING || stage == Stage.GONE) {
            bytes.release();
        } else if (current != null) {
            // Read before reading could be stopped; TLS gives several for one packet.
            if (behind == null) {
                behind = new ArrayDeque<>(2);
            }
            behind.add(bytes);
        } else {
            long nowNanos = System.nanoTime();
            heard(nowNanos);
            current = bytes;
            begin(view(bytes), nowNanos);
            consumeAll(nowNanos);
        }
    }

    private void heard(long nowNanos) {
        heardNanos = nowNanos;
        silentPeriods = 0;
    }

    /// The buffer is ours alone until it is released, so its one view may be used without a copy.
    private static ByteBuffer view(ByteBuf bytes) {
        return bytes.nioBufferCount() == 1
                ? bytes.internalNioBuffer(bytes.readerIndex(), bytes.readableBytes())
                : bytes.nioBuffer();
    }

    /// The session is no longer parked, or ends and takes no more: on with what was held.
    final void goOn() {
        if (stage == Stage.GONE || consuming) {
            return;
        }
        long nowNanos = System.nanoTime();
        try {
            heard(nowNanos);
            consumeAll(nowNanos);
        } catch (RuntimeException | Error e) {
            fail(e);
        }
    }

    private void consumeAll(long nowNanos) {
        consuming = true;
        boolean usedUp = true;
        while (usedUp && current != null) {
            usedUp = consume(nowNanos);
            if (usedUp) {
                current.release();
                current = behind == null ? null : behind.poll();
                if (current != null) {
                    begin(view(current), nowNanos);
                }
            }
        }
        consuming = false;
        if (stage == Stage.LINGERING) {
            dropHeld();
        }
        boolean parked = stage == Stage.OPEN && session.parked();
        if (channel.config().isAutoRead() == parked) {
            channel.config().setAutoRead(!parked);
        }
        if (inputEnded && current == null) {
            finishLater();
        }
        arm(nowNanos);
    }

    private void dropHeld() {
        if (current != null) {
            current.release();
            current = null;
        }
        while (behind != null && !behind.isEmpty()) {
            behind.remove().release();
        }
    }

    // --- Bytes out, as the broker's Wire ---

    /// Not behind our Close, either: what still waits then has come too late (RFC 6455 section
    /// 5.5.1).
    @Override
    public final boolean writable() {
        return stage == Stage.OPEN && channel.isWritable();
    }

    @Override
    public final void write(Slab slab, int offset, int length) {
        channel.write(((PooledSlab) slab).retained(offset, length), channel.voidPromise());
    }

    @Override
    public final void flush() {
        channel.flush();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (channel.isWritable()) {
            // It takes bytes, which is as good a sign of life as sending some.
            heard(System.nanoTime());
            session.writable();
        }
    }

    // --- Ends ---

    @Override
    public final void resume() {
        loop.resumeLater(this);
    }

    @Override
    public final void ending(Disconnect reason, String detail) {
        log(reason, detail);
        // The session has a new deadline, and takes nothing of what is held.
        loop.resumeLater(this);
    }

    final void log(Disconnect reason, String detail) {
        // Some of the detail is the client's, who must not write lines of its own into the log.
        String words =
                detail.isEmpty()
                        ? reason.text()
                        : reason.text() + ": " + CONTROL.matcher(detail).replaceAll("?");
        switch (reason.log()) {
            case DEBUG -> LOG.debug("{} session {}: {}", peer.address(), session.name(), words);
            case INFO -> LOG.info("{} session {}: {}", peer.address(), session.name(), words);
            case WARN -> LOG.warn("{} session {}: {}", peer.address(), session.name(), words);
            case ERROR -> LOG.error("{} session {}: {}", peer.address(), session.name(), words);
        }
    }

    /// The server stops.
    final void shutdown() {
        if (stage == Stage.OPEN) {
            session.shutdown(System.nanoTime());
        }
    }

    final boolean open() {
        return stage == Stage.OPEN;
    }

    /// Our Close is on its way, and the peer's is waited for.
    final void closing(long nowNanos) {
        stage = Stage.CLOSING;
        endNanos = nowNanos + terms.closeTimeoutNanos();
        loop.resumeLater(this);
    }

    /// Nothing more is said after these bytes and nothing more is listened to.
    ///
    /// @param reason why, if the session does not know of an end yet
    final void linger(ByteBuf lastBytes, Disconnect reason) {
        if (stage == Stage.LINGERING || stage == Stage.GONE) {
            lastBytes.release();
            return;
        }
        stage = Stage.LINGERING;
        long nowNanos = System.nanoTime();
        endNanos = nowNanos + terms.lingerNanos();
        session.closed(reason);
        if (!consuming) {
            dropHeld();
        }
        channel.config().setAutoRead(true);
        LastWords.say(channel, lastBytes);
        arm(nowNanos);
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
            if (session.inputEnded(nowNanos)) {
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
            if (current == null) {
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
        if (timer != null) {
            timer.cancel(false);
            timer = null;
        }
        dropHeld();
        loop.remove(place);
        session.closed();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (cause instanceof IOException || cause.getCause() instanceof IOException) {
            // Reset by the peer, or broken TLS: nothing can be said any more.
            LOG.debug("{} connection failed: {}", peer.address(), cause.toString());
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
        LOG.error("{} {}", peer.address(), Disconnect.INTERNAL_ERROR, cause);
        linger(farewell(Disconnect.INTERNAL_ERROR, System.nanoTime()), Disconnect.INTERNAL_ERROR);
    }

    // --- Time ---

    private long deadlineNanos() {
        return switch (stage) {
            case OPEN -> earlier(session.deadlineNanos(), silenceNanos());
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
        long deadline = deadlineNanos();
        if (deadline == Long.MAX_VALUE || (timer != null && timerNanos - deadline <= 0)) {
            return;
        }
        if (timer != null) {
            timer.cancel(false);
        }
        timerNanos = deadline;
        timer =
                channel.eventLoop()
                        .schedule(
                                this,
                                Math.max(TIMER_MIN_NANOS, deadline - nowNanos),
                                TimeUnit.NANOSECONDS);
    }

    /// The timer fired.
    @Override
    public final void run() {
        timer = null;
        long nowNanos = System.nanoTime();
        try {
            switch (stage) {
                case OPEN -> {
                    session.onDeadline(nowNanos);
                    if (session.parked() && !session.congested()) {
                        // It is not read, so its silence says nothing.
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
