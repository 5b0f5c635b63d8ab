package io.switchboard.websocket;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.switchboard.websocket.ClientHandshake.Answer.Violation;
import io.switchboard.websocket.ServerHandshake.Answer.Accepted;
import java.net.URI;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Who agrees to what (RFC 7692 sections 5 and 7.1). The letters and numbers are those of the
/// project's list of rules.
class DeflateNegotiationTest {
    private static final String HEADER = "Sec-WebSocket-Extensions";
    private static final String DECLINED = "declined";

    /// The server's answer to these field lines, or that there is none.
    private static String answer(PermessageDeflate wish, String... offers) {
        Accepted accepted = accepted(wish, offers);
        List<String> answers =
                accepted.headers().stream()
                        .filter(header -> header.getKey().equals(HEADER))
                        .map(Map.Entry::getValue)
                        .toList();
        assertThat(answers).hasSizeLessThan(2);
        assertThat(answers.isEmpty()).isEqualTo(accepted.deflate() == null);
        return answers.isEmpty() ? DECLINED : answers.getFirst();
    }

    private static Accepted accepted(PermessageDeflate wish, String... offers) {
        List<Map.Entry<String, String>> headers = new ArrayList<>();
        headers.add(Map.entry("Host", "localhost"));
        headers.add(Map.entry("Upgrade", "websocket"));
        headers.add(Map.entry("Connection", "Upgrade"));
        headers.add(Map.entry("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="));
        headers.add(Map.entry("Sec-WebSocket-Version", "13"));
        for (String offer : offers) {
            headers.add(Map.entry(HEADER, offer));
        }
        var request = new HandshakeRequest("GET", "HTTP/1.1", "/", headers, false);
        return (Accepted) ServerHandshake.answer(request, List.of(), wish);
    }

    private static PermessageDeflate agreed(PermessageDeflate wish, String offer) {
        return accepted(wish, offer).deflate();
    }

    @Nested
    class Rfc7692Section5_1Offers {
        @Test
        @DisplayName("E1 a plain offer is accepted")
        void aPlainOfferIsAccepted() {
            assertThat(answer(PermessageDeflate.FULL_CONTEXT, "permessage-deflate"))
                    .isEqualTo("permessage-deflate");
        }

        @Test
        @DisplayName("without compression on the server every offer is declined")
        void offersAreDeclinedWithoutCompression() {
            assertThat(answer(null, "permessage-deflate")).isEqualTo(DECLINED);
        }

        @ParameterizedTest(name = "E17 E1 \"{0}\" is declined")
        @ValueSource(
                strings = {
                    "x-webkit-deflate-frame",
                    "permessage-bzip2",
                    "permessage-deflat",
                    "Permessage-Deflate",
                    "foo; permessage-deflate",
                })
        void otherExtensionsAreDeclined(String offer) {
            assertThat(answer(PermessageDeflate.FULL_CONTEXT, offer)).isEqualTo(DECLINED);
        }

        @Test
        @DisplayName("E16 of two acceptable offers one is in the answer, the first")
        void theFirstAcceptableOfferCounts() {
            assertThat(
                            answer(
                                    PermessageDeflate.FULL_CONTEXT,
                                    "permessage-deflate; client_no_context_takeover,"
                                            + " permessage-deflate"))
                    .isEqualTo("permessage-deflate; client_no_context_takeover");
        }

        @ParameterizedTest(name = "E10 behind \"{0}\" the second offer is accepted")
        @ValueSource(
                strings = {
                    "permessage-deflate; server_max_window_bits=10",
                    "permessage-deflate; what=ever",
                    "permessage-deflate; server_no_context_takeover=1",
                    "x-webkit-deflate-frame",
                })
        void anOfferThatCannotBeMetIsPassedOver(String first) {
            assertThat(
                            answer(
                                    PermessageDeflate.FULL_CONTEXT,
                                    first + ", permessage-deflate; client_max_window_bits"))
                    .isEqualTo("permessage-deflate");
        }

        @Test
        @DisplayName("E12 an offer over two field lines is like one in one")
        void offersMayComeInSeveralLines() {
            assertThat(
                            answer(
                                    PermessageDeflate.FULL_CONTEXT,
                                    "permessage-bzip2",
                                    "permessage-deflate"))
                    .isEqualTo("permessage-deflate");
        }
    }

