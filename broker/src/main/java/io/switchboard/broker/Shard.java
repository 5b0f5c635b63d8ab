package io.switchboard.broker;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// One of the broker's N shards: a function of its state, a command and the posts of the other
/// shards. It keeps the sessions of its connections, and it is home to the destinations whose names
/// hash to it. It shares nothing mutable with other shards; all calls come from its one thread.
///
/// The way of a message through here: [Commands#handle] (access, credit), [Topics#sequence] or
/// [Queues#publish] at the destination's home shard, [Delivery#deliver] at every shard that has
/// subscribers or [Delivery#hand] at the consumer's, and [#endTurn], which hands what was delivered
/// to the sockets.
///
/// A **turn** is all that is ready at once. What is delivered in it leaves at its end, so under
/// load many messages share one write to a socket, and when idle a message leaves at once.
public final class Shard {
    final BrokerLimits limits;
    final Counters counters = new Counters();
    private final int index;
    private final int count;
    private final Loop loop;
    private final LongSupplier ids;
    private final Application application;
    private final Admission admission;
    private final Topics topics;
    private final Queues queues;
    private final DedupWindows dedup;
    private final DurableSubscriptions durables;
    private final ClientIds clientIds;
    private final Commits commits;
    private final Transactions transactions;
    private final Subscriptions subscriptions;
    private final Delivery delivery;
    private final Replays replays;
    private final Commands commands;
    private final Rights rights;
    private final Expiry expiry;

    private Session[] dirty = new Session[64];
    private int dirtyCount;

    /// So many of them have been flushed in this turn.
    private int flushedCount;

    private boolean turnEndAsked;

    /// When the loop was asked to wake this shard, in milliseconds since 1970.
    private long wakeMillis = Long.MAX_VALUE;

    private final List<Doom> doomed = new ArrayList<>();
    private final ArrayDeque<Session> toResume = new ArrayDeque<>();
    private final List<Subscription> written = new ArrayList<>();

    /// What a shard has of the world around it.
    ///
    /// @param slabs its own source of memory
    /// @param ids random numbers, one for each incarnation of a destination and each session
    /// @param rules the same for all shards, as are the following
    /// @param queueMemory that all queues share
    /// @param transactionMemory that all open transactions share
    public record Ports(
            Loop loop,
            Slab.Source slabs,
            LongSupplier ids,
            AccessRules rules,
            Journal journal,
            Application application,
            Budget queueMemory,
            Budget transactionMemory,
            Budget historyMemory,
            Budget stateMemory) {}

    /// @param index of this shard, below `count`
    /// @param count of shards, at most 64
    public Shard(int index, int count, Ports ports, Policies policies, BrokerLimits limits) {
        if (count < 1 || count > Topics.SHARDS_MAX || index < 0 || index >= count) {
            throw new IllegalArgumentException("shard " + index + " of " + count);
        }
        this.index = index;
        this.count = count;
        loop = ports.loop();
        ids = ports.ids();
        application = ports.application();
        this.limits = limits;
        admission = new Admission(limits, count);
        delivery =
                new Delivery(
                        ports.slabs(),
                        policies,
                        counters,
                        limits.outboundBytes() / count,
                        loop,
                        this);
        replays = new Replays(this, delivery, loop);
        topics = new Topics(index, count, ports, policies, this);
        queues = new Queues(this, index, count, ports, policies);
        dedup = new DedupWindows(this, count);
        durables = new DurableSubscriptions(this, count, queues, policies, ports);
        clientIds = new ClientIds(this);
        commits = new Commits(this, index, queues, topics, dedup, ports.transactionMemory());
        subscriptions =
                new Subscriptions(
                        index, count, Math.max(1, limits.destinations() / count), delivery, this);
        transactions = new Transactions(this, commits);
        rights = new Rights(this, index, ports, subscriptions);
        expiry = new Expiry(this, loop);
        commands = new Commands(this, index, ports, admission, subscriptions, transactions, rights);
    }

