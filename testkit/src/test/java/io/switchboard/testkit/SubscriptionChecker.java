package io.switchboard.testkit;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Holds the promises about durable subscriptions against what the clients of a
/// [SubscriptionHistory] said and heard. Time is a count of what was said and heard.
///
/// What became of a command without an answer is not known. So of a subscription that such a
/// command may have ended or replaced only that is expected which holds either way, until the next
/// answer that nothing else was under way beside.
final class SubscriptionChecker {
    static final long NEVER = Long.MAX_VALUE;

    /// What is promised.
    enum Promise {
        /// What had its receipt, and was sent after the subscription's own, comes.
        WHOLE,
        /// What had its receipt and was not acknowledged comes to whoever is subscribed next.
        AGAIN,
        /// What was acknowledged with a receipt does not come again.
        SETTLED,
        /// What comes again says so.
        SAID,
        /// A message comes once at a time, and to one connection, under one id.
        ONCE,
        /// What comes for the first time comes in the order of its topic and of its publisher.
        ORDER,
        /// Nothing comes after the receipt of an UNSUBSCRIBE, and after that which ends the
        /// subscription for good nothing is kept.
        ENDED,
        /// Nothing else comes: it was sent, was not refused, and is what was asked for.
        MEANT,
        /// What is to be stored is stored before it comes.
        STORED,
        /// What was dropped was counted, and the receipt says so.
        COUNTED,
        /// All that was asked for is answered, and only what may be is refused.
        ANSWERED
    }

    static final class Broken extends AssertionError {
        private static final long serialVersionUID = 1;
        final Promise promise;

        Broken(Promise promise, String what) {
            super(promise + ": " + what);
            this.promise = promise;
        }
    }

    /// What a subscription is to get.
    ///
    /// @param red those that match a selector only
    record Wish(String destination, boolean red) {
        boolean means(Sent message) {
            int tail = destination.indexOf('*');
            String rest = destination.endsWith("**") ? ".+" : "[^/.]+";
            String regex = tail < 0 ? destination : destination.substring(0, tail) + rest;
            return (message.red || !red) && message.topic.matches(regex);
        }
    }

    /// One message, however often it was sent under one dedup id.
    static final class Sent {
        final int index;
        final String topic;
        final boolean red;
        final boolean persistent;
        final SubscriptionClient by;
        final @Nullable String dedupId;

        /// In which life of the server it was sent last.
        int life;

        /// When it was sent, or committed, for the first time.
        long at = NEVER;

        long receiptAt = NEVER;

        /// When all that was sent of it had been answered.
        long overAt = NEVER;

        private int unanswered;
        int times;
        int refused;
        boolean seen;
        long epoch;
        long sequence;

        Sent(
                int index,
                String topic,
                boolean red,
                boolean persistent,
                SubscriptionClient by,
                @Nullable String dedupId) {
            this.index = index;
            this.topic = topic;
            this.red = red;
            this.persistent = persistent;
            this.by = by;
            this.dedupId = dedupId;
        }

        @Override
        public String toString() {
            return "message " + index + " to " + topic;
        }
    }

    /// What came of one message at one subscription.
    static final class Copy {
        final Sent message;
        int heard;

        /// An acknowledgement had its receipt.
        boolean settled;

        /// Acknowledgements that were not refused, or may not have been.
        int unsure;

        SubscriptionClient.@Nullable Sub holder;

        Copy(Sent message) {
            this.message = message;
        }
    }

    /// A SUBSCRIBE, or the UNSUBSCRIBE that ends it, with null for its wish.
    static final class Op {
        final @Nullable Wish wish;
        final long at;

        /// Nothing that had its receipt before comes.
        final long since;

        private boolean alone;

        Op(@Nullable Wish wish, long at, long since, boolean alone) {
            this.wish = wish;
            this.at = at;
            this.since = since;
            this.alone = alone;
        }
    }

    /// One name of one client, and the subscription that has it.
    static final class Slot {
        final String user;
        final String clientId;
        final String name;
        final Map<Integer, Copy> copies = new HashMap<>();
        private final Map<String, Sent> lastOfTopic = new HashMap<>();

        /// Of a publisher to a topic.
        private final Map<String, Long> lastOfPublisher = new HashMap<>();

        private final List<Op> open = new ArrayList<>();

        /// What it is to get; null for nothing. Not looked at while it is not sure.
        private @Nullable Wish wish;

        private boolean sure = true;
        private long since = -1;

