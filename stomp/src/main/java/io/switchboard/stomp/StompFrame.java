package io.switchboard.stomp;

import java.nio.ByteBuffer;

/// One frame. A received one has a read-only body, good until the next call on its connection; who
/// keeps it, copies it. The headers are the frame's own.
public record StompFrame(StompCommand command, StompHeaders headers, ByteBuffer body) {

    private static final ByteBuffer NO_BODY = ByteBuffer.allocate(0).asReadOnlyBuffer();

    /// A frame without body.
    public StompFrame(StompCommand command, StompHeaders headers) {
        this(command, headers, NO_BODY);
    }

    @Override
    public String toString() {
        return command + " " + headers + " body of " + body.remaining();
    }
}
