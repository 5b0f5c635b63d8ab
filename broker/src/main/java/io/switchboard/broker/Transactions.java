package io.switchboard.broker;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The open transactions of a shard's sessions: what is said within one is kept until its COMMIT
/// makes a [Commit] of it. Owned by that shard.
final class Transactions {
    private final Shard shard;
    private final QueueLimits limits;
    private final Commits commits;

    Transactions(Shard shard, Commits commits) {
        this.shard = shard;
        limits = shard.limits.queues();
        this.commits = commits;
    }

    static @Nullable Transaction open(Session session, String id) {
        return session.transactions == null ? null : session.transactions.get(id);
    }

    /// Null if it is open now, else why not.
    @Nullable Refusal begin(Session session, String id) {
        Map<String, Transaction> open = session.transactions;
        if (open == null) {
            open = new LinkedHashMap<>(2);
            session.transactions = open;
        }
        if (open.containsKey(id)) {
            return new Refusal(
                    Disconnect.DUPLICATE_TRANSACTION,
                    "expected an id of its own but "
                            + id
                            + " is open already; COMMIT or ABORT it first");
        }
        if (open.size() >= limits.transactionsPerSession()) {
            return new Refusal(
                    Disconnect.TOO_MANY_TRANSACTIONS,
                    "expected at most "
                            + limits.transactionsPerSession()
                            + " open transactions in a session but was one more");
        }
        Transaction transaction = new Transaction(id);
        transaction.decidedAt = shard.rights().version();
        open.put(id, transaction);
        return null;
    }

    static Refusal unknown(String id) {
        return new Refusal(
                Disconnect.UNKNOWN_TRANSACTION,
                "expected the id of an open transaction but was " + id);
    }

    /// Whether a further frame may be part of a transaction; null if so.
    @Nullable Refusal mayJoin(Session session, String id, long bytes) {
        Transaction transaction = open(session, id);
        if (transaction == null) {
            return unknown(id);
        }
        if (transaction.frames() >= limits.framesPerTransaction()) {
            return new Refusal(
                    Disconnect.TRANSACTION_TOO_LARGE,
                    "expected at most "
                            + limits.framesPerTransaction()
                            + " frames in a transaction but was one more",
                    Bound.TRANSACTION_FRAMES);
        }
        if (transaction.bytes + bytes > limits.bytesPerTransaction()) {
            return new Refusal(
                    Disconnect.TRANSACTION_TOO_LARGE,
                    "expected at most "
                            + limits.bytesPerTransaction()
                            + " bytes in a transaction but was "
                            + (transaction.bytes + bytes),
                    Bound.TRANSACTION_BYTES);
        }
        return null;
    }

    /// Takes a message in; null if it is in, else why not.
    @Nullable Refusal join(Session session, String id, Message message) {
        Transaction transaction = open(session, id);
        if (transaction == null) {
            return unknown(id);
        }
        Refusal refusal = commits.take(message.cost());
        if (refusal == null) {
            transaction.sends.add(message);
            transaction.bytes += message.cost();
        }
        return refusal;
    }

    /// Takes a settlement in; null if it is in, else why not.
    static @Nullable Refusal join(Session session, String id, Part.Promise promise) {
        Transaction transaction = open(session, id);
        if (transaction == null) {
            return unknown(id);
        }
        transaction.promises.add(promise);
        return null;
    }

    /// Null if it was open, else why not.
    @Nullable Refusal abort(Session session, String id) {
        Transaction transaction = close(session, id);
        if (transaction == null) {
            return unknown(id);
        }
        commits.give(transaction.bytes);
        return null;
    }

    /// A session's end aborts what is open.
    void abortAll(Session session) {
        if (session.transactions != null) {
            session.transactions.values().forEach(each -> commits.give(each.bytes));
            session.transactions = null;
        }
    }

    /// Does what was said in it, all or nothing.
    void commit(Session session, String id, Request request) {
        Transaction transaction = close(session, id);
        if (transaction == null) {
            throw new IllegalStateException("a transaction that is not open");
        }
        request.unanswered = 0;
        Commit commit = new Commit(request, transaction.bytes);
        for (Message message : transaction.sends) {
            shard.counters.messagesIn++;
            if (DestinationName.isApplication(message.destination())) {
                commit.applicationSends.add(message);
            } else {
                commit.part(shard.home(message.destination())).sends.add(message);
            }
        }
        for (Part.Promise promise : transaction.promises) {
            commit.part(promise.attempt().consumer().home).promises.add(promise);
        }
        commits.start(commit);
    }

    private static @Nullable Transaction close(Session session, String id) {
        return session.transactions == null ? null : session.transactions.remove(id);
    }

    /// Whether the application is to get something out of it.
    static boolean sendsToApplication(Session session, String id) {
        Transaction transaction = open(session, id);
        return transaction != null
                && transaction.sends.stream()
                        .anyMatch(it -> DestinationName.isApplication(it.destination()));
    }
}
