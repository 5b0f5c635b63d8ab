package io.switchboard.server.transport;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.server.SwitchboardServer;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Section F of the WebSocket rules: frames and their lengths.
@TestInstance(Lifecycle.PER_CLASS)
class FramingRulesTest {
    private static final String CONNECT = "CONNECT\naccept-version:1.2\nhost:localhost\n\n\0";
    private static final String DEFLATE = "Sec-WebSocket-Extensions: permessage-deflate";

    private SwitchboardServer server;

    @BeforeAll
    void start() throws Exception {
        server = Servers.start(Servers.options());
    }

    @AfterAll
    void stop() {
        server.close();
    }

    private Client client(String... fields) throws Exception {
        Client client = Client.to(Servers.address(server, "http"));
        client.send(client.upgrade(fields));
        assertThat(client.head()).startsWith("HTTP/1.1 101 ");
        return client;
    }

    /// One Close, and nothing behind it.
    private static void assertFails(Client client, String hex, int code) throws Exception {
        client.send(HexFormat.of().parseHex(hex.replace(" ", "")));
        Client.Frame close = client.frame();
        assertThat(close.opcode()).isEqualTo(8);
        assertThat(close.closeCode()).isEqualTo(code);
        assertThat(close.reservedBits()).isZero();
        assertThat(client.rest()).isEmpty();
    }

    @Nested
    class Rfc6455Section5_1Masking {
        @ParameterizedTest
        @ValueSource(strings = {"81 01 78", "82 01 78", "00 01 78", "88 02 03e8", "89 00", "8a 00"})
        void F1_anUnmaskedFrameFails(String frame) throws Exception {
            try (Client client = client()) {
                assertFails(client, frame, 1002);
            }
        }

        @Test
        void F10_anyKeyIsGoodAndMayBeUsedAgain() throws Exception {
            try (Client client = client()) {
                ByteArrayOutputStream zero = new ByteArrayOutputStream();
                zero.writeBytes(
                        new byte[] {(byte) 0x81, (byte) (0x80 | CONNECT.length()), 0, 0, 0, 0});
                zero.writeBytes(CONNECT.getBytes(US_ASCII));
                client.send(zero.toByteArray());
                assertThat(client.text()).startsWith("CONNECTED\n");
                // These two have the same key.
                client.sendText("SEND\ndestination:/topic/a\nreceipt:1\n\n\0");
                client.sendText("SEND\ndestination:/topic/a\nreceipt:2\n\n\0");
                assertThat(client.text()).isEqualTo("RECEIPT\nreceipt-id:1\n\n\0");
                assertThat(client.text()).isEqualTo("RECEIPT\nreceipt-id:2\n\n\0");
            }
        }
    }

    @Nested
    class Rfc6455Section5_2BaseFraming {
        @ParameterizedTest
        @ValueSource(
                strings = {"82 ff 8000000000000000 00000000", "82 ff ffffffffffffffff 00000000"})
        void F2_theTopBitOfALengthIsZero(String header) throws Exception {
            try (Client client = client()) {
                assertFails(client, header, 1002);
            }
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "81 fe 0005 00000000",
                    "81 fe 007d 00000000",
                    "81 ff 0000000000000005 00000000",
                    "81 ff 000000000000012c 00000000",
                    "81 ff 000000000000ffff 00000000"
                })
        void F3_lengthsAreInTheirShortestForm(String header) throws Exception {
            try (Client client = client()) {
                assertFails(client, header, 1002);
            }
        }

        @ParameterizedTest
        @ValueSource(
                strings = {"82 ff 0000000040000000 00000000", "82 ff 4000000000000000 00000000"})
        void F4_aLengthBeyondTheLimitFailsByTheHeaderAlone(String header) throws Exception {
            try (Client client = client()) {
                assertFails(client, header, 1009);
            }
        }

