package io.switchboard.bench;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `switchboard bench`: loads a server and checks every delivery.
@Command(
        name = "bench",
        mixinStandardHelpOptions = true,
        description = {
            "Loads a server, checks every delivery, and measures latency and the server's CPU.",
            "Every message that is lost, doubled, out of order, in the wrong place or damaged, an"
                    + " ERROR, a closed connection, and 10 seconds without progress make the exit"
                    + " status 1."
        },
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            BenchCommand.Fanout.class,
            BenchCommand.Rooms.class,
            BenchCommand.Echo.class,
            BenchCommand.Alone.class,
            QueueCommand.class,
            DiskCommand.class,
            BenchCommand.Idle.class
        })
public final class BenchCommand {

    /// What the commands share that send messages.
    private abstract static class Loading implements Callable<Integer> {
        @Mixin private final TargetArguments target = new TargetArguments();

        @Mixin private final LengthArguments lengths = new LengthArguments();

        @Option(
                names = "--rate",
                paramLabel = "N",
                defaultValue = "0",
                description =
                        "Open loop: so many messages a second in all, each due at its time whatever"
                                + " the server does; latency counts from then.")
        private double rate;

        @Spec private CommandSpec spec = CommandSpec.create();

        abstract LoadPlan plan();

        Crowd.Arguments crowd(TargetArguments target) throws IOException {
            return target.crowd();
        }

        final LoadPlan plan(String mode, Population population, int window, boolean ownTurn) {
            return new LoadPlan(
                    mode,
                    population,
                    lengths.body(),
                    window,
                    rate,
                    ownTurn,
                    lengths.warmSeconds(),
                    lengths.measureSeconds(),
                    LoadPlan.STALL_SECONDS);
        }

        @Override
        public Integer call() throws IOException {
            PrintWriter out = spec.commandLine().getOut();
            LoadResult result = Load.run(plan(), crowd(target), target.server());
            result.print(out, target.label());
            return result.good() ? 0 : 1;
        }
    }

    @Command(
            name = "fanout",
            mixinStandardHelpOptions = true,
            description = "Publishers and many subscribers of one topic.")
    static final class Fanout extends Loading {
        @Option(
                names = "--subs",
                paramLabel = "N",
                defaultValue = "1000",
                description = "Subscribers (default: ${DEFAULT-VALUE}).")
        private int subscribers;

        @Option(
                names = "--pubs",
                paramLabel = "N",
                defaultValue = "1",
                description = "Publishers (default: ${DEFAULT-VALUE}).")
        private int publishers;

        @Option(
                names = "--window",
                paramLabel = "N",
                defaultValue = "16",
                description =
                        "Messages in flight: one is done when its last subscriber has it"
                                + " (default: ${DEFAULT-VALUE}).")
        private int window;

        @Override
        LoadPlan plan() {
            Population population = Population.fanout(subscribers, publishers);
            return plan("fanout", population, window, false);
        }
    }

    @Command(
            name = "rooms",
            mixinStandardHelpOptions = true,
            description = "Rooms whose members publish to their room in turn.")
    static final class Rooms extends Loading {
        @Option(
                names = "--rooms",
                paramLabel = "N",
                defaultValue = "500",
                description = "Rooms (default: ${DEFAULT-VALUE}).")
        private int rooms;

        @Option(
                names = "--members",
                paramLabel = "N",
                defaultValue = "10",
                description = "Members of each room (default: ${DEFAULT-VALUE}).")
        private int members;

        @Option(
                names = "--window",
                paramLabel = "N",
                defaultValue = "256",
                description = "Messages in flight, in all (default: ${DEFAULT-VALUE}).")
        private int window;

        @Override
        LoadPlan plan() {
            Population population = Population.rooms(rooms, members);
            return plan("rooms", population, window, false);
        }
    }

    @Command(
            name = "echo",
            mixinStandardHelpOptions = true,
            description = {
                "Connections that send a WebSocket message, without STOMP, and the next one when it"
                        + " is back. For a server that was started with --echo /echo."
            })
    static final class Echo extends Loading {
        @Option(
                names = "--conns",
                paramLabel = "N",
                defaultValue = "200",
                description = "Connections, with one message in flight each.")
        private int connections;

        @Option(names = "--binary", description = "Binary messages instead of text.")
        private boolean binary;

