package io.switchboard.server.auth;

import java.security.cert.X509Certificate;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What a client has shown for itself when it sends its CONNECT.
///
/// @param login the CONNECT's header; null where there is none or an empty one, as are the next two
/// @param authorization the CONNECT's `Authorization` header
/// @param bearer the token of the handshake's `Authorization: Bearer`; null without one
/// @param cookies of the handshake; of several with one name the first
/// @param certificate that the client has proved in the TLS handshake, and an accepted authority
///   vouches for; null without one
/// @param address the peer's, as logs have it
/// @param local whether it came through a listener on a loopback address, by no proxy
/// @param listener `http`, `tls`, `stomp`, `stomp-tls`
public record Credentials(
        @Nullable String login,
        @Nullable String passcode,
        @Nullable String authorization,
        @Nullable String bearer,
        Map<String, String> cookies,
        @Nullable X509Certificate certificate,
        String address,
        boolean local,
        String listener) {
    private static final String SCHEME = "Bearer ";

    public Credentials {
        cookies = Map.copyOf(cookies);
    }

    /// The token of an `Authorization` header; null if it has none.
    public static @Nullable String bearer(@Nullable String authorization) {
        if (authorization == null
                || !authorization.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
            return null;
        }
        return authorization.substring(SCHEME.length()).strip();
    }

    /// Without what is secret.
    @Override
    public String toString() {
        return "Credentials[login=" + login + ", address=" + address + "]";
    }
}
