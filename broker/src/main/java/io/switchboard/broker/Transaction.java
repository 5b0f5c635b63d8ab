package io.switchboard.broker;

import java.util.ArrayList;
import java.util.List;

/// What a session has said within a transaction and not committed. Owned by its session's shard.
final class Transaction {
    final String id;
    final List<Message> sends = new ArrayList<>(4);

    final List<Part.Promise> promises = new ArrayList<>(4);

    long bytes;

    Transaction(String id) {
        this.id = id;
    }

    int frames() {
        return sends.size() + promises.size();
    }
}
