package io.switchboard.server.http;

import static io.switchboard.server.http.Requests.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.switchboard.server.http.TrustedProxies.Sender;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class TrustedProxiesTest {
    private static final TrustedProxies PROXIES =
            TrustedProxies.of(List.of("10.0.0.0/8", "fd00::/8"));

    private static Sender sender(String from, String... headers) throws UnknownHostException {
        return PROXIES.sender(InetAddress.getByName(from), from + ":1", get("/ws", headers));
    }

    @Nested
    final class Networks {
        @ParameterizedTest
        @CsvSource({
            "10.0.0.0/8, 10.255.255.255, true",
            "10.0.0.0/8, 11.0.0.0, false",
            "10.0.0.0/8, ::a00:1, false",
            "192.0.2.7, 192.0.2.7, true",
            "192.0.2.7, 192.0.2.6, false",
            "192.0.2.128/25, 192.0.2.127, false",
            "192.0.2.128/25, 192.0.2.200, true",
            "0.0.0.0/0, 203.0.113.9, true",
            "0.0.0.0/0, 2001:db8::1, false",
            "fd00::/8, fdff::1, true",
            "fd00::/8, fe00::1, false",
            "::1, ::1, true",
            "::ffff:192.0.2.7, 192.0.2.7, true"
        })
        void holdTheirAddresses(String network, String address, boolean held) throws Exception {
            assertThat(TrustedProxies.of(List.of(network)).trusts(InetAddress.getByName(address)))
                    .isEqualTo(held);
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "",
                    "/",
                    "10.0.0.0/",
                    "10.0.0.0/33",
                    "10.0.0.0/-1",
                    "10.0.0.1/8",
                    "::/129",
                    "[::1]",
                    "localhost",
                    "10.0.0",
                    "10.0.0.0/8/8",
                    "10.0.0.0/+8",
                    "1.2.3.4:80"
                })
        void areWrittenLikeThis(String text) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> TrustedProxies.check(text))
                    .withMessageContaining("like 192.0.2.7, 10.0.0.0/8 or fd00::/8");
        }
    }

    @Nested
    final class WhatNobodyVouchesFor {
        @ParameterizedTest
        @ValueSource(strings = {"Forwarded", "X-Forwarded-For", "X-Forwarded-Proto"})
        void isNoNews(String name) throws Exception {
            assertThat(sender("192.0.2.1", name, "for=127.0.0.1"))
                    .isEqualTo(new Sender("192.0.2.1:1", null));
        }

        @Test
        void noProxyAtAllIsTrustedByDefault() throws Exception {
            assertThat(
                            TrustedProxies.NONE.sender(
                                    InetAddress.getByName("127.0.0.1"),
                                    "127.0.0.1:1",
                                    get("/ws", "X-Forwarded-For", "192.0.2.1")))
                    .isEqualTo(new Sender("127.0.0.1:1", null));
        }
    }

    @Nested
    final class XForwarded {
        @ParameterizedTest
        @CsvSource(
                delimiter = '|',
                value = {
                    "192.0.2.1 | 192.0.2.1",
                    "192.0.2.1:4711 | 192.0.2.1:4711",
                    "2001:DB8::1 | [2001:db8:0:0:0:0:0:1]",
                    "[2001:db8::1]:80 | [2001:db8:0:0:0:0:0:1]:80",
                    "198.51.100.9, 192.0.2.1 | 192.0.2.1",
                    "198.51.100.9, 192.0.2.1, 10.0.0.2 | 192.0.2.1",
                    "192.0.2.1, unknown | 10.0.0.1:1",
                    "unknown, 10.0.0.2 | 10.0.0.2",
                    "rubbish, 192.0.2.1 | NULL",
                    "192.0.2.256 | NULL",
                    "for=192.0.2.1 | NULL",
                    "' ,, ' | 10.0.0.1:1"
                })
        void theLastThatIsNoProxyOfOursIsTheClient(String value, String client) throws Exception {
            Sender sender = sender("10.0.0.1", "X-Forwarded-For", value);

            assertThat(sender == null ? "NULL" : sender.address()).isEqualTo(client);
        }

        @Test
        void severalLinesAreOneList() throws Exception {
            assertThat(
                            sender(
                                    "10.0.0.1",
                                    "X-Forwarded-For",
                                    "198.51.100.9",
                                    "x-forwarded-for",
                                    "192.0.2.1"))
                    .isEqualTo(new Sender("192.0.2.1", null));
        }

        @ParameterizedTest
        @CsvSource({
            "https, https",
            "HTTPS, https",
            "wss, https",
            "http, http",
            "'https, http', https"
        })
        void theSchemeIsTheClients(String value, String scheme) throws Exception {
            assertThat(sender("10.0.0.1", "X-Forwarded-Proto", value))
                    .isEqualTo(new Sender("10.0.0.1:1", scheme));
            assertThat(
                            sender(
                                    "10.0.0.1",
                                    "X-Forwarded-Proto",
                                    value,
                                    "X-Forwarded-For",
                                    "192.0.2.1"))
                    .isEqualTo(new Sender("192.0.2.1", scheme));
        }

        @Test
        void anotherSchemeIsMalformed() throws Exception {
            assertThat(sender("10.0.0.1", "X-Forwarded-Proto", "gopher")).isNull();
        }
    }

    @Nested
    final class Rfc7239Forwarded {
        @ParameterizedTest
        @CsvSource(
                delimiter = '|',
                quoteCharacter = '~',
                value = {
                    "for=192.0.2.1 | 192.0.2.1 |",
                    "For=192.0.2.1;PROTO=https;by=203.0.113.43 | 192.0.2.1 | https",
                    "for=\"192.0.2.1:80\" | 192.0.2.1:80 |",
                    "for=\"192.0.2.1:_port\" | 192.0.2.1 |",
                    "for=\"[2001:db8::1]:80\";proto=http | [2001:db8:0:0:0:0:0:1]:80 | http",
                    "for=198.51.100.9, for=192.0.2.1 ; proto=wss | 192.0.2.1 | https",
                    "for=192.0.2.1;proto=https, for=10.0.0.2 | 192.0.2.1 | https",
                    "for=unknown;proto=https | 10.0.0.1:1 | https",
                    "for=_hidden | 10.0.0.1:1 |",
                    "by=_me | 10.0.0.1:1 |",
                    ", for=192.0.2.1 , | 192.0.2.1 |"
                })
        void theLastThatIsNoProxyOfOursIsTheClient(String value, String client, String scheme)
                throws Exception {
            assertThat(sender("10.0.0.1", "Forwarded", value))
                    .isEqualTo(new Sender(client, scheme));
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "for",
                    "for=",
                    "for=\"192.0.2.1",
                    "for=192.0.2.1;for=192.0.2.2",
                    "for=192.0.2.1 proto=https",
                    "for =192.0.2.1",
                    "for=[2001:db8::1]",
                    "for=\"\\1\"",
                    "for=example.com",
                    "for=192.0.2.1;proto=gopher"
                })
        void otherGrammarIsMalformed(String value) throws Exception {
            assertThat(sender("10.0.0.1", "Forwarded", value)).isNull();
        }
    }

    @Nested
    final class BothWays {
        @Test
        void mustSayTheSame() throws Exception {
            assertThat(
                            sender(
                                    "10.0.0.1",
                                    "Forwarded",
                                    "for=192.0.2.1",
                                    "X-Forwarded-For",
                                    "192.0.2.1"))
                    .isEqualTo(new Sender("192.0.2.1", null));
        }

        /// One of them came from the client, through a proxy that does not know it.
        @Test
        void elseNeitherIsBelieved() throws Exception {
            assertThat(
                            sender(
                                    "10.0.0.1",
                                    "Forwarded",
                                    "for=127.0.0.1",
                                    "X-Forwarded-For",
                                    "192.0.2.1"))
                    .isNull();
        }
    }

    @Test
    void longHeadersAreReadWithoutTrouble() throws Exception {
        assertThat(sender("10.0.0.1", "Forwarded", "for=\"" + "x".repeat(16_000) + "\"")).isNull();
        assertThat(sender("10.0.0.1", "Forwarded", "for=10.0.0.1,".repeat(1_200) + "for=192.0.2.1"))
                .isEqualTo(new Sender("192.0.2.1", null));
        assertThat(sender("10.0.0.1", "X-Forwarded-For", "1".repeat(16_000))).isNull();
    }
}
