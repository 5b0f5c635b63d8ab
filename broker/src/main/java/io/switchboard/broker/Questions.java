package io.switchboard.broker;

import java.util.ArrayDeque;
import java.util.function.LongConsumer;

/// Asks the access rules about subscriptions that are there already, and has what they have not
/// answered yet.
///
/// **Turns.** However many there are to ask about, a turn asks about so many only; the rest follows
/// in later turns. What is decided in between is decided by what holds then.
///
/// **Pending answers.** Only so many questions are open at once, and the next ones wait for their
/// answers. No answer in time is a no.
///
/// Owned by its shard.
///
/// @param <S> a kind of subscription
final class Questions<S> {
    static final int PER_TURN = 4_096;
    static final int UNANSWERED_MAX = 1_000;
    static final long ANSWER_MILLIS = 5_000;

    private final int index;
    private final AccessRules rules;
    private final Loop loop;
    private final LongConsumer wakeBy;
    private final Asker<S> asker;
    private final ArrayDeque<Question> unanswered = new ArrayDeque<>();
    private int open;

    /// Whether there may be more to ask about.
    private boolean more;

    /// @param index of the shard, to which late answers are posted
    /// @param wakeBy asks for a call of [#onDeadline] at that moment or before
    Questions(int index, AccessRules rules, Loop loop, LongConsumer wakeBy, Asker<S> asker) {
        this.index = index;
        this.rules = rules;
        this.loop = loop;
        this.wakeBy = wakeBy;
        this.asker = asker;
    }

    /// Who knows what is to be asked about.
    interface Asker<S> {
        /// A step towards the next question, if not that question itself.
        ///
        /// @return false if there is nothing more to ask about
        boolean askNext();

        /// Once for each question, at once or later. An older one about the same is not the one
        /// that counts.
        ///
        /// @param decision is not pending any more
        void decided(Questions<S>.Question question, AccessRules.Decision decision);
    }

    /// About a subscription, to which the answer is owed.
    final class Question {
        final S subscription;
        private final long untilMillis = loop.epochMillis() + ANSWER_MILLIS;
        private boolean done;

        private Question(S subscription) {
            this.subscription = subscription;
        }

        /// @param destination what it subscribes to
        void ask(Principal principal, String destination) {
            AccessRules.Decision decision =
                    rules.decide(
                            principal,
                            AccessRules.Action.SUBSCRIBE,
                            destination,
                            answer -> loop.post(index, new Post.AskedAgain(this, answer)));
            if (decision instanceof AccessRules.Decision.Pending) {
                open++;
                unanswered.add(this);
                wakeBy.accept(untilMillis);
            } else {
                done = true;
                asker.decided(this, decision);
            }
        }

        /// A late answer; what comes too late is none.
        void answered(AccessRules.Decision decision) {
            if (done) {
                return;
            }
            close(
                    decision instanceof AccessRules.Decision.Pending
                            ? new AccessRules.Decision.Denied("no decision was made")
                            : decision);
            while (!unanswered.isEmpty() && unanswered.peek().done) {
                unanswered.remove();
            }
            if (more) {
                wakeSoon();
            }
        }

        private void close(AccessRules.Decision decision) {
            done = true;
            open--;
            asker.decided(this, decision);
        }
    }

    Question about(S subscription) {
        return new Question(subscription);
    }

    /// As much as a turn may.
    void askNow() {
        more = true;
        for (int i = 0; more && i < PER_TURN && open < UNANSWERED_MAX; i++) {
            more = asker.askNext();
        }
        if (more && open < UNANSWERED_MAX) {
            wakeSoon();
        }
    }

    /// So that the sockets and the other shards have their turn before.
    private void wakeSoon() {
        wakeBy.accept(loop.epochMillis() + 1);
    }

    void onDeadline() {
        long now = loop.epochMillis();
        for (Question first = unanswered.peek();
                first != null && (first.done || first.untilMillis <= now);
                first = unanswered.peek()) {
            unanswered.remove();
            if (!first.done) {
                first.close(new AccessRules.Decision.Denied("no decision was made in time"));
            }
        }
        if (!unanswered.isEmpty()) {
            wakeBy.accept(unanswered.element().untilMillis);
        }
        askNow();
    }
}