    @Nested
    class Rfc7692Section7_1Parameters {
        @ParameterizedTest(name = "E3 E4 E7 E8 E9 \"{0}\" is declined")
        @ValueSource(
                strings = {
                    "server_no_context_takeover; server_no_context_takeover",
                    "client_no_context_takeover; client_no_context_takeover",
                    "client_max_window_bits; client_max_window_bits",
                    "client_max_window_bits; client_max_window_bits=15",
                    "server_max_window_bits=15; server_max_window_bits=15",
                    "server_max_window_bits",
                    "server_max_window_bits=7",
                    "server_max_window_bits=16",
                    "server_max_window_bits=09",
                    "server_max_window_bits=015",
                    "server_max_window_bits=+15",
                    "server_max_window_bits=1e1",
                    "server_max_window_bits=99999999999",
                    "client_max_window_bits=7",
                    "client_max_window_bits=16",
                    "client_max_window_bits=20",
                    "client_max_window_bits=08",
                    "server_no_context_takeover=1",
                    "client_no_context_takeover=1",
                    "client_no_context_takeover=true",
                    "unknown",
                    "SERVER_NO_CONTEXT_TAKEOVER",
                })
        void declined(String parameters) {
            assertThat(answer(PermessageDeflate.FULL_CONTEXT, "permessage-deflate; " + parameters))
                    .isEqualTo(DECLINED);
        }

        @ParameterizedTest(name = "E5 E6 server_max_window_bits={0} is declined: zlib cannot")
        @ValueSource(strings = {"8", "9", "10", "11", "12", "13", "14"})
        void aSmallerServerWindowIsDeclined(String bits) {
            assertThat(
                            answer(
                                    PermessageDeflate.FULL_CONTEXT,
                                    "permessage-deflate; server_max_window_bits=" + bits))
                    .isEqualTo(DECLINED);
        }

        @ParameterizedTest(name = "E5 E11 E13 \"{0}\" is answered with \"{1}\"")
        @CsvSource({
            "server_max_window_bits=15, server_max_window_bits=15",
            "server_max_window_bits=\"15\", server_max_window_bits=15",
            "server_no_context_takeover, server_no_context_takeover",
            "client_no_context_takeover, client_no_context_takeover",
            "client_max_window_bits=10, client_max_window_bits=10",
            "client_max_window_bits=\"1\\0\", client_max_window_bits=10",
            "client_max_window_bits=8, client_max_window_bits=8",
        })
        void answered(String offered, String answered) {
            assertThat(answer(PermessageDeflate.FULL_CONTEXT, "permessage-deflate; " + offered))
                    .isEqualTo("permessage-deflate; " + answered);
        }

        @ParameterizedTest(name = "E13 \"{0}\" needs no answer")
        @ValueSource(strings = {"client_max_window_bits", "client_max_window_bits=15"})
        void theWholeWindowNeedsNoAnswer(String parameter) {
            assertThat(answer(PermessageDeflate.FULL_CONTEXT, "permessage-deflate; " + parameter))
                    .isEqualTo("permessage-deflate");
        }

        @Test
        @DisplayName("E13 client_max_window_bits is answered only where it was offered")
        void aClientThatCannotIsNotAskedForASmallerWindow() {
            PermessageDeflate wish = new PermessageDeflate(0, 4096);
            assertThat(answer(wish, "permessage-deflate; client_max_window_bits"))
                    .isEqualTo(
                            "permessage-deflate; server_no_context_takeover;"
                                    + " client_max_window_bits=12");
            assertThat(answer(wish, "permessage-deflate"))
                    .isEqualTo(
                            "permessage-deflate; server_no_context_takeover;"
                                    + " client_no_context_takeover");
        }

        @Test
        @DisplayName("E14 E15 by default no context is taken over either way")
        void withoutContext() {
            String offer = "permessage-deflate; client_max_window_bits";
            assertThat(answer(PermessageDeflate.NO_CONTEXT, offer))
                    .isEqualTo(
                            "permessage-deflate; server_no_context_takeover;"
                                    + " client_no_context_takeover");
            assertThat(agreed(PermessageDeflate.NO_CONTEXT, offer))
                    .isEqualTo(PermessageDeflate.NO_CONTEXT);
        }

        @Test
        void whatWasAgreedIsWhatIsKept() {
            assertThat(
                            agreed(
                                    PermessageDeflate.FULL_CONTEXT,
                                    "permessage-deflate; server_no_context_takeover;"
                                            + " client_max_window_bits=10"))
                    .isEqualTo(new PermessageDeflate(0, 1024));
        }

        @ParameterizedTest
        @ValueSource(ints = {-1, 1, 256, 1000, 65_536, Integer.MIN_VALUE})
        void aContextIsAPowerOf2ThatZlibHas(int context) {
            assertThatThrownBy(() -> new PermessageDeflate(context, 0))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> new PermessageDeflate(0, context))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Nested
    class Rfc7692Section5_2Clients {
        @ParameterizedTest(name = "a wish for {0}, {1} is offered as \"{2}\"")
        @CsvSource({
            "0, 0, ; server_no_context_takeover; client_no_context_takeover",
            "32768, 0, ; client_no_context_takeover",
            "4096, 32768, ; server_max_window_bits=12",
            "32768, 512, ''",
        })
        void offers(int server, int client, String parameters) {
            assertThat(request(new PermessageDeflate(server, client)))
                    .contains(HEADER + ": permessage-deflate" + parameters + "\r\n");
        }

