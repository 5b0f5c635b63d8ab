package io.switchboard.broker;

import java.util.HashMap;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// The topics that a shard is home to: their order and which shards have subscribers. Owned by that
/// shard.
final class Topics {
    /// Shards are bits of a long.
    static final int SHARDS_MAX = 64;

    private final int index;
    private final int count;
    private final LongSupplier epochs;
    private final Shard shard;
    private final Map<String, Topic> topics = new HashMap<>();

    /// Patterns with subscribers anywhere: one bit per shard. Every shard knows all of them.
    private final PatternTrie<long[]> patterns = new PatternTrie<>();

    private int patternVersion;

    /// The order of messages to names that nobody subscribed to as such: they are not kept, so they
    /// share an epoch of this shard.
    private final Topic nameless;

    Topics(int index, int count, LongSupplier epochs, Shard shard) {
        this.index = index;
        this.count = count;
        this.epochs = epochs;
        this.shard = shard;
        nameless = new Topic(epochs.getAsLong());
    }

    /// Those with subscribers of their own name.
    int topicCount() {
        return topics.size();
    }

    /// The shard that sequences this name's messages.
    int home(String name) {
        int hash = name.hashCode() * 0x9E3779B9;
        return count == 1 ? 0 : (hash >>> 16) % count;
    }

    /// Station 6: gives the message its place in the order of its topic and sends it to every shard
    /// that has subscribers, this one included.
    void sequence(Message message, Publication publication) {
        Topic known = topics.get(message.destination());
        Topic topic = known == null ? nameless : known;
        long interested = topic.shards | patternShards(message.destination(), known);
        int takers = 0;
        boolean done = false;
        try {
            if (interested != 0) {
                Message placed = message.at(topic.epoch, ++topic.sequence);
                for (long rest = interested; rest != 0; rest &= rest - 1) {
                    int target = Long.numberOfTrailingZeros(rest);
                    if (target == index) {
                        shard.deliverHere(placed);
                    } else {
                        takers++;
                        shard.post(target, new Post.Deliver(placed, publication));
                    }
                }
            }
            done = true;
        } finally {
            shard.post(publication.origin, new Post.Sequenced(publication, takers, done));
        }
    }

    private long patternShards(String destination, @Nullable Topic topic) {
        if (patterns.count() == 0) {
            return 0;
        }
        if (topic != null && topic.patternVersion == patternVersion) {
            return topic.patternShards;
        }
        long[] found = {0};
        patterns.forEachMatch(destination, shards -> found[0] |= shards[0]);
        if (topic != null) {
            topic.patternShards = found[0];
            topic.patternVersion = patternVersion;
        }
        return found[0];
    }

    void interested(int shardIndex, String destination, boolean pattern) {
        long bit = 1L << shardIndex;
        if (!pattern) {
            topics.computeIfAbsent(destination, d -> new Topic(epochs.getAsLong())).shards |= bit;
            return;
        }
        long[] shards = patterns.get(destination);
        if (shards == null) {
            shards = new long[1];
            patterns.put(destination, shards);
        }
        shards[0] |= bit;
        patternVersion++;
    }

    void noLongerInterested(int shardIndex, String destination, boolean pattern) {
        long bit = 1L << shardIndex;
        if (!pattern) {
            Topic topic = topics.get(destination);
            if (topic != null) {
                topic.shards &= ~bit;
                if (topic.shards == 0) {
                    topics.remove(destination);
                }
            }
            return;
        }
        long[] shards = patterns.get(destination);
        if (shards != null) {
            shards[0] &= ~bit;
            if (shards[0] == 0) {
                patterns.remove(destination);
            }
            patternVersion++;
        }
    }
}
