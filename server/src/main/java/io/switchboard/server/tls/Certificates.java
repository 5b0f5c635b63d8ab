package io.switchboard.server.tls;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// What the server's TLS listeners show, and whom they believe.
///
/// @param own the first for clients that ask for no name, or for one that no certificate has
/// @param clients who may vouch for clients; null where none is asked for a certificate
public record Certificates(List<ServerCertificate> own, @Nullable ClientAuthorities clients) {
    public Certificates {
        own = List.copyOf(own);
        if (own.isEmpty()) {
            throw new IllegalArgumentException("expected a certificate");
        }
    }
}
