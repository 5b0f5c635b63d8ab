package io.switchboard.server.app;

import io.switchboard.broker.Disconnect;
import io.switchboard.broker.Refusal;

/// Why something that the program published went nowhere: a client would have got an ERROR with the
/// same text.
public final class PublishRefusedException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final Disconnect reason;

    PublishRefusedException(Refusal refusal) {
        super(refusal.reason().text() + ": " + refusal.detail());
        reason = refusal.reason();
    }

    /// For instance [Disconnect#QUEUE_FULL], or [Disconnect#SHUTDOWN] when the server has stopped.
    public Disconnect reason() {
        return reason;
    }
}
