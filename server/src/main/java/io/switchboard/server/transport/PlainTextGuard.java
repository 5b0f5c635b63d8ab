package io.switchboard.server.transport;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;

/// Stands in front of TLS until the first byte: whoever speaks plain text to a TLS port reads why
/// that does not work, instead of seven bytes of an alert. The time-out for the TLS handshake ends
/// such a connection if its client does not.
final class PlainTextGuard extends ChannelInboundHandlerAdapter {
    private static final byte TLS_HANDSHAKE = 22;

    private static final String BODY = "This port speaks TLS: use https, wss or STOMP over TLS.\n";

    private static final byte[] ANSWER =
            ("HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\n"
                            + "Content-Length: "
                            + BODY.length()
                            + "\r\nConnection: close\r\n\r\n"
                            + BODY)
                    .getBytes(US_ASCII);

    private boolean answered;

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf bytes = (ByteBuf) message;
        if (!answered
                && bytes.isReadable()
                && bytes.getByte(bytes.readerIndex()) == TLS_HANDSHAKE) {
            ctx.fireChannelRead(bytes);
            ctx.pipeline().remove(this);
            return;
        }
        bytes.release();
        if (!answered) {
            answered = true;
            ctx.writeAndFlush(Unpooled.wrappedBuffer(ANSWER))
                    .addListener(written -> ((DuplexChannel) ctx.channel()).shutdownOutput());
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof ChannelInputShutdownEvent) {
            ctx.close();
        } else {
            ctx.fireUserEventTriggered(event);
        }
    }
}
