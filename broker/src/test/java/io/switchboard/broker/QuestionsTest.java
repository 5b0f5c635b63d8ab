package io.switchboard.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.broker.AccessRules.Action;
import io.switchboard.broker.AccessRules.Decision;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class QuestionsTest implements Questions.Asker<String>, Loop {
    private static final int SHARD = 3;
    private static final Principal ALICE = Principal.of("alice", true, "127.0.0.1");

    private final ArrayDeque<String> toAsk = new ArrayDeque<>();
    private final Map<String, Consumer<Decision>> owed = new HashMap<>();
    private final List<String> decided = new ArrayList<>();
    private final List<Long> wakes = new ArrayList<>();
    private long nowMillis = 1_000_000;
    private final Questions<String> questions =
            new Questions<>(SHARD, this::decide, this, this::wakeAt, this);

    private Decision decide(
            Principal who, Action action, String destination, Consumer<Decision> answer) {
        assertThat(who).isEqualTo(ALICE);
        assertThat(action).isEqualTo(Action.SUBSCRIBE);
        if (destination.startsWith("slow")) {
            owed.put(destination, answer);
            return Decision.PENDING;
        }
        return Decision.ALLOWED;
    }

    @Override
    public boolean askNext() {
        String next = toAsk.poll();
        if (next != null) {
            questions.about(next).ask(ALICE, next);
        }
        return !toAsk.isEmpty();
    }

    @Override
    public void decided(Questions<String>.Question question, Decision decision) {
        decided.add(
                question.subscription
                        + (decision instanceof Decision.Denied(String rule) ? " " + rule : ""));
    }

    @Override
    public void post(int shard, Post post) {
        assertThat(shard).isEqualTo(SHARD);
        if (post instanceof Post.AskedAgain(Questions<?>.Question question, Decision decision)) {
            question.answered(decision);
        }
    }

    @Override
    public void endTurnLater() {}

    @Override
    public long epochMillis() {
        return nowMillis;
    }

    @Override
    public void wakeAt(long epochMillis) {
        wakes.add(epochMillis);
    }

    private void ask(int count, String about) {
        for (int i = 0; i < count; i++) {
            toAsk.add(about + i);
        }
        questions.askNow();
    }

    private void answer(String about, Decision decision) {
        owed.get(about).accept(decision);
    }

    private void pass(long millis) {
        nowMillis += millis;
        wakes.clear();
        questions.onDeadline();
    }

    @Test
    void whatIsDecidedAtOnceIsOverAtOnce() {
        ask(2, "a");
        assertThat(decided).containsExactly("a0", "a1");
        pass(Questions.ANSWER_MILLIS);
        assertThat(decided).hasSize(2);
        assertThat(wakes).isEmpty();
    }

    @Test
    void aLateAnswerCountsOnce() {
        ask(1, "slow");
        assertThat(decided).isEmpty();
        answer("slow0", new Decision.Denied("no"));
        answer("slow0", Decision.ALLOWED);
        pass(Questions.ANSWER_MILLIS);
        assertThat(decided).containsExactly("slow0 no");
    }

    @Test
    void anAnswerThatIsPendingIsANo() {
        ask(1, "slow");
        answer("slow0", Decision.PENDING);
        assertThat(decided).containsExactly("slow0 no decision was made");
    }

    @Test
    void noAnswerInTimeIsANo() {
        ask(1, "slow");
        assertThat(wakes).containsExactly(nowMillis + Questions.ANSWER_MILLIS);
        pass(Questions.ANSWER_MILLIS - 1);
        assertThat(decided).isEmpty();
        assertThat(wakes).containsExactly(nowMillis + 1);
        pass(1);
        answer("slow0", Decision.ALLOWED);
        assertThat(decided).containsExactly("slow0 no decision was made in time");
    }

    @Test
    void whoeverWasAskedFirstAndHasAnsweredIsNotWaitedFor() {
        ask(1, "slow");
        nowMillis += 1;
        ask(1, "slower");
        answer("slow0", Decision.ALLOWED);
        pass(Questions.ANSWER_MILLIS - 1);
        assertThat(decided).containsExactly("slow0");
        assertThat(wakes).containsExactly(nowMillis + 1);
    }

    @Test
    void aTurnAsksSoManyAndTheNextOneGoesOn() {
        ask(Questions.PER_TURN + 1, "a");
        assertThat(decided).hasSize(Questions.PER_TURN);
        assertThat(wakes).containsExactly(nowMillis + 1);
        pass(1);
        assertThat(toAsk).isEmpty();
        assertThat(wakes).isEmpty();
    }

    @Test
    void theNextOnesWaitUntilOneOfTheOpenOnesIsAnswered() {
        ask(Questions.UNANSWERED_MAX + 2, "slow");
        assertThat(toAsk).hasSize(2);
        assertThat(wakes).doesNotContain(nowMillis + 1);
        pass(1);
        assertThat(toAsk).hasSize(2);
        answer("slow7", Decision.ALLOWED);
        assertThat(wakes).endsWith(nowMillis + 1);
        pass(1);
        assertThat(toAsk).hasSize(1);
        pass(Questions.ANSWER_MILLIS - 2);
        assertThat(decided).as("those of the beginning").hasSize(Questions.UNANSWERED_MAX);
        assertThat(toAsk).isEmpty();
    }

    @Test
    void anAnswerWakesNobodyWhereNothingIsLeftToAsk() {
        ask(1, "slow");
        wakes.clear();
        answer("slow0", Decision.ALLOWED);
        assertThat(wakes).isEmpty();
    }
}
