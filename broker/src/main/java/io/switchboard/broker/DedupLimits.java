package io.switchboard.broker;

/// Bounds of the dedup ids that are remembered.
///
/// @param windowMillis how long one is
/// @param ids of one destination, at most; the oldest go
/// @param bytes of all of them, for the whole node; each shard has its share, past which its oldest
///   go
public record DedupLimits(long windowMillis, int ids, long bytes) {
    public static final DedupLimits DEFAULT = new DedupLimits(120_000, 10_000, 64L << 20);

    public DedupLimits {
        if (windowMillis < 1 || ids < 1 || bytes < 1) {
            throw new IllegalArgumentException(
                    "a window of " + windowMillis + " ms, " + ids + " ids, " + bytes + " bytes");
        }
    }
}
