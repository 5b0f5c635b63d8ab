package io.switchboard.broker;

import org.jspecify.annotations.Nullable;

/// What the clients of a shard ask: is it right, is it allowed, is there a credit for it; then it
/// is sent on its way, and when all have answered the client hears of it. Owned by its shard.
final class Commands {
    private static final Refusal NAMELESS =
            new Refusal(
                    Disconnect.UNSUPPORTED,
                    "expected a client with a name to subscribe durably: without one, whoever else"
                            + " has none could take what waits for it; log in at the CONNECT");

    private final Shard shard;
    private final int index;
    private final BrokerLimits limits;
    private final AccessRules rules;
    private final Application application;
    private final Loop loop;
    private final Admission admission;
    private final Subscriptions subscriptions;
    private final Transactions transactions;
    private final Rights rights;
    private final Decisions decisions;

    /// A shard gave credits back that sessions wait for.
    private boolean creditsFreed;

    Commands(
            Shard shard,
            int index,
            Shard.Ports ports,
            Admission admission,
            Subscriptions subscriptions,
            Transactions transactions,
            Rights rights) {
        this.shard = shard;
        this.index = index;
        this.rights = rights;
        limits = shard.limits;
        rules = ports.rules();
        application = ports.application();
        loop = ports.loop();
        this.admission = admission;
        this.subscriptions = subscriptions;
        this.transactions = transactions;
        decisions = new Decisions(shard, index, ports, this, transactions, rights);
    }

    Decisions decisions() {
        return decisions;
    }

    Subscriptions subscriptions() {
        return subscriptions;
    }

    /// Whether the session shares its name with whoever else has none, where that matters.
    boolean nameless(Session session) {
        return session.user() == null && !rules.keepsForNameless();
    }

    /// What an acknowledgement may mean. All belong to one home shard, which knows.
    ///
    /// @param id as the client said it
    /// @param next what else, or null
    record Attempt(Consumer consumer, HeldName name, String id, @Nullable Attempt next) {}

    // --- Is it right? ---

    void handle(Command command) {
        switch (command) {
            case Command.Connect connect -> {
                connect.session().principal = connect.principal();
                connect.session().clientId = connect.clientId();
                shard.entered(connect.session());
                decisions.on(connect, AccessRules.Action.CONNECT, "");
            }
            case Command.Publish publish -> publish(publish);
            case Command.Subscribe subscribe -> subscribe(subscribe);
            case Command.Unsubscribe unsubscribe -> unsubscribe(unsubscribe);
            case Command.Settle settle -> settle(settle);
            case Command.Begin begin -> begin(begin);
            case Command.Commit commit -> commit(commit);
            case Command.Abort abort -> abort(abort);
            case Command.Leave leave -> leave(leave);
        }
    }

    private void publish(Command.Publish publish) {
        Session session = publish.session();
        DestinationName.Parsed name = nameOf(publish);
        Refusal refusal = name.refusal();
        if (refusal != null) {
            refuse(publish, refusal);
            return;
        }
        if (publish.transaction() != null) {
            refusal =
                    transactions.mayJoin(session, publish.transaction(), publish.message().cost());
        }
        if (name.kind() == DestinationName.Kind.APPLICATION && session.trusted) {
            refusal = new Refusal(Disconnect.NO_HANDLER, name.name() + " is for what clients send");
        }
        if (publish.message().options().whileConnected()
                && (name.kind() != DestinationName.Kind.TOPIC || session.trusted)) {
            refusal =
                    new Refusal(
                            Disconnect.UNSUPPORTED,
                            "expected a client's SEND to a topic for while-connected but was "
                                    + name.name());
        }
        if (name.kind() != DestinationName.Kind.QUEUE
                && publish.message().options().delayMillis() > 0) {
            refusal =
                    new Refusal(
                            Disconnect.UNSUPPORTED,
                            "expected delay on a SEND to a queue but was " + name.name());
        }
        if (name.kind() != DestinationName.Kind.QUEUE
                && name.kind() != DestinationName.Kind.TOPIC
                && publish.message().options().dedupId() != null) {
            refusal =
                    new Refusal(
                            Disconnect.UNSUPPORTED,
                            "expected dedup-id on a SEND to a topic or queue but was "
                                    + name.name());
        }
        if (refusal == null && !session.trusted) {
            refusal = decisions.unanswerable(session, publish.message(), name.kind());
        }
        if (refusal != null) {
            refuse(publish, refusal);
        } else if (session.trusted) {
            decisions.onProgram(publish, name.name());
        } else {
            decisions.onSend(publish, name.name());
        }
    }

