package io.switchboard.server;

import java.nio.file.Path;
import java.util.List;

/// An operator's own certificates, as PEM files.
///
/// @param certificate the server's certificate, followed by those that vouch for it
/// @param key the private key of the first, not encrypted
/// @param others for clients that ask for a name which they have and the first has not
public record TlsFiles(Path certificate, Path key, List<TlsFiles> others) {
    public TlsFiles {
        others = List.copyOf(others);
    }

    /// One certificate for all.
    public TlsFiles(Path certificate, Path key) {
        this(certificate, key, List.of());
    }
}
