package io.switchboard.server.transport;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.haproxy.HAProxyMessage;
import io.netty.handler.codec.haproxy.HAProxyMessageDecoder;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Waits for the header of the PROXY protocol, version 1 or 2, with which a trusted proxy says whom
/// it speaks for before anything else is said, TLS included. Then it leaves, and what comes behind
/// the header goes to the handlers that were put into the pipeline instead. A connection that
/// begins otherwise, or not in time, is closed: nobody is there who could be told.
final class ProxyHeader extends ChannelInboundHandlerAdapter implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(ProxyHeader.class);

    /// Extensions in a header of version 2. One of version 1 has none, and at most 107 bytes.
    private static final int LENGTH_MAX = 4 << 10;

    private final Channel channel;
    private final Consumer<@Nullable InetSocketAddress> then;
    private @Nullable ScheduledFuture<?> timer;

    /// The decoder goes on with what is behind a mistake when the connection is closed for it.
    private boolean failed;

    private ProxyHeader(Channel channel, Consumer<@Nullable InetSocketAddress> then) {
        this.channel = channel;
        this.then = then;
    }

    /// @param then is told the client's address, or null if the proxy speaks for itself or does not
    ///   say
    static void await(
            Channel channel, long timeoutNanos, Consumer<@Nullable InetSocketAddress> then) {
        ProxyHeader header = new ProxyHeader(channel, then);
        channel.pipeline().addLast(new HAProxyMessageDecoder(LENGTH_MAX), header);
        header.timer = channel.eventLoop().schedule(header, timeoutNanos, TimeUnit.NANOSECONDS);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (message instanceof HAProxyMessage header) {
            InetSocketAddress client = client(header);
            header.release();
            if (failed) {
                return;
            }
            LOG.debug("{} speaks for {}", channel.remoteAddress(), client);
            ctx.pipeline().remove(this);
            then.accept(client);
        } else {
            ctx.fireChannelRead(message);
        }
    }

    private static @Nullable InetSocketAddress client(HAProxyMessage header) {
        String address = header.sourceAddress();
        byte[] bytes = address == null ? null : NetUtil.createByteArrayFromIpAddressString(address);
        try {
            return bytes == null
                    ? null
                    : new InetSocketAddress(InetAddress.getByAddress(bytes), header.sourcePort());
        } catch (UnknownHostException e) {
            throw new AssertionError("an address has 4 or 16 bytes", e);
        }
    }

    /// The timer fired.
    @Override
    public void run() {
        LOG.debug("{} sent no PROXY header in time", channel.remoteAddress());
        channel.close();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof ChannelInputShutdownEvent) {
            ctx.close();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (!failed) {
            failed = true;
            LOG.debug("{} sent no PROXY header: {}", channel.remoteAddress(), cause.toString());
            ctx.close();
        }
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        if (timer != null) {
            timer.cancel(false);
        }
    }
}
