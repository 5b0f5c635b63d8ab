package io.switchboard.broker;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// What outlives the process: changes are stored in batches, each of them all or nothing. Called on
/// any shard, never blocks.
///
/// A message is sequenced when it arrives and delivered when it is stored, in sequence. A batch
/// that fails leaves a gap in the sequences, never a message that somebody saw and that was not
/// stored.
///
/// What is stored lies in **homes**, each with a name and one owner among the shards
/// ([Shard#home(String, int)]): a queue has its own name, a topic's history that of the topic, and
/// what the broker keeps for itself has a prefix that no destination begins with. A home holds
/// messages, in the order of their places, and small values under names.
public interface Journal {
    /// Nothing is durable.
    Journal NONE =
            new Journal() {
                @Override
                public boolean durable() {
                    return false;
                }

                @Override
                public int incarnation() {
                    return 0;
                }

                @Override
                public void append(Batch batch) {
                    throw new AssertionError("there is no journal");
                }

                @Override
                public void read(Reading reading) {
                    throw new AssertionError("there is no journal");
                }

                @Override
                public void restore(Restoring restoring) {}
            };

    /// Whether messages to durable destinations are to be stored at all.
    boolean durable();

    /// Higher at each start of a server on the same data; 0 where nothing is durable. The high 32
    /// bits of the sequences that are given out now, so that those of an earlier life, stored or
    /// not, are never given again.
    int incarnation();

    /// Stores a batch and then posts [Post.Stored] to its shard, once. Batches of one shard are
    /// stored in the order in which they were appended; their answers may come in any.
    void append(Batch batch);

    /// Reads messages that are stored and then posts [Post.Read] to the shard, once.
    void read(Reading reading);

    /// Gives back all that is stored: home by home, first its values, then its messages in the
    /// order of their places. Called once, before the shards run; blocks.
    void restore(Restoring restoring);

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
        String home();

        /// A message has come to its home.
        ///
        /// @param arrivedMillis in milliseconds since 1970
        /// @param expiresMillis the same; 0 for never
        /// @param dueMillis the same: not delivered before; 0 for at once
        record Put(
                String home,
                Message message,
                long arrivedMillis,
                long expiresMillis,
                long dueMillis)
                implements Change {}

        /// The message with that place has left its home. It may have left with a range already.
        record Remove(String home, long epoch, long sequence) implements Change {}

        /// All messages of that epoch up to that place, it included, have left their home. Those of
        /// other epochs may be gone with them: a home with several is removed as a whole.
        record RemoveThrough(String home, long epoch, long sequence) implements Change {}

        /// The home has this value under this name, whatever it had before.
        ///
        /// @param value never changed again
        record Set(String home, String name, byte[] value) implements Change {}

        /// The home has no value under this name.
        record Unset(String home, String name) implements Change {}
    }

    /// A wish to read.
    final class Reading {
        private final int shard;
        private final String home;
        private final long epoch;
        private final long[] sequences;
        private final Found found;

        /// @param sequences rising; not copied: the caller gives it away
        Reading(int shard, String home, long epoch, long[] sequences, Found found) {
            this.shard = shard;
            this.home = home;
            this.epoch = epoch;
            this.sequences = sequences;
            this.found = found;
        }

        /// Who is to hear of it.
        public int shard() {
            return shard;
        }

        public String home() {
            return home;
        }

        public long epoch() {
            return epoch;
        }

        /// Rising. Read only.
        public long[] sequences() {
            return sequences;
        }

        void answered(List<@Nullable Message> messages, @Nullable Refusal failure) {
            found.found(messages, failure);
        }
    }

    /// What happens on the shard when the journal has read.
    interface Found {
        /// @param messages one for each sequence that was asked for; null where it is not stored.
        ///   Empty after a failure
        void found(List<@Nullable Message> messages, @Nullable Refusal failure);
    }

    /// Who takes what was stored.
    interface Restoring {
        void value(String home, String name, byte[] value);

        /// @param stored good during this call only
        void message(String home, StoredMessage stored);
    }

    /// A message as it is stored. What a queue has to know of each is cheap to ask.
    interface StoredMessage {
        long epoch();

        long sequence();

        long arrivedMillis();

        long expiresMillis();

        long dueMillis();

        int priority();

        /// As [Message#cost] has it.
        long cost();

        /// The whole of it, decoded anew at each call.
        Message message();
    }
}
