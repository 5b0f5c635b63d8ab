package io.switchboard.testkit;

import io.switchboard.testkit.Conversation.Published;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// The one order in which all subscribers of a destination must see its messages. Two views of it:
/// the epoch and sequence in the message ids, which must be one-to-one with messages and rise at
/// each subscriber, checked at once; and what each subscriber saw after what, which must not form a
/// circle, whatever the ids say, checked at the end.
final class TotalOrder {
    private record Place(long epoch, long sequence) {}

    private final Map<Place, Published> places = new HashMap<>();

    /// Indexes of messages, the earlier and the later in turn.
    private int[] pairs = new int[128];

    private int length;

    void place(Published message, long epoch, long sequence) {
        if (message.seen) {
            if (message.epoch != epoch || message.sequence != sequence) {
                throw new AssertionError("message " + message.index + " has two ids");
            }
            return;
        }
        message.seen = true;
        message.epoch = epoch;
        message.sequence = sequence;
        Published other = places.put(new Place(epoch, sequence), message);
        if (other != null) {
            throw new AssertionError(
                    "messages " + other.index + " and " + message.index + " have one id");
        }
    }

    /// A subscriber saw them in this order, both of one destination.
    void follows(Published earlier, Published later) {
        if (earlier.epoch == later.epoch && earlier.sequence >= later.sequence) {
            throw new AssertionError(
                    "message " + later.index + " comes after " + earlier.index + ", not before");
        }
        if (length == pairs.length) {
            pairs = Arrays.copyOf(pairs, 2 * length);
        }
        pairs[length++] = earlier.index;
        pairs[length++] = later.index;
    }

    /// Takes away what nothing comes before, again and again; what remains goes round in a circle.
    void check(List<Published> published) {
        int count = published.size();
        int[] before = new int[count];
        int[] starts = new int[count + 2];
        for (int i = 0; i < length; i += 2) {
            starts[pairs[i] + 2]++;
            before[pairs[i + 1]]++;
        }
        for (int i = 2; i < starts.length; i++) {
            starts[i] += starts[i - 1];
        }
        int[] later = new int[length / 2];
        for (int i = 0; i < length; i += 2) {
            later[starts[pairs[i] + 1]++] = pairs[i + 1];
        }
        ArrayDeque<Integer> free = new ArrayDeque<>();
        for (int i = 0; i < count; i++) {
            if (before[i] == 0) {
                free.add(i);
            }
        }
        int taken = 0;
        for (Integer first = free.poll(); first != null; first = free.poll()) {
            taken++;
            for (int i = starts[first]; i < starts[first + 1]; i++) {
                if (--before[later[i]] == 0) {
                    free.add(later[i]);
                }
            }
        }
        if (taken < count) {
            for (int i = 0; i < count; i++) {
                if (before[i] > 0) {
                    throw new AssertionError(
                            "subscribers disagree about the order of messages, of "
                                    + i
                                    + " for one");
                }
            }
        }
    }
}
