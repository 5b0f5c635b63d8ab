package io.switchboard.server.transport;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.channel.ServerChannel;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.EventExecutor;
import io.switchboard.broker.AccessRules;
import io.switchboard.broker.Application;
import io.switchboard.broker.BrokerLimits;
import io.switchboard.broker.Budget;
import io.switchboard.broker.Journal;
import io.switchboard.broker.Policies;
import io.switchboard.broker.Post;
import io.switchboard.broker.Principal;
import io.switchboard.broker.Shard;
import io.switchboard.broker.Slab;
import io.switchboard.broker.Unclaimed;
import io.switchboard.gateway.GatewayOptions;
import io.switchboard.server.CompressionOptions;
import io.switchboard.server.ServerLimits;
import io.switchboard.server.StartFailure;
import io.switchboard.server.admin.Sessions;
import io.switchboard.server.app.Shards;
import io.switchboard.server.auth.Logins;
import io.switchboard.server.http.TrustedProxies;
import io.switchboard.server.metrics.Readings;
import io.switchboard.server.metrics.ShardReading;
import io.switchboard.server.tls.Certificates;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The event loops, their shards, and the listeners. Owned by the server, which opens, reads and
/// closes it; safe for all threads once open.
///
/// There is one loop a shard, and one more that accepts connections and serves the administrator.
public final class Network implements Readings, Shards {
    private static final Logger LOG = LoggerFactory.getLogger(Network.class);

    /// A socket that has this much to send takes no more until it is down to half of it.
    private static final int WRITE_LENGTH_MAX = 64 << 10;

    private static final WriteBufferWaterMark WATER_MARK =
            new WriteBufferWaterMark(WRITE_LENGTH_MAX / 2, WRITE_LENGTH_MAX);

    /// What is read from a socket at once.
    private static final int READ_LENGTH_MAX = 64 << 10;

    /// So often a socket is read, then the others have their turn: whoever sends without end makes
    /// the next one wait for that and no more.
    static final int READS_PER_TURN = 1;

    private final Terms terms;
    private final Places places;
    private final Handshakes handshakes;
    private final EventLoopGroup acceptors;
    private final EventLoopGroup loops;
    private final List<ShardLoop> shards = new ArrayList<>();
    private final IdentityHashMap<EventExecutor, ShardLoop> shardsByLoop = new IdentityHashMap<>();

    /// Read by all threads, also while the last listeners are being opened.
    private final List<Entrance> entrances = new CopyOnWriteArrayList<>();

    /// The owner's alone.
    private final List<Channel> listening = new ArrayList<>();

    private final List<ServerTls> secured = new ArrayList<>();

    /// @param logins who looks at what clients show for themselves; null where everybody is
    ///   believed
    /// @param journal not used before [#restore]
    /// @param epochs random numbers, for the shards' topics; called on any of their threads
    public Network(
            int shardCount,
            ServerLimits limits,
            GatewayOptions gateway,
            CompressionOptions compression,
            TrustedProxies proxies,
            @Nullable Logins logins,
            AccessRules rules,
            Journal journal,
            Policies policies,
            Application application,
            LongSupplier epochs) {
        terms = Terms.of(limits, gateway, compression, proxies, logins);
        places = new Places(limits.connections());
        handshakes = new Handshakes(limits.handshakes(), limits.handshakesPerAddress());
        IoHandlerFactory io =
                Epoll.isAvailable() ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
        acceptors = group(1, "switchboard-accept", io);
        loops = group(shardCount, "switchboard-shard", io);
        BrokerLimits bounds = limits.broker();
        long outboundMax = bounds.outboundBytes() / shardCount;
        for (EventExecutor each : loops) {
            ShardLoop loop =
                    new ShardLoop(
                            (EventLoop) each,
                            shards,
                            compression.zlib(),
                            policies,
                            limits.clients().inboundBytes() / shardCount,
                            outboundMax);
            shards.add(loop);
            shardsByLoop.put(each, loop);
        }
        Slab.Source slabs = PooledSlab.source(PooledByteBufAllocator.DEFAULT);
        Budget queueMemory = new Budget(bounds.queues().bytes());
        Budget transactionMemory = new Budget(bounds.queues().transactionBytes());
        Budget historyMemory = new Budget(bounds.topics().historyBytes());
        Budget stateMemory = new Budget(bounds.topics().stateBytes());
        for (int i = 0; i < shardCount; i++) {
            ShardLoop loop = shards.get(i);
            Shard.Ports ports =
                    new Shard.Ports(
                            loop,
                            slabs,
                            epochs,
                            rules,
                            journal,
                            application,
                            queueMemory,
                            transactionMemory,
                            historyMemory,
                            stateMemory);
            loop.start(new Shard(i, shardCount, ports, policies, bounds));
        }
    }

