package io.switchboard.server.transport;

import io.netty.channel.EventLoop;
import io.switchboard.broker.Disconnect;
import io.switchboard.broker.Loop;
import io.switchboard.broker.Policies;
import io.switchboard.broker.Post;
import io.switchboard.broker.Shard;
import io.switchboard.server.metrics.ShardReading;
import io.switchboard.websocket.Zlib;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jctools.queues.atomic.MpscUnboundedAtomicArrayQueue;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One event loop, the shard that runs on it, and the connections that live there.
///
/// Netty's loop first handles all sockets that are ready and then its tasks, so the task [#turn]
/// runs when all that was ready has been read: it takes what other shards posted, and ends the
/// shard's turn, which writes to each socket once.
///
/// The inbox and its wake-up are for all threads; everything else is the event loop's own.
final class ShardLoop implements Loop {
    private static final Logger LOG = LoggerFactory.getLogger(ShardLoop.class);

    /// After so many posts the sockets have their turn again.
    private static final int POSTS_PER_TURN = 4_096;

    private static final int INBOX_CHUNK = 1_024;

    /// A server that stops says goodbye to so many clients, then lets the loop breathe.
    private static final int GOODBYES_PER_BATCH = 500;

    private static final long GOODBYE_PAUSE_MILLIS = 10;
    private static final long WAKE_MAX_MILLIS = 10_000;

    /// An administrator looks at so many connections, then sockets have their turn.
    private static final int VISITED_PER_TASK = 500;

    private static final SocketHandler[] NONE = {};

    /// What the loop's connections compress with.
    final Zlib zlib;

    /// For its STOMP clients with whom compression was agreed.
    final WebSocketFraming compressing;

    /// For those with whom it was agreed that messages refer back, and for programs' clients.
    final WebSocketFraming compressingLater;

    /// What waits for its clients of programs' endpoints.
    final EndpointMemory endpointMemory;

    private final EventLoop eventLoop;
    private final List<ShardLoop> all;
    private final MpscUnboundedAtomicArrayQueue<Post> inbox =
            new MpscUnboundedAtomicArrayQueue<>(INBOX_CHUNK);

    /// Whether [#turn] is among the loop's tasks: however much is posted meanwhile, one wake-up.
    private final AtomicBoolean turnAsked = new AtomicBoolean();

    private final Runnable turn = this::turn;
    private boolean turnEndAsked;
    private @Nullable ScheduledFuture<?> wake;

    /// One bit for each shard that this turn has posted to.
    private long toWake;

    private final List<SocketHandler> toResume = new ArrayList<>();

    /// What the connections may hold of what is not complete, together, and do hold.
    private final long inboundMax;

    private long inbound;
    private final HeldBySize held = new HeldBySize();

    private SocketHandler[] connections = NONE;
    private int connectionCount;

    /// Their streams are among the connections.
    private final Set<Http2Connection> http2 = new HashSet<>();

    /// Set when the server stops; complete when the last connection has gone.
    private @Nullable CompletableFuture<Void> emptied;

    /// Set once, before the loop has anything to do.
    private @Nullable Shard shard;

    /// @param all the loops by the index of their shard, complete before the first connection
    /// @param inboundMax memory that its connections may hold of what is not complete
    /// @param outboundMax its share of `limits.outbound-bytes`
    ShardLoop(
            EventLoop eventLoop,
            List<ShardLoop> all,
            Zlib zlib,
            Policies policies,
            long inboundMax,
            long outboundMax) {
        this.eventLoop = eventLoop;
        this.all = all;
        this.zlib = zlib;
        this.inboundMax = inboundMax;
        PlainDestinations plain = new PlainDestinations(policies);
        compressing = WebSocketFraming.compressing(zlib, plain);
        compressingLater = WebSocketFraming.later(zlib, plain);
        endpointMemory = new EndpointMemory(this, outboundMax);
    }

    void start(Shard itsShard) {
        shard = itsShard;
    }

