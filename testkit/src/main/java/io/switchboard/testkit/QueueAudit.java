package io.switchboard.testkit;

import io.switchboard.broker.DedupLimits;
import io.switchboard.broker.Settlement;
import io.switchboard.testkit.Conversation.Published;
import io.switchboard.testkit.Conversation.Wish;
import io.switchboard.testkit.Copy.Delivery;
import io.switchboard.testkit.SimulatedJournal.Place;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The account of a history with queues, made when all is over: everybody has left, time has passed
/// for whatever waited for it, and what was left in the queues has been taken out and seen.
///
/// - Nothing is lost: what was accepted has been consumed, or was left, or is a dead letter, or
///   grew too old, or went with a queue that goes with its subscribers.
/// - Nothing acknowledged came again, and each delivery began when the one before had been given
///   up.
/// - Transactions happened all or not at all, and in one piece.
/// - What the journal kept is what was left.
final class QueueAudit {
    private final QueueChecker checker;
    private final List<Published> published;
    private final List<Transaction> transactions;

    /// Messages that grew too old, and dead letters that had nowhere to go.
    private long tooOld;

    private long givenUp;
    private long either;

    QueueAudit(QueueChecker checker, List<Published> published, List<Transaction> transactions) {
        this.checker = checker;
        this.published = published;
        this.transactions = transactions;
    }

    private static AssertionError broken(String promise) {
        return new AssertionError(promise);
    }

    /// @param expired what the broker says of messages that grew too old
    /// @param rejected the same of dead letters without a place
    /// @param kept what the journal had when all had left
    /// @param dedup how long ids are remembered
    void check(long expired, long rejected, Set<Place> kept, DedupLimits dedup) {
        transactions.forEach(this::decide);
        checker.copies.forEach(this::checkDeliveries);
        checker.suspicions.forEach(this::checkOrder);
        for (Published message : published) {
            if (Names.isQueue(message.name)) {
                account(message);
            }
        }
        if (tooOld > expired
                || givenUp > rejected
                || tooOld + givenUp + either > expired + rejected) {
            throw broken(
                    "%d messages must have grown too old and %d were given up, but %d and %d were"
                                    .formatted(tooOld, givenUp, expired, rejected)
                            + " counted");
        }
        checkSequences();
        transactions.forEach(this::checkPieces);
        checkJournal(kept);
        if (dedup.ids() == DedupLimits.DEFAULT.ids()) {
            checker.repeated.forEach(
                    all -> all.forEach(each -> checkOnce(each, dedup.windowMillis())));
        }
    }

    // --- Transactions ---

    /// What a transaction came to whose client was not told: evidence must not contradict itself.
    private void decide(Transaction transaction) {
        transaction.fate = transaction.told();
        String done = null;
        String not = null;
        for (Published message : transaction.sends) {
            Copy copy = Names.isQueue(message.name) ? message.copy(message.name) : null;
            if (copy != null || message.seen) {
                done = "message " + message.index + " was seen";
            } else if (mustShow(message) && transaction.joined(message.asked)) {
                not = "message " + message.index + " was not";
            }
        }
        for (Delivery settled : transaction.settled) {
            if (settled.settlement == Settlement.ACCEPT && transaction.joined(settled.asked)) {
                if (cameAgain(settled)) {
                    not = "the acknowledged message " + settled.copy.message.index + " came again";
                } else if (mustComeAgain(settled)) {
                    done = "the acknowledged message " + settled.copy.message.index + " did not";
                }
            } else if (settled.settlement == Settlement.REJECT
                    && transaction.joined(settled.asked)) {
                if (settled.copy.last() != settled) {
                    not = "the rejected message " + settled.copy.message.index + " came again";
                } else if (rejected(settled.copy)) {
                    done =
                            "the rejected message "
                                    + settled.copy.message.index
                                    + " is a dead letter";
                }
            }
        }
        Fate fate = transaction.fate;
        if (fate != Fate.NOT && not != null && (fate == Fate.DONE || done != null)
                || fate == Fate.NOT && done != null) {
            throw broken(
                    "transaction %d of client %d is %s: %s, and %s"
                            .formatted(transaction.number, transaction.by.index, fate, done, not));
        }
        if (fate == Fate.UNKNOWN) {
            transaction.fate = done != null ? Fate.DONE : not != null ? Fate.NOT : fate;
        }
    }

