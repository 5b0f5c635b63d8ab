package io.switchboard.broker;

/// Every way in which the server ends a connection: one row each, for the client (close code and
/// ERROR text) and for the operator (log level).
///
/// Codes 4000 to 4499 mean "come back", 4500 to 4999 "do not, until something is changed"; below
/// 4000 stand those that RFC 6455 section 7.4.1 has a code for.
public enum Disconnect {
    /// The client asked for it.
    NORMAL(1000, "goodbye", Log.DEBUG),
    /// The transport ended without a word from the client.
    GONE(1000, "connection lost", Log.DEBUG),
    SHUTDOWN(1001, "server is shutting down", Log.INFO),

    SLOW_CONSUMER(4000, "too slow: messages wait beyond the limit", Log.WARN),
    OUTBOUND_MEMORY(4001, "the server is short of memory for waiting messages", Log.WARN),
    HEARTBEAT_MISSED(4002, "no heart-beat", Log.INFO),
    CONNECT_TIMEOUT(4003, "no CONNECT in time", Log.INFO),
    PEER_SILENT(4004, "no sign of life", Log.INFO),
    INTERNAL_ERROR(4005, "internal error", Log.ERROR),
    QUEUE_FULL(4006, "queue is full", Log.WARN),
    QUEUE_MEMORY(4007, "the server is short of memory for queues", Log.WARN),
    TRANSACTION_MEMORY(4008, "the server is short of memory for transactions", Log.WARN),
    TOO_MANY_DELAYED(4009, "too many delayed messages", Log.WARN),
    STORE_FULL(4010, "the disk is full", Log.ERROR),
    STORE_FAILED(4011, "the message could not be stored", Log.ERROR),
    APPLICATION_FAILED(4012, "the application failed", Log.WARN),
    LOGIN_UNAVAILABLE(4013, "login is not possible now", Log.WARN),
    /// Of a commit; whoever sends outside of one waits for the first.
    DUPLICATE_UNDER_WAY(4014, "the same message is being sent already", Log.INFO),
    /// Who gets a new token may come back.
    TOKEN_EXPIRED(4015, "token expired", Log.INFO),
    STATE_FULL(4017, "too many keys", Log.WARN),
    STATE_MEMORY(4018, "the server is short of memory for the values of topics", Log.WARN),
    RATE_EXCEEDED(4020, "too much for too long", Log.WARN),
    TOO_MANY_SESSIONS(4021, "too many sessions of this user", Log.WARN),
    INBOUND_MEMORY(4022, "the server is short of memory for incoming frames", Log.WARN),

    MALFORMED_FRAME(4500, "malformed frame", Log.INFO),
    WRONG_STATE(4502, "command not allowed now", Log.INFO),
    NO_COMMON_VERSION(4503, "no common STOMP version", Log.INFO),
    MISSING_HEADER(4504, "missing header", Log.INFO),
    BAD_HEADER(4505, "bad header", Log.INFO),
    BAD_DESTINATION(4506, "bad destination", Log.INFO),
    DUPLICATE_SUBSCRIPTION(4507, "subscription id in use", Log.INFO),
    UNKNOWN_SUBSCRIPTION(4508, "unknown subscription id", Log.INFO),
    UNSUPPORTED(4509, "not supported", Log.INFO),
    ACCESS_DENIED(4510, "access denied", Log.WARN),
    UNKNOWN_DELIVERY(4511, "unknown message", Log.INFO),
    UNKNOWN_TRANSACTION(4512, "unknown transaction", Log.INFO),
    DUPLICATE_TRANSACTION(4513, "transaction id in use", Log.INFO),
    BAD_SELECTOR(4514, "bad selector", Log.INFO),
    NO_HANDLER(4515, "no handler", Log.INFO),
    /// Whatever was wrong: who tries names and passwords learns nothing else.
    LOGIN_FAILED(4516, "login failed", Log.INFO),
    /// The user was removed, or has another password.
    LOGIN_REVOKED(4517, "login revoked", Log.INFO),

    TOO_MANY_DURABLE(4527, "too many durable subscriptions", Log.WARN),
    /// Whoever comes back at once takes it over again.
    TAKEN_OVER(4531, "another connection has taken over the client id", Log.INFO),

    HEADERS_TOO_LARGE(4520, "headers too large", Log.INFO),
    TOO_MUCH_BEFORE_CONNECT(4521, "too much before CONNECT", Log.INFO),
    TOO_MANY_SUBSCRIPTIONS(4522, "too many subscriptions", Log.INFO),
    TOO_MANY_DESTINATIONS(4523, "too many destinations", Log.WARN),
    DESTINATION_TOO_LONG(4524, "destination too long", Log.INFO),
    TOO_MANY_TRANSACTIONS(4525, "too many transactions", Log.INFO),
    TRANSACTION_TOO_LARGE(4526, "transaction too large", Log.INFO),
    KICKED(4530, "disconnected by an administrator", Log.INFO),
    /// The close code is that of the rule that was broken; this one is the most frequent.
    WEBSOCKET_VIOLATION(1002, "WebSocket protocol violation", Log.INFO),
    /// RFC 6455 section 7.4.1 has a code for a message that is too big.
    BODY_TOO_LARGE(1009, "body too large", Log.INFO);

    /// How loud a row is in the log.
    public enum Log {
        DEBUG,
        INFO,
        WARN,
        ERROR
    }

    private final int closeCode;
    private final String text;
    private final Log log;

    Disconnect(int closeCode, String text, Log log) {
        this.closeCode = closeCode;
        this.text = text;
        this.log = log;
    }

    /// The WebSocket close code.
    public int closeCode() {
        return closeCode;
    }

    /// Short and stable: the `message` header of the ERROR, and the reason in the Close frame.
    public String text() {
        return text;
    }

    public Log log() {
        return log;
    }

    /// Whether the client hears an ERROR before the end.
    public boolean error() {
        return this != NORMAL && this != GONE && this != SHUTDOWN;
    }
}
