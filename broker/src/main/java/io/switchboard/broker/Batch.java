package io.switchboard.broker;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// A run of encoded messages that lie one behind the other in memory. All that one turn of the
/// shard brings for the subscribers of one destination in one wire form becomes one batch; each
/// subscriber's queue then holds "messages 0 to 15 of this batch", and its socket gets them in a
/// single write of bytes that were encoded once for everybody.
///
/// Owned by its shard. Open for [#append] until the turn ends; given back when nothing refers to it
/// any more.
final class Batch {
    /// Where an open batch stops growing: beyond it a fresh one costs less than copying.
    private static final int LENGTH_MAX = 64 << 10;

    /// The policy key: what is dropped for a slow subscriber is dropped by destination. Null for
    /// what the session itself has to say (CONNECTED, RECEIPT, ERROR), which is never dropped.
    final @Nullable String destination;

    /// Whose messages from a queue these are; null for others. They are not dropped either: credit
    /// bounds them.
    final @Nullable Subscription subscription;

    /// The group that the messages are for, where the latest of a key may replace earlier ones
    /// ([Overflow#CONFLATE]); else null.
    final @Nullable Members stream;

    /// By index; only of a stream.
    private @Nullable String[] keys = NO_KEYS;

    private static final @Nullable String[] NO_KEYS = new @Nullable String[0];

    /// What a subscription gets of the past. It is not dropped: it is bounded by the page, and a
    /// hole would be hidden by what follows.
    private final boolean replay;

    private final Slab.Source slabs;
    private final Memory memory;
    private Slab slab;
    private int[] ends = new int[8];
    private int count;
    private int references = 1;
    private boolean open = true;

    Batch(
            @Nullable String destination,
            @Nullable Subscription subscription,
            int capacity,
            Slab.Source slabs,
            Memory memory) {
        this(destination, subscription, null, false, capacity, slabs, memory);
    }

    Batch(
            @Nullable String destination,
            @Nullable Subscription subscription,
            @Nullable Members stream,
            int capacity,
            Slab.Source slabs,
            Memory memory) {
        this(destination, subscription, stream, false, capacity, slabs, memory);
    }

    static Batch ofReplay(int capacity, Slab.Source slabs, Memory memory) {
        return new Batch(null, null, null, true, capacity, slabs, memory);
    }

    private Batch(
            @Nullable String destination,
            @Nullable Subscription subscription,
            @Nullable Members stream,
            boolean replay,
            int capacity,
            Slab.Source slabs,
            Memory memory) {
        this.destination = destination;
        this.subscription = subscription;
        this.stream = stream;
        this.replay = replay;
        this.slabs = slabs;
        this.memory = memory;
        slab = slabs.allocate(capacity);
        memory.bytes += slab.bytes().capacity();
    }

    /// What the batches of one shard hold, in bytes.
    static final class Memory {
        long bytes;
    }

    /// What the session itself has to say.
    boolean control() {
        return destination == null && subscription == null && !replay;
    }

    int count() {
        return count;
    }

    /// Bytes of all messages.
    int length() {
        return count == 0 ? 0 : ends[count - 1];
    }

    int end(int index) {
        return ends[index];
    }

    int start(int index) {
        return index == 0 ? 0 : ends[index - 1];
    }

    int length(int index) {
        return ends[index] - start(index);
    }

    Slab slab() {
        return slab;
    }

    /// Of a message of a [#stream]; null for one without.
    @Nullable String key(int index) {
        return keys[index];
    }

    /// Whether a message of at most this length may be appended.
    boolean takes(int lengthMax) {
        return open && (count == 0 || slab.bytes().position() + lengthMax <= LENGTH_MAX);
    }

    /// Encodes the message behind the others and answers its index.
    ///
    /// @param handover null for a message that is not one subscriber's alone
    int append(Message message, @Nullable Handover handover, WireForm form, int lengthMax) {
        form.encode(message, handover, room(lengthMax));
        return closeEntry(message.options().key());
    }

    /// The same for a message that another batch holds encoded.
    int append(Batch from, int index) {
        int length = from.length(index);
        room(length).put(from.slab.bytes().duplicate().clear().slice(from.start(index), length));
        return closeEntry(from.key(index));
    }

    /// The same for bytes that somebody else puts.
    int append(int lengthMax, Consumer<ByteBuffer> content) {
        content.accept(room(lengthMax));
        return closeEntry(null);
    }

    private int closeEntry(@Nullable String key) {
        if (count == ends.length) {
            ends = Arrays.copyOf(ends, 2 * count);
        }
        if (stream != null) {
            if (count == keys.length) {
                keys = Arrays.copyOf(keys, ends.length);
            }
            keys[count] = key;
        }
        ends[count] = slab.bytes().position();
        return count++;
    }

    /// Nothing of an open batch has been written yet, so its memory may still move.
    private ByteBuffer room(int length) {
        ByteBuffer bytes = slab.bytes();
        if (bytes.remaining() < length) {
            int needed = bytes.position() + length;
            Slab larger = slabs.allocate(Math.max(needed, 2 * bytes.capacity()));
            larger.bytes().put(bytes.flip());
            memory.bytes += larger.bytes().capacity() - bytes.capacity();
            slab.release();
            slab = larger;
            bytes = larger.bytes();
        }
        return bytes;
    }

    boolean open() {
        return open;
    }

    /// No more is appended; the reference of whoever opened it is given back.
    void seal() {
        open = false;
        release();
    }

    void retain() {
        references++;
    }

    void release() {
        assert references > 0;
        if (--references == 0) {
            memory.bytes -= slab.bytes().capacity();
            slab.release();
        }
    }
}
