package io.switchboard.websocket;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.switchboard.websocket.ServerHandshake.Answer.Accepted;
import io.switchboard.websocket.ServerHandshake.Answer.NotAnUpgrade;
import io.switchboard.websocket.ServerHandshake.Answer.Refused;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// Whatever a head says: an answer, never an exception; see [FrameDecoderFuzzTest] for how to run.
class HandshakeFuzzTest {
    private static final List<String> SUBPROTOCOLS = List.of("v12.stomp", "v11.stomp", "v10.stomp");

    /// Lines as an HTTP codec would have taken them apart, but much less strict than any.
    @FuzzTest(maxDuration = "1m")
    void serverJudgesRequests(byte[] bytes) {
        String[] lines = new String(bytes, ISO_8859_1).split("\n", -1);
        String[] first = (lines[0] + "  ").split(" ", -1);
        List<Map.Entry<String, String>> headers = new ArrayList<>();
        for (int i = 1; i < lines.length; i++) {
            int colon = lines[i].indexOf(':');
            headers.add(
                    Map.entry(
                            lines[i].substring(0, Math.max(0, colon)),
                            HeaderFields.trim(lines[i].substring(colon + 1))));
        }
        var request = new HandshakeRequest(first[0], first[2], first[1], headers, false);
        switch (ServerHandshake.answer(request, SUBPROTOCOLS)) {
            case Accepted accepted -> {
                assertThat(first[0]).isEqualTo("GET");
                if (accepted.subprotocol() != null) {
                    assertThat(SUBPROTOCOLS).contains(accepted.subprotocol());
                }
                assertThat(accepted.headers())
                        .allMatch(header -> HeaderFields.isValue(header.getValue()));
            }
            case Refused refused -> assertThat(refused.status()).isBetween(400, 599);
            case NotAnUpgrade plain -> assertThat(plain).isNotNull();
        }
    }

    @FuzzTest(maxDuration = "1m")
    void clientReadsResponses(byte[] bytes) {
        ClientHandshake whole = handshake();
        ByteBuffer all = ByteBuffer.wrap(bytes);
        ClientHandshake.Answer expected = whole.receive(all);

        ClientHandshake byByte = handshake();
        ClientHandshake.Answer answer = ClientHandshake.Answer.NEED_BYTES;
        int taken = 0;
        while (taken < bytes.length && answer instanceof ClientHandshake.Answer.NeedBytes) {
            answer = byByte.receive(ByteBuffer.wrap(bytes, taken, 1));
            taken++;
        }
        assertThat(answer).isEqualTo(expected);
        if (!(expected instanceof ClientHandshake.Answer.Violation)) {
            assertThat(taken).as("bytes taken, the rest being frames").isEqualTo(all.position());
        }
    }

    /// Without this the inputs would go no further than the Accept when the key is made otherwise.
    @Test
    void theInputNamedAcceptedAnswersTheKeyOfTheseTests() throws IOException {
        try (var input =
                Objects.requireNonNull(
                        HandshakeFuzzTest.class.getResourceAsStream(
                                "HandshakeFuzzTestInputs/clientReadsResponses/accepted"))) {
            assertThat(handshake().receive(ByteBuffer.wrap(input.readAllBytes())))
                    .isInstanceOf(ClientHandshake.Answer.Accepted.class);
        }
    }

    private static ClientHandshake handshake() {
        return new ClientHandshake(
                URI.create("ws://localhost/ws"), SUBPROTOCOLS, List.of(), new Random(7), 600);
    }
}
