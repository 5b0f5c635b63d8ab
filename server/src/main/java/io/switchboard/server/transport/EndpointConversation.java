package io.switchboard.server.transport;

import io.netty.channel.Channel;
import io.switchboard.broker.Disconnect;
import io.switchboard.broker.Principal;
import io.switchboard.broker.Shard;
import io.switchboard.gateway.Identities;
import io.switchboard.gateway.Peer;
import io.switchboard.server.admin.SessionView;
import io.switchboard.server.endpoint.Endpoint;
import io.switchboard.server.endpoint.WebSocket;
import io.switchboard.server.endpoint.WebSocketListener;
import io.switchboard.websocket.CloseCode;
import io.switchboard.websocket.HandshakeRequest;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// What a program's [Endpoint] and one client say to each other.
///
/// All that is offered while the loop reads from the client, or before it gets to its tasks, is
/// gathered in the [EndpointOutbox] and leaves with one write. The program offers, pauses and
/// closes from any thread; everything else is the event loop's own.
final class EndpointConversation implements Conversation, WebSocket, Inspected {
    /// What waits for the end of a read, which may bring much, is handed on when it is this long.
    private static final int GATHERED_LENGTH_MAX = 64 << 10;

    /// A century: nobody's timer counts further.
    private static final long EXPIRY_MILLIS_MAX = 100L * 365 * 24 * 3_600_000;

    private final SocketHandler socket;
    private final Channel channel;
    private final Endpoint endpoint;
    private final Peer peer;
    private final @Nullable String subprotocol;
    private final EndpointMemory memory;
    private final EndpointOutbox outbox;
    private final OutputProgress progress;

    /// For administrators and logs, as a session's.
    private final String id;

    private final String path;
    private final String at;
    private final Shard shard;
    private final long sinceNanos;

    /// Until the endpoint has seen it.
    private @Nullable HandshakeRequest request;

    private @Nullable WebSocketListener listener;

    private final Newcomer newcomer;

    /// Set before the endpoint hears of it.
    private volatile Principal principal;

    /// When that ends.
    private long expiresNanos = Long.MAX_VALUE;

    /// The end of what is being read is still to come.
    private boolean receiving;

    private boolean ended;
    private int closeCode = CloseCode.ABNORMAL;
    private @Nullable String closeReason;

    /// Why the server has cut the connection, if it did.
    private @Nullable Disconnect aborted;

    private volatile boolean paused;

    EndpointConversation(
            SocketHandler socket,
            Endpoint endpoint,
            HandshakeRequest request,
            Peer peer,
            Identities identities,
            WebSocketFraming framing,
            @Nullable String subprotocol,
            ShardLoop loop,
            String listener,
            long sinceNanos) {
        this.socket = socket;
        this.endpoint = endpoint;
        this.request = request;
        this.peer = peer;
        principal = Principal.of(null, peer.local(), peer.address());
        this.subprotocol = subprotocol;
        memory = loop.endpointMemory;
        at = listener;
        this.sinceNanos = sinceNanos;
        path = request.target().split("\\?", 2)[0];
        shard = loop.shard();
        id = Long.toUnsignedString(shard.newId(), Character.MAX_RADIX);
        newcomer = new Newcomer(identities, endpoint.admission(), peer, id);
        channel = socket.channel;
        outbox = new EndpointOutbox(socket, framing, memory);
        progress = new OutputProgress(channel, socket.terms.stallNanos());
    }

    // --- What the socket tells ---

    @Override
    public void opened() {
        memory.opened(this);
        newcomer.identify(this::known, (why, detail) -> disconnect(why, detail, System.nanoTime()));
    }

