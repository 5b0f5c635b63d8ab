package io.switchboard.broker;

import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// What the sessions of one shard are subscribed to, and what the home shards know of it: they hear
/// of the first subscriber of a name on this shard and of the end of the last. Owned by its shard.
final class Subscriptions {
    private final int index;
    private final int shards;
    private final int interestsMax;
    private final Delivery delivery;
    private final Shard shard;
    private int interestCount;
    private DestinationName.Parsed checked = DestinationName.Parsed.refused("");

    Subscriptions(int index, int shards, int interestsMax, Delivery delivery, Shard shard) {
        this.index = index;
        this.shards = shards;
        this.interestsMax = interestsMax;
        this.delivery = delivery;
        this.shard = shard;
    }

    int interestCount() {
        return interestCount;
    }

    /// What is wrong with a SUBSCRIBE that no access rule need be asked about; null if nothing.
    @Nullable Refusal check(Command.Subscribe subscribe) {
        Session session = subscribe.session();
        if (session.subscription(subscribe.id()) != null) {
            return new Refusal(
                    Disconnect.DUPLICATE_SUBSCRIPTION,
                    "expected an id of its own but "
                            + subscribe.id()
                            + " is a subscription already; UNSUBSCRIBE it first");
        }
        int max = shard.limits.subscriptionsPerSession();
        if (session.subscriptionCount() >= max) {
            return new Refusal(
                    Disconnect.TOO_MANY_SUBSCRIPTIONS,
                    "expected at most "
                            + max
                            + " subscriptions in a session but was one more; use patterns");
        }
        checked = parse(subscribe);
        return checked.refusal();
    }

    /// The name that the last [#check] found right.
    String checkedName() {
        return checked.name();
    }

    String nameOf(Command.Subscribe subscribe) {
        return parse(subscribe).name();
    }

    private DestinationName.Parsed parse(Command.Subscribe subscribe) {
        Principal principal = subscribe.session().principal;
        return DestinationName.ofSubscribe(
                subscribe.destination(),
                shard.limits.destinationLength(),
                principal == null ? null : principal.name());
    }

    /// An allowed and admitted SUBSCRIBE; it completes when the home shards know.
    void add(Command.Subscribe subscribe, int home) {
        DestinationName.Parsed name = parse(subscribe);
        Interest interest = delivery.interest(name.name(), name.pattern());
        boolean first = interest == null;
        Interest.PendingSubscribe pending =
                new Interest.PendingSubscribe(
                        subscribe.session(), subscribe.receipt(), home, Admission.cost(subscribe));
        if (interest == null) {
            if (interestCount >= interestsMax) {
                shard.refuseAdmitted(
                        subscribe,
                        pending,
                        new Refusal(
                                Disconnect.TOO_MANY_DESTINATIONS,
                                "expected at most "
                                        + shard.limits.destinations()
                                        + " live destinations, of which each shard has its share,"
                                        + " but was one more"));
                return;
            }
            interestCount++;
            interest = delivery.addInterest(name.name(), name.pattern());
        }
        Subscription subscription = new Subscription(subscribe.session(), subscribe.id(), interest);
        subscribe.session().add(subscription);
        delivery.join(subscription, subscribe.form());
        shard.counters.subscriptions++;
        if (interest.known) {
            shard.subscribed(pending);
            return;
        }
        List<Interest.PendingSubscribe> waiting = interest.waiting;
        if (waiting == null) {
            waiting = new ArrayList<>(1);
            interest.waiting = waiting;
        }
        waiting.add(pending);
        if (first) {
            ask(interest, home);
        }
    }

    private void ask(Interest interest, int home) {
        Ticket ticket = new Ticket(interest, interest.pattern ? shards : 1);
        if (!interest.pattern) {
            shard.post(home, new Post.Interested(index, interest.destination, false, ticket));
            return;
        }
        for (int i = 0; i < shards; i++) {
            shard.post(i, new Post.Interested(index, interest.destination, true, ticket));
        }
    }

    /// One home shard has answered. The SUBSCRIBEs complete even if they were undone meanwhile.
    void known(Ticket ticket) {
        if (--ticket.outstanding > 0) {
            return;
        }
        Interest interest = ticket.interest;
        interest.known = true;
        List<Interest.PendingSubscribe> waiting = interest.waiting;
        interest.waiting = null;
        if (waiting != null) {
            waiting.forEach(shard::subscribed);
        }
    }

    void remove(Subscription subscription) {
        subscription.session.remove(subscription);
        shard.counters.subscriptions--;
        delivery.leave(subscription);
        Interest interest = subscription.interest;
        if (!interest.empty()) {
            return;
        }
        delivery.removeInterest(interest);
        interestCount--;
        Post.NoLongerInterested gone =
                new Post.NoLongerInterested(index, interest.destination, interest.pattern);
        if (!interest.pattern) {
            shard.post(shard.home(interest.destination), gone);
            return;
        }
        for (int i = 0; i < shards; i++) {
            shard.post(i, gone);
        }
    }

    void reform(Subscription subscription, UnaryOperator<WireForm> change) {
        WireForm form = change.apply(subscription.form());
        if (!form.equals(subscription.form())) {
            delivery.leave(subscription);
            delivery.join(subscription, form);
        }
    }
}
