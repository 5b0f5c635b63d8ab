package io.switchboard.websocket;

/// How far the closing handshake has come (RFC 6455 section 7.1). Each direction ends once: ours
/// with the Close that we send, the peer's with its Close or with its violation, after which it is
/// not listened to any more. A server closes TCP as soon as the state is CLOSED; a client gives the
/// server the time to do so first (RFC 6455 section 7.1.1).
///
/// The moves, one row a state:
///
/// | state          | SEND_CLOSE     | RECEIVE_CLOSE  | VIOLATION      | TIME_OUT       |
/// | -------------- | -------------- | -------------- | -------------- | -------------- |
/// | OPEN           | CLOSE_SENT     | CLOSE_RECEIVED | CLOSE_RECEIVED | OPEN           |
/// | CLOSE_SENT     | CLOSE_SENT     | CLOSED         | CLOSED         | CLOSED         |
/// | CLOSE_RECEIVED | CLOSED         | CLOSE_RECEIVED | CLOSE_RECEIVED | CLOSE_RECEIVED |
/// | CLOSED         | CLOSED         | CLOSED         | CLOSED         | CLOSED         |
public enum WebSocketState {
    OPEN,
    CLOSE_SENT,
    CLOSE_RECEIVED,
    CLOSED;

    enum Move {
        SEND_CLOSE,
        RECEIVE_CLOSE,
        VIOLATION,
        TIME_OUT
    }

    /// Whether frames may still be sent: until our Close.
    public boolean maySend() {
        return this == OPEN || this == CLOSE_RECEIVED;
    }

    /// Whether the peer is still listened to: until its Close or violation.
    public boolean mayReceive() {
        return this == OPEN || this == CLOSE_SENT;
    }

    WebSocketState after(Move move) {
        return switch (this) {
            case OPEN ->
                    switch (move) {
                        case SEND_CLOSE -> CLOSE_SENT;
                        case RECEIVE_CLOSE, VIOLATION -> CLOSE_RECEIVED;
                        case TIME_OUT -> OPEN;
                    };
            case CLOSE_SENT ->
                    switch (move) {
                        case SEND_CLOSE -> CLOSE_SENT;
                        case RECEIVE_CLOSE, VIOLATION, TIME_OUT -> CLOSED;
                    };
            case CLOSE_RECEIVED ->
                    switch (move) {
                        case SEND_CLOSE -> CLOSED;
                        case RECEIVE_CLOSE, VIOLATION, TIME_OUT -> CLOSE_RECEIVED;
                    };
            case CLOSED -> CLOSED;
        };
    }
}
