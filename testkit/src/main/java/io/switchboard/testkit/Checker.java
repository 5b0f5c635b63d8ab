package io.switchboard.testkit;

import io.switchboard.broker.Overflow;
import io.switchboard.testkit.Conversation.Asked;
import io.switchboard.testkit.Conversation.Published;
import io.switchboard.testkit.Conversation.Wish;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Holds the promises of the broker against what the clients of a history said and heard. It sees
/// the two ends of each connection only, never the broker's state, so it cannot share a mistake
/// with it. Time is a count of what was said and heard.
///
/// - Order: per destination all subscribers see one order ([TotalOrder]); per publisher and
///   destination it is the order of the SENDs; a SEND that was made after another's RECEIPT was
///   seen arrives after it, whatever the destinations.
/// - Receipts: each once and to the right one; a MESSAGE to oneself is before the RECEIPT of its
///   SEND; nothing comes for a subscription after the RECEIPT of its UNSUBSCRIBE; nothing for what
///   was refused.
/// - Completeness: who had the RECEIPT of a SUBSCRIBE gets each message that was sent after, unless
///   the session ended or a policy dropped it, and dropped is no more than what was counted.
final class Checker {
    private final Terms terms;
    private final TotalOrder order = new TotalOrder();
    private final List<Published> published = new ArrayList<>();
    private final List<Asked> asked = new ArrayList<>();
    private final List<Conversation> conversations = new ArrayList<>();

    /// Last message of a publisher to a destination that a wish has seen: the key is all three.
    private final Map<Long, Published> lastOfPublisher = new HashMap<>();

    private int wishes;
    private long now;
    private long hash;
    private long heard;
    private long receipts;

    /// What happened, when somebody wants to read it.
    private final @Nullable List<String> trace;

    Checker(Terms terms, @Nullable List<String> trace) {
        this.terms = terms;
        this.trace = trace;
    }

    /// Equal for histories that went equally.
    long hash() {
        return hash;
    }

    int sent() {
        return published.size();
    }

    long heard() {
        return heard;
    }

    long receipts() {
        return receipts;
    }

    int connections() {
        return conversations.size();
    }

    void note(String what, long a, long b) {
        hash = 31 * (31 * (31 * hash + what.hashCode()) + a) + b;
        if (trace != null) {
            trace.add(now + " " + what + " " + a + " " + b);
        }
    }

    AssertionError broken(String promise) {
        return new AssertionError(promise);
    }

    // --- What clients say ---

    Conversation begin(int login) {
        Conversation conversation = new Conversation(conversations.size(), login);
        conversations.add(conversation);
        note("connect", conversation.index, login);
        now++;
        return conversation;
    }

    Published publish(Conversation by, int name, int padding) {
        boolean denied = Names.mayNotSend(by.login, name);
        Published message = new Published(published.size(), by, name, padding, ++now, denied);
        published.add(message);
        by.refusalDue |= denied;
        note("send", by.index, message.index);
        return message;
    }

    Wish wish(Conversation by, int id, int pattern) {
        boolean denied = Names.mayNotWish(by.login, pattern);
        Wish wish = new Wish(wishes++, by, id, pattern, denied);
        by.refusalDue |= denied;
        by.history.add(wish);
        while (by.wishes.size() <= id) {
            by.wishes.add(null);
        }
        by.wishes.set(id, wish);
        now++;
        note("subscribe " + Names.wish(pattern), by.index, id);
        return wish;
    }

    void undo(Wish wish) {
        wish.undoneAt = ++now;
        note("unsubscribe", wish.by.index, wish.id);
    }

    void leave(Conversation by) {
        by.leftAt = ++now;
        note("disconnect", by.index, 0);
    }

    void drop(Conversation by) {
        by.dropped = true;
        by.leftAt = ++now;
        note("drop", by.index, 0);
    }

    /// The number of a receipt to ask for.
    Asked ask(
            Conversation by,
            @Nullable Published sent,
            @Nullable Wish begun,
            @Nullable Wish undone) {
        Asked question = new Asked(asked.size(), by, sent, begun, undone);
        question.refused = sent != null && sent.denied || begun != null && begun.denied;
        asked.add(question);
        by.asked.add(question);
        return question;
    }

    // --- What clients hear ---

    Line.Ears ears(Conversation conversation) {
        return new Listener(conversation);
    }

    private final class Listener implements Line.Ears {
        private final Conversation self;

        Listener(Conversation self) {
            this.self = self;
        }

