package io.switchboard.examples;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;

/// The process that drives the browsers. `CHROMIUM` and `CHROMEDRIVER` in the environment name the
/// programs where those of the `PATH` are not wanted.
final class Chromedriver implements AutoCloseable {
    static final String CHROMIUM =
            program("CHROMIUM", "chromium", "chromium-browser", "google-chrome");

    private static final String CHROMEDRIVER = program("CHROMEDRIVER", "chromedriver");
    private static final Pattern PORT = Pattern.compile("started successfully on port (\\d+)");

    private final Process process;
    private final URI address;

    private Chromedriver(Process process, URI address) {
        this.process = process;
        this.address = address;
    }

    static Chromedriver start() throws IOException {
        var process =
                new ProcessBuilder(CHROMEDRIVER, "--port=0").redirectErrorStream(true).start();
        var lines = new BufferedReader(process.inputReader(UTF_8));
        var said = new StringBuilder();
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            said.append(line).append('\n');
            var matcher = PORT.matcher(line);
            if (matcher.find()) {
                Thread.ofVirtual().start(() -> lines.lines().forEach(rest -> {}));
                return new Chromedriver(
                        process, URI.create("http://127.0.0.1:" + matcher.group(1)));
            }
        }
        throw new AssertionError(CHROMEDRIVER + " did not start:\n" + said);
    }

    URI address() {
        return address;
    }

    @Override
    public void close() {
        process.descendants().forEach(ProcessHandle::destroy);
        process.destroy();
    }

    private static String program(String variable, String... names) {
        String named = System.getenv(variable);
        if (named != null) {
            return named;
        }
        for (String name : names) {
            for (String folder : System.getenv("PATH").split(File.pathSeparator)) {
                Path program = Path.of(folder, name);
                if (Files.isExecutable(program)) {
                    return program.toString();
                }
            }
        }
        throw new AssertionError(
                "found no "
                        + names[0]
                        + ": install the packages chromium and chromium-driver, or set "
                        + variable);
    }
}