    public Counters counters() {
        counters.bytesWaiting = delivery.bytesHeld();
        counters.interests = subscriptions.interestCount();
        counters.topics = topics.topicCount();
        counters.queues = queues.queueCount();
        counters.queueBytes = queues.bytesHeld();
        counters.historyBytes = topics.histories().bytesHeld();
        counters.stateBytes = topics.states().bytesHeld();
        counters.transactionBytes = commits.bytesHeld();
        counters.commands = admission.commands();
        counters.dedupBytes = dedup.bytesHeld();
        counters.durableSubscriptions = durables.count();
        return counters;
    }

    /// A session for a connection that was just accepted; it can be spoken to with [Session#send]
    /// and does nothing before its [Command.Connect].
    public Session open(SessionEvents events, Wire wire) {
        counters.sessions++;
        return new Session(ids.getAsLong(), this, events, wire, false);
    }

    /// The session of the program around the broker, on this shard. It needs no CONNECT, publishes
    /// and does nothing else, is not asked about by the access rules, and never waits for a credit:
    /// the program bounds how much of its own is under way. Refused or not, it lives on.
    ///
    /// Only what it publishes in answer to a client ([Command.Publish#answered]) goes where that
    /// client may send, or to its own temporary queues and user destinations: else its `reply-to`
    /// would be a way round the access rules. There `/temp-queue/…` and `/user/queue/…` are that
    /// client's.
    public Session openTrusted(SessionEvents events) {
        return new Session(ids.getAsLong(), this, events, NoWire.INSTANCE, true);
    }

    public int index() {
        return index;
    }

    /// Memory of all that waits for sessions.
    public long bytesWaiting() {
        return delivery.bytesHeld();
    }

    /// Looks at the bound of what waits at once, not at the end of the turn: [Loop]'s other clients
    /// have need of memory.
    public void endSlowest() {
        delivery.endSlowest();
    }

    // --- What outlived the last process ---

    /// Who takes what the journal gives back of the homes of this shard ([#home(String, int)]).
    /// Asked for before the shard runs, on any thread that is alone with it.
    public Journal.Restoring restoring() {
        return new Restore(
                this,
                queues.restoring(),
                topics.restoring(),
                dedup.restoring(),
                durables.restoring());
    }

    Unclaimed unclaimed() {
        return topics.unclaimed();
    }

    /// All has been given back. Called once on the shard's thread, before anything else.
    public void restored() {
        queues.restored();
        topics.restored();
        dedup.restored();
        durables.restored();
    }

