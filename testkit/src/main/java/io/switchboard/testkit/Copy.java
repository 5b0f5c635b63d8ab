package io.switchboard.testkit;

import io.switchboard.broker.Settlement;
import io.switchboard.testkit.Conversation.Asked;
import io.switchboard.testkit.Conversation.Published;
import io.switchboard.testkit.Conversation.Wish;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One message in one queue, as clients have seen it: every time that it was delivered. A dead
/// letter is another copy of its message. Each life of the server counts deliveries anew.
final class Copy {
    final Published message;
    final int name;
    final long epoch;
    final long sequence;

    /// What was said of it as a dead letter.
    final Handed handed;

    /// Life by life and by their count there; null where nobody has read it yet.
    private final List<@Nullable Delivery> deliveries = new ArrayList<>(1);

    /// The last life in which it was delivered, and how often it had been before.
    private int life;

    private int before;

    Copy(Published message, int name, long epoch, long sequence, Handed handed) {
        this.message = message;
        this.name = name;
        this.epoch = epoch;
        this.sequence = sequence;
        this.handed = handed;
    }

    /// One time that it reached a client's socket.
    static final class Delivery {
        final Copy copy;
        final Wish wish;
        final int life;
        final int count;
        final @Nullable String ack;
        final long readAt;

        /// What its client said of it, and when.
        @Nullable Settlement settlement;

        long settledAt = Conversation.NEVER;
        @Nullable Asked asked;

        /// The transaction in which it did so.
        @Nullable Transaction transaction;

        Delivery(Copy copy, Wish wish, int life, int count, @Nullable String ack, long readAt) {
            this.copy = copy;
            this.wish = wish;
            this.life = life;
            this.count = count;
            this.ack = ack;
            this.readAt = readAt;
        }

        String messageId() {
            return id(copy.epoch, copy.sequence);
        }

        /// When its client let it go by anything that it said.
        long releasedAt() {
            return Math.min(settledAt, Math.min(wish.undoneAt, wish.by.leftAt));
        }

        /// It was not settled after all, so its client has it as before.
        void holdAgain() {
            unpromise();
            List<Delivery> held = wish.held;
            if (held.contains(this)) {
                return;
            }
            int at = 0;
            while (at < held.size() && held.get(at).readAt < readAt) {
                at++;
            }
            held.add(at, this);
        }

        void unpromise() {
            transaction = null;
            asked = null;
            settlement = null;
            settledAt = Conversation.NEVER;
        }

        /// What is known to have come of what its client said.
        Fate fate() {
            if (settlement == null || settledAt == Conversation.NEVER) {
                return Fate.NOT;
            }
            if (transaction == null) {
                return Fate.of(asked, wish.by, settledAt);
            }
            return transaction.fate == Fate.DONE && !transaction.joined(asked)
                    ? Fate.UNKNOWN
                    : transaction.fate;
        }
    }

    static String id(long epoch, long sequence) {
        return Long.toUnsignedString(epoch, 36) + '-' + sequence;
    }

    /// In all lives.
    int count() {
        return deliveries.size();
    }

    /// @param number from 0 on, over all lives
    @Nullable Delivery at(int number) {
        return deliveries.get(number);
    }

    @Nullable Delivery last() {
        return deliveries.isEmpty() ? null : deliveries.getLast();
    }

    void add(Delivery delivery) {
        if (delivery.life > life) {
            life = delivery.life;
            before = deliveries.size();
        }
        while (deliveries.size() < before + delivery.count) {
            deliveries.add(null);
        }
        if (deliveries.set(before + delivery.count - 1, delivery) != null) {
            throw new AssertionError(
                    "message "
                            + message.index
                            + " is delivered twice for the "
                            + delivery.count
                            + ". time");
        }
    }
}
