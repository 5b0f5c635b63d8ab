package io.switchboard.server.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.server.SwitchboardServer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Section D of the WebSocket rules: which subprotocol is spoken.
@TestInstance(Lifecycle.PER_CLASS)
class SubprotocolRulesTest {
    private SwitchboardServer server;

    @BeforeAll
    void start() throws Exception {
        server = Servers.start(Servers.options());
    }

    @AfterAll
    void stop() {
        server.close();
    }

    private String answer(String... fields) throws Exception {
        try (Client client = Client.to(Servers.address(server, "http"))) {
            client.send(client.upgrade(fields));
            return client.head();
        }
    }

    @Nested
    class Rfc6455Section11_3_4 {
        @ParameterizedTest
        @CsvSource({
            "'v12.stomp, v11.stomp, v10.stomp', v12.stomp",
            "'v10.stomp, v11.stomp, v12.stomp', v12.stomp",
            "'v10.stomp,v11.stomp', v11.stomp",
            "'other, v10.stomp', v10.stomp",
            "' v11.stomp ,', v11.stomp"
        })
        void D1_theServersPreferenceDecides(String offered, String chosen) throws Exception {
            assertThat(answer("Sec-WebSocket-Protocol: " + offered))
                    .startsWith("HTTP/1.1 101 ")
                    .containsOnlyOnce("Sec-WebSocket-Protocol")
                    .contains("\r\nSec-WebSocket-Protocol: " + chosen + "\r\n");
        }

        @Test
        void D1_severalLinesAreOneList() throws Exception {
            assertThat(
                            answer(
                                    "Sec-WebSocket-Protocol: v10.stomp",
                                    "Sec-WebSocket-Protocol: other, v12.stomp"))
                    .containsOnlyOnce("Sec-WebSocket-Protocol")
                    .contains("\r\nSec-WebSocket-Protocol: v12.stomp\r\n");
        }

        @ParameterizedTest
        @ValueSource(strings = {"mqtt", "stomp", "v13.stomp, v9.stomp"})
        void D2_unknownNamesAreNotAnswered(String offered) throws Exception {
            assertThat(answer("Sec-WebSocket-Protocol: " + offered))
                    .startsWith("HTTP/1.1 101 ")
                    .doesNotContain("Sec-WebSocket-Protocol");
        }

        @Test
        void D3_namesAreComparedOctetByOctet() throws Exception {
            assertThat(answer("Sec-WebSocket-Protocol: V12.STOMP"))
                    .startsWith("HTTP/1.1 101 ")
                    .doesNotContain("Sec-WebSocket-Protocol");
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "a b, ,@",
                    "v12.stomp v11.stomp",
                    "",
                    ",",
                    "v12.stomp;q=1",
                    "\"v12.stomp\"",
                    "v12.stomp, v12.stomp"
                })
        void D4_malformedListsAreRefused(String offered) throws Exception {
            assertThat(answer("Sec-WebSocket-Protocol: " + offered)).startsWith("HTTP/1.1 400 ");
        }
    }

    @Nested
    class Rfc6455Section1_9 {
        @ParameterizedTest
        @CsvSource({"v12.stomp, 1.1", "v11.stomp, '1.0,1.2'", "v10.stomp, 1.2"})
        void D5_aConnectThatExcludesTheSubprotocolIsRefused(String subprotocol, String versions)
                throws Exception {
            try (Client client = Client.to(Servers.address(server, "http"))) {
                client.send(client.upgrade("Sec-WebSocket-Protocol: " + subprotocol));
                assertThat(client.head()).startsWith("HTTP/1.1 101 ");
                client.sendText("CONNECT\naccept-version:" + versions + "\nhost:localhost\n\n\0");
                assertThat(client.text()).startsWith("ERROR\n");
                int code = client.frame().closeCode();
                assertThat(code).isBetween(4500, 4999);
                client.send(Client.close(code));
                assertThat(client.rest()).isEmpty();
            }
        }

        @Test
        void D5_elseTheHighestVersionInCommonIsSpoken() throws Exception {
            try (Client client = Client.to(Servers.address(server, "http"))) {
                client.send(client.upgrade("Sec-WebSocket-Protocol: v11.stomp"));
                assertThat(client.head()).startsWith("HTTP/1.1 101 ");
                client.sendText("CONNECT\naccept-version:1.0,1.1,1.2\nhost:localhost\n\n\0");
                assertThat(client.text()).startsWith("CONNECTED\nversion:1.2\n");
            }
        }
    }
}