    /// Read once for all SENDs of a session to one destination after the other. It becomes the
    /// session's [Session#sendName] if it is right.
    DestinationName.Parsed nameOf(Command.Publish publish) {
        Session session = publish.session();
        String text = publish.message().destination();
        Session answered = publish.answered();
        if (answered == null && text.equals(session.sendText)) {
            return session.sendName;
        }
        DestinationName.Parsed name =
                answered == null
                        ? DestinationName.ofSend(
                                text, limits.destinationLength(), session.temporaryKey(text))
                        : DestinationName.ofAnswer(
                                text,
                                limits.destinationLength(),
                                answered.user(),
                                answered.temporaryKey(text));
        if (name.refusal() == null) {
            session.sendText = answered == null ? text : null;
            session.sendName = name;
        }
        return name;
    }

    private void subscribe(Command.Subscribe subscribe) {
        Refusal refusal = subscriptions.check(subscribe);
        if (refusal == null
                && subscribe.options().durable() != null
                && nameless(subscribe.session())) {
            refusal = NAMELESS;
        }
        if (refusal != null) {
            refuse(subscribe, refusal);
        } else if (subscriptions.checkedIsOfSession()) {
            admit(subscribe);
        } else {
            decisions.on(
                    subscribe,
                    AccessRules.Action.SUBSCRIBE,
                    DestinationName.watched(subscriptions.checkedName()));
        }
    }

    private void unsubscribe(Command.Unsubscribe unsubscribe) {
        Session session = unsubscribe.session();
        Subscription subscription = session.subscription(unsubscribe.id());
        boolean ended = subscription == null && session.forgetEnded(unsubscribe.id());
        if (subscription != null) {
            subscriptions.remove(subscription);
        }
        if (unsubscribe.durable() != null) {
            subscriptions.removeDurable(session, unsubscribe.durable());
            admit(unsubscribe);
        } else if (subscription != null || ended) {
            complete(session, unsubscribe.receipt());
        } else {
            refuse(
                    unsubscribe,
                    new Refusal(
                            Disconnect.UNKNOWN_SUBSCRIPTION,
                            "expected the id of a subscription but was " + unsubscribe.id()));
        }
    }

    private void settle(Command.Settle settle) {
        Session session = settle.session();
        Refusal refusal =
                settle.transaction() == null
                        ? null
                        : transactions.mayJoin(session, settle.transaction(), 0);
        Attempt attempt = subscriptions.attempt(session, settle.which());
        if (refusal != null || attempt == null) {
            refuse(settle, refusal != null ? refusal : Settlements.notHeld(settle.which().id()));
        } else if (settle.transaction() != null) {
            join(settle, settle.transaction(), attempt);
        } else {
            session.attempt = attempt;
            admit(settle);
        }
    }

    private void leave(Command.Leave leave) {
        Session session = leave.session();
        session.leaving = leave;
        leaveIfDone(session);
    }

    // --- Transactions ---

    private void begin(Command.Begin begin) {
        answer(begin, transactions.begin(begin.session(), begin.transaction()));
    }

    /// Taken into the transaction, which is what its receipt means.
    private void join(Command.Publish publish, String id) {
        Session session = publish.session();
        Message message = publish.message().to(session.sendName.name());
        writes(session, message);
        answer(publish, transactions.join(session, id, message));
    }

    private void join(Command.Settle settle, String id, Attempt attempt) {
        Part.Promise promise = new Part.Promise(attempt, settle.settlement());
        answer(settle, Transactions.join(settle.session(), id, promise));
    }

    private void commit(Command.Commit commit) {
        Transaction transaction = Transactions.open(commit.session(), commit.transaction());
        if (transaction == null) {
            refuse(commit, Transactions.unknown(commit.transaction()));
        } else if (rights.stale(commit.session(), transaction.decidedAt)) {
            decisions.again(commit, transaction);
        } else {
            admit(commit);
        }
    }

    private void abort(Command.Abort abort) {
        answer(abort, transactions.abort(abort.session(), abort.transaction()));
    }

    private static void answer(Command command, @Nullable Refusal refusal) {
        if (refusal == null) {
            complete(command.session(), command.receipt());
        } else {
            refuse(command, refusal);
        }
    }

