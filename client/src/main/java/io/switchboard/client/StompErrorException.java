package io.switchboard.client;

import java.io.IOException;

/// The server sent an ERROR, after which it closes the connection.
public final class StompErrorException extends IOException {
    private static final long serialVersionUID = 1;

    private final String summary;
    private final String detail;

    StompErrorException(String summary, String detail) {
        super(detail.isBlank() ? summary : summary + ": " + detail.strip());
        this.summary = summary;
        this.detail = detail;
    }

    /// The `message` header.
    public String summary() {
        return summary;
    }

    /// The body.
    public String detail() {
        return detail;
    }
}
