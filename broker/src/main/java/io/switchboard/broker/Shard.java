package io.switchboard.broker;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// One of the broker's N shards: a function of its state, a command and the posts of the other
/// shards. It keeps the sessions of its connections, and it is home to the topics whose names hash
/// to it. It shares nothing mutable with other shards; all calls come from its one thread.
///
/// The way of a message through here: [#handle] (access, credit), [Topics#sequence] at the
/// destination's home shard, [Delivery#deliver] at every shard that has subscribers, and
/// [#endTurn], which hands what was delivered to the sockets.
///
/// A **turn** is all that is ready at once. What is delivered in it leaves at its end, so under
/// load many messages share one write to a socket, and when idle a message leaves at once.
public final class Shard {
    final BrokerLimits limits;
    final Counters counters = new Counters();
    private final int index;
    private final Loop loop;
    private final LongSupplier ids;
    private final AccessRules rules;
    private final Admission admission;
    private final Topics topics;
    private final Subscriptions subscriptions;
    private final Delivery delivery;

    private Session[] dirty = new Session[64];
    private int dirtyCount;

    /// So many of them have been flushed in this turn.
    private int flushedCount;

    private boolean turnEndAsked;
    private final List<Session> doomed = new ArrayList<>();
    private final ArrayDeque<Session> toResume = new ArrayDeque<>();
    private boolean creditsFreed;

    /// @param index of this shard, below `count`
    /// @param count of shards, at most 64
    /// @param epochs random numbers, one for each incarnation of a topic and each session
    public Shard(
            int index,
            int count,
            Loop loop,
            Slab.Source slabs,
            LongSupplier epochs,
            AccessRules rules,
            Policies policies,
            BrokerLimits limits) {
        if (count < 1 || count > Topics.SHARDS_MAX || index < 0 || index >= count) {
            throw new IllegalArgumentException("shard " + index + " of " + count);
        }
        this.index = index;
        this.loop = loop;
        ids = epochs;
        this.rules = rules;
        this.limits = limits;
        admission = new Admission(limits, count);
        delivery = new Delivery(slabs, policies, counters, limits.outboundBytes() / count, this);
        topics = new Topics(index, count, epochs, this);
        subscriptions =
                new Subscriptions(
                        index, count, Math.max(1, limits.destinations() / count), delivery, this);
    }

    public Counters counters() {
        counters.bytesWaiting = delivery.bytesHeld();
        counters.interests = subscriptions.interestCount();
        counters.topics = topics.topicCount();
        counters.commands = admission.commands();
        return counters;
    }

    /// A session for a connection that was just accepted; it can be spoken to with [Session#send]
    /// and does nothing before its [Command.Connect].
    public Session open(SessionEvents events, Wire wire) {
        counters.sessions++;
        return new Session(ids.getAsLong(), this, events, wire);
    }

    // --- What clients ask ---

    /// Executes a client's command, or parks it where an answer or a credit is missing.
    ///
    /// @throws IllegalStateException if the session has a parked command
    public void handle(Command command) {
        Session session = command.session();
        if (session.closed() || session.leaving != null) {
            return;
        }
        if (session.parked != null) {
            throw new IllegalStateException("a command waits: " + session.parked);
        }
        switch (command) {
            case Command.Connect connect -> connect(connect);
            case Command.Publish publish -> publish(publish);
            case Command.Subscribe subscribe -> subscribe(subscribe);
            case Command.Unsubscribe unsubscribe -> unsubscribe(unsubscribe);
            case Command.Leave leave -> leave(leave);
        }
    }

    private void connect(Command.Connect connect) {
        connect.session().principal = connect.principal();
        decide(connect, AccessRules.Action.CONNECT, "");
    }

    private void publish(Command.Publish publish) {
        Session session = publish.session();
        String text = publish.message().destination();
        if (!text.equals(session.sendText)) {
            DestinationName.Parsed name = DestinationName.ofSend(text, limits.destinationLength());
            Refusal refusal = name.refusal();
            if (refusal != null) {
                session.events.refused(publish, refusal);
                return;
            }
            session.sendText = text;
            session.sendName = name.name();
        }
        decide(publish, AccessRules.Action.SEND, session.sendName);
    }

