package io.switchboard.storage;

import io.switchboard.broker.Post;

/// The way back to the shards: puts a post into a shard's inbox, from any thread.
public interface Answers {
    void post(int shard, Post post);
}
