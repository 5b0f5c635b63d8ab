package io.switchboard.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.broker.AccessRule;
import io.switchboard.broker.AccessRules;
import io.switchboard.broker.AccessRules.Action;
import io.switchboard.broker.AccessRules.Decision;
import io.switchboard.broker.BrokerLimits;
import io.switchboard.broker.Disconnect;
import io.switchboard.broker.RuleSet;
import io.switchboard.stomp.StompFrame;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// With access rules no frame of a client is a way round them.
class RulesTest {
    private static final RuleSet RULES =
            RuleSet.of(
                    List.of(
                            rule(Action.SEND, "/queue/jobs", "anyone"),
                            rule(Action.SEND, "/topic/open", "anyone"),
                            rule(Action.SUBSCRIBE, "/topic/room.{room}", "role none"),
                            rule(Action.SUBSCRIBE, "/topic/open", "anyone"),
                            rule(Action.SUBSCRIBE, "/topic/open/*", "anyone"),
                            rule(Action.SUBSCRIBE, "/user/{user}/**", "authenticated"),
                            rule(Action.SEND, "/**", "user boss"),
                            rule(Action.SUBSCRIBE, "/queue/jobs", "user worker"),
                            rule(Action.SUBSCRIBE, "/queue/dead-letters", "user boss"),
                            rule(Action.SUBSCRIBE, "/queue/jobs", "user boss")));

    private static final AccessRules ASKED =
            (principal, action, destination, answer) ->
                    action == Action.CONNECT
                            ? Decision.ALLOWED
                            : RULES.decide(principal, action, destination);

    private final Node node = new Node(2, ASKED, BrokerLimits.DEFAULT);
    private final Client boss = named("boss");
    private final Client eve = named("eve");

    private static AccessRule rule(Action action, String destinations, String who) {
        return new AccessRule(action, destinations, AccessRule.Who.of(who), "");
    }

    private Client named(String name) {
        return new Client(node).connect("login:" + name, "soft-errors:true");
    }

    private static String send(String destination, String more) {
        return "SEND\ndestination:" + destination + "\n" + more + "\nx^";
    }

    private static String subscribe(String destination, String more) {
        return "SUBSCRIBE\nid:s\ndestination:" + destination + "\n" + more + "\n^";
    }

    private String denied(Client client) {
        StompFrame error = client.error(Disconnect.ACCESS_DENIED);
        assertThat(client.nothingCame()).isTrue();
        return Client.body(error);
    }