        /// What is sent after this is to be kept.
        private long activeAt = NEVER;

        private boolean toldMissing;
        private boolean perhapsTold;

        Slot(String user, String clientId, String name) {
            this.user = user;
            this.clientId = clientId;
            this.name = name;
        }

        @Nullable Wish wish() {
            return sure ? wish : null;
        }

        boolean sure() {
            return sure;
        }

        boolean busy() {
            return !open.isEmpty();
        }

        @Override
        public String toString() {
            return name + " of " + user + " at " + clientId;
        }
    }

    private final SimulatedDisk disk;
    private final List<Sent> sent = new ArrayList<>();
    private final boolean bounded;

    /// What happened, when somebody wants to read it.
    private final @Nullable List<String> trace;

    private long now;
    private int life;
    private long missing;

    // What happened.
    long receipts;
    long heard;
    long again;
    long settled;
    long ended;

    /// @param bounded whether something may be dropped
    SubscriptionChecker(SimulatedDisk disk, boolean bounded, @Nullable List<String> trace) {
        this.disk = disk;
        this.bounded = bounded;
        this.trace = trace;
    }

    /// Something is said or heard.
    void note(String what, @Nullable Object about) {
        now++;
        if (trace != null) {
            trace.add(now + " " + what + " " + about);
        }
    }

    // --- What is sent ---

    Sent message(
            SubscriptionClient by,
            String topic,
            boolean red,
            boolean persistent,
            @Nullable String dedupId) {
        Sent message = new Sent(sent.size(), topic, red, persistent, by, dedupId);
        sent.add(message);
        return message;
    }

    /// It is under way: sent, or its transaction is committed.
    void goes(Sent message) {
        note("client " + message.by.number + " sends", message);
        message.overAt = NEVER;
        message.unanswered++;
        message.at = Math.min(message.at, now);
        message.life = life;
        message.times++;
    }

    void done(Sent message) {
        note("receipt for", message);
        message.receiptAt = Math.min(message.receiptAt, now);
        answered(message);
    }

    void refused(Sent message) {
        note("refused", message);
        message.refused++;
        answered(message);
    }

    private void answered(Sent message) {
        message.overAt = --message.unanswered == 0 ? now : NEVER;
    }

    // --- Subscriptions come and go ---

    Op ask(Slot slot, @Nullable Wish wish) {
        boolean alone = slot.open.isEmpty();
        boolean same = slot.sure && wish != null && wish.equals(slot.wish);
        long since = !alone || !slot.sure ? -1 : same ? slot.since : now + 1;
        slot.open.forEach(other -> other.alone = false);
        note(wish == null ? "end" : "subscribe " + wish, slot);
        Op op = new Op(wish, now, since, alone);
        slot.open.add(op);
        return op;
    }

    /// @param whole whether the receipt says nothing of what is missing
    void done(Slot slot, Op op, boolean whole) {
        note("receipt for " + op.wish + (whole ? "" : " and something is missing"), slot);
        slot.open.remove(op);
        boolean same = slot.sure && op.wish != null && op.wish.equals(slot.wish);
        if (!whole && !bounded) {
            throw new Broken(Promise.COUNTED, "nothing is missing of " + slot);
        }
        if (!op.alone) {
            slot.sure &= same;
        } else if (!same) {
            slot.wish = op.wish;
            slot.sure = true;
            slot.since = op.since;
            slot.activeAt = op.wish == null ? NEVER : now;
            slot.toldMissing = false;
            slot.perhapsTold = false;
            ended += op.wish == null ? 1 : 0;
        }
        slot.toldMissing |= !whole;
    }

    void refused(Slot slot, Op op, String reason) {
        note("refused " + reason, slot);
        slot.open.remove(op);
        boolean absent = reason.equals("UNKNOWN_SUBSCRIPTION") && op.wish == null;
        if (absent && op.alone && slot.sure && slot.wish != null) {
            throw new Broken(Promise.WHOLE, slot + " is not there any more");
        }
        if (!absent && !reason.startsWith("STORE_")) {
            throw new Broken(Promise.ANSWERED, slot + " is refused: " + reason);
        }
        if (!op.alone) {
            slot.sure &= op.wish != null && op.wish.equals(slot.wish);
        }
    }

