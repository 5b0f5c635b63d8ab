package io.switchboard.server.auth;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Who may log in, and with what. The authenticators are asked in the order: those of the program,
/// tokens and passwords in the CONNECT, tokens of the handshake, client certificates, nobody.
///
/// @param anonymous whether somebody who shows nothing gets in, without a name
/// @param users file of names and passwords; null for none
/// @param tokens null for none
/// @param certificateName what of a client certificate is its owner's name; null if those name
///   nobody
/// @param timeout for the whole of a login
/// @param authenticators of the program that embeds the server
public record AuthOptions(
        boolean anonymous,
        @Nullable Path users,
        @Nullable TokenOptions tokens,
        @Nullable CertificateName certificateName,
        Duration timeout,
        List<Authenticator> authenticators) {
    public static final Duration TIMEOUT = Duration.ofSeconds(5);

    public AuthOptions {
        authenticators = List.copyOf(authenticators);
    }

    /// Nobody but whom this one accepts.
    public static AuthOptions by(Authenticator authenticator) {
        return new AuthOptions(false, null, null, null, TIMEOUT, List.of(authenticator));
    }
}
