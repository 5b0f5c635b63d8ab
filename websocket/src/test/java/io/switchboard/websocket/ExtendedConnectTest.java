package io.switchboard.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.websocket.ServerHandshake.Answer;
import io.switchboard.websocket.ServerHandshake.Answer.Accepted;
import io.switchboard.websocket.ServerHandshake.Answer.Refused;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// RFC 8441 section 5: what of the opening handshake holds for an extended CONNECT too.
class ExtendedConnectTest {
    private static final Map.Entry<String, String> HOST = Map.entry("Host", "localhost:8443");
    private static final Map.Entry<String, String> VERSION =
            Map.entry("sec-websocket-version", "13");

    @SafeVarargs
    private static Answer answer(String target, Map.Entry<String, String>... headers) {
        return ServerHandshake.answerConnect(
                new HandshakeRequest("CONNECT", "HTTP/2", target, List.of(headers), false),
                List.of("v12.stomp", "v11.stomp"),
                null);
    }

    @Test
    void noKeyIsAskedForAndNoneAnswered() {
        assertThat(answer("/ws", HOST, VERSION))
                .isEqualTo(new Accepted(null, null, null, List.of()));
    }

    @Test
    void aKeyIsIgnoredWhateverItIs() {
        assertThat(answer("/ws", HOST, VERSION, Map.entry("sec-websocket-key", "?")))
                .isEqualTo(new Accepted(null, null, null, List.of()));
    }

    @Test
    void aSubprotocolIsChosenAsInHttp1() {
        assertThat(
                        answer(
                                "/ws",
                                HOST,
                                VERSION,
                                Map.entry("sec-websocket-protocol", "v11.stomp, v12.stomp")))
                .isEqualTo(
                        new Accepted(
                                null,
                                "v12.stomp",
                                null,
                                List.of(Map.entry("Sec-WebSocket-Protocol", "v12.stomp"))));
    }

    @ParameterizedTest
    @ValueSource(strings = {"12", "8", "013", "13, 8", ""})
    void anotherVersionIsToldOursWithoutAnUpgrade(String version) {
        assertThat(answer("/ws", HOST, Map.entry("sec-websocket-version", version)))
                .isEqualTo(
                        new Refused(
                                400,
                                "Expected that the version is 13.",
                                List.of(Map.entry("Sec-WebSocket-Version", "13"))));
    }

    @Test
    void withoutAVersionItIsToldOursToo() {
        assertThat(answer("/ws", HOST)).isInstanceOf(Refused.class);
    }

    @Test
    void theRestIsCheckedAsInHttp1() {
        List<Answer> answers = new ArrayList<>();
        answers.add(answer("/ws#part", HOST, VERSION));
        answers.add(answer("/ws", VERSION));
        answers.add(answer("/ws", HOST, HOST, VERSION));
        answers.add(answer("/ws", HOST, VERSION, VERSION));
        answers.add(answer("/ws", HOST, VERSION, Map.entry("content-length", "5")));
        answers.add(answer("/ws", HOST, VERSION, Map.entry("sec-websocket-protocol", "a,a")));
        answers.add(answer("/ws", HOST, VERSION, Map.entry("sec-websocket-extensions", ";;")));
        answers.add(answer("/ws", HOST, VERSION, Map.entry("x", "a\rb")));
        assertThat(answers).allSatisfy(it -> assertThat(((Refused) it).status()).isEqualTo(400));
    }

    @Test
    void compressionIsAgreedAsInHttp1() {
        var offer = Map.entry("sec-websocket-extensions", "permessage-deflate");
        var request =
                new HandshakeRequest(
                        "CONNECT", "HTTP/2", "/ws", List.of(HOST, VERSION, offer), false);
        assertThat(
                        ServerHandshake.answerConnect(
                                request, List.of(), PermessageDeflate.FULL_CONTEXT))
                .isEqualTo(
                        new Accepted(
                                null,
                                null,
                                PermessageDeflate.FULL_CONTEXT,
                                List.of(
                                        Map.entry(
                                                "Sec-WebSocket-Extensions",
                                                "permessage-deflate"))));
    }
}