        @Option(names = "--http2", description = "The connections are streams of HTTP/2; for wss.")
        private boolean http2;

        @Option(
                names = "--streams",
                paramLabel = "N",
                defaultValue = "10",
                description =
                        "With --http2: streams of each HTTP/2 connection (default:"
                                + " ${DEFAULT-VALUE}).")
        private int streams;

        @Override
        LoadPlan plan() {
            Population population = Population.rooms(connections, 1);
            return plan(http2 ? "echo-http2" : "echo", population, connections, true);
        }

        @Override
        Crowd.Arguments crowd(TargetArguments target) throws IOException {
            if (streams < 1) {
                throw new IllegalArgumentException("expected at least one stream");
            }
            return target.raw(!binary, http2 ? streams : 0);
        }
    }

    @Command(
            name = "alone",
            mixinStandardHelpOptions = true,
            description = {
                "Connections that talk to themselves: each subscribes to a topic of its own,"
                        + " publishes to it, and publishes again when its message is back."
            })
    static final class Alone extends Loading {
        @Option(
                names = "--conns",
                paramLabel = "N",
                defaultValue = "200",
                description = "Connections, with one message in flight each.")
        private int connections;

        @Override
        LoadPlan plan() {
            Population population = Population.rooms(connections, 1);
            return plan("alone", population, connections, true);
        }
    }

    @Command(
            name = "idle",
            mixinStandardHelpOptions = true,
            description = {
                "Connections that subscribe to a topic of their own and wait, opened in steps; with"
                        + " --messages they talk to themselves before.",
                "Prints the server's resident memory after each, for a Java server also its live"
                        + " heap after a collection, and what each connection adds."
            })
    static final class Idle implements Callable<Integer> {
        /// Of each HTTP/2 connection, as `echo` has by default.
        private static final int STREAMS = 10;

        @Mixin private final TargetArguments target = new TargetArguments();

        @Option(
                names = "--steps",
                paramLabel = "N,N,…",
                split = ",",
                defaultValue = "2000,6000,10000,14000,18000",
                description = "Connections in all after each step (default: ${DEFAULT-VALUE}).")
        private List<Integer> steps = List.of();

        @Option(
                names = "--hold",
                paramLabel = "SECONDS",
                defaultValue = "2",
                description = "Wait so long before looking (default: ${DEFAULT-VALUE}).")
        private double hold;

        @Option(
                names = "--messages",
                paramLabel = "N",
                defaultValue = "0",
                description =
                        "Each connection first publishes so many messages to its topic and hears"
                                + " them (default: ${DEFAULT-VALUE}).")
        private int messages;

        @Option(
                names = "--body",
                paramLabel = "BYTES",
                defaultValue = "4096",
                description = "Length of each of --messages (default: ${DEFAULT-VALUE}).")
        private int body;

        @Option(
                names = "--compress",
                description =
                        "The WebSockets offer permessage-deflate with context, and the server has"
                                + " to agree; not with --http2. With compression: takeover in the"
                                + " server, 9 --messages fill the contexts.")
        private boolean compress;

        @Option(
                names = "--http2",
                description = "Every 10 connections are streams of one of HTTP/2; for wss.")
        private boolean http2;

        @Spec private CommandSpec spec = CommandSpec.create();

        @Override
        public Integer call() throws IOException, InterruptedException {
            for (int i = 0; i < steps.size(); i++) {
                if (steps.get(i) <= (i == 0 ? 0 : steps.get(i - 1))) {
                    throw new IllegalArgumentException(
                            "expected --steps that rise but was " + steps);
                }
            }
            IdleLoad.Talk talk = new IdleLoad.Talk(messages, body);
            PrintWriter out = spec.commandLine().getOut();
            @Nullable ServerProcess server = target.server();
            boolean good = IdleLoad.run(steps, hold, talk, crowd(), server, out, target.label());
            return good ? 0 : 1;
        }

        private Crowd.Arguments crowd() throws IOException {
            if (compress && http2) {
                throw new IllegalArgumentException(
                        "expected --compress or --http2 but was both: no compression is offered"
                                + " over HTTP/2");
            }
            if (http2) {
                return target.http2Crowd(STREAMS);
            }
            return compress ? target.compressedCrowd() : target.crowd();
        }
    }
}
