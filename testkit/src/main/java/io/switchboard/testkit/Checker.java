package io.switchboard.testkit;

import io.switchboard.broker.Overflow;
import io.switchboard.broker.SendOptions;
import io.switchboard.broker.Settlement;
import io.switchboard.broker.SubscribeOptions;
import io.switchboard.testkit.Conversation.Asked;
import io.switchboard.testkit.Conversation.Published;
import io.switchboard.testkit.Conversation.Wish;
import io.switchboard.testkit.Copy.Delivery;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
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
/// - What goes through queues is for [QueueChecker] and, when all is over, [QueueAudit].
/// - Completeness: who had the RECEIPT of a SUBSCRIBE gets each message that was sent after, unless
///   the session ended or a policy dropped it, and dropped is no more than what was counted.
final class Checker {
    private Terms terms;

    /// Of the server: rises with each crash.
    private int life;

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
    private long delivered;
    private long redelivered;
    private long committed;

    /// What happened, when somebody wants to read it.
    private final @Nullable List<String> trace;

    private final QueueChecker queues;
    private final PastChecker past = new PastChecker(published);
    private final VirtualClock clock;
    private final List<Transaction> transactions = new ArrayList<>();

    Checker(Terms terms, QueueChecker queues, VirtualClock clock, @Nullable List<String> trace) {
        this.terms = terms;
        this.queues = queues;
        this.clock = clock;
        this.trace = trace;
    }

    QueueChecker queues() {
        return queues;
    }

