package io.switchboard.gateway;

import io.switchboard.broker.Disconnect;

/// A frame asks for something that it does not get. Carries the reason up to the session, which
/// tells the client; it never leaves this module.
final class RefusedFrame extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final Disconnect reason;
    private final String detail;

    /// @param detail what was expected, what came, what to do
    RefusedFrame(Disconnect reason, String detail) {
        super(detail, null, false, false);
        this.reason = reason;
        this.detail = detail;
    }

    Disconnect reason() {
        return reason;
    }

    String detail() {
        return detail;
    }
}
