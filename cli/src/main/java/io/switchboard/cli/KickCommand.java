package io.switchboard.cli;

import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `switchboard kick`: sessions that are to go.
@Command(
        name = "kick",
        mixinStandardHelpOptions = true,
        description = "Disconnects sessions of a server. They are told so, and may come back.",
        exitCodeListHeading = "Exit status:%n",
        exitCodeList = {"0:they were told to go", "1:there was none", "2:the server did not do it"})
final class KickCommand implements Callable<Integer> {
    @Spec private CommandSpec spec = CommandSpec.create();
    @Mixin private final Administrator administrator = new Administrator();

    @ArgGroup(exclusive = false)
    private Whom whom = new Whom();

    /// All that is given must be so.
    private static final class Whom {
        @Parameters(index = "0", arity = "0..1", paramLabel = "ID", description = "This session.")
        private @Nullable String id;

        @Option(names = "--user", paramLabel = "USER", description = "Those with this login.")
        private @Nullable String user;

        @Option(
                names = "--address",
                paramLabel = "ADDRESS",
                description = "Those from there, with a port or without.")
        private @Nullable String address;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (whom.id == null && whom.user == null && whom.address == null) {
            throw new ParameterException(
                    spec.commandLine(),
                    "expected whom to disconnect: the ID of a session, --user USER or --address"
                            + " ADDRESS; 'switchboard sessions' lists them");
        }
        Map<String, @Nullable String> parameters = new HashMap<>();
        parameters.put("user", whom.user);
        parameters.put("address", whom.address);
        String path = whom.id == null ? "/sessions" : "/sessions/" + whom.id;
        Object count = administrator.ask("DELETE", path, parameters).get("disconnected");
        spec.commandLine().getOut().println("disconnected " + count);
        spec.commandLine().getOut().flush();
        return count instanceof Number number && number.intValue() > 0 ? 0 : 1;
    }
}
