package io.switchboard.interop;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// The JDK's own WebSocket client with STOMP frames written by hand.
@Tag("system")
class JdkWebSocketTest {
    private static final String CONNECT = "CONNECT\naccept-version:1.2\nhost:h\n\n\0";
    private static TestServer server;

    @BeforeAll
    static void start() throws Exception {
        server = new TestServer();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    /// Keeps whole messages: `T` or `B` and the content, `P` for a pong, `C` for a close.
    private static final class Heard implements WebSocket.Listener {
        final BlockingQueue<String> events = new LinkedBlockingQueue<>();
        private final StringBuilder part = new StringBuilder();

        @Override
        public CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
            return piece('T', data.toString(), last, socket);
        }

        @Override
        public CompletionStage<?> onBinary(WebSocket socket, ByteBuffer data, boolean last) {
            String text = StandardCharsets.ISO_8859_1.decode(data).toString();
            return piece('B', text, last, socket);
        }

        private CompletionStage<?> piece(char kind, String data, boolean last, WebSocket socket) {
            part.append(data);
            if (last) {
                events.add(kind + part.toString());
                part.setLength(0);
            }
            socket.request(1);
            return null;
        }

        @Override
        public CompletionStage<?> onPong(WebSocket socket, ByteBuffer message) {
            events.add("P" + StandardCharsets.UTF_8.decode(message));
            socket.request(1);
            return null;
        }

        @Override
        public CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
            events.add("C" + code + " " + reason);
            return null;
        }

        String next() throws InterruptedException {
            String event = events.poll(20, TimeUnit.SECONDS);
            if (event == null) {
                throw new AssertionError("nothing came");
            }
            return event;
        }
    }

    private static WebSocket open(Heard heard, String... subprotocols) {
        WebSocket.Builder builder = HttpClient.newHttpClient().newWebSocketBuilder();
        if (subprotocols.length > 0) {
            builder.subprotocols(subprotocols[0]);
        }
        return builder.buildAsync(URI.create(server.ws()), heard).join();
    }

    @Test
    void framesByHandAreAnsweredAsText() throws Exception {
        Heard heard = new Heard();
        WebSocket socket = open(heard, "v12.stomp");
        assertThat(socket.getSubprotocol()).isEqualTo("v12.stomp");
        socket.sendText(CONNECT, true).join();
        assertThat(heard.next()).startsWith("TCONNECTED\nversion:1.2\n").endsWith("\0");
        String frames =
                "SUBSCRIBE\nid:7\ndestination:/topic/jdk\nreceipt:s\n\n\0"
                        + "SEND\ndestination:/topic/jdk\nreceipt:x\n\nhello\0";
        socket.sendText(frames, true).join();
        assertThat(heard.next()).isEqualTo("TRECEIPT\nreceipt-id:s\n\n\0");
        assertThat(heard.next()).startsWith("TMESSAGE\nsubscription:7\n").endsWith("\nhello\0");
        assertThat(heard.next()).isEqualTo("TRECEIPT\nreceipt-id:x\n\n\0");
        socket.sendText("DISCONNECT\nreceipt:d\n\n\0", true).join();
        assertThat(heard.next()).isEqualTo("TRECEIPT\nreceipt-id:d\n\n\0");
        assertThat(heard.next()).startsWith("C1000");
    }

    @Test
    void fragmentsWithAPingBetweenThemAreOneMessage() throws Exception {
        Heard heard = new Heard();
        WebSocket socket = open(heard);
        socket.sendText("CONN", false).join();
        socket.sendPing(ByteBuffer.wrap("?".getBytes(StandardCharsets.UTF_8))).join();
        socket.sendText("ECT\naccept-version:1.2\nhost:h\n\n\0", true).join();
        assertThat(heard.next()).isEqualTo("P?");
        assertThat(heard.next()).startsWith("TCONNECTED");
        socket.abort();
    }

    @Test
    void aClientThatSpeaksBinaryIsAnsweredInBinary() throws Exception {
        Heard heard = new Heard();
        WebSocket socket = open(heard);
        socket.sendBinary(ByteBuffer.wrap(CONNECT.getBytes(StandardCharsets.UTF_8)), true).join();
        assertThat(heard.next()).startsWith("BCONNECTED");
        socket.abort();
    }

    @Test
    void anErrorComesBeforeTheClose() throws Exception {
        Heard heard = new Heard();
        WebSocket socket = open(heard);
        socket.sendText("NONSENSE\n\n\0", true).join();
        assertThat(heard.next()).startsWith("TERROR\nmessage:malformed frame\n");
        assertThat(heard.next()).startsWith("C4500 malformed frame");
    }

    @Test
    void aCloseIsAnsweredWithItsCode() throws Exception {
        Heard heard = new Heard();
        WebSocket socket = open(heard);
        socket.sendClose(WebSocket.NORMAL_CLOSURE, "bye").join();
        assertThat(heard.next()).startsWith("C1000");
    }
}
