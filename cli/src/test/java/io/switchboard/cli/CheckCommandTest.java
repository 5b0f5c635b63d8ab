package io.switchboard.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.server.auth.UsersFile;
import io.switchboard.storage.Store;
import io.switchboard.storage.StoreOptions;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/// `switchboard check`, from its arguments to what it prints.
final class CheckCommandTest {
    private static final String RULES =
            """
            access:
              - allow: subscribe
                destination: /topic/room.{room}
                who: claim rooms holds {room}
              - allow: [send, subscribe]
                destination: /topic/staff/**
                who: role staff
              - allow: subscribe
                destination: /user/{user}/**
                who: authenticated
            """;

    @TempDir private Path folder;
    private Path file;
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @BeforeEach
    void writeTheRules() throws Exception {
        file = folder.resolve("s.yaml");
        Files.writeString(file, RULES);
    }

    private int check(String... arguments) {
        List<String> all = new ArrayList<>(List.of("check", "--config", file.toString()));
        all.addAll(List.of(arguments));
        CommandLine line = Switchboard.commandLine();
        line.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
        return line.execute(all.toArray(new String[0]));
    }

    @Test
    void whatIsAllowedIsSaidWithTheRule() {
        assertThat(
                        check(
                                "--claim",
                                "rooms=red",
                                "--claim",
                                "rooms=blue",
                                "--subscribe",
                                "/topic/room.blue"))
                .isZero();
        assertThat(check("--role", "staff", "--send", "/topic/staff/a")).isZero();
        assertThat(check("--as", "bob", "--subscribe", "/user/queue/#")).isEqualTo(2);
        assertThat(check("--as", "b/b", "--subscribe", "/user/queue/x")).isZero();
        assertThat(out.toString().lines())
                .containsExactly(
                        "allowed: SUBSCRIBE to /topic/room.blue, by the rule in "
                                + file
                                + " line 2 for /topic/room.{room}",
                        "allowed: SEND to /topic/staff/a, by the rule in "
                                + file
                                + " line 5 for /topic/staff/**",
                        "allowed: SUBSCRIBE to /user/b%2Fb/queue/x, by the rule in "
                                + file
                                + " line 8 for /user/{user}/**");
    }

    @Test
    void whatIsDeniedIsStatus1() {
        assertThat(check("--claim", "rooms=red", "--subscribe", "/topic/room.*")).isEqualTo(1);
        assertThat(out)
                .hasToString(
                        "denied: SUBSCRIBE to /topic/room.*, as no rule allows it"
                                + System.lineSeparator());
        assertThat(check("--as", "staff", "--send", "/topic/staff/a")).isEqualTo(1);
    }

    @Test
    void withoutRulesNothingIsDenied() throws Exception {
        Files.writeString(file, "shards: 1\n");
        assertThat(check("--send", "/topic/a")).isZero();
        assertThat(out.toString()).contains("as there are no rules, to whoever may connect");
    }

    @Test
    void mistakesAreStatus2() throws Exception {
        assertThat(check("--send", "/nowhere")).isEqualTo(2);
        assertThat(err.toString()).startsWith("switchboard: expected /topic/");
        assertThat(check("--send", "/topic/a", "--subscribe", "/topic/a")).isEqualTo(2);
        assertThat(check()).isEqualTo(2);
        assertThat(check("--claim", "rooms", "--send", "/topic/a")).isEqualTo(2);
        Files.writeString(file, "access: all\n");
        assertThat(check("--send", "/topic/a")).isEqualTo(2);
        assertThat(err.toString()).contains("s.yaml line 1: access: expected a list of rules");
        assertThat(out.toString()).isEmpty();
    }

    @Test
    void theRolesOfTheUsersFileCount() throws Exception {
        Path users = folder.resolve("users");
        UsersFile.put(users, "bob", "secret".toCharArray(), List.of("staff"));
        Files.writeString(file, RULES + "auth:\n  users: " + users + "\n");
        assertThat(check("--as", "bob", "--send", "/topic/staff/a")).isZero();
        assertThat(err.toString()).isEmpty();
        Files.writeString(users, "bob:plain\n");
        assertThat(check("--as", "bob", "--send", "/topic/staff/a")).isEqualTo(2);
    }