        private void heard(String what, long a, long b) {
            now++;
            note(what, self.index, 1_000_000 * a + b);
            if (self.errorHeard || self.endHeard) {
                throw broken("client " + self.index + " hears " + what + " after its end");
            }
        }

        @Override
        public void connected() {
            heard("connected", 0, 0);
            if (self.connectedAt != Conversation.NEVER) {
                throw broken("connected twice");
            }
            self.connectedAt = now;
        }

        @Override
        public void message(int id, int index, int padding, int name, long epoch, long sequence) {
            heard("message", id, index);
            if (self.missing != null) {
                throw broken(self.missing);
            }
            Wish wish = id >= 0 && id < self.wishes.size() ? self.wishes.get(id) : null;
            if (wish == null || wish.goneAt != Conversation.NEVER) {
                throw broken("a message for the subscription " + id + " that is none");
            }
            if (index < 0 || index >= published.size()) {
                throw broken("a message that nobody sent: " + index);
            }
            Published message = published.get(index);
            if (message.denied || wish.denied) {
                throw broken("message " + index + " was denied and arrives");
            }
            if (name != message.name || !wish.means(name)) {
                throw broken("message " + index + " is misrouted to subscription " + id);
            }
            if (padding != message.padding) {
                throw broken("message " + index + " has changed its length");
            }
            arrives(message, wish, epoch, sequence);
        }

        private void arrives(Published message, Wish wish, long epoch, long sequence) {
            int index = message.index;
            if (!wish.arrive(index)) {
                throw broken("message " + index + " arrives twice at one subscription");
            }
            if (message.by == self && message.receiptAt != Conversation.NEVER) {
                throw broken("message " + index + " to oneself after the receipt of its SEND");
            }
            if (message.receiptAt < self.latestMadeAt) {
                throw broken(
                        "message " + index + " after one that was sent when it had its receipt");
            }
            self.latestMadeAt = Math.max(self.latestMadeAt, message.madeAt);
            heard++;
            order.place(message, epoch, sequence);
            Published last = wish.last[message.name];
            if (last != null) {
                order.follows(last, message);
            }
            wish.last[message.name] = message;
            long key = ((long) wish.number << 32) + message.by.index * Names.COUNT + message.name;
            Published earlier = lastOfPublisher.put(key, message);
            if (earlier != null && earlier.index > index) {
                throw broken("message " + index + " after " + earlier.index + " of its publisher");
            }
        }

        @Override
        public void receipt(int number) {
            heard("receipt", number, 0);
            if (number < 0 || number >= asked.size() || asked.get(number).by != self) {
                throw broken("a receipt that this client did not ask for: " + number);
            }
            Asked question = asked.get(number);
            if (question.answered) {
                throw broken("the receipt " + number + " comes twice");
            }
            if (question.refused) {
                throw broken("the receipt " + number + " of a command that must be refused");
            }
            question.answered = true;
            receipts++;
            if (question.published != null) {
                published(question.published);
            } else if (question.begun != null) {
                question.begun.activeAt = now;
            } else if (question.undone != null) {
                undone(question.undone);
            } else {
                left();
            }
        }

        private void published(Published message) {
            message.receiptAt = now;
            for (Wish wish : self.wishes) {
                if (wish != null && wish.undoneAt == Conversation.NEVER) {
                    mustHave(wish, message);
                }
            }
        }

        private void undone(Wish wish) {
            wish.goneAt = now;
            self.wishes.set(wish.id, null);
            for (Published message : published) {
                if (message.receiptAt < wish.undoneAt) {
                    mustHave(wish, message);
                }
            }
        }

        private void left() {
            if (self.missing != null) {
                throw broken(self.missing);
            }
            for (Asked question : self.asked) {
                if (!question.answered && !question.refused) {
                    throw broken("left before the receipt " + question.number);
                }
            }
        }

        @Override
        public void error(String reason) {
            heard("error", reason.hashCode(), 0);
            if (!expected(reason)) {
                throw broken("client " + self.index + " is ended for no reason: " + reason);
            }
            if (self.missing != null
                    && !reason.equals("SLOW_CONSUMER")
                    && !reason.equals("OUTBOUND_MEMORY")) {
                throw broken(self.missing);
            }
            self.errorHeard = true;
        }

