package io.switchboard.bench;

import java.util.BitSet;

/// Holds every delivery of queues against what must come: each sequence number of each producer
/// once, to any of the queue's consumers, and each consumer gets rising ones. What the server calls
/// redelivered is counted apart: it may come again and has lost its place.
///
/// Sequence numbers begin with 1.
final class QueueDeliveries {
    private final BitSet[] seen;
    private final BitSet[] receipted;
    private final long[] last;

    private long received;
    private long receipts;
    private long doubled;
    private long redelivered;
    private long reordered;

    /// @param pairCount of a consumer and a producer
    QueueDeliveries(int producerCount, int pairCount) {
        seen = sets(producerCount);
        receipted = sets(producerCount);
        last = new long[pairCount];
    }

    private static BitSet[] sets(int count) {
        BitSet[] sets = new BitSet[count];
        for (int i = 0; i < count; i++) {
            sets[i] = new BitSet();
        }
        return sets;
    }

    /// Takes note of a delivery.
    ///
    /// @return whether it is the first of its number
    boolean take(int producer, int pair, long sequence) {
        if (seen[producer].get(Math.toIntExact(sequence))) {
            doubled++;
            return false;
        }
        if (sequence < last[pair]) {
            reordered++;
        } else {
            last[pair] = sequence;
        }
        return first(producer, sequence);
    }

    /// The same for one that the server says it has delivered before.
    boolean takeAgain(int producer, long sequence) {
        redelivered++;
        return !seen[producer].get(Math.toIntExact(sequence)) && first(producer, sequence);
    }

    private boolean first(int producer, long sequence) {
        seen[producer].set(Math.toIntExact(sequence));
        received++;
        return true;
    }

    /// @return whether it is the message's first receipt
    boolean takeReceipt(int producer, long sequence) {
        if (receipted[producer].get(Math.toIntExact(sequence))) {
            return false;
        }
        receipted[producer].set(Math.toIntExact(sequence));
        receipts++;
        return true;
    }

    /// Without doubled ones.
    long received() {
        return received;
    }

    long receipts() {
        return receipts;
    }

    long doubled() {
        return doubled;
    }

    long redelivered() {
        return redelivered;
    }

    long reordered() {
        return reordered;
    }
}
