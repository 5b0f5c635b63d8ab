package io.switchboard.server.http;

import static io.switchboard.server.http.Requests.get;
import static io.switchboard.server.http.Requests.request;
import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.server.WebOptions;
import io.switchboard.server.auth.AuditLines;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

final class AdminPagesTest {
    private static final String ADDRESS = "192.0.2.1:4711";

    private CompletableFuture<String> metrics = CompletableFuture.completedFuture("a 1.0\n");

    private final AdminPages pages =
            new AdminPages(
                    OriginAndHost.of(
                            false,
                            InetAddress.getLoopbackAddress(),
                            new MachineNames(Set.of(), Set.of()),
                            WebOptions.DEFAULT),
                    () -> metrics,
                    path -> path.equals("/administration"),
                    (request, address) ->
                            CompletableFuture.completedFuture(HttpAnswer.text(200, address)),
                    new AuditLines(System::nanoTime));

    @Test
    void metricsAreInTheTextFormat() {
        HttpAnswer answer = answer("/metrics?a");

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.header("Content-Type"))
                .isEqualTo("text/plain; version=0.0.4; charset=utf-8");
        assertThat(answer.header("Content-Length")).isEqualTo("6");
        assertThat(answer.header("Cache-Control")).isEqualTo("no-store");
        assertThat(answer.header("X-Content-Type-Options")).isEqualTo("nosniff");
        assertThat(text(answer)).isEqualTo("a 1.0\n");
    }

    @Test
    void theyComeWhenTheShardsHaveAnswered() {
        metrics = new CompletableFuture<>();
        var answer = pages.answer(get("/metrics"), ADDRESS).toCompletableFuture();
        assertThat(answer).isNotDone();

        metrics.complete("b 2.0\n");
        assertThat(text(answer.join())).isEqualTo("b 2.0\n");
    }

    @Test
    void withoutAnAnswerTheServerIsTooBusy() {
        metrics = CompletableFuture.failedFuture(new IllegalStateException("stopped"));
        HttpAnswer answer = answer("/metrics");

        assertThat(answer.status()).isEqualTo(503);
        assertThat(text(answer)).isEqualTo("the server is too busy to be measured\n");
    }

    @Test
    void administrationIsBehindTheCheckOfTheHost() {
        assertThat(text(answer("/administration"))).isEqualTo(ADDRESS + "\n");
        assertThat(
                        pages.answer(
                                        request(
                                                "DELETE",
                                                "/administration",
                                                "Host",
                                                "evil.example"),
                                        ADDRESS)
                                .toCompletableFuture()
                                .join()
                                .status())
                .isEqualTo(403);
    }

    @Test
    void headHasNoBody() {
        HttpAnswer answer =
                pages.answer(request("HEAD", "/metrics", "Host", "localhost"), ADDRESS)
                        .toCompletableFuture()
                        .join();

        assertThat(answer.header("Content-Length")).isEqualTo("6");
        assertThat(answer.body().remaining()).isZero();
    }

    @Test
    void healthIsHereToo() {
        assertThat(text(answer("/health"))).isEqualTo("{\"status\":\"ok\"}\n");
    }

    @Test
    void pagesAreNot() {
        assertThat(answer("/").status()).isEqualTo(404);
        assertThat(answer("/ws").status()).isEqualTo(404);
    }

    /// A page whose name was rebound to 127.0.0.1 reads no metrics.
    @Test
    void aStrangersNameIsRefused() {
        for (String path : new String[] {"/metrics", "/health", "/"}) {
            var answer = pages.answer(request("GET", path, "Host", "evil.example"), ADDRESS);
            assertThat(answer.toCompletableFuture().join().status()).as(path).isEqualTo(403);
        }
    }

    @Test
    void nothingCanBeChanged() {
        var answer = pages.answer(request("POST", "/metrics", "Host", "localhost"), ADDRESS);

        assertThat(answer.toCompletableFuture().join().status()).isEqualTo(405);
    }

    private HttpAnswer answer(String target) {
        return pages.answer(get(target), ADDRESS).toCompletableFuture().join();
    }

    private static String text(HttpAnswer answer) {
        return StandardCharsets.UTF_8.decode(answer.body()).toString();
    }
}
