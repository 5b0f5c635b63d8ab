package io.switchboard.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.broker.AccessRules.Action;
import java.util.List;
import org.junit.jupiter.api.Test;

class DeadLetterReadersTest {
    /// `DESTINATIONS WHO`, rules to subscribe.
    private static List<String> warnings(Policies policies, String... texts) {
        return DeadLetterReaders.warnings(
                RuleSet.of(
                        List.of(texts).stream()
                                .map(it -> it.split(" ", 2))
                                .map(it ->
                                        new AccessRule(
                                                Action.SUBSCRIBE,
                                                it[0],
                                                AccessRule.Who.of(it[1]),
                                                "line 7"))
                                .toList()),
                policies);
    }

    private static List<String> warnings(String... texts) {
        return warnings(Policies.DEFAULT, texts);
    }

    @Test
    void everybodyMayReadWhatOnlyOneRoleMayConsume() {
        assertThat(warnings("/queue/orders role clerk", "/queue/dead-letters anyone"))
                .containsExactly(
                        "everybody may subscribe to /queue/dead-letters, where the dead letters of"
                                + " /queue/** go, and not to all of that itself: by the rule in"
                                + " line 7 for /queue/dead-letters");
        assertThat(warnings("/queue/orders role clerk", "/queue/{any} authenticated"))
                .hasSize(1)
                .first()
                .asString()
                .startsWith("everybody with a name may subscribe to /queue/dead-letters");
    }

    @Test
    void whatIsRejectedOfATopicIsThereToo() {
        assertThat(warnings("/topic/board role board", "/queue/** anyone"))
                .singleElement()
                .asString()
                .contains("the dead letters of /topic/** go");
    }

    @Test
    void whoMayReadAllOfTheSourceMayReadItsDeadLetters() {
        assertThat(warnings("/queue/** anyone")).isEmpty();
        assertThat(warnings("/** anyone")).isEmpty();
        assertThat(warnings("/queue/** authenticated", "/topic/a anyone", "/topic/** anyone"))
                .isEmpty();
    }

    @Test
    void whoIsNamedIsMeant() {
        assertThat(warnings("/queue/orders anyone", "/queue/dead-letters role operator")).isEmpty();
        assertThat(warnings("/queue/orders anyone", "/queue/dead-letters user root")).isEmpty();
    }

    @Test
    void whereTheyGoIsWhatThePolicySays() {
        Policies policies =
                Policies.DEFAULT.with(
                        "/queue/pay.*", policy -> policy.withDeadLetter("/queue/pay-failed"));
        assertThat(
                        warnings(
                                policies,
                                "/queue/pay.a role pay",
                                "/queue/pay-failed anyone",
                                "/queue/dead-letters role operator"))
                .singleElement()
                .asString()
                .startsWith("everybody may subscribe to /queue/pay-failed")
                .contains("/queue/pay.*");
    }

    @Test
    void withoutRulesNothingIsSaid() {
        assertThat(warnings()).isEmpty();
    }
}
