package io.switchboard.broker;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// A journal that answers when a test says so, in any order, and fails when it is told to.
final class LateJournal implements Journal {
    final List<Batch> waiting = new ArrayList<>();
    final List<Reading> reading = new ArrayList<>();

    /// What is stored, by destination and sequence.
    final TreeSet<String> stored = new TreeSet<>();

    /// Of the messages that were ever stored.
    final TreeSet<Long> epochs = new TreeSet<>();

    private final Map<String, TreeMap<Long, Change.Put>> homes = new HashMap<>();
    private final Map<String, TreeMap<String, byte[]>> values = new TreeMap<>();
    int incarnation;

    @Override
    public boolean durable() {
        return true;
    }

    @Override
    public int incarnation() {
        return incarnation;
    }

    /// Gives all that is stored to the shards of a node, which then run.
    void restore(Node node) {
        List<Restoring> restoring = node.shards.stream().map(Shard::restoring).toList();
        values.forEach((home, named) -> {
            int shard = Shard.home(home, node.shards.size());
            named.forEach((name, value) -> restoring.get(shard).value(home, name, value));
        });
        homes.forEach((home, puts) -> {
            int shard = Shard.home(home, node.shards.size());
            puts.values().forEach(put -> restoring.get(shard).message(home, new Kept(put)));
        });
        Unclaimed.check(node.shards);
        node.shards.forEach(Shard::restored);
        node.shards.forEach(Shard::begin);
    }

    @Override
    public void restore(Restoring restoring) {
        homes.forEach((home, puts) ->
                puts.values().forEach(put -> restoring.message(home, new Kept(put))));
    }

    private record Kept(Change.Put put) implements StoredMessage {
        @Override
        public long epoch() {
            return put.message().epoch();
        }

        @Override
        public long sequence() {
            return put.message().sequence();
        }

        @Override
        public long arrivedMillis() {
            return put.arrivedMillis();
        }

        @Override
        public long expiresMillis() {
            return put.expiresMillis();
        }

        @Override
        public long dueMillis() {
            return put.dueMillis();
        }

        @Override
        public int priority() {
            return put.message().options().priority();
        }

        @Override
        public long cost() {
            return put.message().cost();
        }

        @Override
        public Message message() {
            return put.message();
        }
    }

    @Override
    public void read(Reading wish) {
        reading.add(wish);
    }

    /// Answers what was to be read, and what that brings about, until nothing is.
    void answerReads(Node node) {
        while (!reading.isEmpty()) {
            answerRead(0, node);
        }
    }

    void answerRead(int index, Node node) {
        Reading wish = reading.remove(index);
        List<@Nullable Message> messages = new ArrayList<>();
        TreeMap<Long, Change.Put> puts = homes.getOrDefault(wish.home(), new TreeMap<>());
        for (long sequence : wish.sequences()) {
            Change.Put put = puts.get(sequence);
            boolean there = put != null && put.message().epoch() == wish.epoch();
            messages.add(there ? put.message() : null);
        }
        node.shards.get(wish.shard()).receive(new Post.Read(wish, messages, null));
        node.run();
    }

    void failRead(int index, Node node) {
        Reading wish = reading.remove(index);
        Refusal broken = new Refusal(Disconnect.STORE_FAILED, "broken");
        node.shards.get(wish.shard()).receive(new Post.Read(wish, List.of(), broken));
        node.run();
    }

    @Override
    public void append(Batch batch) {
        waiting.add(batch);
    }

    /// Stores the batch at that place in the line and says so.
    void store(int index, Node node) {
        Batch batch = waiting.remove(index);
        for (Change change : batch.changes()) {
            switch (change) {
                case Change.Put put -> keep(put);
                case Change.Remove remove -> {
                    stored.remove(remove.home() + ' ' + remove.sequence());
                    homes.getOrDefault(remove.home(), new TreeMap<>()).remove(remove.sequence());
                }
                case Change.RemoveThrough through -> {
                    stored.removeIf(key ->
                            key.startsWith(through.home() + ' ')
                                    && sequence(key) <= through.sequence());
                    homes.getOrDefault(through.home(), new TreeMap<>())
                            .headMap(through.sequence(), true)
                            .clear();
                }
                case Change.Set set -> {
                    stored.add(set.home() + " = " + set.name());
                    values.computeIfAbsent(set.home(), home -> new TreeMap<>())
                            .put(set.name(), set.value());
                }
                case Change.Unset unset -> {
                    stored.remove(unset.home() + " = " + unset.name());
                    values.getOrDefault(unset.home(), new TreeMap<>()).remove(unset.name());
                }
            }
        }
        node.shards.get(batch.shard()).receive(new Post.Stored(batch, null));
        node.run();
    }

    void keep(Change.Put put) {
        stored.add(put.home() + ' ' + put.message().sequence());
        epochs.add(put.message().epoch());
        homes.computeIfAbsent(put.home(), home -> new TreeMap<>())
                .put(put.message().sequence(), put);
    }

    private static long sequence(String key) {
        return key.contains(" = ")
                ? Long.MAX_VALUE
                : Long.parseLong(key.substring(key.indexOf(' ') + 1));
    }

    /// As a damaged disk does.
    void forget(String home, long sequence) {
        stored.remove(home + ' ' + sequence);
        homes.getOrDefault(home, new TreeMap<>()).remove(sequence);
    }

    void fail(int index, Node node) {
        Batch batch = waiting.remove(index);
        Refusal full = new Refusal(Disconnect.STORE_FULL, "no room");
        node.shards.get(batch.shard()).receive(new Post.Stored(batch, full));
        node.run();
    }
}