    @Test
    void theErrorNamesNoRule() {
        eve.send(send("/topic/secret", "receipt:r\n"));
        assertThat(denied(eve)).isEqualTo("no rule allows SEND to /topic/secret");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/queue/other", "/queue.jobs", "/amq/queue/other", "/exchange/amq.topic/open2",
                "/topic/open/a", "/topic.open", "/user/bob/queue/a", "/user/%62ob/topic/a",
                "/user/eve/topic/a", "/queue/dead-letters"
            })
    void noSpellingOfADestinationIsAWayToSend(String destination) {
        eve.send(send(destination, ""));
        denied(eve);
        eve.send(send(destination, "delay:10\n"));
        assertThat(eve.next().command().name()).isEqualTo("ERROR");
        boss.send(send(destination, "receipt:r\n"));
        assertThat(boss.next().headers().get("receipt-id")).isEqualTo("r");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/queue/jobs",
                "/amq/queue/jobs",
                "/topic/**",
                "/topic/#",
                "/topic/>",
                "/topic/*",
                "/topic/open/**",
                "/topic/open/>",
                "/topic/open.*",
                "/topic/room.*",
                "/topic/open2",
                "/exchange/amq.topic/room.red",
                "/queue/dead-letters"
            })
    void noSpellingOfADestinationIsAWayToSubscribe(String destination) {
        eve.send(subscribe(destination, ""));
        denied(eve);
    }

    @Test
    void aPatternWithinTheRulesIsSubscribedTo() {
        eve.send(subscribe("/topic/open/*", "receipt:r\n"));
        assertThat(eve.next().headers().get("receipt-id")).isEqualTo("r");
        boss.send(send("/topic/open/a", "") + send("/topic/open/a/b", "") + send("/topic/b", ""));
        assertThat(eve.message().headers().get("destination")).isEqualTo("/topic/open/a");
        assertThat(eve.nothingCame()).isTrue();
    }

    @Test
    void addressesWithAKindAreTheSameDestinations() {
        eve.send(send("other", "destination-type:ANYCAST\n"));
        denied(eve);
        eve.send(subscribe("jobs", "subscription-type:ANYCAST\n"));
        denied(eve);
        eve.send(send("jobs", "destination-type:ANYCAST\nreceipt:r\n"));
        assertThat(eve.next().headers().get("receipt-id")).isEqualTo("r");
    }

    @Test
    void userDestinationsAreOnesOwn() {
        eve.send(subscribe("/user/queue/a", ""));
        boss.send(send("/user/eve/queue/a", ""));
        assertThat(eve.bodies()).containsExactly("x");
        eve.send("SUBSCRIBE\nid:2\ndestination:/user/boss/queue/a\n\n^");
        eve.error(Disconnect.BAD_DESTINATION);
    }

    @Test
    void browsingIsSubscribing() {
        boss.send(send("/queue/jobs", ""));
        eve.send(subscribe("/queue/jobs", "browser:true\n"));
        denied(eve);
    }

    @Nested
    class Transactions {
        @Test
        void whatIsDeniedIsNoPartOfOne() {
            boss.send("SUBSCRIBE\nid:j\ndestination:/queue/jobs\n\n^");
            eve.send("BEGIN\ntransaction:t\n\n^" + send("/queue/other", "transaction:t\n"));
            denied(eve);
            eve.send(send("/queue/jobs", "transaction:t\n"));
            eve.send("COMMIT\ntransaction:t\nreceipt:r\n\n^");
            assertThat(eve.next().headers().get("receipt-id")).isEqualTo("r");
            assertThat(boss.message().headers().get("destination")).isEqualTo("/queue/jobs");
            assertThat(boss.nothingCame()).isTrue();
        }
    }

    @Nested
    class Acknowledging {
        @Test
        void nobodySettlesWhatOthersHave() {
            Client worker = named("worker");
            worker.send(subscribe("/queue/jobs", "ack:client-individual\n"));
            boss.send(send("/queue/jobs", ""));
            String ack = worker.ackOf("x");
            for (String command : List.of("ACK", "NACK")) {
                eve.send(command + "\nid:" + ack + "\n\n^");
                eve.error(Disconnect.UNKNOWN_DELIVERY);
            }
            worker.send("ACK\nid:" + ack + "\nreceipt:r\n\n^");
            assertThat(worker.next().headers().get("receipt-id")).isEqualTo("r");
        }

        @Test
        void whatIsRejectedGoesWhereTheOperatorSaysAndIsNotReadThere() {
            Client worker = named("worker");
            worker.send(subscribe("/queue/jobs", "ack:client-individual\n"));
            boss.send(send("/queue/jobs", ""));
            worker.send("NACK\nid:" + worker.ackOf("x") + "\nrequeue:false\n\n^");
            worker.send("SUBSCRIBE\nid:2\ndestination:/queue/dead-letters\n\n^");
            denied(worker);
            boss.send(subscribe("/queue/dead-letters", ""));
            assertThat(boss.bodies()).containsExactly("x");
        }
    }

    @Nested
    class ReplyQueues {
        private String replyToOfEve() {
            Client worker = named("worker");
            worker.send(subscribe("/queue/jobs", ""));
            eve.send(send("/queue/jobs", "reply-to:/temp-queue/a\n"));
            return Objects.requireNonNull(worker.message().headers().get("reply-to"));
        }

        @Test
        void areAnsweredToByWhoWasSentTheName() {
            String name = replyToOfEve();
            Client worker = named("worker2");
            worker.send(send(name, "receipt:r\n"));
            assertThat(worker.next().headers().get("receipt-id")).isEqualTo("r");
            assertThat(eve.bodies()).containsExactly("x");
        }

        @Test
        void areSubscribedToByTheirOwnerOnly() {
            boss.send(subscribe(replyToOfEve(), ""));
            boss.error(Disconnect.BAD_DESTINATION);
        }

        /// Who answers does so with a right of its own, which the asker may not borrow.
        @ParameterizedTest
        @ValueSource(
                strings = {
                    "/queue/other",
                    "/queue.jobs",
                    "/amq/queue/other",
                    "/exchange/amq.topic/room.red",
                    "/topic/room.red",
                    "/user/boss/queue/a",
                    "/user/%62oss/queue/a",
                    " /queue/other",
                    "\t/topic/room.red ",
                    "/queue/other\\r"
                })
        void noSpellingOfAReplyToIsAWayToHaveOthersSend(String replyTo) {
            eve.send(send("/queue/jobs", "receipt:r\nreply-to:" + replyTo + "\n"));
            assertThat(denied(eve)).contains("reply-to").contains("no rule allows");
            assertThat(eve.nothingCame()).isTrue();
            boss.send(send("/queue/jobs", "receipt:r\nreply-to:" + replyTo + "\n"));
            assertThat(boss.next().headers().get("receipt-id")).isEqualTo("r");
        }

        /// An answer there would be taken for the token of whoever gives it.
        @Test
        void ofASessionsOwnDestinationsNobodyMayName() {
            eve.send(send("/queue/jobs", "receipt:r\nreply-to:/session/token\n"));
            assertThat(Client.body(eve.error(Disconnect.BAD_DESTINATION)))
                    .startsWith("nobody could answer to this reply-to: ");
        }

        /// What it may send to or hear itself, and what is no destination.
        @ParameterizedTest
        @ValueSource(
                strings = {
                    "/queue/jobs",
                    "/amq/queue/jobs",
                    "/topic/open",
                    "/topic/open/a",
                    "/user/eve/queue/a",
                    "/temp-queue/mine",
                    "mailto:eve"
                })
        void whatIsTheSendersToNameTravelsOn(String replyTo) {
            eve.send(send("/queue/jobs", "receipt:r\nreply-to:" + replyTo + "\n"));
            assertThat(eve.next().headers().get("receipt-id")).isEqualTo("r");
        }

        @Test
        void anotherBrokersSpellingIsPassedOnInOurs() {
            boss.send(subscribe("/queue/jobs", ""));
            eve.send(send("/queue/jobs", "reply-to:/amq/queue/jobs\n"));
            assertThat(boss.message().headers().get("reply-to")).isEqualTo("/queue/jobs");
        }

        @Test
        void somebodyElsesIsNamedByWhoKnowsIt() {
            String name = replyToOfEve();
            boss.send(send("/queue/jobs", "receipt:r\nreply-to:" + name + "\n"));
            assertThat(boss.next().headers().get("receipt-id")).isEqualTo("r");
        }

        @Test
        void inATransactionItIsTheSame() {
            eve.send("BEGIN\ntransaction:t\n\n^");
            eve.send(send("/queue/jobs", "transaction:t\nreply-to:/queue/other\n"));
            denied(eve);
            eve.send("COMMIT\ntransaction:t\nreceipt:r\n\n^");
            assertThat(eve.next().headers().get("receipt-id")).isEqualTo("r");
            boss.send(subscribe("/queue/jobs", ""));
            assertThat(boss.nothingCame()).isTrue();
        }

        @Test
        void areNoWayToSend() {
            eve.send(send("/queue/other", "reply-to:/temp-queue/a\nreceipt:r\n"));
            assertThat(denied(eve)).isEqualTo("no rule allows SEND to /queue/other");
        }
    }
}
