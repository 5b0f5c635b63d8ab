package io.switchboard.server.config;

import io.switchboard.server.StartFailure;
import io.switchboard.server.auth.AuthOptions;
import io.switchboard.server.auth.CertificateName;
import io.switchboard.server.auth.TokenOptions;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The section `auth` while it is being read.
final class AuthDraft {
    boolean anonymous;
    @Nullable Path users;
    @Nullable CertificateName certificateName;
    Duration timeout = AuthOptions.TIMEOUT;

    /// Whether there is a section `jwt` in it.
    boolean tokens;

    @Nullable Path keys;
    @Nullable URI jwks;
    Set<String> algorithms = new LinkedHashSet<>();
    @Nullable String issuer;
    @Nullable String audience;
    String nameClaim = TokenOptions.NAME_CLAIM;
    String rolesClaim = TokenOptions.ROLES_CLAIM;
    Duration leeway = TokenOptions.LEEWAY;
    @Nullable String cookie;

    AuthOptions options() throws StartFailure {
        if (!anonymous && users == null && certificateName == null && !tokens) {
            throw new StartFailure(
                    "auth: nobody can log in; it needs users, jwt, client-certificate or"
                            + " anonymous: on");
        }
        return new AuthOptions(
                anonymous, users, tokenOptions(), certificateName, timeout, List.of());
    }

    private @Nullable TokenOptions tokenOptions() throws StartFailure {
        if (!tokens) {
            return null;
        }
        try {
            return new TokenOptions(
                    keys,
                    jwks,
                    algorithms,
                    issuer,
                    audience,
                    nameClaim,
                    rolesClaim,
                    leeway,
                    cookie);
        } catch (IllegalArgumentException e) {
            throw new StartFailure("auth.jwt: " + e.getMessage(), e);
        }
    }
}
