package io.switchboard.server.transport;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.util.ReferenceCountUtil;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/// Tells an HTTP client that there is no place for its connection. Its request is on its way
/// already, so it is read and dropped until the client ends its direction or a while has passed
/// ([LastWords]).
final class NoPlace extends ChannelInboundHandlerAdapter {
    private static final byte[] ANSWER =
            ("HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\n"
                            + "Content-Length: 0\r\nConnection: close\r\n\r\n")
                    .getBytes(US_ASCII);

    private NoPlace() {}

    /// Ends the connection. Where many are being ended so already, it is at once.
    static void tell(Channel channel, Places places, long lingerNanos) {
        if (!places.takeLast()) {
            channel.writeAndFlush(Unpooled.wrappedBuffer(ANSWER))
                    .addListener(ChannelFutureListener.CLOSE);
            return;
        }
        Future<?> end =
                channel.eventLoop()
                        .schedule(() -> channel.close(), lingerNanos, TimeUnit.NANOSECONDS);
        channel.closeFuture()
                .addListener(closed -> {
                    end.cancel(false);
                    places.leaveLast();
                });
        channel.pipeline().addLast(new NoPlace());
        LastWords.say(channel, Unpooled.wrappedBuffer(ANSWER));
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ReferenceCountUtil.release(message);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof ChannelInputShutdownEvent) {
            LastWords.closeIfSaid(ctx.channel());
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        ctx.close();
    }
}
