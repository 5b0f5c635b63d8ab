package io.switchboard.broker;

/// Bounds of subscriptions that outlive their connections, for the whole node; each shard has its
/// share.
///
/// @param subscriptions at most; a further one is refused
/// @param perUser of these, of one user
public record DurableLimits(int subscriptions, int perUser) {
    /// Characters of the name of such a subscription, and of a client's id.
    public static final int NAME_LENGTH_MAX = 128;

    public static final DurableLimits DEFAULT = new DurableLimits(10_000, 1_000);

    public DurableLimits {
        if (subscriptions < 1 || perUser < 1) {
            throw new IllegalArgumentException(subscriptions + ", of a user " + perUser);
        }
    }
}