    /// It comes in, and is listened to from now on.
    private void known(Principal who) {
        principal = who;
        HandshakeRequest opening = request;
        request = null;
        if (opening == null || ended) {
            return;
        }
        if (who.expiresMillis() != 0) {
            long left = Math.max(0, who.expiresMillis() - System.currentTimeMillis());
            expiresNanos =
                    System.nanoTime()
                            + TimeUnit.MILLISECONDS.toNanos(Math.min(left, EXPIRY_MILLIS_MAX));
        }
        try {
            listener = endpoint.open(opening, this);
        } catch (RuntimeException e) {
            channel.pipeline().fireExceptionCaught(e);
            return;
        }
        socket.resumeLater();
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
        return paused || newcomer.awaited();
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
        newcomer.gone();
        memory.closed(this);
        outbox.shut();
        outbox.handOver();
        if (listener != null) {
            Disconnect first = aborted == null ? reason : aborted;
            String why = closeReason;
            try {
                listener.closed(closeCode, why == null ? first.text() : why);
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
        long stalled = progress.deadlineNanos();
        if (stalled == Long.MAX_VALUE || expiresNanos == Long.MAX_VALUE) {
            return Math.min(stalled, expiresNanos);
        }
        return stalled - expiresNanos < 0 ? stalled : expiresNanos;
    }

    @Override
    public void onDeadline(long nowNanos) {
        if (expiresNanos != Long.MAX_VALUE && nowNanos - expiresNanos >= 0) {
            expiresNanos = Long.MAX_VALUE;
            disconnect(Disconnect.TOKEN_EXPIRED, "come back with a new one", nowNanos);
        }
        if (progress.stalled(nowNanos)) {
            abort(
                    Disconnect.SLOW_CONSUMER,
                    "took nothing for three times limits.ping-after while "
                            + bytesWaiting()
                            + " bytes waited");
        }
    }

    @Override
    public String name() {
        return "endpoint " + path + " " + id;
    }

    // --- What an administrator sees ---

    @Override
    public SocketHandler socket() {
        return socket;
    }

    @Override
    public String id() {
        return id;
    }

    @Override
    public @Nullable String user() {
        return principal.name();
    }

    @Override
    public boolean serving() {
        return !ended && aborted == null;
    }

    @Override
    public SessionView view(int subscribedMax) {
        return new SessionView(
                id,
                user(),
                address(),
                at,
                path,
                shard.index(),
                (System.nanoTime() - sinceNanos) / 1_000_000_000,
                bytesWaiting(),
                socket.intake.held(),
                socket.waiting(),
                0,
                List.of());
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
    public Principal principal() {
        return principal;
    }

    @Override
    public @Nullable String subprotocol() {
        return subprotocol;
    }

    @Override
    public boolean open() {
        return outbox.open();
    }

    // --- What the program says ---

    @Override
    public boolean offer(String text) {
        relieve();
        return leaving(outbox.offer(text));
    }

    @Override
    public boolean offer(ByteBuffer binary) {
        relieve();
        return leaving(outbox.offer(binary));
    }

    @Override
    public boolean offer(ByteBuffer part, boolean text, boolean last) {
        relieve();
        return leaving(outbox.offer(part, text, last));
    }

    @Override
    public boolean ping(ByteBuffer payload) {
        relieve();
        return leaving(outbox.ping(payload));
    }

    @Override
    public boolean writable() {
        return outbox.writable();
    }

    /// Who is just being read cannot wait until the slowest have been ended.
    private void relieve() {
        if (receiving && channel.eventLoop().inEventLoop() && !memory.admits()) {
            memory.relieve();
        }
    }

    private boolean leaving(boolean taken) {
        if (!taken) {
            return false;
        }
        if (receiving && channel.eventLoop().inEventLoop()) {
            if (outbox.gathered() >= GATHERED_LENGTH_MAX
                    && channel.isWritable()
                    && outbox.handOver()) {
                channel.flush();
            }
        } else if (outbox.askForFlush()) {
            execute(this::flush);
        }
        return true;
    }

    private void flush() {
        boolean tell = outbox.flush();
        if (channel.isWritable()) {
            progress.writable();
        } else {
            progress.full(System.nanoTime());
        }
        if (tell && listener != null) {
            listener.writable();
        }
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
        if (!outbox.shut()) {
            return;
        }
        if (channel.eventLoop().inEventLoop()) {
            end(code, reason, Disconnect.NORMAL);
        } else {
            execute(() -> end(code, reason, Disconnect.NORMAL));
        }
    }

    private void end(int code, String words, Disconnect reason) {
        outbox.shut();
        outbox.handOver();
        socket.end(code, words, reason);
    }

    long bytesWaiting() {
        return outbox.bytesWaiting();
    }

    /// Its memory is needed. A client whose socket has taken all hears why, any other is cut off;
    /// the listener hears of it later, as it may be another one's that is just being called.
    void endForMemory(String detail) {
        if (!outbox.drop()) {
            abort(Disconnect.OUTBOUND_MEMORY, detail);
        } else if (aborted == null) {
            aborted = Disconnect.OUTBOUND_MEMORY;
            memory.closed(this);
            execute(() -> {
                socket.log(Disconnect.OUTBOUND_MEMORY, detail);
                socket.end(
                        Disconnect.OUTBOUND_MEMORY.closeCode(),
                        Disconnect.OUTBOUND_MEMORY.text(),
                        Disconnect.OUTBOUND_MEMORY);
            });
        }
    }

    private void abort(Disconnect reason, String detail) {
        if (aborted == null) {
            aborted = reason;
            memory.closed(this);
            outbox.drop();
            socket.abort(reason, detail);
        }
    }

    private void execute(Runnable task) {
        try {
            channel.eventLoop().execute(task);
        } catch (RejectedExecutionException stopped) {
            ConnectionLog.LOG.debug("{} the server has stopped", peer.address());
        }
    }
}
