package io.switchboard.websocket;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.switchboard.websocket.ClientHandshake.Answer;
import io.switchboard.websocket.ClientHandshake.Answer.Accepted;
import io.switchboard.websocket.ClientHandshake.Answer.Refused;
import io.switchboard.websocket.ClientHandshake.Answer.Violation;
import java.net.URI;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ClientHandshakeTest {
    private static final int HEAD_LENGTH_MAX = 1000;

    private static ClientHandshake handshake(String... subprotocols) {
        return handshake("ws://localhost/ws", List.of(), subprotocols);
    }

    private static ClientHandshake handshake(
            String uri, List<Map.Entry<String, String>> headers, String... subprotocols) {
        return new ClientHandshake(
                URI.create(uri), List.of(subprotocols), headers, new Random(1), HEAD_LENGTH_MAX);
    }

    private static String request(ClientHandshake handshake) {
        return ISO_8859_1.decode(handshake.request()).toString();
    }

    private static ByteBuffer latin1(String text) {
        return ByteBuffer.wrap(text.getBytes(ISO_8859_1));
    }

    /// The answer of a server that keeps all rules, with these header lines in the end.
    private static String switching(ClientHandshake handshake, String... lines) {
        String request = request(handshake);
        int key = request.indexOf("Sec-WebSocket-Key: ") + 19;
        String accept = HandshakeKey.accept(request.substring(key, key + 24));
        return "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                + "Sec-WebSocket-Accept: "
                + accept
                + "\r\n"
                + String.join("\r\n", lines)
                + (lines.length == 0 ? "\r\n" : "\r\n\r\n");
    }

    @Nested
    class Rfc6455Section4_1Request {
        @Test
        void theRequestIsWhatServersExpect() {
            var handshake =
                    handshake(
                            "ws://localhost:8080/ws?a=b",
                            List.of(Map.entry("Origin", "http://localhost")),
                            "v12.stomp",
                            "v11.stomp");
            String[] lines = request(handshake).split("\r\n", -1);

            assertThat(lines[4]).matches("Sec-WebSocket-Key: [A-Za-z0-9+/]{22}==");
            lines[4] = "";
            assertThat(lines)
                    .containsExactly(
                            "GET /ws?a=b HTTP/1.1",
                            "Host: localhost:8080",
                            "Upgrade: websocket",
                            "Connection: Upgrade",
                            "",
                            "Sec-WebSocket-Version: 13",
                            "Sec-WebSocket-Protocol: v12.stomp, v11.stomp",
                            "Origin: http://localhost",
                            "",
                            "");
        }

        @ParameterizedTest
        @CsvSource({
            "ws://localhost, /, localhost",
            "ws://localhost:80/, /, localhost",
            "wss://localhost:443/, /, localhost",
            "wss://localhost:80/, /, localhost:80",
            "WSS://localhost:8443?x=%20, /?x=%20, localhost:8443",
            "ws://[::1]:9/a/b, /a/b, [::1]:9",
            "ws://localhost/grün, /gr%C3%BCn, localhost",
        })
        void targetAndHostComeFromTheUri(String uri, String target, String host) {
            assertThat(request(handshake(uri, List.of())))
                    .startsWith("GET " + target + " HTTP/1.1\r\nHost: " + host + "\r\n");
        }

        @Test
        void theKeyIsFreshEveryTime() {
            Random random = new Random(3);
            URI uri = URI.create("ws://localhost/");
            var first = new ClientHandshake(uri, List.of(), List.of(), random, 100);
            var second = new ClientHandshake(uri, List.of(), List.of(), random, 100);
            assertThat(request(first)).isNotEqualTo(request(second));
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "http://localhost/",
                    "ws:localhost",
                    "ws:///ws",
                    "/ws",
                    "ws://localhost/#fragment",
                    "ws://user:secret@localhost/",
                })
        void otherUrisAreMisuse(String uri) {
            assertThatThrownBy(() -> handshake(uri, List.of()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageNotContaining("secret");
        }

        @ParameterizedTest
        @CsvSource({
            "Host, x",
            "sec-websocket-key, x",
            "Content-Length, 0",
            "X Y, x",
            "Authorization, 'secret\r\nX: y'",
            "Authorization, secret\u20ac",
        })
        void headersThatBreakTheRequestAreMisuse(String name, String value) {
            assertThatThrownBy(() -> handshake("ws://localhost/", List.of(Map.entry(name, value))))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageNotContaining("secret");
        }

        @Test
        void subprotocolsThatCannotBeOfferedAreMisuse() {
            assertThatThrownBy(() -> handshake("a b")).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> handshake("a", "a"))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Nested
    class Rfc6455Section4_1Response {
        @Test
        void aGoodResponseIsAccepted() {
            var handshake = handshake("v12.stomp");
            String response = switching(handshake, "sec-websocket-protocol:\t v12.stomp ", "X: y");

            assertThat(handshake.receive(latin1(response)))
                    .isInstanceOfSatisfying(
                            Accepted.class,
                            accepted -> {
                                assertThat(accepted.subprotocol()).isEqualTo("v12.stomp");
                                assertThat(accepted.headers()).contains(Map.entry("X", "y"));
                            });
        }

        @Test
        @DisplayName("D2 the server may choose no subprotocol")
        void noSubprotocolIsNeeded() {
            var handshake = handshake("v12.stomp");
            assertThat(handshake.receive(latin1(switching(handshake))))
                    .isInstanceOfSatisfying(
                            Accepted.class,
                            accepted -> assertThat(accepted.subprotocol()).isNull());
        }

        @ParameterizedTest(name = "{0}")
        @ValueSource(
                strings = {
                    "Sec-WebSocket-Protocol: V12.STOMP", // not octet by octet
                    "Sec-WebSocket-Protocol: v10.stomp", // not offered
                    "Sec-WebSocket-Protocol: v12.stomp, v11.stomp", // more than one
                    "Sec-WebSocket-Protocol: ",
                    "Sec-WebSocket-Protocol: v12.stomp\r\nSec-WebSocket-Protocol: v12.stomp",
                    "Sec-WebSocket-Extensions: permessage-deflate", // not offered
                    "Upgrade: websocket", // twice
                    "Sec-WebSocket-Accept: x", // twice
                    "Folded: a\r\n b",
                    "Space : a",
                    "no colon",
                    ": no name",
                    "Control: a\u0000b",
                    "Return: a\rb",
                })
        void aLineThatBreaksTheRulesFailsTheHandshake(String line) {
            var handshake = handshake("v12.stomp", "v11.stomp");
            assertThat(handshake.receive(latin1(switching(handshake, line))))
                    .isInstanceOf(Violation.class);
        }

        @ParameterizedTest(name = "{0} becomes {1}")
        @CsvSource({
            "Upgrade: websocket, Upgrade: websockets",
            "Upgrade: websocket, X: y",
            "Connection: Upgrade, Connection: close",
            "Connection: Upgrade, X: y",
            "Sec-WebSocket-Accept: , Sec-WebSocket-Accept: x",
            "Sec-WebSocket-Accept: , X: ",
            "HTTP/1.1, HTTP/1.0",
            "HTTP/1.1, HTTP/2.0",
            "101 Switching, 101Switching",
            "101, 0101",
        })
        void aResponseThatIsNotRightFailsTheHandshake(String before, String after) {
            var handshake = handshake();
            String response = switching(handshake);
            String spoilt = response.replace(before, after);
            assertThat(spoilt).isNotEqualTo(response);
            assertThat(handshake.receive(latin1(spoilt))).isInstanceOf(Violation.class);
        }

        @Test
        void caseAndListsAreReadAsOnTheServersSide() {
            var handshake = handshake();
            String response =
                    switching(handshake)
                            .replace("Upgrade: websocket", "UPGRADE: WebSocket")
                            .replace("Connection: Upgrade", "connection: keep-alive, upgrade")
                            .replace("101 Switching Protocols", "101");
            assertThat(handshake.receive(latin1(response))).isInstanceOf(Accepted.class);
        }

        @Test
        void anotherStatusIsARefusal() {
            var handshake = handshake();
            String response = "HTTP/1.1 401 Who are you\r\nWWW-Authenticate: Basic\r\n\r\nbody";
            ByteBuffer bytes = latin1(response);

            assertThat(handshake.receive(bytes))
                    .isEqualTo(
                            new Refused(
                                    401,
                                    "Who are you",
                                    List.of(Map.entry("WWW-Authenticate", "Basic"))));
            assertThat(ISO_8859_1.decode(bytes).toString()).isEqualTo("body");
        }

        @Test
        void interimResponsesArePassedOver() {
            var handshake = handshake();
            String interim = "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n";
            String response = interim + interim + switching(handshake);
            assertThat(handshake.receive(latin1(response))).isInstanceOf(Accepted.class);
        }

        @Test
        void theHeadIsLimited() {
            var handshake = handshake();
            String start = "HTTP/1.1 200 OK\r\nX: ";
            String most = start + "a".repeat(HEAD_LENGTH_MAX - start.length());

            assertThat(handshake.receive(latin1(most))).isEqualTo(Answer.NEED_BYTES);
            assertThat(handshake.receive(latin1("a"))).isInstanceOf(Violation.class);
        }

        @Test
        void interimResponsesCountTowardsTheLimit() {
            var handshake = handshake();
            String interim = "HTTP/1.1 100 Continue\r\n\r\n";
            assertThat(handshake.receive(latin1(interim.repeat(HEAD_LENGTH_MAX))))
                    .isInstanceOf(Violation.class);
        }

        @Test
        void aHeadOfJustTheLimitIsGood() {
            String response = "HTTP/1.1 404 No\r\n\r\n";
            var handshake =
                    new ClientHandshake(
                            URI.create("ws://localhost/"),
                            List.of(),
                            List.of(),
                            new Random(1),
                            response.length());
            assertThat(handshake.receive(latin1(response))).isInstanceOf(Refused.class);
        }

        @ParameterizedTest(name = "A20 {0}")
        @ValueSource(strings = {"HTTP/1.1 200 OK\n", "\n", "HTTP/1.1 200 OK\r\nX: y\n"})
        void aLineFeedAloneFailsTheHandshake(String response) {
            assertThat(handshake().receive(latin1(response))).isInstanceOf(Violation.class);
        }

        @Test
        void whatIsFoundIsFitForALog() {
            String response = "SSH-2.0-\u001b[31m" + "x".repeat(500) + "\r\n\r\n";
            assertThat(handshake().receive(latin1(response)))
                    .isInstanceOfSatisfying(
                            Violation.class,
                            violation ->
                                    assertThat(violation.found())
                                            .startsWith("SSH-2.0-?[31mxxx")
                                            .hasSize(80));
        }

        @Test
        @DisplayName("B10 cut at every offset the answer is the same, and frames behind it stay")
        void cutAnywhereTheAnswerIsTheSame() {
            String frame = "\u0081\u0002Hi";
            String response = switching(handshake()) + frame;
            Answer expected = handshake().receive(latin1(response));
            assertThat(expected).isInstanceOf(Accepted.class);
            for (int cut = 0; cut <= response.length(); cut++) {
                var handshake = handshake();
                ByteBuffer first = latin1(response.substring(0, cut));
                ByteBuffer second = latin1(response.substring(cut));
                Answer answer = handshake.receive(first);
                if (answer instanceof Answer.NeedBytes) {
                    assertThat(first.hasRemaining()).isFalse();
                    answer = handshake.receive(second);
                }
                assertThat(answer).as("cut at " + cut).isEqualTo(expected);
                assertThat(first.remaining() + second.remaining())
                        .as("bytes of the frame, cut at " + cut)
                        .isEqualTo(frame.length());
            }
        }
    }
}
