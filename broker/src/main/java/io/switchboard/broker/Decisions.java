package io.switchboard.broker;

import org.jspecify.annotations.Nullable;

/// Station 5: asks the access rules what the clients of a shard may do. A command whose answer
/// comes later is parked until then; what was allowed by rules or a principal that no longer hold
/// is asked about again.
///
/// **Reply-to.** Who answers does so with a right of its own, so a message that names where to
/// answer is asked about twice: its sender must be allowed to send there itself, or to subscribe to
/// it. Its own temporary queues are no question, and a text that is no destination is none either;
/// one that looks like a destination and is none would end whoever answers, so it is refused.
///
/// Owned by its shard.
final class Decisions {
    private static final String REPLY_TO = "reply-to";

    private final Shard shard;
    private final int index;
    private final int destinationLengthMax;
    private final AccessRules rules;
    private final Application application;
    private final Loop loop;
    private final Commands commands;
    private final Transactions transactions;
    private final Rights rights;

    Decisions(
            Shard shard,
            int index,
            Shard.Ports ports,
            Commands commands,
            Transactions transactions,
            Rights rights) {
        this.shard = shard;
        this.index = index;
        destinationLengthMax = shard.limits.destinationLength();
        rules = ports.rules();
        application = ports.application();
        loop = ports.loop();
        this.commands = commands;
        this.transactions = transactions;
        this.rights = rights;
    }

    /// What is being asked about a message.
    enum Step {
        TO_DESTINATION,
        SEND_TO_REPLY,
        SUBSCRIBE_TO_REPLY
    }

    // --- Questions ---

    void on(Command command, AccessRules.Action action, String destination) {
        AccessRules.Decision decision = ask(command, action, destination);
        if (!(decision instanceof AccessRules.Decision.Pending)) {
            decided(command, decision);
        }
    }

    void onSend(Command.Publish publish, String destination) {
        AccessRules.Decision decision = ask(publish, publish.message(), destination);
        if (!(decision instanceof AccessRules.Decision.Pending)) {
            decided(publish, decision);
        }
    }

    /// What was allowed when it was sent may not be when it is committed: each is asked about
    /// again, one after the other.
    void again(Command.Commit commit, Transaction transaction) {
        transaction.allowed = 0;
        transaction.decidedAt = rights.version();
        onSends(commit, transaction);
    }

    private void onSends(Command.Commit commit, Transaction transaction) {
        while (transaction.allowed < transaction.sends.size()) {
            Message message = transaction.sends.get(transaction.allowed);
            AccessRules.Decision decision = ask(commit, message, message.destination());
            if (decision instanceof AccessRules.Decision.Pending) {
                return;
            }
            if (!(decision instanceof AccessRules.Decision.Allowed)) {
                decided(commit, decision);
                return;
            }
            transaction.allowed++;
        }
        commands.allowed(commit);
    }

    /// What the program publishes: anything, but in answer to a client only where that may send. A
    /// decision that is pending holds up nothing else of the program's.
    void onProgram(Command.Publish publish, String destination) {
        Session answered = publish.answered();
        Principal principal = answered == null ? null : answered.principal;
        if (answered == null
                || principal == null
                || DestinationName.isOwn(
                        destination, answered.user(), answered.temporaryKey(destination))) {
            commands.admit(publish);
            return;
        }
        AccessRules.Decision decision =
                rules.decide(
                        principal,
                        AccessRules.Action.SEND,
                        destination,
                        answer -> loop.post(index, new Post.AnswerDecided(publish, answer)));
        if (!(decision instanceof AccessRules.Decision.Pending)) {
            decided(publish, decision);
        }
    }

    private AccessRules.Decision ask(Command command, Message message, String destination) {
        command.session().step = Step.TO_DESTINATION;
        return goOn(command, message, ask(command, AccessRules.Action.SEND, destination));
    }

