package io.switchboard.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.switchboard.broker.AccessRule.Who;
import io.switchboard.broker.AccessRules.Action;
import io.switchboard.broker.AccessRules.Decision;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RuleSetTest {
    private static final Principal NOBODY = Principal.of(null, true, "127.0.0.1:1");
    private static final Principal ALICE =
            new Principal(
                    "alice",
                    true,
                    "127.0.0.1:1",
                    Set.of("admin", "staff"),
                    Map.of("rooms", List.of("red", "blue"), "tenant", List.of("acme")),
                    0);

    private static AccessRule rule(Action action, String destinations, String who) {
        return new AccessRule(action, destinations, Who.of(who), "here");
    }

    /// `/topic/a for anyone`, each for a SUBSCRIBE.
    private static RuleSet rules(String... texts) {
        return RuleSet.of(Stream.of(texts).map(RuleSetTest::rule).toList());
    }

    private static AccessRule rule(String text) {
        String[] parts = text.split(" for ", 2);
        return rule(Action.SUBSCRIBE, parts[0], parts[1]);
    }

    private static Principal named(String name) {
        return Principal.of(name, true, "127.0.0.1:1");
    }

    /// As the client spells it.
    private static boolean allows(RuleSet rules, Principal principal, String destination) {
        return rules.explain(principal, Action.SUBSCRIBE, destination, 1_024).allowed();
    }

    @Test
    void whatNoRuleAllowsIsDeniedInWordsThatNameNoRule() {
        RuleSet rules = rules("/topic/a for role admin");
        assertThat(rules.decide(NOBODY, Action.SUBSCRIBE, "/topic/a"))
                .isEqualTo(new Decision.Denied("no rule allows SUBSCRIBE to /topic/a"));
        assertThat(rules.decide(ALICE, Action.SEND, "/topic/a"))
                .as("a rule is for one action")
                .isEqualTo(new Decision.Denied("no rule allows SEND to /topic/a"));
        assertThat(rules.decide(ALICE, Action.SUBSCRIBE, "/topic/a")).isEqualTo(Decision.ALLOWED);
    }

    @Test
    void withoutRulesNothingIsAllowed() {
        assertThat(RuleSet.of(List.of())).isSameAs(RuleSet.EMPTY);
        assertThat(RuleSet.EMPTY.empty()).isTrue();
        assertThat(RuleSet.EMPTY.decide(ALICE, Action.SEND, "/topic/a"))
                .isInstanceOf(Decision.Denied.class);
    }

    @Test
    void theAllowingRuleIsKnown() {
        AccessRule second = rule("/topic/** for authenticated");
        RuleSet rules = RuleSet.of(List.of(rule("/queue/** for anyone"), second));
        RuleSet.Verdict verdict = rules.explain(ALICE, Action.SUBSCRIBE, "/topic/a/#", 1_024);
        assertThat(verdict).isEqualTo(new RuleSet.Verdict(true, "/topic/a/**", second));
        assertThat(rules.explain(NOBODY, Action.SUBSCRIBE, "/topic/a", 1_024))
                .isEqualTo(new RuleSet.Verdict(false, "/topic/a", null));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> rules.explain(NOBODY, Action.SUBSCRIBE, "/nowhere", 1_024));
    }

    @Nested
    class Whom {
        @ParameterizedTest
        @CsvSource({
            "anyone, true, true",
            "authenticated, false, true",
            "user alice, false, true",
            "user bob, false, false",
            "role admin, false, true",
            "role adm, false, false",
            "claim tenant holds acme, false, true",
            "claim tenant holds acm, false, false",
            "claim rooms holds blue, false, true",
            "claim other holds acme, false, false",
        })
        void isAskedForWhatIsKnown(String who, boolean nobody, boolean alice) {
            RuleSet rules = rules("/topic/a for " + who);
            assertThat(allows(rules, NOBODY, "/topic/a")).isEqualTo(nobody);
            assertThat(allows(rules, ALICE, "/topic/a")).isEqualTo(alice);
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "",
                    "everyone",
                    "anyone else",
                    "user",
                    "user ",
                    "role",
                    "claim",
                    "claim a",
                    "claim a holds",
                    "claim a holds ",
                    "claim holds b",
                    "Anyone",
                    "authenticated x"
                })
        void isOneOfTheKnownWords(String text) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Who.of(text))
                    .withMessageStartingWith("expected anyone, authenticated, user NAME,")
                    .withMessageEndingWith(" but was " + text);
        }

        @Test
        void namesMayHaveSpaces() {
            assertThat(Who.of("user Mary Ann")).isEqualTo(new Who.User("Mary Ann"));
            assertThat(Who.of("claim a holds x holds y"))
                    .isEqualTo(new Who.Claim("a", "x holds y"));
        }
    }

    @Nested
    class Variables {
        private final RuleSet rooms = rules("/topic/room.{room} for claim rooms holds {room}");

        @Test
        void areHeldByAClaim() {
            assertThat(allows(rooms, ALICE, "/topic/room.red")).isTrue();
            assertThat(allows(rooms, ALICE, "/topic/room.green")).isFalse();
            assertThat(allows(rooms, ALICE, "/topic/room/red")).as("separators count").isFalse();
            assertThat(allows(rooms, ALICE, "/topic/room.red.more")).isFalse();
            assertThat(allows(rooms, NOBODY, "/topic/room.red")).isFalse();
        }

        @Test
        void areNoWildcardsEvenForThoseWhoseClaimIsOne() {
            Principal starry =
                    new Principal(
                            "*", true, "x", Set.of(), Map.of("rooms", List.of("*", "**", "#")), 0);
            for (String pattern : List.of("/topic/room.*", "/topic/room.**", "/topic/room.#")) {
                assertThat(allows(rooms, starry, pattern)).as(pattern).isFalse();
                assertThat(allows(rooms, ALICE, pattern)).as(pattern).isFalse();
            }
            assertThat(allows(rules("/topic/{user} for anyone"), starry, "/topic/*")).isFalse();
        }

        @Test
        void userIsTheSessionsOwnName() {
            RuleSet own = rules("/user/{user}/** for anyone", "/topic/of/{user} for anyone");
            assertThat(allows(own, ALICE, "/user/queue/x")).isTrue();
            assertThat(allows(own, ALICE, "/user/topic/**")).isTrue();
            assertThat(allows(own, ALICE, "/topic/of/alice")).isTrue();
            assertThat(allows(own, ALICE, "/topic/of/bob")).isFalse();
            assertThat(allows(own, ALICE, "/topic/of/*")).isFalse();
            assertThat(allows(own, NOBODY, "/topic/of/alice")).isFalse();
        }

        @ParameterizedTest
        @ValueSource(strings = {"a/b", "a.b@c.d", "50%", "*", "**", "{user}", "Ä ö"})
        void userIsPercentEncodedAsInTheDestination(String name) {
            RuleSet own = rules("/user/{user}/** for anyone");
            RuleSet held = rules("/user/{who}/topic/x for claim friends holds {who}");
            Principal friend =
                    new Principal(name, true, "x", Set.of(), Map.of("friends", List.of(name)), 0);
            Principal other =
                    new Principal("o", true, "x", Set.of(), Map.of("friends", List.of("o")), 0);
            String canonical =
                    own.explain(friend, Action.SUBSCRIBE, "/user/topic/x", 1_024).destination();
            for (RuleSet rules : List.of(own, held)) {
                assertThat(rules.decide(friend, Action.SUBSCRIBE, canonical))
                        .isEqualTo(Decision.ALLOWED);
                assertThat(rules.decide(other, Action.SUBSCRIBE, canonical))
                        .isInstanceOf(Decision.Denied.class);
            }
        }

        @Test
        void aUserMayBeSpeltInAnyWay() {
            RuleSet rules = RuleSet.of(List.of(rule(Action.SEND, "/user/%62ob/queue/x", "anyone")));
            for (String spelling : List.of("/user/bob/queue/x", "/user/b%6Fb/queue/x")) {
                assertThat(rules.explain(NOBODY, Action.SEND, spelling, 1_024).allowed()).isTrue();
            }
            assertThat(rules.explain(NOBODY, Action.SEND, "/user/bo/queue/x", 1_024).allowed())
                    .isFalse();
        }

        @Test
        void anEncodedBraceIsNoVariable() {
            RuleSet rules = rules("/user/%7Bx%7D/topic/a for anyone");
            assertThat(allows(rules, named("{x}"), "/user/topic/a")).isTrue();
            assertThat(allows(rules, named("y"), "/user/topic/a")).isFalse();
        }
    }

    @Nested
    class Patterns {
        @ParameterizedTest
        @CsvSource({
            "/topic/**, /topic/*, true",
            "/topic/**, /topic/**, true",
            "/topic/**, /topic/a.b/*, true",
            "/topic/**, /topic.*, false",
            "/topic/**, /topic.**, false",
            "/topic/*, /topic/*, true",
            "/topic/*, /topic/**, false",
            "/topic/*, /topic/a/*, false",
            "/topic/{any}, /topic/*, true",
            "/topic/{any}/b, /topic/*/b, true",
            "/topic/{any}/b, /topic/*/*, false",
            "/topic/a, /topic/*, false",
            "/topic/a/**, /topic/*/**, false",
            "/topic/a/**, /topic/a/b/>, true",
            "/topic/*/**, /topic/**, false",
            "/**, /topic/**, true",
            "/**, /topic.#, true",
            "/user/**, /user/topic/**, true",
            "/user/*/**, /user/topic.**, true",
            "/user/*/topic/**, /user/topic.**, false",
            "/user/*/topic/**, /user/topic/*, true",
            "/user/bob/topic/**, /user/topic/*, false",
        })
        void areAllowedWhereOneRuleHasAllThatTheyMatch(String has, String asks, boolean allowed) {
            assertThat(allows(rules(has + " for anyone"), ALICE, asks)).isEqualTo(allowed);
        }

        @Test
        void areNotPutTogetherFromSeveralRules() {
            RuleSet all =
                    rules(
                            "/topic/* for anyone",
                            "/topic/*/** for anyone",
                            "/topic/*.** for anyone");
            assertThat(allows(all, ALICE, "/topic/**")).isFalse();
            assertThat(allows(all, ALICE, "/topic/*")).isTrue();
        }
    }

    @Nested
    class Temporary {
        @Test
        void queuesAreNoMatterOfRules() {
            assertThat(allows(RuleSet.EMPTY, NOBODY, "/temp-queue/a")).isTrue();
            assertThat(
                            RuleSet.EMPTY
                                    .explain(NOBODY, Action.SEND, "/temp-queue/~k/a", 1_024)
                                    .allowed())
                    .isTrue();
            assertThatIllegalArgumentException()
                    .as("only one's own is subscribed to")
                    .isThrownBy(() -> allows(RuleSet.EMPTY, NOBODY, "/temp-queue/~k/a"));
        }
    }

    @Nested
    class Mistakes {
        @ParameterizedTest
        @ValueSource(
                strings = {
                    "",
                    "topic/a",
                    "/topic",
                    "/topics/a",
                    "/temp-queue/a",
                    "/topic//a",
                    "/topic/a/",
                    "/topic/**/a",
                    "/topic/a*",
                    "/topic/{a",
                    "/topic/{}",
                    "/topic/x{a}",
                    "/topic/{a}/{a}",
                    "/topic/{user}/{user}",
                    "/topic/{a:**}",
                    "/user/bob",
                    "/user/*",
                    "/user//topic/a",
                    "/user/bob/app/a",
                    "/user/bob/topic",
                    "/user/**/topic/a",
                    "/user/b%6/topic/a",
                    "/user/b*/topic/a",
                    "/*",
                    "/*/a",
                    "/topic/a\tb",
                    "/queue"
                })
        void inDestinationsAreFound(String destinations) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> rule(destinations + " for anyone"))
                    .withMessageStartingWith("expected destinations like /topic/room.{room} ");
        }

        @Test
        void variablesThatAreNotThereAreFound() {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> rule("/topic/{a} for claim x holds {b}"))
                    .withMessage(
                            "expected a variable of /topic/{a} but was {b}, which is not there");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> rule("/topic/{user} for claim x holds {user}"));
        }

        @Test
        void noRuleSaysWhoMayConnect() {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> rule(Action.CONNECT, "/topic/a", "anyone"));
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> RuleSet.EMPTY.allowing(ALICE, Action.CONNECT, ""));
        }
    }
}
