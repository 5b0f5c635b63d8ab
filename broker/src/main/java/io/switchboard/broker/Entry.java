package io.switchboard.broker;

import org.jspecify.annotations.Nullable;

/// A message in a queue, from its arrival until it has been settled. Owned by the queue's shard.
///
/// What a queue needs to know of each message it has here; the message itself may be let go where
/// the journal has it ([Backlog]), and the entry is then a **stub**. There may be millions of
/// those, so fields are as small as they can be: an entry has 96 bytes.
final class Entry extends Timed {
    enum State {
        /// Its place is kept, but it is not stored yet, or its transaction is not committed.
        PLACED,
        /// It may be delivered.
        WAITING,
        /// Its time has not come.
        DELAYED,
        /// A consumer has it.
        HELD,
        /// It has been settled, and the journal has not answered.
        SETTLING,
        GONE
    }

    final Queue queue;

    /// The place of its message.
    final long epoch;

    final long sequence;

    /// What its message is charged with while it is in memory.
    final int cost;

    /// In milliseconds since 1970.
    final long arrivedMillis;

    /// The same; 0 for never.
    final long expiresMillis;

    /// Whether the journal has it.
    final boolean durable;

    private final byte priority;
    private @Nullable Message message;
    State state = State.PLACED;

    /// Its place among the others of its priority, lowest first.
    long order;

    /// How often it has been handed to a consumer.
    int deliveryCount;

    // While WAITING, its neighbours in WaitingLine; null in its tree of those put back.
    @Nullable Entry previous;
    @Nullable Entry next;
    boolean putBack;

    /// Who holds it.
    @Nullable Consumer holder;

    /// An open commit settles it.
    boolean promised;

    /// It counts among those whose time has not come.
    boolean delayed;

    /// It is charged as a stub.
    boolean chargedAsStub;

    /// Its message is being read, for the line.
    boolean reading;

    Entry(Queue queue, Message message, boolean durable, long arrivedMillis, long expiresMillis) {
        this.queue = queue;
        this.message = message;
        this.durable = durable;
        this.arrivedMillis = arrivedMillis;
        this.expiresMillis = expiresMillis;
        epoch = message.epoch();
        sequence = message.sequence();
        cost = cost(message.cost());
        // In a topic's order there are no priorities.
        priority =
                (byte)
                        (queue.kind.ofTopic()
                                ? SendOptions.PRIORITY_DEFAULT
                                : message.options().priority());
    }

    /// A stub of what the journal has.
    Entry(Queue queue, Journal.StoredMessage stored) {
        this.queue = queue;
        durable = true;
        chargedAsStub = true;
        arrivedMillis = stored.arrivedMillis();
        expiresMillis = stored.expiresMillis();
        epoch = stored.epoch();
        sequence = stored.sequence();
        cost = cost(stored.cost());
        priority = (byte) (queue.kind.ofTopic() ? SendOptions.PRIORITY_DEFAULT : stored.priority());
    }

    /// Bodies have less than 2 GiB, and no more counts.
    private static int cost(long bytes) {
        return (int) Math.min(bytes, Integer.MAX_VALUE);
    }

    /// @throws IllegalStateException of a stub
    Message message() {
        Message here = message;
        if (here == null) {
            throw new IllegalStateException("the message " + sequence + " is not in memory");
        }
        return here;
    }

    boolean stub() {
        return message == null;
    }

    void letGo() {
        message = null;
    }

    void bringBack(Message read) {
        message = read;
    }

    int priority() {
        return priority;
    }

    @Override
    long turn() {
        return sequence;
    }

    boolean expired(long nowMillis) {
        return expiresMillis != 0 && expiresMillis <= nowMillis;
    }

    /// Out of the queue for good. A browser may still refer to it, so the message is let go.
    void forget() {
        state = State.GONE;
        message = null;
        holder = null;
    }
}
