package io.switchboard.server;

/// Where a running server's options are read again.
@FunctionalInterface
public interface OptionsSource {
    /// @throws StartFailure saying what is wrong, and where
    ServerOptions read() throws StartFailure;
}
