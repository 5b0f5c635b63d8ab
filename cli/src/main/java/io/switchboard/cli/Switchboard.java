package io.switchboard.cli;

import io.switchboard.bench.BenchCommand;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;

/// The command's entrance. What cannot be done is said in one line on standard error, and the exit
/// status is 2; what was done and did not come out well, as a measurement with losses, is 1.
@Command(
        name = "switchboard",
        description = "A real-time message broker: STOMP over WebSocket and TCP.",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            ServeCommand.class,
            CheckCommand.class,
            PasswdCommand.class,
            SessionsCommand.class,
            KickCommand.class,
            PubCommand.class,
            SubCommand.class,
            BenchCommand.class
        })
public final class Switchboard {

    private Switchboard() {}

    public static void main(String[] arguments) {
        sampleNoBuffers();
        System.exit(commandLine().execute(arguments));
    }

    /// Netty follows one buffer in 128 to find leaks, which costs a stack trace each: a tenth of
    /// the CPU of a fan-out over wss (0.41 to 0.35 µs per delivery to 1,000 clients). The tests
    /// look for leaks; whoever hunts one here sets the level.
    private static void sampleNoBuffers() {
        String level = "io.netty.leakDetection.level";
        if (System.getProperty(level) == null) {
            System.setProperty(level, "disabled");
        }
    }

    static CommandLine commandLine() {
        CommandLine line = new CommandLine(new Switchboard());
        line.setParameterExceptionHandler((problem, given) -> {
            String command = problem.getCommandLine().getCommandSpec().qualifiedName();
            return complain(
                    problem.getCommandLine(),
                    problem.getMessage() + "; see '" + command + " --help'");
        });
        line.setExecutionExceptionHandler(
                (problem, command, parsed) -> complain(command, Complaint.of(problem)));
        return line;
    }

    private static int complain(CommandLine command, String line) {
        command.getErr().println("switchboard: " + line);
        command.getErr().flush();
        return ExitCode.USAGE;
    }
}
