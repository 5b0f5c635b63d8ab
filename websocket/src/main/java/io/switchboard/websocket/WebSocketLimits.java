package io.switchboard.websocket;

/// What a peer may ask of a [WebSocketConnection]. Nothing is collected here, so these bound how
/// long one message may keep the owner busy rather than memory.
///
/// @param messageLengthMax bytes in one message, inflated if it is compressed; past it the
///   connection fails with 1009
/// @param frameLengthMax bytes in one frame; past it the connection fails with 1009
/// @param fragmentCountMax frames in one message; past it the connection fails with 1008
public record WebSocketLimits(long messageLengthMax, long frameLengthMax, int fragmentCountMax) {

    /// 16 MiB a message, in one frame or in up to 65,536: enough for 4 MiB in fragments of 64
    /// bytes.
    public static final WebSocketLimits DEFAULT =
            new WebSocketLimits(16L << 20, 16L << 20, 1 << 16);

    public WebSocketLimits {
        if (messageLengthMax < 0 || frameLengthMax < 0 || fragmentCountMax < 1) {
            throw new IllegalArgumentException(
                    "expected lengths of at least 0 and a fragment count of at least 1 but was "
                            + messageLengthMax
                            + ", "
                            + frameLengthMax
                            + ", "
                            + fragmentCountMax);
        }
    }
}
