package io.switchboard.server.transport;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.http2.DefaultHttp2GoAwayFrame;
import io.netty.handler.codec.http2.DefaultHttp2WindowUpdateFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2StreamChannel;
import io.netty.handler.flush.FlushConsolidationHandler;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One HTTP/2 connection, whose streams are requests and WebSockets: says hello, counts its
/// streams, and ends it when it has been without any for a while. All of it lives on one event
/// loop, that of the connection's shard.
///
/// ```
/// SslHandler ─> Http2FrameCodec ─> FlushConsolidationHandler ─> Http2MultiplexHandler ─> this
///                                                                       │ a channel a stream
///                                   StreamHandler, or StreamSocket ─> WebSocketHandler
/// ```
final class Http2Connection extends ChannelInboundHandlerAdapter {
    private static final Logger LOG = LoggerFactory.getLogger(Http2Connection.class);

    private static final int STREAMS_MAX = 100;

    /// What a peer may send on a stream that is not read. The connection's window is that of all
    /// streams together, so that none can take another's.
    private static final int WINDOW_LENGTH = 64 << 10;

    /// What RFC 9113 section 6.9.2 gives a connection to begin with.
    private static final int WINDOW_LENGTH_INITIAL = 65_535;

    /// Answers to SETTINGS, PING and to streams in error that a peer does not take.
    private static final int CONTROL_FRAMES_MAX = 1_000;

    /// Without END_STREAM, one after the other.
    private static final int EMPTY_FRAMES_MAX = 16;

    /// RST_STREAM in [#RESETS_PERIOD_NANOS], the peer's and, counted apart, ours for its mistakes.
    private static final int RESETS_MAX = 200;

    private static final long RESETS_PERIOD_NANOS = 30_000_000_000L;

    /// CONTINUATION frames of a head that are far from full.
    private static final int SMALL_CONTINUATIONS_MAX = 16;

    /// SETTINGS, PING and others that belong to no stream, in [#RESETS_PERIOD_NANOS].
    private static final int CALLS_MAX = 1_000;

    private final Entrance entrance;
    private final Site site;
    private final ShardLoop loop;
    private final Channel channel;
    private final Caller caller;
    private final Alarm alarm;

    private int streams;

    /// While there are no streams.
    private long endNanos;

    private boolean ending;

    /// Frames of no stream since [#callsSinceNanos].
    private int calls;

    private long callsSinceNanos;

    private Http2Connection(
            Entrance entrance,
            Site site,
            ShardLoop loop,
            Channel channel,
            Caller caller,
            long acceptedNanos) {
        this.entrance = entrance;
        this.site = site;
        this.loop = loop;
        this.channel = channel;
        this.caller = caller;
        endNanos = acceptedNanos + site.terms().headTimeoutNanos();
        alarm = new Alarm(channel.eventLoop(), this::silent);
    }

    /// Adds all that a connection needs behind TLS.
    static void begin(
            Entrance entrance,
            Site site,
            ShardLoop loop,
            Channel channel,
            Caller caller,
            long acceptedNanos) {
        Http2Connection connection =
                new Http2Connection(entrance, site, loop, channel, caller, acceptedNanos);
        ChannelPipeline pipeline = channel.pipeline();
        pipeline.addLast(
                codec(site.terms()),
                // What all streams write in one turn becomes one write.
                new FlushConsolidationHandler(
                        FlushConsolidationHandler.DEFAULT_EXPLICIT_FLUSH_AFTER_FLUSHES, true),
                new Http2MultiplexHandler(
                        new ChannelInitializer<Http2StreamChannel>() {
                            @Override
                            protected void initChannel(Http2StreamChannel stream) {
                                connection.add(stream);
                            }
                        }),
                connection);
    }

