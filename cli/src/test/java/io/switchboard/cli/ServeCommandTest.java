package io.switchboard.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// `switchboard serve` as a process of its own, as an operator meets it.
@Timeout(value = 2, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class ServeCommandTest {
    private static final String[] FREE_PORTS = {
        "--http-port", "0", "--tls-port", "0", "--stomp-port", "0", "--admin-port", "0"
    };
    private static final String READY = "Switchboard is ready";

    @TempDir private Path folder;
    private final List<Process> started = new ArrayList<>();

    @AfterEach
    void endWhatStillRuns() {
        started.forEach(Process::destroyForcibly);
    }

    @Nested
    final class Running {
        @Test
        void itSaysWhereItListensThenThatItIsReady() throws Exception {
            List<String> lines = new Announced(start(FREE_PORTS)).lines;

            assertThat(lines).hasSize(7);
            assertThat(lines.get(0)).matches("ws +ws://127\\.0\\.0\\.1:[1-9][0-9]*/ws");
            assertThat(lines.get(1))
                    .matches(
                            "wss +wss://127\\.0\\.0\\.1:[1-9][0-9]*/ws  certificate SHA-256"
                                    + " [0-9A-F]{2}(:[0-9A-F]{2}){31}"
                                    + " \\(for development, kept in data\\)");
            assertThat(lines.get(2)).matches("stomp +tcp://127\\.0\\.0\\.1:[1-9][0-9]*");
            assertThat(lines.get(3)).matches("admin +http://127\\.0\\.0\\.1:[1-9][0-9]*/metrics");
            assertThat(lines.get(4)).matches("chat +https://localhost:[1-9][0-9]*/examples/chat/");
            assertThat(lines.get(5)).matches("messages +in memory: they end .*--data DIR.*");
            assertThat(lines.get(6)).isEqualTo(READY);
        }

        @Test
        void itSaysWhereItEchoes() throws Exception {
            List<String> arguments = new ArrayList<>(List.of(FREE_PORTS));
            arguments.addAll(List.of("--echo", "/echo,/again"));
            List<String> lines = new Announced(start(arguments.toArray(String[]::new))).lines;

            String plain = lines.get(0).split(" +")[1].replace("/ws", "");
            String secure = lines.get(1).split(" +")[1].replace("/ws", "");
            assertThat(lines.stream().filter(it -> it.startsWith("echo ")))
                    .containsExactly(
                            "echo      " + plain + "/again",
                            "echo      " + secure + "/again",
                            "echo      " + plain + "/echo",
                            "echo      " + secure + "/echo");
        }

        @Test
        void listenersThatAreOffAreNotThere() throws Exception {
            var server =
                    new Announced(
                            start(
                                    "--http-port",
                                    "0",
                                    "--tls-port",
                                    "off",
                                    "--stomp-port",
                                    "off",
                                    "--admin-port",
                                    "off"));

            assertThat(server.lines).hasSize(4);
            assertThat(server.url("ws")).startsWith("ws://");
            assertThat(server.url("chat")).startsWith("http://localhost:");
            assertThat(folder.resolve("data")).as("nothing to keep without TLS").doesNotExist();
        }

        @Test
        void itAnswersOnEveryHttpListener() throws Exception {
            var server = new Announced(start(FREE_PORTS));
            String http = server.url("ws").replace("ws://", "http://").replace("/ws", "");
            HttpClient plain = HttpClient.newHttpClient();
            HttpClient secure = trusting(server.fingerprint());

            assertThat(get(plain, http + "/health").body()).contains("ok");
            HttpResponse<String> chat = get(secure, server.url("chat"));
            assertThat(chat.statusCode()).isEqualTo(200);
            assertThat(chat.body()).contains("<title>Chat");
            assertThat(chat.headers().firstValue("Strict-Transport-Security")).isEmpty();
            HttpResponse<String> metrics = get(plain, server.url("admin"));
            assertThat(metrics.statusCode()).isEqualTo(200);
            assertThat(metrics.body().lines())
                    .contains(
                            "switchboard_sessions 0.0",
                            "switchboard_messages_in_total 0.0",
                            "switchboard_waiting_bytes 0.0",
                            "switchboard_messages_dropped_total{policy=\"disconnect\"} 0.0")
                    .anyMatch(it -> it.startsWith("switchboard_connections{listener=\"tls\"} "));
        }

        @Test
        void itReadsItsFilesAgainWhenTheyChangeAndOnSighup() throws Exception {
            Path config = folder.resolve("switchboard.yaml");
            String rule = "access:\n  - {allow: send, destination: /topic/a, who: anyone}\n";
            Files.writeString(config, rule);
            List<String> arguments = new ArrayList<>(List.of(FREE_PORTS));
            arguments.addAll(List.of("--config", config.toString()));
            Process process = start(arguments.toArray(String[]::new));
            new Announced(process);
            BufferedReader log = process.errorReader();

            Files.writeString(config, rule + "  - {allow: fly}\n");
            assertThat(await(log, "nothing was reloaded")).contains("switchboard.yaml line 3");

            Path fresh = folder.resolve("switchboard.yaml.new");
            Files.writeString(fresh, rule + "shards: 3\n");
            Files.move(fresh, config, java.nio.file.StandardCopyOption.ATOMIC_MOVE);
            await(log, "reloaded");
            await(log, "event=reload");

            new ProcessBuilder("kill", "-HUP", Long.toString(process.pid())).start().waitFor();
            await(log, "event=reload");
            assertThat(process.isAlive()).isTrue();
        }

        private static String await(BufferedReader log, String part) throws IOException {
            String line = log.readLine();
            while (line != null && !line.contains(part)) {
                line = log.readLine();
            }
            return String.valueOf(line);
        }

        @Test
        void itsCertificateIsTheSameAtTheNextStart() throws Exception {
            Process first = start(FREE_PORTS);
            String fingerprint = new Announced(first).fingerprint();
            first.toHandle().destroy();
            first.waitFor();

            assertThat(new Announced(start(FREE_PORTS)).fingerprint()).isEqualTo(fingerprint);
        }

        @Test
        void aFlagWinsOverTheFile() throws Exception {
            Files.writeString(
                    folder.resolve("switchboard.yaml"),
                    "http-port: 0\ntls-port: off\nstomp-port: 0\nadmin-port: off\n");
            var server =
                    new Announced(start("--config", "switchboard.yaml", "--stomp-port", "off"));

            assertThat(server.lines).hasSize(4);
            assertThat(server.lines.get(0)).startsWith("ws ");
        }
    }

    @Nested
    final class Ending {
        @Test
        void onSigtermClientsHearThatItGoesAndTheStatusIs0() throws Exception {
            Process process = start(FREE_PORTS);
            var server = new Announced(process);
            CompletableFuture<Integer> closeCode = new CompletableFuture<>();
            HttpClient client = trusting(server.fingerprint());
            WebSocket socket =
                    client.newWebSocketBuilder()
                            .subprotocols("v12.stomp")
                            .buildAsync(URI.create(server.url("wss")), new Listening(closeCode))
                            .get();
            socket.sendText("CONNECT\naccept-version:1.2\nhost:localhost\n\n\0", true).get();

            process.toHandle().destroy();

            assertThat(closeCode.get()).isEqualTo(1001);
            assertThat(process.waitFor()).isZero();
            assertThat(server.rest()).as("after it was ready").isEmpty();
        }

        @Test
        void onCtrlCTheStatusIs0() throws Exception {
            Process process = start(FREE_PORTS);
            new Announced(process);

            new ProcessBuilder("kill", "-INT", Long.toString(process.pid())).start().waitFor();

            assertThat(process.waitFor()).isZero();
        }

        @Test
        void thereIsNothingToReportOnStandardError() throws Exception {
            Process process = start(FREE_PORTS);
            new Announced(process);
            process.toHandle().destroy();

            assertThat(process.waitFor()).isZero();
            assertThat(error(process)).isEmpty();
        }
    }

    @Nested
    final class NotStarting {
        @Test
        void aPortThatIsTakenIsNamedWithItsFlag() throws Exception {
            try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
                int port = taken.getLocalPort();

                assertRefused(
                        "switchboard: port taken: something else listens on 127.0.0.1:"
                                + port
                                + "; stop it, or choose another port with --stomp-port",
                        "--http-port",
                        "0",
                        "--tls-port",
                        "0",
                        "--stomp-port",
                        Integer.toString(port),
                        "--admin-port",
                        "0");
            }
        }

        @Test
        void aFlagThatIsNoneIsNamed() throws Exception {
            Process process = start("--http-prot", "0");

            assertThat(process.waitFor()).isEqualTo(2);
            assertThat(error(process))
                    .singleElement()
                    .asString()
                    .startsWith("switchboard: ")
                    .contains("--http-prot", "switchboard serve --help");
        }

        @Test
        void aValueThatIsNoneIsNamedWithItsFlag() throws Exception {
            assertRefused(
                    "switchboard: --http-port: expected a port (1 to 65535), 0 for a free one, or"
                            + " off but was eighty",
                    "--http-port",
                    "eighty");
        }

        @Test
        void aMistakeInTheFileIsNamedWithItsLine() throws Exception {
            Files.writeString(folder.resolve("switchboard.yaml"), "# ports\nhttpPort: 1\n");

            assertRefused(
                    "switchboard: switchboard.yaml line 2: httpPort: there is no such key; did you"
                            + " mean http-port?",
                    "--config",
                    "switchboard.yaml");
        }

        @Test
        void aFileThatIsNotThereIsNamed() throws Exception {
            assertRefused(
                    "switchboard: --config none.yaml: cannot be read: there is no such file",
                    "--config",
                    "none.yaml");
        }

        @Test
        void aDataDirectoryThatIsNoneIsNamed() throws Exception {
            Files.writeString(folder.resolve("occupied"), "");

            assertRefused(
                    "switchboard: cannot keep the development certificate in the data directory"
                            + " occupied (it is a file, not a directory): make it writable, or"
                            + " choose another one with --data",
                    "--data",
                    "occupied");
        }

        /// And nothing is lost by it.
        @Test
        void storedHistoryWithoutItsPolicyIsNamed() throws Exception {
            Files.writeString(
                    folder.resolve("s.yaml"),
                    "destinations:\n  /topic/a: {history: on, state: on, durable: on}\n");
            String send = "SEND\ndestination:/topic/a\nkey:%s\nreceipt:%s\n\n%s";
            try (KilledServer server = new KilledServer(folder, "--config=s.yaml")) {
                server.start();
                say(server, send.formatted("x", "r1", "1"), send.formatted("y", "r2", "2"));
                assertThat(server.stop()).isZero();
            }

            Process process = start("--http-port", "0", "--tls-port", "off", "--data", "data");
            assertThat(process.waitFor()).isEqualTo(2);
            assertThat(error(process))
                    .last()
                    .isEqualTo(
                            "switchboard: stored history of /topic/a, and stored state of /topic/a"
                                    + " have no policy any more: expected history or state with"
                                    + " durable: on; start with the configuration that it was"
                                    + " stored with, or give what is to go a policy with history:"
                                    + " off, state: off or durable: off, which removes it");
            assertThat(process.inputReader().lines()).isEmpty();

            String subscribe = "SUBSCRIBE\nid:1\ndestination:/topic/a\nfrom:%s\nreceipt:r\n\n";
            try (KilledServer server = new KilledServer(folder, "--config=s.yaml")) {
                server.start();
                assertThat(say(server, subscribe.formatted("start"))).containsExactly("1", "2");
                assertThat(say(server, subscribe.formatted("state"))).containsExactly("1", "2");
            }
        }

        /// Says that and waits for a receipt each.
        ///
        /// @return the bodies that came before
        private static List<String> say(KilledServer server, String... frames) throws Exception {
            List<String> bodies = new ArrayList<>();
            CountDownLatch receipts = new CountDownLatch(frames.length);
            try (RawStomp stomp =
                    new RawStomp(
                            server.port(),
                            frame -> {
                                if (frame.command().equals("MESSAGE")) {
                                    bodies.add(frame.body());
                                } else if (frame.command().equals("RECEIPT")) {
                                    receipts.countDown();
                                }
                            })) {
                for (String frame : frames) {
                    stomp.say(frame);
                }
                assertThat(receipts.await(1, TimeUnit.MINUTES)).isTrue();
            }
            return bodies;
        }

        @Test
        void plainTextOffThisMachineNeedsAWord() throws Exception {
            assertRefused(
                    "switchboard: http-port on 0.0.0.0 is without TLS: set http-port to off, or"
                            + " allow it with --allow-insecure plain-text",
                    "--bind",
                    "0.0.0.0");
        }

        private void assertRefused(String line, String... flags) throws Exception {
            Process process = start(flags);

            assertThat(process.waitFor()).isEqualTo(2);
            assertThat(error(process)).containsExactly(line);
            assertThat(process.inputReader().lines()).isEmpty();
        }
    }

    /// What a server said until it was ready.
    private static final class Announced {
        final List<String> lines = new ArrayList<>();
        private final BufferedReader out;

        Announced(Process process) throws IOException {
            out = process.inputReader();
            String line;
            do {
                line = out.readLine();
                if (line == null) {
                    throw new AssertionError("it did not start: " + error(process));
                }
                lines.add(line);
            } while (!line.equals(READY));
        }

        String url(String name) {
            String line =
                    lines.stream()
                            .filter(it -> it.startsWith(name + " "))
                            .findFirst()
                            .orElseThrow();
            return line.split(" +")[1];
        }

        String fingerprint() {
            Matcher matcher =
                    Pattern.compile("SHA-256 ([0-9A-F:]+)").matcher(String.join("\n", lines));
            assertThat(matcher.find()).isTrue();
            return matcher.group(1);
        }

        List<String> rest() {
            return out.lines().toList();
        }
    }

    private static final class Listening implements WebSocket.Listener {
        private final CompletableFuture<Integer> closeCode;

        Listening(CompletableFuture<Integer> closeCode) {
            this.closeCode = closeCode;
        }

        @Override
        public CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
            closeCode.complete(code);
            return CompletableFuture.completedStage(null);
        }

        @Override
        public void onError(WebSocket socket, Throwable error) {
            closeCode.completeExceptionally(error);
        }
    }

    private Process start(String... flags) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("--enable-native-access=ALL-UNNAMED");
        command.add("-cp");
        command.add(System.getProperty("java.class.path"));
        command.add("io.switchboard.cli.Switchboard");
        command.add("serve");
        command.addAll(List.of(flags));
        Process process = new ProcessBuilder(command).directory(folder.toFile()).start();
        started.add(process);
        return process;
    }

    private static List<String> error(Process process) {
        return process.errorReader().lines().toList();
    }

    private static HttpResponse<String> get(HttpClient client, String url) throws Exception {
        return client.send(
                HttpRequest.newBuilder(URI.create(url)).build(), BodyHandlers.ofString());
    }

    /// As a person does who compares what the server printed with what the browser shows. The names
    /// in the certificate are checked all the same.
    private static HttpClient trusting(String fingerprint) throws GeneralSecurityException {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, new TrustManager[] {new ByFingerprint(fingerprint)}, null);
        return HttpClient.newBuilder().sslContext(context).build();
    }

    private record ByFingerprint(String fingerprint) implements X509TrustManager {
        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type)
                throws CertificateException {
            try {
                byte[] digest = MessageDigest.getInstance("SHA-256").digest(chain[0].getEncoded());
                String found = HexFormat.ofDelimiter(":").withUpperCase().formatHex(digest);
                if (!found.equals(fingerprint)) {
                    throw new CertificateException("expected " + fingerprint + ", was " + found);
                }
            } catch (GeneralSecurityException e) {
                throw new CertificateException(e);
            }
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type)
                throws CertificateException {
            throw new CertificateException("there are no clients here");
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
