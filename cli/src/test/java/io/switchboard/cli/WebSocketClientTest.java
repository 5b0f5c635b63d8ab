package io.switchboard.cli;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.switchboard.client.ClientOptions;
import io.switchboard.client.Trust;
import io.switchboard.client.WebSocketClient;
import io.switchboard.server.ListenerOptions;
import io.switchboard.server.ServerOptions;
import io.switchboard.server.SwitchboardServer;
import io.switchboard.server.endpoint.BlockingWebSocket;
import io.switchboard.server.endpoint.Endpoint;
import io.switchboard.websocket.WebSocketEvent.Payload;
import io.switchboard.websocket.WebSocketMessage;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The client without STOMP at the server's endpoints, with and without TLS.
@Timeout(60)
class WebSocketClientTest {
    @TempDir static Path folder;
    private static SwitchboardServer server;

    @BeforeAll
    static void start() throws Exception {
        server =
                SwitchboardServer.start(
                        ServerOptions.DEFAULT
                                .withListeners(ListenerOptions.FREE)
                                .withShards(1)
                                .withEndpoint("/echo", Endpoint.echo())
                                .withEndpoint(
                                        "/once",
                                        BlockingWebSocket.endpoint(
                                                100,
                                                socket -> {
                                                    socket.socket().ping(UTF_8.encode("?"));
                                                    socket.send("welcome");
                                                    socket.receive();
                                                    socket.socket().close(4123, "that is all");
                                                }))
                                .withFiles(folder.resolve("data")));
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static WebSocketClient client(String scheme, String path) throws IOException {
        return WebSocketClient.connect(options(scheme, path));
    }

    private static ClientOptions options(String scheme, String path) {
        String url =
                server.listeners().stream()
                        .filter(each -> each.scheme().equals(scheme))
                        .findFirst()
                        .orElseThrow()
                        .url()
                        .replaceFirst("/ws$", path);
        return ClientOptions.of(URI.create(url)).withTrust(Trust.anything());
    }

    @ParameterizedTest
    @ValueSource(strings = {"ws", "wss"})
    void messagesComeBack(String scheme) throws Exception {
        try (WebSocketClient client = client(scheme, "/echo")) {
            client.send("grüezi");
            assertThat(client.receive()).isEqualTo(WebSocketMessage.text("grüezi"));
            client.ping(ByteBuffer.allocate(3));
            client.send(ByteBuffer.wrap(new byte[] {1, 2, 3}));
            assertThat(client.receive())
                    .isEqualTo(WebSocketMessage.binary(ByteBuffer.wrap(new byte[] {1, 2, 3})));
            client.sendPart(UTF_8.encode("in "), true, false);
            assertThatThrownBy(() -> client.send("x")).isInstanceOf(IllegalStateException.class);
            client.sendPart(UTF_8.encode("parts"), true, true);
            assertThat(client.receive()).isEqualTo(WebSocketMessage.text("in parts"));
            client.close(4000, "enough");
            assertThat(client.receive()).isNull();
            assertThat(client.closeCode()).isEqualTo(4000);
            assertThatThrownBy(() -> client.send("late")).isInstanceOf(IOException.class);
        }
    }

    /// Ten times as long as all that may wait for a client of an endpoint.
    @ParameterizedTest
    @ValueSource(strings = {"ws", "wss"})
    void aLongMessageStreamsBothWays(String scheme) throws Exception {
        byte[] message = new byte[10 << 20];
        new Random(7).nextBytes(message);
        try (WebSocketClient client = client(scheme, "/echo")) {
            CompletableFuture<Void> sent =
                    CompletableFuture.runAsync(() -> sendInParts(client, message));
            ByteBuffer back = ByteBuffer.allocate(message.length);
            for (Payload part = client.receivePart(); part != null; part = client.receivePart()) {
                back.put(part.bytes());
                if (part.last()) {
                    break;
                }
            }
            sent.get(20, TimeUnit.SECONDS);
            assertThat(Arrays.equals(back.array(), message)).isTrue();
        }
    }

    private static void sendInParts(WebSocketClient client, byte[] message) {
        int step = 100_000;
        try {
            for (int at = 0; at < message.length; at += step) {
                int length = Math.min(step, message.length - at);
                boolean last = at + length == message.length;
                client.sendPart(ByteBuffer.wrap(message, at, length), false, last);
            }
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void theServersCloseIsTold() throws Exception {
        try (WebSocketClient client = client("ws", "/once")) {
            assertThat(client.receive()).isEqualTo(WebSocketMessage.text("welcome"));
            client.send("thanks");
            assertThat(client.receive()).isNull();
            assertThat(client.closeCode()).isEqualTo(4123);
            assertThat(client.closeReason()).isEqualTo("that is all");
        }
    }

    /// Its tail is no message of its own.
    @Test
    void aMessageThatIsTooLongEndsTheConnection() throws Exception {
        ClientOptions options = options("ws", "/echo");
        ClientOptions small = options.withLimits(options.limits().withBodyLengthMax(1_000));
        try (WebSocketClient client = WebSocketClient.connect(small)) {
            client.send("x".repeat(300_000));
            client.send("next");
            assertThatThrownBy(client::receive)
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("more than 1000 bytes");
            assertThat(client.receive()).isNull();
            assertThat(client.closeCode()).isEqualTo(1009);
            assertThatThrownBy(() -> client.send("late")).isInstanceOf(IOException.class);
        }
    }

    /// RFC 6455 section 7.1.1: so that it is the server who waits for what may still be on its way.
    @Test
    void theServerEndsTheTcpConnectionFirst() throws Exception {
        for (boolean reads : new boolean[] {true, false}) {
            try (ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
                CompletableFuture<String> first =
                        CompletableFuture.supplyAsync(() -> whoEndsFirst(listener));
                URI url = URI.create("ws://127.0.0.1:" + listener.getLocalPort() + "/");
                try (WebSocketClient client = WebSocketClient.connect(ClientOptions.of(url))) {
                    client.close(1000, "");
                    if (reads) {
                        assertThat(client.receive()).isNull();
                    }
                }
                assertThat(first.get(20, TimeUnit.SECONDS)).isEqualTo("server");
            }
        }
    }

    /// Answers the handshake and the Close, then waits a little for an end that ought not to come.
    private static String whoEndsFirst(ServerSocket listener) {
        try (Socket socket = listener.accept()) {
            BufferedReader head =
                    new BufferedReader(new InputStreamReader(socket.getInputStream(), US_ASCII), 1);
            String key = "";
            for (String line = head.readLine(); !line.isEmpty(); line = head.readLine()) {
                if (line.startsWith("Sec-WebSocket-Key: ")) {
                    key = line.substring("Sec-WebSocket-Key: ".length());
                }
            }
            socket.getOutputStream()
                    .write(
                            ("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                                            + "Connection: Upgrade\r\nSec-WebSocket-Accept: "
                                            + accept(key)
                                            + "\r\n\r\n")
                                    .getBytes(US_ASCII));
            assertThat(socket.getInputStream().readNBytes(8)[0]).isEqualTo((byte) 0x88);
            socket.getOutputStream().write(new byte[] {(byte) 0x88, 2, 3, (byte) 0xe8});
            socket.setSoTimeout(200);
            return socket.getInputStream().read() < 0 ? "client" : "more was said";
        } catch (SocketTimeoutException e) {
            return "server";
        } catch (IOException | GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    private static String accept(String key) throws GeneralSecurityException {
        byte[] text = (key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").getBytes(US_ASCII);
        return Base64.getEncoder().encodeToString(MessageDigest.getInstance("SHA-1").digest(text));
    }

    @Test
    void whoIsNotLetInIsToldWhy() {
        assertThatThrownBy(() -> client("ws", "/nowhere"))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("404");
    }
}
