package io.switchboard.broker;

/// One subscription's question "will everything published from now on reach me?" to the home shards
/// of its destination. Owned by the subscriber's shard.
public final class Ticket {
    final Interest interest;
    int outstanding;

    Ticket(Interest interest, int outstanding) {
        this.interest = interest;
        this.outstanding = outstanding;
    }
}
