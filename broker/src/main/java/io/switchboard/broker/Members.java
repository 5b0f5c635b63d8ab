package io.switchboard.broker;

import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The subscriptions of one [Interest] that share one wire form and selector: each message is
/// looked at and encoded once for all of them. Those that acknowledge form groups of their own, and
/// each gets the message itself, into its private queue. Owned by its shard.
final class Members {
    private static final Subscription[] NOBODY = new Subscription[0];

    final WireForm form;
    final @Nullable Selector selector;
    final boolean acknowledging;
    private Subscription[] subscriptions = NOBODY;
    private int count;

    Members(WireForm form, @Nullable Selector selector, boolean acknowledging) {
        this.form = form;
        this.selector = selector;
        this.acknowledging = acknowledging;
    }

    boolean suits(Key key) {
        return acknowledging == key.acknowledging
                && form.equals(key.form)
                && Objects.equals(selector, key.selector);
    }

    Key key() {
        return new Key(form, selector, acknowledging);
    }

    /// What the members of a group have in common.
    record Key(WireForm form, @Nullable Selector selector, boolean acknowledging) {}

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