    /// Asks what follows from an answer, until all is answered or an answer comes later.
    private AccessRules.Decision goOn(
            Command command, Message message, AccessRules.Decision first) {
        Session session = command.session();
        AccessRules.Decision decision = first;
        while (true) {
            boolean allowed = decision instanceof AccessRules.Decision.Allowed;
            String reply = replyTo(session, message);
            if (reply == null || decision instanceof AccessRules.Decision.Pending) {
                return decision;
            }
            switch (session.step) {
                case TO_DESTINATION -> {
                    if (!allowed) {
                        return decision;
                    }
                    session.step = Step.SEND_TO_REPLY;
                    decision = ask(command, AccessRules.Action.SEND, reply);
                }
                case SEND_TO_REPLY -> {
                    if (allowed || !subscribable(session, reply)) {
                        return decision;
                    }
                    session.step = Step.SUBSCRIBE_TO_REPLY;
                    decision = ask(command, AccessRules.Action.SUBSCRIBE, reply);
                }
                case SUBSCRIBE_TO_REPLY -> {
                    return decision;
                }
            }
        }
    }

    /// Where a message says that it is to be answered, in the canonical spelling; null if there is
    /// nothing to ask about that.
    private @Nullable String replyTo(Session session, Message message) {
        String text = replyTo(message);
        if (text == null) {
            return null;
        }
        long key = session.temporaryKey(text);
        DestinationName.Parsed name = DestinationName.ofSend(text, destinationLengthMax, key);
        boolean own =
                DestinationName.isTemporary(name.name())
                        && DestinationName.isOwn(name.name(), null, key);
        return own || name.refusal() != null ? null : name.name();
    }

    private static @Nullable String replyTo(Message message) {
        String header = message.headers().count() == 0 ? null : message.headers().get(REPLY_TO);
        // Space around it is lost on the way through STOMP 1.0, and a CR at its end through lines.
        return header == null ? null : header.strip();
    }

    /// Why nobody could answer to a client's message, where it says how to; null if somebody could.
    ///
    /// @param kind of its destination: the program around the broker may answer to more
    @Nullable Refusal unanswerable(Session session, Message message, DestinationName.Kind kind) {
        String text = replyTo(message);
        if (text == null || !text.startsWith("/")) {
            return null;
        }
        long key = session.temporaryKey(text);
        DestinationName.Parsed name =
                kind == DestinationName.Kind.APPLICATION
                        ? DestinationName.ofAnswer(text, destinationLengthMax, session.user(), key)
                        : DestinationName.ofSend(text, destinationLengthMax, key);
        Refusal refusal = name.refusal();
        return refusal == null
                ? null
                : new Refusal(
                        refusal.reason(),
                        "nobody could answer to this reply-to: "
                                + DestinationName.withoutKeys(refusal.detail()),
                        refusal.bound());
    }

    private boolean subscribable(Session session, String reply) {
        long key = session.temporaryKey(reply);
        return DestinationName.ofSubscribe(reply, destinationLengthMax, session.user(), key)
                .name()
                .equals(reply);
    }

    /// Parks the command if the answer comes later.
    private AccessRules.Decision ask(
            Command command, AccessRules.Action action, String destination) {
        Session session = command.session();
        Principal principal = session.principal;
        if (principal == null) {
            throw new IllegalStateException("a command before CONNECT: " + command);
        }
        long question = ++session.question;
        session.decidedAt = rights.version();
        AccessRules.Decision decision =
                rules.decide(
                        principal,
                        action,
                        destination,
                        answer -> loop.post(index, new Post.Decided(session, question, answer)));
        if (decision instanceof AccessRules.Decision.Pending) {
            session.parked = command;
            session.deciding = true;
        }
        return decision;
    }

    /// Whether it was allowed by what no longer holds, while it waited.
    boolean stale(Command command) {
        Session session = command.session();
        return switch (command) {
            case Command.Connect c -> rights.stale(session, session.decidedAt);
            case Command.Publish p -> !session.trusted && rights.stale(session, session.decidedAt);
            case Command.Subscribe s -> rights.stale(session, session.decidedAt);
            case Command.Commit c -> {
                Transaction open = Transactions.open(session, c.transaction());
                yield open != null && rights.stale(session, open.decidedAt);
            }
            case Command.Settle c -> false;
            case Command.Unsubscribe c -> false;
            case Command.Begin c -> false;
            case Command.Abort c -> false;
            case Command.Leave c -> false;
        };
    }

