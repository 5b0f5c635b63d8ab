package io.switchboard.server.auth;

/// Says who a client is. Asked at every CONNECT, on a virtual thread of its own, so it may block;
/// it is interrupted when its time is over or the client has gone. Called by many threads at a
/// time.
@FunctionalInterface
public interface Authenticator {
    /// @throws Exception as [Verdict.Unavailable]; the server's log has it
    Verdict authenticate(Credentials credentials) throws Exception;
}
