package io.switchboard.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.switchboard.server.auth.UsersFile;
import java.io.BufferedReader;
import java.io.Console;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `switchboard passwd`: a user of the server and its password, which is never an argument: those
/// are seen by every user of the machine.
@Command(
        name = "passwd",
        mixinStandardHelpOptions = true,
        description = {
            "Adds a user to a file for auth.users, or changes its password.",
            "The password is asked for on the terminal, or is the first line of standard input."
        },
        exitCodeListHeading = "Exit status:%n",
        exitCodeList = {"0:the file has the new password", "2:it has not"})
final class PasswdCommand implements Callable<Integer> {
    @Spec private CommandSpec spec = CommandSpec.create();

    @Option(
            names = "--file",
            paramLabel = "FILE",
            defaultValue = "data/users",
            description = "The file (default: ${DEFAULT-VALUE}).")
    private Path file = Path.of("data", "users");

    @Option(
            names = "--roles",
            paramLabel = "ROLE",
            split = ",",
            description = "For the access rules, with commas; without it they stay as they are.")
    private @Nullable List<String> roles;

    @Parameters(index = "0", paramLabel = "USER", description = "As it logs in.")
    private String user = "";

    @Override
    public Integer call() throws IOException {
        char[] password = password();
        boolean changed;
        try {
            if (password.length == 0) {
                throw new IOException("expected a password but was nothing");
            }
            changed = UsersFile.put(file, user, password, roles);
        } catch (IllegalArgumentException e) {
            throw new IOException(e.getMessage(), e);
        } finally {
            Arrays.fill(password, '\0');
        }
        spec.commandLine()
                .getOut()
                .println((changed ? "changed " : "added ") + user + " in " + file);
        spec.commandLine().getOut().flush();
        return 0;
    }

    private static char[] password() throws IOException {
        Console console = System.console();
        if (console == null || !console.isTerminal()) {
            String line = new BufferedReader(new InputStreamReader(System.in, UTF_8)).readLine();
            return line == null ? new char[0] : line.toCharArray();
        }
        char[] first = console.readPassword("Password: ");
        char[] again = console.readPassword("Again: ");
        if (first == null || !Arrays.equals(first, again)) {
            throw new IOException("expected the same password twice");
        }
        Arrays.fill(again, '\0');
        return first;
    }
}
