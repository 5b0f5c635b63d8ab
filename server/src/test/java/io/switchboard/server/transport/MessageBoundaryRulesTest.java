package io.switchboard.server.transport;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.server.SwitchboardServer;
import java.util.Arrays;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Section B of the WebSocket rules: where a request ends, and what is behind it.
@TestInstance(Lifecycle.PER_CLASS)
class MessageBoundaryRulesTest {
    private static final String CONNECT = "CONNECT\naccept-version:1.2\nhost:localhost\n\n\0";
    private static final byte[] CONNECT_FRAME = Client.frame(0x81, CONNECT.getBytes(US_ASCII));
    private static final String HEALTH = "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n";

    private SwitchboardServer server;

    @BeforeAll
    void start() throws Exception {
        server = Servers.start(Servers.options());
    }

    @AfterAll
    void stop() {
        server.close();
    }

    private Client client() throws Exception {
        return Client.to(Servers.address(server, "http"));
    }

    private static byte[] joined(String head, byte[] behind) {
        byte[] first = head.getBytes(US_ASCII);
        byte[] both = Arrays.copyOf(first, first.length + behind.length);
        System.arraycopy(behind, 0, both, first.length, behind.length);
        return both;
    }

    /// One refusal, and then the end: whoever is in front may see the boundary elsewhere.
    private void assertRefusedAndClosed(String field, byte[] behind) throws Exception {
        try (Client client = client()) {
            client.send(joined(client.upgrade(field), behind));
            String all = client.rest();
            assertThat(all).startsWith("HTTP/1.1 400 ").doesNotContain("CONNECTED");
            assertThat(all.split("HTTP/1.1 [0-9]", -1)).as("answers").hasSize(2);
        }
    }

    @Nested
    class Rfc9112Section6MessageBodies {
        @Test
        void B1_anUpgradeWithALengthIsRefused() throws Exception {
            assertRefusedAndClosed("Content-Length: 5", "hello".getBytes(US_ASCII));
        }

        @Test
        void B1_aLengthOfZeroIsNoContent() throws Exception {
            try (Client client = client()) {
                client.send(client.upgrade("Content-Length: 0"));
                assertThat(client.head()).startsWith("HTTP/1.1 101 ");
            }
        }

