package io.switchboard.broker;

/// Something that a shard is to look at when a moment has come. Has one deadline at a time, in one
/// [Deadlines]. Owned by its shard.
abstract class Timed {
    /// When it is due, in milliseconds since 1970.
    long deadlineMillis;

    /// Its place in the heap; below 0 for none.
    int deadlineIndex = -1;
}
