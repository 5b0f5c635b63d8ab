package io.switchboard.cli;

import io.switchboard.broker.AccessRule;
import io.switchboard.broker.AccessRules.Action;
import io.switchboard.broker.DeadLetterReaders;
import io.switchboard.broker.Principal;
import io.switchboard.broker.RuleSet;
import io.switchboard.gateway.RuleQuestion;
import io.switchboard.server.ServerOptions;
import io.switchboard.server.StartFailure;
import io.switchboard.server.auth.AuthOptions;
import io.switchboard.server.auth.UsersFile;
import io.switchboard.server.config.Configuration;
import io.switchboard.storage.StoreCheck;
import io.switchboard.storage.StoreFailure;
import io.switchboard.storage.StoreRepair;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// `switchboard check`: what the access rules of a configuration say about somebody, or what is
/// wrong with stored messages; without a server.
@Command(
        name = "check",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        usageHelpAutoWidth = true,
        description = {
            "With --config: says whether the access rules of a configuration allow something, and"
                    + " which.",
            "With --data: reads everything that a stopped server keeps, and says what is damaged;"
                    + " with --repair too, saves what can be read."
        },
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {
            "0:it is allowed; all is well, or all was saved",
            "1:it is denied; something is damaged, or could not be saved",
            "2:the configuration or the destination is wrong; the data cannot be looked at",
            "3:there is no such user, and only the users file says who somebody is"
        })
final class CheckCommand implements Callable<Integer> {
    private static final int UNKNOWN_USER = 3;

    @Spec private CommandSpec spec = CommandSpec.create();

    @Option(names = "--config", paramLabel = "FILE", description = "Configuration file, YAML.")
    private @Nullable Path config;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "The data directory of a server that is stopped.")
    private @Nullable Path data;

    @Option(
            names = "--repair",
            description =
                    "Put what can be read into the place of what is damaged, which is kept beside"
                            + " it.")
    private boolean repair;

    @Option(
            names = "--as",
            paramLabel = "USER",
            description =
                    "The client's name, with the roles that the users file has for it; without it,"
                            + " one that has none.")
    private @Nullable String user;

    @Option(names = "--role", paramLabel = "ROLE", description = "That it has; may be repeated.")
    private List<String> roles = new ArrayList<>();

    @Option(
            names = "--claim",
            paramLabel = "NAME=VALUE",
            description = "That is made for it; may be repeated.")
    private List<String> claims = new ArrayList<>();

    @ArgGroup(multiplicity = "0..1")
    private @Nullable Wish wish;

    /// One of these.
    private static final class Wish {
        @Option(names = "--send", paramLabel = "DEST", description = "A SEND to there.")
        private @Nullable String send;

        @Option(
                names = "--subscribe",
                paramLabel = "DEST",
                description = "A SUBSCRIBE to there, a name or a pattern.")
        private @Nullable String subscribe;
    }

    @Override
    public Integer call() throws StartFailure {
        if (data != null && config == null && wish == null) {
            return stored(data);
        }
        if (data == null && !repair && config != null && wish != null) {
            return rules(config, wish);
        }
        throw new ParameterException(
                spec.commandLine(),
                "expected --config FILE with --send DEST or --subscribe DEST, or --data DIR");
    }

    private int stored(Path directory) throws StartFailure {
        PrintWriter out = spec.commandLine().getOut();
        Consumer<String> lines = line -> out.println(Printable.line(line));
        try {
            boolean well =
                    repair
                            ? StoreRepair.run(directory, Clock.systemDefaultZone(), lines)
                            : StoreCheck.run(directory, lines);
            return well ? 0 : 1;
        } catch (StoreFailure e) {
            throw new StartFailure(String.valueOf(e.getMessage()), e);
        } finally {
            out.flush();
        }
    }

    private int rules(Path file, Wish wanted) throws StartFailure {
        ServerOptions options = Configuration.read(file, Map.of());
        RuleSet rules = options.access();
        Set<String> itsRoles = roles(options);
        if (itsRoles == null) {
            return UNKNOWN_USER;
        }
        Principal principal = new Principal(user, true, "check", itsRoles, claims(), 0);
        Action action = wanted.send != null ? Action.SEND : Action.SUBSCRIBE;
        String destination = String.valueOf(wanted.send != null ? wanted.send : wanted.subscribe);
        int lengthMax = options.limits().broker().destinationLength();
        RuleSet.Verdict verdict =
                RuleQuestion.ask(rules, principal, action, destination, lengthMax);
        DeadLetterReaders.warnings(rules, options.policies()).forEach(this::warn);
        boolean allowed = verdict.allowed() || rules.empty();
        PrintWriter out = spec.commandLine().getOut();
        out.println(
                Printable.line(
                        (allowed ? "allowed: " : "denied: ")
                                + action
                                + " to "
                                + verdict.destination()
                                + ", "
                                + reason(rules, verdict)));
        out.flush();
        return allowed ? 0 : 1;
    }

    /// Those of the users file, and those that were given here; null where nobody of that name can
    /// log in.
    private @Nullable Set<String> roles(ServerOptions options) throws StartFailure {
        Set<String> all = new HashSet<>(roles);
        AuthOptions auth = options.auth();
        if (auth == null || auth.users() == null || user == null) {
            return all;
        }
        Set<String> known = UsersFile.roles(auth.users(), user);
        if (known != null) {
            all.addAll(known);
        } else if (auth.tokens() != null || auth.certificateName() != null) {
            warn(
                    user
                            + " is not in "
                            + auth.users()
                            + "; it could come with a proof of another kind");
        } else {
            warn(
                    user
                            + " is not in "
                            + auth.users()
                            + ", so it cannot log in and nothing is allowed; 'switchboard passwd'"
                            + " adds users");
            return null;
        }
        return all;
    }

    private void warn(String line) {
        spec.commandLine().getErr().println(Printable.line("switchboard: " + line));
        spec.commandLine().getErr().flush();
    }

    private static String reason(RuleSet rules, RuleSet.Verdict verdict) {
        AccessRule rule = verdict.rule();
        if (rules.empty()) {
            return "as there are no rules, to whoever may connect";
        }
        if (rule != null) {
            return "by the rule in " + rule.source() + " for " + rule.destinations();
        }
        if (!verdict.allowed()) {
            return "as no rule allows it";
        }
        return verdict.destination().startsWith("/session/")
                ? "as that is between a client and the server"
                : "as temporary queues are no matter of rules";
    }

    private Map<String, List<String>> claims() {
        Map<String, List<String>> byName = new LinkedHashMap<>();
        for (String claim : claims) {
            int equals = claim.indexOf('=');
            if (equals < 1) {
                throw new ParameterException(
                        spec.commandLine(), "--claim: expected NAME=VALUE but was " + claim);
            }
            byName.computeIfAbsent(claim.substring(0, equals), name -> new ArrayList<>())
                    .add(claim.substring(equals + 1));
        }
        return byName;
    }
}
