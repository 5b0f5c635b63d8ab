package io.switchboard.server.transport;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.netty.util.ReferenceCountUtil;
import io.switchboard.server.http.HttpAnswer;
import io.switchboard.websocket.HandshakeRequest;
import io.switchboard.websocket.ServerHandshake;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One HTTP connection, until it becomes a WebSocket and this handler leaves. Requests are answered
/// one after the other; each, the first from accept on, must have come within a time that dripping
/// bytes do not prolong.
final class HttpHandler extends ChannelInboundHandlerAdapter implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(HttpHandler.class);

    /// RFC 9110 section 15.5.9.
    private static final int REQUEST_TIMEOUT = 408;

    private static final int BODY_LENGTH_MAX = 64 << 10;

    private enum Stage {
        /// Between requests, or in the head of one.
        WAITING,
        /// In the body of a request, which nobody wants.
        IN_BODY,
        /// The answer is being made.
        ANSWERING,
        /// Nothing more is read; the last answer is on its way.
        LINGERING,
        /// The connection is a WebSocket now.
        UPGRADED
    }

    private final Site site;
    private final @Nullable ShardLoop loop;
    private final Channel channel;
    private final Caller caller;

    private Stage stage = Stage.WAITING;

    /// When this request could begin.
    private long sinceNanos;

    private long endNanos;
    private boolean first = true;
    private boolean inputEnded;
    private long bodyLength;

    /// Of the request in hand.
    private @Nullable HandshakeRequest request;

    private ServerHandshake.@Nullable Answer handshake;
    private boolean closeAfter;
    private boolean withBody = true;

    private @Nullable ScheduledFuture<?> timer;

    /// @param loop null where no WebSockets are opened
    HttpHandler(
            Site site,
            @Nullable ShardLoop loop,
            Channel channel,
            Caller caller,
            long acceptedNanos) {
        this.site = site;
        this.loop = loop;
        this.channel = channel;
        this.caller = caller;
        sinceNanos = acceptedNanos;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        endNanos = sinceNanos + site.terms().headTimeoutNanos();
        arm(System.nanoTime());
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        try {
            if (message instanceof HttpRequest head && stage == Stage.WAITING) {
                begin(head);
            } else if (message instanceof HttpRequest) {
                // Pipelined behind one that is still being answered, and so never answered.
                closeAfter = true;
            } else if (message instanceof HttpContent content && stage == Stage.IN_BODY) {
                body(content);
            }
        } finally {
            ReferenceCountUtil.release(message);
        }
    }

    private void begin(HttpRequest head) {
        if (head.decoderResult().isFailure()) {
            refuseUndecoded(head.decoderResult());
            return;
        }
        stage = Stage.IN_BODY;
        bodyLength = 0;
        closeAfter = !HttpUtil.isKeepAlive(head);
        withBody = !head.method().equals(HttpMethod.HEAD);
        HandshakeRequest read =
                new HandshakeRequest(
                        head.method().name(),
                        head.protocolVersion().text(),
                        head.uri(),
                        head.headers().entries(),
                        false);
        request = read;
        ServerHandshake.Answer answer =
                ServerHandshake.answer(
                        read, site.subprotocols(read.target()), site.compression(read));
        handshake = answer;
        if (answer instanceof ServerHandshake.Answer.Refused refused
                && refused.headers().contains(Map.entry("Connection", "close"))) {
            refuse(refused.status(), refused.reason(), refused.headers());
        } else if (HttpUtil.is100ContinueExpected(head)) {
            refuse(417, "Expected a request without content.", List.of());
        } else if (HttpUtil.getContentLength(head, 0L) > BODY_LENGTH_MAX) {
            refuseContent();
        }
    }

    private void refuseContent() {
        refuse(413, "Expected a request without content.", List.of());
    }

    private void refuseUndecoded(DecoderResult result) {
        Throwable cause = result.cause();
        LOG.debug("{} sent no HTTP/1.1: {}", caller.text(), cause.toString());
        if (cause instanceof TooLongHttpLineException) {
            refuse(414, "Expected a shorter request line.", List.of());
        } else if (cause instanceof TooLongFrameException) {
            refuse(431, "Expected fewer or shorter header fields.", List.of());
        } else {
            refuse(400, "Expected an HTTP/1.1 request.", List.of());
        }
    }

    private void body(HttpContent content) {
        bodyLength += content.content().readableBytes();
        if (content.decoderResult().isFailure()) {
            refuseUndecoded(content.decoderResult());
        } else if (bodyLength > BODY_LENGTH_MAX) {
            refuseContent();
        } else if (content instanceof LastHttpContent) {
            HandshakeRequest whole = request;
            ServerHandshake.Answer answer = handshake;
            request = null;
            handshake = null;
            if (whole != null && answer != null) {
                answer(whole, answer);
            }
        }
    }

    // --- Answers ---

    private void answer(HandshakeRequest whole, ServerHandshake.Answer answer) {
        stage = Stage.ANSWERING;
        switch (site.judge(whole, answer, caller)) {
            case Site.Verdict.Page(CompletionStage<HttpAnswer> coming) -> page(coming);
            case Site.Verdict.Refusal(HttpAnswer refusal) -> send(refusal);
            case Site.Verdict.Opening opening -> upgrade(opening);
        }
    }

    private void page(CompletionStage<HttpAnswer> coming) {
        coming.whenComplete((page, failure) -> {
            if (channel.eventLoop().inEventLoop()) {
                send(page, failure);
            } else {
                channel.eventLoop().execute(() -> send(page, failure));
            }
        });
    }

    private void send(@Nullable HttpAnswer page, @Nullable Throwable failure) {
        if (page == null) {
            LOG.error("{} a page failed", caller.text(), failure);
            refuse(500, "The server made a mistake.", List.of());
        } else {
            send(page);
        }
    }

    private void send(HttpAnswer answer) {
        if (stage != Stage.ANSWERING) {
            return;
        }
        // Who asks on without reading would have the answers pile up here.
        if (closeAfter || inputEnded || !channel.isWritable()) {
            last(answer);
            return;
        }
        stage = Stage.WAITING;
        first = false;
        long nowNanos = System.nanoTime();
        sinceNanos = nowNanos;
        endNanos = nowNanos + site.terms().headTimeoutNanos();
        channel.writeAndFlush(Responses.of(answer, withBody, false), channel.voidPromise());
    }

    /// After a request that is not what it should be, where the next one begins is a guess.
    private void refuse(int status, String reason, List<Map.Entry<String, String>> headers) {
        last(Responses.refusal(status, reason, headers));
    }

    private void last(HttpAnswer answer) {
        if (stage == Stage.LINGERING || stage == Stage.UPGRADED) {
            return;
        }
        stage = Stage.LINGERING;
        long nowNanos = System.nanoTime();
        endNanos = nowNanos + site.terms().lingerNanos();
        channel.config().setAutoRead(true);
        LastWords.say(channel, Responses.of(answer, withBody, true));
        arm(nowNanos);
    }

    // --- WebSocket ---

    private void upgrade(Site.Verdict.Opening opening) {
        if (loop == null) {
            throw new IllegalStateException("a site that opens WebSockets has shards");
        }
        // Behind a proxy that is trusted the connection has not been counted for anybody yet.
        if (!opening.peer().address().equals(caller.text()) && !opening.takePlace(channel)) {
            refuse(
                    503,
                    "The server has no place for another WebSocket of this address.",
                    List.of(Map.entry("Retry-After", "5")));
            return;
        }
        stage = Stage.UPGRADED;
        channel.config().setAutoRead(true);
        if (timer != null) {
            timer.cancel(false);
            timer = null;
        }
        Handshaking.over(channel);
        channel.writeAndFlush(
                Responses.head(101, opening.answer().headers()), channel.voidPromise());
        channel.pipeline().replace(this, null, opening.handler(loop, channel, sinceNanos));
        // It hands on what came behind the request, which are frames already.
        channel.pipeline().remove(StrictRequestDecoder.class);
    }

    // --- Time and ends ---

    private void arm(long nowNanos) {
        if (timer != null) {
            timer.cancel(false);
        }
        timer =
                channel.eventLoop()
                        .schedule(this, Math.max(0, endNanos - nowNanos), TimeUnit.NANOSECONDS);
    }

    /// Whoever does not read its answers is not read, so that they do not pile up, and is left when
    /// the time for its next request is over.
    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (stage != Stage.LINGERING && stage != Stage.UPGRADED) {
            channel.config().setAutoRead(channel.isWritable());
        }
    }

    /// The timer fired.
    @Override
    public void run() {
        timer = null;
        long nowNanos = System.nanoTime();
        if (nowNanos - endNanos < 0) {
            arm(nowNanos);
        } else if (stage == Stage.LINGERING || !first) {
            channel.close();
        } else {
            refuse(REQUEST_TIMEOUT, "Expected a whole request in time.", List.of());
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof ChannelInputShutdownEvent) {
            inputEnded = true;
            switch (stage) {
                case WAITING, IN_BODY -> channel.close();
                case LINGERING -> LastWords.closeIfSaid(channel);
                case ANSWERING, UPGRADED -> {}
            }
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        if (timer != null) {
            timer.cancel(false);
            timer = null;
        }
        stage = Stage.LINGERING;
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (cause instanceof IOException || cause.getCause() instanceof IOException) {
            LOG.debug("{} connection failed: {}", caller.text(), cause.toString());
        } else {
            LOG.error("{} HTTP failed", caller.text(), cause);
        }
        channel.close();
    }
}