    EventLoop eventLoop() {
        return eventLoop;
    }

    Shard shard() {
        Shard started = shard;
        if (started == null) {
            throw new IllegalStateException("the loop has no shard yet");
        }
        return started;
    }

    // --- What the shard asks for ---

    @Override
    public void post(int target, Post post) {
        ShardLoop other = all.get(target);
        other.inbox.offer(post);
        if (eventLoop.inEventLoop()) {
            toWake |= 1L << target;
            askForTurn();
        } else {
            other.askForTurn();
        }
    }

    /// Other shards hear of a turn's posts together and late: woken at the first of them, a shard
    /// on the same core takes over at once and writes to every socket for that one message.
    private void wakeOthers() {
        for (long rest = toWake; rest != 0; rest &= rest - 1) {
            all.get(Long.numberOfTrailingZeros(rest)).askForTurn();
        }
        toWake = 0;
    }

    @Override
    public void endTurnLater() {
        turnEndAsked = true;
        askForTurn();
    }

    /// Gives the bytes that a connection held back to its session, in a later turn.
    void resumeLater(SocketHandler connection) {
        toResume.add(connection);
        askForTurn();
    }

    @Override
    public long epochMillis() {
        return System.currentTimeMillis();
    }

    /// The clock of the wall may be moved while this one runs, so it is looked at now and then.
    @Override
    public void wakeAt(long epochMillis) {
        if (wake != null) {
            wake.cancel(false);
        }
        long delay = Math.min(WAKE_MAX_MILLIS, epochMillis - System.currentTimeMillis());
        wake = eventLoop.schedule(this::onDeadline, Math.max(1, delay), TimeUnit.MILLISECONDS);
    }

    @Override
    public long bytesWaitingBesides() {
        return endpointMemory.waiting();
    }

    @Override
    public void endSlowestBesides(long bytesMin, long bytesToFree) {
        endpointMemory.endSlowest(bytesMin, bytesToFree);
    }

    private void askForTurn() {
        if (!turnAsked.get() && turnAsked.compareAndSet(false, true)) {
            try {
                eventLoop.execute(turn);
            } catch (RejectedExecutionException stopped) {
                LOG.debug("a shard that has stopped gets no more posts");
            }
        }
    }

    private void turn() {
        resume();
        for (int i = 0; i < POSTS_PER_TURN; i++) {
            Post post = inbox.poll();
            if (post == null) {
                break;
            }
            receive(post);
        }
        // From here on whoever has something new asks for another turn.
        turnAsked.set(false);
        wakeOthers();
        if (turnEndAsked) {
            turnEndAsked = false;
            endTurn();
            wakeOthers();
        }
        if (!inbox.isEmpty()) {
            askForTurn();
        }
    }

    /// Takes all that others have posted until now, however much it is: what the shards say to each
    /// other before the first client comes. On the event loop.
    void takeAll() {
        for (Post post = inbox.poll(); post != null; post = inbox.poll()) {
            receive(post);
        }
    }

    private void resume() {
        if (toResume.isEmpty()) {
            return;
        }
        List<SocketHandler> resumed = List.copyOf(toResume);
        toResume.clear();
        for (SocketHandler connection : resumed) {
            connection.goOn();
        }
    }

    // The last handlers of the event loop: one broken command must not take the shard with it, nor
    // must an Error (no memory for a buffer, say), as a turn that is not finished is the last.

    private void receive(Post post) {
        try {
            shard().receive(post);
        } catch (RuntimeException | Error e) {
            LOG.error("a command failed", e);
        }
    }

    private void onDeadline() {
        try {
            shard().onDeadline();
        } catch (RuntimeException | Error e) {
            LOG.error("what was due failed", e);
        }
    }

    private void endTurn() {
        try {
            shard().endTurn();
            endpointMemory.turnEnded(shard());
        } catch (RuntimeException | Error e) {
            LOG.error("the end of a turn failed", e);
        }
    }

