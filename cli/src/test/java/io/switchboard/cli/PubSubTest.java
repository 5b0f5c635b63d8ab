package io.switchboard.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.switchboard.broker.Policies;
import io.switchboard.broker.Retention;
import io.switchboard.server.Listener;
import io.switchboard.server.ListenerOptions;
import io.switchboard.server.Port;
import io.switchboard.server.ServerOptions;
import io.switchboard.server.SwitchboardServer;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// `pub` and `sub` as a person uses them, with a real server on loopback.
@Timeout(60)
class PubSubTest {
    @TempDir static Path folder;
    private static SwitchboardServer server;

    @BeforeAll
    static void start() throws Exception {
        server =
                SwitchboardServer.start(
                        ServerOptions.DEFAULT
                                .withListeners(ListenerOptions.FREE.withStompTls(Port.FREE))
                                .withFiles(folder.resolve("data"))
                                .withPolicies(
                                        Policies.DEFAULT
                                                .with(
                                                        "/topic/kept",
                                                        it -> it.withHistory(Retention.DEFAULT))
                                                .with("/topic/state", it -> it.withState(true))));
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static String url(String scheme) {
        return server.listeners().stream()
                .filter(each -> each.scheme().equals(scheme))
                .map(Listener::url)
                .findFirst()
                .orElseThrow();
    }

    /// A command that runs, and what it has said so far.
    private static final class Run {
        private final StringWriter out = new StringWriter();
        private final StringWriter err = new StringWriter();
        private final CompletableFuture<Integer> status = new CompletableFuture<>();

        Run(String... arguments) {
            Thread.ofPlatform()
                    .daemon()
                    .start(() ->
                            status.complete(
                                    Switchboard.commandLine()
                                            .setOut(new PrintWriter(out, true))
                                            .setErr(new PrintWriter(err, true))
                                            .execute(arguments)));
        }

        int status() throws Exception {
            return status.get(30, TimeUnit.SECONDS);
        }

        List<String> lines() {
            return out.toString().lines().toList();
        }

        String complaint() {
            return err.toString();
        }
    }

    private static Run run(String... arguments) {
        return new Run(arguments);
    }

    private static Run subscribed(String... arguments) {
        Run sub = run(Stream.concat(Stream.of("sub"), Stream.of(arguments)).toArray(String[]::new));
        await().until(() -> sub.complaint().contains("subscribed") || sub.status.isDone());
        return sub;
    }

    @ParameterizedTest
    @ValueSource(strings = {"ws", "wss", "tcp", "tls"})
    void aMessageTravels(String scheme) throws Exception {
        String data = folder.resolve("data").toString();
        Run sub = subscribed("/topic/a", "--count", "2", "--url", url(scheme), "--data", data);
        for (String body : List.of("grüße", "two\nlines")) {
            Run pub = run("pub", "/topic/a", body, "--url", url(scheme), "--data", data);
            assertThat(pub.status()).as("%s", pub.complaint()).isZero();
        }
        assertThat(sub.status()).as("%s", sub.complaint()).isZero();
        assertThat(sub.lines()).containsExactly("grüße", "two\\nlines");
        assertThat(sub.complaint().strip()).isEqualTo("subscribed");
    }

    @Test
    void theHistoryOfATopicCanBeReadAndGoneOnFrom() throws Exception {
        for (String body : List.of("1", "2", "3")) {
            assertThat(run("pub", "/topic/kept", body, "--url", url("ws")).status()).isZero();
        }
        Run two =
                run(
                        "sub",
                        "/topic/kept",
                        "--from",
                        "last=2",
                        "--count",
                        "2",
                        "--headers",
                        "--url",
                        url("tcp"));
        assertThat(two.status()).as("%s", two.complaint()).isZero();
        assertThat(two.lines()).hasSize(2).last().asString().endsWith(" 3");
        String second = two.lines().getFirst().replaceAll(".*message-id:(\\S+) .*", "$1");
        Run rest =
                run(
                        "sub",
                        "/topic/kept",
                        "--from",
                        "after=" + second,
                        "--count",
                        "1",
                        "--url",
                        url("ws"));
        assertThat(rest.status()).as("%s", rest.complaint()).isZero();
        assertThat(rest.lines()).containsExactly("3");
        Run unknown =
                subscribed(
                        "/topic/kept", "--from", "after=1-1", "--count", "4", "--url", url("ws"));
        assertThat(unknown.complaint()).contains("the history does not reach back");
        assertThat(run("pub", "/topic/kept", "4", "--url", url("ws")).status()).isZero();
        assertThat(unknown.status()).isZero();
        assertThat(unknown.lines()).containsExactly("1", "2", "3", "4");
    }

    @Test
    void whatIsPublishedWhileADurableSubscriberIsAwayWaits() throws Exception {
        String[] again = {"/topic/e", "--durable", "inbox", "--count", "1", "--url", url("tcp")};
        Run first = subscribed(again);
        for (String body : List.of("1", "2", "3")) {
            assertThat(run("pub", "/topic/e", body, "--url", url("ws")).status()).isZero();
        }
        assertThat(first.status()).as("%s", first.complaint()).isZero();
        assertThat(first.lines()).containsExactly("1");
        Run second = subscribed(again);
        assertThat(second.status()).as("%s", second.complaint()).isZero();
        assertThat(second.lines()).containsExactly("2");
        Run end = run("sub", "/topic/e", "--durable", "inbox", "--end", "--url", url("ws"));
        assertThat(end.status()).as("%s", end.complaint()).isZero();
        Run third = subscribed(again);
        assertThat(run("pub", "/topic/e", "4", "--url", url("ws")).status()).isZero();
        assertThat(third.status()).as("%s", third.complaint()).isZero();
        assertThat(third.lines()).containsExactly("4");
    }

    @Test
    void aDurableSubscriberTakesOverFromOneWithItsClientId() throws Exception {
        Run first =
                subscribed("/topic/f", "--durable", "a", "--client-id", "me", "--url", url("tcp"));
        Run second =
                subscribed(
                        "/topic/f",
                        "--durable",
                        "b",
                        "--client-id",
                        "me",
                        "--count",
                        "1",
                        "--url",
                        url("ws"));
        assertThat(first.status()).isEqualTo(2);
        assertThat(first.complaint()).contains("another connection has taken over");
        assertThat(run("pub", "/topic/f", "x", "--url", url("ws")).status()).isZero();
        assertThat(second.status()).as("%s", second.complaint()).isZero();
    }

    @Test
    void keysAndDedupIdsAndRatesAreAsked() throws Exception {
        for (String body : List.of("1", "2")) {
            for (String key : List.of("a", "b")) {
                String id = key + body;
                Run pub =
                        run(
                                "pub",
                                "/topic/state",
                                id,
                                "--key",
                                key,
                                "--dedup-id",
                                id,
                                "--url",
                                url("ws"));
                assertThat(pub.status()).as("%s", pub.complaint()).isZero();
            }
        }
        Run again =
                run(
                        "pub",
                        "/topic/state",
                        "a1",
                        "--key",
                        "a",
                        "--dedup-id",
                        "a1",
                        "--url",
                        url("ws"));
        assertThat(again.status()).isZero();
        Run sub =
                run(
                        "sub",
                        "/topic/state",
                        "--from",
                        "state",
                        "--max-rate",
                        "100",
                        "--count",
                        "2",
                        "--url",
                        url("tcp"));
        assertThat(sub.status()).as("%s", sub.complaint()).isZero();
        assertThat(sub.lines()).containsExactly("a2", "b2");
        complains("max-rate", "sub", "/topic/state", "--max-rate", "1000001", "--url", url("tcp"));
    }

    @Test
    void headersTravelAndAreShownOnDemand() throws Exception {
        Run sub = subscribed("/topic/*", "--count", "1", "--headers", "--url", url("tcp"));
        Run pub = run("pub", "/topic/b", "x", "--header", "colour:a:b", "--url", url("ws"));
        assertThat(pub.status()).isZero();
        assertThat(sub.status()).isZero();
        assertThat(sub.lines())
                .singleElement()
                .asString()
                .contains("destination:/topic/b ", "colour:a:b ")
                .endsWith(" x");
    }

    @Test
    void theBodyCanComeFromStandardInput() throws Exception {
        Run sub = subscribed("/topic/c", "--count", "1", "--url", url("tcp"));
        InputStream before = System.in;
        System.setIn(new ByteArrayInputStream("piped".getBytes(StandardCharsets.UTF_8)));
        try {
            assertThat(run("pub", "/topic/c", "-", "--url", url("tcp")).status()).isZero();
        } finally {
            System.setIn(before);
        }
        assertThat(sub.status()).isZero();
        assertThat(sub.lines()).containsExactly("piped");
    }

    @Test
    void aMessageCannotMoveTheCursor() throws Exception {
        Run sub = subscribed("/topic/d", "--count", "1", "--url", url("tcp"));
        assertThat(run("pub", "/topic/d", "\u001b[2Jx\u009b", "--url", url("tcp")).status())
                .isZero();
        assertThat(sub.status()).isZero();
        assertThat(sub.lines()).containsExactly("\\x1b[2Jx\\x9b");
    }

    @Test
    void anUnknownCertificateIsRefusedUnlessTheWordsAreSaid() throws Exception {
        String elsewhere = folder.resolve("elsewhere").toString();
        Run refused = run("pub", "/topic/a", "x", "--url", url("wss"), "--data", elsewhere);
        assertThat(refused.status()).isEqualTo(2);
        assertThat(refused.complaint().lines())
                .singleElement()
                .asString()
                .contains("certificate is not trusted", "--cacert FILE", "--insecure");
        assertThat(run("pub", "/topic/a", "x", "--url", url("wss"), "--insecure").status())
                .isZero();
        String certificate = folder.resolve("data/development-certificate.pem").toString();
        assertThat(
                        run("pub", "/topic/a", "x", "--url", url("tls"), "--cacert", certificate)
                                .status())
                .isZero();
    }

    @Test
    void thePasscodeComesFromAFile() throws Exception {
        Path file = Files.writeString(folder.resolve("passcode"), "canary-secret\n");
        Run pub =
                run(
                        "pub",
                        "/topic/a",
                        "x",
                        "--login",
                        "ada",
                        "--passcode-file",
                        file.toString(),
                        "--url",
                        url("tcp"));
        assertThat(pub.status()).as("%s", pub.complaint()).isZero();
    }

    @Test
    void whatCannotBeDoneIsSaidInOneLine() throws Exception {
        int free;
        try (ServerSocket socket = new ServerSocket(0)) {
            free = socket.getLocalPort();
        }
        complains(
                "'switchboard serve'", "pub", "/topic/a", "x", "--url", "tcp://127.0.0.1:" + free);
        complains("the server refused: ", "pub", "nowhere", "x", "--url", url("tcp"));
        complains("404", "sub", "/topic/a", "--url", url("ws").replace("/ws", "/elsewhere"));
        complains("ws, wss, tcp or tls", "sub", "/topic/a", "--url", "http://127.0.0.1/");
        complains("see 'switchboard pub --help'", "pub", "/topic/a");
        complains("expected name:value", "pub", "/topic/a", "x", "--header", "nocolon");
        complains("there is no file", "pub", "/topic/a", "x", "--passcode-file", "/no/such/file");
    }

    private static void complains(String expected, String... arguments) throws Exception {
        Run run = run(arguments);
        assertThat(run.status()).as("%s", run.complaint()).isEqualTo(2);
        assertThat(run.complaint().lines())
                .singleElement()
                .asString()
                .startsWith("switchboard: ")
                .contains(expected);
    }
}
