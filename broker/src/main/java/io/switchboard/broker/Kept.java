package io.switchboard.broker;

/// A message that a topic's home shard has kept, with its place in the topic's order. Immutable.
///
/// @param arrivedMillis in milliseconds since 1970
/// @param expiresMillis the same; 0 for never
record Kept(Message message, long arrivedMillis, long expiresMillis) {
    /// What keeping it costs beside the message, in bytes.
    private static final long OVERHEAD = 48;

    long cost() {
        return message.cost() + OVERHEAD;
    }

    boolean expired(long nowMillis) {
        return expiresMillis != 0 && expiresMillis <= nowMillis;
    }
}
