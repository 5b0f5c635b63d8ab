package io.switchboard.server.transport;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.ChannelInputShutdownReadComplete;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2ResetFrame;
import io.netty.handler.codec.http2.DefaultHttp2WindowUpdateFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2ResetFrame;
import io.netty.handler.codec.http2.Http2StreamChannelOption;
import io.netty.util.ReferenceCountUtil;
import org.jspecify.annotations.Nullable;

/// Makes a stream of HTTP/2 a socket to the handler behind it (RFC 8441 section 5): what DATA
/// frames carry is what comes and goes, END_STREAM ends a direction, RST_STREAM is a reset.
///
/// Who is not read gets no window back, so that the peer stops, on this stream alone. What is on
/// its way until then is put into one buffer: held as it came, frame by frame, it would take many
/// times what the window allows. It is never more than the window.
final class StreamSocket extends ChannelDuplexHandler {
    /// Netty tells the peer of window when half of it is used up, so it need not hear of every
    /// small message before.
    private static final int OWED_MIN = 8 << 10;

    /// What the peer is owed: window for what has been handed on.
    private int owed;

    /// Came while the handler behind did not read.
    private @Nullable ByteBuf held;

    private boolean inputEnded;
    private boolean inputEndTold;
    private boolean outputEnded;

    /// Ends our direction behind these bytes. The stream is gone when the peer has ended its own.
    static void end(Channel stream, ByteBuf bytes) {
        stream.writeAndFlush(new DefaultHttp2DataFrame(bytes, true))
                .addListener(written -> {
                    StreamSocket socket = stream.pipeline().get(StreamSocket.class);
                    if (socket != null) {
                        socket.outputEnded = true;
                        closeIfEnded(stream);
                    }
                });
    }

    /// Where the peer's direction ended with its connection there is no END_STREAM to wait for.
    static void closeIfEnded(Channel stream) {
        StreamSocket socket = stream.pipeline().get(StreamSocket.class);
        if (socket != null && socket.outputEnded && socket.inputEnded) {
            stream.close();
        }
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        // The window is given back here, not when Netty reads on.
        ctx.channel().config().setOption(Http2StreamChannelOption.AUTO_STREAM_FLOW_CONTROL, false);
    }

    // --- What comes ---

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (message instanceof Http2DataFrame data) {
            owed += data.initialFlowControlledBytes();
            take(ctx, data.content());
            inputEnded |= data.isEndStream();
        } else {
            // Trailers say nothing here.
            inputEnded |= message instanceof Http2HeadersFrame head && head.isEndStream();
            ReferenceCountUtil.release(message);
        }
        tellEnd(ctx);
    }

    private void take(ChannelHandlerContext ctx, ByteBuf bytes) {
        if (!bytes.isReadable()) {
            bytes.release();
        } else if (held == null && reads(ctx)) {
            ctx.fireChannelRead(bytes);
        } else {
            if (held == null) {
                held = ctx.alloc().buffer(bytes.readableBytes());
            }
            held.writeBytes(bytes);
            bytes.release();
        }
    }

    private static boolean reads(ChannelHandlerContext ctx) {
        return ctx.channel().config().isAutoRead();
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        ctx.fireChannelReadComplete();
        giveBack(ctx);
        if (!reads(ctx)) {
            // Netty would keep the frames, and does not when it is asked for them.
            ctx.read();
        }
    }

    /// The handler behind reads again.
    @Override
    public void read(ChannelHandlerContext ctx) {
        if (held != null || owed > 0) {
            ctx.executor().execute(() -> handOn(ctx));
        }
        ctx.read();
    }

    private void handOn(ChannelHandlerContext ctx) {
        if (ctx.isRemoved() || !reads(ctx)) {
            return;
        }
        ByteBuf bytes = held;
        held = null;
        if (bytes != null) {
            ctx.fireChannelRead(bytes);
            ctx.fireChannelReadComplete();
        }
        tellEnd(ctx);
        giveBack(ctx);
        ctx.flush();
    }

    private void giveBack(ChannelHandlerContext ctx) {
        if (owed >= OWED_MIN && held == null && reads(ctx)) {
            int bytes = owed;
            owed = 0;
            ctx.write(new DefaultHttp2WindowUpdateFrame(bytes));
        }
    }

    private void tellEnd(ChannelHandlerContext ctx) {
        if (inputEnded && !inputEndTold && held == null) {
            inputEndTold = true;
            ctx.fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof Http2ResetFrame reset) {
            // Netty closes the stream.
            ConnectionLog.LOG.debug(
                    "{} reset by the peer: error {}", ctx.channel(), reset.errorCode());
        } else if (event instanceof ChannelInputShutdownReadComplete) {
            // The peer ended its direction of the whole connection.
            inputEnded = true;
            tellEnd(ctx);
        } else {
            ReferenceCountUtil.release(event);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (cause instanceof Http2Exception) {
            // The peer's mistake, for which Netty resets the stream.
            ConnectionLog.LOG.debug("{} failed: {}", ctx.channel(), cause.toString());
        } else {
            ctx.fireExceptionCaught(cause);
        }
    }

    // --- What goes ---

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
        ctx.write(
                message instanceof ByteBuf bytes ? new DefaultHttp2DataFrame(bytes) : message,
                promise);
    }

    // --- Its end ---

    /// Netty does not reset a stream when both directions have their END_STREAM, ours perhaps in a
    /// line that the peer gives no window for; there it would stay until the connection ends.
    @Override
    public void close(ChannelHandlerContext ctx, ChannelPromise promise) {
        ctx.writeAndFlush(new DefaultHttp2ResetFrame(Http2Error.CANCEL));
        ctx.close(promise);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        drop();
        ctx.fireChannelInactive();
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        drop();
    }

    private void drop() {
        if (held != null) {
            held.release();
            held = null;
        }
    }
}