    // --- Connections ---

    /// @return its place, for [#remove]
    int add(SocketHandler connection) {
        if (connectionCount == connections.length) {
            connections = Arrays.copyOf(connections, Math.max(16, connectionCount * 3 / 2));
        }
        connections[connectionCount] = connection;
        if (emptied != null) {
            eventLoop.execute(connection::shutdown);
        }
        return connectionCount++;
    }

    void remove(int place) {
        SocketHandler last = connections[--connectionCount];
        connections[place] = last;
        last.place = place;
        Arrays.fill(connections, connectionCount, connectionCount + 1, null);
        completeIfEmpty();
    }

    /// A connection holds so much of what is not complete. When all together hold too much, those
    /// that hold most go, as many as needed: waiting would free nothing, as nobody needs to
    /// complete what has begun.
    void inbound(Intake of, int length) {
        int more = length - of.held();
        held.put(of, length);
        inbound += more;
        if (more <= 0) {
            return;
        }
        long before = inbound;
        while (inbound > inboundMax && held.largest() instanceof Intake largest) {
            largest.socket.disconnect(
                    Disconnect.INBOUND_MEMORY,
                    largest.held()
                            + " bytes of what had not come whole were held for this client when "
                            + before
                            + " of the "
                            + inboundMax
                            + " bytes for all clients of its shard were taken; send smaller frames,"
                            + " or faster");
        }
    }

    void add(Http2Connection connection) {
        http2.add(connection);
        if (emptied != null) {
            eventLoop.execute(connection::goAway);
        }
    }

    void remove(Http2Connection connection) {
        http2.remove(connection);
        completeIfEmpty();
    }

    /// From any thread.
    CompletableFuture<ShardReading> reading() {
        return CompletableFuture.supplyAsync(() -> ShardReading.of(shard().counters()), eventLoop);
    }

    /// Looks at all connections that there are now, some at a time, as long as they are there. From
    /// any thread.
    ///
    /// @return complete, on the event loop, when it has seen the last
    CompletableFuture<Void> visit(Consumer<SocketHandler> each) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        try {
            eventLoop.execute(
                    () -> visit(Arrays.copyOf(connections, connectionCount), 0, each, done));
        } catch (RejectedExecutionException stopped) {
            done.completeExceptionally(stopped);
        }
        return done;
    }

    private void visit(
            SocketHandler[] all,
            int from,
            Consumer<SocketHandler> each,
            CompletableFuture<Void> done) {
        int to = Math.min(all.length, from + VISITED_PER_TASK);
        try {
            for (int i = from; i < to; i++) {
                each.accept(all[i]);
            }
            if (to < all.length) {
                eventLoop.execute(() -> visit(all, to, each, done));
            } else {
                done.complete(null);
            }
        } catch (RuntimeException | Error e) {
            done.completeExceptionally(e);
        }
    }

    // --- The end ---

    /// Tells all clients that the server stops, some at a time. From any thread.
    ///
    /// @return complete when all of them have gone
    CompletableFuture<Void> shutdown() {
        CompletableFuture<Void> gone = new CompletableFuture<>();
        eventLoop.execute(() -> {
            emptied = gone;
            shard().draining();
            List.copyOf(http2).forEach(Http2Connection::goAway);
            sayGoodbye(List.of(Arrays.copyOf(connections, connectionCount)), 0);
            completeIfEmpty();
        });
        return gone;
    }

    private void sayGoodbye(List<SocketHandler> clients, int from) {
        int to = Math.min(clients.size(), from + GOODBYES_PER_BATCH);
        for (SocketHandler client : clients.subList(from, to)) {
            client.shutdown();
        }
        if (to < clients.size()) {
            eventLoop.schedule(
                    () -> sayGoodbye(clients, to), GOODBYE_PAUSE_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    private void completeIfEmpty() {
        if (emptied != null && connectionCount == 0 && http2.isEmpty()) {
            emptied.complete(null);
        }
    }
}
