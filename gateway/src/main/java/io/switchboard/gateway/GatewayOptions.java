package io.switchboard.gateway;

import io.switchboard.stomp.StompLimits;

/// What an operator may choose about STOMP sessions.
///
/// @param server the `server` header of CONNECTED, `name/version`
/// @param connectTimeoutNanos from accept to CONNECT
/// @param heartBeatMillis offered both ways; 0 offers none
/// @param closeTimeoutNanos how long an ended session's last words may take to leave
public record GatewayOptions(
        String server,
        StompLimits limits,
        long connectTimeoutNanos,
        int heartBeatMillis,
        long closeTimeoutNanos) {
    public static final GatewayOptions DEFAULT =
            new GatewayOptions(
                    "Switchboard/0.1.0",
                    StompLimits.DEFAULT,
                    10_000_000_000L,
                    10_000,
                    5_000_000_000L);
}
