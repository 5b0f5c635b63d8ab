package io.switchboard.testkit;

/// What happened in one history, or in several, so that a test can show that the histories are as
/// rich as they are meant to be.
///
/// @param digest equal for histories that went equally
/// @param sent messages that clients sent
/// @param heard messages that clients read
/// @param receipts that clients read
/// @param connections that clients made
/// @param dropped messages, by the policies that drop
/// @param slow sessions ended for being too slow
/// @param memory sessions ended for want of the node's memory
/// @param waits for credit
/// @param pending decisions
/// @param refused sessions ended because of a refusal
/// @param delivered messages that came from a queue
/// @param redelivered those of them that had been delivered before
/// @param committed transactions whose COMMIT had a receipt
/// @param storesFailed batches that the journal did not store
/// @param crashes of the server
/// @param crashed histories with a crash
/// @param duplicates of messages that had come in
/// @param recovered subscriptions that were told that nothing is missing of their past
/// @param reads of what was not in memory
public record Outcome(
        long digest,
        long sent,
        long heard,
        long receipts,
        long connections,
        long dropped,
        long slow,
        long memory,
        long waits,
        long pending,
        long refused,
        long delivered,
        long redelivered,
        long committed,
        long storesFailed,
        long crashes,
        long crashed,
        long duplicates,
        long recovered,
        long reads) {
    public static final Outcome NONE =
            new Outcome(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

    public Outcome plus(Outcome other) {
        return new Outcome(
                31 * digest + other.digest,
                sent + other.sent,
                heard + other.heard,
                receipts + other.receipts,
                connections + other.connections,
                dropped + other.dropped,
                slow + other.slow,
                memory + other.memory,
                waits + other.waits,
                pending + other.pending,
                refused + other.refused,
                delivered + other.delivered,
                redelivered + other.redelivered,
                committed + other.committed,
                storesFailed + other.storesFailed,
                crashes + other.crashes,
                crashed + other.crashed,
                duplicates + other.duplicates,
                recovered + other.recovered,
                reads + other.reads);
    }
}
