package io.switchboard.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.switchboard.broker.Policies.Policy;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PoliciesTest {
    private static final Policy OLDEST = new Policy(Overflow.DROP_OLDEST);
    private static final Policy NEWEST = new Policy(Overflow.DROP_NEWEST);

    @Test
    void withoutAnyASlowSubscriberIsDisconnected() {
        assertThat(Policies.DEFAULT.of("/topic/a").overflow()).isEqualTo(Overflow.DISCONNECT);
    }

    @Test
    void theMostSpecificMatchWinsWhateverTheOrder() {
        Policies policies = Policies.DEFAULT.with("/topic/**", OLDEST).with("/topic/a/*", NEWEST);
        assertThat(policies.of("/topic/a/b")).isEqualTo(NEWEST);
        assertThat(policies.of("/topic/b/b")).isEqualTo(OLDEST);
        policies = Policies.DEFAULT.with("/topic/a/*", NEWEST).with("/topic/**", OLDEST);
        assertThat(policies.of("/topic/a/b")).isEqualTo(NEWEST);
    }

    @Test
    void eachKeyIsThatOfTheMostSpecificMatchThatNamesIt() {
        Policies policies =
                Policies.DEFAULT
                        .with("/queue/orders", it -> it.withDeadLetter("/queue/lost"))
                        .with("/queue/**", it -> it.withMaxLength(5).withMaxDeliveries(2))
                        .with("/queue/*", it -> it.withMaxLength(7));
        assertThat(policies.of("/queue/orders"))
                .isEqualTo(
                        Policy.DEFAULT
                                .withDeadLetter("/queue/lost")
                                .withMaxLength(7)
                                .withMaxDeliveries(2));
        assertThat(policies.of("/queue/a/b"))
                .isEqualTo(Policy.DEFAULT.withMaxLength(5).withMaxDeliveries(2));
    }

    @Test
    void deadLettersGoToATopicOrQueue() {
        assertThat(Policy.DEFAULT.withDeadLetter("/topic/lost").deadLetter())
                .isEqualTo("/topic/lost");
        for (String no : List.of("/queue/*", "/app/x", "/temp-queue/x", "/user/a/queue/b", "x")) {
            assertThatThrownBy(() -> Policy.DEFAULT.withDeadLetter(no))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(no);
        }
    }

    @Test
    void theSamePatternAgainReplacesWhatItSaid() {
        Policies policies = Policies.DEFAULT.with("/topic/#", OLDEST).with("/topic/**", NEWEST);
        assertThat(policies.of("/topic/a")).isEqualTo(NEWEST);
    }

    @Test
    void userDestinationsOfEverybodyCanBeNamed() {
        Policies policies = Policies.DEFAULT.with("/user/*/topic/x", OLDEST);
        assertThat(policies.of("/user/alice@example.com/topic/x")).isEqualTo(OLDEST);
        assertThat(policies.of("/user/alice/topic/y")).isEqualTo(Policy.DEFAULT.withDurable(false));
    }

    @Test
    void whatIsNoPatternIsRefused() {
        assertThatThrownBy(() -> Policies.DEFAULT.with("/topic/**/a", OLDEST))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("not the last segment");
    }

    /// Of all patterns that match, none is more specific than the one that won: from the left, the
    /// first segment in which two differ decides.
    @Test
    void noMatchIsMoreSpecificThanTheWinner() {
        for (long seed = 1; seed <= 500; seed++) {
            Random random = new Random(seed);
            List<String> patterns = new ArrayList<>();
            Policies policies = Policies.DEFAULT;
            for (int i = 0; i < 8; i++) {
                String pattern = Matching.pattern(random);
                // One policy a rank, so that the winner is known by its rank.
                policies = policies.with(pattern, new Policy(policyOf(pattern)));
                patterns.add(pattern);
            }
            String name = Matching.name(random);
            String best = null;
            for (String pattern : patterns) {
                if (Matching.matches(pattern, name)
                        && (best == null || rank(pattern).compareTo(rank(best)) < 0)) {
                    best = pattern;
                }
            }
            assertThat(policies.of(name).overflow())
                    .as("seed %d: %s of %s", seed, name, patterns)
                    .isEqualTo(best == null ? Overflow.DISCONNECT : policyOf(best));
        }
    }

    private static Overflow policyOf(String pattern) {
        return Overflow.values()[Math.floorMod(rank(pattern).hashCode(), 3)];
    }

    private static String rank(String pattern) {
        StringBuilder rank = new StringBuilder();
        for (String segment : pattern.split("[/.]")) {
            rank.append(segment.equals("**") ? '3' : segment.equals("*") ? '2' : '1');
        }
        return rank.toString();
    }
}