    @Test
    void whoIsNotInTheUsersFileIsStatus3UnlessNamesComeFromElsewhereToo() throws Exception {
        Path users = folder.resolve("users");
        UsersFile.put(users, "bob", "secret".toCharArray(), List.of("staff"));
        String open = "access:\n  - {allow: send, destination: /topic/a, who: anyone}\n";
        String auth = open + "auth:\n  users: " + users + "\n";
        String[] question = {"--as", "eve", "--role", "staff", "--send", "/topic/a"};
        Files.writeString(file, auth);
        assertThat(check(question)).isEqualTo(3);
        assertThat(out.toString()).isEmpty();
        assertThat(err.toString())
                .startsWith("switchboard: eve is not in " + users + ", so it cannot log in");
        Files.writeString(file, auth + "  anonymous: on\n");
        assertThat(check(question)).as("a name without a proof is none").isEqualTo(3);
        Files.writeString(
                file,
                auth
                        + "  client-certificate: cn\n"
                        + "tls-client-auth: want\n"
                        + "tls-client-ca: ca.pem\n");
        err.getBuffer().setLength(0);
        assertThat(check(question)).isZero();
        assertThat(err.toString())
                .startsWith("switchboard: eve is not in " + users + "; it could come with");
        Files.writeString(file, open);
        assertThat(check(question)).as("whoever says a name has it").isZero();
    }

    @Test
    void deadLettersForEverybodyAreWarnedAbout() throws Exception {
        String rule = "  - allow: subscribe\n    destination: %s\n    who: %s\n";
        Files.writeString(
                file,
                "access:\n"
                        + rule.formatted("/queue/a", "role staff")
                        + rule.formatted("/queue/dead-letters", "anyone"));
        assertThat(check("--subscribe", "/queue/dead-letters")).isZero();
        assertThat(err.toString())
                .startsWith("switchboard: everybody may subscribe to /queue/dead-letters");
    }

    @Test
    void whatIsBetweenAClientAndTheServerIsNoMatterOfRules() {
        assertThat(check("--send", "/session/token")).isZero();
        assertThat(check("--subscribe", "/session/events")).isZero();
        assertThat(out.toString().lines())
                .allSatisfy(it -> assertThat(it).contains("between a client and the server"));
    }

    private int checkData(String... arguments) {
        CommandLine line = Switchboard.commandLine();
        line.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
        List<String> all = new ArrayList<>(List.of("check"));
        all.addAll(List.of(arguments));
        return line.execute(all.toArray(new String[0]));
    }

    @Test
    void storedMessagesAreLookedAtAndRepaired() throws Exception {
        String data = folder.resolve("data").toString();
        Store.open(folder.resolve("data"), StoreOptions.DEFAULT).close();
        assertThat(checkData("--data", data)).isZero();
        assertThat(out.toString()).contains("0 messages and values");

        Files.writeString(folder.resolve("data/messages/INCARNATION"), "rubbish");
        assertThat(checkData("--data", data)).isEqualTo(1);
        assertThat(out.toString()).contains("INCARNATION");
        assertThat(checkData("--data", data, "--repair")).isZero();
        assertThat(out.toString()).contains("the damaged files are kept in " + data);
        assertThat(checkData("--data", data)).isZero();
        assertThat(err.toString()).isEmpty();
    }

    @Test
    void aDirectoryWithoutMessagesIsStatus2() {
        assertThat(checkData("--data", folder.resolve("none").toString())).isEqualTo(2);
        assertThat(err.toString()).contains("there are no messages in " + folder.resolve("none"));
    }

    @Test
    void itIsEitherRulesOrData() {
        assertThat(checkData("--repair")).isEqualTo(2);
        assertThat(checkData("--config", file.toString())).isEqualTo(2);
        assertThat(check("--data", "x", "--send", "/topic/a")).isEqualTo(2);
        assertThat(err.toString().lines())
                .hasSize(3)
                .allSatisfy(
                        line -> assertThat(line).contains("expected --config FILE", "--data DIR"));
    }
}
