package io.switchboard.testkit;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
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

        /// It is refused if the server does right.
        boolean refused;

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
        final long madeAt;
        final boolean denied;
        long receiptAt = NEVER;

        /// Its place in its destination's order, once anybody has seen it.
        boolean seen;

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
    }

    /// One SUBSCRIBE and what came of it.
    static final class Wish {
        /// Its place among all of the history.
        final int number;

        final Conversation by;
        final int id;
        final int pattern;
        final boolean denied;

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

    boolean ended() {
        return dropped || errorHeard || endHeard;
    }
}
