package io.switchboard.broker;

import java.nio.ByteBuffer;

/// A piece of memory that encoded bytes are put in. Owned by one shard; whoever writes it to a
/// socket after [#release] must have taken its own reference before.
public interface Slab {
    /// The whole memory, the same object each time; its owner alone moves position and limit.
    ByteBuffer bytes();

    /// Given back; not used after.
    void release();

    /// Where slabs come from. Owned by one shard.
    interface Source {
        /// At least `capacity` bytes, position 0.
        Slab allocate(int capacity);
    }
}
