package io.switchboard.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.server.CompressionOptions;
import io.switchboard.server.ListenerOptions;
import io.switchboard.server.Port;
import io.switchboard.server.ServerOptions;
import io.switchboard.server.SwitchboardServer;
import io.switchboard.server.WebOptions;
import io.switchboard.server.endpoint.Endpoint;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The load generator on the server that it is there for: every delivery arrives once and in order,
/// over every transport and on several shards. No figure is judged.
@Timeout(120)
class BenchTest {
    @TempDir static Path folder;
    private static SwitchboardServer server;

    @BeforeAll
    static void start() throws Exception {
        server =
                SwitchboardServer.start(
                        ServerOptions.DEFAULT
                                .withListeners(ListenerOptions.FREE.withStompTls(Port.FREE))
                                .withShards(2)
                                .withEndpoint("/echo", Endpoint.echo())
                                .withFiles(folder.resolve("data")));
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static int bench(StringWriter out, String... arguments) {
        return Switchboard.commandLine()
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(out))
                .execute(arguments);
    }

    private static String url(String scheme) {
        return server.listeners().stream()
                .filter(each -> each.scheme().equals(scheme))
                .findFirst()
                .orElseThrow()
                .url();
    }

    @ParameterizedTest
    @CsvSource({
        "ws, fanout --subs 50 --pubs 2",
        "wss, fanout --subs 20 --body 70000 --window 4",
        "tcp, fanout --subs 20 --rate 200",
        "tls, rooms --rooms 5 --members 4 --window 16",
        "ws, rooms --rooms 5 --members 4 --window 16",
        "ws, alone --conns 10",
        "tcp, alone --conns 10",
        "ws, echo --conns 10",
        "wss, echo --conns 10 --binary --body 1000",
        "ws, echo --conns 3 --body 200000",
        "wss, echo --http2 --conns 10 --streams 4",
        "wss, echo --http2 --conns 3 --body 200000"
    })
    void everyDeliveryArrives(String scheme, String arguments) {
        StringWriter out = new StringWriter();
        String url = url(scheme);
        if (arguments.startsWith("echo")) {
            url = url.replaceFirst("/ws$", "/echo");
        }
        String line = "bench " + arguments + " --warm 0.1 --secs 0.3 --url " + url;
        assertThat(bench(out, line.split(" "))).as("%s", out).isZero();
        assertThat(out.toString())
                .contains("0 lost, 0 doubled, 0 reordered, 0 misrouted, 0 bad, 0 foreign")
                .contains("\"ok\":true");
    }

    @ParameterizedTest
    @CsvSource({
        "ws, --messages 3",
        "ws, --messages 10 --compress",
        "wss, --messages 10 --body 100000 --compress",
        "wss, --messages 10 --http2",
        "tls, --messages 2 --body 24",
        "wss, --http2"
    })
    void whatTalksAndThenIsIdleStays(String scheme, String arguments) {
        StringWriter out = new StringWriter();
        String line = "bench idle --steps 5,25 --hold 0.1 --url " + url(scheme) + " " + arguments;
        assertThat(bench(out, line.split(" "))).as("%s", out).isZero();
        assertThat(out.toString()).contains("between 5 and 25 connections");
    }

    @Test
    void compressionThatTheServerDoesNotAgreeToIsAFailedRun() throws Exception {
        WebOptions off =
                WebOptions.DEFAULT.withCompression(
                        new CompressionOptions(CompressionOptions.Mode.OFF, 1, 0));
        try (SwitchboardServer plain =
                SwitchboardServer.start(
                        ServerOptions.DEFAULT
                                .withListeners(ListenerOptions.FREE)
                                .withWeb(off)
                                .withFiles(folder.resolve("plain")))) {
            StringWriter out = new StringWriter();
            String url = plain.listeners().getFirst().url();
            assertThat(url).startsWith("ws://");
            assertThat(bench(out, "bench", "idle", "--steps", "1", "--compress", "--url", url))
                    .isEqualTo(1);
            assertThat(out.toString()).contains("the server does not agree to compression");
        }
    }

    @Test
    void aServerThatIsNotThereIsAFailedRun() {
        StringWriter out = new StringWriter();
        assertThat(bench(out, "bench", "alone", "--url", "tcp://127.0.0.1:1")).isEqualTo(1);
        assertThat(out.toString()).contains("FAILED: connection 0: ").contains("\"ok\":false");
    }

    @Test
    void aPlanThatCannotBeRunIsRefused() {
        StringWriter out = new StringWriter();
        assertThat(bench(out, "bench", "fanout", "--body", "10")).isEqualTo(2);
        assertThat(out.toString()).contains("expected a body of 24 to");
        assertThat(bench(out, "bench", "idle", "--steps", "5,5")).isEqualTo(2);
        assertThat(bench(out, "bench", "echo", "--url", "http://127.0.0.1/")).isEqualTo(2);
        assertThat(bench(out, "bench", "echo", "--url", "tcp://127.0.0.1:1")).isEqualTo(2);
        String plain = "ws://127.0.0.1:1";
        assertThat(bench(out, "bench", "echo", "--http2", "--url", plain)).isEqualTo(2);
        assertThat(bench(out, "bench", "idle", "--http2", "--url", plain)).isEqualTo(2);
        String tcp = "tcp://127.0.0.1:1";
        assertThat(bench(out, "bench", "idle", "--compress", "--url", tcp)).isEqualTo(2);
        assertThat(bench(out, "bench", "idle", "--compress", "--http2")).isEqualTo(2);
        assertThat(bench(out, "bench", "idle", "--messages", "-1")).isEqualTo(2);
        assertThat(bench(out, "bench", "idle", "--body", "10")).isEqualTo(2);
    }
}
