package io.switchboard.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
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

    @Test
    void refusesAnEmptyPasswordAndAnImpossibleName() {
        String file = folder.resolve("users").toString();

        assertThat(run("\n", "passwd", "--file", file, "alice")).isEqualTo(2);
        assertThat(run("x\n", "passwd", "--file", file, "a:b")).isEqualTo(2);
        assertThat(Path.of(file)).doesNotExist();
    }
}
