package io.switchboard.testkit;

import io.switchboard.broker.AckMode;
import io.switchboard.broker.Settlement;
import io.switchboard.testkit.Conversation.Published;
import io.switchboard.testkit.Conversation.Wish;
import io.switchboard.testkit.Copy.Delivery;
import io.switchboard.testkit.SimulatedJournal.Place;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/// Holds the promises about queues and acknowledgements against what clients said and what reached
/// their sockets, while it happens. What can only be known when all is over is for [QueueAudit].
///
/// - A message of a queue is delivered to who asked for it and for such messages, once under each
///   count of deliveries; first deliveries come in the order of the queue.
/// - Nobody holds more than was asked for; an exclusive consumer is the only one; who only looks
///   sees what waits, and then that this was all.
/// - Nothing is seen before it was committed, stored, or due.
///
/// A crash of the server ends all its connections. What is durable comes again with its id, and its
/// deliveries are counted anew.
final class QueueChecker {
    private final SimulatedDisk disk;

    /// Of the server: rises with each crash.
    int life;

    private final VirtualClock clock;
    private final Map<Place, Copy> places = new HashMap<>();

    /// Of queues and of topics whose messages are acknowledged.
    final List<Copy> copies = new ArrayList<>();

    /// Wishes for queues.
    final List<Wish> consumers = new ArrayList<>();

    final List<Suspicion> suspicions = new ArrayList<>();

    /// By login.
    final List<List<Repeated>> repeated = new ArrayList<>();

    /// A first delivery out of order: only right if the message had been on its way to somebody
    /// else who went.
    record Suspicion(Wish wish, Copy copy, long at) {}

    QueueChecker(SimulatedDisk disk, VirtualClock clock) {
        this.disk = disk;
        this.clock = clock;
        for (int i = 0; i < Names.LOGINS.length; i++) {
            repeated.add(new ArrayList<>());
        }
    }

    SimulatedDisk disk() {
        return disk;
    }

    long nowMillis() {
        return clock.epochMillis();
    }

    static AssertionError broken(String promise) {
        return new AssertionError(promise);
    }

    static String what(Copy copy) {
        return "message " + copy.message.index + " of " + Names.name(copy.name);
    }

    // --- What reaches a socket ---

    void delivered(
            Wish wish,
            Published message,
            int name,
            long epoch,
            long sequence,
            Handed handed,
            long now) {
        Copy copy = copy(wish, message, name, epoch, sequence, handed);
        if (!wish.taste.wants(message.index)) {
            throw broken(what(copy) + " does not match " + wish.taste);
        }
        checkMoment(copy, wish, handed);
        checkSource(copy, handed, now);
        if (wish.queue()) {
            checkExclusive(wish, copy);
        }
        if (wish.options.browser()) {
            if (wish.browsed || wish.shownBefore(message.index, name)) {
                throw broken(what(copy) + " is shown twice, or after all");
            }
            return;
        }
        wish.arrive(message.index);
        Delivery delivery = new Delivery(copy, wish, life, handed.count(), handed.ack(), now);
        copy.add(delivery);
        if (handed.count() == 1) {
            checkOrder(wish, copy, now);
        }
        if (!wish.auto()) {
            if (handed.ack() == null) {
                throw broken(what(copy) + " cannot be acknowledged");
            }
            wish.held.add(delivery);
            checkPrefetch(wish);
        }
    }

    private Copy copy(
            Wish wish, Published message, int name, long epoch, long sequence, Handed handed) {
        Copy known = wish.queue() ? message.copy(name) : wish.copies.get(message.index);
        if (known != null) {
            if (known.epoch != epoch || known.sequence != sequence) {
                throw broken(what(known) + " has two ids");
            }
            return known;
        }
        Copy copy = new Copy(message, name, epoch, sequence, handed);
        copies.add(copy);
        if (!wish.queue()) {
            wish.copies.put(message.index, copy);
            return copy;
        }
        message.add(copy);
        Copy other = places.put(new Place(Names.name(name), epoch, sequence), copy);
        if (other != null) {
            throw broken(what(other) + " and " + what(copy) + " have one id");
        }
        return copy;
    }

    /// Not before it was sent, not before its time, and not to who came after that.
    private void checkMoment(Copy copy, Wish wish, Handed handed) {
        Published message = copy.message;
        long arrived = handed.timestampMillis();
        if (arrived < message.madeMillis || arrived > clock.epochMillis()) {
            throw broken(what(copy) + " has a wrong timestamp");
        }
        if (copy.name != message.name) {
            return;
        }
        if (clock.epochMillis() < arrived + message.options.delayMillis()) {
            throw broken(what(copy) + " comes before its time");
        }
        long ttl = ttlMillis(message, copy.name);
        if (ttl > 0 && wish.madeMillis >= arrived + ttl) {
            throw broken(what(copy) + " comes after its time");
        }
    }

    /// 0 for any.
    static long ttlMillis(Published message, int name) {
        long own = message.options.ttlMillis();
        boolean brief = Names.name(name).startsWith("/queue/brief/");
        return !brief ? own : own == 0 ? Terms.BRIEF_MILLIS : Math.min(own, Terms.BRIEF_MILLIS);
    }

    private void checkSource(Copy copy, Handed handed, long now) {
        Published message = copy.message;
        boolean dead = copy.name != message.name;
        if (dead != (handed.reason() != null)) {
            throw broken(what(copy) + " is a dead letter for the reason " + handed.reason());
        }
        Transaction transaction = message.transaction;
        if (message.refused
                || transaction != null
                        && (transaction.committedAt >= now || transaction.told() == Fate.NOT)) {
            throw broken(what(copy) + " was never committed, or was refused");
        }
        if (stored(copy)
                && !disk.hasStored(new Place(Names.name(copy.name), copy.epoch, copy.sequence))) {
            throw broken(what(copy) + " is delivered and was not stored");
        }
    }