    /// Whether somebody must have seen it, at the very last when the queues were emptied.
    private boolean mustShow(Published message) {
        return Names.isQueue(message.name)
                && !Names.passing(message.name)
                && !checker.mayBeGone(message, message.name)
                && QueueChecker.ttlMillis(message, message.name) == 0;
    }

    private boolean cameAgain(Delivery delivery) {
        Copy copy = delivery.copy;
        return copy.last() != delivery || deadLetter(copy) != null;
    }

    private static boolean rejected(Copy copy) {
        Copy dead = deadLetter(copy);
        return dead != null && "rejected".equals(dead.handed.reason());
    }

    private static @Nullable Copy deadLetter(Copy copy) {
        String to = Names.isQueue(copy.name) ? Terms.deadLetters(copy.name) : null;
        Copy dead = to == null ? null : copy.message.copy(Names.index(to));
        return dead != null && dead.handed.from() == copy.name ? dead : null;
    }

    /// Whether it could not be gone if this had not been settled.
    private boolean mustComeAgain(Delivery delivery) {
        Copy copy = delivery.copy;
        return delivery.wish.queue()
                && !Names.passing(copy.name)
                && !checker.mayBeGone(copy.message, copy.name)
                && QueueChecker.ttlMillis(copy.message, copy.name) == 0
                && delivery.count < Terms.deliveriesMax(copy.name);
    }

    /// Messages of a transaction to one destination stand side by side.
    private void checkPieces(Transaction transaction) {
        Map<Integer, List<Published>> byName = new HashMap<>();
        for (Published message : transaction.sends) {
            byName.computeIfAbsent(message.name, name -> new ArrayList<>()).add(message);
        }
        byName.values()
                .forEach(messages -> {
                    long offset = Long.MIN_VALUE;
                    long epoch = 0;
                    for (int i = 0; i < messages.size(); i++) {
                        Published message = messages.get(i);
                        Copy copy = Names.isQueue(message.name) ? message.copy(message.name) : null;
                        if (copy == null && !message.seen) {
                            continue;
                        }
                        long sequence = copy == null ? message.sequence : copy.sequence;
                        long ownEpoch = copy == null ? message.epoch : copy.epoch;
                        if (offset != Long.MIN_VALUE
                                && (sequence - i != offset || ownEpoch != epoch)) {
                            throw broken("transaction " + transaction.number + " is in pieces");
                        }
                        offset = sequence - i;
                        epoch = ownEpoch;
                    }
                });
    }

    // --- Deliveries ---

    private void checkDeliveries(Copy copy) {
        Delivery before = null;
        int most = Terms.deliveriesMax(copy.name);
        for (int number = 0; number < copy.count(); number++) {
            Delivery delivery = copy.at(number);
            if (delivery == null) {
                throw broken(QueueChecker.what(copy) + " was not delivered before it came again");
            }
            if (before != null) {
                checkAgain(before, delivery);
            }
            if (delivery.count > most && !unremoved(copy)) {
                throw broken(
                        QueueChecker.what(copy) + " was delivered " + delivery.count + " times");
            }
            before = delivery;
        }
        Copy dead = deadLetter(copy);
        boolean notNoted = before != null && before.wish.auto() && before.life < checker.life;
        if (before != null && dead != null && consumed(before) && !notNoted && !unremoved(copy)) {
            throw broken(QueueChecker.what(copy) + " was consumed and is a dead letter");
        }
    }

    /// The journal could not note that it left its queue, so it did not.
    private boolean unremoved(Copy copy) {
        return checker.disk().failedToRemove(place(copy));
    }

    private static Place place(Copy copy) {
        return new Place(Names.name(copy.name), copy.epoch, copy.sequence);
    }

