package io.switchboard.cli;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import io.switchboard.server.ServerOptions;
import io.switchboard.server.StartFailure;
import io.switchboard.server.SwitchboardServer;
import io.switchboard.server.config.Configuration;
import io.switchboard.server.config.Setting;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.IModelTransformer;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.Spec;

/// `switchboard serve`: runs the server until a signal ends it. Its flags are the settings of the
/// server, one for one, so that a flag and a key of the file cannot drift apart.
@Command(
        name = "serve",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        abbreviateSynopsis = true,
        usageHelpAutoWidth = true,
        optionListHeading = "%n",
        description = "Runs the server until Ctrl-C or SIGTERM.",
        footerHeading = "%n",
        footer = {
            "PORT is a number, 0 for a free one, or off; TIME is like 500ms or 10s.",
            "",
            "Each flag is a key of the configuration file too, and wins over it. The file",
            "also has the limits, and what becomes of messages for slow subscribers.",
            "",
            "Access rules, users, keys of tokens and certificates are read again on SIGHUP",
            "and when their files change, all of them or none; the log says which."
        },
        modelTransformer = ServeCommand.Flags.class,
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {"0:the server was stopped by a signal", "2:it could not start"})
final class ServeCommand implements Callable<Integer> {
    @Spec private CommandSpec spec = CommandSpec.create();

    @Option(names = "--config", paramLabel = "FILE", description = "Configuration file, YAML.")
    private @Nullable Path config;

    @Option(names = "--verbose", description = "Log what every connection does, too.")
    private boolean verbose;

    @Override
    public Integer call() throws StartFailure, InterruptedException {
        if (verbose) {
            ((Logger) LoggerFactory.getLogger("io.switchboard")).setLevel(Level.DEBUG);
        }
        Map<Setting, List<String>> flags = flags(spec.commandLine().getParseResult());
        ServerOptions options = Configuration.read(config, flags);
        SwitchboardServer server = SwitchboardServer.start(options);
        Stop.onSignal(server);
        Reloading.start(server, config, options, () -> Configuration.read(config, flags));
        PrintWriter out = spec.commandLine().getOut();
        Announcement.lines(server, options).forEach(out::println);
        out.flush();
        server.awaitTermination();
        return 0;
    }

    /// Puts the settings among the flags.
    static final class Flags implements IModelTransformer {
        @Override
        public CommandSpec transform(CommandSpec command) {
            for (Setting setting : Setting.ALL) {
                OptionSpec.Builder option =
                        OptionSpec.builder("--" + setting.key())
                                .arity("1")
                                .paramLabel(setting.label())
                                .description(setting.description());
                if (setting.list()) {
                    option.type(List.class).auxiliaryTypes(String.class).splitRegex(",");
                }
                command.addOption(option.build());
            }
            return command;
        }
    }

    private static Map<Setting, List<String>> flags(ParseResult given) {
        Map<Setting, List<String>> flags = new LinkedHashMap<>();
        for (Setting setting : Setting.ALL) {
            OptionSpec option = given.matchedOption("--" + setting.key());
            if (option != null && setting.list()) {
                flags.put(setting, option.getValue());
            } else if (option != null) {
                flags.put(setting, List.of(option.<String>getValue()));
            }
        }
        return flags;
    }
}
