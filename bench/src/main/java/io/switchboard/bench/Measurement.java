package io.switchboard.bench;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.Locale;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/// What was counted between two moments.
final class Measurement {
    /// Latencies up to an hour, to three digits.
    private static final long NANOS_MAX = 3_600_000_000_000L;

    final Histogram nanos = new Histogram(NANOS_MAX, 3);
    private final @Nullable ServerProcess server;
    private final ServerProcess self;
    private final long startNanos;
    private final double serverStart;
    private final double selfStart;

    long deliveries;
    long messages;

    /// The latest that a message left after it was due.
    long lagNanos;

    private double seconds;
    private double serverSeconds;
    private double selfSeconds;

    Measurement(@Nullable ServerProcess server, long nowNanos) throws IOException {
        this.server = server;
        self = ServerProcess.self();
        startNanos = nowNanos;
        serverStart = server == null ? 0 : server.cpuSeconds();
        selfStart = self.cpuSeconds();
    }

    void delivered(long latencyNanos) {
        deliveries++;
        nanos.recordValue(Math.clamp(latencyNanos, 0, NANOS_MAX));
    }

    void end(long nowNanos) throws IOException {
        seconds = (nowNanos - startNanos) / 1e9;
        serverSeconds = server == null ? 0 : server.cpuSeconds() - serverStart;
        selfSeconds = self.cpuSeconds() - selfStart;
    }

    double seconds() {
        return seconds;
    }

    boolean knowsServer() {
        return server != null;
    }

    double serverMicrosPerDelivery() {
        return deliveries == 0 ? 0 : serverSeconds * 1e6 / deliveries;
    }

    double generatorMicrosPerDelivery() {
        return deliveries == 0 ? 0 : selfSeconds * 1e6 / deliveries;
    }

    /// Of one core.
    double serverPercent() {
        return 100 * serverSeconds / seconds;
    }

    double generatorPercent() {
        return 100 * selfSeconds / seconds;
    }

    double microsAt(double percentile) {
        return nanos.getValueAtPercentile(percentile) / 1e3;
    }

    void print(PrintWriter out) {
        out.printf(
                Locale.ROOT,
                "%.0f deliveries/s, %.0f messages/s over %.1f s%n",
                deliveries / seconds,
                messages / seconds,
                seconds);
        if (knowsServer()) {
            out.printf(
                    Locale.ROOT,
                    "server: %.2f µs of CPU a delivery (%.0f %% of a core)%n",
                    serverMicrosPerDelivery(),
                    serverPercent());
        }
        out.printf(
                Locale.ROOT,
                "generator: %.2f µs of CPU a delivery (%.0f %% of a core; near 100 it is the"
                        + " limit, not the server)%n",
                generatorMicrosPerDelivery(),
                generatorPercent());
        out.printf(
                Locale.ROOT,
                "latency in µs: p50 %.0f, p90 %.0f, p99 %.0f, p99.9 %.0f, max %.0f%n",
                microsAt(50),
                microsAt(90),
                microsAt(99),
                microsAt(99.9),
                microsAt(100));
    }

    void put(Json json) {
        json.put("seconds", seconds)
                .put("deliveries_per_s", deliveries / seconds)
                .put("messages_per_s", messages / seconds)
                .put("generator_us", generatorMicrosPerDelivery())
                .put("generator_percent", generatorPercent())
                .put("p50_us", microsAt(50))
                .put("p90_us", microsAt(90))
                .put("p99_us", microsAt(99))
                .put("p999_us", microsAt(99.9))
                .put("max_us", microsAt(100))
                .put("lag_max_us", lagNanos / 1e3);
        if (knowsServer()) {
            json.put("server_us", serverMicrosPerDelivery()).put("server_percent", serverPercent());
        }
    }
}
