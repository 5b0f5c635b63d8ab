package io.switchboard.server.transport;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/// Stands in a connection's pipeline for as long as it is handshaking, and counts it among the
/// [Handshakes] until it is removed: when the handshake is over, or by Netty when the connection
/// ends.
final class Handshaking extends ChannelInboundHandlerAdapter {
    private final Handshakes handshakes;

    /// Null while it counts for no address.
    private @Nullable InetAddress address;

    private Handshaking(Handshakes handshakes) {
        this.handshakes = handshakes;
    }

    /// One that counts already; null if there are too many. Must be put into a pipeline.
    ///
    /// @param address null for one that is not to count for its address
    static @Nullable Handshaking of(Handshakes handshakes, @Nullable InetAddress address) {
        if (!handshakes.take()) {
            return null;
        }
        Handshaking one = new Handshaking(handshakes);
        if (address != null && !one.count(address)) {
            handshakes.leave();
            return null;
        }
        return one;
    }

    /// Counts it for this address from now on, too.
    ///
    /// @return false if that has too many
    boolean count(InetAddress client) {
        if (!handshakes.take(client)) {
            return false;
        }
        address = client;
        return true;
    }

    /// The connection is what it was opened for.
    static void over(Channel channel) {
        if (channel.pipeline().get(Handshaking.class) != null) {
            channel.pipeline().remove(Handshaking.class);
        }
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        handshakes.leave();
        if (address != null) {
            handshakes.leave(address);
        }
    }

    /// Ends it where the server does not say a word before the handshake is over.
    static final class UntilFirstWrite extends ChannelOutboundHandlerAdapter {
        @Override
        public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
            over(ctx.channel());
            ctx.pipeline().remove(this);
            ctx.write(message, promise);
        }
    }
}