    private static Http2FrameCodec codec(Terms terms) {
        int resetSeconds = (int) TimeUnit.NANOSECONDS.toSeconds(RESETS_PERIOD_NANOS);
        Http2FrameCodec codec =
                Http2FrameCodecBuilder.forServer()
                        .initialSettings(
                                new Http2Settings()
                                        .connectProtocolEnabled(true)
                                        .maxConcurrentStreams(STREAMS_MAX)
                                        .initialWindowSize(WINDOW_LENGTH)
                                        .maxHeaderListSize(terms.httpHeadBytes()))
                        .validateRequiredPseudoHeaders(true)
                        .encoderEnforceMaxQueuedControlFrames(CONTROL_FRAMES_MAX)
                        .encoderEnforceMaxRstFramesPerWindow(RESETS_MAX, resetSeconds)
                        .decoderEnforceMaxRstFramesPerWindow(RESETS_MAX, resetSeconds)
                        .decoderEnforceMaxConsecutiveEmptyDataFrames(EMPTY_FRAMES_MAX)
                        .decoderEnforceMaxSmallContinuationFrames(SMALL_CONTINUATIONS_MAX)
                        .gracefulShutdownTimeoutMillis(
                                TimeUnit.NANOSECONDS.toMillis(terms.lingerNanos()))
                        .build();
        // Also for a client that never says that it has seen our settings.
        codec.connection().remote().maxActiveStreams(STREAMS_MAX);
        return codec;
    }

    Site site() {
        return site;
    }

    Caller caller() {
        return caller;
    }

    ShardLoop loop() {
        return loop;
    }

    /// A WebSocket on a stream is a client like one with a socket of its own.
    ///
    /// @return false if there are as many as there may be
    boolean takePlace(Http2StreamChannel stream) {
        if (!entrance.takePlace(stream)) {
            return false;
        }
        Handshaking.over(channel);
        return true;
    }

    // --- Streams ---

    private void add(Http2StreamChannel stream) {
        streams++;
        // Streams do not take their connection's by themselves.
        stream.config()
                .setAllocator(channel.alloc())
                .setWriteBufferWaterMark(channel.config().getWriteBufferWaterMark());
        stream.closeFuture().addListener(closed -> remove());
        stream.pipeline().addLast(new StreamHandler(this, stream));
    }

    private void remove() {
        streams--;
        if (streams == 0) {
            long nowNanos = System.nanoTime();
            endNanos = ending ? nowNanos : nowNanos + site.terms().headTimeoutNanos();
            alarm.set(endNanos, nowNanos);
        }
    }

    // --- Beginning and end ---

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        loop.add(this);
        alarm.set(endNanos, System.nanoTime());
        ctx.writeAndFlush(
                new DefaultHttp2WindowUpdateFrame(
                        WINDOW_LENGTH * STREAMS_MAX - WINDOW_LENGTH_INITIAL));
    }

    /// The alarm rang.
    private void silent() {
        alarm.rang();
        long nowNanos = System.nanoTime();
        if (streams > 0) {
            return;
        }
        if (nowNanos - endNanos >= 0) {
            // Netty says GOAWAY first.
            channel.close();
        } else {
            alarm.set(endNanos, nowNanos);
        }
    }

    /// The server stops: there are no new streams, and the connection ends with its last one.
    void goAway() {
        if (!ending) {
            channel.writeAndFlush(new DefaultHttp2GoAwayFrame(Http2Error.NO_ERROR));
            endWithStreams();
        }
    }

    private void endWithStreams() {
        ending = true;
        if (streams == 0) {
            channel.close();
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof ChannelInputShutdownEvent) {
            // The streams hear of it as well, and finish.
            endWithStreams();
        }
        ReferenceCountUtil.release(event);
    }

    /// SETTINGS, PING and GOAWAY, which Netty has dealt with. A client that reads the answers may
    /// not ask for them without end, either.
    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ReferenceCountUtil.release(message);
        long nowNanos = System.nanoTime();
        if (calls == 0 || nowNanos - callsSinceNanos >= RESETS_PERIOD_NANOS) {
            calls = 0;
            callsSinceNanos = nowNanos;
        }
        calls++;
        if (calls == CALLS_MAX + 1) {
            LOG.warn("{} more than {} frames of no stream", caller.text(), CALLS_MAX);
            channel.config().setAutoRead(false);
            ctx.writeAndFlush(new DefaultHttp2GoAwayFrame(Http2Error.ENHANCE_YOUR_CALM));
            channel.close();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        alarm.cancel();
        loop.remove(this);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        Throwable root = cause.getCause();
        if (cause instanceof Http2Exception || root instanceof Http2Exception) {
            // Netty ends the connection, with a GOAWAY that says why.
            LOG.debug("{} connection failed: {}", caller.text(), cause.toString());
            return;
        }
        if (cause instanceof IOException || root instanceof IOException) {
            LOG.debug("{} connection failed: {}", caller.text(), cause.toString());
        } else {
            LOG.error("{} HTTP/2 failed", caller.text(), cause);
        }
        channel.close();
    }
}