    private static boolean consumed(Delivery delivery) {
        return delivery.wish.auto()
                || delivery.settlement == Settlement.ACCEPT && delivery.fate() == Fate.DONE;
    }

    private void checkAgain(Delivery before, Delivery after) {
        Copy copy = before.copy;
        boolean crashed = before.life < after.life;
        if (consumed(before) && !(before.wish.auto() && (crashed || unremoved(copy)))) {
            throw broken(
                    "%s comes again to client %d (%d.) though client %d consumed it"
                            .formatted(
                                    QueueChecker.what(copy),
                                    after.wish.by.index,
                                    after.count,
                                    before.wish.by.index));
        }
        if (before.settlement == Settlement.REJECT
                && before.fate() == Fate.DONE
                && !unremoved(copy)) {
            throw broken(QueueChecker.what(copy) + " comes again though it was rejected");
        }
        if (!before.wish.auto()
                && !before.wish.by.endedByServer()
                && before.releasedAt() >= after.readAt) {
            throw broken(
                    "%s is with the clients %d and %d at one time"
                            .formatted(
                                    QueueChecker.what(copy),
                                    before.wish.by.index,
                                    after.wish.by.index));
        }
    }

    private void checkOrder(QueueChecker.Suspicion suspicion) {
        for (Wish other : checker.consumers) {
            boolean went =
                    other.undoneAt < suspicion.at()
                            || other.by.leftAt < suspicion.at()
                            || other.by.endedByServer();
            if (other != suspicion.wish()
                    && other.pattern == suspicion.wish().pattern
                    && other.madeAt < suspicion.at()
                    && went) {
                return;
            }
        }
        throw broken(QueueChecker.what(suspicion.copy()) + " comes too late");
    }

    /// The order of a queue is that of the SENDs wherever that can be known.
    private void checkSequences() {
        List<Copy> sorted = new ArrayList<>();
        for (Copy copy : checker.copies) {
            Repeated repeated = copy.message.repeated;
            // One that waited for another of its id, which failed, comes in after that.
            boolean waited = repeated != null && repeated.sends.size() > 1;
            if (Names.isQueue(copy.name) && copy.name == copy.message.name && !waited) {
                sorted.add(copy);
            }
        }
        sorted.sort(
                Comparator.<Copy>comparingInt(copy -> copy.name)
                        .thenComparingLong(copy -> copy.epoch)
                        .thenComparingLong(copy -> copy.sequence));
        Map<Integer, Published> last = new HashMap<>();
        long latestMadeAt = -1;
        Copy before = null;
        for (Copy copy : sorted) {
            if (before == null || before.name != copy.name || before.epoch != copy.epoch) {
                last.clear();
                latestMadeAt = -1;
            }
            Published message = copy.message;
            Published earlier = last.put(message.by.index, message);
            if (message.receiptAt < latestMadeAt
                    || earlier != null && earlier.madeAt > message.madeAt) {
                throw broken(QueueChecker.what(copy) + " is too far behind in its queue");
            }
            latestMadeAt = Math.max(latestMadeAt, message.madeAt);
            before = copy;
        }
    }

    // --- Nothing is lost ---

    private void account(Published message) {
        Fate fate =
                message.transaction != null
                        ? message.transaction.fate
                        : Fate.of(message.asked, message.by, message.madeAt);
        if (message.transaction != null
                && fate == Fate.DONE
                && !message.transaction.joined(message.asked)) {
            fate = Fate.UNKNOWN;
        }
        Copy copy = message.copy(message.name);
        if (copy == null && message.repeated != null && message.repeated.standsFor(message)) {
            return;
        }
        if (message.refused || message.denied) {
            fate = Fate.NOT;
        }
        if (copy != null && fate == Fate.NOT) {
            throw broken(QueueChecker.what(copy) + " was refused and was delivered");
        }
        if (copy != null || fate == Fate.DONE) {
            account(message, message.name, copy);
        }
    }

