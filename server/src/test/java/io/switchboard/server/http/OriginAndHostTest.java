package io.switchboard.server.http;

import static io.switchboard.server.http.Requests.request;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.switchboard.server.WebOptions;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class OriginAndHostTest {
    private static final MachineNames MACHINE =
            new MachineNames(
                    Set.of(address("192.0.2.7"), address("2001:db8::7"), address("127.0.0.1")),
                    Set.of("Desk"));
    private static final WebOptions NO_MORE = WebOptions.DEFAULT;

    private static final OriginAndHost LOOPBACK = plain("127.0.0.1", NO_MORE);
    private static final OriginAndHost LOOPBACK_TLS =
            OriginAndHost.of(true, address("127.0.0.1"), MACHINE, NO_MORE);
    private static final OriginAndHost ONE_ADDRESS = plain("192.0.2.7", NO_MORE);
    private static final OriginAndHost ANY_ADDRESS = plain("0.0.0.0", NO_MORE);

    @Nested
    final class Host {
        @ParameterizedTest
        @ValueSource(
                strings = {
                    "localhost",
                    "localhost:8080",
                    "localhost:1",
                    "localhost:",
                    "LocalHost:8080",
                    "localhost.",
                    "chat.localhost:8080",
                    "127.0.0.1",
                    "127.0.0.1:8080",
                    "127.255.0.3:8080",
                    "[::1]",
                    "[::1]:8080",
                    "[0:0:0:0:0:0:0:1]:8080",
                    "[::ffff:127.0.0.1]"
                })
        void loopbackListenersGoByTheNamesOfLoopback(String host) {
            assertThat(hostStatus(LOOPBACK, host)).isEqualTo(200);
            assertThat(hostStatus(LOOPBACK_TLS, host)).isEqualTo(200);
            assertThat(hostStatus(ANY_ADDRESS, host)).isEqualTo(200);
        }

        /// What a name that was rebound to 127.0.0.1 looks like to the server.
        @ParameterizedTest
        @ValueSource(
                strings = {
                    "evil.example",
                    "evil.example:8080",
                    "localhost.evil.example",
                    "127.0.0.1.evil.example",
                    "notlocalhost",
                    "evil-localhost",
                    "desk",
                    "192.0.2.7",
                    "0.0.0.0",
                    "[::]",
                    "[2001:db8::7]"
                })
        void loopbackListenersGoByNoOtherName(String host) {
            assertThat(hostStatus(LOOPBACK, host)).isEqualTo(403);
            assertThat(hostStatus(LOOPBACK_TLS, host)).isEqualTo(403);
        }

        @ParameterizedTest
        @CsvSource({
            "192.0.2.7, 200, 200",
            "192.0.2.7:1, 200, 200",
            "desk:8080, 200, 200",
            "DESK, 200, 200",
            "[2001:db8::7], 403, 200",
            "localhost, 403, 200",
            "127.0.0.1, 403, 200",
            "192.0.2.8, 403, 403",
            "desk.example, 403, 403"
        })
        void othersGoByTheirAddressAndTheMachinesName(String host, int one, int any) {
            assertThat(hostStatus(ONE_ADDRESS, host)).isEqualTo(one);
            assertThat(hostStatus(ANY_ADDRESS, host)).isEqualTo(any);
        }

        @Test
        void configuredNamesAreGoodToo() {
            WebOptions web =
                    new WebOptions(
                            List.of(), List.of("Chat.Example.com", "198.51.100.1", "[::5]"), true);
            OriginAndHost check = plain("127.0.0.1", web);

            assertThat(hostStatus(check, "chat.example.com")).isEqualTo(200);
            assertThat(hostStatus(check, "chat.example.com:444")).isEqualTo(200);
            assertThat(hostStatus(check, "198.51.100.1")).isEqualTo(200);
            assertThat(hostStatus(check, "[0::5]:80")).isEqualTo(200);
            assertThat(hostStatus(check, "example.com")).isEqualTo(403);
            assertThat(hostStatus(check, "www.chat.example.com")).isEqualTo(403);
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "",
                    " ",
                    ":8080",
                    "localhost:x",
                    "localhost:65536",
                    "localhost:8080:1",
                    "localhost,evil.example",
                    "localhost evil.example",
                    "user@localhost",
                    "localhost/",
                    "localhost?",
                    "localhost#",
                    "local%68ost",
                    ".localhost",
                    "localhost..",
                    "[::1",
                    "::1",
                    "[::1]x",
                    "[::1%25lo]",
                    "[localhost]",
                    "[:::]",
                    "127.1",
                    "0177.0.0.1",
                    "127.0.0.01",
                    "127.0.0.256",
                    "2130706433",
                    "0x7f000001",
                    "0x7f.1",
                    "evil.example;",
                    "löcalhost"
                })
        void malformedIsABadRequest(String host) {
            assertThat(hostStatus(LOOPBACK, host)).isEqualTo(400);
            assertThat(hostStatus(ANY_ADDRESS, host)).isEqualTo(400);
        }

        @Test
        void thereIsExactlyOne() {
            assertThat(status(LOOPBACK.refuseRequest(request("GET", "/")))).isEqualTo(400);
            assertThat(
                            status(
                                    LOOPBACK.refuseRequest(
                                            request(
                                                    "GET",
                                                    "/",
                                                    "Host",
                                                    "localhost",
                                                    "host",
                                                    "localhost"))))
                    .isEqualTo(400);
        }

        @Test
        void aLongOneIsMalformedWithoutMuchAdo() {
            assertThat(hostStatus(LOOPBACK, "a.".repeat(8_000))).isEqualTo(400);
            assertThat(hostStatus(LOOPBACK, "a".repeat(64))).isEqualTo(400);
        }

        /// RFC 9112 section 3.2.2: the target overrides Host.
        @ParameterizedTest
        @CsvSource({
            "http://localhost:8080/ws, localhost:8080, 200",
            "http://LOCALHOST:8080?a, localhost:8080, 200",
            "http://evil.example/ws, localhost:8080, 400",
            "http://localhost:8080/ws, evil.example, 400",
            "http://evil.example/ws, evil.example, 403",
            "http://user@localhost:8080/, localhost:8080, 400",
            "localhost:8080, localhost:8080, 400",
            "*, localhost:8080, 400"
        })
        void theTargetMustNotNameAnotherHost(String target, String host, int status) {
            assertThat(status(LOOPBACK.refuseRequest(request("GET", target, "Host", host))))
                    .isEqualTo(status);
        }

        @Test
        void isCheckedAtHandshakesToo() {
            assertThat(
                            status(
                                    LOOPBACK.refuseHandshake(
                                            request("GET", "/ws", "Host", "evil.example"))))
                    .isEqualTo(403);
            assertThat(status(LOOPBACK.refuseHandshake(request("GET", "/ws")))).isEqualTo(400);
            // The page of a rebound name is of the same origin as it.
            assertThat(originStatus(LOOPBACK, "evil.example", "http://evil.example"))
                    .isEqualTo(403);
        }
    }

    @Nested
    final class Origin {
        @Test
        void noneIsNoBrowser() {
            assertThat(status(LOOPBACK.refuseHandshake(request("GET", "/ws", "Host", "localhost"))))
                    .isEqualTo(200);
        }

        @ParameterizedTest
        @CsvSource({
            "localhost:8080, http://localhost:8080",
            "localhost:8080, HTTP://LOCALHOST:8080",
            "LOCALHOST:8080, http://localhost:8080",
            "localhost, http://localhost",
            "localhost, http://localhost:80",
            "localhost:80, http://localhost",
            "127.0.0.1:8080, http://127.0.0.1:8080",
            "[::1]:8080, http://[::1]:8080",
            "[0:0::1]:8080, http://[::1]:8080"
        })
        void theSameIsAllowed(String host, String origin) {
            assertThat(originStatus(LOOPBACK, host, origin)).isEqualTo(200);
        }

        @ParameterizedTest
        @CsvSource({
            "localhost:8443, https://localhost:8443",
            "localhost, https://localhost",
            "localhost:443, https://localhost",
            "localhost, https://localhost:443"
        })
        void theSchemeOfTlsIsHttps(String host, String origin) {
            assertThat(originStatus(LOOPBACK_TLS, host, origin)).isEqualTo(200);
            assertThat(originStatus(LOOPBACK, host, origin)).isEqualTo(403);
        }

        @ParameterizedTest
        @CsvSource({
            "localhost:8080, https://evil.example",
            "localhost:8080, http://evil.example:8080",
            "localhost:8080, http://localhost",
            "localhost:8080, http://localhost:8081",
            "localhost:8080, https://localhost:8080",
            "localhost:8080, http://127.0.0.1:8080",
            "localhost:8080, http://localhost.evil.example:8080",
            "localhost:8080, http://sub.localhost:8080",
            "localhost:8080, ws://localhost:8080",
            "localhost:8080, null",
            "localhost:8080, NULL",
            "localhost:8080, ''",
            "localhost:8080, localhost:8080",
            "localhost:8080, //localhost:8080",
            "localhost:8080, http://localhost:8080/",
            "localhost:8080, http://localhost:8080/page",
            "localhost:8080, http://user@localhost:8080",
            "localhost:8080, http://localhost:8080 http://evil.example",
            "localhost:8080, file://"
        })
        void anyOtherIsRefused(String host, String origin) {
            assertThat(originStatus(LOOPBACK, host, origin)).isEqualTo(403);
        }

        @Test
        void twoAreRefused() {
            assertThat(
                            status(
                                    LOOPBACK.refuseHandshake(
                                            request(
                                                    "GET", "/ws",
                                                    "Host", "localhost",
                                                    "Origin", "http://localhost",
                                                    "Origin", "http://localhost"))))
                    .isEqualTo(403);
        }

        @ParameterizedTest
        @CsvSource({
            "https://app.example.com, 200",
            "https://APP.example.com:443, 200",
            "http://app.example.com, 403",
            "https://app.example.com:444, 403",
            "https://example.com, 403",
            "https://app.example.com.evil.example, 403",
            "https://a.example.org, 200",
            "https://a.b.example.org, 200",
            "https://example.org, 403",
            "https://evilexample.org, 403",
            "http://a.example.org, 403",
            "http://dev.example.net:3000, 200",
            "http://dev.example.net, 403",
            "chrome-extension://abcdef, 200",
            "chrome-extension://abcdeg, 403",
            "null, 403"
        })
        void allowedOnesAreExactOrOfADomain(String origin, int status) {
            OriginAndHost check =
                    plain(
                            "127.0.0.1",
                            new WebOptions(
                                    List.of(
                                            "https://app.example.com",
                                            "https://*.example.org",
                                            "http://dev.example.net:3000",
                                            "chrome-extension://abcdef"),
                                    List.of(),
                                    true));

            assertThat(originStatus(check, "localhost:8080", origin)).isEqualTo(status);
        }

        @Test
        void anAddressIsBelowNoDomain() {
            OriginAndHost check =
                    plain(
                            "127.0.0.1",
                            new WebOptions(List.of("https://*.example.com"), List.of(), true));

            assertThat(originStatus(check, "localhost", "https://192.0.2.1")).isEqualTo(403);
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "",
                    "*",
                    "null",
                    "example.com",
                    "https://",
                    "https://*",
                    "https://*.",
                    "https://*.192.0.2.1",
                    "https://example.com/",
                    "https://a.*.example.com",
                    "https://example.com:70000"
                })
        void whatIsNoOriginCannotBeAllowed(String text) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> OriginAndHost.checkOrigin(text))
                    .withMessageStartingWith("expected ");
        }

        @ParameterizedTest
        @ValueSource(strings = {"", "*", "example.com:80", "https://example.com", "a b"})
        void whatIsNoHostCannotBeAllowed(String text) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> OriginAndHost.checkHost(text))
                    .withMessageStartingWith("expected ");
        }
    }

    @Nested
    final class Forwarding {
        @ParameterizedTest
        @ValueSource(
                strings = {
                    "Forwarded",
                    "X-Forwarded-For",
                    "x-forwarded-proto",
                    "X-Real-IP",
                    "Via",
                    "CF-Connecting-IP",
                    "True-Client-IP",
                    "X-Client-IP"
                })
        void isSeenByItsHeaders(String name) {
            assertThat(OriginAndHost.forwarded(request("GET", "/", "Host", "localhost", name, "a")))
                    .isTrue();
        }

        @Test
        void isNotSeenInOthers() {
            assertThat(
                            OriginAndHost.forwarded(
                                    request("GET", "/", "Host", "via", "X-Forwarded", "a")))
                    .isFalse();
        }
    }

    private static OriginAndHost plain(String bound, WebOptions web) {
        return OriginAndHost.of(false, address(bound), MACHINE, web);
    }

    private static int hostStatus(OriginAndHost check, String host) {
        return status(check.refuseRequest(request("GET", "/", "Host", host)));
    }

    private static int originStatus(OriginAndHost check, String host, String origin) {
        return status(check.refuseHandshake(request("GET", "/ws", "Host", host, "Origin", origin)));
    }

    /// 200 for what is not refused.
    private static int status(OriginAndHost.Refused refused) {
        return refused == null ? 200 : refused.status();
    }

    private static InetAddress address(String literal) {
        try {
            return InetAddress.getByName(literal);
        } catch (UnknownHostException e) {
            throw new AssertionError(e);
        }
    }
}
