package io.switchboard.broker;

import java.util.Arrays;

/// The subscriptions of one [Interest] that share one wire form: each message is encoded once for
/// all of them. Owned by its shard.
final class Members {
    private static final Subscription[] NOBODY = new Subscription[0];

    final WireForm form;
    private Subscription[] subscriptions = NOBODY;
    private int count;

    Members(WireForm form) {
        this.form = form;
    }

    int count() {
        return count;
    }

    Subscription get(int index) {
        return subscriptions[index];
    }

    void add(Subscription subscription) {
        if (count == subscriptions.length) {
            subscriptions = Arrays.copyOf(subscriptions, count == 0 ? 1 : 2 * count);
        }
        subscription.members = this;
        subscription.memberIndex = count;
        subscriptions[count++] = subscription;
    }

    /// The last one takes the free place.
    void remove(Subscription subscription) {
        int index = subscription.memberIndex;
        Subscription last = subscriptions[--count];
        subscriptions[index] = last;
        last.memberIndex = index;
        Arrays.fill(subscriptions, count, count + 1, null);
        if (count > 8 && count < subscriptions.length / 4) {
            subscriptions = Arrays.copyOf(subscriptions, 2 * count);
        }
    }
}
