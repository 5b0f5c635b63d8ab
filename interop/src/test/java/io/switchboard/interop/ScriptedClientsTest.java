package io.switchboard.interop;

import static org.assertj.core.api.Assertions.assertThat;

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
        assertThat(lines).hasSize(15).allMatch(line -> line.startsWith("ok "));
    }

    @Test
    void stompPyOverTcp() throws Exception {
        Path script = Path.of("python", "facts.py").toAbsolutePath();
        List<String> lines =
                TestServer.run(
                        List.of(python(), script.toString(), String.valueOf(server.port("stomp"))));
        assertThat(lines).hasSize(5).allMatch(line -> line.startsWith("ok "));
    }

    /// Debian's own, which has Debian's stomp.py; another one may come first on the path.
    private static String python() {
        Path debian = Path.of("/usr/bin/python3");
        return Files.isExecutable(debian) ? debian.toString() : "python3";
    }
}