    private void subscribe(Command.Subscribe subscribe) {
        Refusal refusal = subscriptions.check(subscribe);
        if (refusal != null) {
            subscribe.session().events.refused(subscribe, refusal);
        } else {
            decide(subscribe, AccessRules.Action.SUBSCRIBE, subscriptions.checkedName());
        }
    }

    private void unsubscribe(Command.Unsubscribe unsubscribe) {
        Session session = unsubscribe.session();
        Subscription subscription = session.subscription(unsubscribe.id());
        if (subscription == null) {
            refuse(
                    unsubscribe,
                    Disconnect.UNKNOWN_SUBSCRIPTION,
                    "expected the id of a subscription but was " + unsubscribe.id());
            return;
        }
        subscriptions.remove(subscription);
        complete(session, unsubscribe.receipt());
    }

    private void leave(Command.Leave leave) {
        Session session = leave.session();
        session.leaving = leave;
        if (session.commands == 0) {
            session.events.left(leave);
        }
    }

    /// Station 5: may it do this?
    private void decide(Command command, AccessRules.Action action, String destination) {
        Session session = command.session();
        Principal principal = session.principal;
        if (principal == null) {
            throw new IllegalStateException("a command before CONNECT: " + command);
        }
        long question = ++session.question;
        AccessRules.Decision decision =
                rules.decide(
                        principal,
                        action,
                        destination,
                        answer -> loop.post(index, new Post.Decided(session, question, answer)));
        if (decision instanceof AccessRules.Decision.Pending) {
            session.parked = command;
            session.deciding = true;
        } else {
            decided(command, decision);
        }
    }

    private void decided(Command command, AccessRules.Decision decision) {
        switch (decision) {
            case AccessRules.Decision.Allowed() -> admit(command);
            case AccessRules.Decision.Denied(String rule) ->
                    refuse(command, Disconnect.ACCESS_DENIED, rule);
            case AccessRules.Decision.Pending() ->
                    refuse(command, Disconnect.ACCESS_DENIED, "no decision was made");
        }
    }

    private void lateDecision(Session session, long question, AccessRules.Decision decision) {
        Command command = session.parked;
        if (command != null && session.deciding && session.question == question) {
            session.parked = null;
            session.deciding = false;
            decided(command, decision);
            resumeLater(session);
        }
    }

    /// An allowed command takes a credit and is executed, or waits for one.
    private void admit(Command command) {
        if (command instanceof Command.Connect) {
            command.session().events.connected();
            return;
        }
        int target = target(command);
        if (admission.take(command, target)) {
            execute(command, target);
        } else {
            counters.waitsForCredit++;
            command.session().parked = command;
            admission.queue(command, target);
        }
    }

    /// The home shard of what a command names.
    private int target(Command command) {
        return command instanceof Command.Subscribe subscribe
                ? topics.home(subscriptions.nameOf(subscribe))
                : topics.home(command.session().sendName);
    }

    private void execute(Command command, int target) {
        switch (command) {
            case Command.Publish publish -> send(publish, target);
            case Command.Subscribe subscribe -> subscriptions.add(subscribe, target);
            case Command.Connect c -> throw new AssertionError(c);
            case Command.Unsubscribe c -> throw new AssertionError(c);
            case Command.Leave c -> throw new AssertionError(c);
        }
    }

    /// Station 6: to the destination's home shard.
    private void send(Command.Publish publish, int home) {
        counters.messagesIn++;
        Session session = publish.session();
        Message message = publish.message().to(session.sendName);
        Publication publication =
                new Publication(session, publish.receipt(), index, home, Admission.cost(publish));
        post(home, new Post.Publish(message, publication));
    }

    // --- What shards say to each other ---

