package io.switchboard.server.tls;

import java.security.cert.X509Certificate;
import java.util.List;

/// Whose clients' certificates are believed.
///
/// @param needed whether a client without one is turned away in the TLS handshake
public record ClientAuthorities(List<X509Certificate> certificates, boolean needed) {
    public ClientAuthorities {
        certificates = List.copyOf(certificates);
    }
}
