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
/// It takes turns, and waits for answers, as [Questions] does.
///
/// Owned by its shard.
final class DurableRights implements Questions.Asker<DurableSubscription> {
    private final AccessRules rules;
    private final DurableSubscriptions durables;
    private final ArrayDeque<DurableSubscription> toAsk = new ArrayDeque<>();
    private final Questions<DurableSubscription> questions;

    DurableRights(Shard shard, int index, Shard.Ports ports, DurableSubscriptions durables) {
        rules = ports.rules();
        this.durables = durables;
        questions = new Questions<>(index, rules, ports.loop(), shard::wakeBy, this);
    }

    void askAboutAll() {
        toAsk.clear();
        toAsk.addAll(durables.all());
        questions.askNow();
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

    @Override
    public boolean askNext() {
        DurableSubscription next = toAsk.poll();
        if (next != null) {
            ask(next);
        }
        return !toAsk.isEmpty();
    }

    void ask(DurableSubscription subscription) {
        Principal owner = subscription.owner;
        if (subscription.revoked || owner.name() == null && !rules.keepsForNameless()) {
            subscription.question = null;
            durables.keep(subscription, false);
            return;
        }
        Questions<DurableSubscription>.Question question = questions.about(subscription);
        subscription.question = question;
        question.ask(owner, subscription.wish.destination());
    }

    @Override
    public void decided(
            Questions<DurableSubscription>.Question question, AccessRules.Decision decision) {
        DurableSubscription subscription = question.subscription;
        if (subscription.question == question) {
            subscription.question = null;
            durables.keep(subscription, decision instanceof AccessRules.Decision.Allowed);
        }
    }

    void onDeadline() {
        questions.onDeadline();
    }
}
