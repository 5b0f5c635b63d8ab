package io.switchboard.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// A suite that everybody passes would show nothing.
class SuiteBitesTest {
    /// Every kind of rule about what must not be accepted is seen to be broken.
    @Test
    void aServerThatChecksNothingFailsWhatDemandsAFailure() throws Exception {
        try (CarelessServer server = new CarelessServer()) {
            List<Case<Target>> cases =
                    ServerSuite.cases().stream().filter(SuiteBitesTest::demandsFailure).toList();
            List<Result> results = Run.of(cases, new Target(server.uri(), null));
            assertThat(results)
                    .hasSizeGreaterThan(100)
                    .allSatisfy(result ->
                            assertThat(result.verdict())
                                    .as(result.report())
                                    .isEqualTo(Verdict.FAIL));
        }
    }

    private static boolean demandsFailure(Case<?> each) {
        return Stream.of("6455-5.1-", "6455-5.2-", "6455-5.4-", "6455-5.5-", "6455-8.1-")
                        .anyMatch(each.id()::startsWith)
                && each.rule().endsWith(": fails")
                && each.level() == Level.MUST
                && !each.rule().contains("inflated")
                // Waiting for the payload is no worse than slow.
                && !each.rule().startsWith("a 64-bit length");
    }

    @Test
    void aServerThatEchoesGoodFramesPassesWhatDemandsAnEcho() throws Exception {
        try (CarelessServer server = new CarelessServer()) {
            List<Case<Target>> cases =
                    ServerSuite.cases().stream()
                            .filter(each -> each.id().startsWith("6455-5.6-"))
                            .toList();
            assertThat(Run.of(cases, new Target(server.uri(), null)))
                    .hasSizeGreaterThan(20)
                    .allSatisfy(result ->
                            assertThat(result.verdict())
                                    .as(result.report())
                                    .isEqualTo(Verdict.PASS));
        }
    }

    /// Sends whatever it was told for good, as nobody should.
    @Test
    void aClientThatBelievesEveryAnswerFailsWhatDemandsAnEnd() throws Exception {
        List<Case<EchoClient>> cases =
                ClientSuite.cases().stream()
                        .filter(each -> each.id().startsWith("6455-4.1-"))
                        .filter(each -> each.rule().endsWith(": the client ends the connection"))
                        .filter(each -> !each.rule().contains("in its middle"))
                        .toList();
        List<Result> results = Run.of(cases, uri -> believe(uri.getPort()));
        assertThat(results)
                .hasSizeGreaterThan(20)
                .allSatisfy(result ->
                        assertThat(result.verdict())
                                .as(result.report())
                                .isIn(Verdict.FAIL, Verdict.NON_STRICT));
    }

    private static void believe(int port) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            List<String> request =
                    new ArrayList<>(List.of("GET / HTTP/1.1", "Sec-WebSocket-Key: " + Http1.KEY));
            socket.getOutputStream().write(Target.bytes(request));
            Http1.read(socket.getInputStream());
            socket.getOutputStream().write(Sent.text("open").bytes(Role.CLIENT));
            while (socket.getInputStream().read() >= 0) {}
        }
    }

    @Test
    void everyCaseHasAnIdOfItsOwn() {
        assertThat(ServerSuite.cases().stream().map(Case::id)).doesNotHaveDuplicates();
        assertThat(ClientSuite.cases().stream().map(Case::id)).doesNotHaveDuplicates();
    }

    @Test
    void aChangedVerdictIsADifferenceInBothDirections() {
        assertThat(Result.differences(List.of("a pass", "b fail"), List.of("a pass", "b pass")))
                .containsExactly("+ b pass", "- b fail");
        assertThat(Result.differences(List.of("a pass"), List.of("a pass"))).isEmpty();
    }
}