    /// Puts what outlived the last process back into its place; when it returns, all shards know of
    /// each other's what they have to. Before the first listener.
    ///
    /// @throws IllegalStateException if something was stored that nobody here knows or keeps, with
    ///   what it is; nothing is changed then
    public void restore(Journal journal) {
        List<Journal.Restoring> homes =
                shards.stream().map(loop -> loop.shard().restoring()).toList();
        journal.restore(
                new Journal.Restoring() {
                    @Override
                    public void value(String home, String name, byte[] value) {
                        homes.get(Shard.home(home, homes.size())).value(home, name, value);
                    }

                    @Override
                    public void message(String home, Journal.StoredMessage stored) {
                        homes.get(Shard.home(home, homes.size())).message(home, stored);
                    }
                });
        Unclaimed.check(shards.stream().map(ShardLoop::shard).toList());
        onEach(loop -> loop.shard().restored());
        onEach(loop -> loop.shard().begin());
        onEach(ShardLoop::takeAll);
    }

    /// One after another; each is done before the next begins.
    private void onEach(Consumer<ShardLoop> task) {
        for (ShardLoop loop : shards) {
            loop.eventLoop().submit(() -> task.accept(loop)).syncUninterruptibly();
        }
    }

    private static EventLoopGroup group(int threads, String name, IoHandlerFactory io) {
        return new MultiThreadIoEventLoopGroup(threads, new DefaultThreadFactory(name), io);
    }

