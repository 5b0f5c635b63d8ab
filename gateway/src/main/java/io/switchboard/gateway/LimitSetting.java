package io.switchboard.gateway;

import io.switchboard.broker.Disconnect;
import io.switchboard.broker.Refusal;
import io.switchboard.stomp.StompEvent.Violation;
import org.jspecify.annotations.Nullable;

/// What an operator changes where a client has met a limit. The limits are of modules that know no
/// configuration; here each gets its key there, so that the ERROR can name it.
public enum LimitSetting {
    CONNECT_TIMEOUT("limits.connect-timeout"),
    HEART_BEAT("heart-beat"),
    PING_AFTER("limits.ping-after"),
    HEADER_COUNT("limits.stomp-headers"),
    HEADER_BYTES("limits.stomp-header-bytes"),
    BODY_LENGTH("limits.stomp-body"),
    BEFORE_CONNECTED("limits.before-connected"),
    SUBSCRIPTIONS("limits.subscriptions-per-session"),
    DESTINATIONS("limits.destinations"),
    DESTINATION_LENGTH("limits.destination-length"),
    OUTBOUND_OF_SESSION("limits.outbound-bytes-per-session"),
    OUTBOUND("limits.outbound-bytes"),
    QUEUE_LENGTH("limits.queue-length"),
    QUEUE_MEMORY("limits.queue-bytes"),
    DELAYED("limits.delayed-messages"),
    TRANSACTIONS("limits.transactions-per-session"),
    TRANSACTION_MEMORY("limits.transaction-bytes"),
    TRANSACTION_FRAMES("limits.frames-per-transaction"),
    TRANSACTION_BYTES("limits.bytes-per-transaction"),
    STATE_KEYS("limits.state-keys"),
    STATE_MEMORY("limits.state-bytes"),
    RATE_PATIENCE("limits.rate-patience"),
    SESSIONS_OF_USER("limits.connections-per-user"),
    INBOUND("limits.inbound-bytes"),
    DURABLE_SUBSCRIPTIONS("limits.durable-subscriptions"),
    MAX_LENGTH("destinations.<pattern>.max-length"),
    OVERFLOW("destinations.<pattern>.overflow");

    private final String key;

    LimitSetting(String key) {
        this.key = key;
    }

    /// In the configuration file, with a dot between the levels.
    public String key() {
        return key;
    }

    /// The detail of an ERROR with the setting behind it.
    String behind(String detail) {
        return detail + "; setting: " + key;
    }

    /// Null where no limit was met.
    static @Nullable LimitSetting of(Violation.Kind kind) {
        return switch (kind) {
            case MALFORMED -> null;
            case HEADER_COUNT -> HEADER_COUNT;
            case HEADER_BYTES -> HEADER_BYTES;
            case BODY_LENGTH -> BODY_LENGTH;
            case BEFORE_CONNECTED -> BEFORE_CONNECTED;
        };
    }

    static @Nullable LimitSetting of(Refusal refusal) {
        return switch (refusal.bound()) {
            case OF_ROW -> of(refusal.reason());
            case MAX_LENGTH -> MAX_LENGTH;
            case TRANSACTION_FRAMES -> TRANSACTION_FRAMES;
            case TRANSACTION_BYTES -> TRANSACTION_BYTES;
            case OVERFLOW -> OVERFLOW;
        };
    }

    /// Null where no limit was met, or where the row alone does not say which.
    static @Nullable LimitSetting of(Disconnect reason) {
        return switch (reason) {
            case CONNECT_TIMEOUT -> CONNECT_TIMEOUT;
            case HEARTBEAT_MISSED -> HEART_BEAT;
            case PEER_SILENT -> PING_AFTER;
            case BODY_TOO_LARGE -> BODY_LENGTH;
            case TOO_MUCH_BEFORE_CONNECT -> BEFORE_CONNECTED;
            case TOO_MANY_SUBSCRIPTIONS -> SUBSCRIPTIONS;
            case TOO_MANY_DESTINATIONS -> DESTINATIONS;
            case DESTINATION_TOO_LONG -> DESTINATION_LENGTH;
            case SLOW_CONSUMER -> OUTBOUND_OF_SESSION;
            case OUTBOUND_MEMORY -> OUTBOUND;
            case QUEUE_FULL -> QUEUE_LENGTH;
            case QUEUE_MEMORY -> QUEUE_MEMORY;
            case TOO_MANY_DELAYED -> DELAYED;
            case TOO_MANY_TRANSACTIONS -> TRANSACTIONS;
            case TRANSACTION_MEMORY -> TRANSACTION_MEMORY;
            case STATE_FULL -> STATE_KEYS;
            case STATE_MEMORY -> STATE_MEMORY;
            case RATE_EXCEEDED -> RATE_PATIENCE;
            case TOO_MANY_SESSIONS -> SESSIONS_OF_USER;
            case INBOUND_MEMORY -> INBOUND;
            case TOO_MANY_DURABLE -> DURABLE_SUBSCRIPTIONS;
            case HEADERS_TOO_LARGE,
                    NORMAL,
                    GONE,
                    SHUTDOWN,
                    INTERNAL_ERROR,
                    MALFORMED_FRAME,
                    WEBSOCKET_VIOLATION,
                    WRONG_STATE,
                    NO_COMMON_VERSION,
                    MISSING_HEADER,
                    BAD_HEADER,
                    BAD_DESTINATION,
                    DUPLICATE_SUBSCRIPTION,
                    UNKNOWN_SUBSCRIPTION,
                    UNSUPPORTED,
                    ACCESS_DENIED,
                    STORE_FULL,
                    STORE_FAILED,
                    APPLICATION_FAILED,
                    UNKNOWN_DELIVERY,
                    UNKNOWN_TRANSACTION,
                    DUPLICATE_TRANSACTION,
                    BAD_SELECTOR,
                    NO_HANDLER,
                    LOGIN_FAILED,
                    KICKED,
                    LOGIN_UNAVAILABLE,
                    DUPLICATE_UNDER_WAY,
                    LOGIN_REVOKED,
                    TOKEN_EXPIRED,
                    TAKEN_OVER,
                    TRANSACTION_TOO_LARGE ->
                    null;
        };
    }
}
