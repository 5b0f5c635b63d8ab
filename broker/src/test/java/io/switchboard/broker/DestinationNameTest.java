package io.switchboard.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.broker.DestinationName.Parsed;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class DestinationNameTest {
    /// Of the session's temporary queues.
    private static final long KEY = 35;

    private static Parsed send(String text) {
        return DestinationName.ofSend(text, 100, KEY);
    }

    private static Parsed subscribe(String text, String user) {
        return DestinationName.ofSubscribe(text, 100, user, KEY);
    }

    private static void assertName(Parsed parsed, String name) {
        assertThat(parsed).isEqualTo(new Parsed(name, DestinationName.Kind.TOPIC, false, null));
    }

    private static void assertPattern(Parsed parsed, String name) {
        assertThat(parsed).isEqualTo(new Parsed(name, DestinationName.Kind.TOPIC, true, null));
    }

    private static void assertRefused(Parsed parsed, String why) {
        assertThat(parsed.error()).contains(why);
        assertThat(parsed.name()).isEmpty();
    }

    @Nested
    class Names {
        @Test
        void segmentsAreSeparatedBySlashOrDot() {
            assertName(send("/topic/a"), "/topic/a");
            assertName(send("/topic.a"), "/topic.a");
            assertName(send("/topic/a.b/c"), "/topic/a.b/c");
        }

        @Test
        void theSeparatorIsPartOfTheName() {
            assertThat(send("/topic/a.b").name()).isNotEqualTo(send("/topic/a/b").name());
        }

        @Test
        void anyCharacterButControlsMayStandInASegment() {
            assertName(send("/topic/grün und 😀%20*x#"), "/topic/grün und 😀%20*x#");
            assertRefused(send("/topic/a\nb"), "control character at index 8");
            assertRefused(send("/topic/\0"), "control character at index 7");
        }

        @Test
        void aSegmentIsNotEmpty() {
            assertRefused(send("/topic/"), "empty segment at index 6");
            assertRefused(send("/topic//a"), "empty segment at index 6");
            assertRefused(send("/topic/a..b"), "empty segment at index 8");
            assertRefused(send("/topic/a/"), "empty segment at index 8");
        }

        @Test
        void otherKindsAreRefused() {
            for (String text :
                    List.of("", "/", "topic/a", "/topic", "/topics/a", "/queue", "/Topic/a")) {
                assertRefused(send(text), "expected /topic/…");
                assertRefused(subscribe(text, "alice"), "expected /topic/…");
            }
        }

        @Test
        void theLengthIsBounded() {
            String longest = "/topic/" + "x".repeat(93);
            assertName(send(longest), longest);
            assertRefused(send(longest + "x"), "at most 100 characters but was 101");
            assertThat(send(longest + "x").refusal())
                    .extracting(Refusal::reason)
                    .isEqualTo(Disconnect.DESTINATION_TOO_LONG);
        }
    }

    @Nested
    class Patterns {
        @Test
        void aStarIsAnyOneSegment() {
            assertPattern(subscribe("/topic/*", null), "/topic/*");
            assertPattern(subscribe("/topic/*/b.*", null), "/topic/*/b.*");
        }

        @Test
        void aStarInsideASegmentIsALiteral() {
            assertName(subscribe("/topic/a*", null), "/topic/a*");
            assertName(subscribe("/topic/***", null), "/topic/***");
            assertName(subscribe("/topic/a#", null), "/topic/a#");
        }

        @Test
        void theTailsOfOtherBrokersReadAsTwoStars() {
            assertPattern(subscribe("/topic/a/**", null), "/topic/a/**");
            assertPattern(subscribe("/topic/a/#", null), "/topic/a/**");
            assertPattern(subscribe("/topic/a.>", null), "/topic/a.**");
            assertPattern(subscribe("/topic/#", null), "/topic/**");
        }

        @Test
        void aTailStandsLast() {
            assertRefused(subscribe("/topic/**/a", null), "** is not the last segment");
            assertRefused(subscribe("/topic/#.a", null), "# is not the last segment");
            assertRefused(subscribe("/topic/>/", null), "> is not the last segment");
        }

        @Test
        void nobodySendsToAPattern() {
            assertRefused(send("/topic/*"), "expected a name but was the pattern /topic/*");
            assertRefused(send("/topic/a/#"), "expected a name but was the pattern");
        }

        @Test
        void theFirstSegmentIsNoWildcard() {
            assertRefused(subscribe("/*/a", null), "expected /topic/…");
            assertRefused(subscribe("/**", null), "expected /topic/…");
        }
    }

    @Nested
    class UserDestinations {
        @Test
        void subscribersMeanTheirOwn() {
            assertName(subscribe("/user/topic/x", "alice"), "/user/alice/topic/x");
            assertName(subscribe("/user/topic.x", "alice"), "/user/alice/topic.x");
            assertPattern(subscribe("/user/topic/#", "alice"), "/user/alice/topic/**");
        }

        @Test
        void subscribersMayNameThemselvesInFull() {
            assertName(subscribe("/user/alice/topic/x", "alice"), "/user/alice/topic/x");
            assertName(subscribe("/user/%61lice/topic/x", "alice"), "/user/alice/topic/x");
        }

        @Test
        void othersAreRefused() {
            assertRefused(subscribe("/user/bob/topic/x", "alice"), "the destinations of one's own");
            assertRefused(subscribe("/user/*/topic/x", "alice"), "the destinations of one's own");
            assertRefused(subscribe("/user/**", "alice"), "expected /user/{name}/topic/…");
            assertRefused(subscribe("/user/topic/x", null), "needs a user name");
            assertRefused(subscribe("/user/alice/topic/x", null), "needs a user name");
        }

        @Test
        void whoSendsNamesTheUser() {
            assertName(send("/user/alice/topic/x"), "/user/alice/topic/x");
            assertRefused(send("/user/topic/x"), "expected /user/{name}/topic/…");
            assertRefused(send("/user//topic/x"), "expected /user/{name}/topic/…");
            assertRefused(send("/user/alice"), "expected /user/{name}/topic/…");
            assertName(send("/user/alice/queue/x"), "/user/alice/queue/x");
            assertRefused(send("/user/alice/app/x"), "expected /user/{name}/topic/…");
        }

        @Test
        void aUsersNameIsOneSegmentWhateverItHolds() {
            for (String user :
                    List.of("alice@example.com", "a/b", "*", "**", "#", "a%41", "ü\n", "topic")) {
                String own = subscribe("/user/topic/x", user).name();
                assertThat(subscribe("/user/topic/x", user).pattern()).as(user).isFalse();
                assertThat(DestinationName.segments(own)).as(user).hasSize(4);
                assertThat(send(own)).as(user).isEqualTo(subscribe("/user/topic/x", user));
            }
        }

        @Test
        void percentSignsAreDecodedToOneSpelling() {
            assertName(send("/user/a%2Fb/topic/x"), "/user/a%2Fb/topic/x");
            assertName(send("/user/a%2fb/topic/x"), "/user/a%2Fb/topic/x");
            assertName(
                    send("/user/alice%40example.com/topic/x"), "/user/alice@example.com/topic/x");
            assertName(send("/user/%C3%BC/topic/x"), "/user/ü/topic/x");
            assertName(subscribe("/user/topic/x", "a/b"), "/user/a%2Fb/topic/x");
        }

        @Test
        void aBrokenPercentSignIsRefused() {
            assertRefused(send("/user/a%/topic/x"), "expected /user/{name}/topic/…");
            assertRefused(send("/user/a%2/topic/x"), "expected /user/{name}/topic/…");
            assertRefused(send("/user/a%2x/topic/x"), "expected /user/{name}/topic/…");
            assertRefused(send("/user/%😀/topic/x"), "expected /user/{name}/topic/…");
        }

        @Test
        void theLengthIsThatOfTheWholeName() {
            assertRefused(subscribe("/user/topic/x", "u".repeat(100)), "at most 100 characters");
        }
    }

    @Nested
    class Policy {
        @Test
        void mayNameTheDestinationsOfEverybody() {
            assertPattern(DestinationName.ofPolicy("/user/*/topic/x"), "/user/*/topic/x");
            assertThat(DestinationName.ofPolicy("/user/*/other").error()).isNotNull();
            assertPattern(DestinationName.ofPolicy("/topic/>"), "/topic/**");
        }
    }

    @Nested
    class Segments {
        @Test
        void carryTheirSeparator() {
            assertThat(DestinationName.segments("/topic/a.b"))
                    .containsExactly("/topic", "/a", ".b");
            assertThat(DestinationName.segments("/user/a.b@c/topic/x"))
                    .containsExactly("/user", "/a.b@c", "/topic", "/x");
        }
    }
}
