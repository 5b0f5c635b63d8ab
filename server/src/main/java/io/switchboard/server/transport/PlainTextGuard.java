package io.switchboard.server.transport;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;

/// Stands in front of TLS until the first byte: whoever speaks plain text to a TLS port reads why
/// that does not work, instead of seven bytes of an alert.
@ChannelHandler.Sharable
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

    static final PlainTextGuard INSTANCE = new PlainTextGuard();

    private PlainTextGuard() {}

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf bytes = (ByteBuf) message;
        if (bytes.isReadable() && bytes.getByte(bytes.readerIndex()) == TLS_HANDSHAKE) {
            ctx.fireChannelRead(bytes);
            ctx.pipeline().remove(this);
        } else {
            bytes.release();
            ctx.writeAndFlush(Unpooled.wrappedBuffer(ANSWER))
                    .addListener(ChannelFutureListener.CLOSE);
        }
    }
}
