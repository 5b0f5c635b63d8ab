package io.switchboard.server;

import java.nio.file.Path;

/// Whether clients are asked for a certificate in the TLS handshake.
///
/// @param authorities file of those that may vouch for them, PEM
/// @param needed whether one without is turned away
public record ClientCertificates(Path authorities, boolean needed) {}