        @Test
        void B2_aBodyThatLooksLikeAFrameIsNone() throws Exception {
            assertRefusedAndClosed("Content-Length: " + CONNECT_FRAME.length, CONNECT_FRAME);
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "Transfer-Encoding: chunked",
                    "Transfer-Encoding: Chunked",
                    "Transfer-Encoding: gzip, chunked",
                    "Transfer-Encoding: identity",
                    "Transfer-Encoding: chunked, chunked"
                })
        void B3_anUpgradeWithChunksIsRefused(String field) throws Exception {
            assertRefusedAndClosed(field, "5\r\nhello\r\n0\r\n\r\n".getBytes(US_ASCII));
            assertRefusedAndClosed(field, CONNECT_FRAME);
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "Transfer-Encoding: chunked\r\nContent-Length: 5",
                    "Content-Length: 5\r\nTransfer-Encoding: chunked",
                    "Content-Length: 0\r\nTransfer-Encoding: chunked"
                })
        void B4_lengthAndEncodingExcludeEachOther(String fields) throws Exception {
            assertRefusedAndClosed(fields, CONNECT_FRAME);
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "Content-Length: 5\r\nContent-Length: 6",
                    "Content-Length: 5\r\nContent-Length: 5",
                    "Content-Length: 5, 6",
                    "Content-Length: 0, 0",
                    "Content-Length: -1",
                    "Content-Length: +0",
                    "Content-Length: 0x0",
                    "Content-Length: 0 0",
                    "Content-Length:",
                    "Content-Length: 99999999999999999999"
                })
        void B5_aLengthIsOneNumber(String fields) throws Exception {
            assertRefusedAndClosed(fields, CONNECT_FRAME);
        }

        /// The same where nothing is to be upgraded: what is behind is never a second request.
        @ParameterizedTest
        @ValueSource(
                strings = {
                    "Transfer-Encoding: chunked\r\nContent-Length: 5",
                    "Content-Length: 5\r\nContent-Length: 6",
                    "Content-Length: 5, 6",
                    "Content-Length: -1",
                    "Content-Length : 5",
                    "Transfer-Encoding : chunked",
                    "Transfer-Encoding: xchunked",
                    "Transfer-Encoding: chunked, identity"
                })
        void B4_B5_requestsForPagesAreReadAsStrictly(String fields) throws Exception {
            try (Client client = client()) {
                client.send(
                        "GET /health HTTP/1.1\r\nHost: localhost\r\n"
                                + fields
                                + "\r\n\r\n"
                                + HEALTH);
                String all = client.rest();
                assertThat(all).startsWith("HTTP/1.1 400 ");
                assertThat(all.split("HTTP/1.1 [0-9]", -1)).as("answers").hasSize(2);
            }
        }

        @ParameterizedTest
        @ValueSource(strings = {"5;\r\nhello", "z\r\nhello", "-1\r\nhello", "5\nhello\n0\n\n"})
        void B3_brokenChunksEndTheConnection(String chunks) throws Exception {
            try (Client client = client()) {
                client.send(
                        "GET /health HTTP/1.1\r\n"
                                + "Host: localhost\r\n"
                                + "Transfer-Encoding: chunked\r\n\r\n"
                                + chunks
                                + HEALTH);
                String all = client.rest();
                assertThat(all).startsWith("HTTP/1.1 400 ");
                assertThat(all.split("HTTP/1.1 [0-9]", -1)).as("answers").hasSize(2);
            }
        }

        /// Neither is taken for the beginning of the next request.
        @ParameterizedTest
        @ValueSource(
                strings = {
                    "Content-Length: 5\r\n\r\nhello",
                    "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nTrailer: x\r\n\r\n"
                })
        void B1_B3_contentOfOtherRequestsIsReadAndDropped(String rest) throws Exception {
            try (Client client = client()) {
                client.send("GET /health HTTP/1.1\r\nHost: localhost\r\n" + rest + HEALTH);
                assertThat(client.response()).startsWith("HTTP/1.1 200 ");
                assertThat(client.response()).startsWith("HTTP/1.1 200 ");
            }
        }
    }

    @Nested
    class Rfc6455Section4_1WhatIsBehindTheRequest {
        @Test
        void B6_framesBehindTheRequestAreTakenAfterThe101() throws Exception {
            try (Client client = client()) {
                client.send(joined(client.upgrade(), CONNECT_FRAME));
                assertThat(client.head()).startsWith("HTTP/1.1 101 ");
                assertThat(client.text()).startsWith("CONNECTED\n");
            }
        }

        @Test
        void B6_framesBehindARefusedRequestAreNotTaken() throws Exception {
            try (Client client = client()) {
                String request = client.upgrade("Origin: https://example.com");
                client.send(joined(request, CONNECT_FRAME));
                client.socket.shutdownOutput();
                assertThat(client.rest())
                        .startsWith("HTTP/1.1 403 ")
                        .doesNotContain("101", "CONNECTED");
            }
        }

        @Test
        void B7_aSecondRequestBehindTheUpgradeIsNoHttpAnyMore() throws Exception {
            try (Client client = client()) {
                client.send(client.upgrade() + HEALTH);
                assertThat(client.head()).startsWith("HTTP/1.1 101 ");
                assertThat(client.frame().closeCode()).isEqualTo(1002);
                assertThat(client.rest()).isEmpty();
            }
        }

        @Test
        void B8_afterARefusedUpgradeAFrameIsNoFrame() throws Exception {
            try (Client client = client()) {
                client.send(Client.request("GET /elsewhere HTTP/1.1", "Host: localhost"));
                assertThat(client.response()).startsWith("HTTP/1.1 404 ");
                client.send(CONNECT_FRAME);
                client.send("\r\n\r\n");
                assertThat(client.rest()).startsWith("HTTP/1.1 400 ");
            }
        }

        @ParameterizedTest
        @ValueSource(strings = {"Expect: 100-continue", "Expect: 100-Continue", "Expect: rubbish"})
        void B9_expectIsRefused(String field) throws Exception {
            try (Client client = client()) {
                client.send(client.upgrade(field));
                assertThat(client.rest()).startsWith("HTTP/1.1 417 ");
            }
        }

        @Test
        void B10_bytesMayComeOneByOne() throws Exception {
            try (Client client = client()) {
                for (byte each : client.upgrade().getBytes(US_ASCII)) {
                    client.send(new byte[] {each});
                }
                assertThat(client.head()).startsWith("HTTP/1.1 101 ");
            }
        }

        @Test
        void B10_theRequestMayBeCutAtEveryOffset() throws Exception {
            byte[] bytes;
            try (Client client = client()) {
                bytes = joined(client.upgrade("Sec-WebSocket-Protocol: v12.stomp"), CONNECT_FRAME);
            }
            for (int cut = 1; cut < bytes.length; cut++) {
                try (Client client = client()) {
                    client.send(Arrays.copyOf(bytes, cut));
                    client.send(Arrays.copyOfRange(bytes, cut, bytes.length));
                    assertThat(client.head())
                            .as("cut at %d", cut)
                            .startsWith("HTTP/1.1 101 ")
                            .contains("\r\nSec-WebSocket-Protocol: v12.stomp\r\n");
                    assertThat(client.text()).as("cut at %d", cut).startsWith("CONNECTED\n");
                }
            }
        }

        @Test
        void B10_pipelinedRequestsAreAnsweredInTurn() throws Exception {
            try (Client client = client()) {
                client.send(HEALTH + HEALTH);
                assertThat(client.response()).startsWith("HTTP/1.1 200 ");
                assertThat(client.response()).startsWith("HTTP/1.1 200 ");
            }
        }

        /// RFC 9110 section 9.3.2.
        @Test
        void B10_aRefusalOfAHeadHasNoBody() throws Exception {
            try (Client client = client()) {
                client.send(Client.request("HEAD /ws HTTP/1.1", "Host: localhost"));
                assertThat(client.head()).startsWith("HTTP/1.1 405 ");
                client.send(HEALTH);
                assertThat(client.response()).startsWith("HTTP/1.1 200 ");
            }
        }
    }
}
