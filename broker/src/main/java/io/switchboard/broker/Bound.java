package io.switchboard.broker;

/// Which bound a [Refusal] is about. Most rows of [Disconnect] have one or none; where a row has
/// several, this says which, so that the client hears what to change.
public enum Bound {
    /// The usual one of its row, if that has any.
    OF_ROW,
    /// Of one queue by its own policy, where [Disconnect#QUEUE_FULL] is usually of all.
    MAX_LENGTH,
    TRANSACTION_FRAMES,
    TRANSACTION_BYTES,
    /// What a slow subscriber of a destination comes to, where the bound itself is fixed.
    OVERFLOW
}
