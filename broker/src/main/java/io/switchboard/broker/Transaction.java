package io.switchboard.broker;

import java.util.ArrayList;
import java.util.List;

/// What a session has said within a transaction and not committed. Owned by its session's shard.
final class Transaction {
    final String id;
    final List<Message> sends = new ArrayList<>(4);

    final List<Part.Promise> promises = new ArrayList<>(4);

    long bytes;

    /// As [Rights#version] was when all of its messages were allowed for sure.
    long decidedAt;

    /// So many of them are, while the others are asked about again.
    int allowed;

    Transaction(String id) {
        this.id = id;
    }

    int frames() {
        return sends.size() + promises.size();
    }
}
