package io.switchboard.server.app;

import io.switchboard.broker.Shard;
import java.util.function.Consumer;

/// The way to the shards for who is on another thread.
public interface Shards {
    int count();

    /// Runs something on a shard's thread, in order with what the caller had run there before.
    ///
    /// @throws java.util.concurrent.RejectedExecutionException if the shard has stopped
    void run(int index, Consumer<Shard> task);

    /// Whether the caller is on the thread of one of them, where nobody must wait.
    boolean onShard();
}
