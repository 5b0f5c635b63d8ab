package io.switchboard.websocket;

/// Why a connection ends, as a number (RFC 6455 section 7.4, and the IANA registry that goes on
/// from there).
public final class CloseCode {
    public static final int NORMAL = 1000;
    public static final int GOING_AWAY = 1001;
    public static final int PROTOCOL_ERROR = 1002;
    public static final int UNSUPPORTED_DATA = 1003;

    /// Stands for a Close without a code; never on the wire.
    public static final int NO_CODE = 1005;

    /// Stands for an end without a Close; never on the wire.
    public static final int ABNORMAL = 1006;

    public static final int INVALID_PAYLOAD = 1007;
    public static final int POLICY_VIOLATION = 1008;
    public static final int TOO_BIG = 1009;
    public static final int EXTENSION_MISSING = 1010;
    public static final int INTERNAL_ERROR = 1011;
    public static final int SERVICE_RESTART = 1012;
    public static final int TRY_AGAIN_LATER = 1013;
    public static final int BAD_GATEWAY = 1014;

    /// Stands for a failed TLS handshake; never on the wire.
    public static final int TLS_FAILED = 1015;

    private CloseCode() {}

    /// Whether a Close frame may carry this code. 1004 is reserved, 1016 to 2999 are not
    /// registered, 3000 to 4999 belong to libraries and applications (RFC 6455 section 7.4.2).
    public static boolean allowedOnTheWire(int code) {
        return (code >= NORMAL && code <= UNSUPPORTED_DATA)
                || (code >= INVALID_PAYLOAD && code <= BAD_GATEWAY)
                || (code >= 3000 && code <= 4999);
    }
}
