package io.switchboard.broker;

/// Takes what a journal gives back to its owner on this shard: the one place that tells homes by
/// their kind. Called before the shard runs.
///
/// A home of a kind that is not known here stops the start: whatever lies in it would never be
/// found again, and never be removed.
final class Restore implements Journal.Restoring {
    private final Shard shard;
    private final Journal.Restoring queues;
    private final Journal.Restoring topics;
    private final Journal.Restoring dedup;
    private final Journal.Restoring durables;

    Restore(
            Shard shard,
            Journal.Restoring queues,
            Journal.Restoring topics,
            Journal.Restoring dedup,
            Journal.Restoring durables) {
        this.shard = shard;
        this.queues = queues;
        this.topics = topics;
        this.dedup = dedup;
        this.durables = durables;
    }

    private Journal.Restoring owner(String home) {
        if (shard.home(home) != shard.index()) {
            throw new IllegalStateException(
                    "expected homes of shard " + shard.index() + " but was " + home);
        }
        if (DestinationName.isQueue(home)) {
            return queues;
        }
        if (DestinationName.isTopic(home) || home.startsWith(StoredStates.HOME)) {
            return topics;
        }
        if (home.startsWith(DedupWindows.HOME)) {
            return dedup;
        }
        if (home.startsWith(DurableName.HOME)) {
            return durables;
        }
        throw new IllegalStateException(
                "expected a home of a known kind but was "
                        + home
                        + "; was this data written by a later version?");
    }

    @Override
    public void value(String home, String name, byte[] value) {
        owner(home).value(home, name, value);
    }

    @Override
    public void message(String home, Journal.StoredMessage stored) {
        owner(home).message(home, stored);
    }
}
