package io.switchboard.broker;

/// What one shard has done since it started. Written by the shard, so read on the shard; all but
/// the gauges only rise.
public final class Counters {
    long sessions;
    long subscriptions;
    long interests;
    long topics;
    long commands;
    long messagesIn;
    long messagesOut;
    long bytesWaiting;
    long waitsForCredit;
    long queues;
    long queued;
    long queueBytes;
    long transactionBytes;
    long duplicates;
    long durableSubscriptions;
    long durableDropped;
    long dedupBytes;
    long redelivered;
    long expired;
    long deadLetters;
    long rejected;
    long unrouted;
    long historyMessages;
    long historyBytes;
    long historyEvicted;
    long stateKeys;
    long stateBytes;
    long replays;
    long reads;
    long readsFailed;
    long lost;
    final long[] dropped = new long[Overflow.values().length];
    final long[] ended = new long[Disconnect.values().length];

    Counters() {}

    /// Gauge.
    public long sessions() {
        return sessions;
    }

    /// Gauge.
    public long subscriptions() {
        return subscriptions;
    }

    /// Gauge: names and patterns with subscribers on this shard.
    public long destinations() {
        return interests;
    }

    /// Gauge: topics that this shard is home to.
    public long topics() {
        return topics;
    }

    /// Gauge: commands of this shard's clients that were admitted and are not complete.
    public long commands() {
        return commands;
    }

    /// Messages accepted from clients.
    public long messagesIn() {
        return messagesIn;
    }

    /// Messages put into subscribers' queues.
    public long messagesOut() {
        return messagesOut;
    }

    /// Gauge: bytes of encoded messages held for subscribers that have not taken them yet.
    public long bytesWaiting() {
        return bytesWaiting;
    }

    /// How often a session had to wait until the commands before it were complete.
    public long waitsForCredit() {
        return waitsForCredit;
    }

    /// Gauge: queues that this shard is home to.
    public long queues() {
        return queues;
    }

    /// Gauge: messages in them, and in the private queues of subscriptions that acknowledge.
    public long queued() {
        return queued;
    }

    /// Gauge: what those are charged with, in bytes.
    public long queueBytes() {
        return queueBytes;
    }

    /// Messages handed again to a subscriber of this shard, after they had come back.
    public long redelivered() {
        return redelivered;
    }

    /// Gauge: what the messages in open transactions are charged with, in bytes.
    public long transactionBytes() {
        return transactionBytes;
    }

    /// Messages not delivered because their dedup id had been used.
    public long duplicates() {
        return duplicates;
    }

    /// Gauge: what the dedup ids are charged with that this shard remembers, in bytes.
    public long dedupBytes() {
        return dedupBytes;
    }

    /// Gauge: subscriptions that outlive their connections, at this shard.
    public long durableSubscriptions() {
        return durableSubscriptions;
    }

    /// Messages that went because too much waited for such a subscription.
    public long durableDropped() {
        return durableDropped;
    }

    /// Messages that grew too old.
    public long expired() {
        return expired;
    }

    /// Messages that went to the dead letters.
    public long deadLetters() {
        return deadLetters;
    }

    /// Messages given up that had no dead letters to go to, or no room there.
    public long rejected() {
        return rejected;
    }

    /// Messages to queues that go with their last subscriber, when there was none.
    public long unrouted() {
        return unrouted;
    }

    /// Gauge: messages in the histories of the topics that this shard is home to.
    public long historyMessages() {
        return historyMessages;
    }

    /// Gauge: what those are charged with, in bytes.
    public long historyBytes() {
        return historyBytes;
    }

    /// Gauge: keys with a value, of the topics with state that this shard is home to.
    public long stateKeys() {
        return stateKeys;
    }

    /// Gauge: what their values are charged with, in bytes.
    public long stateBytes() {
        return stateBytes;
    }

    /// Messages that left a history, or did not get in, for want of memory for all histories.
    public long historyEvicted() {
        return historyEvicted;
    }

    /// Gauge: subscriptions of this shard that are being given the past.
    public long replays() {
        return replays;
    }

    /// How often messages of queues that were not in memory were read from the journal.
    public long reads() {
        return reads;
    }

    /// How often that failed; it is tried again.
    public long readsFailed() {
        return readsFailed;
    }

    /// Messages that the journal should have and has not.
    public long lost() {
        return lost;
    }

    /// Messages not delivered to a slow subscriber, by the policy that dropped them.
    public long dropped(Overflow policy) {
        return dropped[policy.ordinal()];
    }

    /// Sessions ended, by reason.
    public long ended(Disconnect reason) {
        return ended[reason.ordinal()];
    }
}
