package io.switchboard.client;

import io.switchboard.stomp.HeartBeat;
import io.switchboard.stomp.StompLimits;
import io.switchboard.websocket.PermessageDeflate;
import java.net.URI;
import java.time.Duration;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Where and how a [StompClient] connects.
///
/// @param url `ws://host[:port]/path` or `wss://…` for STOMP inside a WebSocket,
///   `tcp://host[:port]` or `tls://…` for STOMP alone
/// @param login null for anonymous
/// @param clientId the client beyond this connection, whose durable subscriptions it has; a later
///   connection of the same login with the same one takes over. Null for none
/// @param timeout for each of: connecting, waiting for CONNECTED, waiting for a RECEIPT, handing
///   over a frame while the server does not read
/// @param limits on what the server sends
/// @param compression that a WebSocket offers: of each direction, how far messages may refer back
///   ([PermessageDeflate#NO_CONTEXT] and so on); null for none
public record ClientOptions(
        URI url,
        @Nullable String login,
        @Nullable String passcode,
        @Nullable String clientId,
        Trust trust,
        Duration timeout,
        HeartBeat heartBeat,
        StompLimits limits,
        @Nullable PermessageDeflate compression) {

    private static final HeartBeat HEART_BEAT = new HeartBeat(10_000, 10_000);

    /// A MESSAGE has the headers of its SEND and those of the server besides, and where the sender
    /// spoke a version without escapes, up to two octets for each of theirs. So a client takes more
    /// than a server does.
    private static final StompLimits LIMITS =
            StompLimits.DEFAULT.withHeaderCountMax(256).withHeaderBytesMax(64 << 10);

    public ClientOptions {
        Scheme.of(url);
        if (url.getHost() == null || url.getRawUserInfo() != null || url.getRawFragment() != null) {
            throw new IllegalArgumentException(
                    "expected scheme://host[:port][/path] without user and fragment");
        }
        if (!timeout.isPositive()) {
            throw new IllegalArgumentException(
                    "expected a positive timeout but was " + timeout.toMillis() + " ms");
        }
    }

    /// Anonymous, with the certificates of the system, 15 seconds for each wait and heart-beats of
    /// 10 seconds offered both ways.
    public static ClientOptions of(URI url) {
        return new ClientOptions(
                url,
                null,
                null,
                null,
                Trust.system(),
                Duration.ofSeconds(15),
                HEART_BEAT,
                LIMITS,
                null);
    }

    public ClientOptions withLogin(@Nullable String login, @Nullable String passcode) {
        return new ClientOptions(
                url, login, passcode, clientId, trust, timeout, heartBeat, limits, compression);
    }

    public ClientOptions withClientId(@Nullable String clientId) {
        return new ClientOptions(
                url, login, passcode, clientId, trust, timeout, heartBeat, limits, compression);
    }

    public ClientOptions withTrust(Trust trust) {
        return new ClientOptions(
                url, login, passcode, clientId, trust, timeout, heartBeat, limits, compression);
    }

    public ClientOptions withTimeout(Duration timeout) {
        return new ClientOptions(
                url, login, passcode, clientId, trust, timeout, heartBeat, limits, compression);
    }

    public ClientOptions withHeartBeat(HeartBeat heartBeat) {
        return new ClientOptions(
                url, login, passcode, clientId, trust, timeout, heartBeat, limits, compression);
    }

    public ClientOptions withLimits(StompLimits limits) {
        return new ClientOptions(
                url, login, passcode, clientId, trust, timeout, heartBeat, limits, compression);
    }

    /// Offers permessage-deflate, with messages that refer back to earlier ones as far as the
    /// server allows, or does not.
    public ClientOptions withCompression(boolean offered) {
        return withCompression(offered ? PermessageDeflate.FULL_CONTEXT : null);
    }

    /// Offers permessage-deflate with these parameters. What the server makes of them is less or
    /// the same; a server that declines leaves the connection uncompressed. Without context in a
    /// direction this side keeps nothing for it between messages.
    ///
    /// @param offered null for no offer
    public ClientOptions withCompression(@Nullable PermessageDeflate offered) {
        return new ClientOptions(
                url, login, passcode, clientId, trust, timeout, heartBeat, limits, offered);
    }

    Scheme scheme() {
        return Scheme.of(url);
    }

    int port() {
        return url.getPort() < 0 ? scheme().port : url.getPort();
    }

    /// For messages: no passcode.
    @Override
    public String toString() {
        return login == null ? url.toString() : login + " at " + url;
    }

    enum Scheme {
        WS(80, true, false),
        WSS(443, true, true),
        TCP(61613, false, false),
        TLS(61614, false, true);

        final int port;
        final boolean webSocket;
        final boolean tls;

        Scheme(int port, boolean webSocket, boolean tls) {
            this.port = port;
            this.webSocket = webSocket;
            this.tls = tls;
        }

        static Scheme of(URI url) {
            String name = url.getScheme() == null ? "" : url.getScheme();
            return switch (name.toLowerCase(Locale.ROOT)) {
                case "ws" -> WS;
                case "wss" -> WSS;
                case "tcp" -> TCP;
                case "tls" -> TLS;
                default ->
                        throw new IllegalArgumentException(
                                "expected a URL with ws, wss, tcp or tls but was " + url);
            };
        }
    }
}