        @Test
        void nothingIsOfferedWithoutCompression() {
            assertThat(request(null)).doesNotContain(HEADER);
        }

        @ParameterizedTest(name = "the server''s answer \"{0}\" agrees to {1}, {2}")
        @CsvSource({
            "'', 32768, 32768",
            "; server_no_context_takeover, 0, 32768",
            "; client_no_context_takeover, 32768, 0",
            "; server_max_window_bits=10, 1024, 32768",
            "; server_max_window_bits=8, 512, 32768",
            "; server_no_context_takeover; client_no_context_takeover, 0, 0",
        })
        void agrees(String parameters, int server, int client) {
            assertThat(judge(PermessageDeflate.FULL_CONTEXT, "permessage-deflate" + parameters))
                    .isEqualTo(
                            new ClientHandshake.Answer.Accepted(
                                    null,
                                    new PermessageDeflate(server, client),
                                    headers("permessage-deflate" + parameters)));
        }

        @ParameterizedTest(name = "the server''s answer \"{0}\" fails the connection")
        @ValueSource(
                strings = {
                    "permessage-deflate; client_max_window_bits=10",
                    "permessage-deflate; client_max_window_bits",
                    "permessage-deflate; server_max_window_bits",
                    "permessage-deflate; server_max_window_bits=7",
                    "permessage-deflate; unknown",
                    "permessage-deflate; server_no_context_takeover; server_no_context_takeover",
                    "permessage-deflate; client_no_context_takeover=1",
                    "permessage-deflate, permessage-deflate",
                    "permessage-deflate, foo",
                    "foo",
                    "permessage-deflate;;",
                    ",",
                })
        void fails(String answer) {
            assertThat(judge(PermessageDeflate.FULL_CONTEXT, answer)).isInstanceOf(Violation.class);
        }

        @Test
        @DisplayName("section 7.1.1.1: who accepts server_no_context_takeover repeats it")
        void noContextOfTheServerMustBeConfirmed() {
            assertThat(judge(PermessageDeflate.NO_CONTEXT, "permessage-deflate"))
                    .isInstanceOf(Violation.class);
            assertThat(
                            judge(
                                    new PermessageDeflate(0, 0),
                                    "permessage-deflate; server_no_context_takeover"))
                    .isInstanceOf(ClientHandshake.Answer.Accepted.class);
        }

        @ParameterizedTest(name = "section 7.1.2.1: a window that is asked for and not given: {0}")
        @ValueSource(strings = {"", "; server_max_window_bits=13"})
        void aSmallerWindowOfTheServerMustBeConfirmed(String parameters) {
            assertThat(judge(new PermessageDeflate(4096, 0), "permessage-deflate" + parameters))
                    .isInstanceOf(Violation.class);
        }

        @Test
        void anAnswerWithoutAnOfferFails() {
            assertThat(judge(null, "permessage-deflate")).isInstanceOf(Violation.class);
        }

        @Test
        void aServerMayDecline() {
            assertThat(judge(PermessageDeflate.NO_CONTEXT, null))
                    .isEqualTo(new ClientHandshake.Answer.Accepted(null, null, headers(null)));
        }

        private static String request(PermessageDeflate wish) {
            ByteBuffer request = handshake(wish).request();
            return ISO_8859_1.decode(request).toString();
        }

        private static ClientHandshake handshake(PermessageDeflate wish) {
            return new ClientHandshake(
                    URI.create("ws://localhost/"), List.of(), wish, List.of(), new Random(1), 1000);
        }

        private static ClientHandshake.Answer judge(PermessageDeflate wish, String answer) {
            String head =
                    headers(answer).stream()
                            .map(header -> header.getKey() + ": " + header.getValue() + "\r\n")
                            .collect(Collectors.joining("", "HTTP/1.1 101 Yes\r\n", "\r\n"));
            return handshake(wish).receive(ByteBuffer.wrap(head.getBytes(ISO_8859_1)));
        }

        private static List<Map.Entry<String, String>> headers(String extensions) {
            String key = request(null).replaceAll("(?s).*Sec-WebSocket-Key: (\\S+).*", "$1");
            return Stream.of(
                            Map.entry("Upgrade", "websocket"),
                            Map.entry("Connection", "Upgrade"),
                            Map.entry("Sec-WebSocket-Accept", HandshakeKey.accept(key)),
                            Map.entry(HEADER, extensions == null ? "" : extensions))
                    .filter(header -> !header.getKey().equals(HEADER) || extensions != null)
                    .toList();
        }
    }
}
