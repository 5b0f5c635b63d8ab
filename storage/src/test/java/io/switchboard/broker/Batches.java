package io.switchboard.broker;

import java.util.List;

/// Makes what only shards make.
public final class Batches {
    private Batches() {}

    public static Journal.Batch of(int shard, List<Journal.Change> changes) {
        return new Journal.Batch(shard, changes, failure -> {});
    }

    public static Journal.Reading reading(String home, long epoch, long... sequences) {
        return new Journal.Reading(0, home, epoch, sequences, (messages, failure) -> {});
    }
}
