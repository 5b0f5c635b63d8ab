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
    public void append(Batch batch) {
        waiting.add(batch);
    }

    /// Stores the batch at that place in the line and says so.
    void store(int index, Node node) {
        Batch batch = waiting.remove(index);
        for (Change change : batch.changes()) {
            switch (change) {
                case Change.Put put -> stored.add(key(put.message()));
                case Change.Remove remove ->
                        stored.remove(remove.destination() + ' ' + remove.sequence());
            }
        }
        node.shards.get(batch.shard()).receive(new Post.Stored(batch, null));
        node.run();
    }

    private static String key(Message message) {
        return message.destination() + ' ' + message.sequence();
    }

    void fail(int index, Node node) {
        Batch batch = waiting.remove(index);
        Refusal full = new Refusal(Disconnect.STORE_FULL, "no room");
        node.shards.get(batch.shard()).receive(new Post.Stored(batch, full));
        node.run();
    }
}