        private boolean expected(String reason) {
            return switch (reason) {
                case "ACCESS_DENIED" -> self.refusalDue;
                case "BAD_DESTINATION", "DUPLICATE_SUBSCRIPTION", "UNKNOWN_SUBSCRIPTION" ->
                        self.mistakeMade;
                case "TOO_MANY_SUBSCRIPTIONS" ->
                        self.history.size() + (self.mistakeMade ? 1 : 0)
                                > terms.limits().subscriptionsPerSession();
                case "TOO_MANY_DESTINATIONS" ->
                        terms.limits().destinations() / terms.shards() < Names.WISH_COUNT * 2;
                case "SLOW_CONSUMER", "OUTBOUND_MEMORY" -> !terms.generous();
                case "HEARTBEAT_MISSED" -> self.silent;
                case "CONNECT_TIMEOUT" -> self.connectLate;
                default -> false;
            };
        }

        @Override
        public void end(boolean cutOff) {
            note("end", self.index, 0);
            self.endHeard = true;
            self.cutOff = cutOff;
            if (!self.errorHeard && self.leftAt == Conversation.NEVER && !cutOff) {
                throw broken("client " + self.index + " is cut off without a word");
            }
            if (self.leaving != null && !self.leaving.answered && !self.errorHeard && !cutOff) {
                throw broken("client " + self.index + " left and got no receipt for it");
            }
        }

        @Override
        public AssertionError garbled(String what, @Nullable Throwable cause) {
            return new AssertionError("client " + self.index + " hears rubbish: " + what, cause);
        }
    }

    /// What a session is sure to have heard of.
    ///
    /// Where it has not, one thing may explain it: the session is about to end for being too slow,
    /// in which case receipts and that ERROR are all that it hears from now on.
    private void mustHave(Wish wish, Published message) {
        if (misses(wish, message) && Names.overflow(message.name) == Overflow.DISCONNECT) {
            if (terms.generous()) {
                throw broken(missing(wish, message));
            }
            if (wish.by.missing == null) {
                wish.by.missing = missing(wish, message);
            }
        }
    }

    private static String missing(Wish wish, Published message) {
        return "message "
                + message.index
                + " has not arrived at the subscription "
                + wish.id
                + " of client "
                + wish.by.index;
    }

    private static boolean misses(Wish wish, Published message) {
        return wish.activeAt < message.madeAt
                && !message.denied
                && wish.means(message.name)
                && !wish.has(message.index);
    }

    // --- When nothing moves any more ---

    /// Everything has been delivered and read by all who still listen.
    ///
    /// @param droppedOldest what the broker says it dropped
    /// @param droppedNewest the same
    void quiet(long droppedOldest, long droppedNewest) {
        order.check(published);
        long oldest = 0;
        long newest = 0;
        for (Conversation conversation : conversations) {
            if (conversation.ended() || conversation.leftAt != Conversation.NEVER) {
                continue;
            }
            alive(conversation);
            for (Wish wish : conversation.history) {
                if (wish.undoneAt != Conversation.NEVER) {
                    continue;
                }
                for (Published message : published) {
                    if (certain(message) && misses(wish, message)) {
                        switch (Names.overflow(message.name)) {
                            case DISCONNECT -> throw broken(missing(wish, message));
                            case DROP_OLDEST -> oldest++;
                            case DROP_NEWEST -> newest++;
                        }
                    }
                }
            }
        }
        if (oldest > droppedOldest || newest > droppedNewest) {
            throw broken(
                    "%d and %d messages are missing, but only %d and %d were counted as dropped"
                            .formatted(oldest, newest, droppedOldest, droppedNewest));
        }
        if (terms.generous() && droppedOldest + droppedNewest > 0) {
            throw broken("messages were dropped where there was room for all");
        }
    }

    private void alive(Conversation conversation) {
        if (conversation.missing != null) {
            throw broken(conversation.missing);
        }
        if (conversation.refusalDue || conversation.mistakeMade) {
            throw broken("client " + conversation.index + " is not refused what it must be");
        }
        if (conversation.connectedAt == Conversation.NEVER) {
            throw broken("client " + conversation.index + " waits for ever to be connected");
        }
        for (Asked question : conversation.asked) {
            if (!question.answered) {
                throw broken(
                        "client "
                                + conversation.index
                                + " waits for ever for the receipt "
                                + question.number);
            }
        }
    }

    /// Whether the server is sure to have handled it: somebody heard of it, or its sender is there
    /// to say so.
    private static boolean certain(Published message) {
        Conversation by = message.by;
        return message.seen
                || message.receiptAt != Conversation.NEVER
                || !by.ended() && by.leftAt == Conversation.NEVER;
    }
}