    // --- Allowed ---

    /// By the access rules, whatever they were asked.
    void allowed(Command command) {
        if (command instanceof Command.Connect) {
            connect(command);
        } else if (command instanceof Command.Commit commit) {
            admit(commit);
        } else if (command instanceof Command.Publish publish && nobodyHandles(publish)) {
            refuse(
                    command,
                    new Refusal(
                            Disconnect.NO_HANDLER,
                            "nothing handles " + publish.session().sendName.name()));
        } else if (command instanceof Command.Publish publish && publish.transaction() != null) {
            join(publish, publish.transaction());
        } else {
            admit(command);
        }
    }

    /// Found out only for those who may send there.
    private boolean nobodyHandles(Command.Publish publish) {
        DestinationName.Parsed name = publish.session().sendName;
        return name.kind() == DestinationName.Kind.APPLICATION && !application.handles(name.name());
    }

    private void connect(Command command) {
        Session session = command.session();
        Refusal refusal = application.connected(session);
        if (refusal == null) {
            session.connected = true;
            shard.claimClientId(session);
            session.events.connected();
        } else {
            refuse(command, refusal);
        }
    }

    // --- Is there a credit? ---

    /// An allowed command takes a credit and is executed, or waits for one.
    void admit(Command command) {
        int target = target(command);
        if (admission.take(command, target)) {
            execute(command, target);
        } else {
            shard.counters.waitsForCredit++;
            command.session().parked = command;
            admission.queue(command, target);
        }
    }

    /// The shard that does the work.
    private int target(Command command) {
        Session session = command.session();
        return switch (command) {
            case Command.Publish p ->
                    session.sendName.kind() == DestinationName.Kind.APPLICATION
                            ? admission.application()
                            : shard.home(session.sendName.name());
            case Command.Subscribe subscribe -> subscriptions.home(subscribe);
            case Command.Unsubscribe unsubscribe ->
                    shard.home(
                            Subscriptions.durableKey(
                                    session, String.valueOf(unsubscribe.durable())));
            case Command.Settle s -> attempt(session).consumer().home;
            case Command.Commit c ->
                    Transactions.sendsToApplication(session, c.transaction())
                            ? admission.application()
                            : index;
            case Command.Connect c -> throw new AssertionError(c);
            case Command.Begin c -> throw new AssertionError(c);
            case Command.Abort c -> throw new AssertionError(c);
            case Command.Leave c -> throw new AssertionError(c);
        };
    }

    private static Attempt attempt(Session session) {
        Attempt attempt = session.attempt;
        if (attempt == null) {
            throw new IllegalStateException("an acknowledgement of nothing");
        }
        return attempt;
    }

    private void execute(Command command, int target) {
        switch (command) {
            case Command.Publish publish -> send(publish, target);
            case Command.Subscribe subscribe ->
                    subscriptions.add(subscribe, request(subscribe, subscribe.id(), target));
            case Command.Settle settle -> {
                Session session = settle.session();
                Request request = request(settle, settle.which().subscription(), target);
                Attempt attempt = attempt(session);
                session.attempt = null;
                shard.post(target, new Post.Settle(attempt, settle.settlement(), request));
            }
            case Command.Unsubscribe unsubscribe -> {
                Session session = unsubscribe.session();
                String key =
                        Subscriptions.durableKey(session, String.valueOf(unsubscribe.durable()));
                Request request = request(unsubscribe, unsubscribe.id(), target);
                shard.post(target, new Post.EndDurable(key, request));
            }
            case Command.Commit commit ->
                    transactions.commit(
                            commit.session(), commit.transaction(), request(commit, null, target));
            case Command.Connect c -> throw new AssertionError(c);
            case Command.Begin c -> throw new AssertionError(c);
            case Command.Abort c -> throw new AssertionError(c);
            case Command.Leave c -> throw new AssertionError(c);
        }
    }

    private Request request(Command command, @Nullable String subscription, int target) {
        return new Request(
                command.session(),
                command.receipt(),
                subscription,
                index,
                target,
                Admission.cost(command),
                1);
    }

    // --- On its way ---

    /// Station 6: to the destination's home shard.
    private void send(Command.Publish publish, int home) {
        shard.counters.messagesIn++;
        DestinationName.Parsed name = publish.session().sendName;
        Message message = publish.message().to(name.name());
        writes(publish.session(), message);
        Request request = request(publish, null, home);
        if (name.kind() == DestinationName.Kind.APPLICATION) {
            toApplication(message, request);
        } else {
            shard.post(home, new Post.Publish(message, request));
        }
    }