    /// Of several SENDs with one dedup id only the first was delivered, unless the server had
    /// reason to forget it.
    private void checkOnce(Repeated repeated, long windowMillis) {
        List<Copy> taken = new ArrayList<>(1);
        for (Published message : repeated.sends) {
            Copy copy = message.copy(message.name);
            if (copy != null) {
                taken.add(copy);
            }
        }
        taken.sort(Comparator.comparingLong(copy -> copy.handed.timestampMillis()));
        for (int i = 1; i < taken.size(); i++) {
            Copy before = taken.get(i - 1);
            Copy after = taken.get(i);
            long between = after.handed.timestampMillis() - before.handed.timestampMillis();
            boolean crashed = before.message.life != after.message.life;
            if (between < windowMillis && !(crashed && !checker.stored(before))) {
                throw broken(
                        QueueChecker.what(after)
                                + " was delivered though it was sent before as message "
                                + before.message.index);
            }
        }
    }

    private void account(Published message, int name, @Nullable Copy copy) {
        Delivery last = copy == null ? null : copy.last();
        if (last != null
                && (consumed(last)
                        || last.settlement == Settlement.ACCEPT && last.fate() == Fate.UNKNOWN)) {
            return;
        }
        String to = Terms.deadLetters(name);
        Copy dead = to == null ? null : message.copy(Names.index(to));
        if (dead != null) {
            checkReason(message, name, copy, dead);
            account(message, dead.name, dead);
            return;
        }
        if (checker.mayBeGone(message, name)) {
            return;
        }
        boolean old = name == message.name && QueueChecker.ttlMillis(message, name) > 0;
        boolean buried =
                last != null
                        && (last.settlement == Settlement.REJECT
                                || last.count >= Terms.deliveriesMax(name));
        if (Names.passing(name)) {
            return;
        }
        if (old && buried && !Terms.buriesOld(name)) {
            either++;
        } else if (old && !Terms.buriesOld(name)) {
            tooOld++;
        } else if (old || buried) {
            givenUp++;
        } else {
            throw broken("message " + message.index + " of " + Names.name(name) + " is lost");
        }
    }

    private void checkReason(Published message, int name, @Nullable Copy copy, Copy dead) {
        Delivery last = copy == null ? null : copy.last();
        int count = last == null ? 0 : last.count;
        boolean right =
                switch (String.valueOf(dead.handed.reason())) {
                    case "rejected" ->
                            last != null
                                    && last.settlement == Settlement.REJECT
                                    && last.fate() != Fate.NOT;
                    case "max-deliveries" -> count >= Terms.deliveriesMax(name);
                    case "expired" ->
                            Terms.buriesOld(name)
                                    && name == message.name
                                    && QueueChecker.ttlMillis(message, name) > 0;
                    default -> false;
                };
        // What was delivered in a life before the one in which it grew too old does not count.
        boolean counted =
                dead.handed.deliveries() == count
                        || dead.handed.deliveries() == 0
                                && last != null
                                && last.life < checker.life
                                && "expired".equals(dead.handed.reason());
        if (!right || dead.handed.from() != name || !counted) {
            throw broken(
                    "message %d of %s is a dead letter and should not be: %s after %d deliveries"
                            .formatted(message.index, Names.name(name), dead.handed, count));
        }
    }

    private void checkJournal(Set<Place> kept) {
        for (Place place : kept) {
            Copy copy = checker.at(place);
            if (copy == null) {
                throw broken("the journal keeps what is in no queue: " + place);
            }
        }
        for (Copy copy : checker.copies) {
            Delivery last = copy.last();
            boolean left =
                    last != null
                            && last.wish.by.collector
                            && Names.isQueue(copy.name)
                            && checker.stored(copy);
            if (left != kept.contains(place(copy)) && Names.isQueue(copy.name)) {
                throw broken(
                        QueueChecker.what(copy)
                                + (left ? " is not in the journal" : " is still in the journal"));
            }
        }
        Set<Place> left = checker.disk().contentsOfQueues();
        if (!left.isEmpty()) {
            throw broken("the journal keeps what was consumed: " + left);
        }
    }
}
