package io.switchboard.broker;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/// A journal that answers when a test says so, in any order, and fails when it is told to.
final class LateJournal implements Journal {
    final List<Batch> waiting = new ArrayList<>();

    /// What is stored, by destination and sequence.
    final TreeSet<String> stored = new TreeSet<>();

    @Override
    public boolean durable() {
        return true;
    }

    @Override
    public int incarnation() {
        return 0;
    }

    @Override
    public void restore(Restoring restoring) {}

    @Override
    public void read(Reading reading) {
        throw new AssertionError("nothing is read here: " + reading.home());
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
                case Change.Put put -> stored.add(put.home() + ' ' + put.message().sequence());
                case Change.Remove remove -> stored.remove(remove.home() + ' ' + remove.sequence());
                case Change.RemoveThrough through ->
                        stored.removeIf(key ->
                                key.startsWith(through.home() + ' ')
                                        && sequence(key) <= through.sequence());
                case Change.Set set -> stored.add(set.home() + " = " + set.name());
                case Change.Unset unset -> stored.remove(unset.home() + " = " + unset.name());
            }
        }
        node.shards.get(batch.shard()).receive(new Post.Stored(batch, null));
        node.run();
    }

    private static long sequence(String key) {
        return key.contains(" = ")
                ? Long.MAX_VALUE
                : Long.parseLong(key.substring(key.indexOf(' ') + 1));
    }

    void fail(int index, Node node) {
        Batch batch = waiting.remove(index);
        Refusal full = new Refusal(Disconnect.STORE_FULL, "no room");
        node.shards.get(batch.shard()).receive(new Post.Stored(batch, full));
        node.run();
    }
}
