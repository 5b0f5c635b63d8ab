package io.switchboard.broker;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// What waits for one connection: runs of messages, each `[from, to)` of a [Batch], in the order in
/// which they were delivered. Bounded by its owner, [Session]. An empty queue holds no memory but
/// its fields.
///
/// Nearly every queue has one run per turn, which therefore stands in fields of its own; further
/// ones go to a ring.
final class OutboundQueue {
    private static final int RING_CAPACITY_MIN = 4;

    /// So many times what was left when it was conflated last, it is conflated again.
    private static final int CONFLATED_GROWTH_MAX = 2;

    private @Nullable Batch first;
    private int firstFrom;
    private int firstTo;

    private Batch @Nullable [] ring;
    private int[] ringFrom = NONE;
    private int[] ringTo = NONE;
    private int ringHead;
    private int ringCount;

    private static final int[] NONE = new int[0];

    /// Bytes of all that waits.
    private long bytes;

    /// The part of them that may not be dropped.
    private long controlBytes;

    /// What was left when it was conflated last, less what was written since.
    private long conflatedBytes;

    boolean empty() {
        return first == null;
    }

    long bytes() {
        return bytes;
    }

    long controlBytes() {
        return controlBytes;
    }

    /// Appends the message `index` of the batch. Extending the last run is the path of nearly every
    /// delivery: a comparison and a store.
    void add(Batch batch, int index, int length) {
        bytes += length;
        if (batch.control()) {
            controlBytes += length;
        }
        if (ringCount == 0) {
            if (first == batch && firstTo == index) {
                firstTo = index + 1;
                return;
            }
            if (first == null) {
                first = batch;
                firstFrom = index;
                firstTo = index + 1;
                batch.retain();
                return;
            }
        } else if (ring != null) {
            int last = (ringHead + ringCount - 1) & (ring.length - 1);
            if (ring[last] == batch && ringTo[last] == index) {
                ringTo[last] = index + 1;
                return;
            }
        }
        addRun(batch, index, index + 1);
    }

    /// The batch of the last run if it is the session's own, so that its next frame can join it.
    @Nullable Batch lastControl() {
        Batch last = first;
        if (ringCount > 0 && ring != null) {
            last = ring[(ringHead + ringCount - 1) & (ring.length - 1)];
        }
        return last != null && last.control() ? last : null;
    }

    /// Hands the oldest run to the wire.
    void writeFirst(Wire wire) {
        Batch batch = first;
        if (batch == null) {
            throw new IllegalStateException("nothing waits");
        }
        int start = batch.start(firstFrom);
        int length = batch.end(firstTo - 1) - start;
        wire.write(batch.slab(), start, length);
        if (batch.subscription != null) {
            batch.subscription.wrote(firstTo - firstFrom);
        }
        forget(batch, length);
        batch.release();
        shift();
    }

    /// Drops the oldest messages of that destination until `length` bytes are free of what exceeds
    /// `bytesMax`; answers how many were dropped.
    int dropOldest(String destination, long bytesMax, int length) {
        int dropped = 0;
        // Who is slow with one busy destination has its messages in front; then this is all.
        while (first != null
                && destination.equals(first.destination)
                && bytes + length > bytesMax) {
            forget(first, first.length(firstFrom++));
            dropped++;
            if (firstFrom == firstTo) {
                pollBatch().release();
            }
        }
        if (bytes + length <= bytesMax) {
            return dropped;
        }
        int runs = runCount();
        for (int i = 0; i < runs; i++) {
            Batch batch = pollBatch();
            int from = polledFrom;
            int to = polledTo;
            if (destination.equals(batch.destination)) {
                while (from < to && bytes + length > bytesMax) {
                    forget(batch, batch.length(from++));
                    dropped++;
                }
            }
            if (from < to) {
                addRun(batch, from, to);
            }
            batch.release();
        }
        return dropped;
    }

    /// Whether so much has come since the last time that looking at all of it pays: what was left
    /// then has doubled, so each message is looked at a few times at most, however long it waits.
    boolean worthConflating() {
        conflatedBytes = Math.min(conflatedBytes, bytes);
        return bytes >= CONFLATED_GROWTH_MAX * conflatedBytes;
    }

