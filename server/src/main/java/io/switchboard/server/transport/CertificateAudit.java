package io.switchboard.server.transport;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.switchboard.server.auth.AuditLog;
import java.security.cert.CertificateException;
import org.jspecify.annotations.Nullable;

/// Waits for the end of a TLS handshake, and audits a client's certificate that was refused in it:
/// that is a login that failed. Other handshakes that fail are usual for a port that anybody can
/// knock at.
final class CertificateAudit extends ChannelInboundHandlerAdapter {
    private final Terms terms;
    private final Caller caller;

    CertificateAudit(Terms terms, Caller caller) {
        this.terms = terms;
        this.caller = caller;
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof SslHandshakeCompletionEvent end) {
            CertificateException refusal = refusal(end.cause());
            if (refusal != null) {
                AuditLog.certificateRefused(
                        terms.auditLines(),
                        caller.listener(),
                        caller.text(),
                        ConnectionLog.reason(refusal));
            }
            ctx.pipeline().remove(this);
        }
        ctx.fireUserEventTriggered(event);
    }

    private static @Nullable CertificateException refusal(@Nullable Throwable failure) {
        for (Throwable it = failure; it != null; it = it.getCause()) {
            if (it instanceof CertificateException refusal) {
                return refusal;
            }
        }
        return null;
    }
}
