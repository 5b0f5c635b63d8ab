package io.switchboard.testkit;

import io.switchboard.broker.Settlement;
import io.switchboard.testkit.Conversation.Asked;
import io.switchboard.testkit.Conversation.Published;
import io.switchboard.testkit.Conversation.Wish;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One message in one queue, as clients have seen it: every time that it was delivered. A dead
/// letter is another copy of its message.
final class Copy {
    final Published message;
    final int name;
    final long epoch;
    final long sequence;

    /// What was said of it as a dead letter.
    final Handed handed;

    /// By their count, the first one at 0; null where nobody has read it yet.
    private final List<@Nullable Delivery> deliveries = new ArrayList<>(1);

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
        final int count;
        final @Nullable String ack;
        final long readAt;

        /// What its client said of it, and when.
        @Nullable Settlement settlement;

        long settledAt = Conversation.NEVER;
        @Nullable Asked asked;

        /// The transaction in which it did so.
        @Nullable Transaction transaction;

        Delivery(Copy copy, Wish wish, int count, @Nullable String ack, long readAt) {
            this.copy = copy;
            this.wish = wish;
            this.count = count;
            this.ack = ack;
            this.readAt = readAt;
        }

        String messageId() {
            return Long.toUnsignedString(copy.epoch, 36) + '-' + copy.sequence;
        }

        /// When its client let it go by anything that it said.
        long releasedAt() {
            return Math.min(settledAt, Math.min(wish.undoneAt, wish.by.leftAt));
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

    int count() {
        return deliveries.size();
    }

    @Nullable Delivery at(int count) {
        return count >= 1 && count <= deliveries.size() ? deliveries.get(count - 1) : null;
    }

    @Nullable Delivery last() {
        return at(count());
    }

    void add(Delivery delivery) {
        while (deliveries.size() < delivery.count) {
            deliveries.add(null);
        }
        if (deliveries.set(delivery.count - 1, delivery) != null) {
            throw new AssertionError(
                    "message "
                            + message.index
                            + " is delivered twice for the "
                            + delivery.count
                            + ". time");
        }
    }
}
