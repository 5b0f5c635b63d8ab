package io.switchboard.broker;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A subscription that gets a topic's past before its live messages: exactly once, in order,
/// without a hole in between.
///
/// ```
/// SUBSCRIBE -> Interested, as for every subscription: live messages come, and are not for it yet
///           -> NextPage -> [Page -> NextPage ->]* last Page -> live
/// ```
///
/// The home shard goes through the [Past] of the topic and posts what follows its cursor in pages;
/// the next one is asked for when the client's socket has taken what waits, one page a session at a
/// time, so that a slow client's past never grows its outbound queue beyond a page. A live message
/// that comes meanwhile is passed over here, since it is in the past too ([Past] says why). The
/// page that ends at the end of the past comes ahead of every later message, because posts between
/// two shards keep their order; from then on live messages are for this subscription as well.
///
/// A pattern's destinations have several home shards, which are gone through one after the other,
/// and at each the destinations in the order of their names: those before the one that is open are
/// live, also those that come into being there. So there is one cursor, however many destinations
/// match. One that keeps no past is live once the home shards know of the subscription.
///
/// What stands under a heading is owned by the shard that it names; the rest never changes.
public final class Replay {
    final Subscription subscription;
    final From from;
    final String destination;
    final boolean pattern;

    /// Of a pattern: its segments, and what every name begins with that it matches.
    final List<String> segments;

    final String prefix;

    /// Of the subscription's session.
    final int shard;

    /// What the client wants to hear at the end, or null.
    final @Nullable String receipt;

    // --- The subscription's shard ---

    /// The home shard whose turn it is, and those that follow.
    int home;

    int homesLeft;

    /// The home shards before it are done, for a pattern; and at this one the destinations before
    /// this name, and perhaps that as well.
    private String open = "";

    private boolean openDone;

    boolean whole = true;

    /// Given up, or at its end.
    boolean over;

    // --- The home shard whose turn it is ---

    /// The destination that was looked at last; empty before the first.
    String at = "";

    /// What is being gone through; both null between two destinations.
    @Nullable Past past;

    Past.@Nullable Cursor cursor;

    Replay(
            Subscription subscription,
            From from,
            String destination,
            boolean pattern,
            int shard,
            int home,
            int homes,
            @Nullable String receipt) {
        this.subscription = subscription;
        this.from = from;
        this.destination = destination;
        this.pattern = pattern;
        segments = pattern ? DestinationName.segments(destination) : List.of();
        prefix = pattern ? PatternTrie.literalPrefix(destination) : destination;
        this.shard = shard;
        this.home = home;
        homesLeft = homes;
        this.receipt = receipt;
    }

    /// Whether a live message is for this subscription already.
    ///
    /// @param homeOf the home shard of its destination
    boolean passes(String name, int homeOf) {
        if (!pattern || homeOf > home) {
            return false;
        }
        int order = homeOf < home ? -1 : name.compareTo(open);
        return order < 0 || order == 0 && openDone;
    }

    /// The home shard has come so far.
    void came(Page page) {
        whole &= page.whole;
        open = page.at;
        openDone = page.atDone;
        if (page.last && --homesLeft > 0) {
            home++;
            open = "";
            at = "";
        }
    }

    boolean atEnd() {
        return homesLeft == 0;
    }

    /// What a home shard sends at once. Filled there, then handed over.
    public static final class Page {
        final List<Kept> messages = new ArrayList<>();

        /// The destination that was looked at last, and whether it is at its end; empty for none.
        String at = "";

        boolean atDone;

        /// Nothing follows from this home shard but live messages.
        boolean last;

        /// Whether nothing was lost of what this page has come by.
        boolean whole = true;

        private long bytes;
        private int looks;

        Page() {}

        void add(Kept kept) {
            messages.add(kept);
            bytes += kept.message().cost();
        }

        /// Something was looked at; it may not be for the subscriber.
        void look() {
            looks++;
        }

        boolean full(long bytesMax, int looksMax) {
            return bytes >= bytesMax || looks >= looksMax;
        }
    }
}
