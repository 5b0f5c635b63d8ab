package io.switchboard.server.transport;

import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.handler.codec.http2.Http2SecurityUtil;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SniHandler;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.SupportedCipherSuiteFilter;
import io.netty.util.DomainWildcardMappingBuilder;
import io.netty.util.Mapping;
import io.switchboard.server.StartFailure;
import io.switchboard.server.tls.Certificates;
import io.switchboard.server.tls.ClientAuthorities;
import io.switchboard.server.tls.ServerCertificate;
import java.security.GeneralSecurityException;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;

/// TLS on one listener: which certificate a client is shown, by the name that it asks for (RFC 6066
/// section 3), and what is agreed with it. The certificates may be replaced at any time, for the
/// handshakes that begin from then on; connections that are there stay as they are. For all
/// threads.
final class ServerTls {
    private static final String[] VERSIONS = {"TLSv1.3", "TLSv1.2"};

    /// Of a ClientHello; more than any client needs, post-quantum keys included.
    private static final int CLIENT_HELLO_LENGTH_MAX = 16 << 10;

    private static final ApplicationProtocolConfig HTTP_2_OR_1 =
            new ApplicationProtocolConfig(
                    Protocol.ALPN,
                    SelectorFailureBehavior.NO_ADVERTISE,
                    SelectedListenerFailureBehavior.ACCEPT,
                    ApplicationProtocolNames.HTTP_2,
                    ApplicationProtocolNames.HTTP_1_1);

    private final boolean http2;
    private volatile Contexts contexts;

    /// @param single whether there is one certificate only, so that no name matters
    private record Contexts(
            boolean single, SslContext first, Mapping<? super String, SslContext> byName) {}

    /// @param http2 whether it is offered beside HTTP/1.1
    /// @throws StartFailure if a certificate cannot be used
    ServerTls(Certificates certificates, boolean http2) throws StartFailure {
        this.http2 = http2;
        contexts = contexts(certificates);
    }

    /// Makes what others are to be replaced with.
    ///
    /// @return to be called for the change
    /// @throws StartFailure if a certificate cannot be used; then nothing has changed
    Runnable prepare(Certificates certificates) throws StartFailure {
        Contexts fresh = contexts(certificates);
        return () -> contexts = fresh;
    }

    private Contexts contexts(Certificates certificates) throws StartFailure {
        SslContext first = context(certificates.own().getFirst(), certificates);
        DomainWildcardMappingBuilder<SslContext> byName = new DomainWildcardMappingBuilder<>(first);
        Set<String> taken = new HashSet<>();
        for (ServerCertificate each : certificates.own()) {
            boolean isFirst = each == certificates.own().getFirst();
            SslContext context = isFirst ? first : context(each, certificates);
            for (String name : each.names()) {
                if (taken.add(name)) {
                    byName.add(name, context);
                }
            }
        }
        return new Contexts(certificates.own().size() == 1, first, byName.build());
    }

    private SslContext context(ServerCertificate certificate, Certificates all)
            throws StartFailure {
        try {
            // With forward secrecy and authenticated encryption alone, which is what HTTP/2 leaves
            // of the suites (RFC 9113 section 9.2.2).
            SslContextBuilder context =
                    SslContextBuilder.forServer(certificate.key(), certificate.chain())
                            .sslProvider(
                                    OpenSsl.isAvailable() ? SslProvider.OPENSSL : SslProvider.JDK)
                            .protocols(VERSIONS)
                            .ciphers(
                                    Http2SecurityUtil.CIPHERS, SupportedCipherSuiteFilter.INSTANCE);
            if (http2) {
                context.applicationProtocolConfig(HTTP_2_OR_1);
            }
            ClientAuthorities authorities = all.clients();
            if (authorities != null) {
                context.trustManager(ClientTrust.in(authorities))
                        .clientAuth(
                                authorities.needed() ? ClientAuth.REQUIRE : ClientAuth.OPTIONAL);
            }
            return context.build();
        } catch (SSLException | GeneralSecurityException e) {
            throw new StartFailure(
                    "the certificate cannot be used for TLS ("
                            + e.getMessage()
                            + "): choose"
                            + " another one with --tls-certificate and --tls-key",
                    e);
        }
    }

    /// What a connection begins with. The certificate is chosen when the client has said which name
    /// it wants.
    ChannelHandler handler(Channel channel, Terms terms) {
        Contexts now = contexts;
        if (now.single) {
            return handler(now.first, channel.alloc(), terms);
        }
        return new SniHandler(
                now.byName,
                CLIENT_HELLO_LENGTH_MAX,
                TimeUnit.NANOSECONDS.toMillis(terms.headTimeoutNanos())) {
            @Override
            protected SslHandler newSslHandler(SslContext context, ByteBufAllocator allocator) {
                return handler(context, allocator, terms);
            }
        };
    }

    private static SslHandler handler(SslContext context, ByteBufAllocator allocator, Terms terms) {
        SslHandler handler = context.newHandler(allocator);
        handler.setHandshakeTimeout(terms.headTimeoutNanos(), TimeUnit.NANOSECONDS);
        handler.setCloseNotifyFlushTimeout(terms.lingerNanos(), TimeUnit.NANOSECONDS);
        return handler;
    }
}