    private void writes(Session session, Message message) {
        if (message.options().whileConnected()) {
            session.writtenHomes |= 1L << shard.home(message.destination());
        }
    }

    /// What a session wrote while it was connected goes, when all that it had under way is done.
    void forgetWritten(Session session) {
        if (session.writtenHomes != 0 && session.hasEnded() && session.commands == 0) {
            long homes = session.writtenHomes;
            session.writtenHomes = 0;
            for (long rest = homes; rest != 0; rest &= rest - 1) {
                shard.post(Long.numberOfTrailingZeros(rest), new Post.WriterGone(session));
            }
        }
    }

    void toApplication(Message message, Request request) {
        Session session = request.session;
        if (session == null) {
            throw new IllegalStateException("a message of nobody to the application");
        }
        application.handle(
                session, message, refusal -> loop.post(index, new Post.Handled(request, refusal)));
    }

    // --- Done ---

    void answered(Request request, int takers, @Nullable Refusal refusal) {
        request.answered(takers, refusal);
        completeIfDone(request);
    }

    void taken(Request request, boolean done) {
        request.outstanding--;
        if (!done && request.refusal == null) {
            request.refusal = Topics.NOT_DELIVERED;
        }
        completeIfDone(request);
    }

    private void completeIfDone(Request request) {
        if (!request.complete() || request.session == null) {
            return;
        }
        Session session = request.session;
        Refusal refusal = request.refusal;
        release(session, request.home, request.cost);
        if (refusal == null) {
            request.tellDone();
        } else if (refusal.reason() == Disconnect.INTERNAL_ERROR && !session.trusted) {
            shard.sayAndEnd(session, refusal.reason(), refusal.detail());
        } else {
            if (request.subscribed != null) {
                subscriptions.takeBack(request.subscribed);
            }
            if (!session.closed()) {
                session.events.refused(refusal, request.receipt, request.subscription);
            }
        }
        leaveIfDone(session);
        forgetWritten(session);
    }

    private void release(Session session, int target, long cost) {
        admission.give(session, target, cost);
        if (session.parked != null && !session.deciding && !session.inLine) {
            shard.resumeLater(session);
        }
        if (admission.anybodyWaits()) {
            creditsFreed = true;
            shard.askForTurnEnd();
        }
    }

    private void leaveIfDone(Session session) {
        Command.Leave leave = session.leaving;
        if (leave != null && session.commands == 0 && !session.closed()) {
            shard.replays().giveUpAll(session);
            session.events.left(leave);
        }
    }

    private static void complete(Session session, @Nullable String receipt) {
        if (receipt != null && !session.closed()) {
            session.events.completed(receipt);
        }
    }

    static void refuse(Command command, Refusal refusal) {
        String subscription =
                switch (command) {
                    case Command.Subscribe c -> c.id();
                    case Command.Unsubscribe c -> c.id();
                    case Command.Settle c -> c.which().subscription();
                    case Command.Connect c -> null;
                    case Command.Publish c -> null;
                    case Command.Begin c -> null;
                    case Command.Commit c -> null;
                    case Command.Abort c -> null;
                    case Command.Leave c -> null;
                };
        command.session().events.refused(refusal, command.receipt(), subscription);
    }

    // --- Those who waited ---

    /// A session goes on from where it was, if its own commands or answers came back.
    void retry(Session session) {
        session.resuming = false;
        if (session.closed()) {
            return;
        }
        Command command = session.parked;
        if (command != null && !session.deciding && !session.inLine) {
            session.parked = null;
            if (decisions.stale(command)) {
                handle(command);
            } else {
                admit(command);
            }
        }
        if (!session.parked()) {
            session.events.resumed();
        }
    }

    /// Those in line for a shard's credits go on.
    void serveLines() {
        if (creditsFreed) {
            creditsFreed = false;
            admission.serve(this::granted);
        }
    }

    /// It came to its turn in a line and has its credit.
    private void granted(Session session) {
        Command command = session.parked;
        session.parked = null;
        if (command != null && decisions.stale(command)) {
            admission.give(session, target(command), Admission.cost(command));
            handle(command);
        } else if (command != null) {
            execute(command, target(command));
        }
        if (!session.parked()) {
            session.events.resumed();
        }
    }
}