    /// That has been called on all shards. Called once on the shard's thread, before the first
    /// client comes.
    public void begin() {
        if (topics.keepState()) {
            loop.post(index, new Post.Begin());
        } else {
            topics.begin();
        }
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
        commands.handle(command);
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
            case Post.Publish(Message message, Request request) -> publish(message, request);
            case Post.Deliver(Message message, Request request) -> take(message, request);
            case Post.Answered(Request request, int takers, Refusal refusal) ->
                    commands.answered(request, takers, refusal);
            case Post.Taken(Request request, boolean done) -> commands.taken(request, done);
            case Post.Interested(int shard, String destination, boolean pattern, Ticket ticket) -> {
                topics.interested(shard, destination, pattern);
                post(shard, new Post.InterestKnown(ticket));
            }
            case Post.NoLongerInterested(int shard, String destination, boolean pattern) ->
                    topics.noLongerInterested(shard, destination, pattern);
            case Post.InterestKnown(Ticket ticket) -> subscriptions.known(ticket);
            case Post.WriterGone(Session session) -> topics.states().writerGone(session);
            case Post.Came(String destination, Session session, String id, String user) ->
                    topics.presences().came(destination, session, id, user);
            case Post.Went(String destination, Session session) ->
                    topics.presences().went(destination, session);
            case Post.Begin() -> topics.begin();
            case Post.NextPage(Replay replay) -> topics.pages().next(replay);
            case Post.Page(Replay replay, Replay.Page page) -> replays.came(replay, page);
            case Post.ReplayOver(Replay replay) -> topics.pages().giveUp(replay);
            case Post.Consume(Consumer consumer, Request request) ->
                    queues.consume(consumer, request);
            case Post.OfDurable of -> durables.receive(of);
            case Post.KeepFor(DurableInterest interest, DurableSubscriptions.Ticket ticket) -> {
                topics.durable().add(interest);
                post(ticket.shard, new Post.Keeping(ticket));
            }
            case Post.Keeping(DurableSubscriptions.Ticket ticket) -> ticket.answered();
            case Post.KeepNoMore(DurableInterest interest) -> topics.durable().remove(interest);
            case Post.Keep(
                            Message message,
                            List<DurableInterest> interests,
                            long arrivedMillis,
                            Request request) -> {
                durables.keep(message, interests, arrivedMillis);
                post(request.origin, new Post.Taken(request, true));
            }
            case Post.ClaimClient(String client, Session session) ->
                    clientIds.claim(client, session);
            case Post.LeaveClient(String client, Session session) ->
                    clientIds.leave(client, session);
            case Post.TakenOver(Session session) ->
                    sayAndEnd(
                            session,
                            Disconnect.TAKEN_OVER,
                            "a later connection of this user has the same client-id; give each"
                                    + " client its own");
            case Post.Cancel(Consumer consumer, long written) -> queues.cancel(consumer, written);
            case Post.Hand hand -> hand(hand);
            case Post.Missed(Consumer consumer) -> {
                Session session = consumer.subscription.session;
                session.tellDropped(consumer.destination, 1);
            }
            case Post.LookOn(Consumer consumer) -> queues.lookedOn(consumer);
            case Post.Written(Consumer consumer, int count) -> queues.written(consumer, count);
            case Post.Settle(Commands.Attempt attempt, Settlement settlement, Request request) ->
                    queues.settlements().settle(attempt, settlement, request);
            case Post.Prepare(Part part) -> commits.prepare(part);
            case Post.Prepared(Part part, Refusal refusal) -> commits.prepared(part, refusal);
            case Post.Resolve(Part part, Refusal refusal) -> commits.resolve(part, refusal);
            case Post.Stored(Journal.Batch batch, Refusal failure) -> batch.answered(failure);
            case Post.Read(
                            Journal.Reading reading,
                            List<@Nullable Message> messages,
                            Refusal failure) ->
                    reading.answered(messages, failure);
            case Post.Decided(Session session, long question, AccessRules.Decision decision) ->
                    commands.decisions().late(session, question, decision);
            case Post.AskedAgain(Questions<?>.Question question, AccessRules.Decision decision) ->
                    question.answered(decision);
            case Post.AnswerDecided(Command.Publish publish, AccessRules.Decision decision) ->
                    commands.decisions().late(publish, decision);
            case Post.Handled(Request request, Refusal refusal) ->
                    commands.answered(request, 0, refusal);
        }
    }

    /// Station 6.
    private void publish(Message message, Request request) {
        if (dedup.duplicate(message, request)) {
            return;
        }
        if (DestinationName.isQueue(message.destination())) {
            queues.publish(message, request);
        } else {
            topics.sequence(message, request);
        }
    }

    /// Whatever happens here (no memory, for instance), the publisher's shard hears of it: else the
    /// credit would never come back.
    private void take(Message message, Request request) {
        boolean done = false;
        try {
            delivery.deliver(message);
            done = true;
        } finally {
            post(request.origin, new Post.Taken(request, done));
        }
    }

    /// At the destination's home: this message has its place.
    void deliverHere(Message message) {
        delivery.deliver(message);
    }

    /// At the home of a durable subscription's topic and its own.
    void keepHere(Message message, List<DurableInterest> interests, long arrivedMillis) {
        durables.keep(message, interests, arrivedMillis);
    }

    /// A message from a queue. What comes too late goes back when the queue hears that the
    /// subscription has gone.
    private void hand(Post.Hand hand) {
        Subscription subscription = hand.consumer().subscription;
        if (subscription.gone || subscription.session.closed()) {
            return;
        }
        subscription.epoch = hand.message().epoch();
        String ack = hand.consumer().auto() ? null : Subscriptions.ack(subscription, hand.tag());
        Handover handover =
                new Handover(
                        ack, hand.deliveryCount(), hand.arrivedMillis(), false, hand.earlier());
        if (handover.redelivered()) {
            counters.redelivered++;
        }
        delivery.hand(subscription, hand.message(), handover);
    }

    /// A home shard has done, or refused, what was asked of it.
    void answer(Request request, @Nullable Refusal refusal) {
        answer(request, 0, refusal);
    }

    /// @param takers so many shards will say when they have delivered it
    void answer(Request request, int takers, @Nullable Refusal refusal) {
        DedupWindow.First first = request.first;
        request.first = null;
        post(request.origin, new Post.Answered(request, takers, refusal));
        if (first != null) {
            dedup.settled(first, refusal);
        }
    }

    void toApplication(Message message, Request request) {
        commands.toApplication(message, request);
    }

    boolean expired(Message message) {
        SendOptions options = message.options();
        return options.expiresMillis() != 0 && options.expiresMillis() <= loop.epochMillis();
    }

    /// The sequence before the first of a destination that is new.
    static long firstSequence(Journal journal) {
        return (long) journal.incarnation() << 32;
    }

    /// The home shard of a name.
    int home(String name) {
        return home(name, count);
    }

    /// The home shard of a name among so many. What the journal keeps under a prefix
    /// (`prefix:/topic/a`) lives where the destination behind it does.
    public static int home(String name, int count) {
        if (count == 1) {
            return 0;
        }
        int prefix = name.startsWith("/") ? 0 : name.indexOf(":/") + 1;
        int hash = (prefix == 0 ? name : name.substring(prefix)).hashCode() * 0x9E3779B9;
        return (hash >>> 16) % count;
    }

    /// A random number for something that is to be told apart.
    public long newId() {
        return ids.getAsLong();
    }

    Queues queues() {
        return queues;
    }

    DedupWindows dedup() {
        return dedup;
    }

    Replays replays() {
        return replays;
    }

    Commits commits() {
        return commits;
    }

    // --- Time ---

    /// The time in milliseconds since 1970.
    public long epochMillis() {
        return loop.epochMillis();
    }

    /// The moment has come that [Loop#wakeAt] was asked for.
    public void onDeadline() {
        wakeMillis = Long.MAX_VALUE;
        try {
            expiry.onDeadline();
            rights.onDeadline();
            durables.rights().onDeadline();
        } finally {
            onDeadlineOfMessages();
        }
    }

    private void onDeadlineOfMessages() {
        try {
            queues.onDeadline();
            dedup.onDeadline();
            topics.histories().onDeadline();
            topics.states().onDeadline();
        } finally {
            delivery.onDeadline();
        }
    }

    /// Asks for a call of [#onDeadline] at that moment or before: the earliest wish of all counts.
    void wakeBy(long epochMillis) {
        if (epochMillis < wakeMillis) {
            wakeMillis = epochMillis;
            loop.wakeAt(epochMillis);
        }
    }

    // --- Who may what, later ---

    Expiry expiry() {
        return expiry;
    }

    Rights rights() {
        return rights;
    }

    /// It is known who it is. Idempotent.
    void entered(Session session) {
        rights.enter(session);
        expiry.watch(session);
    }

    /// What is known of a session's client is this from now on: its subscriptions are asked about
    /// again.
    ///
    /// @throws IllegalArgumentException if that is somebody else
    public void renew(Session session, Principal principal) {
        if (!Objects.equals(session.user(), principal.name())) {
            throw new IllegalArgumentException("a session has one user for as long as it lives");
        }
        if (session.hasEnded()) {
            return;
        }
        session.principal = principal;
        expiry.watch(session);
        rights.renewed(session);
    }

    /// The access rules answer otherwise from now on: all subscriptions are asked about again, and
    /// those of clients that are away.
    public void rulesChanged() {
        rights.rulesChanged();
        durables.rights().askAboutAll();
    }

    /// What is known of clients may have changed elsewhere.
    ///
    /// @param look answers for a session's principal with the one that holds from now on, which is
    ///   the same object where nothing has changed and has the same name in any case; null ends the
    ///   session
    public void reassess(Function<Principal, @Nullable Principal> look) {
        rights.reassess(look);
    }

    /// The same of clients that are away, for whose durable subscriptions messages are kept.
    ///
    /// @param look as that of [#reassess]; null means that there is no such client any more
    public void reassessAbsent(Function<Principal, @Nullable Principal> look) {
        durables.rights().reassess(look);
    }

    /// Tells those that listen that the server is about to stop.
    public void draining() {
        rights.draining();
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
    void doom(Session session, Refusal why) {
        doomed.add(new Doom(session, why));
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

    Batch openCopies(Batch of, int capacity) {
        return delivery.openCopies(of, capacity);
    }

    /// Lets waiting sessions go on, hands to every socket what was delivered since the last call,
    /// and closes the batches. Called once all that was ready has been handled.
    public void endTurn() {
        turnEndAsked = false;
        endDoomed();
        resume();
        flushDirty();
        reportWritten();
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

    /// A subscription's socket has taken messages that its queue waits to hear of.
    void wrote(Subscription subscription) {
        written.add(subscription);
    }

    /// Through the inbox also where the queue lives here: what it hands out for this belongs to the
    /// next turn, after everybody else's.
    private void reportWritten() {
        for (Subscription subscription : written) {
            Consumer consumer = subscription.consumer;
            int count = subscription.report();
            if (consumer != null && !subscription.gone) {
                loop.post(consumer.home, new Post.Written(consumer, count));
            }
        }
        written.clear();
    }

    private record Doom(Session session, Refusal why) {}

    private void endDoomed() {
        for (Doom doom : doomed) {
            sayAndEnd(doom.session, doom.why);
        }
        doomed.clear();
    }

    /// Ends a session on the broker's own account.
    void sayAndEnd(Session session, Disconnect reason, String detail) {
        sayAndEnd(session, new Refusal(reason, detail));
    }

    private void sayAndEnd(Session session, Refusal why) {
        if (!session.hasEnded()) {
            end(session, why.reason());
            session.events.ended(why);
        }
    }

    /// Sessions that waited go on, each from where it was: first those whose own commands or
    /// answers came back, then those in line for a shard's credits.
    private void resume() {
        for (int n = toResume.size(); n > 0; n--) {
            Session session = toResume.poll();
            if (session != null) {
                commands.retry(session);
            }
        }
        commands.serveLines();
    }

    /// Its CONNECT is allowed: who had its client's id before is to go; not where anybody could say
    /// that it is this one.
    void claimClientId(Session session) {
        if (session.clientId != null && !commands.nameless(session)) {
            String client = DurableName.client(session.user(), session.clientId);
            post(home(client), new Post.ClaimClient(client, session));
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
        if (session.connected) {
            application.ended(session, reason);
            if (session.clientId != null) {
                String client = DurableName.client(session.user(), session.clientId);
                post(home(client), new Post.LeaveClient(client, session));
            }
        }
        for (int i = session.subscriptionCount() - 1; i >= 0; i--) {
            subscriptions.remove(session.subscriptionAt(i));
        }
        transactions.abortAll(session);
        rights.leave(session);
        expiry.forget(session);
        session.end(reason == Disconnect.SLOW_CONSUMER || reason == Disconnect.OUTBOUND_MEMORY);
        commands.forgetWritten(session);
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
            subscriptions.reform(session.subscriptionAt(i), change);
        }
    }
}
