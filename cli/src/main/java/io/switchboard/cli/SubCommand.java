package io.switchboard.cli;

import io.switchboard.client.Message;
import io.switchboard.client.StompClient;
import io.switchboard.client.Subscription;
import io.switchboard.stomp.StompHeaders;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `switchboard sub`: prints what comes until it is stopped.
@Command(
        name = "sub",
        mixinStandardHelpOptions = true,
        description = "Prints the messages of a destination, one a line, until it is stopped.",
        exitCodeListHeading = "Exit status:%n",
        exitCodeList = {
            "0:--count messages came, or nobody reads the output any more",
            "2:the server could not be reached, refused, or went away",
            "130, 143:stopped with Ctrl-C or by SIGTERM"
        })
final class SubCommand implements Callable<Integer> {
    @Mixin private final ServerArguments server = new ServerArguments();

    @Spec private CommandSpec spec = CommandSpec.create();

    @Parameters(
            index = "0",
            paramLabel = "DEST",
            description = "As /topic/greetings, or a pattern as /topic/**.")
    private String destination = "";

    @Option(names = "--count", paramLabel = "N", description = "Stop after so many messages.")
    private long count = Long.MAX_VALUE;

    @Option(
            names = "--from",
            paramLabel = "WHERE",
            description =
                    "Begin in the topic's history: start, last=50, age=10m, or after=MESSAGE-ID;"
                            + " or with the values of a topic with state: state.")
    private String from = "";

    @Option(
            names = "--max-rate",
            paramLabel = "N",
            description = "At most N messages a second, and of each key the latest.")
    private int maxRate;

    @ArgGroup(exclusive = false)
    private @Nullable Durable durable;

    /// A subscription that outlives this command.
    private static final class Durable {
        @Option(
                names = "--durable",
                required = true,
                paramLabel = "NAME",
                description =
                        "Keep what is published while this command is away: who comes again with"
                            + " the same name gets it. Each message is gone when it was printed.")
        private String name = "";

        @Option(
                names = "--client-id",
                paramLabel = "ID",
                description =
                        "Whose durable subscription it is (default: its name). A later command with"
                                + " the same id takes over.")
        private @Nullable String clientId;

        @Option(
                names = "--end",
                description = "End the durable subscription for good, with all that waits for it.")
        private boolean end;

        String clientId() {
            return clientId == null ? name : clientId;
        }
    }

    @Option(names = "--headers", description = "Print the headers too, in front of the body.")
    private boolean headers;

    @Option(
            names = "--header",
            paramLabel = "NAME:VALUE",
            converter = HeaderArgument.Converter.class,
            description = "A header of the SUBSCRIBE; may be repeated.")
    private List<HeaderArgument> subscribeHeaders = new ArrayList<>();

    /// The client's reader alone counts.
    private long printed;

    @Override
    public Integer call() throws IOException, InterruptedException {
        PrintWriter out = spec.commandLine().getOut();
        CompletableFuture<Void> enough = new CompletableFuture<>();
        String clientId = durable == null ? null : durable.clientId();
        try (StompClient client = server.connect(System.getenv(), clientId)) {
            if (durable != null && durable.end) {
                client.endDurable(durable.name);
                return 0;
            }
            Thread leave = new Thread(client::close, "leave");
            Runtime.getRuntime().addShutdownHook(leave);
            Subscription subscription =
                    client.subscribe(
                            destination, asked(), message -> take(message, client, out, enough));
            spec.commandLine()
                    .getErr()
                    .println(
                            subscription.recovered()
                                    ? "subscribed"
                                    : "subscribed; the history does not reach back to all that was"
                                            + " asked for");
            spec.commandLine().getErr().flush();
            CompletableFuture.anyOf(enough, client.ended()).get();
            forget(leave);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof IOException cause ? cause : new IOException(e.getCause());
        }
        return 0;
    }

    private StompHeaders asked() {
        List<HeaderArgument> all = new ArrayList<>(subscribeHeaders);
        if (!from.isEmpty()) {
            all.add(new HeaderArgument("from", from));
        }
        if (maxRate > 0) {
            all.add(new HeaderArgument("max-rate", Integer.toString(maxRate)));
        }
        if (durable != null) {
            all.add(new HeaderArgument("durable-subscription-name", durable.name));
            all.add(new HeaderArgument("ack", "client-individual"));
        }
        return HeaderArgument.headers(all);
    }

    /// What is not printed any more is not acknowledged either: it waits for who comes next.
    private void take(
            Message message, StompClient client, PrintWriter out, CompletableFuture<Void> enough) {
        if (printed < count) {
            printed++;
            out.println(
                    (headers ? headers(message.headers()) : "") + Printable.line(message.text()));
            if (durable != null && !out.checkError()) {
                acknowledge(message, client);
            }
            // PrintWriter keeps quiet about a pipe that nobody reads any more.
            if (out.checkError() || printed == count) {
                enough.complete(null);
            }
        }
    }

    private static void acknowledge(Message message, StompClient client) {
        try {
            client.acknowledge(message);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String headers(StompHeaders headers) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < headers.size(); i++) {
            text.append(Printable.line(headers.name(i) + ":" + headers.value(i))).append(' ');
        }
        return text.toString();
    }

    private static void forget(Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The machine is going down, and the hook is what ended the wait.
            return;
        }
    }
}
