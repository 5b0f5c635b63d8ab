package io.switchboard.server.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.switchboard.broker.AccessRule;
import io.switchboard.broker.AccessRule.Who;
import io.switchboard.broker.AccessRules.Action;
import io.switchboard.broker.RuleSet;
import io.switchboard.server.StartFailure;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The section `access` of the configuration file.
final class AccessConfigurationTest {
    @TempDir private Path folder;
    private Path file;

    @BeforeEach
    void nameTheFile() {
        file = folder.resolve("switchboard.yaml");
    }

    private RuleSet read(String yaml) throws Exception {
        Files.writeString(file, yaml);
        return Configuration.read(file, Map.of()).access();
    }

    @Test
    void aRuleIsReadWithTheLineItStandsOn() throws Exception {
        String yaml =
                """
                access:
                  - allow: subscribe
                    destination: /topic/room.{room}
                    who: claim rooms holds {room}

                  - {allow: send, destination: /queue/jobs, who: user bob}
                """;
        assertThat(read(yaml).rules())
                .containsExactly(
                        new AccessRule(
                                Action.SUBSCRIBE,
                                "/topic/room.{room}",
                                new Who.ClaimHolds("rooms", "room"),
                                file + " line 2"),
                        new AccessRule(
                                Action.SEND, "/queue/jobs", new Who.User("bob"), file + " line 6"));
    }

    @Test
    void listsStandForARuleEach() throws Exception {
        String yaml =
                """
                access:
                  - allow: [send, subscribe]
                    destination: ["/user/{user}/**", /topic/**]
                    who:
                      - role admin
                      - role staff
                """;
        assertThat(read(yaml).rules())
                .hasSize(8)
                .allMatch(it -> it.source().equals(file + " line 2"));
    }

    @Test
    void nothingIsNoRule() throws Exception {
        assertThat(read("access:\n")).isSameAs(RuleSet.EMPTY);
        assertThat(read("access: []\n")).isSameAs(RuleSet.EMPTY);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "access: all|1|access: expected a list of rules but was all",
                "access: [all]|1|access: expected a rule with allow, destination and who but was"
                        + " all",
                "access: [{allow: send, who: anyone}]|1|access.destination: expected one value or"
                        + " more but was nothing",
                "access: [{allow: [], destination: /topic/a, who: anyone}]|1|access.allow:"
                        + " expected one value or more but was nothing",
                "access: [{deny: send}]|1|access.deny: there is no such key; known are allow,"
                        + " destination, who",
                "access: [{alow: send}]|1|access.alow: there is no such key; did you mean allow?",
                "access:; - allow: connect;   who: anyone;   destination: /topic/a|2|access.allow:"
                        + " expected one of send, subscribe but was connect",
                "access:; - allow: send;   who: everyone;   destination: /topic/a|3|access.who:"
                        + " expected anyone, authenticated, user NAME, role NAME, claim NAME holds"
                        + " VALUE or claim NAME holds {variable} but was everyone",
                "access:; - allow: send;   who: anyone;   destination: /topics/a|4|"
                        + "access.destination: expected destinations like /topic/room.{room} or"
                        + " /user/{user}/** but was /topics/a: it begins with none of /topic/,"
                        + " /queue/, /app/ and /user/",
                "access:; - allow: send;   who: claim a holds {b};   destination: /topic/a|4|"
                        + "access.destination: expected a variable of /topic/a but was {b}, which"
                        + " is not there",
                "access:; - allow: send;   allow: send|3|access.allow: stands here again, first on"
                        + " line 2",
            })
    void aMistakeIsReportedWithItsPlace(String yaml, int line, String message) {
        assertThatExceptionOfType(StartFailure.class)
                .isThrownBy(() -> read(yaml.replace(';', '\n')))
                .withMessage(file + " line " + line + ": " + message);
    }
}
