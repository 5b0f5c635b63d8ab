package io.switchboard.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class FirstTest {
    @Test
    void hello() {
        // RFC 6455 section 5.7
        byte[] hello = Wire.bytes("81 85 37 fa 21 3d 7f 9f 4d 51 58");
        for (int piece = 1; piece <= hello.length; piece++) {
            assertThat(
                            Wire.events(
                                    WebSocketConnection.server(WebSocketLimits.DEFAULT),
                                    hello,
                                    piece))
                    .containsExactly(new Wire.Message(true, true, "48 65 6c 6c 6f"));
        }
    }

    @Test
    void accept() {
        var answer =
                ServerHandshake.answer(
                        new HandshakeRequest(
                                "GET",
                                "HTTP/1.1",
                                "/chat",
                                List.of(
                                        Map.entry("Host", "server.example.com"),
                                        Map.entry("Upgrade", "websocket"),
                                        Map.entry("Connection", "Upgrade"),
                                        Map.entry("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
                                        Map.entry("Sec-WebSocket-Protocol", "chat, superchat"),
                                        Map.entry("Sec-WebSocket-Version", "13")),
                                false),
                        List.of("superchat"));
        assertThat(answer)
                .isInstanceOfSatisfying(
                        ServerHandshake.Answer.Accepted.class,
                        accepted -> {
                            assertThat(accepted.accept()).isEqualTo("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
                            assertThat(accepted.subprotocol()).isEqualTo("superchat");
                        });
    }
}
