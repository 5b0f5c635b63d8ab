package io.switchboard.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.server.ListenerOptions;
import io.switchboard.server.ServerOptions;
import io.switchboard.server.SwitchboardServer;
import io.switchboard.server.endpoint.Endpoint;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// Our server and the suite.
class ServerConformanceTest {
    private static SwitchboardServer server;
    private static Target plain;
    private static Target secure;

    @BeforeAll
    static void start() throws Exception {
        server =
                SwitchboardServer.start(
                        ServerOptions.DEFAULT
                                .withListeners(ListenerOptions.FREE)
                                .withFiles(Path.of("target", "test-data"))
                                .withEndpoint("/echo", Endpoint.echo()));
        SSLContext tls = Conformance.trustingAnybody();
        plain = new Target(uri("ws", "http"), tls);
        secure = new Target(uri("wss", "tls"), tls);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static URI uri(String scheme, String listener) {
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
