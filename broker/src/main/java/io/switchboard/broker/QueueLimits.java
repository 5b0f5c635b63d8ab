package io.switchboard.broker;

/// Bounds of queues and transactions.
///
/// @param bytes of all messages in queues, for the whole node; a SEND past it is refused
/// @param length messages in one queue, where its policy says nothing; a further SEND is refused
/// @param delayed messages that wait for their time, for the whole node; each shard has its share
/// @param transactionBytes of all open transactions, for the whole node; a SEND past it is refused
/// @param transactionsPerSession open at a time
/// @param framesPerTransaction SEND, ACK and NACK
/// @param bytesPerTransaction of the messages in one
public record QueueLimits(
        long bytes,
        int length,
        int delayed,
        long transactionBytes,
        int transactionsPerSession,
        int framesPerTransaction,
        long bytesPerTransaction) {
    public static final QueueLimits DEFAULT =
            new QueueLimits(1L << 30, 1_000_000, 1_000_000, 128L << 20, 16, 1_000, 4L << 20);
}
