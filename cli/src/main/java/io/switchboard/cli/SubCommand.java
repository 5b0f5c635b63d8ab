package io.switchboard.cli;

import io.switchboard.client.Message;
import io.switchboard.client.StompClient;
import io.switchboard.client.Subscription;
import io.switchboard.stomp.StompHeaders;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
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
                    "Begin in the topic's history: start, last=50, age=10m, or after=MESSAGE-ID.")
    private String from = "";

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
        try (StompClient client = server.connect(System.getenv())) {
            Thread leave = new Thread(client::close, "leave");
            Runtime.getRuntime().addShutdownHook(leave);
            Subscription subscription =
                    client.subscribe(destination, asked(), message -> print(message, out, enough));
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
        return HeaderArgument.headers(all);
    }

    private void print(Message message, PrintWriter out, CompletableFuture<Void> enough) {
        if (printed < count) {
            printed++;
            out.println(
                    (headers ? headers(message.headers()) : "") + Printable.line(message.text()));
            // PrintWriter keeps quiet about a pipe that nobody reads any more.
            if (out.checkError() || printed == count) {
                enough.complete(null);
            }
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