    /// Opens a listener.
    ///
    /// @return where it listens, with the real port
    /// @throws StartFailure if it cannot, for instance because the port is taken
    public InetSocketAddress listen(Door door) throws StartFailure {
        Entrance entrance = new Entrance(door, terms, places, handshakes, tls(door), shardsByLoop);
        boolean admin = door.protocol() instanceof Door.Admin;
        ServerBootstrap bootstrap =
                new ServerBootstrap()
                        .group(acceptors, admin ? acceptors : loops)
                        .channel(channelType())
                        .childHandler(entrance)
                        .childOption(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT)
                        .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, WATER_MARK)
                        .childOption(ChannelOption.TCP_NODELAY, true)
                        .childOption(ChannelOption.SO_KEEPALIVE, true)
                        .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
                        .childOption(ChannelOption.RECVBUF_ALLOCATOR, reading());
        ChannelFuture bound = bootstrap.bind(door.address()).awaitUninterruptibly();
        Throwable failure = bound.cause();
        if (failure != null) {
            throw cannotListen(door, failure);
        }
        entrances.add(entrance);
        listening.add(bound.channel());
        return (InetSocketAddress) bound.channel().localAddress();
    }

    static RecvByteBufAllocator reading() {
        AdaptiveRecvByteBufAllocator reading =
                new AdaptiveRecvByteBufAllocator(256, 1 << 10, READ_LENGTH_MAX);
        reading.maxMessagesPerRead(READS_PER_TURN);
        return reading;
    }

    private static Class<? extends ServerChannel> channelType() {
        return Epoll.isAvailable() ? EpollServerSocketChannel.class : NioServerSocketChannel.class;
    }

    private static StartFailure cannotListen(Door door, Throwable failure) {
        String message = String.valueOf(failure.getMessage());
        String where = Addresses.text(door.address());
        String setting = "--" + door.name() + "-port";
        String text;
        if (message.contains("Address already in use")) {
            text =
                    "port taken: something else listens on "
                            + where
                            + "; stop it, or choose another port with "
                            + setting;
        } else if (message.contains("Permission denied")) {
            text =
                    "not allowed to listen on "
                            + where
                            + ": choose a port above 1023 with "
                            + setting;
        } else if (message.contains("Cannot assign requested address")) {
            text = "this machine has no address " + where + ": choose another one with --bind";
        } else {
            text = "cannot listen on " + where + " (" + message + "): see --bind and " + setting;
        }
        return new StartFailure(text, failure);
    }

    private @Nullable ServerTls tls(Door door) throws StartFailure {
        Certificates certificates = door.certificates();
        if (certificates == null) {
            return null;
        }
        boolean http2 = door.protocol() instanceof Door.Web web && web.http2();
        ServerTls tls = new ServerTls(certificates, http2);
        secured.add(tls);
        return tls;
    }

    /// Makes what the TLS listeners' certificates are to be replaced with. The owner's alone.
    ///
    /// @return to be called for the change, which holds for the handshakes that begin after it
    /// @throws StartFailure if a certificate cannot be used; then nothing has changed
    public Runnable prepare(Certificates certificates) throws StartFailure {
        List<Runnable> changes = new ArrayList<>();
        for (ServerTls each : secured) {
            changes.add(each.prepare(certificates));
        }
        return () -> changes.forEach(Runnable::run);
    }

    /// Does something once a day, until the end.
    public void daily(Runnable task) {
        acceptors.scheduleAtFixedRate(task, 1, 1, TimeUnit.DAYS);
    }

    // --- The way to the shards ---

    @Override
    public int count() {
        return shards.size();
    }

    @Override
    public void run(int index, Consumer<Shard> task) {
        ShardLoop loop = shards.get(index);
        loop.eventLoop().execute(() -> task.accept(loop.shard()));
    }

    /// Puts a post into a shard's inbox. From any thread.
    public void post(int shard, Post post) {
        shards.get(shard).post(shard, post);
    }

    @Override
    public boolean onShard() {
        return shards.stream().anyMatch(loop -> loop.eventLoop().inEventLoop());
    }

    /// What is known of clients may have changed. From any thread.
    ///
    /// @param look as in [Shard#reassess]
    public void reassess(Function<Principal, @Nullable Principal> look) {
        for (int i = 0; i < shards.size(); i++) {
            run(i, shard -> shard.reassess(look));
        }
    }

    /// What is known of clients that are away may have changed. From any thread.
    ///
    /// @param look as in [Shard#reassessAbsent]
    public void reassessAbsent(Function<Principal, @Nullable Principal> look) {
        for (int i = 0; i < shards.size(); i++) {
            run(i, shard -> shard.reassessAbsent(look));
        }
    }

    /// The access rules answer otherwise from now on. From any thread.
    public void rulesChanged() {
        for (int i = 0; i < shards.size(); i++) {
            run(i, Shard::rulesChanged);
        }
    }

    /// For an administrator.
    public Sessions sessions() {
        return new SessionDirectory(shards);
    }

    // --- What can be read ---

    @Override
    public CompletionStage<List<ShardReading>> shards() {
        List<CompletableFuture<ShardReading>> readings =
                shards.stream().map(ShardLoop::reading).toList();
        return CompletableFuture.allOf(readings.toArray(new CompletableFuture<?>[0]))
                .thenApply(done -> readings.stream().map(CompletableFuture::join).toList());
    }

    @Override
    public Map<String, Long> connections() {
        Map<String, Long> open = new LinkedHashMap<>();
        entrances.forEach(entrance -> open.put(entrance.name(), entrance.open()));
        return open;
    }

    @Override
    public long http2WebSockets() {
        return entrances.stream().mapToLong(Entrance::http2WebSockets).sum();
    }

    /// Connections since the start, by listener.
    public Map<String, Long> accepted() {
        Map<String, Long> accepted = new LinkedHashMap<>();
        entrances.forEach(entrance -> accepted.put(entrance.name(), entrance.accepted()));
        return accepted;
    }

    // --- The end ---

    /// Takes no more connections, tells clients that the server stops, waits for them to take what
    /// is theirs, at most so long, and ends the loops. Blocks; not for event loops.
    ///
    /// @param beforeTheEnd when the clients have gone and the loops have not
    public void close(Duration patience, Runnable beforeTheEnd) {
        listening.forEach(channel -> channel.close().awaitUninterruptibly());
        CompletableFuture<?>[] gone =
                shards.stream().map(ShardLoop::shutdown).toArray(CompletableFuture<?>[]::new);
        try {
            CompletableFuture.allOf(gone).get(patience.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            LOG.warn("clients that were still there were disconnected");
        } catch (ExecutionException e) {
            LOG.error("a shard did not stop", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        beforeTheEnd.run();
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
        shards.forEach(shard -> shard.zlib.close());
        acceptors.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    }
}
