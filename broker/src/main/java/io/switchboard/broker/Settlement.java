package io.switchboard.broker;

/// What becomes of a message that a subscriber holds.
public enum Settlement {
    /// Processed: it is gone (ACK).
    ACCEPT,
    /// Not processed: back to its place in the queue, to be delivered again (NACK).
    REQUEUE,
    /// Not to be tried again: to the dead letters (NACK with `requeue:false`).
    REJECT
}
