package io.switchboard.testkit;

import io.switchboard.broker.AckMode;
import io.switchboard.broker.From;
import io.switchboard.broker.SendOptions;
import io.switchboard.broker.SubscribeOptions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/// One connection as its client lives through it: what it asked for and what it has heard.
final class Conversation {
    static final long NEVER = Long.MAX_VALUE;

    final int index;
    final int login;
    long connectedAt = NEVER;

    /// The client asked to leave, or vanished; or it heard an ERROR or the end of the bytes.
    long leftAt = NEVER;

    boolean dropped;
    boolean errorHeard;
    boolean endHeard;
    @Nullable Asked leaving;

    /// It asked for something that the server must refuse.
    boolean refusalDue;

    boolean mistakeMade;

    /// What has not arrived though it should have, unless the next ERROR explains it.
    @Nullable String missing;

    /// It has said nothing for so long that the server may give it up.
    boolean silent;

    /// The same, before its CONNECT was answered.
    boolean connectLate;

    /// A server may have closed without its last words having been read.
    boolean cutOff;

    /// It empties a queue when all is over.
    boolean collector;

    /// Whether the server has begun to end it.
    BooleanSupplier endsUnheard = () -> false;

    /// Refusals do not end it.
    boolean soft;

    /// All that was said before has been done, or refused.
    long completeAt = -1;

    /// It may acknowledge what it was right to and the server does not know any more.
    boolean deliveryMayBeUnknown;

    boolean transactionMayBeUnknown;

    /// Open ones.
    final List<Transaction> transactions = new ArrayList<>();

    /// The latest time at which any message that has arrived here was made.
    long latestMadeAt = -1;

    /// By subscription id; an id is used again only when nothing of its former use can come.
    final List<@Nullable Wish> wishes = new ArrayList<>();

    /// All that ever were.
    final List<Wish> history = new ArrayList<>();

    final List<Asked> asked = new ArrayList<>();

    Conversation(int index, int login) {
        this.index = index;
        this.login = login;
    }

    /// One frame that wants a receipt.
    static final class Asked {
        final int number;
        final Conversation by;

        /// What it was about: at most one of these.
        final @Nullable Published published;

        final @Nullable Wish begun;
        final @Nullable Wish undone;
        List<Copy.Delivery> settled = List.of();
        @Nullable Transaction begins;
        @Nullable Transaction commits;

        /// Its transaction, or null.
        @Nullable Transaction within;

        /// It is refused if the server does right.
        boolean refused;

        /// The client was told that it was refused.
        boolean refusedHeard;

        boolean leaves;

        /// What the receipt of a SUBSCRIBE says of the past, where it says anything.
        @Nullable Boolean recovered;

        boolean answered;

        Asked(
                int number,
                Conversation by,
                @Nullable Published published,
                @Nullable Wish begun,
                @Nullable Wish undone) {
            this.number = number;
            this.by = by;
            this.published = published;
            this.begun = begun;
            this.undone = undone;
        }
    }

    /// One SEND.
    static final class Published {
        final int index;
        final Conversation by;
        final int name;
        final int padding;
        final boolean denied;
        SendOptions options = SendOptions.DEFAULT;
        @Nullable Transaction transaction;
        @Nullable Asked asked;

        /// What it has in common with others of the same dedup id; null for one without.
        @Nullable Repeated repeated;

        /// The same in the clock's time.
        long madeMillis;

        /// When it was sent; in a transaction, when that was committed.
        long madeAt;

        /// It was refused.
        boolean refused;

        /// The life of the server in which it was sent; in a transaction, in which that was
        /// committed.
        int life;

        /// By queue.
        private @Nullable Copy @Nullable [] copies;

        long receiptAt = NEVER;

        /// Its place in its destination's order, once anybody has seen it.
        boolean seen;

        /// When that was.
        long seenAt = NEVER;

        long epoch;
        long sequence;

        Published(int index, Conversation by, int name, int padding, long madeAt, boolean denied) {
            this.index = index;
            this.by = by;
            this.name = name;
            this.padding = padding;
            this.madeAt = madeAt;
            this.denied = denied;
        }

        /// Whether the server is sure to have handled it: somebody heard of it, or its sender is
        /// there to say so.
        boolean certain() {
            if (transaction != null && transaction.told() != Fate.DONE) {
                return seen;
            }
            return seen || receiptAt != NEVER || !by.ended() && by.leftAt == NEVER;
        }

        @Nullable Copy copy(int queue) {
            return copies == null ? null : copies[queue - Names.TOPIC_COUNT];
        }

        /// Out of a queue, be it as a dead letter.
        boolean delivered() {
            return copies != null;
        }

        void add(Copy copy) {
            if (copies == null) {
                copies = new Copy[Names.QUEUE_COUNT];
            }
            copies[copy.name - Names.TOPIC_COUNT] = copy;
        }
    }

    /// One SUBSCRIBE and what came of it.
    static final class Wish {
        /// Its place among all of the history.
        final int number;