    PastChecker past() {
        return past;
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

    long delivered() {
        return delivered;
    }

    long redelivered() {
        return redelivered;
    }

    long committed() {
        return committed;
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

    Published publish(
            Conversation by,
            int name,
            int padding,
            SendOptions options,
            @Nullable Transaction transaction) {
        boolean denied = Names.mayNotSend(by.login, name);
        Published message = new Published(published.size(), by, name, padding, ++now, denied);
        message.options = options;
        message.madeMillis = clock.epochMillis();
        message.transaction = transaction;
        message.life = life;
        if (transaction != null) {
            transaction.sends.add(message);
        }
        published.add(message);
        by.refusalDue |= denied;
        note("send " + Names.name(name), by.index, message.index);
        return message;
    }

    Wish wish(Conversation by, int id, int pattern, SubscribeOptions options, Taste taste) {
        boolean denied = Names.mayNotWish(by.login, pattern);
        Wish wish = new Wish(wishes++, by, id, pattern, denied);
        wish.options = options;
        wish.taste = taste;
        wish.madeMillis = clock.epochMillis();
        if (wish.queue()) {
            queues.consumers.add(wish);
        }
        by.refusalDue |= denied;
        by.history.add(wish);
        while (by.wishes.size() <= id) {
            by.wishes.add(null);
        }
        by.wishes.set(id, wish);
        wish.madeAt = ++now;
        note("subscribe " + Names.wish(pattern) + " " + options, by.index, id);
        return wish;
    }

    // --- Acknowledgements and transactions ---

    void settle(
            Delivery delivery,
            Settlement settlement,
            @Nullable Transaction in,
            @Nullable Asked asked) {
        now++;
        String where = in == null ? " of" : " in " + in.number + " of";
        note(settlement + where, delivery.wish.by.index, delivery.copy.message.index);
        List<Delivery> covered = QueueChecker.covers(delivery);
        if (asked != null) {
            asked.settled = covered;
            asked.within = in;
        }
        for (Delivery each : covered) {
            if (in == null) {
                each.asked = asked;
                QueueChecker.settle(each, settlement, now);
            } else {
                each.settlement = settlement;
                each.transaction = in;
                each.asked = asked;
                in.settled.add(each);
            }
        }
    }

    Transaction begin(Conversation by) {
        Transaction transaction = new Transaction(transactions.size(), by);
        transactions.add(transaction);
        by.transactions.add(transaction);
        note("begin", by.index, transaction.number);
        return transaction;
    }

    void commit(Transaction transaction, @Nullable Asked asked) {
        note("commit", transaction.by.index, transaction.number);
        transaction.by.transactions.remove(transaction);
        transaction.committedAt = ++now;
        transaction.asked = asked;
        for (Published message : transaction.sends) {
            message.madeAt = ++now;
            message.life = life;
        }
        for (Delivery each : transaction.settled) {
            transaction.by.deliveryMayBeUnknown |= each.wish.undoneAt != Conversation.NEVER;
            each.settledAt = ++now;
            each.wish.held.remove(each);
        }
    }

    void abort(Transaction transaction) {
        note("abort", transaction.by.index, transaction.number);
        now++;
        transaction.by.transactions.remove(transaction);
        transaction.aborted = true;
        transaction.settled.forEach(Delivery::unpromise);
        transaction.settled.clear();
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

    /// The server it speaks to is killed; it hears what had been written.
    void cut(Conversation by) {
        by.dropped = true;
        by.leftAt = Math.min(by.leftAt, ++now);
        note("cut", by.index, 0);
    }

    /// A new life of the server begins.
    void crashed(Terms changed) {
        terms = changed;
        queues.life = ++life;
        note("crash", life, changed.shards());
    }

    /// The number of a receipt to ask for.
    Asked ask(
            Conversation by,
            @Nullable Published sent,
            @Nullable Wish begun,
            @Nullable Wish undone) {
        Asked question = new Asked(asked.size(), by, sent, begun, undone);
        question.refused = sent != null && sent.denied || begun != null && begun.denied;
        if (sent != null) {
            sent.asked = question;
        }
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
            Wish wish = wish(id);
            Published message = message(index, wish, padding);
            if (name != message.name || !wish.means(name)) {
                throw broken("message " + index + " is misrouted to subscription " + id);
            }
            if (wish.consumes() || !wish.taste.wants(index)) {
                throw broken("message " + index + " is not what was asked for");
            }
            arrives(message, wish, epoch, sequence);
        }

        @Override
        public void delivery(
                int id,
                int index,
                int padding,
                int name,
                long epoch,
                long sequence,
                Handed handed) {
            Wish wish = wish(id);
            if (wish.past() && !wish.consumes()) {
                // What comes from the past says when it was sent, and is a message as any other.
                message(id, index, padding, name, epoch, sequence);
                return;
            }
            heard("delivery " + handed.count() + " of", id, index);
            Published message = message(index, wish, padding);
            if (!wish.means(name) || !wish.consumes()) {
                throw broken("message " + index + " is misrouted to subscription " + id);
            }
            heard++;
            delivered++;
            redelivered += handed.count() > 1 ? 1 : 0;
            if (!wish.queue()) {
                topicDelivery(message, wish, epoch, sequence, handed.count());
            }
            queues.delivered(wish, message, name, epoch, sequence, handed, now);
        }

        /// Of a topic whose messages are acknowledged.
        private void topicDelivery(
                Published message, Wish wish, long epoch, long sequence, int count) {
            place(message, epoch, sequence);
            if (count > 1) {
                return;
            }
            Published last = wish.last[message.name];
            if (last != null) {
                order.follows(last, message);
            }
            wish.last[message.name] = message;
        }

        @Override
        public void browsed(int id) {
            heard("browsed", id, 0);
            queues.browsed(wish(id), now);
        }

        private Wish wish(int id) {
            Wish wish = id >= 0 && id < self.wishes.size() ? self.wishes.get(id) : null;
            if (wish == null || wish.goneAt != Conversation.NEVER) {
                throw broken("a message for the subscription " + id + " that is none");
            }
            return wish;
        }

        private Published message(int index, Wish wish, int padding) {
            if (index < 0 || index >= published.size()) {
                throw broken("a message that nobody sent: " + index);
            }
            Published message = published.get(index);
            if (message.denied || wish.denied) {
                throw broken("message " + index + " was denied and arrives");
            }
            Transaction transaction = message.transaction;
            if (padding != message.padding) {
                throw broken("message " + index + " has changed its length");
            }
            if (transaction != null
                    && (transaction.committedAt >= now || transaction.told() == Fate.NOT)) {
                throw broken("message " + index + " is heard and was not committed");
            }
            return message;
        }

        private void arrives(Published message, Wish wish, long epoch, long sequence) {
            int index = message.index;
            if (!wish.arrive(index)) {
                throw broken("message " + index + " arrives twice at one subscription");
            }
            if (wish.past()) {
                past.checkPlace(wish, message, epoch, sequence);
            } else {
                checkMoment(message);
            }
            heard++;
            place(message, epoch, sequence);
            Published last = wish.last[message.name];
            if (last != null) {
                order.follows(last, message);
            }
            wish.last[message.name] = message;
            long key = ((long) wish.number << 32) + message.by.index * Names.COUNT + message.name;
            Published earlier = lastOfPublisher.put(key, message);
            if (earlier != null && earlier.madeAt > message.madeAt) {
                throw broken("message " + index + " after " + earlier.index + " of its publisher");
            }
        }

        /// Of a live message.
        private void checkMoment(Published message) {
            if (message.by == self && message.receiptAt != Conversation.NEVER) {
                throw broken(
                        "message " + message.index + " to oneself after the receipt of its SEND");
            }
            if (message.receiptAt < self.latestMadeAt) {
                throw broken(
                        "message "
                                + message.index
                                + " after one that was sent when it had its receipt");
            }
            self.latestMadeAt = Math.max(self.latestMadeAt, message.madeAt);
        }

        @Override
        public void recovered(int number, boolean whole) {
            if (number >= 0 && number < asked.size()) {
                asked.get(number).recovered = whole;
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
            Published sent = question.published;
            if (sent != null) {
                if (sent.transaction == null) {
                    published(sent);
                }
            } else if (question.commits != null) {
                committed++;
                question.commits.sends.forEach(this::published);
            } else if (question.begun != null) {
                question.begun.activeAt = now;
                missing(self, past.missing(question, life));
            } else if (question.undone != null) {
                undone(question.undone);
            } else if (question.leaves) {
                left();
            }
        }

        private void published(Published message) {
            message.receiptAt = now;
            if (Names.isQueue(message.name)) {
                return;
            }
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
            self.completeAt = now;
            if (self.missing != null) {
                throw broken(self.missing);
            }
            for (Asked question : self.asked) {
                if (!question.answered && !question.refused && !question.refusedHeard) {
                    throw broken("left before the receipt " + question.number);
                }
            }
        }

        @Override
        public void refused(int number, String reason) {
            heard("refused " + reason, number, 0);
            if (!self.soft) {
                throw broken("a refusal that does not end client " + self.index);
            }
            refuse(number, reason);
        }

        @Override
        public void error(int number, String reason) {
            heard("error " + reason, number, 0);
            refuse(number, reason);
            if (self.missing != null
                    && !reason.equals("SLOW_CONSUMER")
                    && !reason.equals("OUTBOUND_MEMORY")) {
                throw broken(self.missing);
            }
            self.errorHeard = true;
        }

        private void refuse(int number, String reason) {
            if (!new Refusals(terms, self).expected(reason)) {
                throw broken("client " + self.index + " is refused for no reason: " + reason);
            }
            if (number == Line.NO_RECEIPT) {
                return;
            }
            Asked question = number < asked.size() ? asked.get(number) : null;
            if (question == null
                    || question.by != self
                    || question.answered
                    || question.refusedHeard) {
                throw broken("a refusal of what was not asked for: " + number);
            }
            question.refusedHeard = true;
            undo(question);
        }

        private void undo(Asked question) {
            Published sent = question.published;
            if (sent != null) {
                sent.refused = true;
                if (sent.transaction != null) {
                    sent.transaction.sends.remove(sent);
                }
            }
            Wish wish = question.begun;
            if (wish != null) {
                wish.refused = true;
                wish.undoneAt = Math.min(wish.undoneAt, now);
                wish.goneAt = now;
                self.wishes.set(wish.id, null);
            }
            if (question.begins != null) {
                question.begins.refused = true;
                self.transactions.remove(question.begins);
                self.transactionMayBeUnknown = true;
            }
            if (question.commits != null) {
                question.commits.settled.forEach(Delivery::holdAgain);
                question.commits.settled.clear();
            }
            if (question.within != null) {
                for (Delivery each : question.settled) {
                    if (each.asked == question) {
                        question.within.settled.remove(each);
                        each.holdAgain();
                    }
                }
            }
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

    private void place(Published message, long epoch, long sequence) {
        message.seenAt = Math.min(message.seenAt, now);
        order.place(message, epoch, sequence);
    }

    /// What a session is sure to have heard of.
    ///
    /// Where it has not, one thing may explain it: the session is about to end for being too slow,
    /// in which case receipts and that ERROR are all that it hears from now on.
    private void mustHave(Wish wish, Published message) {
        if (!wish.consumes()
                && wish.misses(message)
                && Names.overflow(message.name) == Overflow.DISCONNECT) {
            missing(wish.by, wish.missing(message));
        }
    }

    private void missing(Conversation by, @Nullable String what) {
        if (what != null && terms.generous()) {
            throw broken(what);
        }
        if (by.missing == null) {
            by.missing = what;
        }
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
            conversation.checkNothingIsOwed();
            conversation.completeAt = now;
            for (Wish wish : conversation.history) {
                if (wish.undoneAt != Conversation.NEVER) {
                    continue;
                }
                if (wish.queue()) {
                    continue;
                }
                for (Published message : published) {
                    if (!Names.isQueue(message.name) && message.certain() && wish.misses(message)) {
                        switch (Names.overflow(message.name)) {
                            case DISCONNECT -> throw broken(wish.missing(message));
                            case DROP_OLDEST -> oldest++;
                            case DROP_NEWEST -> newest++;
                        }
                    }
                }
            }
        }
        queues.quiet(published);
        if (oldest > droppedOldest || newest > droppedNewest) {
            throw broken(
                    "%d and %d messages are missing, but only %d and %d were counted as dropped"
                            .formatted(oldest, newest, droppedOldest, droppedNewest));
        }
        if (terms.generous() && droppedOldest + droppedNewest > 0) {
            throw broken("messages were dropped where there was room for all");
        }
    }

    /// The account of all that went through queues, when nobody is left.
    ///
    /// @param expired messages that the broker says grew too old
    /// @param rejected messages that it says it gave up
    /// @param kept what the journal had when all had left
    void audit(long expired, long rejected, Set<SimulatedJournal.Place> kept) {
        new QueueAudit(queues, published, transactions)
                .check(expired, rejected, kept, terms.limits().dedup());
    }
}
