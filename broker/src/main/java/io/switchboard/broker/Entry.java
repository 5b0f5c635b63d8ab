package io.switchboard.broker;

import org.jspecify.annotations.Nullable;

/// A message in a queue, from its arrival until it has been settled. Owned by the queue's shard.
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

    private static final Message NOTHING = Message.of("", Headers.NONE, new byte[0], true);

    final Queue queue;
    final long cost;

    /// In milliseconds since 1970.
    final long arrivedMillis;

    /// The same; 0 for never.
    final long expiresMillis;

    /// Whether the journal has it.
    final boolean durable;

    private Message message;
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

    Entry(Queue queue, Message message, boolean durable, long arrivedMillis, long expiresMillis) {
        this.queue = queue;
        this.message = message;
        this.durable = durable;
        this.arrivedMillis = arrivedMillis;
        this.expiresMillis = expiresMillis;
        cost = message.cost();
    }

    Message message() {
        return message;
    }

    /// In a topic's order there are no priorities.
    int priority() {
        return queue.kind == Queue.Kind.PRIVATE
                ? SendOptions.PRIORITY_DEFAULT
                : message.options().priority();
    }

    boolean expired(long nowMillis) {
        return expiresMillis != 0 && expiresMillis <= nowMillis;
    }

    /// Out of the queue for good. A browser may still refer to it, so the message is let go.
    void forget() {
        state = State.GONE;
        message = NOTHING;
        holder = null;
    }
}
