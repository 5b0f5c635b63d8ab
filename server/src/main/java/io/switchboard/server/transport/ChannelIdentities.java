package io.switchboard.server.transport;

import io.netty.channel.Channel;
import io.netty.handler.codec.http.cookie.Cookie;
import io.netty.handler.codec.http.cookie.ServerCookieDecoder;
import io.netty.handler.ssl.SslHandler;
import io.switchboard.gateway.Identities;
import io.switchboard.gateway.Peer;
import io.switchboard.server.auth.Credentials;
import io.switchboard.server.auth.Logins;
import io.switchboard.websocket.HandshakeRequest;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;

/// Puts together what one connection's client has shown for itself, and asks the server's [Logins].
/// What the handshake said is kept until the CONNECT and no longer. Owned by the connection's event
/// loop.
final class ChannelIdentities implements Identities {
    private final Logins logins;
    private final Channel channel;
    private final Peer peer;
    private final String listener;
    private @Nullable String bearer;
    private Map<String, String> cookies = Map.of();
    private Runnable callOff = () -> {};
    private boolean gone;

    private ChannelIdentities(Logins logins, Channel channel, Peer peer, String listener) {
        this.logins = logins;
        this.channel = channel;
        this.peer = peer;
        this.listener = listener;
    }

    /// @param logins null where everybody is believed
    static Identities of(@Nullable Logins logins, Channel channel, Peer peer, String listener) {
        return logins == null
                ? Identities.believing(peer)
                : new ChannelIdentities(logins, channel, peer, listener);
    }

    /// @param request the handshake
    static Identities of(
            @Nullable Logins logins,
            Channel channel,
            Peer peer,
            String listener,
            HandshakeRequest request) {
        if (logins == null) {
            return Identities.believing(peer);
        }
        ChannelIdentities identities = new ChannelIdentities(logins, channel, peer, listener);
        identities.read(request);
        return identities;
    }

    private void read(HandshakeRequest request) {
        Map<String, String> found = new HashMap<>();
        for (Map.Entry<String, String> field : request.headers()) {
            if (field.getKey().equalsIgnoreCase("authorization") && bearer == null) {
                bearer = Credentials.bearer(field.getValue());
            } else if (field.getKey().equalsIgnoreCase("cookie")) {
                for (Cookie each : ServerCookieDecoder.STRICT.decodeAll(field.getValue())) {
                    found.putIfAbsent(each.name(), each.value());
                }
            }
        }
        cookies = found;
    }

    @Override
    public void identify(Login login, Consumer<Answer> answer) {
        Credentials credentials =
                new Credentials(
                        login.login(),
                        login.passcode(),
                        login.authorization(),
                        bearer,
                        cookies,
                        certificate(),
                        peer.address(),
                        peer.local(),
                        listener);
        bearer = null;
        cookies = Map.of();
        ask(login.session(), credentials, answer);
    }

    /// An answer by users or keys that others have taken the place of meanwhile is none: whoever
    /// looks through the sessions for those that no longer hold did not see this one.
    private void ask(String session, Credentials credentials, Consumer<Answer> answer) {
        long generation = logins.generation();
        callOff =
                logins.ask(
                        session,
                        credentials,
                        said ->
                                channel.eventLoop()
                                        .execute(() -> {
                                            boolean old = generation != logins.generation();
                                            if (old && !gone && said instanceof Answer.Known) {
                                                ask(session, credentials, answer);
                                            } else {
                                                answer.accept(said);
                                            }
                                        }));
    }

    /// Only the token counts: what the handshake showed does not get newer.
    @Override
    public void renew(Renewal renewal, Consumer<Answer> answer) {
        Credentials credentials =
                new Credentials(
                        null,
                        null,
                        "Bearer " + renewal.token(),
                        null,
                        Map.of(),
                        null,
                        peer.address(),
                        peer.local(),
                        listener);
        callOff =
                logins.renew(
                        renewal.session(),
                        credentials,
                        renewal.principal(),
                        said -> channel.eventLoop().execute(() -> answer.accept(said)));
    }

    /// On a stream of HTTP/2 that of its connection.
    private @Nullable X509Certificate certificate() {
        SslHandler tls = channel.pipeline().get(SslHandler.class);
        if (tls == null && channel.parent() != null) {
            tls = channel.parent().pipeline().get(SslHandler.class);
        }
        if (tls == null) {
            return null;
        }
        try {
            Certificate[] chain = tls.engine().getSession().getPeerCertificates();
            return chain.length > 0 && chain[0] instanceof X509Certificate first ? first : null;
        } catch (SSLPeerUnverifiedException e) {
            return null;
        }
    }

    @Override
    public void gone() {
        gone = true;
        callOff.run();
    }
}
