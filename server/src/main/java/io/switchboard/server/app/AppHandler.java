package io.switchboard.server.app;

/// What is done with a message that a client sent below `/app/`.
@FunctionalInterface
public interface AppHandler {
    /// Called on a virtual thread, so it may wait for whatever it likes. The messages of one client
    /// come one after the other, in their order, whichever handlers they are for; those of
    /// different clients at the same time. When it returns the client gets its RECEIPT.
    ///
    /// @throws Exception whatever it is, the client hears that the application failed and no more;
    ///   the log has it whole
    void handle(AppRequest request) throws Exception;
}
