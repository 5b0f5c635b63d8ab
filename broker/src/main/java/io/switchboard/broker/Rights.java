package io.switchboard.broker;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Keeps true what was allowed once. When the rules have changed, or it is known anew what a client
/// may, its live subscriptions are asked about again, and those that lost their right end.
///
/// It takes turns, and waits for answers, as [Questions] does: each session is asked about from its
/// last subscription to its first, so that none is missed when others go meanwhile. A subscription
/// goes on while its answer is pending, since messages left out would be a hole that nobody knows
/// of; it ends when no answer has come in time.
///
/// Owned by its shard.
final class Rights implements Questions.Asker<Subscription> {
    private static final Session[] NOBODY = {};

    private final Shard shard;
    private final Loop loop;
    private final Application application;
    private final Subscriptions subscriptions;

    /// Those that have said who they are.
    private Session[] sessions = NOBODY;

    private int count;

    /// Rises with everything that may change an answer.
    private long version = 1;

    /// The version that the rules changed with.
    private long rulesSince;

    private final ArrayDeque<Session> toAsk = new ArrayDeque<>();
    private final ArrayDeque<Session> revoked = new ArrayDeque<>();
    private final Questions<Subscription> questions;

    Rights(Shard shard, int index, Shard.Ports ports, Subscriptions subscriptions) {
        this.shard = shard;
        loop = ports.loop();
        application = ports.application();
        this.subscriptions = subscriptions;
        questions = new Questions<>(index, ports.rules(), loop, shard::wakeBy, this);
    }

    // --- Who is here ---

    /// Idempotent.
    void enter(Session session) {
        if (session.place >= 0) {
            return;
        }
        if (count == sessions.length) {
            sessions = Arrays.copyOf(sessions, Math.max(16, count * 3 / 2));
        }
        session.place = count;
        sessions[count++] = session;
    }

    /// Idempotent.
    void leave(Session session) {
        int place = session.place;
        if (place < 0) {
            return;
        }
        Session last = sessions[--count];
        sessions[place] = last;
        last.place = place;
        session.place = -1;
        Arrays.fill(sessions, count, count + 1, null);
    }

    void draining() {
        for (int i = 0; i < count; i++) {
            Notices notices = sessions[i].notices;
            if (notices != null) {
                notices.draining();
            }
        }
    }

    // --- What holds ---

    long version() {
        return version;
    }

    /// Whether what was decided then may be decided otherwise now.
    boolean stale(Session session, long decidedAt) {
        return decidedAt < Math.max(rulesSince, session.rightsSince);
    }

    /// The rules are others now.
    void rulesChanged() {
        rulesSince = ++version;
        for (int i = 0; i < count; i++) {
            askLater(sessions[i]);
        }
        questions.askNow();
    }

    /// The session's principal is another one now.
    void renewed(Session session) {
        session.rightsSince = ++version;
        subscriptions.renewed(session);
        askLater(session);
        questions.askNow();
    }

    /// Asks for every session whether its principal is still the same.
    ///
    /// @param look answers with the principal that holds from now on; null if none does
    void reassess(Function<Principal, @Nullable Principal> look) {
        for (int i = 0; i < count; i++) {
            Session session = sessions[i];
            Principal before = session.principal;
            Principal now = before == null ? null : look.apply(before);
            if (now == null) {
                revoked.add(session);
            } else if (now != before) {
                session.principal = now;
                session.rightsSince = ++version;
                subscriptions.renewed(session);
                askLater(session);
            }
        }
        endRevoked();
        questions.askNow();
    }

    private void endRevoked() {
        for (int i = 0; i < Expiry.PER_TURN && !revoked.isEmpty(); i++) {
            shard.sayAndEnd(
                    revoked.remove(),
                    Disconnect.LOGIN_REVOKED,
                    "expected credentials that still hold; log in again");
        }
        if (!revoked.isEmpty()) {
            shard.wakeBy(loop.epochMillis() + 1);
        }
    }

    // --- Asking again ---

    private void askLater(Session session) {
        session.toAskIndex = session.subscriptionCount();
        if (!session.asksAgain) {
            session.asksAgain = true;
            toAsk.add(session);
        }
    }

    @Override
    public boolean askNext() {
        Session session = toAsk.peek();
        if (session == null) {
            return false;
        }
        int next = Math.min(session.toAskIndex, session.subscriptionCount()) - 1;
        if (next < 0 || session.hasEnded()) {
            toAsk.remove();
            session.asksAgain = false;
        } else {
            session.toAskIndex = next;
            ask(session, session.subscriptionAt(next));
        }
        return !toAsk.isEmpty();
    }

    private void ask(Session session, Subscription subscription) {
        Principal principal = session.principal;
        String destination = subscription.destination();
        if (principal == null || destination == null) {
            return;
        }
        Questions<Subscription>.Question question = questions.about(subscription);
        subscription.question = question;
        question.ask(principal, DestinationName.watched(destination));
    }

    @Override
    public void decided(Questions<Subscription>.Question question, AccessRules.Decision decision) {
        Subscription subscription = question.subscription;
        if (subscription.gone || subscription.question != question) {
            return;
        }
        subscription.question = null;
        if (decision instanceof AccessRules.Decision.Denied(String rule)) {
            end(subscription, DestinationName.withoutKeys(rule));
        }
    }

    private void end(Subscription subscription, String reason) {
        Session session = subscription.session;
        String destination = String.valueOf(subscription.destination());
        subscriptions.remove(subscription);
        session.endedByServer(subscription.id);
        application.subscriptionEnded(
                session,
                subscription.id,
                new Denial(
                        AccessRules.Action.SUBSCRIBE,
                        DestinationName.shown(destination),
                        null,
                        reason,
                        ++session.denials));
        if (session.notices != null) {
            session.notices.subscriptionEnded(subscription, destination, reason);
        }
        if (!session.closed()) {
            session.events.subscriptionEnded(
                    subscription.id, new Refusal(Disconnect.ACCESS_DENIED, reason));
        }
    }

    // --- Time ---

    void onDeadline() {
        endRevoked();
        questions.onDeadline();
    }
}
