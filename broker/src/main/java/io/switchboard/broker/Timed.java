package io.switchboard.broker;

/// Something that a shard is to look at when a moment has come. Has one deadline at a time, in one
/// [Deadlines]. Owned by its shard.
abstract class Timed {
    /// Its place in the heap; below 0 for none.
    int deadlineIndex = -1;

    /// Of what is due at one moment the lowest comes first.
    long turn() {
        return 0;
    }
}