    // --- Answers ---

    void late(Session session, long question, AccessRules.Decision decision) {
        Command command = session.parked;
        if (command == null || !session.deciding || session.question != question) {
            return;
        }
        session.parked = null;
        session.deciding = false;
        if (stale(command)) {
            commands.handle(command);
        } else {
            late(command, made(decision));
        }
        shard.resumeLater(session);
    }

    private void late(Command command, AccessRules.Decision decision) {
        Transaction transaction =
                command instanceof Command.Commit commit ? committing(commit) : null;
        Message message = null;
        if (transaction != null) {
            message = transaction.sends.get(transaction.allowed);
        } else if (command instanceof Command.Publish publish) {
            message = publish.message();
        }
        AccessRules.Decision whole = message == null ? decision : goOn(command, message, decision);
        if (whole instanceof AccessRules.Decision.Pending) {
            return;
        }
        if (transaction != null
                && command instanceof Command.Commit commit
                && whole instanceof AccessRules.Decision.Allowed) {
            transaction.allowed++;
            onSends(commit, transaction);
        } else {
            decided(command, whole);
        }
    }

    /// To what a program publishes.
    void late(Command.Publish publish, AccessRules.Decision decision) {
        DestinationName.Parsed name = commands.nameOf(publish);
        if (name.refusal() == null) {
            decided(publish, made(decision));
        }
    }

    private static AccessRules.Decision made(AccessRules.Decision decision) {
        return decision instanceof AccessRules.Decision.Pending
                ? new AccessRules.Decision.Denied("no decision was made")
                : decision;
    }

    private void decided(Command command, AccessRules.Decision decision) {
        switch (decision) {
            case AccessRules.Decision.Allowed() -> commands.allowed(command);
            case AccessRules.Decision.Denied(String rule) -> denied(command, rule);
            case AccessRules.Decision.Pending() -> throw new AssertionError(command);
        }
    }

    private void denied(Command command, String rule) {
        Session session = command.session();
        AccessRules.Action action = AccessRules.Action.SEND;
        String destination = "";
        String transaction = null;
        String told = DestinationName.withoutKeys(rule);
        if (command instanceof Command.Publish publish) {
            Session answered = publish.answered();
            session = answered == null ? session : answered;
            destination = publish.message().destination();
            transaction = publish.transaction();
            told = ofReply(publish.message(), command.session(), told);
        } else if (command instanceof Command.Subscribe subscribe) {
            action = AccessRules.Action.SUBSCRIBE;
            destination = subscribe.destination();
            commands.subscriptions().denied(subscribe);
        } else if (command instanceof Command.Connect) {
            action = AccessRules.Action.CONNECT;
        } else if (command instanceof Command.Commit commit) {
            transaction = commit.transaction();
            Transaction open = committing(commit);
            Message asking = open.sends.get(open.allowed);
            destination = DestinationName.shown(asking.destination());
            told = ofReply(asking, session, told);
            transactions.abort(session, transaction);
        }
        application.denied(
                session,
                new Denial(
                        action,
                        DestinationName.withoutKeys(destination),
                        transaction,
                        told,
                        ++session.denials));
        Commands.refuse(command, new Refusal(Disconnect.ACCESS_DENIED, told));
    }

    /// What is said of a message that is denied for where it is to be answered.
    private static String ofReply(Message message, Session session, String rule) {
        return session.trusted || session.step == Step.TO_DESTINATION
                ? rule
                : "the reply-to "
                        + DestinationName.withoutKeys(
                                String.valueOf(message.headers().get(REPLY_TO)))
                        + " is not the sender's to name: "
                        + rule;
    }

    private static Transaction committing(Command.Commit commit) {
        Transaction transaction = Transactions.open(commit.session(), commit.transaction());
        if (transaction == null) {
            throw new IllegalStateException("a transaction that ended while it was committed");
        }
        return transaction;
    }
}
