package io.switchboard.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.server.CompressionOptions;
import io.switchboard.server.ListenerOptions;
import io.switchboard.server.ServerOptions;
import io.switchboard.server.SwitchboardServer;
import io.switchboard.server.WebOptions;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// permessage-deflate (RFC 7692) between a real Chromium and the server: on `http` over HTTP/1.1,
/// on `tls` over HTTP/2. A forwarder between them counts the bytes on the wire.
@Tag("system")
final class CompressionBrowserTest {
    /// In the page: a session that hears what it says. Texts by chance have 16 kinds of characters
    /// and can be compressed to half their length, but no further unless they come again.
    private static final String SESSION =
            """
            (() => {
                const url = location.origin.replace('http', 'ws') + '/ws';
                const socket = new WebSocket(url, ['v12.stomp']);
                const talk = {
                    socket,
                    heard: [],
                    connected: false,
                    repeated: 'grüß dich 🙂 '.repeat(40000),
                    byChance: Array.from(
                        crypto.getRandomValues(new Uint8Array(1500)),
                        it => it.toString(16).padStart(2, '0')).join(''),
                    say(body) {
                        socket.send('SEND\\ndestination:/topic/deflate\\n\\n' + body + '\\0');
                    },
                };
                socket.onopen = () => socket.send(
                    'CONNECT\\naccept-version:1.2\\nhost:h\\n\\n\\0');
                socket.onmessage = ({ data }) => {
                    if (data.startsWith('MESSAGE\\n')) {
                        talk.heard.push(data.slice(data.indexOf('\\n\\n') + 2, -1));
                    } else if (data.startsWith('CONNECTED\\n')) {
                        socket.send('SUBSCRIBE\\nid:1\\ndestination:/topic/deflate\\n'
                            + 'receipt:r\\n\\n\\0');
                    } else if (data.startsWith('RECEIPT\\n')) {
                        talk.connected = true;
                    }
                };
                window.talk = talk;
            })()
            """;

    private static Chromedriver driver;

    @TempDir private Path folder;

    @BeforeAll
    static void startDriver() throws Exception {
        driver = Chromedriver.start();
    }

    @AfterAll
    static void stopDriver() {
        driver.close();
    }

    /// The text has 480,000 characters in 680,000 bytes.
    @ParameterizedTest
    @CsvSource({"http, ON", "tls, ON", "http, TAKEOVER", "tls, TAKEOVER"})
    void aLargeTextGoesCompressedBothWaysAndArrivesWhole(
            String listener, CompressionOptions.Mode mode) throws Exception {
        try (var talk = new Talk(listener, mode)) {
            assertThat(talk.page.ask("talk.socket.extensions"))
                    .matches("permessage-deflate(;.*)?")
                    .satisfies(it -> assertThat(it.contains("no_context")).isEqualTo(isOn(mode)));
            assertThat(talk.page.ask("new Blob([talk.repeated]).size")).isEqualTo("680000");

            Talk.Bytes carried = talk.sayAndHear("repeated");

            assertThat(carried.requests()).isBetween(100L, 64_000L);
            assertThat(carried.answers()).isBetween(100L, 64_000L);
        }
    }

    @ParameterizedTest
    @CsvSource({"http", "tls"})
    void whatIsOffTravelsAsItIs(String listener) throws Exception {
        try (var talk = new Talk(listener, CompressionOptions.Mode.OFF)) {
            assertThat(talk.page.ask("talk.socket.extensions")).isEmpty();

            Talk.Bytes carried = talk.sayAndHear("repeated");

            assertThat(carried.requests()).isGreaterThan(680_000);
            assertThat(carried.answers()).isGreaterThan(680_000);
        }
    }

    /// A text by chance that comes again is a reference with takeover, and as long as the first
    /// time without.
    @ParameterizedTest
    @CsvSource({"http, ON", "tls, ON", "http, TAKEOVER", "tls, TAKEOVER"})
    void onlyWithTakeoverMessagesReferToEarlierOnes(String listener, CompressionOptions.Mode mode)
            throws Exception {
        try (var talk = new Talk(listener, mode)) {
            Talk.Bytes first = talk.sayAndHear("byChance");
            Talk.Bytes again = talk.sayAndHear("byChance");

            assertThat(first.requests()).isGreaterThan(1_500);
            assertThat(first.answers()).isGreaterThan(1_500);
            assertThat(again.requests() > 1_500).isEqualTo(isOn(mode));
            assertThat(again.answers() > 1_500).isEqualTo(isOn(mode));
        }
    }

    private static boolean isOn(CompressionOptions.Mode mode) {
        return mode == CompressionOptions.Mode.ON;
    }

    /// A server, a browser with a session in a page of it, and the forwarder between them.
    private final class Talk implements AutoCloseable {
        private record Bytes(long requests, long answers) {}

        private final SwitchboardServer server;
        private final Forwarder forwarder;
        private final Browser page;
        private int heard;

        private Talk(String listener, CompressionOptions.Mode mode) throws Exception {
            var defaults = CompressionOptions.DEFAULT;
            server =
                    SwitchboardServer.start(
                            ServerOptions.DEFAULT
                                    .withListeners(ListenerOptions.FREE)
                                    .withWeb(
                                            WebOptions.DEFAULT.withCompression(
                                                    new CompressionOptions(
                                                            mode,
                                                            defaults.level(),
                                                            defaults.lengthMin())))
                                    .withFiles(folder.resolve("data")));
            int port =
                    server.listeners().stream()
                            .filter(it -> it.name().equals(listener))
                            .findFirst()
                            .orElseThrow()
                            .address()
                            .getPort();
            forwarder = new Forwarder(port);
            page = Browser.open(driver, folder.resolve("profile"));
            String scheme = listener.equals("tls") ? "https" : "http";
            page.go(scheme + "://127.0.0.1:" + forwarder.port() + "/");
            page.ask(SESSION.strip());
            page.await("talk.connected");
            assertThat(server.readings().http2WebSockets())
                    .isEqualTo(listener.equals("tls") ? 1 : 0);
        }

        /// @return what that took on the wire
        private Bytes sayAndHear(String text) {
            long requests = forwarder.requestBytes();
            long answers = forwarder.answerBytes();
            page.ask("talk.say(talk." + text + ")");
            heard++;
            page.await("talk.heard.length === " + heard);
            assertThat(page.ask("talk.heard.at(-1) === talk." + text)).isEqualTo("true");
            return new Bytes(
                    forwarder.requestBytes() - requests, forwarder.answerBytes() - answers);
        }

        @Override
        public void close() throws Exception {
            page.close();
            forwarder.close();
            server.close();
        }
    }
}
