package io.switchboard.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.Reader;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

final class PasswdCommandTest {
    @TempDir private Path folder;

    private final StringWriter said = new StringWriter();

    private int run(String input, String... arguments) {
        InputStream before = System.in;
        System.setIn(new ByteArrayInputStream(input.getBytes(UTF_8)));
        try {
            CommandLine line = Switchboard.commandLine();
            line.setOut(new PrintWriter(said));
            line.setErr(new PrintWriter(said));
            return line.execute(arguments);
        } finally {
            System.setIn(before);
        }
    }

    @Test
    void readsThePasswordFromStandardInput() throws Exception {
        Path file = folder.resolve("users");

        int status =
                run(
                        "canary-open-sesame\nmore\n",
                        "passwd",
                        "--file",
                        file.toString(),
                        "--roles",
                        "a,b",
                        "alice");

        assertThat(status).isZero();
        assertThat(said.toString()).contains("added alice").doesNotContain("sesame");
        assertThat(Files.readString(file))
                .startsWith("alice:$argon2id$")
                .endsWith(":a,b\n")
                .doesNotContain("sesame");
        assertThat(run("other\n", "passwd", "--file", file.toString(), "alice")).isZero();
        assertThat(said.toString()).contains("changed alice");
        assertThat(Files.readString(file)).endsWith(":a,b\n");
    }

    /// On a terminal of its own; both answers are typed when they are asked for.
    ///
    /// @return all that the terminal showed, and the exit status
    private String typed(Path file, String first, String second) throws Exception {
        Path script = Path.of("/usr/bin/script");
        assertThat(script).as("script of util-linux, for a terminal").isExecutable();
        List<String> command =
                List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        "io.switchboard.cli.Switchboard",
                        "passwd",
                        "--file",
                        file.toString(),
                        "alice");
        String quoted = "'" + String.join("' '", command) + "'";
        Process terminal =
                new ProcessBuilder(script.toString(), "-q", "-e", "-c", quoted, "/dev/null")
                        .redirectErrorStream(true)
                        .start();
        try (Reader shown = new InputStreamReader(terminal.getInputStream(), UTF_8);
                OutputStream keys = terminal.getOutputStream()) {
            StringBuilder all = new StringBuilder();
            answer(shown, all, "Password: ", keys, first);
            answer(shown, all, "Again: ", keys, second);
            for (int c = shown.read(); c >= 0; c = shown.read()) {
                all.append((char) c);
            }
            return all.append("status ").append(terminal.waitFor()).toString();
        } finally {
            terminal.descendants().forEach(ProcessHandle::destroyForcibly);
            terminal.destroyForcibly();
        }
    }

    private static void answer(
            Reader shown, StringBuilder all, String prompt, OutputStream keys, String password)
            throws Exception {
        int from = all.length();
        while (all.indexOf(prompt, from) < 0) {
            int c = shown.read();
            assertThat(c).as(all.toString()).isNotNegative();
            all.append((char) c);
        }
        keys.write((password + "\n").getBytes(UTF_8));
        keys.flush();
    }

    @Test
    @Timeout(value = 2, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void asksTwiceOnATerminalAndNeverShowsThePassword() throws Exception {
        Path file = folder.resolve("users");

        String shown = typed(file, "canary-open-sesame", "canary-open-sesame");

        assertThat(shown).contains("added alice").endsWith("status 0").doesNotContain("sesame");
        assertThat(Files.readString(file)).startsWith("alice:$argon2id$").doesNotContain("sesame");
    }

    @Test
    @Timeout(value = 2, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void takesNoPasswordThatWasTypedInTwoWays() throws Exception {
        Path file = folder.resolve("users");

        String shown = typed(file, "canary-open-sesame", "canary-open-sesamf");

        assertThat(shown)
                .contains("expected the same password twice")
                .endsWith("status 2")
                .doesNotContain("sesam");
        assertThat(file).doesNotExist();
    }

    /// Arguments are seen by every user of the machine.
    @Test
    void takesNoPasswordAsAnArgument() {
        String file = folder.resolve("users").toString();

        assertThat(run("", "passwd", "--file", file, "alice", "canary-sesame")).isEqualTo(2);
        assertThat(run("", "passwd", "--file", file, "--password=canary-sesame", "alice"))
                .isEqualTo(2);
        assertThat(Path.of(file)).doesNotExist();
    }

    @Test
    void refusesAnEmptyPasswordAndAnImpossibleName() {
        String file = folder.resolve("users").toString();

        assertThat(run("\n", "passwd", "--file", file, "alice")).isEqualTo(2);
        assertThat(run("x\n", "passwd", "--file", file, "a:b")).isEqualTo(2);
        assertThat(Path.of(file)).doesNotExist();
    }
}