        final Conversation by;
        final int id;
        final int pattern;
        final boolean denied;

        SubscribeOptions options = SubscribeOptions.DEFAULT;
        Taste taste = Taste.ALL;
        long madeAt;
        long madeMillis;
        boolean refused;

        /// The message behind which it begins, where it names one.
        @Nullable Published after;

        /// The end marker of a browser has come.
        boolean browsed;

        /// What the client has and has not settled, in its order.
        final List<Copy.Delivery> held = new ArrayList<>(0);

        /// Those that settle something of it, their outcome known or not.
        final Set<Transaction> committing = new HashSet<>(0);

        /// By message and queue.
        private final Set<Integer> shown = new HashSet<>(0);

        /// What it acknowledges of a topic, by message.
        final Map<Integer, Copy> copies = new HashMap<>(0);

        /// By priority: the last one that was delivered for the first time.
        final @Nullable Copy[] first = new Copy[SendOptions.PRIORITY_MAX + 1];

        /// When the client has seen its receipt.
        long activeAt = NEVER;

        /// When the client sent its UNSUBSCRIBE, and when it saw that one's receipt.
        long undoneAt = NEVER;

        long goneAt = NEVER;

        /// Messages that arrived, by the index of their [Published].
        private long[] arrived = new long[4];

        /// By destination: the last message that arrived.
        final @Nullable Published[] last = new Published[Names.COUNT];

        Wish(int number, Conversation by, int id, int pattern, boolean denied) {
            this.number = number;
            this.by = by;
            this.id = id;
            this.pattern = pattern;
            this.denied = denied;
        }

        boolean means(int name) {
            return Names.means(by.login, pattern, name);
        }

        /// Whether it begins in the past.
        boolean past() {
            return !(options.from() instanceof From.Now);
        }

        /// Whether it is for the messages of a queue.
        boolean queue() {
            return Names.wishesQueue(pattern);
        }

        /// Whether its messages come from a queue, be it a private one of its own.
        boolean consumes() {
            return queue() || options.ack() != AckMode.AUTO;
        }

        boolean auto() {
            return options.ack() == AckMode.AUTO;
        }

        /// Whether it has not had what it must be given.
        boolean misses(Published message) {
            return activeAt < message.madeAt
                    && !message.denied
                    && !message.refused
                    && taste.wants(message.index)
                    && means(message.name)
                    && !has(message.index);
        }

        String missing(Published message) {
            return "message "
                    + message.index
                    + " has not arrived at the subscription "
                    + id
                    + " of client "
                    + by.index;
        }

        /// Whether it is for all of a topic that keeps all.
        boolean forAll(int name) {
            return options.from() instanceof From.Start && Names.keptWhole(name) && means(name);
        }

        /// Notes that a message was shown; answers whether it had been before.
        boolean shownBefore(int published, int name) {
            return !shown.add(published * Names.COUNT + name);
        }

        boolean has(int published) {
            int word = published >> 6;
            return word < arrived.length && (arrived[word] & 1L << published) != 0;
        }

        /// Answers whether it had not arrived before.
        boolean arrive(int published) {
            int word = published >> 6;
            if (word >= arrived.length) {
                arrived = Arrays.copyOf(arrived, 2 * word);
            }
            long before = arrived[word];
            arrived[word] |= 1L << published;
            return arrived[word] != before;
        }
    }

    /// Nothing moves any more: has it been told all that it must be?
    void checkNothingIsOwed() {
        if (missing != null) {
            throw new AssertionError(missing);
        }
        if (!soft && (refusalDue || mistakeMade)) {
            throw new AssertionError("client " + index + " is not refused what it must be");
        }
        if (connectedAt == NEVER) {
            throw new AssertionError("client " + index + " waits for ever to be connected");
        }
        for (Asked question : asked) {
            Wish wish = question.begun;
            if (wish != null
                    && wish.forAll(Names.KEPT)
                    && wish.pattern != Names.WISH_COUNT - 1
                    && wish.undoneAt == NEVER
                    && Boolean.FALSE.equals(question.recovered)) {
                throw new AssertionError("a past is not called whole and is there");
            }
            if (!question.answered && !question.refusedHeard) {
                throw new AssertionError(
                        "client " + index + " waits for ever for the receipt " + question.number);
            }
        }
    }

    /// What its consumers may be handed at a time, in bytes.
    long credit() {
        long bytes = 0;
        for (Wish wish : history) {
            if (wish.consumes() && wish.goneAt == NEVER) {
                long most = Line.MESSAGE_MAX * (long) wish.options.prefetchCount();
                bytes += Math.max(Line.MESSAGE_MAX, Math.min(most, wish.options.prefetchBytes()));
            }
        }
        return bytes;
    }

    /// At a moment that its client cannot know.
    boolean endedByServer() {
        return errorHeard || cutOff || dropped && endsUnheard.getAsBoolean();
    }

    boolean ended() {
        return dropped || errorHeard || endHeard;
    }
}
