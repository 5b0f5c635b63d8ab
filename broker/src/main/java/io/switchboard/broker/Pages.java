package io.switchboard.broker;

import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// The home shard's side of replays: which topics have a past, and what the next page of each
/// [Replay] is. Owned by its shard.
final class Pages {
    /// Messages and names that are looked at in one turn.
    private static final int LOOKS_MAX = 1_000;

    private static final int PAGE_LENGTH = 64 << 10;

    private final Shard shard;
    private final long bytesMax;

    /// Topics with a past, by their names' order: that is how patterns go through them.
    private final TreeMap<String, Topic> topics = new TreeMap<>();

    Pages(Shard shard) {
        this.shard = shard;
        // A page beside what is live must not be what fills the client's outbound queue.
        bytesMax = Math.min(PAGE_LENGTH, shard.limits.outboundBytesPerSession() / 4);
    }

    void add(Topic topic) {
        topics.put(topic.name, topic);
    }

    void remove(Topic topic) {
        topics.remove(topic.name, topic);
    }

    /// Posts the next page.
    void next(Replay replay) {
        Replay.Page page = new Replay.Page();
        boolean done = false;
        try {
            page.last = fill(page, replay);
            done = true;
        } finally {
            if (!done) {
                giveUp(replay);
                page.last = true;
                page.whole = false;
            }
            page.at = replay.at;
            page.atDone = replay.past == null;
            shard.post(replay.shard, new Post.Page(replay, page));
        }
    }

    /// The subscriber has gone, or what it was given last could not be made.
    void giveUp(Replay replay) {
        Past past = replay.past;
        Past.Cursor cursor = replay.cursor;
        replay.past = null;
        replay.cursor = null;
        if (past != null && cursor != null) {
            past.close(cursor);
        }
    }

    /// Whether all that there is here is in this page or an earlier one.
    private boolean fill(Replay.Page page, Replay replay) {
        if (replay.past != null) {
            meetAgain(page, replay);
        } else if (replay.at.isEmpty() && replay.from instanceof From.After) {
            // Nobody knows what followed a message of a topic that keeps nothing.
            page.whole = topics.containsKey(replay.destination);
        }
        while (true) {
            if (replay.past == null && !open(page, replay)) {
                return !replay.pattern || !page.full(bytesMax, LOOKS_MAX);
            }
            if (!copy(page, replay)) {
                return false;
            }
            close(page, replay);
        }
    }

    /// A topic may have been forgotten since the last page, and have come back as another one.
    private void meetAgain(Replay.Page page, Replay replay) {
        Topic topic = topics.get(replay.at);
        Past now = topic == null ? null : topic.past(replay.from);
        if (now == replay.past) {
            return;
        }
        if (replay.past != null && replay.cursor != null) {
            // It is empty; this finds out whether something was lost.
            replay.past.next(replay.cursor);
        }
        close(page, replay);
        if (now != null) {
            replay.past = now;
            From all = replay.from instanceof From.State ? replay.from : From.START;
            replay.cursor = now.open(all, shard.epochMillis());
        }
    }

    /// Opens the next past that there is for it; false if there is none, or if that has to wait.
    private boolean open(Replay.Page page, Replay replay) {
        for (Topic topic = nextTopic(replay); topic != null; topic = nextTopic(replay)) {
            if (page.full(bytesMax, LOOKS_MAX)) {
                return false;
            }
            page.look();
            replay.at = topic.name;
            Past past = matches(replay, topic) ? topic.past(replay.from) : null;
            if (past != null) {
                replay.past = past;
                replay.cursor = past.open(replay.from, shard.epochMillis());
                return true;
            }
        }
        return false;
    }

    private static boolean matches(Replay replay, Topic topic) {
        return !replay.pattern
                || PatternTrie.matches(replay.segments, DestinationName.segments(topic.name));
    }

    private @Nullable Topic nextTopic(Replay replay) {
        if (!replay.pattern) {
            return replay.at.isEmpty() ? topics.get(replay.destination) : null;
        }
        Map.Entry<String, Topic> next =
                replay.at.isEmpty()
                        ? topics.ceilingEntry(replay.prefix)
                        : topics.higherEntry(replay.at);
        return next == null || !next.getKey().startsWith(replay.prefix) ? null : next.getValue();
    }

    /// Whether it came to the end of what is open.
    private boolean copy(Replay.Page page, Replay replay) {
        Past past = replay.past;
        Past.Cursor cursor = replay.cursor;
        if (past == null || cursor == null) {
            throw new IllegalStateException("nothing is open");
        }
        Selector selector = replay.subscription.selector;
        long now = shard.epochMillis();
        while (!page.full(bytesMax, LOOKS_MAX)) {
            Kept kept = past.next(cursor);
            if (kept == null) {
                return true;
            }
            page.look();
            boolean wanted =
                    selector == null || selector.matches(kept.message(), kept.arrivedMillis());
            if (wanted && !kept.expired(now)) {
                page.add(kept);
            }
        }
        return false;
    }

    private void close(Replay.Page page, Replay replay) {
        if (replay.cursor != null) {
            page.whole &= replay.cursor.whole;
        }
        giveUp(replay);
    }
}
