package io.switchboard.server;

import java.nio.file.Path;

/// An operator's own certificate, as PEM files.
///
/// @param certificate the server's certificate, followed by those that vouch for it
/// @param key the private key of the first, not encrypted
public record TlsFiles(Path certificate, Path key) {}