    /// A post to another shard goes to its inbox; one to this shard is a plain call.
    void post(int shard, Post post) {
        if (shard == index) {
            receive(post);
        } else {
            loop.post(shard, post);
        }
    }

    /// Takes a post out of this shard's inbox.
    public void receive(Post post) {
        switch (post) {
            case Post.Publish(Message message, Publication publication) ->
                    topics.sequence(message, publication);
            case Post.Deliver(Message message, Publication publication) ->
                    take(message, publication);
            case Post.Sequenced(Publication publication, int takers, boolean done) -> {
                publication.sequenced = true;
                publication.outstanding += takers;
                publication.failed |= !done;
                completeIfDone(publication);
            }
            case Post.Taken(Publication publication, boolean done) -> {
                publication.outstanding--;
                publication.failed |= !done;
                completeIfDone(publication);
            }
            case Post.Interested(int shard, String destination, boolean pattern, Ticket ticket) -> {
                topics.interested(shard, destination, pattern);
                post(shard, new Post.InterestKnown(ticket));
            }
            case Post.NoLongerInterested(int shard, String destination, boolean pattern) ->
                    topics.noLongerInterested(shard, destination, pattern);
            case Post.InterestKnown(Ticket ticket) -> subscriptions.known(ticket);
            case Post.Decided(Session session, long question, AccessRules.Decision decision) ->
                    lateDecision(session, question, decision);
        }
    }

    /// Whatever happens here (no memory, for instance), the publisher's shard hears of it: else the
    /// credit would never come back.
    private void take(Message message, Publication publication) {
        boolean done = false;
        try {
            delivery.deliver(message);
            done = true;
        } finally {
            post(publication.origin, new Post.Taken(publication, done));
        }
    }

    /// At the destination's home: this message has its place.
    void deliverHere(Message message) {
        delivery.deliver(message);
    }

    private void completeIfDone(Publication publication) {
        if (publication.complete()) {
            release(publication.session, publication.home, publication.cost);
            if (publication.failed) {
                sayAndEnd(
                        publication.session,
                        Disconnect.INTERNAL_ERROR,
                        "a message could not be given to all of its subscribers");
                return;
            }
            complete(publication.session, publication.receipt);
            leaveIfDone(publication.session);
        }
    }

    /// An admitted SUBSCRIBE could not be made after all.
    void refuseAdmitted(
            Command.Subscribe subscribe, Interest.PendingSubscribe pending, Refusal refusal) {
        release(subscribe.session(), pending.target(), pending.cost());
        subscribe.session().events.refused(subscribe, refusal);
    }

    /// The home shard of a name.
    int home(String name) {
        return topics.home(name);
    }

    /// A SUBSCRIBE is active.
    void subscribed(Interest.PendingSubscribe subscribe) {
        release(subscribe.session(), subscribe.target(), subscribe.cost());
        complete(subscribe.session(), subscribe.receipt());
        leaveIfDone(subscribe.session());
    }

    private void release(Session session, int target, long cost) {
        admission.give(session, target, cost);
        if (session.parked != null && !session.deciding && !session.inLine) {
            resumeLater(session);
        }
        if (admission.anybodyWaits()) {
            creditsFreed = true;
            askForTurnEnd();
        }
    }

    private void leaveIfDone(Session session) {
        Command.Leave leave = session.leaving;
        if (leave != null && session.commands == 0 && !session.closed()) {
            session.events.left(leave);
        }
    }

    private void complete(Session session, @Nullable String receipt) {
        if (receipt != null && !session.closed()) {
            session.events.completed(receipt);
        }
    }

    private void refuse(Command command, Disconnect reason, String detail) {
        command.session().events.refused(command, new Refusal(reason, detail));
    }

    // --- The turn ---

    void dirty(Session session) {
        if (dirtyCount == dirty.length) {
            dirty = Arrays.copyOf(dirty, 2 * dirtyCount);
        }
        dirty[dirtyCount++] = session;
        askForTurnEnd();
    }

    void askForTurnEnd() {
        if (!turnEndAsked) {
            turnEndAsked = true;
            loop.endTurnLater();
        }
    }

