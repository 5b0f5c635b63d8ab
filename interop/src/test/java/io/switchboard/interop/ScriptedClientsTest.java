package io.switchboard.interop;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.server.CompressionOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Clients in other languages. Each script states its facts and prints the name of every one that
/// holds.
@Tag("system")
class ScriptedClientsTest {
    private static TestServer server;

    @BeforeAll
    static void start() throws Exception {
        server = new TestServer();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void stompjsInNode() throws Exception {
        Path script = Path.of("js", "stompjs.mjs").toAbsolutePath();
        List<String> lines =
                TestServer.run(
                        List.of(
                                "node",
                                script.toString(),
                                server.ws(),
                                server.wss(),
                                server.certificate().toString()));
        assertThat(lines).hasSize(25).allMatch(line -> line.startsWith("ok "));
    }

    @Test
    void wsInNodeWithContextTakeover() throws Exception {
        Path script = Path.of("js", "takeover.mjs").toAbsolutePath();
        CompressionOptions usual = CompressionOptions.DEFAULT;
        CompressionOptions takeover =
                new CompressionOptions(
                        CompressionOptions.Mode.TAKEOVER, usual.level(), usual.lengthMin());
        try (TestServer other = new TestServer(takeover)) {
            List<String> lines = TestServer.run(List.of("node", script.toString(), other.ws()));
            assertThat(lines).hasSize(4).allMatch(line -> line.startsWith("ok "));
        }
    }

    @Test
    void stompPyOverTcp() throws Exception {
        overTcp(debians("python3"), "python/facts.py", 18);
    }

    @Test
    void rubysGemOverTcp() throws Exception {
        overTcp(debians("ruby"), "ruby/facts.rb", 11);
    }

    @Test
    void perlsNetStompOverTcp() throws Exception {
        overTcp(debians("perl"), "perl/facts.pl", 10);
    }

    @Test
    void phpsExtensionOverTcp() throws Exception {
        overTcp(debians("php"), "php/facts.php", 8);
    }

    private static void overTcp(String interpreter, String script, int facts) throws Exception {
        Path path = Path.of(script).toAbsolutePath();
        String port = String.valueOf(server.port("stomp"));
        List<String> lines = TestServer.run(List.of(interpreter, path.toString(), port));
        assertThat(lines).hasSize(facts).allMatch(line -> line.startsWith("ok "));
    }

    /// Debian's own interpreter, which has Debian's client; another one may come first on the path.
    private static String debians(String interpreter) {
        Path debian = Path.of("/usr/bin", interpreter);
        return Files.isExecutable(debian) ? debian.toString() : interpreter;
    }
}