    /// Leaves of the messages that may be replaced only the latest of each key, and answers how
    /// many were dropped.
    int conflate(Conflation.Copies copies) {
        if (bytes <= conflatedBytes) {
            return 0;
        }
        Conflation conflation = new Conflation();
        try {
            look(conflation);
            if (conflation.dropped() > 0) {
                conflation.copy(copies);
                clear();
                conflation.forEach((batch, index) -> add(batch, index, batch.length(index)));
            }
        } finally {
            conflation.done();
        }
        conflatedBytes = bytes;
        return conflation.dropped();
    }

    private void look(Conflation conflation) {
        if (first != null) {
            conflation.take(first, firstFrom, firstTo);
        }
        for (int i = 0; ring != null && i < ringCount; i++) {
            int slot = (ringHead + i) & (ring.length - 1);
            conflation.take(ring[slot], ringFrom[slot], ringTo[slot]);
        }
    }

    /// Drops everything that may be dropped.
    int dropAll() {
        int dropped = 0;
        int runs = runCount();
        for (int i = 0; i < runs; i++) {
            Batch batch = pollBatch();
            if (batch.control()) {
                addRun(batch, polledFrom, polledTo);
            } else {
                forget(batch, batch.end(polledTo - 1) - batch.start(polledFrom));
                dropped += polledTo - polledFrom;
            }
            batch.release();
        }
        return dropped;
    }

    /// Takes back what was handed over from queues and has not been written: to one subscription,
    /// or to all.
    void takeBack(@Nullable Subscription only) {
        int runs = runCount();
        for (int i = 0; i < runs; i++) {
            Batch batch = pollBatch();
            if (batch.subscription == null || only != null && batch.subscription != only) {
                addRun(batch, polledFrom, polledTo);
            } else {
                forget(batch, batch.end(polledTo - 1) - batch.start(polledFrom));
            }
            batch.release();
        }
    }

    /// Gives every reference back, when the connection has gone.
    void clear() {
        while (first != null) {
            pollBatch().release();
        }
        bytes = 0;
        controlBytes = 0;
    }

    private int polledFrom;
    private int polledTo;

    private Batch pollBatch() {
        Batch batch = first;
        if (batch == null) {
            throw new IllegalStateException("nothing waits");
        }
        polledFrom = firstFrom;
        polledTo = firstTo;
        shift();
        return batch;
    }

    private int runCount() {
        return first == null ? 0 : 1 + ringCount;
    }

    private void forget(Batch batch, int length) {
        bytes -= length;
        if (batch.control()) {
            controlBytes -= length;
        }
    }

    private void addRun(Batch batch, int from, int to) {
        batch.retain();
        if (first == null) {
            first = batch;
            firstFrom = from;
            firstTo = to;
            return;
        }
        Batch[] slots = ring;
        if (slots == null || ringCount == slots.length) {
            slots = grow();
        }
        int slot = (ringHead + ringCount++) & (slots.length - 1);
        slots[slot] = batch;
        ringFrom[slot] = from;
        ringTo[slot] = to;
    }

    private Batch[] grow() {
        int capacity = ringCount == 0 ? RING_CAPACITY_MIN : 2 * ringCount;
        Batch[] slots = new Batch[capacity];
        int[] froms = new int[capacity];
        int[] tos = new int[capacity];
        if (ring != null) {
            for (int i = 0; i < ringCount; i++) {
                int slot = (ringHead + i) & (ring.length - 1);
                slots[i] = ring[slot];
                froms[i] = ringFrom[slot];
                tos[i] = ringTo[slot];
            }
        }
        ring = slots;
        ringFrom = froms;
        ringTo = tos;
        ringHead = 0;
        return slots;
    }

    /// The next run becomes the first.
    private void shift() {
        if (ringCount == 0 || ring == null) {
            first = null;
            ring = null;
            ringFrom = NONE;
            ringTo = NONE;
            conflatedBytes = 0;
            return;
        }
        first = ring[ringHead];
        firstFrom = ringFrom[ringHead];
        firstTo = ringTo[ringHead];
        Arrays.fill(ring, ringHead, ringHead + 1, null);
        ringHead = (ringHead + 1) & (ring.length - 1);
        ringCount--;
    }
}
