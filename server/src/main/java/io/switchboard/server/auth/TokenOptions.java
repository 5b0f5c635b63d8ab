package io.switchboard.server.auth;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Which JSON Web Tokens (RFC 7519) are believed. One of `keys` and `jwks` is there.
///
/// @param keys file of public keys or certificates (PEM), or a JWK set, which may hold HMAC keys
/// @param jwks where a JWK set is fetched
/// @param algorithms by their names in RFC 7518 and 8037
/// @param issuer that the token must name; null for any
/// @param audience that must be among the token's; null for any
/// @param nameClaim whose value is the user's name
/// @param rolesClaim whose values are the user's roles; dots lead into objects
/// @param leeway for clocks that differ
/// @param cookie of the handshake that may hold a token; null for none
public record TokenOptions(
        @Nullable Path keys,
        @Nullable URI jwks,
        Set<String> algorithms,
        @Nullable String issuer,
        @Nullable String audience,
        String nameClaim,
        String rolesClaim,
        Duration leeway,
        @Nullable String cookie) {
    public static final Set<String> ALGORITHMS = Tokens.ALGORITHMS;
    public static final String NAME_CLAIM = "sub";
    public static final String ROLES_CLAIM = "roles";
    public static final Duration LEEWAY = Duration.ofSeconds(30);

    public TokenOptions {
        algorithms = Set.copyOf(algorithms);
        if ((keys == null) == (jwks == null)) {
            throw new IllegalArgumentException("expected one of keys and jwks");
        }
        if (algorithms.isEmpty() || !Tokens.ALGORITHMS.containsAll(algorithms)) {
            throw new IllegalArgumentException(
                    "expected algorithms of " + Tokens.ALGORITHMS + " but was " + algorithms);
        }
        if (jwks != null && algorithms.stream().anyMatch(it -> it.startsWith("HS"))) {
            throw new IllegalArgumentException("expected no HMAC with keys that are published");
        }
    }
}
