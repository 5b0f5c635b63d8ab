package io.switchboard.broker;

import java.util.ArrayDeque;
import java.util.Collection;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Asks again whether the clients of durable subscriptions may subscribe to what they get, also
/// those that are away: by what was known of them when they were last here. What nobody may read is
/// kept for nobody: such a subscription is suspended, and goes on when its client may again. What
/// it had before stays.
///
/// It takes turns, and waits for answers, as [Rights] does.
///
/// Owned by its shard.
final class DurableRights {
    private final Shard shard;
    private final int index;
    private final AccessRules rules;
    private final Loop loop;
    private final DurableSubscriptions durables;
    private final ArrayDeque<DurableSubscription> toAsk = new ArrayDeque<>();
    private final ArrayDeque<Question> unanswered = new ArrayDeque<>();
    private int open;

    DurableRights(Shard shard, int index, Shard.Ports ports, DurableSubscriptions durables) {
        this.shard = shard;
        this.index = index;
        rules = ports.rules();
        loop = ports.loop();
        this.durables = durables;
    }

    /// About a subscription, to which the answer is owed.
    static final class Question {
        final DurableSubscription subscription;
        final long untilMillis;
        boolean done;

        Question(DurableSubscription subscription, long untilMillis) {
            this.subscription = subscription;
            this.untilMillis = untilMillis;
        }
    }

    void askAboutAll() {
        toAsk.clear();
        toAsk.addAll(durables.all());
        askNow();
    }

    /// @param look answers with what is known now of a client that was this; null if nothing is
    void reassess(Function<Principal, @Nullable Principal> look) {
        Collection<DurableSubscription> all = durables.all();
        for (DurableSubscription each : all) {
            Principal now = look.apply(each.owner);
            each.revoked = now == null;
            if (now != null && !each.isOf(now)) {
                durables.own(each, now);
            }
        }
        askAboutAll();
    }

    private void askNow() {
        for (int i = 0; i < Rights.QUESTIONS_PER_TURN && open < Rights.UNANSWERED_MAX; i++) {
            DurableSubscription next = toAsk.poll();
            if (next == null) {
                return;
            }
            ask(next);
        }
        if (!toAsk.isEmpty() && open < Rights.UNANSWERED_MAX) {
            shard.wakeBy(loop.epochMillis() + 1);
        }
    }

    void ask(DurableSubscription subscription) {
        Principal owner = subscription.owner;
        Question question = new Question(subscription, loop.epochMillis() + Rights.ANSWER_MILLIS);
        subscription.question = question;
        if (subscription.revoked || owner.name() == null && !rules.keepsForNameless()) {
            question.done = true;
            decided(question, new AccessRules.Decision.Denied("nobody's"));
            return;
        }
        AccessRules.Decision decision =
                rules.decide(
                        owner,
                        AccessRules.Action.SUBSCRIBE,
                        subscription.wish.destination(),
                        answer -> loop.post(index, new Post.DurableAsked(question, answer)));
        if (decision instanceof AccessRules.Decision.Pending) {
            open++;
            unanswered.add(question);
            shard.wakeBy(question.untilMillis);
        } else {
            question.done = true;
            decided(question, decision);
        }
    }

    /// A late answer; what comes too late is none.
    void answered(Question question, AccessRules.Decision decision) {
        if (question.done) {
            return;
        }
        question.done = true;
        open--;
        decided(question, decision);
        while (!unanswered.isEmpty() && unanswered.peek().done) {
            unanswered.remove();
        }
        askNow();
    }

    private void decided(Question question, AccessRules.Decision decision) {
        DurableSubscription subscription = question.subscription;
        if (subscription.question == question) {
            subscription.question = null;
            durables.keep(subscription, decision instanceof AccessRules.Decision.Allowed);
        }
    }

    void onDeadline() {
        long now = loop.epochMillis();
        for (Question first = unanswered.peek();
                first != null && (first.done || first.untilMillis <= now);
                first = unanswered.peek()) {
            unanswered.remove();
            if (!first.done) {
                first.done = true;
                open--;
                decided(first, new AccessRules.Decision.Denied("no decision was made in time"));
            }
        }
        if (!unanswered.isEmpty()) {
            shard.wakeBy(unanswered.element().untilMillis);
        }
        askNow();
    }
}
