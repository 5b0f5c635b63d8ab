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

    static final Refusal NOT_DELIVERED =
            new Refusal(
                    Disconnect.INTERNAL_ERROR,
                    "a message could not be given to all of its subscribers");

    private final int index;
    private final int count;
    private final LongSupplier epochs;
    private final long before;
    private final Shard shard;
    private final Map<String, Topic> topics = new HashMap<>();

    /// Patterns with subscribers anywhere: one bit per shard. Every shard knows all of them.
    private final PatternTrie<long[]> patterns = new PatternTrie<>();

    private int patternVersion;

    /// The order of messages to names that nobody subscribed to as such: they are not kept, so they
    /// share an epoch of this shard.
    private final Topic nameless;

    /// @param before the sequence before the first of a topic
    Topics(int index, int count, LongSupplier epochs, long before, Shard shard) {
        this.index = index;
        this.count = count;
        this.epochs = epochs;
        this.shard = shard;
        this.before = before;
        nameless = topic();
    }

    private Topic topic() {
        return new Topic(epochs.getAsLong(), before);
    }

    /// Those with subscribers of their own name.
    int topicCount() {
        return topics.size();
    }

    /// The shard that sequences this name's messages.
    int home(String name) {
        return Shard.home(name, count);
    }

    /// Station 6: gives the message its place in the order of its topic and sends it to every shard
    /// that has subscribers, this one included.
    void sequence(Message message, Request request) {
        Topic known = topics.get(message.destination());
        if (known != null && known.places != null && !known.places.empty()) {
            Message placed = message.at(known.epoch, ++known.sequence);
            known.places.open(() -> fill(placed, known, request)).keep();
            return;
        }
        Topic topic = known == null ? nameless : known;
        send(message.at(topic.epoch, ++topic.sequence), known, request);
    }

    private void send(Message placed, @Nullable Topic known, Request request) {
        long interested =
                (known == null ? 0 : known.shards) | patternShards(placed.destination(), known);
        int takers = 0;
        boolean done = false;
        try {
            if (interested != 0 && !shard.expired(placed)) {
                for (long rest = interested; rest != 0; rest &= rest - 1) {
                    int target = Long.numberOfTrailingZeros(rest);
                    if (target == index) {
                        shard.deliverHere(placed);
                    } else {
                        takers++;
                        shard.post(target, new Post.Deliver(placed, request));
                    }
                }
            }
            done = true;
        } finally {
            shard.answer(request, takers, done ? null : NOT_DELIVERED);
        }
    }

    private void fill(Message placed, Topic topic, Request request) {
        send(placed, topic, request);
        forgetIfIdle(placed.destination(), topic);
    }

    /// Keeps a place for a message of a commit.
    @Nullable Refusal prepare(Message message, Part part) {
        Topic topic = topics.computeIfAbsent(message.destination(), name -> topic());
        Places places = topic.places;
        if (places == null) {
            places = new Places();
            topic.places = places;
        }
        Message placed = message.at(topic.epoch, ++topic.sequence);
        Places.Place place = places.open(() -> fill(placed, topic, part.commit.request()));
        part.places.add(place);
        part.undo.add(() -> {
            place.giveUp();
            forgetIfIdle(placed.destination(), topic);
        });
        return null;
    }

    private void forgetIfIdle(String name, Topic topic) {
        if (topic.places != null && topic.places.empty()) {
            topic.places = null;
        }
        if (topic.shards == 0 && topic.places == null) {
            topics.remove(name, topic);
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
            topics.computeIfAbsent(destination, d -> topic()).shards |= bit;
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
                forgetIfIdle(destination, topic);
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
