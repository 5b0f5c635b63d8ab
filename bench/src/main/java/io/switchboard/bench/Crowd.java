package io.switchboard.bench;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import io.switchboard.websocket.PermessageDeflate;
import io.switchboard.websocket.Zlib;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/// All connections of a run, on one event loop, which owns everything here.
final class Crowd implements AutoCloseable {

    /// What a run does with what the connections hear.
    interface Audience {
        /// @param publisher with [#PROBE] set in a probe
        void delivered(LoadConnection connection, int publisher, long sequence, long nanos);

        /// Of a queue: the server says that it has delivered this message before.
        default void redelivered(LoadConnection connection, int publisher, long sequence) {
            failed("a message of a topic was delivered again");
        }

        /// Of a queue: the server has done what carried this receipt.
        default void receipt(String id) {
            failed("a receipt came that nobody had asked for: " + id);
        }

        void failed(String reason);
    }

    /// Gathers what it says, and sends it at the end of a turn.
    interface Sender {
        void flush();
    }

    /// In a publisher's number: it is a group's, and the message asks who is there.
    static final int PROBE = 1 << 23;

    /// What may wait for one socket before the run is given up.
    static final int WAITING_MAX = 64 << 20;

    /// Everything that can be is compressed, as browsers do it.
    private static final int DEFLATED_LENGTH_MIN = 1;

    private static final WriteBufferWaterMark WATER_MARK =
            new WriteBufferWaterMark(WAITING_MAX / 4, WAITING_MAX);

    final Target target;
    final Dialect dialect;
    final Population population;
    final int bodyLength;
    final int mark;
    final byte[] connect;
    final ReadBuffer readBuffer = new ReadBuffer();
    final ByteBufAllocator allocator = PooledByteBufAllocator.DEFAULT;

    /// Mask keys that nobody can predict protect proxies from what a page of a stranger makes a
    /// browser send (RFC 6455 section 10.3). Nobody makes this program send anything.
    final SplittableRandom random = new SplittableRandom();

    /// To be offered, and then expected of the server; null for no compression.
    final @Nullable PermessageDeflate deflate;

    final Zlib zlib = new Zlib(1, DEFLATED_LENGTH_MIN);

    private final String destinations;
    private final MultiThreadIoEventLoopGroup group;
    private final Bootstrap bootstrap;
    private final @Nullable SslContext tls;
    private final LoadConnection[] connections;
    private final Dialect.Template[] templates;
    private final int concurrency;
    private final int streams;
    private final long run = System.nanoTime() >>> 10;
    private final long startNanos = System.nanoTime();
    private final Audience audience;

    long foreign;
    long bad;

    /// When bytes last came, in this clock.
    long now;

    /// The HTTP/2 connection that the next connections are streams of.
    private @Nullable Http2Link link;

    private Sender[] dirty = new Sender[64];
    private int dirtyCount;
    private int startedCount;
    private int readyCount;
    private int wanted;
    private boolean closed;

    Crowd(Arguments arguments, Population population, int bodyLength, Audience audience)
            throws SSLException {
        this.target = arguments.target();
        this.dialect = arguments.dialect();
        this.population = population;
        this.bodyLength = bodyLength;
        this.audience = audience;
        concurrency = arguments.concurrency();
        destinations =
                arguments.destinations() == null
                        ? dialect.destinations()
                        : arguments.destinations();
        connect = dialect.connect();
        mark = Stamp.mark(random.nextInt());
        connections = new LoadConnection[population.connectionCount];
        templates = new Dialect.Template[population.groupCount];
        streams = arguments.streams();
        deflate = arguments.deflate() ? PermessageDeflate.FULL_CONTEXT : null;
        tls = target.tls() ? tls(arguments.insecure() || target.loopback(), streams > 0) : null;
        IoHandlerFactory io =
                Epoll.isAvailable() ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
        group = new MultiThreadIoEventLoopGroup(1, io);
        bootstrap = bootstrap();
    }

    /// @param target as [Target#of] understands it
    /// @param destinations `%d` stands for the group; null for the dialect's own
    /// @param insecure whether any certificate is believed, which on loopback it always is
    /// @param concurrency connections that are being opened at once
    /// @param streams so many connections are streams of one HTTP/2 connection; 0 for a socket each
    /// @param deflate whether compression is offered, for WebSockets over HTTP/1.1
    record Arguments(
            Target target,
            Dialect dialect,
            @Nullable String destinations,
            boolean insecure,
            int concurrency,
            int streams,
            boolean deflate) {

        Arguments(
                Target target,
                Dialect dialect,
                @Nullable String destinations,
                boolean insecure,
                int concurrency,
                int streams) {
            this(target, dialect, destinations, insecure, concurrency, streams, false);
        }

        Arguments with(Dialect other) {
            return new Arguments(
                    target, other, destinations, insecure, concurrency, streams, deflate);
        }

        Arguments withStreams(int ofEach) {
            return new Arguments(
                    target, dialect, destinations, insecure, concurrency, ofEach, deflate);
        }

        Arguments withDeflate() {
            return new Arguments(
                    target, dialect, destinations, insecure, concurrency, streams, true);
        }
    }

    private static SslContext tls(boolean insecure, boolean http2) throws SSLException {
        SslContextBuilder builder =
                SslContextBuilder.forClient()
                        .sslProvider(OpenSsl.isAvailable() ? SslProvider.OPENSSL : SslProvider.JDK);
        if (insecure) {
            builder.trustManager(InsecureTrustManagerFactory.INSTANCE)
                    .endpointIdentificationAlgorithm(null);
        }
        if (http2) {
            builder.applicationProtocolConfig(
                    new ApplicationProtocolConfig(
                            ApplicationProtocolConfig.Protocol.ALPN,
                            ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE,
                            ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT,
                            ApplicationProtocolNames.HTTP_2));
        }
        return builder.build();
    }

