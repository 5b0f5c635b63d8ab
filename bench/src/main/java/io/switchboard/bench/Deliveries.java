package io.switchboard.bench;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/// Holds every delivery against what must come: for each pair of subscriber and publisher the
/// sequence numbers 1, 2, 3 and so on.
///
/// A number that is jumped over is remembered. If it comes later it was reordered, if it never
/// comes it was lost; a number that comes again was doubled.
final class Deliveries {
    /// So many jumped-over numbers are remembered; of those beyond, only the count.
    private static final int MISSING_MAX = 1 << 20;

    private final long[] last;
    private final Map<Integer, Set<Long>> missing = new HashMap<>();
    private int missingCount;
    private long forgotten;

    private long received;
    private long doubled;
    private long reordered;

    Deliveries(int pairCount) {
        last = new long[pairCount];
    }

    /// Takes note of a delivery.
    ///
    /// @return whether it is the first of its number
    boolean take(int pair, long sequence) {
        if (sequence == last[pair] + 1) {
            last[pair] = sequence;
            received++;
            return true;
        }
        return outOfTurn(pair, sequence);
    }

    private boolean outOfTurn(int pair, long sequence) {
        if (sequence > last[pair]) {
            for (long each = last[pair] + 1; each < sequence; each++) {
                if (missingCount == MISSING_MAX) {
                    forgotten += sequence - each;
                    break;
                }
                missing.computeIfAbsent(pair, _ -> new HashSet<>()).add(each);
                missingCount++;
            }
            last[pair] = sequence;
            received++;
            return true;
        }
        Set<Long> late = missing.get(pair);
        if (late != null && late.remove(sequence)) {
            missingCount--;
            reordered++;
            received++;
            return true;
        }
        doubled++;
        return false;
    }

    /// Without doubled ones.
    long received() {
        return received;
    }

    long doubled() {
        return doubled;
    }

    long reordered() {
        return reordered;
    }

    /// What was jumped over and has not come, and what comes after the last that has.
    ///
    /// @param sent how many messages each publisher has sent
    long lost(Population population, long[] sent) {
        long lost = missingCount + forgotten;
        for (int pair = 0; pair < last.length; pair++) {
            lost += Math.max(0, sent[population.publisherOfPair(pair)] - last[pair]);
        }
        return lost;
    }
}
