package io.switchboard.server.http;

import io.switchboard.server.auth.AuditLines;
import io.switchboard.server.auth.AuditLog;
import io.switchboard.websocket.HandshakeRequest;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BiFunction;
import java.util.function.Predicate;
import java.util.function.Supplier;

/// Answers the requests on the administrator's listener: `/metrics`, `/health`, and administration.
public final class AdminPages {
    /// The text format of Prometheus that every scraper reads.
    private static final String METRICS = "text/plain; version=0.0.4; charset=utf-8";

    private static final List<Map.Entry<String, String>> ALWAYS =
            List.of(
                    Map.entry("X-Content-Type-Options", "nosniff"),
                    Map.entry("Content-Security-Policy", "default-src 'none'"));

    private final OriginAndHost check;
    private final Supplier<CompletableFuture<String>> metrics;
    private final Predicate<String> administration;
    private final BiFunction<HandshakeRequest, String, CompletionStage<HttpAnswer>> administrator;
    private final AuditLines lines;

    /// @param administration which paths are those of the next
    /// @param administrator answers requests, with the address that they come from
    /// @param lines about requests that are refused
    public AdminPages(
            OriginAndHost check,
            Supplier<CompletableFuture<String>> metrics,
            Predicate<String> administration,
            BiFunction<HandshakeRequest, String, CompletionStage<HttpAnswer>> administrator,
            AuditLines lines) {
        this.check = check;
        this.metrics = metrics;
        this.administration = administration;
        this.administrator = administrator;
        this.lines = lines;
    }

    /// Never fails: what goes wrong is a 503.
    ///
    /// @param address whose request it is, as logs have it
    public CompletionStage<HttpAnswer> answer(HandshakeRequest request, String address) {
        return choose(request, address)
                .thenApply(answer -> {
                    HttpAnswer whole = answer.with(ALWAYS);
                    boolean head = request.method().equals("HEAD");
                    return head ? whole.withoutBody() : whole;
                });
    }

    private CompletionStage<HttpAnswer> choose(HandshakeRequest request, String address) {
        OriginAndHost.Refused refused = check.refuseRequest(request);
        if (refused != null) {
            AuditLog.requestRefused(lines, request, "admin", address, refused.reason());
            return now(HttpAnswer.text(refused.status(), refused.reason()));
        }
        if (administration.test(HttpPages.path(request.target()))) {
            return administrator.apply(request, address);
        }
        HttpAnswer wrong = HttpPages.wrongRequest(request);
        if (wrong != null) {
            return now(wrong);
        }
        return switch (HttpPages.path(request.target())) {
            case "/metrics" ->
                    metrics.get()
                            .thenApply(text ->
                                    HttpAnswer.of(
                                            200, METRICS, text.getBytes(StandardCharsets.UTF_8)))
                            .exceptionally(failure ->
                                    HttpAnswer.text(503, "the server is too busy to be measured"));
            case "/health" -> now(HttpPages.HEALTH);
            default -> now(HttpAnswer.text(404, "there are /metrics, /health and /sessions here"));
        };
    }

    private static CompletableFuture<HttpAnswer> now(HttpAnswer answer) {
        return CompletableFuture.completedFuture(answer);
    }
}
