package io.switchboard.stomp;

import org.jspecify.annotations.Nullable;

/// A `heart-beat` header: what its sender can promise to send and what it wants to receive, in
/// milliseconds; 0 is "cannot" and "need not" (STOMP 1.2, Heart-beating).
public record HeartBeat(int outgoingMillis, int incomingMillis) {

    public static final HeartBeat NONE = new HeartBeat(0, 0);

    public HeartBeat {
        if (outgoingMillis < 0 || incomingMillis < 0) {
            throw new IllegalArgumentException("a heart-beat period is not negative");
        }
    }

    /// The value of a header; no header equals `0,0`. Null when it is not two whole numbers that
    /// fit an `int`, with one comma: the caller refuses the connection. Spaces around a number are
    /// let through, as `stomp.py` lets them through.
    public static @Nullable HeartBeat parse(@Nullable String header) {
        if (header == null) {
            return NONE;
        }
        int comma = header.indexOf(',');
        if (comma < 0) {
            return null;
        }
        int outgoing = wholeNumber(header.substring(0, comma).strip());
        int incoming = wholeNumber(header.substring(comma + 1).strip());
        return outgoing < 0 || incoming < 0 ? null : new HeartBeat(outgoing, incoming);
    }

    /// Or -1. `Integer.parseInt` would take a sign and the digits of other scripts.
    private static int wholeNumber(String digits) {
        if (digits.isEmpty()) {
            return -1;
        }
        long number = 0;
        for (int i = 0; i < digits.length(); i++) {
            char digit = digits.charAt(i);
            if (digit < '0' || digit > '9') {
                return -1;
            }
            number = number * 10 + (digit - '0');
            if (number > Integer.MAX_VALUE) {
                return -1;
            }
        }
        return (int) number;
    }

    /// How often this side must send, 0 for never, when the peer's header is `peer`.
    public int outgoingPeriodMillis(HeartBeat peer) {
        return period(outgoingMillis, peer.incomingMillis);
    }

    /// How often this side will hear from the peer, 0 for never.
    public int incomingPeriodMillis(HeartBeat peer) {
        return period(peer.outgoingMillis, incomingMillis);
    }

    private static int period(int promised, int wanted) {
        return promised == 0 || wanted == 0 ? 0 : Math.max(promised, wanted);
    }

    /// The value as it stands in the header.
    public String text() {
        return outgoingMillis + "," + incomingMillis;
    }
}