    /// Whoever asked has gone without an answer. What was asked for may still happen, until all has
    /// come to rest, or the server is killed.
    void unanswered(Slot slot, Op op) {
        note("no answer for " + op.wish, slot);
        if (slot.sure && op.wish != null && op.wish.equals(slot.wish)) {
            slot.perhapsTold = true;
        } else {
            slot.sure = false;
        }
    }

    /// Nothing is under way of those who have gone.
    void rest(List<Slot> slots) {
        note("rest", "");
        slots.forEach(slot -> slot.open.clear());
    }

    void crashed(List<Slot> slots) {
        note("crash", ++life);
        rest(slots);
    }

    // --- What comes ---

    /// @param late the server had ended its connection before it was read: the message may be
    ///   somebody else's again

    Copy heard(
            SubscriptionClient.Sub sub,
            int index,
            String topic,
            long epoch,
            long sequence,
            boolean redelivered,
            boolean late) {
        heard++;
        Slot slot = sub.slot;
        Sent message = sent.get(index);
        String what = message + " at " + slot;
        note("heard " + (redelivered ? "again" : "") + epoch + "-" + sequence, what);
        boolean nobodySent = message.at == NEVER || message.refused == message.times;
        if (sub.gone) {
            throw new Broken(Promise.ENDED, what + " comes after the receipt of the UNSUBSCRIBE");
        }
        if (nobodySent
                || !message.topic.equals(topic)
                || sub.op.wish == null
                || !sub.op.wish.means(message)) {
            throw new Broken(Promise.MEANT, what);
        }
        if (message.seen && (message.epoch != epoch || message.sequence != sequence)) {
            throw new Broken(Promise.ONCE, what + " has two ids");
        }
        message.seen = true;
        message.epoch = epoch;
        message.sequence = sequence;
        if (message.persistent && !disk.hasStored(epoch, sequence)) {
            throw new Broken(Promise.STORED, what);
        }
        if (message.overAt < sub.op.since) {
            throw new Broken(Promise.ENDED, what + " was sent before");
        }
        Copy copy = slot.copies.computeIfAbsent(index, it -> new Copy(message));
        if (late) {
            copy.heard++;
            return copy;
        }
        if (copy.settled) {
            throw new Broken(Promise.SETTLED, what);
        }
        if (copy.holder != null) {
            throw new Broken(Promise.ONCE, what + " comes while somebody has it");
        }
        if (copy.heard++ == 0) {
            checkOrder(slot, message, what);
        } else {
            again++;
            if (!redelivered) {
                throw new Broken(Promise.SAID, what);
            }
        }
        return copy;
    }

    private void checkOrder(Slot slot, Sent message, String what) {
        Sent last = slot.lastOfTopic.put(message.topic, message);
        if (last != null && last.sequence >= message.sequence) {
            throw new Broken(Promise.ORDER, what + " comes after " + last);
        }
        if (message.times == 1) {
            String publisher = message.by.number + message.topic;
            Long before = slot.lastOfPublisher.put(publisher, message.at);
            if (before != null && before > message.at) {
                throw new Broken(Promise.ORDER, what + " comes after a later one of its sender");
            }
        }
    }

    // --- When nothing moves ---

    /// Somebody has subscribed again, and has been given all that there is.
    ///
    /// @param given to it
    void checkWhole(Slot slot, Set<Integer> given) {
        Wish wish = slot.wish();
        if (wish == null) {
            return;
        }
        long before = missing;
        for (Sent message : sent) {
            boolean kept =
                    message.at > slot.activeAt
                            && message.receiptAt != NEVER
                            && (message.persistent || message.life == life)
                            && wish.means(message);
            if (!kept || given.contains(message.index)) {
                continue;
            }
            Copy copy = slot.copies.get(message.index);
            if (copy == null || !copy.settled && copy.unsure == 0) {
                missing++;
                if (!bounded) {
                    Promise promise = copy == null ? Promise.WHOLE : Promise.AGAIN;
                    throw new Broken(promise, message + " at " + slot);
                }
            }
        }
        if (missing > before && !slot.toldMissing && !slot.perhapsTold) {
            throw new Broken(Promise.COUNTED, "no receipt says that something is missing");
        }
    }

    /// @param dropped what the broker says it dropped, over all lives
    void checkCounted(long dropped) {
        if (missing > dropped) {
            throw new Broken(Promise.WHOLE, missing + " are missing, " + dropped + " were dropped");
        }
        if (dropped > 0 && !bounded) {
            throw new Broken(Promise.COUNTED, dropped + " were dropped where there was room");
        }
    }
}
