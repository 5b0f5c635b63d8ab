package io.switchboard.server.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.server.SwitchboardServer;
import io.switchboard.server.endpoint.Endpoint;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Whose pages may open WebSockets, and under which names, is the same for STOMP and for endpoints,
/// in both versions of HTTP.
final class OriginEverywhereTest {

    private static SwitchboardServer server() throws Exception {
        return Servers.start(Servers.options().withEndpoint("/echo", Endpoint.echo()));
    }

    /// @param host `own` for the listener's
    private static String overHttp1(
            SwitchboardServer server, String path, String host, String... headers)
            throws Exception {
        try (Client client = Client.to(Servers.address(server, "http"))) {
            String own = "localhost:" + client.socket.getPort();
            client.send(
                    Client.request(
                            "GET " + path + " HTTP/1.1",
                            "Host: " + (host.equals("own") ? own : host),
                            headers));
            return client.head().split(" ", 3)[1];
        }
    }

    private static String overHttp2(
            SwitchboardServer server, String path, String host, String... fields) throws Exception {
        try (Http2Client client = Http2Client.to(Servers.address(server, "tls"))) {
            String[] head = client.connectHead(path);
            for (int i = 0; i < head.length; i += 2) {
                if (head[i].equals(":authority") && !host.equals("own")) {
                    head[i + 1] = host;
                }
            }
            int stream = client.request(0, Http2Client.with(head, fields));
            return client.head(stream).status().toString();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/ws", "/echo"})
    void aMissingOriginIsNoBrowser(String path) throws Exception {
        try (SwitchboardServer server = server()) {
            assertThat(overHttp1(server, path, "own")).isEqualTo("101");
            assertThat(overHttp2(server, path, "own")).isEqualTo("200");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "/ws, null",
        "/ws, https://evil.example",
        "/ws, http://localhost.evil.example",
        "/echo, null",
        "/echo, https://evil.example"
    })
    void pagesOfOthersAreRefused(String path, String origin) throws Exception {
        try (SwitchboardServer server = server()) {
            assertThat(overHttp1(server, path, "own", "Origin: " + origin)).isEqualTo("403");
            assertThat(overHttp2(server, path, "own", "origin", origin)).isEqualTo("403");
        }
    }

    /// Its owner had it answer with 127.0.0.1, so the page is of the same origin as the server.
    @ParameterizedTest
    @ValueSource(strings = {"/ws", "/echo"})
    void aNameThatWasReboundDoesNotGetIn(String path) throws Exception {
        try (SwitchboardServer server = server()) {
            String name = "rebound.example";
            assertThat(overHttp1(server, path, name, "Origin: http://" + name)).isEqualTo("403");
            assertThat(overHttp2(server, path, name, "origin", "https://" + name)).isEqualTo("403");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"X-Forwarded-For", "Forwarded", "Via", "CF-Connecting-IP"})
    void whatWasForwardedIsNotLocal(String header) throws Exception {
        String value = header.equals("Forwarded") ? "for=192.0.2.7" : "192.0.2.7";
        try (SwitchboardServer server = server();
                Client client = Client.to(Servers.address(server, "http"));
                Http2Client http2 = Http2Client.to(Servers.address(server, "tls"))) {
            client.send(client.upgrade(header + ": " + value));
            assertThat(client.head()).startsWith("HTTP/1.1 101 ");
            client.sendText("CONNECT\naccept-version:1.2\nhost:h\nlogin:root\n\n\0");
            assertThat(client.text()).contains("message:access denied");
            Http2WebSocket stream =
                    http2.webSocket(header.toLowerCase(java.util.Locale.ROOT), value);
            stream.sendText("CONNECT\naccept-version:1.2\nhost:h\nlogin:root\n\n\0");
            assertThat(stream.text()).contains("message:access denied");
        }
    }
}