    /// Whether the journal must have it.
    boolean stored(Copy copy) {
        return stored(copy.message, copy.name);
    }

    private boolean stored(Published message, int name) {
        return disk.durable() && Terms.durable(name) && message.options.persistent();
    }

    /// Whether it may have gone with a life of the server, since nothing promised to keep it there.
    boolean mayBeGone(Published message, int name) {
        return message.life < life && !stored(message, name);
    }

    private void checkExclusive(Wish wish, Copy copy) {
        for (Wish other : consumers) {
            if (other != wish
                    && other.pattern == wish.pattern
                    && other.options.exclusive()
                    && other.activeAt
                            < (wish.options.exclusive() ? wish.madeAt : copy.message.madeAt)
                    && other.activeAt < copy.message.madeAt
                    && copy.name == copy.message.name
                    && other.undoneAt == Conversation.NEVER
                    && !other.by.ended()
                    && !other.by.endsUnheard.getAsBoolean()
                    && other.by.leftAt == Conversation.NEVER
                    && !wish.options.browser()) {
                throw broken(what(copy) + " is delivered beside an exclusive consumer");
            }
        }
    }

    /// First deliveries come in the order of the queue, priority by priority.
    private void checkOrder(Wish wish, Copy copy, long now) {
        Published message = copy.message;
        boolean dead = copy.name != message.name;
        if (!dead && message.options.delayMillis() > 0 || !Names.isQueue(copy.name)) {
            return;
        }
        int priority = message.options.priority();
        Copy before = wish.first[priority];
        if (before != null && before.epoch == copy.epoch && before.sequence > copy.sequence) {
            suspicions.add(new Suspicion(wish, copy, now));
        } else {
            wish.first[priority] = copy;
        }
    }

    private static void checkPrefetch(Wish wish) {
        long bytes = 0;
        for (Delivery held : wish.held) {
            bytes += held.copy.message.padding;
        }
        int count = wish.held.size();
        if (count > wish.options.prefetchCount()
                || count > 1 && bytes > wish.options.prefetchBytes()) {
            throw broken(
                    "a consumer was given %d messages, %d bytes to hold and asked for %s"
                            .formatted(count, bytes, wish.options));
        }
    }

    void browsed(Wish wish, long now) {
        if (!wish.options.browser() || wish.browsed) {
            throw broken("an end of what was never begun");
        }
        wish.browsed = true;
    }

    // --- What clients say ---

    /// A dedup id for a message, new or of one that the same user sent before.
    Repeated repeated(Conversation by, SplittableRandom random) {
        List<Repeated> own = repeated.get(by.login);
        if (own.isEmpty() || random.nextInt(3) == 0) {
            own.add(new Repeated("d" + by.login + "-" + own.size()));
            return own.getLast();
        }
        int latest = Math.min(own.size(), 6);
        return own.get(own.size() - 1 - random.nextInt(latest));
    }

    /// What an acknowledgement of this one covers.
    static List<Delivery> covers(Delivery delivery) {
        Wish wish = delivery.wish;
        if (wish.options.ack() == AckMode.CLIENT_INDIVIDUAL) {
            return List.of(delivery);
        }
        List<Delivery> all = new ArrayList<>();
        for (Delivery each : wish.held.subList(0, wish.held.indexOf(delivery) + 1)) {
            if (each.transaction == null) {
                all.add(each);
            }
        }
        return all;
    }

    static void settle(Delivery each, Settlement settlement, long now) {
        each.settlement = settlement;
        each.settledAt = now;
        each.wish.held.remove(each);
    }

    // --- When nothing moves any more ---

    /// Nobody waits for what is there: who is alone with a queue, holds nothing and takes anything
    /// has been given all that was sent.
    void quiet(List<Published> published) {
        for (Wish wish : consumers) {
            boolean idle =
                    alive(wish)
                            && wish.held.isEmpty()
                            && wish.taste == Taste.ALL
                            && !wish.options.browser();
            if (idle && consumers.stream().noneMatch(other -> excludes(other, wish))) {
                for (Published message : published) {
                    checkGiven(wish, message);
                }
            }
        }
    }

    private static boolean alive(Wish wish) {
        return wish.activeAt != Conversation.NEVER
                && wish.undoneAt == Conversation.NEVER
                && wish.by.leftAt == Conversation.NEVER
                && !wish.by.ended();
    }

    private static boolean excludes(Wish other, Wish wish) {
        return other != wish
                && other.pattern == wish.pattern
                && other.options.exclusive()
                && !other.refused
                && other.undoneAt == Conversation.NEVER
                && !other.by.ended();
    }

    private void checkGiven(Wish wish, Published message) {
        int queue = Names.queueOf(wish.pattern);
        Transaction transaction = message.transaction;
        Fate fate =
                transaction == null
                        ? Fate.of(message.asked, message.by, message.madeAt)
                        : transaction.joined(message.asked) ? transaction.told() : Fate.UNKNOWN;
        if (message.name == queue
                && message.repeated == null
                && message.copy(queue) == null
                && fate == Fate.DONE
                && !message.denied
                && !message.refused
                && !mayBeGone(message, queue)
                && ttlMillis(message, queue) == 0
                && message.options.delayMillis() == 0
                && (!Names.passing(queue) || message.madeAt > wish.activeAt)) {
            throw broken(
                    "message %d waits in %s though client %d would take it"
                            .formatted(message.index, Names.name(queue), wish.by.index));
        }
    }

    @Nullable Copy at(Place place) {
        return places.get(place);
    }
}