    /// Its queue ran over and its destination's policy says that it ends for that.
    void doom(Session session) {
        doomed.add(session);
        askForTurnEnd();
    }

    void resumeLater(Session session) {
        if (!session.resuming) {
            session.resuming = true;
            toResume.add(session);
            askForTurnEnd();
        }
    }

    Batch openControl(int capacity) {
        return delivery.openControl(capacity);
    }

    /// Lets waiting sessions go on, hands to every socket what was delivered since the last call,
    /// and closes the batches. Called once all that was ready has been handled.
    public void endTurn() {
        turnEndAsked = false;
        endDoomed();
        resume();
        flushDirty();
        delivery.endTurn();
    }

    /// What a flush brings about (an ended session's last words) joins the same pass. A flush that
    /// fails is not tried again, and those behind it have their turn in the next.
    private void flushDirty() {
        boolean done = false;
        try {
            while (flushedCount < dirtyCount) {
                Session session = dirty[flushedCount++];
                delivery.flushed(session, session.flush());
            }
            done = true;
        } finally {
            if (done || flushedCount == dirtyCount) {
                Arrays.fill(dirty, 0, dirtyCount, null);
                dirtyCount = 0;
                flushedCount = 0;
            } else {
                askForTurnEnd();
            }
        }
    }

    private void endDoomed() {
        for (Session session : doomed) {
            sayAndEnd(
                    session,
                    Disconnect.SLOW_CONSUMER,
                    "more than "
                            + limits.outboundBytesPerSession()
                            + " bytes were waiting for this client; read faster, subscribe to less,"
                            + " or let the destination drop messages (overflow)");
        }
        doomed.clear();
    }

    /// Ends a session on the broker's own account.
    void sayAndEnd(Session session, Disconnect reason, String detail) {
        if (!session.hasEnded()) {
            end(session, reason);
            session.events.ended(reason, detail);
        }
    }

    /// Sessions that waited go on, each from where it was: first those whose own commands or
    /// answers came back, then those in line for a shard's credits.
    private void resume() {
        for (int n = toResume.size(); n > 0; n--) {
            Session session = toResume.poll();
            if (session != null) {
                retry(session);
            }
        }
        if (creditsFreed) {
            creditsFreed = false;
            admission.serve(this::granted);
        }
    }

    private void retry(Session session) {
        session.resuming = false;
        if (session.closed()) {
            return;
        }
        Command command = session.parked;
        if (command != null && !session.deciding && !session.inLine) {
            session.parked = null;
            admit(command);
        }
        if (!session.parked()) {
            session.events.resumed();
        }
    }

    /// It came to its turn in a line and has its credit.
    private void granted(Session session) {
        Command command = session.parked;
        session.parked = null;
        if (command != null) {
            execute(command, target(command));
        }
        if (!session.parked()) {
            session.events.resumed();
        }
    }

    // --- Ends ---

    /// The broker stops serving a session: subscriptions and waiting commands go, what waits for
    /// the client still goes out ([SessionEvents#drained]), except where its amount is the reason.
    /// Idempotent: the first reason counts.
    public void end(Session session, Disconnect reason) {
        if (session.hasEnded()) {
            return;
        }
        counters.sessions--;
        counters.ended[reason.ordinal()]++;
        for (int i = session.subscriptionCount() - 1; i >= 0; i--) {
            subscriptions.remove(session.subscription(i));
        }
        session.end(reason == Disconnect.SLOW_CONSUMER || reason == Disconnect.OUTBOUND_MEMORY);
    }

    /// The connection has gone: also what waited for it. Idempotent.
    public void close(Session session) {
        end(session, Disconnect.GONE);
        session.close();
        delivery.flushed(session, false);
    }

    /// Changes the wire form of every subscription of a session, from the next message on.
    public void reform(Session session, UnaryOperator<WireForm> change) {
        for (int i = 0; i < session.subscriptionCount(); i++) {
            subscriptions.reform(session.subscription(i), change);
        }
    }
}
