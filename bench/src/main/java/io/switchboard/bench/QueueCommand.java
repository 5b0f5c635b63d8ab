package io.switchboard.bench;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "queue",
        mixinStandardHelpOptions = true,
        description = {
            "Producers and competing consumers of queues: every message must be consumed once, and"
                    + " each consumer must get rising numbers of each producer.",
            "What lies in the queues at the start is consumed first. --dest takes %%d for the"
                    + " number of the queue; /queue/bench.%%d."
        })
final class QueueCommand implements Callable<Integer> {
    @Mixin private final TargetArguments target = new TargetArguments();
    @Mixin private final LengthArguments lengths = new LengthArguments();

    @Option(
            names = "--queues",
            paramLabel = "N",
            defaultValue = "1",
            description = "Queues (default: ${DEFAULT-VALUE}).")
    private int queues;

    @Option(
            names = "--producers",
            paramLabel = "N",
            defaultValue = "1",
            description = "Producers of each queue (default: ${DEFAULT-VALUE}).")
    private int producers;

    @Option(
            names = "--consumers",
            paramLabel = "N",
            defaultValue = "1",
            description = "Consumers of each queue (default: ${DEFAULT-VALUE}).")
    private int consumers;

    @Option(
            names = "--ack",
            paramLabel = "MODE",
            defaultValue = "client-individual",
            description =
                    "auto, client (the last of those that came together) or client-individual (each"
                            + " message) (default: ${DEFAULT-VALUE}).")
    private String ack = "";

    @Option(
            names = "--in-flight",
            paramLabel = "N",
            defaultValue = "64",
            description =
                    "Messages of each producer that are not done: a message is done when a consumer"
                            + " has it, and with --receipts its receipt is there (default:"
                            + " ${DEFAULT-VALUE}).")
    private int inFlight;

    @Option(names = "--receipts", description = "Ask for a receipt of every SEND.")
    private boolean receipts;

    @Option(
            names = "--persistent",
            paramLabel = "BOOLEAN",
            arity = "0..1",
            defaultValue = "false",
            fallbackValue = "true",
            description = "Header of every SEND (default: ${DEFAULT-VALUE}).")
    private boolean persistent;

    @Option(
            names = "--prefetch",
            paramLabel = "N",
            defaultValue = "0",
            description =
                    "The prefetch-count of each SUBSCRIBE; 0 leaves it to the server (default:"
                            + " ${DEFAULT-VALUE}).")
    private int prefetch;

    @Spec private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws IOException {
        QueuePlan plan =
                new QueuePlan(
                        queues,
                        producers,
                        consumers,
                        inFlight,
                        AckMode.of(ack),
                        receipts,
                        persistent,
                        prefetch,
                        lengths.body(),
                        lengths.warmSeconds(),
                        lengths.measureSeconds(),
                        LoadPlan.STALL_SECONDS);
        PrintWriter out = spec.commandLine().getOut();
        QueueResult result = QueueLoad.run(plan, target.crowd(), target.server());
        result.print(out, target.label());
        return result.good() ? 0 : 1;
    }
}
