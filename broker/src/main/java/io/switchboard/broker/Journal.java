package io.switchboard.broker;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// What outlives the process: changes are stored in batches, each of them all or nothing. Called on
/// any shard, never blocks.
///
/// A message is sequenced when it arrives and delivered when it is stored, in sequence. A batch
/// that fails leaves a gap in the sequences, never a message that somebody saw and that was not
/// stored.
public interface Journal {
    /// Nothing is durable.
    Journal NONE =
            new Journal() {
                @Override
                public boolean durable() {
                    return false;
                }

                @Override
                public void append(Batch batch) {
                    throw new AssertionError("there is no journal");
                }
            };

    /// Whether messages to durable destinations are to be stored at all.
    boolean durable();

    /// Stores a batch and then posts [Post.Stored] to its shard, once. Batches of one shard are
    /// stored in the order in which they were appended; their answers may come in any.
    void append(Batch batch);

    /// One atomic change.
    final class Batch {
        private final int shard;
        private final List<Change> changes;
        private final Then then;

        Batch(int shard, List<Change> changes, Then then) {
            this.shard = shard;
            this.changes = List.copyOf(changes);
            this.then = then;
        }

        /// Who is to hear of it.
        public int shard() {
            return shard;
        }

        public List<Change> changes() {
            return changes;
        }

        void answered(@Nullable Refusal failure) {
            then.stored(failure);
        }
    }

    /// What happens on the shard when the journal has answered.
    interface Then {
        /// @param failure null if the batch is stored; else it is as if it had never been
        void stored(@Nullable Refusal failure);
    }

    sealed interface Change {
        /// A message has come to its destination.
        ///
        /// @param arrivedMillis in milliseconds since 1970
        /// @param expiresMillis the same; 0 for never
        /// @param dueMillis the same: not delivered before; 0 for at once
        record Put(Message message, long arrivedMillis, long expiresMillis, long dueMillis)
                implements Change {}

        /// The message with that place has left its destination.
        record Remove(String destination, long epoch, long sequence) implements Change {}
    }
}