        @ParameterizedTest
        @CsvSource({"c9 80 00000000", "ca 80 00000000", "c8 80 00000000"})
        void F5_controlFramesAreNotCompressed(String frame) throws Exception {
            try (Client client = client(DEFLATE)) {
                assertFails(client, frame, 1002);
            }
        }

        @Test
        void F5_onlyTheFirstFragmentSaysThatAMessageIsCompressed() throws Exception {
            try (Client client = client(DEFLATE)) {
                assertFails(client, "01 80 00000000 c0 80 00000000", 1002);
            }
        }

        @ParameterizedTest
        @ValueSource(
                strings = {"a1 80 00000000", "91 80 00000000", "b1 80 00000000", "f1 80 00000000"})
        void F6_theOtherReservedBitsAreZeroWithCompressionToo(String frame) throws Exception {
            try (Client client = client(DEFLATE)) {
                assertFails(client, frame, 1002);
            }
        }

        @ParameterizedTest
        @ValueSource(
                strings = {"c1 80 00000000", "c2 80 00000000", "a1 80 00000000", "91 80 00000000"})
        void F7_reservedBitsAreZeroWhereNothingWasAgreed(String frame) throws Exception {
            try (Client client = client()) {
                assertFails(client, frame, 1002);
            }
        }

        @ParameterizedTest
        @ValueSource(strings = {"83", "84", "85", "86", "87", "8b", "8c", "8d", "8e", "8f"})
        void F7_reservedOpcodesFail(String firstByte) throws Exception {
            try (Client client = client()) {
                assertFails(client, firstByte + " 80 00000000", 1002);
            }
        }

        @Test
        void F8_ourFramesHaveNoReservedBits() throws Exception {
            try (Client client = client()) {
                client.send(Client.frame(0x89, new byte[] {1}));
                assertThat(client.frame().firstByte()).isEqualTo(0x8a);
                // The Close that answers these bits has none, as assertFails sees.
                assertFails(client, "f8 82 00000000 03e8", 1002);
            }
        }

        /// That they are neither masked nor longer than they must be is seen by each read of a
        /// frame.
        @ParameterizedTest
        @ValueSource(ints = {1, 60, 125, 126, 1_000, 65_535, 65_536, 200_000})
        void F9_ourFramesAreUnmaskedAndMinimal(int length) throws Exception {
            try (Client client = client()) {
                client.sendText(CONNECT);
                assertThat(client.text()).startsWith("CONNECTED\n");
                client.sendText("SUBSCRIBE\nid:a\ndestination:/topic/F9\nreceipt:r\n\n\0");
                assertThat(client.text()).startsWith("RECEIPT\n");
                String body = "x".repeat(length);
                client.sendText("SEND\ndestination:/topic/F9\n\n" + body + "\0");
                assertThat(client.text()).startsWith("MESSAGE\n").endsWith("\n\n" + body + "\0");
            }
        }
    }

    @Nested
    class Rfc6455Section5_4Fragmentation {
        @Test
        void F11_theStreamMayBeCutAtEveryOffset() throws Exception {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            out.writeBytes(Client.frame(0x01, CONNECT.substring(0, 9).getBytes(US_ASCII)));
            out.writeBytes(Client.frame(0x89, new byte[] {1, 2, 3}));
            out.writeBytes(Client.frame(0x80, CONNECT.substring(9).getBytes(US_ASCII)));
            byte[] bytes = out.toByteArray();
            for (int cut = 1; cut < bytes.length; cut++) {
                try (Client client = client()) {
                    client.send(Arrays.copyOf(bytes, cut));
                    client.send(Arrays.copyOfRange(bytes, cut, bytes.length));
                    Client.Frame pong = client.frame();
                    assertThat(pong.firstByte()).as("cut at %d", cut).isEqualTo(0x8a);
                    assertThat(pong.payload()).as("cut at %d", cut).containsExactly(1, 2, 3);
                    assertThat(client.text()).as("cut at %d", cut).startsWith("CONNECTED\n");
                }
            }
        }
    }
}
