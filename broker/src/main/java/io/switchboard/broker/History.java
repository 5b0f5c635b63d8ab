package io.switchboard.broker;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// The last messages of a topic, in the order of their places, as many as its [Retention] allows.
/// The oldest go first, and it is remembered up to where. Owned by the topic's home shard, which
/// pays for what is in here ([Histories]).
final class History extends Timed implements Past {
    private static final int CAPACITY_MIN = 8;

    final String destination;
    final Retention retention;

    /// Whether its messages are stored, but for those that do not want it.
    final boolean durable;

    final long epoch;
    private final long policyTtlMillis;

    /// A ring.
    private @Nullable Kept[] ring = new @Nullable Kept[0];

    private int head;
    private int count;
    private long bytes;

    /// All up to this place is gone, or never was in here.
    private long floor;

    /// Of the last message that came in, whether it is still in here or not.
    private long last;

    /// Nobody knows what followed a message up to this place, of an earlier life.
    private long doubtful;

    // --- What the journal has of it, for whoever sees to that ([Histories]) ---

    /// Messages that are gone from here and not from there.
    int lag;

    /// Times that something was appended for it.
    long appends;

    /// It may have something.
    boolean stored;

    /// It knows that in this life messages are kept that are not stored.
    boolean unstoredKnown;

    /// The journal had something of an earlier life.
    private boolean restored;

    /// It is being told to forget all of it.
    boolean clearing;

    /// @param before the sequence before the topic's first
    History(
            String destination,
            Policies.Policy policy,
            Retention retention,
            boolean durable,
            long epoch,
            long before) {
        this.durable = durable;
        this.destination = destination;
        this.retention = retention;
        this.epoch = epoch;
        policyTtlMillis = policy.ttlMillis();
        floor = before;
        last = before;
    }

    int count() {
        return count;
    }

    boolean empty() {
        return count == 0;
    }

    long bytes() {
        return bytes;
    }

    /// All up to this place is gone.
    long floor() {
        return floor;
    }

    /// Of the last message that came in.
    long last() {
        return last;
    }

    boolean stored() {
        return stored;
    }

    // --- What outlived the last process ---

    /// The journal says what was before.
    void restoreBegins() {
        if (!restored) {
            restored = true;
            floor = 0;
            last = 0;
            stored = durable;
        }
    }

    void restoreFloor(long sequence) {
        floor = Math.max(floor, sequence);
        last = Math.max(last, sequence);
    }

    void doubt(long sequence) {
        doubtful = sequence;
    }

    /// A message as it would stand in here.
    Kept kept(Message placed, long arrivedMillis) {
        long expires = placed.options().expiresAt(arrivedMillis, policyTtlMillis);
        return new Kept(placed, arrivedMillis, expires);
    }

    // --- In and out ---

    void add(Kept kept) {
        if (count == ring.length) {
            grow();
        }
        ring[(head + count++) & (ring.length - 1)] = kept;
        bytes += kept.cost();
        last = kept.message().sequence();
    }

    private void grow() {
        @Nullable Kept[] larger = new @Nullable Kept[Math.max(CAPACITY_MIN, 2 * ring.length)];
        for (int i = 0; i < count; i++) {
            larger[i] = at(i);
        }
        ring = larger;
        head = 0;
    }

    /// There is no room for this one at all: as if it had gone at once.
    void pass(Message placed) {
        last = placed.sequence();
        floor = last;
    }

    /// Whether the oldest has to go before there is room for one more of that cost.
    boolean full(long cost) {
        return count > 0
                && (retention.countMax() > 0 && count >= retention.countMax()
                        || retention.bytesMax() > 0 && bytes + cost > retention.bytesMax());
    }

    /// Whether its own bounds allow something of that cost at all.
    boolean takes(long cost) {
        return retention.bytesMax() == 0 || cost <= retention.bytesMax();
    }

    /// When the oldest is too old; `Long.MAX_VALUE` for never.
    long dueMillis() {
        return count == 0 || retention.ageMillis() == 0
                ? Long.MAX_VALUE
                : at(0).arrivedMillis() + retention.ageMillis();
    }

    /// Takes the oldest out; there must be one.
    Kept removeFirst() {
        Kept first = at(0);
        Arrays.fill(ring, head, head + 1, null);
        head = (head + 1) & (ring.length - 1);
        count--;
        bytes -= first.cost();
        floor = first.message().sequence();
        if (count == 0) {
            ring = new @Nullable Kept[0];
            head = 0;
        }
        return first;
    }

    private Kept at(int index) {
        Kept kept = ring[(head + index) & (ring.length - 1)];
        if (kept == null) {
            throw new AssertionError("nothing at " + index + " of " + count);
        }
        return kept;
    }

    // --- As a past ---

    @Override
    public Cursor open(From from, long nowMillis) {
        return switch (from) {
            case From.Start s -> new Cursor(floor);
            case From.Last(int wanted) -> before(Math.max(0, count - wanted));
            case From.Age(long millis) -> before(firstSince(nowMillis - millis));
            case From.After(long ofEpoch, long sequence) -> after(ofEpoch, sequence);
            case From.Now n -> throw new AssertionError(from);
            case From.State s -> throw new AssertionError(from);
        };
    }

    private Cursor before(int index) {
        return new Cursor(index == 0 ? floor : at(index - 1).message().sequence());
    }

    /// What cannot be vouched for is answered with all that is in here, but for what the subscriber
    /// has had for certain.
    private Cursor after(long ofEpoch, long sequence) {
        boolean known =
                ofEpoch == epoch && sequence >= floor && sequence <= last && sequence > doubtful;
        Cursor cursor = new Cursor(ofEpoch == epoch ? Math.max(floor, sequence) : floor);
        cursor.whole = known;
        return cursor;
    }

    @Override
    public @Nullable Kept next(Cursor cursor) {
        if (cursor.sequence < floor) {
            cursor.whole = false;
            cursor.sequence = floor;
        }
        if (cursor.sequence >= last) {
            return null;
        }
        int index = firstAbove(cursor.sequence);
        if (index == count) {
            return null;
        }
        Kept next = at(index);
        cursor.sequence = next.message().sequence();
        return next;
    }

    @Override
    public void close(Cursor cursor) {}

    /// The first with a higher sequence.
    private int firstAbove(long sequence) {
        int from = 0;
        int to = count;
        while (from < to) {
            int middle = (from + to) >>> 1;
            if (at(middle).message().sequence() > sequence) {
                to = middle;
            } else {
                from = middle + 1;
            }
        }
        return from;
    }

    /// The first that arrived then or later. A clock that was set back makes this inexact.
    private int firstSince(long millis) {
        int from = 0;
        int to = count;
        while (from < to) {
            int middle = (from + to) >>> 1;
            if (at(middle).arrivedMillis() >= millis) {
                to = middle;
            } else {
                from = middle + 1;
            }
        }
        return from;
    }
}