    private Bootstrap bootstrap() {
        Bootstrap made =
                new Bootstrap()
                        .group(group)
                        .channel(
                                Epoll.isAvailable()
                                        ? EpollSocketChannel.class
                                        : NioSocketChannel.class)
                        .option(ChannelOption.TCP_NODELAY, true)
                        .option(ChannelOption.WRITE_BUFFER_WATER_MARK, WATER_MARK)
                        .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, 30_000);
        if (Epoll.isAvailable()) {
            // The port is chosen when the remote is known, so sources can share ports.
            made.option(EpollChannelOption.IP_BIND_ADDRESS_NO_PORT, true);
        }
        return tls == null ? made.option(ChannelOption.RECVBUF_ALLOCATOR, readBuffer) : made;
    }

    EventLoop loop() {
        return group.next();
    }

    /// Nanoseconds since the run began.
    long clock() {
        return System.nanoTime() - startNanos;
    }

    String destination(int ofGroup) {
        return destinations.replace("%d", Integer.toString(ofGroup));
    }

    // --- Opening ---

    /// Has so many connections opened, one after another but a few at once.
    void open(int count) {
        wanted = count;
        openMore();
    }

    boolean allReady() {
        return readyCount == wanted;
    }

    int readyCount() {
        return readyCount;
    }

    private void openMore() {
        while (startedCount < wanted && startedCount - readyCount < concurrency && !closed) {
            int number = startedCount++;
            LoadConnection connection = new LoadConnection(number, this);
            connections[number] = connection;
            if (streams == 0) {
                connect(connection, new SocketWire(this, connection));
            } else {
                if (link == null || number % streams == 0) {
                    link = new Http2Link(this);
                    connect(connection, link);
                }
                link.open(connection);
            }
        }
    }

    private void connect(LoadConnection connection, ChannelHandler handler) {
        InetSocketAddress source = target.source(connection.number, run);
        Bootstrap one = bootstrap.clone().handler(handlers(handler));
        ChannelFuture connecting =
                source == null
                        ? one.connect(target.address())
                        : one.connect(target.address(), source);
        connecting.addListener(done -> {
            if (!done.isSuccess()) {
                connection.failed(String.valueOf(done.cause().getMessage()));
            }
        });
    }

    private ChannelInitializer<Channel> handlers(ChannelHandler handler) {
        return new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel channel) {
                if (tls != null) {
                    channel.pipeline()
                            .addLast(
                                    tls.newHandler(
                                            channel.alloc(),
                                            target.host(),
                                            target.address().getPort()));
                }
                channel.pipeline().addLast(handler);
            }
        };
    }

    void ready() {
        readyCount++;
        openMore();
    }

    // --- What connections hear ---

    void arrived() {
        now = clock();
    }

    void deliver(LoadConnection connection, int publisher, long sequence, long nanos) {
        audience.delivered(connection, publisher, sequence, nanos);
    }

    void redeliver(LoadConnection connection, int publisher, long sequence) {
        audience.redelivered(connection, publisher, sequence);
    }

    void receipt(String id) {
        audience.receipt(id);
    }

    void failed(String reason) {
        if (!closed) {
            audience.failed(reason);
        }
    }

    // --- What they say ---

    void publish(int publisher, long sequence, long nanos) {
        int ofGroup = population.groupOfPublisher(publisher);
        send(population.connectionOf(publisher), ofGroup, publisher, sequence, nanos);
    }

    /// Asks all subscribers of a group whether they hear.
    void probe(int ofGroup) {
        int publisher = ofGroup * population.publishersPerGroup;
        send(population.connectionOf(publisher), ofGroup, PROBE | ofGroup, 0, clock());
    }

    private void send(int connection, int ofGroup, int publisher, long sequence, long nanos) {
        Dialect.Template template = templates[ofGroup];
        if (template == null) {
            template = dialect.message(destination(ofGroup), bodyLength);
            templates[ofGroup] = template;
        }
        Stamp.put(template.bytes(), template.stampAt(), mark, publisher, sequence, nanos);
        if (template.receiptAt() >= 0) {
            ReceiptId.put(template.bytes(), template.receiptAt(), publisher, sequence);
        }
        connections[connection].write(template.bytes());
    }

    /// It has gathered something to send: all leave at the end of the turn, in one write each.
    void dirty(Sender sender) {
        if (dirtyCount == 0) {
            loop().execute(this::flush);
        }
        if (dirtyCount == dirty.length) {
            dirty = Arrays.copyOf(dirty, 2 * dirtyCount);
        }
        dirty[dirtyCount++] = sender;
    }

    private void flush() {
        for (int i = 0; i < dirtyCount; i++) {
            dirty[i].flush();
        }
        dirtyCount = 0;
    }

    /// Ends all connections; called from outside the loop.
    @Override
    public void close() {
        loop().submit(
                        () -> {
                            closed = true;
                            for (LoadConnection each : connections) {
                                if (each != null) {
                                    each.close();
                                }
                            }
                            zlib.close();
                        })
                .awaitUninterruptibly(10, TimeUnit.SECONDS);
        group.shutdownGracefully(100, 2000, TimeUnit.MILLISECONDS).awaitUninterruptibly();
        readBuffer.release();
    }
}
