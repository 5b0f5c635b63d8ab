package io.switchboard.storage;

/// What a store has done and what it holds, at one moment.
///
/// @param batches that are stored
/// @param syncs that they took: batches that wait at the same time share one
/// @param bytes of those batches
/// @param failures batches that were refused because they could not be stored
/// @param messages and values that are stored, as RocksDB estimates them
/// @param liveBytes what those take on the disk, by the same estimate
/// @param diskBytes of all its files
/// @param freeBytes that the disk has left
public record StoreReading(
        long batches,
        long syncs,
        long bytes,
        long failures,
        long messages,
        long liveBytes,
        long diskBytes,
        long freeBytes) {}
