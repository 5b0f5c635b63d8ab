package io.switchboard.server.transport;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownReadComplete;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.DefaultHttp2ResetFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2StreamChannel;
import io.netty.util.ReferenceCountUtil;
import io.switchboard.server.http.HttpAnswer;
import io.switchboard.websocket.HandshakeRequest;
import io.switchboard.websocket.ServerHandshake;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One request on a stream of HTTP/2, until it is answered or becomes a WebSocket. It is answered
/// when its head has come: nothing here takes content, so whatever follows is refused.
final class StreamHandler extends ChannelInboundHandlerAdapter {
    private static final Logger LOG = LoggerFactory.getLogger(StreamHandler.class);

    private static final HttpAnswer NO_PLACE =
            Responses.refusal(
                    503,
                    "The server has no place for another WebSocket.",
                    List.of(Map.entry("Retry-After", "5")));

    private final Http2Connection connection;
    private final Http2StreamChannel stream;
    private final Alarm alarm;
    private final long sinceNanos = System.nanoTime();

    /// Whether the client has said all that it wants to.
    private boolean requestEnded;

    private boolean answered;

    StreamHandler(Http2Connection connection, Http2StreamChannel stream) {
        this.connection = connection;
        this.stream = stream;
        alarm = new Alarm(stream.eventLoop(), this::tooLate);
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        alarm.set(sinceNanos + connection.site().terms().headTimeoutNanos(), sinceNanos);
    }

    /// The answer was not made, or not taken, in time.
    private void tooLate() {
        alarm.rang();
        reset(Http2Error.CANCEL);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        try {
            if (message instanceof Http2HeadersFrame head && !answered) {
                answered = true;
                requestEnded = head.isEndStream();
                begin(head.headers());
            }
        } finally {
            ReferenceCountUtil.release(message);
        }
    }

    private void begin(Http2Headers head) {
        HandshakeRequest request = Http2Heads.request(head);
        if (request == null) {
            LOG.debug("{} sent a malformed request", connection.caller().text());
            reset(Http2Error.PROTOCOL_ERROR);
            return;
        }
        ServerHandshake.Answer handshake;
        if (!Http2Heads.extendedConnect(head)) {
            handshake = new ServerHandshake.Answer.NotAnUpgrade();
        } else if (Http2Heads.webSocket(head)) {
            handshake =
                    ServerHandshake.answerConnect(
                            request,
                            connection.site().subprotocols(request.target()),
                            connection.site().compression(request));
        } else {
            // RFC 9220 section 3, which says it for both.
            send(Responses.refusal(501, "Expected the protocol websocket.", List.of()), true);
            return;
        }
        boolean withBody = !request.method().equals("HEAD");
        switch (connection.site().judge(request, handshake, connection.caller())) {
            case Site.Verdict.Page(CompletionStage<HttpAnswer> coming) -> page(coming, withBody);
            case Site.Verdict.Refusal(HttpAnswer refusal) -> send(refusal, true);
            case Site.Verdict.Opening opening -> open(opening);
        }
    }

    private void page(CompletionStage<HttpAnswer> coming, boolean withBody) {
        coming.whenComplete((page, failure) -> {
            if (stream.eventLoop().inEventLoop()) {
                send(page, failure, withBody);
            } else {
                stream.eventLoop().execute(() -> send(page, failure, withBody));
            }
        });
    }

    private void send(@Nullable HttpAnswer page, @Nullable Throwable failure, boolean withBody) {
        if (page == null) {
            LOG.error("{} a page failed", connection.caller().text(), failure);
            send(Responses.refusal(500, "The server made a mistake.", List.of()), withBody);
        } else {
            send(page, withBody);
        }
    }

    private void send(HttpAnswer answer, boolean withBody) {
        ByteBuffer body = answer.body();
        boolean bare = !withBody || !body.hasRemaining();
        ChannelFuture sent =
                stream.write(new DefaultHttp2HeadersFrame(Http2Heads.of(answer), bare));
        if (!bare) {
            sent = stream.write(new DefaultHttp2DataFrame(Unpooled.wrappedBuffer(body), true));
        }
        if (!requestEnded) {
            // The answer is whole, and the rest of the request is not wanted (RFC 9113 section
            // 8.1).
            sent.addListener(whole -> reset(Http2Error.NO_ERROR));
        }
        stream.flush();
    }

    private void reset(Http2Error error) {
        stream.writeAndFlush(new DefaultHttp2ResetFrame(error));
    }

    private void open(Site.Verdict.Opening opening) {
        if (!connection.takePlace(stream) || !opening.takePlace(stream)) {
            send(NO_PLACE, true);
            return;
        }
        alarm.cancel();
        stream.writeAndFlush(
                new DefaultHttp2HeadersFrame(Http2Heads.of(200, opening.answer().headers())));
        stream.pipeline().replace(this, null, new StreamSocket());
        stream.pipeline().addLast(opening.handler(connection.loop(), stream, sinceNanos));
        if (requestEnded) {
            stream.pipeline().fireUserEventTriggered(ChannelInputShutdownReadComplete.INSTANCE);
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        ReferenceCountUtil.release(event);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        alarm.cancel();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (cause instanceof Http2Exception) {
            // The peer's mistake, for which Netty resets the stream.
            LOG.debug("{} stream failed: {}", connection.caller().text(), cause.toString());
            return;
        }
        if (cause instanceof IOException || cause.getCause() instanceof IOException) {
            LOG.debug("{} stream failed: {}", connection.caller().text(), cause.toString());
        } else {
            LOG.error("{} HTTP/2 failed", connection.caller().text(), cause);
        }
        stream.close();
    }
}
