package io.switchboard.server.transport;

import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.ApplicationProtocolNegotiationHandler;
import java.util.function.Consumer;

/// Waits for the TLS handshake, in which client and server agree on a version of HTTP (RFC 7301),
/// then makes room for it. A client that does not take part speaks HTTP/1.1.
final class Negotiation extends ApplicationProtocolNegotiationHandler {
    private final Consumer<Boolean> agreed;

    /// @param agreed told whether it is HTTP/2
    Negotiation(Consumer<Boolean> agreed) {
        super(ApplicationProtocolNames.HTTP_1_1);
        this.agreed = agreed;
    }

    @Override
    protected void configurePipeline(ChannelHandlerContext ctx, String protocol) {
        agreed.accept(protocol.equals(ApplicationProtocolNames.HTTP_2));
    }

    /// As usual for a port that anybody can knock at.
    @Override
    protected void handshakeFailure(ChannelHandlerContext ctx, Throwable cause) {
        ConnectionLog.LOG.debug(
                "{} TLS handshake failed: {}",
                ctx.channel().remoteAddress(),
                ConnectionLog.reason(cause));
        ctx.close();
    }
}
