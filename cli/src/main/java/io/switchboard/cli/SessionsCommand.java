package io.switchboard.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `switchboard sessions`: who is connected.
@Command(
        name = "sessions",
        mixinStandardHelpOptions = true,
        description = "Lists the sessions of a server, or shows one.",
        exitCodeListHeading = "Exit status:%n",
        exitCodeList = {"0:here they are", "2:the server did not say"})
final class SessionsCommand implements Callable<Integer> {
    private static final int PAGE = 1_000;

    @Spec private CommandSpec spec = CommandSpec.create();
    @Mixin private final Administrator administrator = new Administrator();

    @Parameters(
            index = "0",
            arity = "0..1",
            paramLabel = "ID",
            description = "Show this one, with what it is subscribed to.")
    private @Nullable String id;

    @Option(names = "--user", paramLabel = "USER", description = "Those with this login.")
    private @Nullable String user;

    @Option(
            names = "--address",
            paramLabel = "ADDRESS",
            description = "Those from there, with a port or without.")
    private @Nullable String address;

    @Option(
            names = "--limit",
            paramLabel = "N",
            defaultValue = "100",
            description = "At most so many (default: ${DEFAULT-VALUE}).")
    private int limit = 100;

    @Override
    public Integer call() throws IOException, InterruptedException {
        PrintWriter out = spec.commandLine().getOut();
        if (id != null) {
            Map<String, Object> session = administrator.ask("GET", "/sessions/" + id, Map.of());
            out.println(line(session));
            for (Map<?, ?> each : objects(session.get("subscribed"))) {
                out.println(Printable.line("  " + each.get("id") + " " + each.get("destination")));
            }
            out.flush();
            return 0;
        }
        int left = limit;
        Object after = null;
        do {
            Map<String, @Nullable String> parameters = new HashMap<>();
            parameters.put("user", user);
            parameters.put("address", address);
            parameters.put("after", after == null ? null : after.toString());
            parameters.put("limit", String.valueOf(Math.min(PAGE, left)));
            Map<String, Object> page = administrator.ask("GET", "/sessions", parameters);
            List<Map<?, ?>> sessions = objects(page.get("sessions"));
            sessions.forEach(each -> out.println(line(each)));
            left -= sessions.size();
            after = page.get("next");
        } while (after != null && left > 0);
        out.flush();
        if (after != null) {
            spec.commandLine().getErr().println("switchboard: there are more; see --limit");
            spec.commandLine().getErr().flush();
        }
        return 0;
    }

    private static String line(Map<?, ?> session) {
        Object itsUser = session.get("user");
        return Printable.line(
                session.get("id")
                        + " user "
                        + (itsUser == null ? "-" : itsUser)
                        + " from "
                        + session.get("address")
                        + " at "
                        + session.get("listener")
                        + (session.get("endpoint") == null ? "" : session.get("endpoint"))
                        + " for "
                        + session.get("seconds")
                        + " s, subscriptions "
                        + session.get("subscriptions")
                        + ", bytes waiting "
                        + session.get("bytesWaiting")
                        + (Boolean.TRUE.equals(session.get("waits")) ? ", not read now" : ""));
    }

    private static List<Map<?, ?>> objects(@Nullable Object list) {
        return list instanceof List<?> all
                ? all.stream().<Map<?, ?>>map(each -> (Map<?, ?>) each).toList()
                : List.of();
    }
}
