package io.switchboard.server.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.broker.AccessRule;
import io.switchboard.broker.AccessRules;
import io.switchboard.broker.AccessRules.Action;
import io.switchboard.broker.Principal;
import io.switchboard.broker.RuleSet;
import java.util.List;
import org.junit.jupiter.api.Test;

final class LiveRulesTest {
    private static final Principal NEAR = Principal.of(null, true, "127.0.0.1:1");
    private static final Principal NOBODY_FAR = Principal.of(null, false, "192.0.2.1:2");
    private static final Principal FAR = Principal.of("far", false, "192.0.2.1:1");

    private static RuleSet anyoneSends(String destinations) {
        return RuleSet.of(
                List.of(
                        new AccessRule(
                                Action.SEND, destinations, AccessRule.Who.ANYONE, "line 1")));
    }

    private static boolean allows(LiveRules rules, Principal who, Action action, String name) {
        return rules.decide(who, action, name, answer -> {})
                instanceof AccessRules.Decision.Allowed;
    }

    @Test
    void withoutRulesLocalClientsMayDoEverythingAndOthersNothing() {
        LiveRules rules = new LiveRules(AccessRules.localOnly(), RuleSet.EMPTY);
        assertThat(allows(rules, NEAR, Action.SEND, "/topic/a")).isTrue();
        assertThat(allows(rules, FAR, Action.SEND, "/topic/a")).isFalse();
        assertThat(allows(rules, FAR, Action.CONNECT, "")).isFalse();
    }

    @Test
    void aRuleEndsThatForLocalClientsTooAndLetsInWhoHasProvedAName() {
        LiveRules rules = new LiveRules(AccessRules.localOnly(), anyoneSends("/topic/a"));
        assertThat(allows(rules, NEAR, Action.CONNECT, "")).isTrue();
        assertThat(allows(rules, NEAR, Action.SEND, "/topic/a")).isTrue();
        assertThat(allows(rules, NEAR, Action.SEND, "/topic/b")).isFalse();
        assertThat(allows(rules, NEAR, Action.SUBSCRIBE, "/topic/a")).isFalse();
        assertThat(allows(rules, FAR, Action.CONNECT, "")).isTrue();
        assertThat(allows(rules, FAR, Action.SEND, "/topic/a")).isTrue();
        assertThat(allows(rules, FAR, Action.SEND, "/topic/b")).isFalse();
        assertThat(allows(rules, NOBODY_FAR, Action.CONNECT, "")).isFalse();
    }

    @Test
    void whatReplacesThemHoldsAtOnce() {
        LiveRules rules = new LiveRules(AccessRules.localOnly(), anyoneSends("/topic/a"));
        rules.replace(anyoneSends("/topic/b"));
        assertThat(allows(rules, NEAR, Action.SEND, "/topic/a")).isFalse();
        assertThat(allows(rules, NEAR, Action.SEND, "/topic/b")).isTrue();
        rules.replace(RuleSet.EMPTY);
        assertThat(allows(rules, NEAR, Action.SEND, "/topic/a")).isTrue();
    }
}
