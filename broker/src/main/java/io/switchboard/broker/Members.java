package io.switchboard.broker;

import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The subscriptions of one [Interest] that share one wire form and selector: each message is
/// looked at and encoded once for all of them. Those that acknowledge form groups of their own, and
/// each gets the message itself, into its private queue; so do those with a `max-rate`, which share
/// what waits for them ([Pacing]), and each that gets the past first. Owned by its shard.
final class Members {
    private static final Subscription[] NOBODY = new Subscription[0];

    final WireForm form;
    final @Nullable Selector selector;
    final boolean acknowledging;

    /// What waits for them, if they have a `max-rate`; else null.
    final @Nullable LatestValues values;

    /// Its one subscription gets the past first; null where all get what is live.
    final @Nullable Replay replay;

    private Subscription[] subscriptions = NOBODY;
    private int count;

    Members(Key key, @Nullable LatestValues values) {
        form = key.form;
        selector = key.selector;
        acknowledging = key.acknowledging;
        replay = key.replay;
        this.values = values;
    }

    boolean suits(Key key) {
        return acknowledging == key.acknowledging
                && values != null == key.paced
                && replay == key.replay
                && form.equals(key.form)
                && Objects.equals(selector, key.selector);
    }

    Key key() {
        return new Key(form, selector, acknowledging, values != null, replay);
    }

    /// What the members of a group have in common.
    ///
    /// @param paced whether they have a `max-rate`, each its own
    record Key(
            WireForm form,
            @Nullable Selector selector,
            boolean acknowledging,
            boolean paced,
            @Nullable Replay replay) {

        static Key of(Subscription subscription, WireForm form) {
            return new Key(
                    form,
                    subscription.selector,
                    subscription.consumer != null,
                    subscription.pace != null,
                    subscription.replay);
        }
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
