package io.switchboard.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.websocket.ServerHandshake.Answer;
import io.switchboard.websocket.ServerHandshake.Answer.Accepted;
import io.switchboard.websocket.ServerHandshake.Answer.NotAnUpgrade;
import io.switchboard.websocket.ServerHandshake.Answer.Refused;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ServerHandshakeTest {
    private static final List<String> STOMP = List.of("v12.stomp", "v11.stomp", "v10.stomp");

    /// A valid request, and ways to spoil it.
    private record Request(
            String method,
            String version,
            String target,
            List<Map.Entry<String, String>> headers,
            boolean hasBody) {

        static Request valid() {
            return new Request(
                    "GET",
                    "HTTP/1.1",
                    "/ws",
                    List.of(
                            Map.entry("Host", "localhost:8080"),
                            Map.entry("Upgrade", "websocket"),
                            Map.entry("Connection", "Upgrade"),
                            Map.entry("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
                            Map.entry("Sec-WebSocket-Version", "13")),
                    false);
        }

        Request method(String other) {
            return new Request(other, version, target, headers, hasBody);
        }

        Request version(String other) {
            return new Request(method, other, target, headers, hasBody);
        }

        Request target(String other) {
            return new Request(method, version, other, headers, hasBody);
        }

        Request body() {
            return new Request(method, version, target, headers, true);
        }

        Request without(String name) {
            var fewer = headers.stream().filter(each -> !each.getKey().equals(name)).toList();
            return new Request(method, version, target, fewer, hasBody);
        }

        Request with(String name, String value) {
            var more = new ArrayList<>(headers);
            more.add(Map.entry(name, value));
            return new Request(method, version, target, more, hasBody);
        }

        Request instead(String name, String value) {
            return without(name).with(name, value);
        }

        Answer answer() {
            return ServerHandshake.answer(
                    new HandshakeRequest(method, version, target, headers, hasBody), STOMP);
        }
    }

    private static Accepted accepted(Request request) {
        assertThat(request.answer()).isInstanceOf(Accepted.class);
        return (Accepted) request.answer();
    }

    private static Refused refused(Request request) {
        assertThat(request.answer()).isInstanceOf(Refused.class);
        return (Refused) request.answer();
    }

    @Nested
    class Rfc6455Section4_2_2Accepting {
        @Test
        @DisplayName("A1 a valid request gets the digest of its key and nothing it did not offer")
        void aValidRequestIsAccepted() {
            // The key and its answer are those of RFC 6455 section 1.3.
            assertThat(Request.valid().answer())
                    .isEqualTo(
                            new Accepted(
                                    "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
                                    null,
                                    null,
                                    List.of(
                                            Map.entry("Upgrade", "websocket"),
                                            Map.entry("Connection", "Upgrade"),
                                            Map.entry(
                                                    "Sec-WebSocket-Accept",
                                                    "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="))));
        }

        @Test
        @DisplayName("E1 an extension that is offered is declined")
        void extensionsAreDeclined() {
            var request =
                    Request.valid()
                            .with(
                                    "Sec-WebSocket-Extensions",
                                    "permessage-deflate; client_max_window_bits");
            assertThat(accepted(request)).isEqualTo(accepted(Request.valid()));
        }
    }

    @Nested
    class Rfc6455Section4_4Versions {
        @ParameterizedTest(name = "A2 A4 version {0} gets 426 and the version we speak")
        @ValueSource(strings = {"12", "14", "0", "255", "8", "7"})
        void otherVersionsAreRefused(String version) {
            assertUpgradeRequired(Request.valid().instead("Sec-WebSocket-Version", version));
        }

        @ParameterizedTest(name = "A5 version \"{0}\" is not 13")
        @ValueSource(strings = {"013", "13, 8", "+13", "13.0", "", "1 3"})
        void versionsAreComparedAsTheyAre(String version) {
            assertUpgradeRequired(Request.valid().instead("Sec-WebSocket-Version", version));
        }

        @Test
        @DisplayName("A3 no version gets 426 and the version we speak")
        void theVersionIsNeeded() {
            assertUpgradeRequired(Request.valid().without("Sec-WebSocket-Version"));
        }

        @Test
        @DisplayName("A6 Sec-WebSocket-Version sent twice gets 400")
        void theVersionIsSentOnce() {
            var request = Request.valid().with("sec-websocket-version", "13");
            assertThat(refused(request).status()).isEqualTo(400);
        }

        private void assertUpgradeRequired(Request request) {
            Refused refused = refused(request);
            assertThat(refused.status()).isEqualTo(426);
            assertThat(refused.headers())
                    .contains(
                            Map.entry("Sec-WebSocket-Version", "13"),
                            Map.entry("Upgrade", "websocket"),
                            Map.entry("Connection", "Upgrade"));
        }
    }

    @Nested
    class Rfc6455Section4_2_1Key {
        @Test
        @DisplayName("A7 no key gets 400")
        void theKeyIsNeeded() {
            assertThat(refused(Request.valid().without("Sec-WebSocket-Key")).status())
                    .isEqualTo(400);
        }

        @ParameterizedTest(name = "A8 key \"{0}\" gets 400")
        @ValueSource(
                strings = {
                    "",
                    "not base64 at all !!!!!!",
                    "dGhlIHNhbXBsZSBub25jZQ=", // padding cut
                    "dGhlIHNhbXBsZSBub25jZQ", // no padding
                    "dGhlIHNhbXBsZSBub25jZR==", // bits to spare that are not 0
                    "AAAAAAAAAAAAAAAAAAAA", // 15 bytes
                    "AAAAAAAAAAAAAAAAAAAAAAA=", // 17 bytes
                    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", // 32 bytes
                    "dGhlIHNhbXBs-SBub25jZQ==", // the alphabet of URLs
                    "dGhlIHNhbXBsZSBub25j\u0130Q==",
                })
        void theKeyIs16BytesInBase64(String key) {
            assertThat(refused(Request.valid().instead("Sec-WebSocket-Key", key)).status())
                    .isEqualTo(400);
        }

        @Test
        @DisplayName("A9 a key sent twice gets 400")
        void theKeyIsSentOnce() {
            var request = Request.valid().with("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==");
            assertThat(refused(request).status()).isEqualTo(400);
        }
    }

    @Nested
    class Rfc6455Section4_2_1RequestLine {
        @ParameterizedTest(name = "A10 method {0} gets 405")
        @ValueSource(strings = {"POST", "HEAD", "PUT", "get", "Get", "CONNECT", ""})
        void theMethodIsGet(String method) {
            Refused refused = refused(Request.valid().method(method));
            assertThat(refused.status()).isEqualTo(405);
            assertThat(refused.headers()).contains(Map.entry("Allow", "GET"));
        }

        @Test
        @DisplayName("A11 Upgrade is ignored in HTTP/1.0")
        void http10DoesNotUpgrade() {
            assertThat(Request.valid().version("HTTP/1.0").answer())
                    .isInstanceOf(NotAnUpgrade.class);
        }

        @ParameterizedTest(name = "A12 {0} on an HTTP/1 connection gets 505")
        @ValueSource(strings = {"HTTP/2.0", "HTTP/9.9", "HTTP/0.9"})
        void otherMajorVersionsAreRefused(String version) {
            assertThat(refused(Request.valid().version(version)).status()).isEqualTo(505);
        }

        @ParameterizedTest(name = "A12 version \"{0}\" gets 400")
        @ValueSource(strings = {"", "HTTP/1", "http/1.1", "HTTP/1.10", "HTTP/1.1 ", "HTTPS/1.1"})
        void whatIsNotAVersionIsRefused(String version) {
            assertThat(refused(Request.valid().version(version)).status()).isEqualTo(400);
        }

        @Test
        void aHigherMinorVersionIsGood() {
            accepted(Request.valid().version("HTTP/1.2"));
        }

        @ParameterizedTest(name = "A21 target {0} is good")
        @ValueSource(
                strings = {
                    "/",
                    "/ws",
                    "/ws?token=a%20b&x=1/2?3",
                    "/a;b=c/@:d",
                    "/ws?q={[|]}^`",
                    "http://localhost:8080/ws",
                    "WS://localhost/ws?x",
                    "https://[::1]:8443/ws",
                    "http://localhost",
                    "http://localhost?x",
                })
        void pathsAndAbsoluteTargetsAreGood(String target) {
            accepted(Request.valid().target(target));
        }

        @ParameterizedTest(name = "A22 target \"{0}\" gets 400")
        @ValueSource(
                strings = {
                    "",
                    "*",
                    "ws",
                    "/ws#fragment",
                    "/ws?x#",
                    "/w s",
                    "/w\u0000s",
                    "/w\u00fcs",
                    "/\u0661",
                    "/ws%",
                    "/ws%2",
                    "/ws%zz",
                    "/ws?x=%g0",
                    "/ws%\uff11\uff11",
                    "/<ws>",
                    "/\"ws\"",
                    "/\\ws",
                    "localhost:8080",
                    "ftp://localhost/ws",
                    "://localhost/ws",
                    "http:///ws",
                    "http://user@localhost/ws",
                    "http://localhost:x/ws",
                    "http://localhost/ws#f",
                })
        void otherTargetsAreRefused(String target) {
            assertThat(refused(Request.valid().target(target)).status()).isEqualTo(400);
        }
    }

    @Nested
    class Rfc9112Section3_2Host {
        @Test
        @DisplayName("A13 no Host gets 400")
        void theHostIsNeeded() {
            assertThat(refused(Request.valid().without("Host")).status()).isEqualTo(400);
        }

        @Test
        @DisplayName("A13 two Hosts get 400, also when they are the same")
        void theHostIsSentOnce() {
            var request = Request.valid().with("host", "localhost:8080");
            assertThat(refused(request).status()).isEqualTo(400);
        }

        @ParameterizedTest(name = "A13 Host \"{0}\" gets 400")
        @ValueSource(
                strings = {
                    "",
                    ":8080",
                    "a b",
                    "a,b:x",
                    "user@localhost",
                    "localhost/ws",
                    "localhost:port",
                    "localhost:80:80",
                    "localhost:65536",
                    "localhost:123456",
                    "localhost:-1",
                    "[::1",
                    "[]",
                    "::1",
                    "[::1]8080",
                    "[::z%]",
                    "loc\u00e4l",
                    "a%2",
                })
        void theHostIsANameOrAddress(String host) {
            assertThat(refused(Request.valid().instead("Host", host)).status()).isEqualTo(400);
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "localhost",
                    "localhost:",
                    "127.0.0.1:65535",
                    "[::1]",
                    "[::1]:8080",
                    "a_b.c-d",
                    "a%20b"
                })
        void namesAndAddressesAreGood(String host) {
            accepted(Request.valid().instead("Host", host));
        }
    }

    @Nested
    class Rfc9110Section7_8Upgrade {
        @ParameterizedTest(name = "A14 A15 Upgrade: {0}, Connection: {1}")
        @CsvSource(
                delimiter = ';',
                value = {
                    "WEBSOCKET; upgrade",
                    "WebSocket; keep-alive, Upgrade",
                    "websocket; keep-alive ,\t UPGRADE ,",
                    "foo, websocket; Upgrade",
                    "websocket,h2c; Upgrade, HTTP2-Settings",
                })
        void tokensAreMembersOfAListWithoutCase(String upgrade, String connection) {
            accepted(Request.valid().instead("Upgrade", upgrade).instead("Connection", connection));
        }

        @Test
        @DisplayName("A15 a list may be spread over header lines")
        void tokensMayStandInAnyLine() {
            accepted(
                    Request.valid()
                            .instead("Upgrade", "foo")
                            .with("upgrade", "websocket")
                            .instead("Connection", "keep-alive")
                            .with("CONNECTION", "Upgrade"));
        }

        @ParameterizedTest(name = "A16 {0}: {1} is an ordinary request")
        @CsvSource({
            "Upgrade, websockets",
            "Upgrade, notwebsocket",
            "Upgrade, websocket/13",
            "Upgrade, h2c",
            "Upgrade, ''",
            "Connection, notupgrade",
            "Connection, keep-alive",
            "Connection, upgrades",
            "Connection, up grade",
        })
        void partsOfTokensAreNotTokens(String name, String value) {
            assertThat(Request.valid().instead(name, value).answer())
                    .isInstanceOf(NotAnUpgrade.class);
        }

        @ParameterizedTest(name = "A16 without {0} it is an ordinary request")
        @ValueSource(strings = {"Upgrade", "Connection"})
        void bothTokensAreNeeded(String name) {
            assertThat(Request.valid().without(name).answer()).isInstanceOf(NotAnUpgrade.class);
        }
    }

    @Nested
    class Rfc9110Section5Fields {
        @ParameterizedTest(name = "A17 header name \"{0}\" gets 400")
        @ValueSource(strings = {"X-Space ", " X-Space", "X Y", "", "X\u0000", "X:", "\u00dc"})
        void namesAreTokens(String name) {
            assertThat(refused(Request.valid().with(name, "x")).status()).isEqualTo(400);
        }

        @ParameterizedTest(name = "A18 A19 a value with a control character gets 400")
        @ValueSource(strings = {"a\u0000b", "a\rb", "a\nb", "a\r\n b", "a\u001bb", "a\u007fb"})
        void valuesHaveNoControlCharacters(String value) {
            assertThat(refused(Request.valid().with("X-Any", value)).status()).isEqualTo(400);
        }

        @Test
        void tabsAndOctetsAboveAsciiAreGood() {
            accepted(Request.valid().with("X-Any", "a\tb\u00fc"));
        }

        @ParameterizedTest(name = "A26 nothing of the request is in the answer: {0}")
        @CsvSource({
            "Sec-WebSocket-Protocol, evil@name",
            "Sec-WebSocket-Extensions, evil@name",
            "Sec-WebSocket-Version, evil@name",
            "Sec-WebSocket-Key, evil@name",
            "Host, evil@name",
        })
        void refusalsDoNotReflect(String name, String value) {
            Refused refused = refused(Request.valid().instead(name, value));
            assertThat(refused.toString()).doesNotContain("evil");
        }

        @Test
        @DisplayName("A26 an unknown subprotocol is not reflected")
        void answersDoNotReflect() {
            var request = Request.valid().with("Sec-WebSocket-Protocol", "evil, v12.stomp");
            assertThat(accepted(request).toString()).doesNotContain("evil");
        }
    }

    @Nested
    class Rfc9112Section6MessageBodies {
        @Test
        @DisplayName("B1 B2 a body behind the upgrade gets 400 and the end of the connection")
        void anUpgradeHasNoBody() {
            assertRefusedAndClosed(Request.valid().body());
        }

        @ParameterizedTest(name = "B1 B3 B4 B5 {0}: {1} gets 400 and the end of the connection")
        @CsvSource({
            "Content-Length, 5",
            "Content-Length, -1",
            "Content-Length, '5, 6'",
            "Content-Length, '0, 0'",
            "Content-Length, 00",
            "Content-Length, ''",
            "Transfer-Encoding, chunked",
            "Transfer-Encoding, identity",
            "transfer-encoding, ''",
        })
        void headersThatAnnounceABodyAreRefused(String name, String value) {
            assertRefusedAndClosed(Request.valid().with(name, value));
        }

        @Test
        @DisplayName("B5 two different lengths get 400")
        void lengthsDoNotDiffer() {
            assertRefusedAndClosed(
                    Request.valid().with("Content-Length", "0").with("Content-Length", "5"));
        }

        @Test
        @DisplayName("B4 a length and an encoding get 400")
        void lengthAndEncodingExcludeEachOther() {
            assertRefusedAndClosed(
                    Request.valid()
                            .with("Content-Length", "0")
                            .with("Transfer-Encoding", "chunked"));
        }

        @Test
        void aLengthOfZeroIsNoBody() {
            accepted(Request.valid().with("Content-Length", "0"));
        }

        @Test
        @DisplayName("B9 Expect gets 417: there is no content to continue with")
        void expectationsFail() {
            assertThat(refused(Request.valid().with("Expect", "100-continue")).status())
                    .isEqualTo(417);
        }

        private void assertRefusedAndClosed(Request request) {
            Refused refused = refused(request);
            assertThat(refused.status()).isEqualTo(400);
            assertThat(refused.headers()).contains(Map.entry("Connection", "close"));
        }
    }

    @Nested
    class Rfc6455Section11_3_4Subprotocols {
        @ParameterizedTest(name = "D1 of \"{0}\" the server prefers {1}")
        @CsvSource(
                delimiter = ';',
                value = {
                    "v10.stomp, v11.stomp, v12.stomp; v12.stomp",
                    "v10.stomp,v11.stomp; v11.stomp",
                    "v10.stomp; v10.stomp",
                    "other, v10.stomp; v10.stomp",
                    ", v11.stomp ,,; v11.stomp",
                })
        void theServersPreferenceDecides(String offered, String chosen) {
            Accepted accepted = accepted(offering(offered));
            assertThat(accepted.subprotocol()).isEqualTo(chosen);
            assertThat(accepted.headers()).contains(Map.entry("Sec-WebSocket-Protocol", chosen));
        }

        @Test
        @DisplayName("D1 offers may be spread over header lines")
        void allHeaderLinesCount() {
            var request =
                    offering("v10.stomp").with("sec-websocket-protocol", "v11.stomp, v12.stomp");
            assertThat(accepted(request).subprotocol()).isEqualTo("v12.stomp");
        }

        @ParameterizedTest(name = "D2 D3 \"{0}\" is accepted without a subprotocol")
        @ValueSource(strings = {"wamp", "V12.STOMP", "v12.stomp2, v12", "a, b, c"})
        void unknownNamesAreNotChosen(String offered) {
            Accepted accepted = accepted(offering(offered));
            @Nullable String chosen = accepted.subprotocol();
            assertThat(chosen).isNull();
            assertThat(accepted.headers())
                    .noneMatch(header -> header.getKey().equals("Sec-WebSocket-Protocol"));
        }

        @ParameterizedTest(name = "D4 \"{0}\" gets 400")
        @ValueSource(
                strings = {
                    "a b, ,@",
                    "a b",
                    "v12.stomp;q=1",
                    "@",
                    "",
                    " , ,",
                    "\"v12.stomp\"",
                    "v12.stomp, v12.stomp",
                    "a, v12.stomp, a",
                })
        void malformedListsAreRefused(String offered) {
            assertThat(refused(offering(offered)).status()).isEqualTo(400);
        }

        @Test
        @DisplayName("D4 the same name in two header lines gets 400")
        void namesAreOfferedOnceInAllLines() {
            var request = offering("v12.stomp").with("Sec-WebSocket-Protocol", "v12.stomp");
            assertThat(refused(request).status()).isEqualTo(400);
        }

        private Request offering(String subprotocols) {
            return Request.valid().with("Sec-WebSocket-Protocol", subprotocols);
        }
    }

    @Nested
    class Rfc6455Section9_1Extensions {
        @ParameterizedTest(name = "E2 \"{0}\" gets 400")
        @ValueSource(
                strings = {
                    "permessage-deflate;;",
                    "permessage-deflate;",
                    "permessage-deflate; =10",
                    "permessage-deflate; a=",
                    "@@@",
                    "a; b=\"c",
                    "a; b=\"\"",
                    "a; b=\"c d\"",
                    "a; b=\"c\\",
                    "a; b=c d",
                    "a b",
                    "a=b",
                    "",
                    ",",
                })
        void malformedListsAreRefused(String offered) {
            var request = Request.valid().with("Sec-WebSocket-Extensions", offered);
            assertThat(refused(request).status()).isEqualTo(400);
        }

        @ParameterizedTest(name = "E1 E11 \"{0}\" is declined")
        @ValueSource(
                strings = {
                    "permessage-deflate",
                    "a ; b ; c = d,e",
                    "a; b=\"10\"",
                    "a; b=\"1\\0\" ; c , d",
                    ", a,,b",
                    "x-webkit-deflate-frame",
                })
        void wellFormedListsAreDeclined(String offered) {
            var request = Request.valid().with("Sec-WebSocket-Extensions", offered);
            assertThat(accepted(request)).isEqualTo(accepted(Request.valid()));
        }

        @Test
        @DisplayName("C6 ten thousand offers are looked at once each")
        void manyOffersAreDeclined() {
            var request =
                    Request.valid()
                            .with("Sec-WebSocket-Extensions", "permessage-deflate,".repeat(10_000));
            assertThat(accepted(request)).isEqualTo(accepted(Request.valid()));
        }
    }
}
