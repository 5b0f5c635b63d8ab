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
        Refusal refusal = checked.refusal();
        return refusal != null ? refusal : checkOptions(subscribe.options());
    }

    private @Nullable Refusal checkOptions(SubscribeOptions options) {
        if (checked.kind() == DestinationName.Kind.SESSION) {
            return options.equals(SubscribeOptions.DEFAULT)
                    ? null
                    : unsupported("expected ack:auto and no selector on " + checked.name());
        }
        if (options.selector() != null) {
            String error = Selector.parse(options.selector()).error();
            if (error != null) {
                return new Refusal(Disconnect.BAD_SELECTOR, error);
            }
        }
        if (!(options.from() instanceof From.Now)) {
            String error = wrongFrom(options.from());
            if (error != null) {
                return unsupported(error);
            }
        }
        if (options.durable() != null) {
            String error = wrongDurable(options);
            if (error != null) {
                return unsupported(error);
            }
        }
        if (checked.kind() == DestinationName.Kind.QUEUE) {
            if (options.maxRate() > 0) {
                return unsupported("expected a topic with max-rate but was " + checked.name());
            }
            return options.browser() && options.ack() != AckMode.AUTO
                    ? unsupported("expected ack:auto of a browser, which consumes nothing")
                    : null;
        }
        if (options.browser()) {
            return unsupported("expected a queue to browse but was " + checked.name());
        }
        if (options.from() instanceof From.State
                && (options.ack() != AckMode.AUTO
                        || options.durable() != null
                        || options.selector() != null)) {
            return unsupported(
                    "expected ack:auto, no selector and no durable subscription with from:state,"
                            + " which is about all keys as they are now");
        }
        if (options.maxRate() > 0 && (options.ack() != AckMode.AUTO || options.durable() != null)) {
            return unsupported(
                    "expected ack:auto and no durable subscription with max-rate, which leaves"
                            + " messages out");
        }
        return options.exclusive()
                ? unsupported("expected a queue to be exclusive on but was " + checked.name())
                : null;
    }

    private @Nullable String wrongFrom(From from) {
        if (checked.kind() == DestinationName.Kind.QUEUE) {
            return "expected a topic to have a past but was the queue " + checked.name();
        }
        if (from instanceof From.After && checked.pattern()) {
            return "expected one topic to go on after a message but was the pattern "
                    + checked.name()
                    + "; subscribe by name, or from:last or from:age";
        }
        boolean state = checked.pattern() || delivery.keepsState(checked.name());
        return from instanceof From.State && !state
                ? "expected a topic with state (state: on) for from:state but was " + checked.name()
                : null;
    }

    private @Nullable String wrongDurable(SubscribeOptions options) {
        if (checked.kind() != DestinationName.Kind.TOPIC) {
            return "expected a topic to be subscribed to durably but was " + checked.name();
        }
        return options.from() instanceof From.Now
                ? null
                : "expected a durable subscription to begin with what is sent from now on";
    }

    private static Refusal unsupported(String detail) {
        return new Refusal(Disconnect.UNSUPPORTED, detail);
    }

    static Refusal tooManyDestinations(int max) {
        return new Refusal(
                Disconnect.TOO_MANY_DESTINATIONS,
                "expected at most "
                        + max
                        + " live destinations, of which each shard has its share, but was one"
                        + " more");
    }

    /// The name that the last [#check] found right.
    String checkedName() {
        return checked.name();
    }

    /// Whether that is of the session itself, which no rule is about.
    boolean checkedIsOfSession() {
        return checked.kind() == DestinationName.Kind.SESSION;
    }

    /// The shard that does the work.
    int home(Command.Subscribe subscribe) {
        String durable = subscribe.options().durable();
        return shard.home(
                durable == null
                        ? parse(subscribe).name()
                        : durableKey(subscribe.session(), durable));
    }

    static String durableKey(Session session, String name) {
        return DurableName.key(session.user(), session.clientId, name);
    }

    private DestinationName.Parsed parse(Command.Subscribe subscribe) {
        Session session = subscribe.session();
        Principal principal = session.principal;
        return DestinationName.ofSubscribe(
                subscribe.destination(),
                shard.limits.destinationLength(),
                principal == null ? null : principal.name(),
                session.temporaryKey(subscribe.destination()));
    }

    /// An allowed and admitted SUBSCRIBE; it completes when the home shards know.
    void add(Command.Subscribe subscribe, Request request) {
        DestinationName.Parsed name = parse(subscribe);
        String text = subscribe.options().selector();
        Selector selector = text == null ? null : Selector.parse(text).selector();
        if (name.kind() == DestinationName.Kind.SESSION) {
            addListener(subscribe, request);
        } else if (subscribe.options().durable() != null) {
            addDurable(subscribe, name, subscribe.options().durable(), request);
        } else if (name.kind() == DestinationName.Kind.QUEUE) {
            addConsumer(subscribe, name.name(), selector, request);
        } else {
            addSubscriber(subscribe, name, selector, request);
        }
    }

    /// To what the session is told of itself.
    private void addListener(Command.Subscribe subscribe, Request request) {
        Session session = subscribe.session();
        Subscription subscription = subscription(subscribe, null, null);
        subscription.form = subscribe.form();
        if (session.notices == null) {
            session.notices = new Notices(session);
        }
        session.notices.add(subscription);
        shard.answer(request, null);
        shard.expiry().listens(session);
    }

    private void addConsumer(
            Command.Subscribe subscribe,
            String name,
            @Nullable Selector selector,
            Request request) {
        Subscription subscription = subscription(subscribe, null, selector);
        Consumer consumer = consumer(subscription, name, subscribe, shard.home(name), selector);
        request.subscribed = subscription;
        shard.post(consumer.home, new Post.Consume(consumer, request));
    }

    /// Its messages wait in a queue at the home shard of its client, whose only consumer it is; the
    /// selector stands before that.
    private void addDurable(
            Command.Subscribe subscribe,
            DestinationName.Parsed name,
            String durable,
            Request request) {
        Subscription subscription = subscription(subscribe, null, null);
        Consumer consumer =
                new Consumer(
                        subscription,
                        index,
                        request.home,
                        name.name(),
                        subscribe.options().withExclusive(),
                        null);
        subscription.consumer = consumer;
        subscription.form = subscribe.form();
        request.subscribed = subscription;
        DurableWish wish = wish(name, subscribe);
        String key = durableKey(subscribe.session(), durable);
        shard.post(
                consumer.home,
                new Post.ConsumeDurable(key, consumer, wish, owner(subscribe), request));
    }

    private static DurableWish wish(DestinationName.Parsed name, Command.Subscribe subscribe) {
        return new DurableWish(name.name(), name.pattern(), subscribe.options().selector());
    }

    private static Principal owner(Command.Subscribe subscribe) {
        Principal principal = subscribe.session().principal;
        if (principal == null) {
            throw new IllegalStateException("a SUBSCRIBE before CONNECT");
        }
        return principal;
    }

    /// A SUBSCRIBE was denied: what waits for its client, if it has that subscription, is not added
    /// to.
    void denied(Command.Subscribe subscribe) {
        String durable = subscribe.options().durable();
        if (durable != null) {
            String key = durableKey(subscribe.session(), durable);
            DurableWish wish = wish(parse(subscribe), subscribe);
            shard.post(shard.home(key), new Post.DurableDenied(key, wish, owner(subscribe)));
        }
    }

    /// What is known of a session's client has changed.
    void renewed(Session session) {
        for (int i = 0; i < session.subscriptionCount(); i++) {
            Consumer consumer = session.subscriptionAt(i).consumer;
            Principal principal = session.principal;
            String durable = consumer == null ? null : consumer.options.durable();
            if (durable != null && consumer != null && principal != null) {
                String key = durableKey(session, durable);
                shard.post(consumer.home, new Post.DurableOwner(key, principal));
            }
        }
    }

    /// Whatever consumes it in this session.
    void removeDurable(Session session, String name) {
        for (int i = session.subscriptionCount() - 1; i >= 0; i--) {
            Subscription subscription = session.subscriptionAt(i);
            Consumer consumer = subscription.consumer;
            if (consumer != null && name.equals(consumer.options.durable())) {
                remove(subscription);
            }
        }
    }

    private Subscription subscription(
            Command.Subscribe subscribe, @Nullable Interest interest, @Nullable Selector selector) {
        Session session = subscribe.session();
        Subscription subscription =
                new Subscription(
                        session,
                        subscribe.id(),
                        session.nextSubscriptionNumber(),
                        interest,
                        selector);
        session.add(subscription);
        shard.counters.subscriptions++;
        return subscription;
    }

    private Consumer consumer(
            Subscription subscription,
            String name,
            Command.Subscribe subscribe,
            int home,
            @Nullable Selector selector) {
        Consumer consumer =
                new Consumer(subscription, index, home, name, subscribe.options(), selector);
        subscription.consumer = consumer;
        subscription.form = subscribe.form();
        return consumer;
    }

    private void addSubscriber(
            Command.Subscribe subscribe,
            DestinationName.Parsed name,
            @Nullable Selector selector,
            Request request) {
        Interest interest = delivery.interest(name.name(), name.pattern());
        boolean first = interest == null;
        if (interest == null) {
            if (interestCount >= interestsMax) {
                shard.answer(request, tooManyDestinations(shard.limits.destinations()));
                return;
            }
            interestCount++;
            interest = delivery.addInterest(name.name(), name.pattern());
        }
        Subscription subscription = subscription(subscribe, interest, selector);
        if (subscribe.options().maxRate() > 0) {
            subscription.pace = new Pace(subscription, subscribe.options().maxRate());
        }
        if (subscribe.options().ack() != AckMode.AUTO) {
            // The selector stands before the private queue, not behind it.
            Consumer consumer = consumer(subscription, name.name(), subscribe, index, null);
            shard.queues().feed(consumer);
        }
        From from = subscribe.options().from();
        if (!(from instanceof From.Now)) {
            // Its receipt comes with the last of the past; its credit as for every other one.
            request.deferred = true;
            shard.replays().prepare(replay(subscription, from, name, request));
        }
        delivery.join(subscription, interest, subscribe.form());
        if (!name.pattern() && delivery.hasPresence(name.name())) {
            tellPresence(subscription, DestinationName.presence(name.name()));
        }
        know(interest, first, request);
        if (subscription.replay != null) {
            shard.replays().start(subscription.replay);
        }
    }

    private void tellPresence(Subscription subscription, String destination) {
        Session session = subscription.session;
        subscription.presence = destination;
        shard.post(
                shard.home(destination),
                new Post.Came(destination, session, session.id(), session.user()));
    }

    private void know(Interest interest, boolean first, Request request) {
        if (interest.known) {
            shard.answer(request, null);
            return;
        }
        List<Request> waiting = interest.waiting;
        if (waiting == null) {
            waiting = new ArrayList<>(1);
            interest.waiting = waiting;
        }
        waiting.add(request);
        if (first) {
            ask(interest);
        }
    }

    private Replay replay(
            Subscription subscription, From from, DestinationName.Parsed name, Request request) {
        return new Replay(
                subscription,
                from,
                name.name(),
                name.pattern(),
                index,
                name.pattern() ? 0 : shard.home(name.name()),
                name.pattern() ? shards : 1,
                request.receipt);
    }

    private void ask(Interest interest) {
        Ticket ticket = new Ticket(interest, interest.pattern ? shards : 1);
        if (!interest.pattern) {
            int home = shard.home(interest.destination);
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
        List<Request> waiting = interest.waiting;
        interest.waiting = null;
        if (waiting != null) {
            waiting.forEach(request -> shard.answer(request, null));
        }
    }

    /// It could not be made after all.
    void takeBack(Subscription subscription) {
        if (!subscription.gone) {
            remove(subscription);
        }
    }

    void remove(Subscription subscription) {
        subscription.gone = true;
        if (subscription.replay != null) {
            shard.replays().giveUp(subscription.replay);
        }
        subscription.session.remove(subscription);
        shard.counters.subscriptions--;
        Consumer consumer = subscription.consumer;
        if (consumer != null) {
            subscription.session.takeBack(subscription);
            shard.post(consumer.home, new Post.Cancel(consumer, subscription.written()));
        }
        if (subscription.presence != null) {
            shard.post(
                    shard.home(subscription.presence),
                    new Post.Went(subscription.presence, subscription.session));
        }
        Interest interest = subscription.interest;
        if (interest != null) {
            leave(subscription, interest);
        } else if (consumer == null && subscription.session.notices != null) {
            subscription.session.notices.remove(subscription);
        }
    }

    private void leave(Subscription subscription, Interest interest) {
        delivery.leave(subscription, interest);
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
        WireForm old = subscription.form();
        WireForm form = change.apply(old);
        if (form.equals(old)) {
            return;
        }
        Interest interest = subscription.interest;
        if (subscription.consumer != null || interest == null) {
            subscription.form = form;
        } else {
            delivery.move(subscription, interest, form);
        }
    }

    // --- Acknowledgements ---

    /// What an acknowledgement may mean; null if it can mean nothing. The epoch of a message says
    /// which queue it came from, so all that may hold it have one home shard.
    Commands.@Nullable Attempt attempt(Session session, Delivered which) {
        String ack = which.ack();
        String messageId = which.messageId();
        if (ack != null) {
            return byAck(session, ack);
        }
        if (messageId == null) {
            return null;
        }
        HeldName name = HeldName.ofMessage(messageId);
        Commands.Attempt attempt = null;
        for (int i = session.subscriptionCount() - 1; name != null && i >= 0; i--) {
            Subscription subscription = session.subscriptionAt(i);
            boolean meant =
                    which.subscription() == null || which.subscription().equals(subscription.id);
            if (meant
                    && subscription.consumer != null
                    && mayHold(subscription, name)
                    && (attempt == null || attempt.consumer().home == subscription.consumer.home)) {
                attempt = new Commands.Attempt(subscription.consumer, name, which.id(), attempt);
            }
        }
        return attempt;
    }

    private boolean mayHold(Subscription subscription, HeldName name) {
        Consumer consumer = subscription.consumer;
        if (consumer == null) {
            return false;
        }
        if (consumer.options.durable() != null) {
            // Its messages have the epochs of their topics.
            return true;
        }
        return subscription.interest == null
                ? subscription.epoch == name.epoch()
                : Settlements.holds(consumer, name);
    }

    /// `subscription number - tag`, as [Shard] writes it.
    private static Commands.@Nullable Attempt byAck(Session session, String ack) {
        int hyphen = ack.indexOf('-');
        if (hyphen < 1) {
            return null;
        }
        try {
            long number = Long.parseLong(ack, 0, hyphen, 10);
            long tag = Long.parseLong(ack, hyphen + 1, ack.length(), 10);
            Subscription subscription = session.subscription(number);
            return subscription == null || subscription.consumer == null || tag < 1
                    ? null
                    : new Commands.Attempt(subscription.consumer, HeldName.ofTag(tag), ack, null);
        } catch (NumberFormatException | IndexOutOfBoundsException e) {
            return null;
        }
    }

    static String ack(Subscription subscription, long tag) {
        return subscription.number + "-" + tag;
    }
}
