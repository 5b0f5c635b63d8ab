package io.switchboard.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.server.CompressionOptions;
import io.switchboard.server.ListenerOptions;
import io.switchboard.server.ServerOptions;
import io.switchboard.server.SwitchboardServer;
import io.switchboard.server.endpoint.Endpoint;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/// Our server and the suite.
class ServerConformanceTest {
    private static SwitchboardServer server;
    private static SwitchboardServer takeover;
    private static Target plain;
    private static Target secure;

    @BeforeAll
    static void start() throws Exception {
        ServerOptions options =
                ServerOptions.DEFAULT
                        .withListeners(ListenerOptions.FREE)
                        .withFiles(Path.of("target", "test-data"))
                        .withEndpoint("/echo", Endpoint.echo());
        server = SwitchboardServer.start(options);
        CompressionOptions compression = options.web().compression();
        takeover =
                SwitchboardServer.start(
                        options.withWeb(
                                options.web()
                                        .withCompression(
                                                new CompressionOptions(
                                                        CompressionOptions.Mode.TAKEOVER,
                                                        compression.level(),
                                                        compression.lengthMin()))));
        SSLContext tls = Conformance.trustingAnybody();
        plain = new Target(uri(server, "ws", "http"), tls);
        secure = new Target(uri(server, "wss", "tls"), tls);
    }

    @AfterAll
    static void stop() {
        server.close();
        takeover.close();
    }

    private static URI uri(SwitchboardServer server, String scheme, String listener) {
        int port =
                server.listeners().stream()
                        .filter(each -> each.name().equals(listener))
                        .findFirst()
                        .orElseThrow()
                        .address()
                        .getPort();
        return URI.create(scheme + "://127.0.0.1:" + port + "/echo");
    }

    @Test
    void keepsTheRulesThatAreRecorded() throws Exception {
        List<Case<Target>> cases = ServerSuite.cases();
        List<Result> results =
                new ArrayList<>(
                        Run.of(cases.stream().filter(each -> !http2(each)).toList(), plain));
        results.addAll(
                Run.of(cases.stream().filter(ServerConformanceTest::http2).toList(), secure));
        Recorded.compare("server.txt", results);
    }

    /// `compression: takeover`, where messages refer back to earlier ones in both directions.
    @Test
    void keepsTheRulesOfCompressionThatAreRecordedWithTakeover() throws Exception {
        List<Case<Target>> cases =
                ServerSuite.cases().stream().filter(each -> each.id().startsWith("7692")).toList();
        Target target = new Target(uri(takeover, "ws", "http"), plain.tls());
        Recorded.compare("server-takeover.txt", Run.of(cases, target));
    }

    /// Other servers are asked in the same way.
    @Test
    void theCommandAsksAnyUrl() {
        StringWriter out = new StringWriter();
        int status =
                new CommandLine(new Conformance())
                        .setOut(new PrintWriter(out))
                        .execute("--only", "6455-5.5.", plain.uri().toString());
        assertThat(status).isZero();
        assertThat(out.toString()).contains("6455-5.5.2-01").contains(" 0 fail");
        int refused =
                new CommandLine(new Conformance())
                        .setOut(new PrintWriter(out))
                        .execute(
                                "--only",
                                "6455-4.2.2-01",
                                plain.uri().toString().replace("/echo", "/nothing"));
        assertThat(refused).isEqualTo(1);
    }

    /// Else a name misspelt, or a server without compression, would look as if all were well.
    @ParameterizedTest
    @CsvSource({
        "7692-7.2.3.2-, '[permessage-deflate with', nothing could be asked there",
        "8441-5, '[WebSocket over HTTP/2 was not offered]', nothing could be asked there",
        "6455-99, 0 cases, no case has an id that begins so"
    })
    void whereNothingCanBeAskedTheCommandDoesNotEndWell(String start, String shown, String why)
            throws Exception {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        try (CarelessServer server = new CarelessServer()) {
            int status =
                    new CommandLine(new Conformance())
                            .setOut(new PrintWriter(out))
                            .setErr(new PrintWriter(err, true))
                            .execute("--only", start, server.uri().toString());
            assertThat(status).isEqualTo(2);
            assertThat(out.toString()).contains(shown);
            assertThat(err.toString()).startsWith(why);
        }
    }

    private static boolean http2(Case<?> each) {
        return each.id().startsWith("8441") || each.id().startsWith("9113");
    }

    /// What a transport could change: everything about frames.
    private static boolean framing(Case<?> each) {
        return each.id().startsWith("6455-5.") || each.id().startsWith("6455-7.");
    }

    @Test
    void keepsTheSameRulesOverTls() throws Exception {
        assertAsRecorded(ServerSuite.cases());
    }

    @Test
    void keepsTheSameRulesOverHttp2() throws Exception {
        Cases<Target> cases = new Cases<>();
        ServerSuite.talks(new Talks<>(cases, Http2Cases::open));
        assertAsRecorded(cases.all());
    }

    private static void assertAsRecorded(List<Case<Target>> cases) throws Exception {
        List<Case<Target>> asked = cases.stream().filter(ServerConformanceTest::framing).toList();
        assertThat(Run.of(asked, secure))
                .hasSizeGreaterThan(100)
                .allSatisfy(result ->
                        assertThat(Recorded.lines("server.txt"))
                                .as(result.report())
                                .contains(result.line()));
    }
}
