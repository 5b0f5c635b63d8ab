package io.switchboard.server.transport;

import static io.switchboard.server.transport.Http2Client.DATA;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import io.switchboard.server.SwitchboardServer;
import io.switchboard.server.WebOptions;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

/// Requests and WebSockets beside each other on one connection.
@TestInstance(Lifecycle.PER_CLASS)
class Http2Test {
    private SwitchboardServer server;

    @BeforeAll
    void start() throws Exception {
        server = Servers.start(Servers.options().withShards(2));
    }

    @AfterAll
    void stop() {
        server.close();
    }

    private InetSocketAddress address() {
        return Servers.address(server, "tls");
    }

    private Http2Client client() throws Exception {
        return Http2Client.to(address());
    }

    @Test
    void severalWebSocketsTalkAndPagesAreServedOnOneConnection() throws Exception {
        long before = server.readings().http2WebSockets();
        try (Http2Client client = client()) {
            List<Http2WebSocket> chat = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                chat.add(client.webSocket().connected().subscribed("/topic/h2"));
            }
            int page = client.get("/health");
            chat.getFirst().sendText("SEND\ndestination:/topic/h2\n\nhello\0");

            for (Http2WebSocket each : chat) {
                assertThat(each.text()).startsWith("MESSAGE\n").endsWith("\n\nhello\0");
            }
            assertThat(client.head(page).status()).hasToString("200");
            assertThat(client.body(page)).contains("\"ok\"");
            int missing = client.get("/no-such-page");
            assertThat(client.head(missing).status()).hasToString("404");
            client.body(missing);
        }
        assertThat(server.readings().http2WebSockets() - before).isEqualTo(5);
    }

    @Test
    void aMessageGoesFromHttp2ToHttp1AndBack() throws Exception {
        try (Http2Client client = client();
                Client other = Client.webSocketTo(Servers.address(server, "http"))) {
            Http2WebSocket one = client.webSocket().connected().subscribed("/topic/both");
            other.sendText("CONNECT\naccept-version:1.2\nhost:localhost\n\n\0");
            other.text();
            other.sendText("SUBSCRIBE\nid:s\ndestination:/topic/both\nreceipt:s\n\n\0");
            other.text();

            one.sendText("SEND\ndestination:/topic/both\n\nfrom 2\0");
            assertThat(other.text()).endsWith("\n\nfrom 2\0");
            assertThat(one.text()).endsWith("\n\nfrom 2\0");
            other.sendText("SEND\ndestination:/topic/both\n\nfrom 1\0");
            assertThat(one.text()).endsWith("\n\nfrom 1\0");
        }
    }

    @Test
    void aLargeMessageComesWholeThroughTheWindow() throws Exception {
        String body = "x".repeat(900_000);
        try (Http2Client client = client()) {
            Http2WebSocket one = client.webSocket().connected().subscribed("/topic/large");
            byte[] frame =
                    Client.frame(
                            0x81,
                            ("SEND\ndestination:/topic/large\n\n" + body + "\0").getBytes(UTF_8));
            one.sendThroughTheWindow(frame);
            assertThat(one.text()).endsWith("\n\n" + body + "\0");
        }
    }

    @Test
    void aHeadIsAnsweredWithoutABody() throws Exception {
        try (Http2Client client = client()) {
            int stream =
                    client.request(Http2Client.END_STREAM, client.requestHead("HEAD", "/health"));
            Http2Client.Frame head = client.next(stream);
            assertThat(head.type()).isEqualTo(Http2Client.HEADERS);
            assertThat(head.endStream()).isTrue();
        }
    }

    @Test
    void contentThatNobodyWantsIsRefusedWhenTheAnswerIsOut() throws Exception {
        try (Http2Client client = client()) {
            int stream = client.request(0, client.requestHead("POST", "/health"));
            client.send(DATA, 0, stream, new byte[1_000]);
            assertThat(client.head(stream).status()).hasToString("405");
            client.body(stream);
            assertThat(client.resetCode(stream)).isZero();
            int next = client.get("/health");
            assertThat(client.head(next).status()).hasToString("200");
        }
    }

    /// There is no upgrade to speak of.
    @Test
    void aPageWhereWebSocketsAreOpenedIsNone() throws Exception {
        try (Http2Client client = client()) {
            Http2Headers head = client.head(client.get("/ws"));
            assertThat(head.status()).hasToString("400");
            assertThat(head.contains("upgrade")).isFalse();
        }
    }

    @Test
    void theJdksClientReadsPages() throws Exception {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(
                null, InsecureTrustManagerFactory.INSTANCE.getTrustManagers(), new SecureRandom());
        URI health = URI.create("https://127.0.0.1:" + address().getPort() + "/health");
        try (HttpClient http =
                HttpClient.newBuilder()
                        .sslContext(context)
                        .version(HttpClient.Version.HTTP_2)
                        .build()) {
            HttpResponse<String> answer =
                    http.send(
                            HttpRequest.newBuilder(health).build(),
                            HttpResponse.BodyHandlers.ofString());
            assertThat(answer.version()).isEqualTo(HttpClient.Version.HTTP_2);
            assertThat(answer.body()).contains("\"ok\"");
        }
    }

    @Test
    void whoDoesNotOfferHttp2SpeaksHttp1() throws Exception {
        for (String[] offered : List.of(new String[] {"http/1.1"}, new String[0])) {
            try (SSLSocket socket = Http2Client.tls(address(), offered);
                    Client client = Client.of(socket)) {
                client.upgraded().sendText("CONNECT\naccept-version:1.2\nhost:localhost\n\n\0");
                assertThat(client.text()).startsWith("CONNECTED\n");
            }
        }
    }

    @Test
    void itIsNotOfferedWhenItIsOff() throws Exception {
        try (SwitchboardServer without =
                        Servers.start(
                                Servers.options().withWeb(WebOptions.DEFAULT.withHttp2(false)));
                SSLSocket socket =
                        Http2Client.tls(Servers.address(without, "tls"), "h2", "http/1.1")) {
            assertThat(socket.getApplicationProtocol()).isEmpty();
        }
    }
}
